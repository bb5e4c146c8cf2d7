/*
 * reeve exception: rights and findings that are let be for a time, each by
 * itself, with a reason, a compensating control, an owner, an end, and two
 * persons' signatures.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/command.h"
#include "review/decide.h"
#include "review/rule.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_exception;

#define DAY_SECONDS  INT64_C(86400)
#define TIME_SIZE    24
#define RECEIPT_ROOM 256u
#define LABEL_SIZE   48
#define DAYS_MAX     3650u

enum {
	OPT_ACCOUNT = 1,
	OPT_RIGHT,
	OPT_RULE,
	OPT_REASON,
	OPT_COMPENSATION,
	OPT_OWNER,
	OPT_ENDS,
	OPT_EXPIRING,
	OPT_ALL,
};

static const struct option options[] = {
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "right", required_argument, NULL, OPT_RIGHT },
	{ "rule", required_argument, NULL, OPT_RULE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "compensation", required_argument, NULL, OPT_COMPENSATION },
	{ "owner", required_argument, NULL, OPT_OWNER },
	{ "ends", required_argument, NULL, OPT_ENDS },
	{ "expiring", required_argument, NULL, OPT_EXPIRING },
	{ "all", no_argument, NULL, OPT_ALL },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	struct command_context *context;
	struct store *store;
	const char *account, *right, *rule, *reason, *compensation, *owner;
	const char *ends, *expiring;
	bool all;
	const char *which; /* "17.3" */
};

struct exempted { /* what is added; of a renewal mostly what there was */
	int64_t account, right; /* objects; right 0: none */
	char rule[24];
	char reason[DECISION_REASON_MAX + 1];
	char compensation[DECISION_REASON_MAX + 1];
	char owner[64];
	int64_t ends;
	int64_t renews, renews_n; /* 0: none */
	int64_t campaign, item;   /* 0: none */
};

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static int64_t
int_of(struct statement *s, const char *column)
{
	return column_int(s, column_of(s, column));
}

/* ---- What it is about ---- */

/* One object by a name; rows are object, told. */
static int
one_object(struct statement *s, const char *name, const char *missing,
    int64_t *object, struct err *e)
{
	char first[256] = "";
	int more = store_step(s, e);

	if (more == 0)
		return err_set(e, ERR_MISSING, "%s: %s", name, missing);
	if (more == -1)
		return -1;
	*object = column_int(s, 0);
	(void)snprintf(first, sizeof(first), "%s", column_text(s, 1));
	more = store_step(s, e);
	if (more == 1)
		return err_set(e, ERR_USAGE,
		    _("%s: that is several; say which: %s, %s, ..."), name,
		    first, column_text(s, 1));
	return more;
}

static int
find_account(const struct arguments *a, int64_t *account, struct err *e)
{
	struct statement *s = store_use(a->store, "exempted_account", e);

	bind_text(s, ":name", a->account);
	return one_object(
	    s, a->account, _("there is no such account"), account, e);
}

static int
find_right(
    const struct arguments *a, int64_t account, int64_t *right, struct err *e)
{
	struct statement *s;

	if (a->right == NULL)
		return 0;
	s = store_use(a->store, "exempted_right", e);
	bind_text(s, ":name", a->right);
	bind_int(s, ":account", account);
	return one_object(s, a->right,
	    _("there is no such right in the account's source"), right, e);
}

static int
check_rule(const struct arguments *a, struct err *e)
{
	struct rule_set *rules = NULL;
	int status = 0;

	if (a->rule == NULL)
		return 0;
	if (rule_set_load(&rules, a->context->config->rules_dir, e) == -1)
		return -1;
	if (rule_set_find(rules, a->rule) == NULL)
		status = err_set(
		    e, ERR_USAGE, _("%s: no such rule: reeve rules"), a->rule);
	rule_set_free(&rules);
	return status;
}

static int
check_owner(const struct arguments *a, const char *owner, struct err *e)
{
	struct statement *s = store_use(a->store, "exempted_owner", e);
	int more;

	bind_text(s, ":employee", owner);
	bind_int(s, ":now", a->context->now);
	more = store_step(s, e);
	if (more == 0)
		return err_set(e, ERR_USAGE,
		    _("personnel data has nobody with the number %s"), owner);
	if (more == 1 && column_int(s, 0) != 0)
		return err_set(e, ERR_USAGE, _("%s has left"), owner);
	store_done(s);
	return more == -1 ? -1 : 0;
}

