/*
 * reeve person: whose signature counts here.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "review/command.h"
#include "review/roster.h"
#include "review/signer.h"
#include "schema/message.h"

extern const struct command command_person;

#define NUMBER_SIZE  24
#define PATH_SIZE    4096u
#define KEY_SECONDS  600 /* somebody thinks of a passphrase */
#define RECEIPT_SIZE 256u

enum { OPT_EMPLOYEE = 1, OPT_ROLE, OPT_PUB, OPT_GROUNDS, OPT_REASON };

static const struct option add_options[] = {
	{ "employee", required_argument, NULL, OPT_EMPLOYEE },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "pub", required_argument, NULL, OPT_PUB },
	{ "grounds", required_argument, NULL, OPT_GROUNDS },
	{ NULL, 0, NULL, 0 },
};

static const struct option end_options[] = {
	{ "reason", required_argument, NULL, OPT_REASON },
	{ NULL, 0, NULL, 0 },
};

static const struct option list_options[] = {
	{ "roster", no_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

/* ---- A key for who has none ---- */

/* Every folder above the last component that is missing, mode 0700. */
static int
make_folders(const char *path, struct err *e)
{
	char folder[PATH_SIZE];

	(void)snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) == -1 && errno != EEXIST)
			return err_sys(e, errno, "%s", folder);
		*slash = '/';
	}
	return 0;
}

static int
make_key(struct command_context *c, const char *path, const char *name,
    struct err *e)
{
	const char *const argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-C",
		name, "-f", path, NULL };
	struct buf output = buf_new(PATH_SIZE);
	int result;

	fprintf(c->err,
	    _("You have no key yet. What you decide is signed with one, so "
	      "that nobody can\nsay it in your name. It is made now:\n"
	      "  %s      stays secret; nobody else may read it\n"
	      "  %s.pub  is shown to others\n"
	      "ssh-keygen asks for a passphrase: give one, unless this is a "
	      "trial.\n"),
	    path, path);
	(void)fflush(c->err);
	if (make_folders(path, e) == -1)
		return -1;
	result = signer_run(argv, NULL, 0, KEY_SECONDS, &output, e);
	buf_free(&output);
	return result;
}

/* ---- add ---- */

static int64_t
count_signers(struct store *store, struct err *e)
{
	struct statement *st = store_use(store, "signer_count", e);
	int64_t count = store_step(st, e) == 1 ? column_int(st, 0) : -1;

	store_done(st);
	return count;
}

/* Of who has no --pub: their own, made if need be. */
static int
own_key(struct command_context *c, const char *name, struct buf *path,
    struct buf *line, struct err *e)
{
	char fingerprint[SSHSIG_FINGERPRINT];

	if (signer_key_file(c->key, path, e) == -1)
		return -1;
	if (signer_public(buf_string(path), line, fingerprint, e) == 0)
		return 0;
	if (e->code != ERR_MISSING ||
	    make_key(c, buf_string(path), name, e) == -1)
		return -1;
	return signer_public(buf_string(path), line, fingerprint, e);
}

static void
say_receipt(struct command_context *c, struct buf *receipt)
{
	fprintf(c->out, "%s\n", buf_string(receipt));
}

static void
say_added(struct command_context *c, const struct newcomer *n, bool waits,
    int64_t count, struct buf *receipt)
{
	if (waits)
		fprintf(c->out,
		    _("%s is enrolled once a second person approves: see "
		      "reeve acts --waiting\n"),
		    n->name);
	else if (count == 0)
		fprintf(c->out,
		    _("%s is enrolled, as the first. Approvals need two: the "
		      "second enrols the same way, with a key of their own.\n"),
		    n->name);
	else
		fprintf(c->out,
		    _("%s is enrolled, as the second. From now on two enrol "
		      "the others. Enrol a spare key or a third person soon: "
		      "two can't replace a key that one of them lost.\n"),
		    n->name);
	say_receipt(c, receipt);
}

/* The third and later ones don't enrol themselves. */
static int
tell_later(const struct newcomer *n, struct buf *path, struct err *e)
{
	return err_set(e, ERR_USAGE,
	    _("two persons are enrolled already; give one of them %s.pub, who "
	      "runs: reeve person add '%s' --pub FILE"),
	    buf_string(path), n->name);
}

