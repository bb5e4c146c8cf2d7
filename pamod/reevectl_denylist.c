/*
 * reevectl denylist: puts a signed list of refused accounts in force, and
 * shows the one that is.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/person.h"
#include "pamod/reevectl_desk.h"
#include "pamod/session.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/denylist.h"
#include "schema/host.h"

extern const struct command command_denylist;

#define OUTPUT_MAX (16u * 1024 * 1024) /* bytes */

/* Where this host's list is, with room for the names. */
struct site {
	struct denylist_place place;
	char host[DENYLIST_HOST_MAX + 1];
	struct host trail; /* its UUID */
	const struct context *context;
	struct desk desk;
};

static int
site_open(struct site *s, const struct context *context, enum desk_use use,
    struct err *e)
{
	const struct file_rule rule = { .owner = 0, .forbidden = 022 };
	const struct options *o = context->options;
	int dir;

	*s = (struct site){ .context = context,
		.place = { .directory = o->reeve.state_directory,
		    .key = o->denylist.key,
		    .owner = 0 } };
	if (gethostname(s->host, sizeof(s->host) - 1) == -1)
		return err_sys(e, errno, "gethostname");
	s->place.host = s->host;
	dir = file_open_dir(o->reeve.trail_directory, &rule, e);
	if (dir != -1 && host_read(dir, &s->trail, e) == 0)
		s->place.uuid = s->trail.uuid;
	file_close(&dir);
	return desk_open(&s->desk, context, use, e);
}

static void
site_close(struct site *s)
{
	desk_close(&s->desk);
}

/* ---- How many of the enrolled a list would deny ---- */

struct census {
	const struct site *site;
	const struct denylist *list;
	size_t enrolled;
	size_t denied;
	size_t leavers; /* of the denied */
	struct err e;
};

static bool
has_factor(const struct state_user *u)
{
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (u->factors[i].id != 0 && u->factors[i].confirmed)
			return true;
	return false;
}

struct refusal {
	struct census *census;
	const struct state_user *user;
	bool denied;
	bool leaver;
};

/* Whatever the service: an account refused at one door counts. */
static int
count_entry(void *context, const struct denylist_entry *entry)
{
	struct refusal *r = context;

	if ((strcmp(entry->name, r->user->name) != 0 &&
	        entry->uid != (int64_t)r->user->uid) ||
	    entry->expires <= r->census->site->desk.now ||
	    !denylist_is_here(entry, &r->census->site->place))
		return 0;
	r->denied = true;
	r->leaver = r->leaver || strcmp(entry->reason, DENYLIST_LEAVER) == 0;
	return 0;
}

static int
count_user(void *context, const char *name)
{
	struct census *c = context;
	struct state_user user;
	struct refusal r = { .census = c, .user = &user };

	if (state_read(c->site->desk.state, name, &user, &c->e) == -1)
		return c->e.code == ERR_MISSING ? 0 : -1;
	if (has_factor(&user)) {
		(void)denylist_each(c->list, count_entry, &r);
		c->enrolled++;
		c->denied += r.denied;
		c->leavers += r.leaver;
	}
	state_wipe(&user);
	return 0;
}

static int
take_census(struct census *c, const struct site *s, const struct denylist *list,
    struct err *e)
{
	*c = (struct census){ .site = s, .list = list };
	if (state_each(s->desk.state, count_user, c, e) == 0)
		return 0;
	if (c->e.code != ERR_NONE)
		*e = c->e;
	return err_in(e, "counting who is enrolled");
}

/* ---- Running sessions of the refused ---- */

struct running {
	const struct site *site;
	const struct denylist *list;
	size_t count;
};

static int
list_session(void *context, const struct session *session)
{
	struct running *r = context;
	struct denylist_entry entry;
	struct buf user = buf_new(1024);

	if (!process_lives(&session->leader) ||
	    !denylist_match(r->list, &r->site->place, session->user,
	        (int64_t)session->uid, session->service, r->site->desk.now,
	        &entry))
		return 0;
	if (r->count++ == 0)
		printf(_("Sessions of refused accounts that still run; they "
		         "are not ended:\n"));
	enc_json_string(&user, session->user, strlen(session->user));
	printf("  %s %s %s pid %ld audit session %lld: %s\n", buf_string(&user),
	    session->service, session->source, (long)session->leader.pid,
	    (long long)session->audit_session, entry.reason);
	buf_free(&user);
	return 0;
}