/* ---- What it must have ---- */

static int
take_text(char out[DECISION_REASON_MAX + 1], const char *option,
    const char *text, struct err *e)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length == 0 || text[strspn(text, " \t\n")] == '\0')
		return err_set(e, ERR_USAGE, _("%s is wanted"), option);
	if (length > DECISION_REASON_MAX || !enc_is_utf8(text, length))
		return err_set(e, ERR_USAGE, _("%s: at most %u bytes of UTF-8"),
		    option, DECISION_REASON_MAX);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return err_set(e, ERR_USAGE,
			    _("%s: has a control character"), option);
	(void)strcpy(out, text);
	return 0;
}

static int
take_end(const struct arguments *a, struct exempted *x, struct err *e)
{
	int64_t now = a->context->now;

	if (a->ends == NULL)
		return err_set(e, ERR_USAGE, _("%s is wanted"), "--ends");
	if (decide_end(a->ends, now, &x->ends, e) == -1)
		return -1;
	if (x->ends <= now)
		return err_set(e, ERR_USAGE, _("%s: that is over"), a->ends);
	if (x->ends - now > DECISION_EXCEPTION_MAX)
		return err_set(e, ERR_USAGE,
		    _("%s: an exception ends within %d days"), a->ends,
		    (int)(DECISION_EXCEPTION_MAX / DAY_SECONDS));
	return 0;
}

static int
take_owner(const struct arguments *a, struct exempted *x, struct err *e)
{
	if (a->owner == NULL)
		return err_set(e, ERR_USAGE, _("%s is wanted"), "--owner");
	if (strlen(a->owner) >= sizeof(x->owner))
		return err_set(e, ERR_USAGE, "--owner %.20s...", a->owner);
	if (check_owner(a, a->owner, e) == -1)
		return -1;
	(void)strcpy(x->owner, a->owner);
	return 0;
}

/* ---- Recording it ---- */

static void
bind_or_null(struct statement *s, const char *parameter, int64_t number)
{
	if (number > 0)
		bind_int(s, parameter, number);
	else
		bind_null(s, parameter);
}

static int
insert(
    struct store *store, int64_t act, const struct exempted *x, struct err *e)
{
	struct statement *s = store_use(store, "exempted_add", e);

	bind_int(s, ":act", act);
	bind_int(s, ":account", x->account);
	bind_or_null(s, ":right", x->right);
	bind_text(s, ":rule", x->rule[0] == '\0' ? NULL : x->rule);
	bind_text(s, ":reason", x->reason);
	bind_text(s, ":compensation", x->compensation);
	bind_int(s, ":ends", x->ends);
	bind_text(s, ":owner", x->owner);
	bind_or_null(s, ":renews", x->renews);
	bind_or_null(s, ":renews_n", x->renews_n);
	bind_or_null(s, ":campaign", x->campaign);
	bind_or_null(s, ":item", x->item);
	return store_run(s, e);
}

/* Nobody excepts what is their own. */
static int
check_signer(struct store *store, const struct signer *signer,
    const struct exempted *x, struct err *e)
{
	struct statement *s = store_use(store, "exempted_holds", e);
	int more;

	bind_int(s, ":account", x->account);
	bind_text(s, ":employee", signer->employee);
	more = store_step(s, e);
	store_done(s);
	return more == 1 ? err_set(e, ERR_ACCESS,
	                       _("%s holds that account: somebody else makes "
	                         "exceptions of it"),
	                       signer->name)
	                 : more;
}

static int
record(const struct arguments *a, const struct exempted *x, struct err *e)
{
	struct act_how how = act_how(a->context);
	struct buf receipt = buf_new(RECEIPT_ROOM);
	struct act *act = NULL;
	int64_t number = 0;
	int status = -1;

	how.roles = "officer,reviewer";
	if (act_begin(&act, a->store, "exception", &how, e) == 0) {
		number = act_number(act);
		if (check_signer(a->store, act_signer(act), x, e) == 0 &&
		    insert(a->store, number, x, e) == 0)
			status = act_commit(&act, &receipt, e);
		act_cancel(&act);
	}
	if (status == 0)
		fprintf(a->context->out,
		    _("%s\nexception %lld.1 counts once a second person runs: "
		      "reeve approve %lld\n"),
		    buf_string(&receipt), (long long)number, (long long)number);
	buf_free(&receipt);
	return status;
}

