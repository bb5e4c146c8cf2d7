/*
 * reeve denylist: what a review decided, refused at the door at the next
 * login. One person proposes a list, another approves it, and then it is
 * signed with a key that is nobody's own.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "review/act.h"
#include "review/command.h"
#include "review/deny.h"
#include "review/store.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

extern const struct command command_denylist;

#define TEXT_MAX DENYLIST_FILE_MAX

/* No host takes a lower counter again: one mistake must not use them up. */
#define COUNTER_MAX  ((INT64_C(1) << 53) - 1)
#define COUNTER_JUMP INT64_C(1000000)

enum { OPT_SCOPE = 1, OPT_COUNTER, OPT_NAME, OPT_REFUSE, OPT_REASON, OPT_SIGN };

static const struct option options[] = {
	{ "scope", required_argument, NULL, OPT_SCOPE },
	{ "counter", required_argument, NULL, OPT_COUNTER },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "refuse", no_argument, NULL, OPT_REFUSE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct command_context *context;
	FILE *tell; /* where to say what is left out */
	struct store *store;
	const char *scope; /* NULL: not said */
	int64_t counter;   /* 0: not said */
	const char *name, *reason, *sign;
	bool refuse;
	int count;
	char **words; /* after the subcommand */
	bool told;    /* something that a person should know */
};

/* ---- A list as it was proposed ---- */

struct proposal {
	int64_t counter, act, at;
	char scope[DENYLIST_HOST_MAX + 1];
	char verdict[16]; /* "", "approved", "refused" */
	struct buf text;
};

static void
copy_column(char *out, size_t size, struct statement *s, const char *column)
{
	const char *text = column_text(s, column_of(s, column));

	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

/* 1, 0: there is none, -1. counter, before 0: any. */
static int
find_list(struct request *r, const char *scope, int64_t counter, int64_t before,
    bool released, struct proposal *p, struct err *e)
{
	struct statement *s = store_use(r->store, "denied_find", e);
	int found;

	bind_text(s, ":scope", scope);
	if (counter > 0)
		bind_int(s, ":counter", counter);
	if (before > 0)
		bind_int(s, ":before", before);
	bind_int(s, ":released", released);
	if ((found = store_step(s, e)) == 1) {
		p->counter = column_int(s, column_of(s, "counter"));
		p->act = column_int(s, column_of(s, "act"));
		p->at = column_int(s, column_of(s, "at"));
		copy_column(p->scope, sizeof(p->scope), s, "scope");
		copy_column(p->verdict, sizeof(p->verdict), s, "verdict");
		buf_clear(&p->text);
		buf_put_string(&p->text, column_text(s, column_of(s, "text")));
		if (buf_status(&p->text, e) == -1)
			found = -1;
	}
	store_done(s);
	return found;
}

static int
need_list(struct request *r, bool released, struct proposal *p, struct err *e)
{
	int found = find_list(r, r->scope, r->counter, 0, released, p, e);

	if (found == 0 && r->counter > 0)
		return err_set(e, ERR_MISSING, _("there is no list %lld"),
		    (long long)r->counter);
	if (found == 0)
		return err_set(e, ERR_MISSING,
		    released ? _("no list was approved yet")
		             : _("no list was proposed yet: reeve denylist "
		                 "propose"));
	return found == 1 ? 0 : -1;
}

/* ---- What a list changes ---- */

/* The entries: what follows the five lines of the header. */
static const char *
entries_of(const char *text)
{
	for (int i = 0; i < 5 && *text != '\0'; i++) {
		const char *end = strchr(text, '\n');

		if (end == NULL)
			return "";
		text = end + 1;
	}
	return text;
}

/* Each line of text that other has not. */
static size_t
print_missing(struct request *r, char mark, const char *text, const char *other)
{
	struct buf line = buf_new(2 * DENYLIST_LINE_MAX);
	size_t count = 0;

	for (const char *at = text, *end; (end = strchr(at, '\n')) != NULL;
	     at = end + 1) {
		buf_clear(&line);
		buf_put(&line, at, (size_t)(end - at) + 1);
		if (deny_has(other, buf_string(&line)))
			continue;
		count++;
		buf_clear(&line);
		buf_put(&line, at, (size_t)(end - at));
		fprintf(r->context->out, "%c ", mark);
		command_say(r->context->out, buf_string(&line));
		fputc('\n', r->context->out);
	}
	buf_free(&line);
	return count;
}

static int
print_changes(struct request *r, const struct proposal *now, struct err *e)
{
	struct proposal last = { .text = buf_new(TEXT_MAX) };
	struct buf copy = buf_new(TEXT_MAX);
	int found = find_list(r, now->scope, 0, now->counter, true, &last, e);
	const char *before, *after;
	size_t changes;

	if (found == -1)
		goto out;
	buf_put(&copy, now->text.data, now->text.length);
	after = entries_of(buf_string(&copy));
	before = found == 1 ? entries_of(buf_string(&last.text)) : "";
	if (found == 1)
		fprintf(r->context->out,
		    _("Beside list %lld, the last one that was approved:\n"),
		    (long long)last.counter);
	else
		fprintf(r->context->out,
		    _("It is the first list for these hosts:\n"));
	changes = print_missing(r, '+', after, before);
	changes += print_missing(r, '-', before, after);
	if (changes == 0)
		fprintf(r->context->out, _("nothing changes\n"));
out:
	buf_free(&copy);
	buf_free(&last.text);
	return found == -1 ? -1 : 0;
}

/* ---- propose ---- */

static void
tell(void *context, const char *word, const char *name, const char *detail)
{
	static const struct {
		const char *word, *text;
	} texts[] = {
		{ "break-glass",
		    N_("is registered as break-glass and is left out: the "
		       "door never refuses it") },
		{ "ambiguous",
		    N_("is a leaver's or another person's and is left out "
		       "until reeve hr match says whose:") },
		{ "unwritable",
		    N_("is a name that can't stand in a list, nor log in; it "
		       "is left out") },
		{ "also",
		    N_("is denied wherever the list is; an account of this "
		       "name is also that of") },
	};
	struct request *r = context;
	FILE *err = r->tell;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].word, word) == 0) {
			command_say(err, name);
			fprintf(err, " %s ", _(texts[i].text));
			command_say(err, detail);
			fputc('\n', err);
			r->told = true;
		}
}

