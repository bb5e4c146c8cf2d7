/*
 * `reevectl trail tick`: what a timer does for the trail every few minutes.
 * The module never forks and never looks through /proc, so it is done here.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/process.h"
#include "pamod/reevectl_trail.h"
#include "pamod/session.h"
#include "schema/archive.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/reader.h"

#define TICK_FILE "tick" /* in the trail's directory: how far we came */
#define FILE_MAX  1024u
#define TEXT_MAX  257u
#define GRACE_NS  (60 * CLOCK_NS_PER_SECOND) /* for tasks to end in */
#define OPEN_MAX  100000u

/* A session that a record opened and none has closed. */
struct opened {
	char id[LINE_UUID + 1];
	char boot[LINE_UUID + 1];
	char user[TEXT_MAX];
	int64_t seen_ns; /* its last record */
};

/* How far the trail was read for mail and for closes. */
struct progress {
	char boot[LINE_UUID + 1]; /* "" at the very first time */
	struct place place;
	int64_t last_ns; /* the tick before */
};

struct tick {
	struct trail_tools tools;
	struct moment now;
	struct progress progress;
	struct opened *open; /* of earlier boots */
	size_t open_count;
	struct session_store *sessions;
};

/* ---- records that a tick makes ---- */

struct ended { /* a "lost" or "outlived" record */
	const char *session;
	const char *user;
	int64_t audit_session;
	int64_t after_ns;  /* it was there; 0: unset */
	int64_t before_ns; /* it was gone; 0: unset */
};

static void
put_time(struct buf *b, const char *name, int64_t ns)
{
	struct buf time = buf_new(64);

	if (ns != 0) {
		enc_time(&time, ns);
		line_text(b, name, buf_string(&time), 64);
	}
	buf_free(&time);
}

static int
make_ended(
    void *context, const struct place *at, struct buf *members, struct err *e)
{
	const struct ended *r = context;

	(void)at;
	line_text(members, "user", r->user, TEXT_MAX);
	if (r->audit_session != -1)
		line_number(members, "audit_session", r->audit_session);
	line_text(members, "session", r->session, LINE_UUID);
	put_time(members, "ended_after", r->after_ns);
	put_time(members, "ended_before", r->before_ns);
	return buf_status(members, e);
}

static int
put_ended(
    struct tick *t, const char *type, const struct ended *r, struct err *e)
{
	struct ended copy = *r;
	struct trail_maker maker = {
		.type = type, .make = make_ended, .context = &copy
	};

	return trail_put(t->tools.trail, &maker, true, e);
}

/* ---- sessions of this boot ---- */

/* A doubt is a yes: a session is not called lost for what can't be read. */
static bool
session_lives(const struct session *s)
{
	bool lives = true;
	struct err ignored;

	if (process_lives(&s->leader))
		return true;
	if (s->audit_session == -1)
		return false;
	return process_session_lives(s->audit_session, &lives, &ignored) ==
	    -1 ||
	    lives;
}

struct visit {
	struct tick *tick;
	struct err *e;
	int result;
};

static int
close_if_lost(void *context, const struct session *s)
{
	struct visit *v = context;
	struct tick *t = v->tick;
	struct ended lost = { .session = s->id,
		.user = s->user,
		.audit_session = s->audit_session,
		.after_ns = s->opened_ns,
		.before_ns = t->now.wall_ns };

	if (session_lives(s))
		return 0;
	/* The tick before saw it alive. */
	if (t->progress.last_ns > lost.after_ns)
		lost.after_ns = t->progress.last_ns;
	if (put_ended(t, "lost", &lost, v->e) == -1 ||
	    session_remove(t->sessions, s, v->e) == -1)
		v->result = -1;
	return 0;
}

static int
close_lost(struct tick *t, struct err *e)
{
	struct visit v = { .tick = t, .e = e };

	if (session_each(t->sessions, close_if_lost, &v, e) == -1)
		return -1;
	return v.result;
}