static int
run_add(const struct arguments *a, struct err *e)
{
	struct exempted x = { .right = 0 };

	if (a->account == NULL)
		return err_set(e, ERR_USAGE, _("%s is wanted"), "--account");
	if (a->right == NULL && a->rule == NULL)
		return err_set(
		    e, ERR_USAGE, _("%s is wanted"), "--rule, --right");
	if (check_rule(a, e) == -1 || find_account(a, &x.account, e) == -1 ||
	    find_right(a, x.account, &x.right, e) == -1 ||
	    take_text(x.reason, "--reason", a->reason, e) == -1 ||
	    take_text(x.compensation, "--compensation", a->compensation, e) ==
	        -1 ||
	    take_owner(a, &x, e) == -1 || take_end(a, &x, e) == -1)
		return -1;
	(void)snprintf(
	    x.rule, sizeof(x.rule), "%s", a->rule == NULL ? "" : a->rule);
	return record(a, &x, e);
}

/* ---- One that there is ---- */

static int
read_which(const char *text, int64_t *act, int64_t *n, struct err *e)
{
	const char *dot = text == NULL ? NULL : strchr(text, '.');
	uint64_t first, second;

	if (dot == NULL ||
	    enc_number(text, (size_t)(dot - text), INT64_MAX, &first, e) ==
	        -1 ||
	    enc_number(dot + 1, strlen(dot + 1), INT64_MAX, &second, e) == -1)
		return err_set(e, ERR_USAGE,
		    _("one exception is wanted, as reeve exception list names "
		      "it: 17.1"));
	*act = (int64_t)first;
	*n = (int64_t)second;
	return 0;
}

static void
copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static int
judge_old(struct statement *s, const char *which, bool renew, struct err *e)
{
	if (int_of(s, "ended") != 0)
		return err_set(e, ERR_ACCESS, _("%s is ended"), which);
	if (int_of(s, "refused") != 0)
		return err_set(e, ERR_ACCESS, _("%s was refused"), which);
	if (!renew)
		return 0;
	if (int_of(s, "approved") == 0)
		return err_set(e, ERR_ACCESS,
		    _("%s is not approved yet: nothing is to be renewed"),
		    which);
	if (int_of(s, "overtaken") != 0)
		return err_set(e, ERR_ACCESS,
		    _("%s was overtaken by a later decision"), which);
	if (int_of(s, "renewed") != 0)
		return err_set(
		    e, ERR_ACCESS, _("%s is renewed already"), which);
	return 0;
}

static int
find_old(
    const struct arguments *a, bool renew, struct exempted *x, struct err *e)
{
	struct statement *s;
	int more, status;

	if (read_which(a->which, &x->renews, &x->renews_n, e) == -1)
		return -1;
	s = store_use(a->store, "exemption_one", e);
	bind_int(s, ":act", x->renews);
	bind_int(s, ":n", x->renews_n);
	more = store_step(s, e);
	if (more == 0)
		return err_set(
		    e, ERR_MISSING, _("%s: no such exception"), a->which);
	if (more == -1)
		return -1;
	x->account = int_of(s, "account");
	x->right = int_of(s, "right");
	x->campaign = int_of(s, "campaign");
	x->item = int_of(s, "item");
	copy(x->rule, sizeof(x->rule), text_of(s, "rule"));
	copy(x->compensation, sizeof(x->compensation),
	    text_of(s, "compensation"));
	copy(x->owner, sizeof(x->owner), text_of(s, "owner"));
	status = judge_old(s, a->which, renew, e);
	store_done(s);
	return status;
}

static int
run_renew(const struct arguments *a, struct err *e)
{
	struct exempted x = { .right = 0 };

	if (a->account != NULL || a->right != NULL || a->rule != NULL)
		return err_set(e, ERR_USAGE,
		    _("a renewal is of the same account, right and rule"));
	if (find_old(a, true, &x, e) == -1 ||
	    take_text(x.reason, "--reason", a->reason, e) == -1 ||
	    take_end(a, &x, e) == -1)
		return -1;
	if (a->compensation != NULL &&
	    take_text(x.compensation, "--compensation", a->compensation, e) ==
	        -1)
		return -1;
	if (a->owner != NULL ? take_owner(a, &x, e) == -1
	                     : check_owner(a, x.owner, e) == -1)
		return -1;
	return record(a, &x, e);
}