static int
next_counter(struct request *r, int64_t *counter, struct err *e)
{
	struct statement *s = store_use(r->store, "denied_last", e);
	int found = store_step(s, e);
	int64_t last = found == 1 ? column_int(s, 0) : 0;

	store_done(s);
	if (found != 1)
		return -1;
	if (r->counter != 0 && r->counter <= last)
		return err_set(e, ERR_USAGE,
		    _("--counter %lld is not above %lld, which was used"),
		    (long long)r->counter, (long long)last);
	if (last >= COUNTER_MAX)
		return err_set(e, ERR_LIMIT,
		    _("list %lld has the highest counter there is"),
		    (long long)last);
	if (r->counter > COUNTER_MAX || r->counter - last > COUNTER_JUMP)
		return err_set(e, ERR_USAGE,
		    _("--counter %lld is too far above %lld: at most %lld"),
		    (long long)r->counter, (long long)last,
		    (long long)(last > COUNTER_MAX - COUNTER_JUMP
		            ? COUNTER_MAX
		            : last + COUNTER_JUMP));
	*counter = r->counter != 0 ? r->counter : last + 1;
	return 0;
}

static int
add_list(struct request *r, const struct act *act, struct proposal *p,
    struct deny_count *count, struct err *e)
{
	struct deny_question q = { .scope = r->scope == NULL ? "*" : r->scope,
		.now = act_at(act),
		.map = &r->context->config->deny,
		.tell = tell,
		.context = r };
	struct statement *s;

	r->tell = r->context->err;
	if (next_counter(r, &q.counter, e) == -1 ||
	    deny_text(r->store, &q, &p->text, count, e) == -1)
		return -1;
	p->counter = q.counter;
	p->act = act_number(act);
	(void)snprintf(p->scope, sizeof(p->scope), "%s", q.scope);
	s = store_use(r->store, "denied_add", e);
	bind_int(s, ":act", p->act);
	bind_int(s, ":counter", p->counter);
	bind_text(s, ":scope", p->scope);
	bind_text(s, ":text", buf_string(&p->text));
	return store_run(s, e);
}

