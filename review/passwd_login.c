/*
 * lastlog(8) and wtmp(5) of Linux on x86, where both have 32-bit times and
 * records of 292 and 384 bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/passwd.h"
#include "review/wtmp.h"
#include "schema/base/file.h"

#define LASTLOG_SIZE 292u /* 4: time; 32: line; 256: host */
#define WTMP_READ    (512u * WTMP_SIZE)
#define A_DAY        INT64_C(86400)

/* ---- lastlog: a record at each user id's place, with holes ---- */

static void
take_lastlog_record(struct passwd_host *h, struct passwd_account *a,
    const unsigned char record[LASTLOG_SIZE])
{
	struct cursor c = cursor_new(record, LASTLOG_SIZE);
	int64_t when = cursor_u32(&c);
	char raw[400];

	if (when == 0) {
		passwd_usage(h, a,
		    &(struct usage){ .attribute = "lastlog",
		        .when = FACT_NEVER,
		        .raw = "0" });
		return;
	}
	if (when > h->sink->now + A_DAY) {
		ledger_invalid(
		    &h->ledger, "%s: lastlog is of the future", a->line.name);
		return;
	}
	h->seen_lastlog++;
	(void)snprintf(raw, sizeof(raw), "%" PRId64, when);
	passwd_usage(h, a,
	    &(struct usage){
	        .attribute = "lastlog", .when = when, .raw = raw });
}

static void
take_lastlog(struct passwd_host *h)
{
	unsigned char record[LASTLOG_SIZE];
	struct stat st;
	int fd;

	if (passwd_open(h, "var/log/lastlog", &fd) != PASSWD_GOT)
		return;
	if (fstat(fd, &st) == -1 || st.st_size % LASTLOG_SIZE != 0) {
		ledger_incomplete(&h->ledger,
		    "var/log/lastlog: not records of %u bytes", LASTLOG_SIZE);
		file_close(&fd);
		return;
	}
	h->seen_lastlog = 0;
	for (size_t i = 0; i < h->account_count; i++) {
		struct passwd_account *a = &h->accounts[i];
		off_t at = (off_t)a->line.uid * LASTLOG_SIZE;
		struct err why = { 0 };

		if (a->line.nis || a->line.uid == FACT_UNKNOWN)
			continue;
		memset(record, 0, sizeof(record));
		if (at < st.st_size &&
		    file_get(fd, record, sizeof(record), at, &why) == -1) {
			ledger_incomplete(
			    &h->ledger, "var/log/lastlog: %s", why.text);
			break;
		}
		/* The records of our accounts are what the digest covers. */
		passwd_digest(h, "var/log/lastlog", record, sizeof(record));
		take_lastlog_record(h, a, record);
	}
	file_close(&fd);
}

/* ---- wtmp: sessions in the order in which they began ---- */

struct logins {
	struct passwd_host *host;
	int64_t *last; /* of each account; 0: none */
	int64_t begin; /* of the first record of any kind; 0: none */
	int64_t records;
};

static void
take_wtmp_record(struct logins *l, const unsigned char *bytes)
{
	struct wtmp_record record;
	int64_t place;

	if (!wtmp_record(bytes, &record) ||
	    record.when > l->host->sink->now + A_DAY) {
		ledger_invalid(&l->host->ledger,
		    "wtmp: record %" PRId64 " is none", l->records);
		return;
	}
	if (record.when > 0 && (l->begin == 0 || record.when < l->begin))
		l->begin = record.when;
	if (!record.is_login)
		return;
	place = known_number(&l->host->names, record.user);
	if (place > 0 && l->last[place - 1] < record.when)
		l->last[place - 1] = record.when;
}

/* Whole records at a time; what is left over at the end is none. */
static bool
read_wtmp(struct logins *l, int fd, const char *path, unsigned char *bytes)
{
	ssize_t got;
	size_t have = 0;

	while ((got = read(fd, bytes + have, WTMP_READ - have)) != 0) {
		size_t whole;

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return false;
		have += (size_t)got;
		whole = have - have % WTMP_SIZE;
		passwd_digest(l->host, path, bytes, whole);
		for (size_t at = 0; at < whole; at += WTMP_SIZE) {
			l->records++;
			take_wtmp_record(l, bytes + at);
		}
		memmove(bytes, bytes + whole, have - whole);
		have -= whole;
	}
	return have == 0;
}

static bool
take_wtmp_file(struct logins *l, const char *path)
{
	unsigned char *bytes;
	int fd;

	if (passwd_open(l->host, path, &fd) != PASSWD_GOT)
		return false;
	bytes = malloc(WTMP_READ);
	if (bytes == NULL || !read_wtmp(l, fd, path, bytes))
		ledger_incomplete(&l->host->ledger,
		    "%s: not whole records of %u bytes", path, WTMP_SIZE);
	free(bytes);
	file_close(&fd);
	return true;
}

static void
tell_logins(struct passwd_host *h, const struct logins *l)
{
	char raw[64];

	for (size_t i = 0; i < h->account_count; i++) {
		if (l->last[i] == 0)
			continue;
		(void)snprintf(raw, sizeof(raw), "%" PRId64, l->last[i]);
		passwd_usage(h, &h->accounts[i],
		    &(struct usage){
		        .attribute = "wtmp", .when = l->last[i], .raw = raw });
		h->seen_wtmp++;
	}
	/* Older logins were rotated away: absence before that says nothing. */
	h->wtmp_begins = l->begin;
	if (l->begin > 0)
		ledger_remark(&h->ledger, "wtmp begins at %" PRId64, l->begin);
}

static void
take_wtmp(struct passwd_host *h)
{
	static const char *const paths[] = { "var/log/wtmp", "var/log/wtmp.1" };
	struct logins l = { .host = h };
	bool any = false;

	l.last = calloc(h->account_count + 1, sizeof(*l.last));
	if (l.last == NULL) {
		ledger_incomplete(&h->ledger, "wtmp: out of memory");
		return;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (take_wtmp_file(&l, paths[i]))
			any = true;
	if (any) {
		h->seen_wtmp = 0;
		tell_logins(h, &l);
	}
	free(l.last);
}

void
passwd_logins(struct passwd_host *h)
{
	take_lastlog(h);
	take_wtmp(h);
}