static int
run_end(const struct arguments *a, struct err *e)
{
	struct act_how how = act_how(a->context);
	struct buf receipt = buf_new(RECEIPT_ROOM);
	struct exempted x = { .right = 0 };
	struct act *act = NULL;
	struct statement *s;
	int status = -1;

	if (take_text(x.reason, "--reason", a->reason, e) == -1 ||
	    find_old(a, false, &x, e) == -1 ||
	    act_begin(&act, a->store, "exception-end", &how, e) == -1)
		goto out;
	s = store_use(a->store, "exempted_end_add", e);
	bind_int(s, ":act", act_number(act));
	bind_int(s, ":of", x.renews);
	bind_int(s, ":n", x.renews_n);
	bind_text(s, ":reason", x.reason);
	if (store_run(s, e) == 0)
		status = act_commit(&act, &receipt, e);
	act_cancel(&act);
	if (status == 0)
		fprintf(a->context->out, "%s\n", buf_string(&receipt));
out:
	buf_free(&receipt);
	return status;
}

/* ---- List ---- */

static const struct list_column columns[] = {
	{ "exception", N_("Exception"), 9 },
	{ "state", N_("State"), 9 },
	{ "ends", N_("Ends"), 10 },
	{ "days", N_("Days"), 5 },
	{ "account", N_("Account"), 16 },
	{ "source", N_("Source"), 10 },
	{ "right", N_("Right"), 14 },
	{ "rule", N_("Rule"), 7 },
	{ "owner", N_("Owner"), 7 },
	{ "approver", N_("Approved by"), 12 },
	{ "campaign", N_("Campaign"), 8 },
	{ "compensation", N_("Compensating control"), 24 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

static const char *
state_word(const struct arguments *a, const char *state)
{
	static const struct {
		const char *state, *told;
	} words[] = { { "counts", N_("counts") }, { "waiting", N_("waiting") },
		{ "expired", N_("expired") }, { "ended", N_("ended") },
		{ "refused", N_("refused") },
		{ "overtaken", N_("overtaken") } };

	if (a->context->format != FORMAT_TEXT)
		return state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].state, state) == 0)
			return _(words[i].told);
	return state;
}

static void
list_one(const struct arguments *a, struct list *l, struct statement *s,
    const char *id, const char *right, const char *owner, const char *campaign)
{
	char ends[TIME_SIZE] = "", days[TIME_SIZE];
	int64_t left = int_of(s, "ends") - a->context->now;
	time_t at = (time_t)(int_of(s, "ends") - 1); /* the last day */
	struct tm tm;

	if (localtime_r(&at, &tm) != NULL)
		(void)strftime(ends, sizeof(ends), "%Y-%m-%d", &tm);
	(void)snprintf(days, sizeof(days), "%lld",
	    (long long)(left < 0 ? 0 : (left + DAY_SECONDS - 1) / DAY_SECONDS));
	list_row(l,
	    (const char *const[]){ id, state_word(a, text_of(s, "state")), ends,
	        days, text_of(s, "account"), text_of(s, "source"), right,
	        text_of(s, "rule"), owner, text_of(s, "approver"), campaign,
	        text_of(s, "compensation"), text_of(s, "reason") });
}

/* Signed ones, then those of the register. Returns how many, or -1. */
static int64_t
list_rows(
    const struct arguments *a, struct list *l, int64_t until, struct err *e)
{
	struct statement *s = store_use(a->store, "exemption_list", e);
	int64_t rows = 0;
	int more;

	bind_int(s, ":now", a->context->now);
	bind_fact(s, ":until", until);
	bind_int(s, ":all", a->all);
	for (; (more = store_step(s, e)) == 1; rows++)
		list_one(a, l, s, text_of(s, "id"), text_of(s, "right"),
		    text_of(s, "owner"), text_of(s, "campaign"));
	if (more == -1)
		return -1;
	s = store_use(a->store, "exemption_registered", e);
	bind_int(s, ":now", a->context->now);
	bind_fact(s, ":until", until);
	for (; (more = store_step(s, e)) == 1; rows++) {
		char id[LABEL_SIZE];

		(void)snprintf(id, sizeof(id), "register-%lld",
		    (long long)int_of(s, "id"));
		list_one(a, l, s, id, NULL, NULL, NULL);
	}
	return more == -1 ? -1 : rows;
}