static void
say_proposed(struct request *r, const struct proposal *p,
    const struct deny_count *c, struct buf *receipt)
{
	FILE *out = r->context->out;

	fprintf(out,
	    _("List %lld for %s: %zu leavers, %zu disabled, %zu revoked "
	      "rights\n"),
	    (long long)p->counter,
	    strcmp(p->scope, "*") == 0 ? _("all hosts") : p->scope, c->leavers,
	    c->disabled, c->revoked);
	if (c->unmapped > 0)
		fprintf(out,
		    _("%zu revoked rights are of no door: review.conf's deny "
		      "does not name them\n"),
		    c->unmapped);
	fprintf(out,
	    _("Another person approves it: reeve denylist approve %lld\n"),
	    (long long)p->counter);
	fprintf(out, "%s\n", buf_string(receipt));
}

static int
run_propose(struct request *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct proposal p = { .text = buf_new(TEXT_MAX) };
	struct buf receipt = buf_new(256);
	struct deny_count count;
	struct act *act = NULL;
	int result = -1;

	if (act_check(r->store, "decisions", 0, e) == -1 ||
	    act_begin(&act, r->store, "denylist", &how, e) == -1)
		goto out;
	if (add_list(r, act, &p, &count, e) == -1 ||
	    print_changes(r, &p, e) == -1) {
		act_cancel(&act);
		goto out;
	}
	if (act_commit(&act, &receipt, e) == -1)
		goto out;
	say_proposed(r, &p, &count, &receipt);
	result = 0;
out:
	buf_free(&receipt);
	buf_free(&p.text);
	return result;
}

/* ---- approve, show, export ---- */

static int
judge_changes(
    struct request *r, const struct proposal *p, struct buf *now, struct err *e)
{
	struct buf then = buf_new(TEXT_MAX);
	const char *listed, *wanted;
	int result = 0;

	buf_put(&then, p->text.data, p->text.length);
	listed = entries_of(buf_string(&then));
	wanted = entries_of(buf_string(now));
	if (buf_status(&then, e) == -1 || buf_status(now, e) == -1) {
		result = -1;
	} else if (strcmp(listed, wanted) != 0) {
		fprintf(r->context->out,
		    _("What has changed since it was proposed:\n"));
		(void)print_missing(r, '+', wanted, listed);
		(void)print_missing(r, '-', listed, wanted);
		result = err_set(e, ERR_USAGE,
		    _("list %lld is not what is decided now: reeve denylist "
		      "propose"),
		    (long long)p->counter);
	}
	buf_free(&then);
	return result;
}

/* Made anew: a list that is complete must not forget who came after it. */
static int
judge_current(struct request *r, const struct proposal *p, struct err *e)
{
	struct deny_question q = { .scope = p->scope,
		.counter = p->counter,
		.now = r->context->now,
		.map = &r->context->config->deny,
		.tell = tell,
		.context = r };
	struct buf now = buf_new(TEXT_MAX);
	struct deny_count count;
	int result = -1;

	r->tell = r->context->out;
	if (deny_text(r->store, &q, &now, &count, e) == 0)
		result = judge_changes(r, p, &now, e);
	buf_free(&now);
	return result;
}

static int
run_approve(struct request *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct proposal p = { .text = buf_new(TEXT_MAX) };
	struct buf receipt = buf_new(256);
	int result = -1;

	if (r->counter == 0) {
		err_set(e, ERR_USAGE, _("which list? reeve denylist show"));
		goto out;
	}
	if (need_list(r, false, &p, e) == -1 || print_changes(r, &p, e) == -1 ||
	    (!r->refuse && judge_current(r, &p, e) == -1) ||
	    act_second(r->store, p.act, !r->refuse,
	        r->reason == NULL ? "" : r->reason, &how, &receipt, e) == -1)
		goto out;
	fprintf(r->context->out,
	    r->refuse ? _("List %lld is refused\n")
	              : _("List %lld is approved: reeve denylist export\n"),
	    (long long)p.counter);
	fprintf(r->context->out, "%s\n", buf_string(&receipt));
	result = 0;
out:
	buf_free(&receipt);
	buf_free(&p.text);
	return result;
}

