/* reevectl sessions: the sessions of this boot that have not been closed. */
#include <stdio.h>
#include <string.h>

#include "pamod/command.h"
#include "pamod/session.h"
#include "schema/base/enc.h"

#define SESSIONS_TEXT_MAX (16u * 1024 * 1024)

struct listing {
	struct buf out;
	bool json;
	size_t count;
};

static void
put_factors(struct buf *b, const struct session *s)
{
	for (size_t i = 0; i < s->factor_count; i++)
		buf_printf(b, "%s%s%s%s", i == 0 ? "" : ",", s->factors[i].type,
		    s->factors[i].label[0] == '\0' ? "" : ":",
		    s->factors[i].label);
}

static void
put_json(struct buf *b, const char *key, const char *value)
{
	buf_printf(b, ",\"%s\":", key);
	enc_json_string(b, value, strlen(value));
}

static int
visit(void *context, const struct session *s)
{
	struct listing *l = context;
	struct buf opened = buf_new(64);
	struct buf factors = buf_new(1024);
	const char *alive = process_lives(&s->leader) ? "open" : "ended";

	enc_time(&opened, s->opened_ns);
	put_factors(&factors, s);
	if (l->json) {
		buf_printf(&l->out, "%s{\"audit_session\":%lld",
		    l->count == 0 ? "" : ",\n ", (long long)s->audit_session);
		put_json(&l->out, "session", s->id);
		put_json(&l->out, "user", s->user);
		put_json(&l->out, "service", s->service);
		put_json(&l->out, "source", s->source);
		put_json(&l->out, "opened", buf_string(&opened));
		put_json(&l->out, "factors", buf_string(&factors));
		put_json(&l->out, "state", alive);
		buf_put_byte(&l->out, '}');
	} else {
		buf_printf(&l->out, "%-6lld %-16s %-8s %-24s %.19sZ %s %s\n",
		    (long long)s->audit_session, s->user, s->service, s->source,
		    buf_string(&opened), alive, buf_string(&factors));
	}
	l->count++;
	buf_free(&opened);
	buf_free(&factors);
	return 0;
}

static enum status run(const struct context *, int, char **);

const struct command command_sessions = {
	.name = "sessions",
	.summary = "list the sessions that are open",
	.usage = "reevectl sessions [--format text|json]\n",
	.run = run,
};

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct listing l = { .out = buf_new(SESSIONS_TEXT_MAX) };
	struct session_store *store = NULL;
	enum status status = STATUS_DONE;
	struct err e;

	if (argc == 3 && strcmp(argv[1], "--format") == 0)
		l.json = strcmp(argv[2], "json") == 0;
	if (argc != 1 &&
	    !(argc == 3 && (l.json || strcmp(argv[2], "text") == 0)))
		return command_usage(&command_sessions);
	if (l.json)
		buf_put_byte(&l.out, '[');
	if (session_store_open(
	        &store, context->options->reeve.run_directory, &e) == -1 ||
	    session_each(store, visit, &l, &e) == -1 ||
	    buf_status(&l.out, &e) == -1) {
		status = command_error("sessions", &e);
		goto out;
	}
	if (l.json)
		buf_put_string(&l.out, "]\n");
	if (fwrite(buf_string(&l.out), 1, l.out.length, stdout) !=
	        l.out.length ||
	    fflush(stdout) != 0)
		status = STATUS_INCOMPLETE;
out:
	session_store_close(&store);
	buf_free(&l.out);
	return status;
}