static int
add_with(struct command_context *c, struct store *store, struct newcomer *n,
    const char *pub, struct err *e)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct buf path = buf_new(PATH_SIZE), line = buf_new(SSHKEY_LINE_MAX);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	struct act_how how = act_how(c);
	int64_t count = count_signers(store, e);
	bool waits = false;
	int result = -1;

	if (count == -1)
		goto out;
	if (pub == NULL ? own_key(c, n->name, &path, &line, e) == -1
	                : signer_public(pub, &line, fingerprint, e) == -1)
		goto out;
	if (pub == NULL && count >= 2) {
		tell_later(n, &path, e);
		goto out;
	}
	n->key = buf_string(&line);
	if (roster_add(store, n, &how, &waits, &receipt, e) == -1)
		goto out;
	say_added(c, n, waits, count, &receipt);
	result = 0;
out:
	buf_free(&path);
	buf_free(&line);
	buf_free(&receipt);
	return result;
}

static int
run_add(struct command_context *c, int argc, char **argv)
{
	struct newcomer n = { .role = "officer", .grounds = "" };
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	const char *pub = NULL;
	int option, result;

	while ((option = getopt_long(argc, argv, "", add_options, NULL)) != -1)
		switch (option) {
		case OPT_EMPLOYEE:
			n.employee = optarg;
			break;
		case OPT_ROLE:
			n.role = optarg;
			break;
		case OPT_PUB:
			pub = optarg;
			break;
		case OPT_GROUNDS:
			n.grounds = optarg;
			break;
		default:
			return command_usage(
			    c, &command_person, _("no such option"));
		}
	if (optind + 1 != argc)
		return command_usage(
		    c, &command_person, _("add wants one NAME"));
	n.name = argv[optind];
	result = store_open(&store, command_database(c), STORE_WRITE, &e);
	if (result == 0)
		result = add_with(c, store, &n, pub, &e);
	store_close(&store);
	return result == -1 ? command_fail(c, "person", &e) : STATUS_DONE;
}

/* ---- end ---- */

static int
run_end(struct command_context *c, int argc, char **argv)
{
	struct store *store = NULL;
	struct buf receipt = buf_new(RECEIPT_SIZE);
	struct act_how how = act_how(c);
	struct err e = { .code = ERR_NONE };
	const char *reason = NULL;
	int option, result;

	while ((option = getopt_long(argc, argv, "", end_options, NULL)) != -1)
		if (option == OPT_REASON)
			reason = optarg;
		else
			return command_usage(
			    c, &command_person, _("no such option"));
	if (optind + 1 != argc || reason == NULL || reason[0] == '\0')
		return command_usage(
		    c, &command_person, _("end wants one NAME and --reason"));
	result = store_open(&store, command_database(c), STORE_WRITE, &e);
	if (result == 0)
		result =
		    roster_end(store, argv[optind], reason, &how, &receipt, &e);
	if (result == 0) {
		fprintf(c->out,
		    _("%s's signature counts until a second person approves: "
		      "see reeve acts --waiting\n"),
		    argv[optind]);
		say_receipt(c, &receipt);
	}
	buf_free(&receipt);
	store_close(&store);
	return result == -1 ? command_fail(c, "person", &e) : STATUS_DONE;
}

/* ---- list ---- */

static const struct list_column columns[] = {
	{ "name", N_("Name"), 16 },
	{ "employee", N_("Employee"), 9 },
	{ "role", N_("Role"), 8 },
	{ "state", N_("State"), 8 },
	{ "enrolled", N_("Enrolled"), 20 },
	{ "act", N_("Act"), 5 },
	{ "fingerprint", N_("Key"), 0 },
	{ NULL, NULL, 0 },
};

/* Columns of signer_list. */
enum {
	LIST_NAME,
	LIST_EMPLOYEE,
	LIST_ROLE,
	LIST_FINGERPRINT,
	LIST_KEY,
	LIST_AT,
	LIST_ACT,
	LIST_SELF,
	LIST_VERDICT,
	LIST_ENDED,
	LIST_ENDING
};

static const char *
state_of(struct statement *st)
{
	const char *verdict = column_text(st, LIST_VERDICT);

	if (!column_is_null(st, LIST_ENDED))
		return "ended";
	if (verdict != NULL && strcmp(verdict, "refused") == 0)
		return "refused";
	if (column_int(st, LIST_SELF) == 0 && verdict == NULL)
		return "waiting";
	return column_is_null(st, LIST_ENDING) ? "enrolled" : "ending";
}