static void
list_sessions(const struct site *s, const struct denylist *list)
{
	struct running r = { .site = s, .list = list };
	struct session_store *store = NULL;
	struct err e = { .code = ERR_NONE };

	if (session_store_open(
	        &store, s->context->options->reeve.run_directory, &e) == -1 ||
	    session_each(store, list_session, &r, &e) == -1)
		fprintf(
		    stderr, _("reevectl: denylist: sessions: %s\n"), e.text);
	session_store_close(&store);
}

/* ---- install ---- */

static int
record(const struct site *s, const struct denylist *list, const char *result,
    const char *how, struct err *e)
{
	struct denylist_facts f = denylist_facts(list);
	char detail[NOTE_NAME_MAX + 128];

	(void)snprintf(detail, sizeof(detail),
	    "counter %llu, %zu entries, by %s: %s",
	    (unsigned long long)f.counter, f.entries, f.signer, how);
	return desk_record(&s->desk, "denylist", result, NULL, NULL, detail, e);
}

static int
read_note(const char *path, struct buf *note, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int result;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if ((result = file_read(fd, note, e)) == -1)
		err_in(e, "%s", path);
	file_close(&fd);
	return result;
}

static void
say_held(const struct census *c, bool leavers_apply)
{
	printf(_("Held: it would refuse %zu of the %zu who are enrolled "
	         "here.\n"),
	    c->denied, c->enrolled);
	if (leavers_apply)
		printf(_("Its leavers (%zu) are refused from now on; the list "
		         "before stays in force.\n"),
		    c->leavers);
	else
		printf(_("Its leavers alone are more than half too (%zu): "
		         "nothing of it applies.\n"),
		    c->leavers);
	printf(_("If that is right: reevectl denylist install --confirm "
	         "FILE\n"));
}

static enum status
put(const struct site *s, const struct denylist *list, bool confirmed,
    struct err *e)
{
	struct denylist_facts f = denylist_facts(list);
	struct denylist *now = NULL;
	struct census c;
	bool hold;
	bool leavers_apply;

	if (take_census(&c, s, list, e) == -1)
		return command_error("denylist", e);
	hold = !confirmed && c.denied * 2 > c.enrolled;
	leavers_apply = hold && c.leavers * 2 <= c.enrolled;
	/* First the record: nothing is changed without one. */
	if (record(s, list, hold ? "held" : "yes",
	        confirmed           ? "confirmed"
	            : !hold         ? "installed"
	            : leavers_apply ? "more than half; leavers apply"
	                            : "more than half, leavers alone too",
	        e) == -1 ||
	    ((!hold || leavers_apply) &&
	        denylist_install(list, &s->place, hold, e) == -1))
		return command_error("denylist", e);
	if (hold)
		say_held(&c, leavers_apply);
	else
		printf(_("In force: counter %llu, %zu entries, by %s.\n"),
		    (unsigned long long)f.counter, f.entries, f.signer);
	if (!hold || leavers_apply) {
		if (denylist_load(&now, &s->place, e) == -1)
			return command_error("denylist", e);
		list_sessions(s, now);
		denylist_free(&now);
	}
	return hold ? STATUS_FOUND : STATUS_DONE;
}

static enum status
run_install(const struct context *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "confirm", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct buf note = buf_new(DENYLIST_FILE_MAX);
	struct denylist *list = NULL;
	struct err e = { .code = ERR_NONE };
	bool confirmed = false;
	enum status status;
	struct site s;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return command_usage(&command_denylist);
		confirmed = true;
	}
	if (optind + 1 != argc)
		return command_usage(&command_denylist);
	if (site_open(&s, context, DESK_CHANGE, &e) == -1 ||
	    read_note(argv[optind], &note, &e) == -1 ||
	    denylist_accept(&list, &s.place, note.data, note.length, &e) == -1)
		status = command_error("denylist", &e);
	else
		status = put(&s, list, confirmed, &e);
	denylist_free(&list);
	buf_free(&note);
	site_close(&s);
	return status;
}

/* ---- show ---- */

struct showing {
	const struct site *site;
	struct buf out;
	bool json;
	bool first;
};

static void
put_member(struct showing *w, const char *name, const char *value)
{
	buf_printf(&w->out, ",\"%s\":", name);
	enc_json_string(&w->out, value, strlen(value));
}

