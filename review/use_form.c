#include "review/use_form.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "review/journal.h"
#include "review/textfile.h"
#include "schema/base/enc.h"

/* The host that the caller names stands over the file's. */
static int
give(struct use_reading *r, struct authlog_event *event, struct err *e)
{
	if (r->host != NULL)
		(void)snprintf(event->host, sizeof(event->host), "%s", r->host);
	return r->event(r->context, event, e);
}

static void
say_line(const struct use_reading *r, const struct authlog_event *event)
{
	if (r->line != NULL)
		r->line(r->context, r->host != NULL ? r->host : event->host,
		    event->at, false);
}

/* ---- Forms of lines ---- */

/* 1, 0 or -1, as authlog_line. */
typedef int read_line(
    const struct use_reading *, const char *, size_t, struct authlog_event *);

/* says_time: also lines that are nothing of ours set the event's time. */
static int
read_lines(
    struct use_reading *r, read_line *read, bool says_time, struct err *e)
{
	struct authlog_event event = { .pid = -1 };
	struct textfile *file = NULL;
	struct textfile_line line;
	int more, result = 0;

	if (textfile_open(&file, r->path, AUTHLOG_LINE_MAX, e) == -1)
		return -1;
	while (result == 0 && (more = textfile_next(file, &line, e)) != 0) {
		int got = more == -1 || line.cut
		    ? -1
		    : read(r, line.text, line.length, &event);

		if (more == -1)
			result = -1;
		if (got >= 0 && says_time)
			say_line(r, &event);
		if (got == 1)
			result = give(r, &event, e);
		else if (more == 1 && line.length > 0)
			r->refused += got == -1;
	}
	textfile_close(&file);
	return result;
}

static int
authlog_one(const struct use_reading *r, const char *line, size_t length,
    struct authlog_event *event)
{
	return authlog_line(line, length, &r->clock, event);
}

static bool
authlog_is(const char *path, const char *start, size_t length)
{
	const char *feed = memchr(start, '\n', length);

	(void)path;
	return authlog_is_line(
	    start, feed == NULL ? length : (size_t)(feed - start));
}

static int
authlog_read(struct use_reading *r, struct err *e)
{
	return read_lines(r, authlog_one, true, e);
}

/* ---- Journals ---- */

static bool
journal_is(const char *path, const char *start, size_t length)
{
	(void)path;
	return journal_form(start, length) != JOURNAL_NONE;
}

static void
journal_line(void *context, const char *host, int64_t at)
{
	const struct use_reading *r = context;

	if (r->line != NULL)
		r->line(
		    r->context, r->host != NULL ? r->host : host, at, false);
}

static int
journal_read(struct use_reading *r, struct err *e)
{
	struct authlog_event event;
	struct textfile *file = NULL;
	struct journal *journal = NULL;
	char start[USE_FORM_START];
	int more = -1;
	size_t length;

	if (textfile_open(&file, r->path, JOURNAL_LINE_MAX, e) == -1)
		return -1;
	length = textfile_peek(file, start, sizeof(start));
	if (journal_new(&journal, journal_form(start, length), file, e) == 0) {
		journal_watch(journal, journal_line, r);
		while (
		    (more = journal_next(journal, &event, &r->refused, e)) == 1)
			if (give(r, &event, e) == -1) {
				more = -1;
				break;
			}
	}
	journal_free(&journal);
	textfile_close(&file);
	return more;
}

/* ---- Published sets of logins, for those who measure with them ---- */

static int
set_text(char *out, size_t size, const char *from, size_t length)
{
	if (length == 0 || length >= size || !enc_is_utf8(from, length))
		return -1;
	memcpy(out, from, length);
	out[length] = '\0';
	return 0;
}

static void
plain_login(struct authlog_event *event)
{
	*event = (struct authlog_event){
		.kind = AUTHLOG_LOGIN, .pid = -1, .port = -1, .count = 1
	};
	(void)snprintf(event->service, sizeof(event->service), "login");
}

/* The cells of a line without quotes: at most count; returns how many. */
static size_t
cells(const char *line, size_t length, const char **at, size_t *lengths,
    size_t count)
{
	const char *end = line + length;
	size_t n = 0;

	for (;;) {
		const char *comma = memchr(line, ',', (size_t)(end - line));

		if (n == count)
			return n + 1;
		at[n] = line;
		lengths[n++] = (size_t)((comma == NULL ? end : comma) - line);
		if (comma == NULL)
			return n;
		line = comma + 1;
	}
}

