#include "review/use_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/reader.h"
#include "schema/verify.h"

bool
use_own_is(int dir)
{
	return faccessat(dir, "segment-00000001.jsonl", F_OK, 0) == 0 ||
	    faccessat(dir, "segment-00000001.pruned", F_OK, 0) == 0;
}

/* ---- Verifying ---- */

/*
 * The checkpoint that was kept, as a note: verify compares size and root. Its
 * signature was checked when it was kept.
 */
static int
hold_pin(struct verify *v, const struct use_pin *pin, struct err *e)
{
	unsigned char signature[4 + NOTE_SIGNATURE] = { 0 };
	struct checkpoint c = { .size = pin->size };
	struct buf note = buf_new(NOTE_MAX);
	struct note_key key;
	int result = -1;

	if (note_key_parse(pin->key, &key, e) == -1)
		return -1;
	memcpy(c.origin, key.name, sizeof(c.origin));
	memcpy(c.root, pin->root, sizeof(c.root));
	checkpoint_print(&c, &note);
	buf_put_string(&note, "\n\xe2\x80\x94 kept ");
	enc_base64(&note, signature, sizeof(signature));
	buf_put_byte(&note, '\n');
	if (buf_status(&note, e) == 0)
		result =
		    verify_hold(v, "the checkpoint that was kept", &note, e);
	buf_free(&note);
	return result;
}