static int
show_entry(void *context, const struct denylist_entry *entry)
{
	struct showing *w = context;
	bool ended = entry->expires <= w->site->desk.now;
	bool here = denylist_is_here(entry, &w->site->place);

	if (!w->json) {
		/* The format's own line has no control characters but C1. */
		buf_put_string(&w->out,
		    ended       ? "ended "
		        : !here ? "other "
		                : "      ");
		denylist_put_entry(&w->out, entry);
		return 0;
	}
	buf_put_string(&w->out, w->first ? "\n{" : ",\n{");
	w->first = false;
	buf_printf(&w->out, "\"here\":%s,\"ended\":%s", here ? "true" : "false",
	    ended ? "true" : "false");
	put_member(w, "host", entry->host);
	put_member(w, "service", entry->service);
	put_member(w, "name", entry->name);
	if (entry->uid >= 0)
		buf_printf(&w->out, ",\"uid\":%lld", (long long)entry->uid);
	put_member(w, "reason", entry->reason);
	if (entry->expires != INT64_MAX) {
		buf_put_string(&w->out, ",\"expires\":\"");
		enc_time(&w->out, entry->expires * CLOCK_NS_PER_SECOND);
		buf_put_byte(&w->out, '"');
	}
	buf_put_byte(&w->out, '}');
	return 0;
}

static void
show_list(struct showing *w, const struct denylist *list)
{
	struct denylist_facts f = denylist_facts(list);
	bool stale = denylist_is_stale(list, w->site->desk.now,
	    w->site->context->options->denylist.max_age);
	struct buf issued = buf_new(64);

	enc_time(&issued, f.issued * CLOCK_NS_PER_SECOND);
	if (w->json) {
		buf_printf(&w->out,
		    "{\"counter\":%llu,\"issued\":\"%s\",\"held\":%s,"
		    "\"stale\":%s",
		    (unsigned long long)f.counter, buf_string(&issued),
		    f.held ? "true" : "false", stale ? "true" : "false");
		put_member(w, "scope", f.scope);
		put_member(w, "signer", f.signer);
		buf_put_string(&w->out, ",\"entries\":[");
	} else {
		buf_printf(&w->out,
		    "counter %llu, issued %s, scope %s, by %s%s%s\n",
		    (unsigned long long)f.counter, buf_string(&issued), f.scope,
		    f.signer, f.held ? _(", held") : "",
		    stale ? _(", stale") : "");
	}
	w->first = true;
	(void)denylist_each(list, show_entry, w);
	if (w->json)
		buf_put_string(&w->out, "]}");
	buf_free(&issued);
}

/* The list in force, and one that is held besides. */
static enum status
show(struct showing *w, struct err *e)
{
	struct denylist *list = NULL;
	struct denylist *held = NULL;
	enum status status = STATUS_DONE;

	if (denylist_load(&list, &w->site->place, e) == -1) {
		status = command_error("denylist", e);
		goto out;
	}
	if (denylist_load_held(&held, &w->site->place, e) == -1 &&
	    e->code != ERR_MISSING) {
		status = command_error("denylist", e);
		goto out;
	}
	buf_put_string(&w->out, w->json ? "[" : "");
	show_list(w, list);
	if (held != NULL && !denylist_facts(list).held) {
		buf_put_string(&w->out, w->json ? ",\n" : "");
		show_list(w, held);
	}
	buf_put_string(&w->out, w->json ? "]\n" : "");
	if (buf_status(&w->out, e) == -1)
		status = command_error("denylist", e);
	else
		fputs(buf_string(&w->out), stdout);
out:
	denylist_free(&held);
	denylist_free(&list);
	return status;
}

static enum status
run_show(const struct context *context, int argc, char **argv)
{
	struct showing w = { .out = buf_new(OUTPUT_MAX) };
	struct err e = { .code = ERR_NONE };
	enum status status;
	struct site s;

	if (argc == 3 && strcmp(argv[1], "--format") == 0)
		w.json = strcmp(argv[2], "json") == 0;
	if (argc != 1 &&
	    !(argc == 3 && (w.json || strcmp(argv[2], "text") == 0)))
		return command_usage(&command_denylist);
	w.site = &s;
	if (site_open(&s, context, DESK_READ, &e) == -1)
		status = command_error("denylist", &e);
	else
		status = show(&w, &e);
	site_close(&s);
	buf_free(&w.out);
	return status;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "install") == 0)
		return run_install(context, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "show") == 0)
		return run_show(context, argc - 1, argv + 1);
	return command_usage(&command_denylist);
}

const struct command command_denylist = {
	.name = "denylist",
	.summary = N_("accounts that a review has revoked"),
	.usage = "reevectl denylist install [--confirm] FILE\n"
	         "       reevectl denylist show [--format text|json]\n",
	.run = run,
};