/* LANL "User-Computer Authentication Associations in Time": 1,U1,C1. */
static int
lanl_one(const struct use_reading *r, const char *line, size_t length,
    struct authlog_event *event)
{
	const char *at[3];
	size_t lengths[3];
	uint64_t seconds;
	struct err e;

	plain_login(event);
	if (cells(line, length, at, lengths, 3) != 3 ||
	    enc_number(at[0], lengths[0], UINT32_MAX, &seconds, &e) == -1 ||
	    set_text(event->user, sizeof(event->user), at[1], lengths[1]) ==
	        -1 ||
	    set_text(event->host, sizeof(event->host), at[2], lengths[2]) == -1)
		return -1;
	event->at = r->epoch + (int64_t)seconds;
	return 1;
}

static bool
lanl_is(const char *path, const char *start, size_t length)
{
	static const struct use_reading any = { .epoch = 0 };
	const char *feed = memchr(start, '\n', length);
	struct authlog_event event;

	(void)path;
	return feed != NULL &&
	    lanl_one(&any, start, (size_t)(feed - start), &event) == 1 &&
	    event.user[0] == 'U' && event.host[0] == 'C';
}

static int
lanl_read(struct use_reading *r, struct err *e)
{
	return read_lines(r, lanl_one, false, e);
}

#define CERT_HEADER "id,date,user,pc,activity"

/* CERT's logon.csv: {ID},01/02/2010 06:49:00,NGF0157,PC-6056,Logon. */
static int
cert_one(const struct use_reading *r, const char *line, size_t length,
    struct authlog_event *event)
{
	const char *at[5], *rest;
	size_t lengths[5];
	char date[20];
	struct tm tm = { 0 };

	plain_login(event);
	if (cells(line, length, at, lengths, 5) != 5)
		return -1;
	if (length == sizeof(CERT_HEADER) - 1 &&
	    memcmp(line, CERT_HEADER, length) == 0)
		return 0;
	if (set_text(date, sizeof(date), at[1], lengths[1]) == -1 ||
	    (rest = strptime(date, "%m/%d/%Y %H:%M:%S", &tm)) == NULL ||
	    *rest != '\0' ||
	    set_text(event->user, sizeof(event->user), at[2], lengths[2]) ==
	        -1 ||
	    set_text(event->host, sizeof(event->host), at[3], lengths[3]) == -1)
		return -1;
	event->at = (int64_t)timegm(&tm) - r->clock.zone;
	if (lengths[4] == 5 && memcmp(at[4], "Logon", 5) == 0)
		return 1;
	return lengths[4] == 6 && memcmp(at[4], "Logoff", 6) == 0 ? 0 : -1;
}

static bool
cert_is(const char *path, const char *start, size_t length)
{
	(void)path;
	return length >= sizeof(CERT_HEADER) - 1 &&
	    memcmp(start, CERT_HEADER, sizeof(CERT_HEADER) - 1) == 0;
}

static int
cert_read(struct use_reading *r, struct err *e)
{
	return read_lines(r, cert_one, false, e);
}

/* ---- The table ---- */

const struct use_form use_forms[] = {
	{ "auth.log", false, authlog_is, authlog_read },
	{ "journal", false, journal_is, journal_read },
	{ "wtmp", true, use_wtmp_is, use_wtmp_read },
	{ "lanl", false, lanl_is, lanl_read },
	{ "cert", false, cert_is, cert_read },
	{ NULL, false, NULL, NULL },
};

const struct use_form *
use_form_of(const char *path, const char *name, struct err *e)
{
	struct textfile *file = NULL;
	char start[USE_FORM_START];
	size_t length;

	if (textfile_open(&file, path, sizeof(start), e) == -1)
		return NULL;
	length = textfile_peek(file, start, sizeof(start));
	textfile_close(&file);
	for (const struct use_form *f = use_forms; f->name != NULL; f++)
		if (name == NULL ? length > 0 && f->is(path, start, length)
		                 : strcmp(f->name, name) == 0)
			return f;
	if (name == NULL)
		err_set(e, ERR_FORMAT,
		    "%s: neither a directory of Reeve's trail, nor auth.log, "
		    "a journal's export, wtmp, LANL or CERT by its beginning; "
		    "--form says it",
		    path);
	else
		err_set(e, ERR_USAGE,
		    "--form %s: auth.log, journal, wtmp, lanl or cert", name);
	return NULL;
}