static void
list_one(struct list *l, struct statement *st)
{
	char at[NUMBER_SIZE] = "", act[NUMBER_SIZE];
	time_t time = (time_t)column_int(st, LIST_AT);
	struct tm tm;

	if (gmtime_r(&time, &tm) != NULL)
		(void)strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)snprintf(
	    act, sizeof(act), "%lld", (long long)column_int(st, LIST_ACT));
	list_row(l,
	    (const char *const[]){ column_text(st, LIST_NAME),
	        column_text(st, LIST_EMPLOYEE), column_text(st, LIST_ROLE),
	        state_of(st), at, act, column_text(st, LIST_FINGERPRINT) });
}

/*
 * For allowed_signers of ssh-keygen(1), and reeve verify --roster. Those whose
 * time ended are in it: what they signed before stands.
 */
static void
print_pinned(FILE *out, struct statement *st)
{
	const char *state = state_of(st);

	if (strcmp(state, "waiting") == 0 || strcmp(state, "refused") == 0)
		return;
	fprintf(out, "\"%s\" namespaces=\"reeve-*\" %s %s\n",
	    column_text(st, LIST_NAME), column_text(st, LIST_KEY),
	    column_text(st, LIST_FINGERPRINT));
}

static int
list_all(
    struct command_context *c, struct store *store, bool roster, struct err *e)
{
	struct statement *st = store_use(store, "signer_list", e);
	struct list *l = NULL;
	int more;

	if (!roster && list_begin(&l, c, "persons", columns, e) == -1)
		return -1;
	while ((more = store_step(st, e)) == 1)
		if (roster)
			print_pinned(c->out, st);
		else
			list_one(l, st);
	store_done(st);
	if (!roster && list_end(&l, e) == -1)
		return -1;
	return more;
}

/* While there is still somebody who could do something about it. */
static int
say_spare(struct command_context *c, struct store *store, struct err *e)
{
	struct statement *st = store_use(store, "signer_spare", e);
	int more = store_step(st, e);

	if (more == 1 && column_int(st, 0) > 0 && column_int(st, 0) < 3 &&
	    (column_int(st, 0) < 2 || column_int(st, 1) < 2))
		fputs(_("If one of them loses a key, nobody can enrol another: "
		        "enrol a third officer, or\nan auditor, now. See "
		        "reeve-person(1), \"A lost key\".\n"),
		    c->err);
	store_done(st);
	return more == -1 ? -1 : 0;
}

static int
run_list(struct command_context *c, int argc, char **argv)
{
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	bool roster = false;
	int option, result;

	while ((option = getopt_long(argc, argv, "", list_options, NULL)) != -1)
		if (option == 'r')
			roster = true;
		else
			return command_usage(
			    c, &command_person, _("no such option"));
	if (optind != argc)
		return command_usage(
		    c, &command_person, _("list wants no argument"));
	result = store_open(&store, command_database(c), STORE_READ, &e);
	if (result == 0)
		result = list_all(c, store, roster, &e);
	if (result == 0 && !roster && c->format == FORMAT_TEXT)
		result = say_spare(c, store, &e);
	store_close(&store);
	return result == -1 ? command_fail(c, "person", &e) : STATUS_DONE;
}

/* ---- The command ---- */

static const struct {
	const char *name;
	int (*run)(struct command_context *, int, char **);
} words[] = {
	{ "add", run_add },
	{ "end", run_end },
	{ "list", run_list },
};

static int
run(struct command_context *c, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]);
	     i++)
		if (strcmp(words[i].name, argv[1]) == 0)
			return words[i].run(c, argc - 1, argv + 1);
	return command_usage(c, &command_person, _("add, end or list"));
}

const struct command command_person = {
	.name = "person",
	.arguments = "add NAME [--employee NUMBER] [--role ROLE] [--pub FILE] "
	             "[--grounds TEXT] | end NAME --reason TEXT | list "
	             "[--roster]",
	.summary = N_("enrol the persons whose signatures count"),
	.help = N_(
	    "A person is an SSH key: what they decide or approve is signed "
	    "with it. Of the\nfirst two each runs \"reeve person add NAME\" "
	    "with their own key; who has none\ngets one. Later ones are "
	    "enrolled by one person and approved by another.\n\n"
	    "  --employee NUMBER  of the personnel data; two keys of one "
	    "number are one person\n"
	    "  --role ROLE        officer (the preset), reviewer or auditor\n"
	    "  --pub FILE         the key of a third or later person\n"
	    "  --grounds TEXT     how the key was brought, for the record\n"
	    "  --reason TEXT      why their time ends\n"
	    "  --roster           as allowed_signers: keep a copy elsewhere, "
	    "for reeve verify\n\n"
	    "Example: reeve person add 'Chen Mei-ling' --employee E1002\n"),
	.run = run,
	.writes = true,
};