static int
run_show(struct request *r, struct err *e)
{
	struct proposal p = { .text = buf_new(TEXT_MAX) };
	int result = -1;

	if (need_list(r, false, &p, e) == 0) {
		fprintf(r->context->out, _("List %lld, act %lld: %s\n\n"),
		    (long long)p.counter, (long long)p.act,
		    strcmp(p.verdict, "approved") == 0      ? _("approved")
		        : strcmp(p.verdict, "refused") == 0 ? _("refused")
		                                            : _("proposed"));
		command_say_lines(r->context->out, buf_string(&p.text));
		fputc('\n', r->context->out);
		result = print_changes(r, &p, e);
	}
	buf_free(&p.text);
	return result;
}

static int
write_out(struct request *r, const struct buf *note, struct err *e)
{
	const char *path = r->words[0];
	struct file_rule rule = { .owner = geteuid(), .forbidden = 022 };
	char folder[4096];
	const char *slash;
	int dir, result;

	if (strcmp(path, "-") == 0) {
		(void)fwrite(note->data, 1, note->length, r->context->out);
		return fflush(r->context->out) == 0
		    ? 0
		    : err_sys(e, errno, _("standard output"));
	}
	slash = strrchr(path, '/');
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash == NULL       ? 1
	        : slash == path ? 1
	                        : (int)(slash - path),
	    slash == NULL ? "." : path);
	if ((dir = file_open_dir(folder, &rule, e)) == -1)
		return -1;
	result = file_replace_at(dir, slash == NULL ? path : slash + 1, 0644,
	    note->data, note->length, e);
	file_close(&dir);
	return result == -1 ? err_in(e, "%s", path) : 0;
}

static int
may_be_exported(const struct proposal *p, struct err *e)
{
	if (strcmp(p->verdict, "approved") == 0)
		return 0;
	return err_set(e, ERR_ACCESS,
	    strcmp(p->verdict, "refused") == 0
	        ? _("list %lld was refused")
	        : _("list %lld is not approved yet: another person runs reeve "
	            "denylist approve %lld"),
	    (long long)p->counter, (long long)p->counter);
}

static int
run_export(struct request *r, struct err *e)
{
	struct proposal p = { .text = buf_new(TEXT_MAX) };
	struct buf note = buf_new(DENYLIST_FILE_MAX);
	struct note_signer signer = { .seed = { 0 } };
	int result = -1;

	/* One host's list is not everybody's, though it may be newer. */
	if (r->counter == 0 && r->scope == NULL)
		r->scope = "*";
	if (need_list(r, r->counter == 0, &p, e) == -1 ||
	    may_be_exported(&p, e) == -1 ||
	    act_check(r->store, "denylist", p.act, e) == -1 ||
	    deny_key_read(r->sign, &signer, e) == -1 ||
	    deny_sign(&signer, buf_string(&p.text), &note, e) == -1 ||
	    write_out(r, &note, e) == -1)
		goto out;
	if (strcmp(r->words[0], "-") != 0)
		fprintf(r->context->out,
		    _("%s: list %lld, signed by %s; on the host: reevectl "
		      "denylist install\n"),
		    r->words[0], (long long)p.counter, signer.key.name);
	result = 0;
out:
	note_signer_wipe(&signer);
	buf_free(&note);
	buf_free(&p.text);
	return result;
}

static int
run_keygen(struct request *r, struct err *e)
{
	struct note_signer signer;
	struct buf line = buf_new(1024);
	const char *name = r->name == NULL ? "reeve-denylist" : r->name;

	if (deny_key_make(r->words[0], name, &signer, e) == -1)
		return err_in(e, "%s", r->words[0]);
	note_key_print(&signer.key, &line);
	fprintf(r->context->out, "%s\n", buf_string(&line));
	fprintf(r->context->err,
	    _("The line is for /etc/reeve/denylist.pub of each host. Keep %s "
	      "where no officer's key is.\n"),
	    r->words[0]);
	note_signer_wipe(&signer);
	buf_free(&line);
	return 0;
}