/* The host's latest checkpoint, which verify has compared. */
static int
read_checkpoint(int dir, struct checkpoint *c, struct err *e)
{
	struct buf b = buf_new(NOTE_MAX);
	struct note n;
	int fd = openat(dir, "checkpoint",
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int result = -1;

	if (fd == -1)
		err_sys(e, errno, "checkpoint");
	else if (file_read(fd, &b, e) == 0 &&
	    note_parse(buf_string(&b), b.length, &n, e) != 0 &&
	    checkpoint_parse(n.text, n.text_length, c, e) == 0)
		result = 0;
	file_close(&fd);
	buf_free(&b);
	return result;
}

/* Else it could not be judged: no memory, no permission, a newer form. */
static bool
is_judgement(const struct err *why)
{
	return why->code == ERR_TAMPERED || why->code == ERR_INCOMPLETE ||
	    why->code == ERR_FORMAT || why->code == ERR_ACCESS;
}

/* That we may not read it says nothing of the trail. */
static int
check_permission(int dir, struct err *e)
{
	static const char *const files[] = { ".", "checkpoint",
		"segment-00000001.jsonl" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (faccessat(dir, files[i], R_OK, 0) == -1 && errno == EACCES)
			return err_sys(e, errno, "%s", files[i]);
	return 0;
}

static int
verify_own(int dir, const struct use_pin *pin, const char *key,
    struct use_own *own, struct err *e)
{
	struct verify_report report;
	struct checkpoint c;
	struct verify *v = NULL;
	int result = -1;

	if (check_permission(dir, e) == -1 || verify_new(&v, e) == -1)
		return -1;
	if (key != NULL && verify_trust(v, key, e) == -1) {
		e->code = ERR_USAGE;
		goto out;
	}
	if (key == NULL && pin->key[0] != '\0' &&
	    verify_trust(v, pin->key, e) == -1)
		goto out;
	if (pin->size > 0 && hold_pin(v, pin, e) == -1)
		goto out;
	if (verify_run(v, dir, &report, &own->why) == -1) {
		result = is_judgement(&own->why) ? 0 : -1;
		if (result == -1)
			*e = own->why;
		goto out;
	}
	if (read_checkpoint(dir, &c, e) == -1)
		goto out;
	own->records = report.records;
	own->waiting = report.records - c.size;
	own->uncertified = report.uncertified > 0;
	own->pin.size = c.size;
	memcpy(own->pin.root, c.root, sizeof(own->pin.root));
	(void)snprintf(
	    own->pin.key, sizeof(own->pin.key), "%s", report.first_key);
	own->verified = c.size >= pin->size;
	if (!own->verified)
		err_set(&own->why, ERR_INCOMPLETE,
		    "the latest checkpoint is of %llu records, one of %llu "
		    "was kept",
		    (unsigned long long)c.size, (unsigned long long)pin->size);
	result = 0;
out:
	verify_free(&v);
	return result;
}

/* ---- Records as events ---- */

static const struct {
	const char *type, *result;
	enum authlog_kind kind;
} kinds[] = {
	{ "open", "yes", AUTHLOG_LOGIN },
	{ "open", "no", AUTHLOG_FAILED },
	{ "close", "yes", AUTHLOG_CLOSED },
	{ "auth", "no", AUTHLOG_FAILED },
	{ "refuse", "no", AUTHLOG_FAILED },
	{ "account", "no", AUTHLOG_FAILED },
};

/* Why, as its reasons say it (pam_reeve(8)); else by the record's type. */
static const struct {
	const char *reason;
	enum authlog_class why;
} reasons[] = {
	{ "unknown-user", AUTHLOG_NO_ACCOUNT },
	{ "wrong-code", AUTHLOG_SECRET },
	{ "replayed-code", AUTHLOG_SECRET },
	{ "throttled", AUTHLOG_LOCKED },
	{ "account-idle", AUTHLOG_DISABLED },
	{ "denylist", AUTHLOG_DISABLED },
	{ "name-service", AUTHLOG_DIRECTORY },
};

static enum authlog_class
why_of(const char *type, const char *reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			return reasons[i].why;
	/* What else it refuses has nothing to do with a secret. */
	return strcmp(type, "auth") == 0 && reason[0] == '\0' ? AUTHLOG_SECRET
	                                                      : AUTHLOG_REFUSED;
}

/* As other logs call them: "sudo-i" is sudo. */
static const struct {
	const char *service, *called;
} called[] = {
	{ "sudo-i", "sudo" },
	{ "su-l", "su" },
	{ "gdm-password", "login" },
	{ "lightdm", "login" },
	{ "sddm", "login" },
};

static int
find_kind(const struct line *l, enum authlog_kind *kind, struct err *e)
{
	char result[33];
	int there = line_get_text(l, "result", result, sizeof(result), e);

	for (size_t i = 0; there == 1 && i < sizeof(kinds) / sizeof(*kinds);
	     i++)
		if (strcmp(l->type, kinds[i].type) == 0 &&
		    strcmp(result, kinds[i].result) == 0) {
			*kind = kinds[i].kind;
			return 1;
		}
	return there == -1 ? -1 : 0;
}

static int
fill_times(const struct line *l, struct authlog_event *event, struct err *e)
{
	char text[40];
	int64_t ns = l->at.wall_ns;
	int there = line_get_text(l, "event_t", text, sizeof(text), e);

	if (there == -1 ||
	    (there == 1 && enc_untime(text, strlen(text), &ns, e) == -1))
		return -1;
	event->at = ns / CLOCK_NS_PER_SECOND;
	event->pid = -1;
	return line_get_number(l, "pid", &event->pid, e) == -1 ? -1 : 0;
}

static void
call_service(struct authlog_event *event)
{
	for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
		if (strcmp(event->service, called[i].service) == 0)
			(void)snprintf(event->service, sizeof(event->service),
			    "%s", called[i].called);
}

/* 1, 0 or -1, as authlog_line; *e is of no use to the caller. */
static int
read_record(const struct line *l, struct authlog_event *event, struct err *e)
{
	char source[AUTHLOG_NAME_MAX + 1] = "", reason[65] = "";
	int kind;

	*event = (struct authlog_event){ .port = -1, .count = 1 };
	if ((kind = find_kind(l, &event->kind, e)) != 1)
		return kind;
	if (fill_times(l, event, e) == -1 ||
	    line_get_text(
	        l, "service", event->service, sizeof(event->service), e) != 1 ||
	    line_get_text(l, "user", event->user, sizeof(event->user), e) ==
	        -1 ||
	    line_get_text(l, "real_user", event->by, sizeof(event->by), e) ==
	        -1 ||
	    line_get_text(l, "source", source, sizeof(source), e) == -1 ||
	    line_get_text(l, "reason", reason, sizeof(reason), e) == -1 ||
	    line_get_text(
	        l, "user_hash", event->hash, sizeof(event->hash), e) == -1 ||
	    line_get_text(l, "key", event->key, sizeof(event->key), e) == -1)
		return -1;
	if (strlen(source) < sizeof(event->origin))
		memcpy(event->origin, source, strlen(source) + 1);
	event->nobody = event->user[0] == '\0';
	event->why = why_of(l->type, reason);
	call_service(event);
	return event->nobody && event->kind != AUTHLOG_FAILED ? -1 : 1;
}

static int
give_records(
    int dir, uint64_t from, uint64_t to, struct use_reading *r, struct err *e)
{
	struct authlog_event event;
	struct reader_item item;
	struct reader *reader = NULL;
	struct err unused;
	int more, result = -1;

	if (reader_open(&reader, dir, e) == -1)
		return -1;
	while ((more = reader_next(reader, &item, e)) == 1) {
		int got;

		if (item.seq >= to) {
			more = 0;
			break;
		}
		if (item.seq < from || item.bytes == NULL)
			continue;
		if (r->line != NULL)
			r->line(r->context, r->host,
			    item.line.at.wall_ns / CLOCK_NS_PER_SECOND,
			    strcmp(item.line.type, "gap") == 0);
		got = read_record(&item.line, &event, &unused);
		r->refused += got == -1;
		if (got != 1)
			continue;
		(void)snprintf(event.host, sizeof(event.host), "%s", r->host);
		if (r->event(r->context, &event, e) == -1)
			goto out;
	}
	result = more;
out:
	reader_close(&reader);
	return result;
}

int
use_own_read(int dir, const struct use_pin *pin, const char *key,
    struct use_reading *r, struct use_own *own, struct err *e)
{
	*own = (struct use_own){ .verified = false };
	if (verify_own(dir, pin, key, own, e) == -1)
		return -1;
	if (!own->verified)
		return 0;
	return give_records(dir, pin->size, own->pin.size, r, e);
}