static int
run_list(const struct arguments *a, struct err *e)
{
	struct list *l = NULL;
	int64_t until = FACT_UNKNOWN, rows;
	uint64_t days;

	if (a->expiring != NULL) {
		if (enc_number(a->expiring, strlen(a->expiring), DAYS_MAX,
		        &days, e) == -1)
			return err_set(e, ERR_USAGE,
			    _("--expiring %s: a number of days"), a->expiring);
		until = a->context->now + (int64_t)days * DAY_SECONDS;
	}
	if (list_begin(&l, a->context, "exceptions", columns, e) == -1)
		return -1;
	rows = list_rows(a, l, until, e);
	if (list_end(&l, e) == -1 || rows == -1)
		return -1;
	return a->expiring != NULL && rows > 0 ? STATUS_FOUND : STATUS_DONE;
}

/* ---- The command ---- */

static const struct {
	const char *name;
	int (*run)(const struct arguments *, struct err *);
	bool one; /* wants one exception */
	enum store_mode mode;
} words[] = {
	{ "list", run_list, false, STORE_READ },
	{ "add", run_add, false, STORE_WRITE },
	{ "renew", run_renew, true, STORE_WRITE },
	{ "end", run_end, true, STORE_WRITE },
};

static bool
read_options(struct arguments *a, int argc, char **argv)
{
	const char **const texts[] = { [OPT_ACCOUNT] = &a->account,
		[OPT_RIGHT] = &a->right,
		[OPT_RULE] = &a->rule,
		[OPT_REASON] = &a->reason,
		[OPT_COMPENSATION] = &a->compensation,
		[OPT_OWNER] = &a->owner,
		[OPT_ENDS] = &a->ends,
		[OPT_EXPIRING] = &a->expiring };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option == OPT_ALL)
			a->all = true;
		else if (option >= OPT_ACCOUNT && option <= OPT_EXPIRING)
			*texts[option] = optarg;
		else
			return false;
	return true;
}

static int
run_word(struct arguments *a, size_t word, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	int status;

	if (!read_options(a, argc, argv))
		return command_usage(
		    a->context, &command_exception, _("no such option"));
	if (argc - optind != (words[word].one ? 1 : 0))
		return command_usage(a->context, &command_exception,
		    words[word].one ? _("one exception is wanted: each is "
		                        "renewed and ended by itself")
		                    : _("unknown argument"));
	a->which = words[word].one ? argv[optind] : NULL;
	status = store_open(
	    &a->store, command_database(a->context), words[word].mode, &e);
	if (status == 0)
		status = words[word].run(a, &e);
	store_close(&a->store);
	return status == -1 ? command_fail(a->context, "exception", &e)
	                    : status;
}

static int
run_exception(struct command_context *c, int argc, char **argv)
{
	struct arguments a = { .context = c };

	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]);
	     i++)
		if (strcmp(words[i].name, argv[1]) == 0)
			return run_word(&a, i, argc - 1, argv + 1);
	return command_usage(
	    c, &command_exception, _("list, add, renew or end"));
}

const struct command command_exception = {
	.name = "exception",
	.arguments =
	    "list [--expiring DAYS] [--all]\n"
	    "       reeve exception add --account NAME [--right NAME] [--rule "
	    "ID] --reason TEXT\n"
	    "           --compensation TEXT --owner NUMBER --ends DATE\n"
	    "       reeve exception renew EXCEPTION --reason TEXT --ends DATE\n"
	    "           [--compensation TEXT] [--owner NUMBER]\n"
	    "       reeve exception end EXCEPTION --reason TEXT",
	.summary = N_("what is let be for a time, and until when"),
	.help = N_(
	    "An exception is of one account, and one rule or right; it has a "
	    "reason, a\ncompensating control, an owner, and an end within 180 "
	    "days. It counts once a\nsecond person approves it; findings it "
	    "covers stay visible. Each is renewed by\nitself. Those decided in "
	    "a review are listed, too.\n\n"
	    "  --account   its name, SOURCE:NAME or NAME@HOST\n"
	    "  --expiring  those that end within so many days; status 1 if "
	    "any\n"
	    "  --all       also those that are over\n\n"
	    "Example: reeve exception add --account svc-old --rule AR-161 "
	    "--owner E1002\n"
	    "             --reason 'Replaced in March' --compensation 'Logins "
	    "from one host'\n"
	    "             --ends 2027-03-31\n"),
	.run = run_exception,
	.writes = true,
};