/* ---- The command line ---- */

static const struct part {
	const char *name;
	enum store_mode mode;
	int words_min, words_max;
	int (*run)(struct request *, struct err *);
	bool writes, store;
} parts[] = {
	{ "propose", STORE_WRITE, 0, 0, run_propose, true, true },
	{ "approve", STORE_WRITE, 1, 1, run_approve, true, true },
	{ "show", STORE_READ, 0, 1, run_show, false, true },
	{ "export", STORE_READ, 1, 2, run_export, false, true },
	{ "keygen", STORE_READ, 1, 1, run_keygen, false, false },
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
read_counter(const char *text, int64_t *counter)
{
	struct err ignored;
	uint64_t value;

	if (enc_number(text, strlen(text), INT64_MAX, &value, &ignored) == -1 ||
	    value == 0)
		return -1;
	*counter = (int64_t)value;
	return 0;
}

static int
read_options(struct request *r, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_SCOPE:
			r->scope = optarg;
			break;
		case OPT_COUNTER:
			if (read_counter(optarg, &r->counter) == -1)
				return -1;
			break;
		case OPT_NAME:
			r->name = optarg;
			break;
		case OPT_REFUSE:
			r->refuse = true;
			break;
		case OPT_REASON:
			r->reason = optarg;
			break;
		case OPT_SIGN:
			r->sign = optarg;
			break;
		default:
			return -1;
		}
	return 0;
}

/* "approve 5", "show 5", "export 5 FILE": the number is a word. */
static int
take_counter(struct request *r, const struct part *part)
{
	bool last = part->run == run_export;

	if (part->run == run_keygen || r->count <= (last ? 1 : 0))
		return 0;
	if (read_counter(r->words[0], &r->counter) == -1)
		return -1;
	r->words++;
	r->count--;
	return 0;
}

static int
perform(struct request *r, const struct part *part)
{
	struct command_context *c = r->context;
	const char *db = command_database(c);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if ((part->store && store_open(&r->store, db, part->mode, &e) == -1) ||
	    part->run(r, &e) == -1)
		status = command_fail(c, "denylist", &e);
	store_close(&r->store);
	return status;
}

static int
run_denylist(struct command_context *c, int argc, char **argv)
{
	struct request r = { .context = c };
	const struct part *part;

	if (argc < 2 || (part = find_part(argv[1])) == NULL)
		return command_usage(c, &command_denylist,
		    _("propose, approve, show, export or keygen?"));
	if (read_options(&r, argc - 1, argv + 1) == -1)
		return command_usage(
		    c, &command_denylist, _("unknown argument"));
	r.words = argv + 1 + optind;
	r.count = argc - 1 - optind;
	if (r.count < part->words_min || r.count > part->words_max ||
	    take_counter(&r, part) == -1)
		return command_usage(
		    c, &command_denylist, _("not what %s takes"), part->name);
	if (part->run == run_export && r.sign == NULL)
		return command_usage(
		    c, &command_denylist, _("with which key? --sign FILE"));
	return perform(&r, part);
}

const struct command command_denylist = {
	.name = "denylist",
	.arguments =
	    N_("propose [--scope HOST] [--counter N]\n"
	       "       reeve denylist show [N] [--scope HOST]\n"
	       "       reeve denylist approve N [--refuse] [--reason TEXT]\n"
	       "       reeve denylist export [N] [--scope HOST] --sign KEY "
	       "FILE\n"
	       "       reeve denylist keygen [--name NAME] KEY"),
	.summary = N_("accounts that hosts refuse at the next login"),
	.help = N_("A list names leavers, accounts that a review disabled or "
	           "deleted, and rights it\nrevoked that review.conf's deny "
	           "maps to a host and a service. Two persons make\nit: one "
	           "proposes, another approves; then it is signed with the "
	           "deny list's own\nkey. FILE - is standard output.\n\n"
	           "  reeve denylist propose && reeve --key other denylist "
	           "approve 5\n"
	           "  reeve denylist export --sign /etc/reeve/denylist.key "
	           "/srv/reeve/denylist\n"),
	.run = run_denylist,
	.writes = true,
};