static int
sweep_verdicts(struct tick *t, struct err *e)
{
	return session_sweep_verdicts(t->sessions, e);
}

/* ---- sessions of earlier boots, from the trail ---- */

static struct opened *
find_open(struct tick *t, const char *id)
{
	for (size_t i = 0; i < t->open_count; i++)
		if (strcmp(t->open[i].id, id) == 0)
			return &t->open[i];
	return NULL;
}

static int
add_open(struct tick *t, const struct line *l, const char *id, struct err *e)
{
	struct opened *all;

	if (t->open_count == OPEN_MAX)
		return err_set(
		    e, ERR_LIMIT, "over %u sessions are open", OPEN_MAX);
	all = realloc(t->open, (t->open_count + 1) * sizeof(*all));
	if (all == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->open = all;
	all += t->open_count++;
	*all = (struct opened){ .seen_ns = l->at.wall_ns };
	memcpy(all->id, id, sizeof(all->id));
	memcpy(all->boot, l->boot, sizeof(all->boot));
	return line_get_text(l, "user", all->user, sizeof(all->user), e) == -1
	    ? -1
	    : 0;
}

/* Whether the record is of a session itself, not of a sudo or su within. */
static bool
is_of_session(const struct line *l, char *id)
{
	char within[TEXT_MAX];
	struct err ignored;

	return line_get_text(l, "session", id, LINE_UUID + 1, &ignored) == 1 &&
	    line_get_text(l, "real_user", within, sizeof(within), &ignored) ==
	    0;
}

static int
follow_session(struct tick *t, const struct line *l, struct err *e)
{
	char id[LINE_UUID + 1];
	struct opened *o;

	if (strcmp(l->boot, trail_boot(t->tools.trail)) == 0 ||
	    !is_of_session(l, id))
		return 0;
	o = find_open(t, id);
	if (o != NULL &&
	    (strcmp(l->type, "close") == 0 || strcmp(l->type, "lost") == 0))
		*o = t->open[--t->open_count];
	else if (o != NULL)
		o->seen_ns = l->at.wall_ns;
	else if (strcmp(l->type, "open") == 0)
		return add_open(t, l, id, e);
	return 0;
}

/* A lost record is of this boot, but closes one of an earlier. */
static void
follow_lost(struct tick *t, const struct line *l)
{
	char id[LINE_UUID + 1];
	struct opened *o;

	if (strcmp(l->type, "lost") == 0 && is_of_session(l, id) &&
	    (o = find_open(t, id)) != NULL)
		*o = t->open[--t->open_count];
}

static int
close_earlier(struct tick *t, int64_t began_ns, struct err *e)
{
	for (size_t i = 0; i < t->open_count; i++) {
		struct ended lost = { .session = t->open[i].id,
			.user = t->open[i].user,
			.audit_session = -1,
			.after_ns = t->open[i].seen_ns,
			.before_ns = began_ns };

		if (put_ended(t, "lost", &lost, e) == -1)
			return -1;
	}
	return 0;
}

/* Once a boot: who was logged in when the machine went down. */
static int
close_lost_by_boot(struct tick *t, struct err *e)
{
	struct reader *reader = NULL;
	struct reader_item item;
	int64_t began_ns = t->now.wall_ns - t->now.boot_ns;
	int more = -1;

	if (strcmp(t->progress.boot, trail_boot(t->tools.trail)) == 0)
		return 0;
	if (reader_open(&reader, trail_directory(t->tools.trail), e) == -1)
		return -1;
	while ((more = reader_next(reader, &item, e)) == 1) {
		if (item.bytes == NULL)
			continue;
		follow_lost(t, &item.line);
		if (follow_session(t, &item.line, e) == -1) {
			more = -1;
			break;
		}
	}
	reader_close(&reader);
	return more == -1 ? -1 : close_earlier(t, began_ns, e);
}

/* ---- what happened since the tick before: mail, and late tasks ---- */

static void
clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void
member(const struct line *l, const char *name, char *out, size_t size)
{
	struct err ignored;

	if (line_get_text(l, name, out, size, &ignored) != 1)
		(void)snprintf(out, size, "-");
	clean(out);
}

static void
write_mail(FILE *to, const struct line *l, const char *user, const char *from)
{
	char host[256] = "", service[TEXT_MAX], source[TEXT_MAX],
	     factors[TEXT_MAX];
	struct buf time = buf_new(64);

	(void)gethostname(host, sizeof(host) - 1);
	member(l, "service", service, sizeof(service));
	member(l, "source", source, sizeof(source));
	member(l, "factors", factors, sizeof(factors));
	enc_time(&time, l->at.wall_ns);
	fprintf(to,
	    "From: %s\nTo: %s\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Auto-Submitted: auto-generated\nSubject: [%s] ",
	    from, user, host);
	fprintf(to, _("login of %s"), user);
	fputs("\n\n", to);
	fprintf(to,
	    _("Account: %s\nHost: %s\nTime: %s\nService: %s\nFrom: %s\n"
	      "Factors: %s\n\nIf this was not you, tell your security "
	      "officer at once.\n"),
	    user, host, buf_string(&time), service, source, factors);
	buf_free(&time);
}

static int
spawn_sendmail(const char *path, const char *from, const char *user, int input,
    pid_t *child, struct err *e)
{
	char *copies[] = { strdup(path), strdup("-i"), strdup("-f"),
		strdup(from), strdup("--"), strdup(user), NULL };
	static char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *environment[] = { search, NULL };
	posix_spawn_file_actions_t actions;
	int failed = ENOMEM;

	for (size_t i = 0; i + 1 < sizeof(copies) / sizeof(*copies); i++)
		if (copies[i] == NULL)
			goto out;
	if ((failed = posix_spawn_file_actions_init(&actions)) != 0)
		goto out;
	failed =
	    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (failed == 0)
		failed = posix_spawn(
		    child, path, &actions, NULL, copies, environment);
	posix_spawn_file_actions_destroy(&actions);
out:
	for (size_t i = 0; i + 1 < sizeof(copies) / sizeof(*copies); i++)
		free(copies[i]);
	return failed == 0 ? 0 : err_sys(e, failed, "%s", path);
}

static int
send_mail(struct tick *t, const struct line *l, struct err *e)
{
	const struct options_notice *n = &t->tools.context->options->notice;
	char user[TEXT_MAX];
	int pipes[2], status = 0, result;
	pid_t child;
	FILE *to;

	member(l, "user", user, sizeof(user));
	/* To the accounts of this host alone. */
	if (getpwnam(user) == NULL)
		return 0;
	if (pipe2(pipes, O_CLOEXEC) == -1)
		return err_sys(e, errno, "pipe");
	result = spawn_sendmail(
	    n->sendmail, n->mail_from, user, pipes[0], &child, e);
	file_close(&pipes[0]);
	if (result == -1 || (to = fdopen(pipes[1], "w")) == NULL) {
		file_close(&pipes[1]);
		return -1;
	}
	write_mail(to, l, user, n->mail_from);
	if (fclose(to) != 0)
		result = err_sys(e, errno, "%s", n->sendmail);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (status != 0)
		result = err_set(e, ERR_SYS, "%s: it failed", n->sendmail);
	return result;
}

/* Tasks that are still there though their session was closed. */
static int
record_late_tasks(struct tick *t, const struct line *l, struct err *e)
{
	char id[LINE_UUID + 1], user[TEXT_MAX];
	struct ended late = { .session = id, .user = user };
	bool lives = false;

	if (strcmp(l->boot, trail_boot(t->tools.trail)) != 0 ||
	    !is_of_session(l, id) ||
	    line_get_number(l, "audit_session", &late.audit_session, e) != 1)
		return 0;
	if (process_session_lives(late.audit_session, &lives, e) == -1)
		return -1;
	member(l, "user", user, sizeof(user));
	return lives ? put_ended(t, "outlived", &late, e) : 0;
}

static int
look_at(struct tick *t, const struct line *l, struct err *e)
{
	char id[LINE_UUID + 1], result[TEXT_MAX];

	if (strcmp(l->type, "close") == 0)
		return record_late_tasks(t, l, e);
	if (strcmp(l->type, "open") != 0 ||
	    t->tools.context->options->notice.mail_from[0] == '\0' ||
	    !is_of_session(l, id))
		return 0;
	member(l, "result", result, sizeof(result));
	if (strcmp(result, "yes") != 0 || send_mail(t, l, e) == 0)
		return 0;
	/* Mail is a courtesy: the next one may arrive. */
	err_in(e, "mail");
	(void)command_error("trail tick", e);
	return 0;
}

/*
 * From where the last tick came to; if that is no place of the trail any more
 * (it was pruned, or set aside), from the newest segment on.
 */
static int
open_new(struct tick *t, struct reader **reader, struct err *e)
{
	int dir = trail_directory(t->tools.trail);
	struct place start = { 0 };
	struct line head;
	uint32_t number;
	int fd, result = -1;

	if (reader_open_at(reader, dir, &t->progress.place, e) == 0)
		return 0;
	if (segment_highest(dir, false, &number, e) == -1 || number == 0)
		return -1;
	if ((fd = segment_open(dir, number, e)) == -1)
		return -1;
	if (segment_first(fd, number, &head, &start, e) == 0)
		result = reader_open_at(reader, dir, &start, e);
	file_close(&fd);
	return result;
}

/* Younger records wait, since their tasks may be ending just now. */
static bool
is_young(const struct tick *t, const struct line *l)
{
	return l->at.wall_ns > t->now.wall_ns - GRACE_NS &&
	    l->at.wall_ns <= t->now.wall_ns && strcmp(l->type, "close") == 0;
}

static int
look_at_new(struct tick *t, struct err *e)
{
	struct reader *reader = NULL;
	struct reader_item item;
	int more = -1;

	if (open_new(t, &reader, e) == -1)
		return -1;
	while ((more = reader_next(reader, &item, e)) == 1) {
		if (item.bytes != NULL && is_young(t, &item.line))
			break;
		if (item.bytes != NULL && look_at(t, &item.line, e) == -1) {
			more = -1;
			break;
		}
		reader_place(reader, &t->progress.place);
	}
	reader_close(&reader);
	return more == -1 ? -1 : 0;
}

/* ---- how far we came ---- */

static int
parse_progress(const char *text, struct progress *p, struct err *e)
{
	char prev[2 * LINE_HASH + 1];
	int end = 0;

	/* NOLINTNEXTLINE(cert-err34-c): root's file, bounds in the format */
	if (sscanf(text,
	        "boot %36s\nlast %" SCNd64 "\nplace %" SCNu32 " %" SCNd64
	        " %" SCNu64 " %64s%n",
	        p->boot, &p->last_ns, &p->place.segment, &p->place.end,
	        &p->place.seq, prev, &end) != 6 ||
	    strcmp(text + end, "\n") != 0)
		return err_set(e, ERR_FORMAT, "not a tick's file");
	return enc_unhex(prev, strlen(prev), p->place.prev, LINE_HASH, e);
}

/* Without it, from the first record on. */
static void
read_progress(struct tick *t)
{
	struct buf b = buf_new(FILE_MAX);
	struct err ignored;

	t->progress = (struct progress){ .place = { .segment = 1 } };
	if (file_read_at(trail_directory(t->tools.trail), TICK_FILE,
	        &segment_rule, &b, &ignored) == -1 ||
	    parse_progress(buf_string(&b), &t->progress, &ignored) == -1)
		t->progress = (struct progress){ .place = { .segment = 1 } };
	buf_free(&b);
}

static int
write_progress(struct tick *t, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int result;

	buf_printf(&b,
	    "boot %s\nlast %" PRId64 "\nplace %" PRIu32 " %" PRId64 " %" PRIu64
	    " ",
	    trail_boot(t->tools.trail), t->now.wall_ns,
	    t->progress.place.segment, t->progress.place.end,
	    t->progress.place.seq);
	enc_hex(&b, t->progress.place.prev, LINE_HASH);
	buf_put_byte(&b, '\n');
	if ((result = buf_status(&b, e)) == 0)
		result = file_replace_at(trail_directory(t->tools.trail),
		    TICK_FILE, 0600, b.data, b.length, e);
	buf_free(&b);
	return result;
}

/* ---- the whole ---- */

/* So that a gap in the trail is a gap in time as well. */
static int
heartbeat(struct tick *t, struct err *e)
{
	static const struct trail_record beat = { .type = "heartbeat",
		.uid = -1,
		.real_uid = -1,
		.audit_session = -1 };
	int64_t least =
	    t->tools.context->options->trail.heartbeat * CLOCK_NS_PER_SECOND;

	/* A timer is never on time to the second: half of it will do. */
	if (t->progress.last_ns != 0 && t->progress.last_ns < t->now.wall_ns &&
	    t->now.wall_ns - t->progress.last_ns < least / 2)
		return 0;
	return trail_note(t->tools.trail, &beat, e);
}

static int
sign(struct tick *t, struct err *e)
{
	const char *why = NULL;
	int result = epoch_is_over(t->tools.epoch)
	    ? epoch_advance(t->tools.epoch, &why, e)
	    : epoch_checkpoint(t->tools.epoch, e);

	if (result == -1)
		return -1;
	trail_tools_log(&t->tools);
	if (why == NULL)
		return 0;
	return err_set(e, ERR_LIMIT,
	    "a new origin has begun (%s), which no earlier key certifies", why);
}

static int
release_room(struct tick *t, struct err *e)
{
	return archive_release_room(trail_directory(t->tools.trail), e);
}

static const struct {
	const char *name;
	int (*run)(struct tick *, struct err *);
} steps[] = {
	{ "lost sessions", close_lost },
	{ "verdicts", sweep_verdicts },
	{ "sessions before the boot", close_lost_by_boot },
	{ "new records", look_at_new },
	{ "heartbeat", heartbeat },
	{ "checkpoint", sign },
	{ "room", release_room },
	{ "progress", write_progress },
};

static int
open_tick(struct tick *t, const struct context *c, struct err *e)
{
	if (clock_read(&c->clock, &t->now, e) == -1 ||
	    trail_tools_open(&t->tools, c, e) == -1)
		return -1;
	read_progress(t);
	return session_store_open(
	    &t->sessions, c->options->reeve.run_directory, e);
}

/* Each step is tried, whatever became of the one before. */
enum status
trail_tick(const struct context *c, int argc, char **argv)
{
	enum status status = STATUS_DONE, one;
	struct tick t = { 0 };
	struct err e = { .code = ERR_NONE };

	(void)argv;
	if (argc != 1)
		return command_usage(&command_trail);
	/* A sendmail that does not read must not end us. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (open_tick(&t, c, &e) == -1) {
		status = command_error("trail tick", &e);
		goto out;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (steps[i].run(&t, &e) == 0)
			continue;
		err_in(&e, "%s", steps[i].name);
		one = command_error("trail tick", &e);
		/* What does not verify outweighs what could not be done. */
		if (status == STATUS_DONE || one == STATUS_UNVERIFIED)
			status = one;
	}
out:
	session_store_close(&t.sessions);
	trail_tools_close(&t.tools);
	free(t.open);
	return status;
}
