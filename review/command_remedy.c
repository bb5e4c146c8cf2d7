/*
 * reeve remedy: from decisions and findings to changes that somebody applies,
 * and to the proof that they were.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "review/act.h"
#include "review/campaign.h"
#include "review/command_remedy.h"
#include "review/decision.h"
#include "review/remedy.h"
#include "review/store.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_remedy;

#define RECEIPT_SIZE 256u
#define DETAIL_MAX   1000u /* bytes of a ticket, of a reason */

enum {
	OPT_CAMPAIGN = 1,
	OPT_OFFLINE,
	OPT_REASON,
	OPT_REFUSE,
	OPT_UNTIL,
};

static const struct option options[] = {
	{ "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "offline", no_argument, NULL, OPT_OFFLINE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "refuse", no_argument, NULL, OPT_REFUSE },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct command_context *context;
	struct store *store;
	const char *campaign, *reason, *until;
	bool offline, refuse;
	int count;
	char **words;
	int status;
};

static int
read_number(const char *text, int64_t *number, struct err *e)
{
	uint64_t value;

	if (enc_number(text, strlen(text), INT64_MAX, &value, e) == -1)
		return err_set(e, ERR_USAGE, _("%s: not a number"), text);
	*number = (int64_t)value;
	return 0;
}

/* ---- plan ---- */

static int
campaign_number(struct request *r, int64_t *number, struct err *e)
{
	struct statement *s;
	int found;

	*number = 0;
	if (r->campaign == NULL)
		return 0;
	s = store_use(r->store, "remedy_campaign", e);
	bind_text(s, ":name", r->campaign);
	if ((found = store_step(s, e)) == 1)
		*number = column_int(s, 0);
	store_done(s);
	if (found == 0)
		return err_set(
		    e, ERR_MISSING, _("there is no campaign %s"), r->campaign);
	return found == 1 ? 0 : -1;
}

static int
add_row(struct request *r, int64_t act, const struct remedy_task *t,
    const char *plan, struct err *e)
{
	struct statement *s = store_use(r->store, "remedy_add", e);

	bind_int(s, ":act", act);
	bind_int(s, ":account", t->account);
	if (t->right != 0)
		bind_int(s, ":right", t->right);
	bind_text(s, ":action", remedy_action_names[t->action]);
	bind_text(s, ":severity", t->severity);
	bind_int(s, ":due", t->due);
	bind_text(s, ":owner", t->owner);
	bind_text(s, ":plan", plan);
	if (t->campaign != 0)
		bind_int(s, ":campaign", t->campaign);
	if (t->item != 0)
		bind_int(s, ":item", t->item);
	if (t->finding != 0)
		bind_int(s, ":finding", t->finding);
	return store_run(s, e);
}

/* The texts of all tasks, one JSON each. */
static int
write_texts(struct request *r, const struct remedy_plan *p, struct pool *pool,
    const char **texts, struct err *e)
{
	struct remedy_look *look = NULL;
	struct buf json = buf_new(8 * REMEDY_PLAN_MAX);
	int result = -1;

	if (!r->offline && remedy_look_new(&look, r->context->config, e) == -1)
		goto out;
	for (size_t i = 0; i < p->count; i++) {
		struct remedy_text text = remedy_text_new();
		bool good;

		buf_clear(&json);
		good = remedy_write(r->store, p, &p->tasks[i], look,
		           r->context->now, &text, e) == 0 &&
		    remedy_text_json(&text, p->tasks[i].reason, &json, e) == 0;
		remedy_text_free(&text);
		if (!good)
			goto out;
		texts[i] = pool_text(pool, buf_string(&json), json.length);
		command_progress(r->context, _("remedies"), (int64_t)i + 1,
		    (int64_t)p->count);
	}
	result = pool->failed ? err_set(e, ERR_MEMORY, "out of memory") : 0;
out:
	command_progress_end(r->context);
	remedy_look_free(&look);
	buf_free(&json);
	return result;
}

/* Before directories are asked: whether this person may plan at all. */
static int
may_plan(struct request *r, const struct act_how *how, struct err *e)
{
	struct act *act = NULL;

	if (act_begin(&act, r->store, "remedy", how, e) == -1)
		return -1;
	act_cancel(&act);
	return 0;
}

/* Nobody else planned while the directories were asked. */
static int
still_so(struct request *r, int64_t campaign, const struct remedy_days *days,
    size_t count, struct err *e)
{
	struct remedy_plan again;
	int result;

	if (remedy_gather(
	        r->store, campaign, days, r->context->now, &again, e) == -1)
		return -1;
	result = again.count == count
	    ? 0
	    : err_set(e, ERR_BUSY,
	          _("somebody else planned meanwhile; run it again"));
	remedy_plan_free(&again);
	return result;
}

static int
commit_plan(struct request *r, const struct act_how *how, int64_t campaign,
    const struct remedy_days *days, const struct remedy_plan *p,
    const char *const *texts, int64_t *number, struct buf *receipt,
    struct err *e)
{
	struct act *act = NULL;
	int result = -1;

	if (act_begin(&act, r->store, "remedy", how, e) == -1)
		return -1;
	*number = act_number(act);
	if (still_so(r, campaign, days, p->count, e) == -1)
		goto out;
	for (size_t i = 0; i < p->count; i++)
		if (add_row(r, *number, &p->tasks[i], texts[i], e) == -1)
			goto out;
	result = act_commit(&act, receipt, e);
out:
	act_cancel(&act);
	return result;
}

static void
say_left(struct request *r, const struct remedy_plan *p)
{
	FILE *out = r->context->out;

	if (p->known > 0)
		fprintf(out, _("%zu are planned already\n"), p->known);
	if (p->later > 0)
		fprintf(out,
		    _("%zu deletions are offered once the accounts were "
		      "disabled long enough\n"),
		    p->later);
}

static int
say_plan(struct request *r, const struct remedy_plan *p, int64_t act,
    struct buf *receipt, struct err *e)
{
	size_t written;

	if (remedy_files(r->store, act, r->words[0], &written, e) == -1)
		return err_in(e, _("act %lld is planned, but"), (long long)act);
	fprintf(r->context->out,
	    _("Act %lld: %zu remedies, %zu DRAFT files in %s\n"),
	    (long long)act, p->count, written, r->words[0]);
	say_left(r, p);
	fprintf(r->context->out,
	    _("Another person approves it: reeve remedy approve %lld %s\n"),
	    (long long)act, r->words[0]);
	fprintf(r->context->out, "%s\n", buf_string(receipt));
	return 0;
}

static int
run_plan(struct request *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct remedy_plan p = { .tasks = NULL };
	struct remedy_days days = { .critical = 0 };
	struct pool pool = pool_new(1u << 30);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	const char **texts = NULL;
	int64_t campaign, act = 0;
	int result = -1;

	if (may_plan(r, &how, e) == -1 ||
	    act_check(r->store, "decisions", 0, e) == -1 ||
	    campaign_number(r, &campaign, e) == -1 ||
	    remedy_days(r->context->config->profile, &days, e) == -1 ||
	    remedy_gather(r->store, campaign, &days, r->context->now, &p, e) ==
	        -1)
		goto out;
	if (p.count == 0) {
		fprintf(r->context->out, _("there is nothing to plan\n"));
		say_left(r, &p);
		result = 0;
		goto out;
	}
	if ((texts = calloc(p.count, sizeof(*texts))) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (write_texts(r, &p, &pool, texts, e) == 0 &&
	    commit_plan(
	        r, &how, campaign, &days, &p, texts, &act, &receipt, e) == 0)
		result = say_plan(r, &p, act, &receipt, e);
out:
	free(texts);
	pool_free(&pool);
	remedy_plan_free(&p);
	buf_free(&receipt);
	return result;
}

/* ---- files, approve ---- */

static int
run_files(struct request *r, struct err *e)
{
	size_t written;
	int64_t act;

	if (read_number(r->words[0], &act, e) == -1 ||
	    act_check(r->store, "remedy", act, e) == -1 ||
	    remedy_files(r->store, act, r->words[1], &written, e) == -1)
		return -1;
	fprintf(r->context->out, _("%zu files in %s\n"), written, r->words[1]);
	return 0;
}

static int
is_plan(struct request *r, int64_t act, struct err *e)
{
	struct statement *s = store_use(r->store, "remedy_plan_act", e);
	int found;

	bind_int(s, ":act", act);
	found = store_step(s, e);
	store_done(s);
	return found == 0
	    ? err_set(e, ERR_MISSING, _("act %lld is no plan of remedies"),
	          (long long)act)
	    : found == 1 ? 0
	                 : -1;
}

static int
run_approve(struct request *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	size_t written = 0;
	int64_t act;
	int result = -1;

	if (read_number(r->words[0], &act, e) == -1 ||
	    is_plan(r, act, e) == -1 ||
	    act_second(r->store, act, !r->refuse,
	        r->reason == NULL ? "" : r->reason, &how, &receipt, e) == -1)
		goto out;
	if (!r->refuse &&
	    (act_check(r->store, "remedy", act, e) == -1 ||
	        remedy_files(r->store, act, r->words[1], &written, e) == -1)) {
		err_in(e, _("act %lld is approved, but"), (long long)act);
		goto out;
	}
	if (r->refuse)
		fprintf(r->context->out, _("Act %lld is refused\n"),
		    (long long)act);
	else
		fprintf(r->context->out,
		    _("Act %lld is approved: %zu files in %s\n"),
		    (long long)act, written, r->words[1]);
	fprintf(r->context->out, "%s\n", buf_string(&receipt));
	result = 0;
out:
	buf_free(&receipt);
	return result;
}

/* ---- verify ---- */

static const struct list_column columns[] = {
	{ "remedy", N_("Remedy"), 7 },
	{ "state", N_("State"), 8 },
	{ "detail", N_("Why"), 0 },
	{ NULL, NULL, 0 },
};

static void
tell(void *context, int64_t remedy, const char *what, const char *detail)
{
	char number[24];
	const char *const values[] = { number,
		*what == '\0' ? _("waiting") : what,
		*what == '\0' ? _("no complete pull since it was planned")
		              : detail };

	(void)snprintf(number, sizeof(number), "%lld", (long long)remedy);
	list_row(context, values);
}

static void
say_proof(struct request *r, const struct remedy_proof *p, struct buf *receipt)
{
	FILE *out = r->context->out;

	if (r->context->format != FORMAT_TEXT)
		return;
	fprintf(out,
	    _("\n%zu proven now, %zu before; %zu open, %zu came back, %zu "
	      "wait for a complete pull\n"),
	    p->proven, p->still, p->open, p->back, p->waiting);
	if (receipt->length > 0)
		fprintf(out, "%s\n", buf_string(receipt));
}

static int
run_verify(struct request *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	struct remedy_proof proof = { .proven = 0 };
	struct list *list = NULL;
	int result = -1;

	if (list_begin(&list, r->context, "remedies", columns, e) == -1)
		goto out;
	result = remedy_verify(r->store, &how, &proof, tell, list, &receipt, e);
	if (list_end(&list, e) == -1)
		result = -1;
	if (result == -1)
		goto out;
	say_proof(r, &proof, &receipt);
	if (proof.open > 0 || proof.back > 0)
		r->status = STATUS_FOUND;
	if (proof.waiting > 0)
		r->status = STATUS_INCOMPLETE;
out:
	buf_free(&receipt);
	return result;
}

/* ---- ticket, extend ---- */

/* due 0: none. */
static int
add_event(struct request *r, int64_t remedy, const char *what, int64_t due,
    const char *detail, int64_t *number, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct act *act = NULL;
	struct statement *s;
	int result = -1;

	if (act_begin(&act, r->store, "remedy-event", &how, e) == -1)
		return -1;
	*number = act_number(act);
	s = store_use(r->store, "remedy_event_add", e);
	bind_int(s, ":act", *number);
	bind_int(s, ":remedy", remedy);
	bind_text(s, ":what", what);
	if (due != 0)
		bind_int(s, ":due", due);
	bind_text(s, ":detail", detail);
	if (store_run(s, e) == 0)
		result = act_commit(&act, receipt, e);
	act_cancel(&act);
	return result;
}

/* 0 with its due time. */
static int
find_remedy(struct request *r, int64_t *id, int64_t *due, struct err *e)
{
	struct statement *s;
	int found;

	if (read_number(r->words[0], id, e) == -1)
		return -1;
	s = store_use(r->store, "remedy_find", e);
	bind_int(s, ":id", *id);
	if ((found = store_step(s, e)) == 1)
		*due = column_int(s, column_of(s, "due"));
	store_done(s);
	if (found == 0)
		return err_set(e, ERR_MISSING, _("there is no remedy %lld"),
		    (long long)*id);
	return found == 1 ? 0 : -1;
}

static int
run_ticket(struct request *r, struct err *e)
{
	struct buf receipt = buf_new(RECEIPT_SIZE);
	int64_t id, due, act;
	int result = -1;

	if (strlen(r->words[1]) > DETAIL_MAX)
		err_set(e, ERR_USAGE, _("at most %u bytes"), DETAIL_MAX);
	else if (find_remedy(r, &id, &due, e) == 0 &&
	    add_event(r, id, "ticket", 0, r->words[1], &act, &receipt, e) == 0)
		result = 0;
	/* What a ticket says proves nothing. */
	if (result == 0)
		fprintf(r->context->out, "%s\n", buf_string(&receipt));
	buf_free(&receipt);
	return result;
}

/* "2026-12-31": the end of that day, UTC. */
static int
read_day(const char *text, int64_t *until, struct err *e)
{
	char full[sizeof("2026-11-24T08:15:30.000000Z")];
	int64_t ns;

	(void)snprintf(full, sizeof(full), "%.10sT23:59:59.000000Z", text);
	if (strlen(text) != 10 || enc_untime(full, strlen(full), &ns, e) == -1)
		return err_set(
		    e, ERR_USAGE, _("%s: not a day like 2026-12-31"), text);
	*until = ns / CLOCK_NS_PER_SECOND;
	return 0;
}

static int
run_extend(struct request *r, struct err *e)
{
	struct buf receipt = buf_new(RECEIPT_SIZE);
	int64_t id, due, until, act, now = r->context->now;
	int result = -1;

	if (r->until == NULL || r->reason == NULL || *r->reason == '\0' ||
	    strlen(r->reason) > DETAIL_MAX) {
		err_set(e, ERR_USAGE,
		    _("--until and --reason are wanted (at most %u bytes)"),
		    DETAIL_MAX);
		goto out;
	}
	if (find_remedy(r, &id, &due, e) == -1 ||
	    read_day(r->until, &until, e) == -1)
		goto out;
	if (until <= now || until > now + DECISION_EXCEPTION_MAX) {
		err_set(e, ERR_USAGE,
		    _("%s is past, or more than 180 days from now"), r->until);
		goto out;
	}
	if (add_event(r, id, "extended", until, r->reason, &act, &receipt, e) ==
	    -1)
		goto out;
	fprintf(r->context->out,
	    _("It counts once another person has approved it: reeve approve "
	      "%lld\n"),
	    (long long)act);
	fprintf(r->context->out, "%s\n", buf_string(&receipt));
	result = 0;
out:
	buf_free(&receipt);
	return result;
}

/* ---- The command line ---- */

static const struct part {
	const char *name;
	enum store_mode mode;
	int words;
	int (*run)(struct request *, struct err *);
} parts[] = {
	{ "plan", STORE_WRITE, 1, run_plan },
	{ "files", STORE_READ, 2, run_files },
	{ "approve", STORE_WRITE, 2, run_approve },
	{ "verify", STORE_WRITE, 0, run_verify },
	{ "ticket", STORE_WRITE, 2, run_ticket },
	{ "extend", STORE_WRITE, 1, run_extend },
};

static const struct part *
find_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

static int
read_options(struct request *r, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_CAMPAIGN:
			r->campaign = optarg;
			break;
		case OPT_OFFLINE:
			r->offline = true;
			break;
		case OPT_REASON:
			r->reason = optarg;
			break;
		case OPT_REFUSE:
			r->refuse = true;
			break;
		case OPT_UNTIL:
			r->until = optarg;
			break;
		default:
			return -1;
		}
	return 0;
}

static int
run_part(
    struct command_context *c, const struct part *part, int argc, char **argv)
{
	struct request r = { .context = c, .status = STATUS_DONE };
	const char *db = command_database(c);
	struct err e = { .code = ERR_NONE };
	int wanted = part->words;

	if (read_options(&r, argc, argv) == -1)
		return command_usage(c, &command_remedy, _("unknown argument"));
	r.words = argv + optind;
	r.count = argc - optind;
	if (part->run == run_approve && r.refuse)
		wanted = 1; /* there is nothing to write */
	if (r.count != wanted)
		return command_usage(
		    c, &command_remedy, _("not what %s takes"), part->name);
	if (store_open(&r.store, db, part->mode, &e) == -1 ||
	    part->run(&r, &e) == -1)
		r.status = command_fail(c, "remedy", &e);
	store_close(&r.store);
	return r.status;
}

static int
run_remedy(struct command_context *c, int argc, char **argv)
{
	const struct part *part = argc < 2 ? NULL : find_part(argv[1]);

	if (argc >= 2 && strcmp(argv[1], "list") == 0)
		return remedy_command_list(c, argc - 1, argv + 1);
	if (part == NULL)
		return command_usage(c, &command_remedy,
		    _("plan, approve, files, verify, ticket, extend or "
		      "list?"));
	return run_part(c, part, argc - 1, argv + 1);
}

const struct command command_remedy = {
	.name = "remedy",
	.arguments =
	    N_("plan [--campaign NAME] [--offline] DIR\n"
	       "       reeve remedy approve ACT DIR\n"
	       "       reeve remedy approve ACT --refuse [--reason TEXT]\n"
	       "       reeve remedy files ACT DIR\n"
	       "       reeve remedy verify\n"
	       "       reeve remedy ticket REMEDY TEXT\n"
	       "       reeve remedy extend REMEDY --until DAY --reason TEXT\n"
	       "       reeve remedy list [--campaign NAME] [--overdue] "
	       "[--followup 2026Q4]"),
	.summary = N_("changes that decisions ask for, and the proof of them"),
	.help = N_(
	    "plan writes what effective decisions and leavers ask for, as "
	    "LDIF, "
	    "PowerShell,\nshell and tickets, each with its undo; directories "
	    "are read to compare, never\nwritten. Another person approves, "
	    "and the files say APPROVED. Whoever may change\nthe directories "
	    "applies them; verify then proves each by a newer complete pull,\n"
	    "through every path, or names the path that is left. A ticket "
	    "proves nothing.\n\n"
	    "  reeve remedy plan --campaign 2026Q4 /srv/reeve/plan\n"
	    "  reeve pull corp && reeve remedy verify\n\n"
	    "Status 1 of verify: something is open; 4: something waits for a "
	    "complete pull.\n"),
	.run = run_remedy,
	.writes = true,
};
