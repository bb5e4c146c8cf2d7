/*
 * reeve evidence verify: for an auditor who trusts nobody but whom they name.
 */
#include <getopt.h>
#include <string.h>

#include "review/evidence.h"
#include "review/fact.h"
#include "review/pack_value.h"
#include "review/pack_verify.h"
#include "schema/message.h"

extern const struct command_word evidence_command_verify;

#define HOSTS_MAX 256u
#define LINE_SIZE 24

enum {
	OPT_TRUST = 1,
	OPT_FINGERPRINT,
	OPT_TIME,
	OPT_PREVIOUS,
	OPT_ROSTER,
	OPT_HEAD,
	OPT_HOST_KEY,
	OPT_UNSIGNED
};

static const struct option options[] = {
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "fingerprint", required_argument, NULL, OPT_FINGERPRINT },
	{ "time-authority", required_argument, NULL, OPT_TIME },
	{ "previous", required_argument, NULL, OPT_PREVIOUS },
	{ "roster", required_argument, NULL, OPT_ROSTER },
	{ "head", required_argument, NULL, OPT_HEAD },
	{ "host-key", required_argument, NULL, OPT_HOST_KEY },
	{ "unsigned", no_argument, NULL, OPT_UNSIGNED },
	{ NULL, 0, NULL, 0 },
};

static const struct list_column columns[] = {
	{ "fault", N_("Fault"), 10 },
	{ "file", N_("File"), 30 },
	{ "line", N_("Line"), 6 },
	{ "text", N_("What"), 0 },
	{ NULL, NULL, 0 },
};

/* Of several, the first is the pack's. */
static const char *const words[] = { "altered", "incomplete", "unsigned",
	"untrusted", "expired" };

#define WORDS (sizeof(words) / sizeof(words[0]))

struct run {
	struct command_context *context;
	struct pack_trust *trust;
	struct pack_verifying asked;
	const char *hosts[HOSTS_MAX + 1];
	size_t host_count;
	bool trusts;       /* somebody was named */
	struct list *list; /* of the machine formats; NULL in text */
	size_t worst;      /* of words */
};

/* ---- Faults ---- */

static void
report(void *context, const struct pack_fault *f)
{
	struct run *run = context;
	struct command_context *c = run->context;
	char line[LINE_SIZE];
	size_t word = 0;

	while (word + 1 < WORDS && strcmp(words[word], f->word) != 0)
		word++;
	run->worst = word < run->worst ? word : run->worst;
	(void)snprintf(line, sizeof(line), "%lld", (long long)f->line);
	if (run->list != NULL) {
		list_row(run->list,
		    (const char *const[]){ f->word,
		        *f->name == '\0' ? NULL : f->name,
		        f->line == 0 ? NULL : line, f->text });
		return;
	}
	command_progress_end(c);
	fprintf(c->out, "%s: ", f->word);
	if (*f->name != '\0') {
		command_say(c->out, f->name);
		if (f->line > 0)
			fprintf(c->out, _(", line %s"), line);
		fputs(": ", c->out);
	}
	command_say(c->out, f->text);
	fputc('\n', c->out);
}

/* ---- What was verified, and what was not ---- */

static void
say_signer(struct command_context *c, const struct pack_signed_by *by)
{
	char until[PACK_TIME_SIZE], stamped[PACK_TIME_SIZE];

	fputs(_("  Signed by "), c->out);
	command_say(c->out, by->subject);
	fprintf(c->out, _(" (%s), certificate "), by->name);
	fprintf(c->out, "%s", by->fingerprint);
	if (by->ed25519)
		fputs(_(", and with its Ed25519 key"), c->out);
	fputs(".\n", c->out);
	(void)pack_time(by->until, until);
	if (by->stamped != FACT_UNKNOWN)
		fprintf(c->out,
		    _("    A trusted time stamp says that it was there at "
		      "%s: the certificate, which ends\n    at %s, was "
		      "valid then.\n"),
		    pack_time(by->stamped, stamped), until);
	else
		fprintf(c->out,
		    _("    Without a trusted time stamp: not verifiable after "
		      "the certificate's expiry, %s.\n"),
		    until);
}

static void
say_count(struct command_context *c, int64_t count, const char *format)
{
	char number[LINE_SIZE];
	const char *at = strstr(format, "%s");

	if (count == 0 || at == NULL)
		return;
	(void)snprintf(number, sizeof(number), "%lld", (long long)count);
	fprintf(
	    c->out, "  %.*s%s%s\n", (int)(at - format), format, number, at + 2);
}

static void
say_limits(const struct run *run, const struct pack_verdict *v)
{
	struct command_context *c = run->context;

	if (run->asked.unsigned_ok)
		fputs(_("  NO SIGNATURE was looked at (--unsigned): anybody "
		        "can have made all of this.\n"),
		    c->out);
	if (v->rehearsal)
		fputs(_("  REHEARSAL: of a database in which the time can be "
		        "set; it proves nothing.\n"),
		    c->out);
	if (!v->first && !v->previous)
		fputs(_("  The pack before it was not at hand (--previous): "
		        "that one is missing is not noticed.\n"),
		    c->out);
	if (!v->roster && v->acts > 0)
		fputs(_("  No roster was given (--roster): whose the keys of "
		        "the acts are, the pack alone says.\n"),
		    c->out);
	say_count(c, v->unseen,
	    _("%s acts of persons have rows that are not in this pack: only "
	      "the acts were verified."));
	say_count(c, v->unproven,
	    _("%s rows are shown of such acts: whether persons signed just "
	      "that can't be told here."));
	say_count(c, v->uncoded,
	    _("%s worksheets were made with codes that are not in this pack, "
	      "as while their campaign is open: whether they were can't be "
	      "told here."));
	say_count(c, v->hosts,
	    _("%s quoted sessions are of hosts whose first keys were not given "
	      "(--host-key)."));
	say_count(c, v->uncertified,
	    _("%s quoted sessions are of hosts with an origin that nobody "
	      "certified: a clone, a restore, or a lost key."));
	say_count(c, v->unlooked,
	    _("%s time stamps or Ed25519 keys are there that nothing you gave "
	      "vouches for; they count for nothing."));
	if (v->other_program)
		fputs(
		    _("  Another version made it: that its OSCAL says what its "
		      "rows do was not verified.\n"),
		    c->out);
	if (v->other_schema)
		fputs(_("  Its evidence.xsd is not this program's; the "
		        "program's was used.\n"),
		    c->out);
}

/* The firm's own numbers, by which what is overdue was found anew. */
static void
say_days(struct command_context *c, const struct pack_verdict *v)
{
	static const char *const severities[PACK_SEVERITIES] = { N_("critical"),
		N_("high"), N_("medium"), N_("low") };
	bool any = false;

	for (size_t i = 0; i < PACK_SEVERITIES; i++) {
		if (v->days[i] == 0)
			continue;
		fputs(
		    any ? ", " : _("  Days after which a finding is overdue: "),
		    c->out);
		fprintf(
		    c->out, "%s %lld", _(severities[i]), (long long)v->days[i]);
		any = true;
	}
	if (any)
		fputs(".\n", c->out);
}

static void
say_verified(const struct run *run, const struct pack_verdict *v)
{
	struct command_context *c = run->context;
	char period[EVIDENCE_PERIOD] = "";
	struct err e;

	(void)evidence_period(c, v->kind, v->from, v->to, v->made, period, &e);
	fprintf(c->out,
	    _("verified: pack %lld, %s: %lld files, %lld rows, %lld acts, "
	      "%lld quoted sessions\n"),
	    (long long)v->sequence, period, (long long)v->files,
	    (long long)v->rows, (long long)v->acts, (long long)v->sessions);
	if (v->scopes > 0)
		fputs(_("  It is limited, as its manifest says: it is not "
		        "everything of that period.\n"),
		    c->out);
	for (int64_t i = 0; i < v->signatures; i++)
		say_signer(c, &v->by[i]);
	say_days(c, v);
	say_limits(run, v);
	if (v->covered < v->places)
		fprintf(c->out,
		    _("incomplete data: %lld of %lld sources and hosts were "
		      "read; the class coverage names the rest\n"),
		    (long long)v->covered, (long long)v->places);
}

static void
say_refused(const struct run *run, const char *folder, int64_t faults)
{
	struct command_context *c = run->context;

	fprintf(c->out, "%s: ", words[run->worst]);
	command_say(c->out, folder);
	fprintf(c->out, _(": it does not verify; faults: %lld\n"),
	    (long long)faults);
	if (faults > (int64_t)PACK_FAULTS)
		fprintf(c->out, _("The first %u were shown.\n"), PACK_FAULTS);
}

static int
verify(struct run *run, const char *folder)
{
	struct command_context *c = run->context;
	struct pack_verdict verdict;
	struct err e = { .code = ERR_NONE };
	int64_t faults;

	if (c->format != FORMAT_TEXT &&
	    list_begin(&run->list, c, "faults", columns, &e) == -1)
		return evidence_fail(c, "verify", &e);
	faults = pack_verify(folder, &run->asked, &verdict, &e);
	command_progress_end(c);
	if ((run->list != NULL && list_end(&run->list, &e) == -1) ||
	    faults == -1)
		return evidence_fail(c, "verify", &e);
	if (c->format == FORMAT_TEXT && faults == 0)
		say_verified(run, &verdict);
	else if (c->format == FORMAT_TEXT)
		say_refused(run, folder, faults);
	if (faults > 0)
		return STATUS_UNVERIFIED;
	return verdict.covered < verdict.places ? STATUS_INCOMPLETE
	                                        : STATUS_DONE;
}

/* ---- Options ---- */

static int
take_trust(struct run *run, int option, const char *value, struct err *e)
{
	run->trusts = run->trusts || option != OPT_TIME;
	if (option == OPT_TRUST)
		return pack_trust_file(run->trust, value, e);
	if (option == OPT_FINGERPRINT)
		return pack_trust_fingerprint(run->trust, value, e);
	return pack_trust_time(run->trust, value, e);
}

static int
take_host(struct run *run, const char *key, struct err *e)
{
	if (run->host_count == HOSTS_MAX)
		return err_set(e, ERR_USAGE, _("--host-key: too many"));
	run->hosts[run->host_count++] = key;
	return 0;
}

static int
read_options(struct run *run, int argc, char **argv, struct err *e)
{
	struct pack_verifying *asked = &run->asked;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_TRUST:
		case OPT_FINGERPRINT:
		case OPT_TIME:
			if (take_trust(run, option, optarg, e) == -1)
				return -1;
			break;
		case OPT_PREVIOUS:
			asked->previous = optarg;
			break;
		case OPT_ROSTER:
			asked->roster = optarg;
			break;
		case OPT_HEAD:
			asked->head = optarg;
			break;
		case OPT_HOST_KEY:
			if (take_host(run, optarg, e) == -1)
				return -1;
			break;
		case OPT_UNSIGNED:
			asked->unsigned_ok = true;
			break;
		default:
			return err_set(e, ERR_USAGE, _("no such option"));
		}
	if (optind + 1 != argc)
		return err_set(
		    e, ERR_USAGE, _("one folder of a pack is wanted"));
	if (!run->trusts && !asked->unsigned_ok)
		return err_set(e, ERR_USAGE,
		    _("whom do you trust? name certificates with --trust or "
		      "--fingerprint, held from elsewhere than the pack"));
	if (run->trusts && asked->unsigned_ok)
		return err_set(e, ERR_USAGE,
		    _("--unsigned looks at no signature: --trust and "
		      "--fingerprint do not go with it"));
	return 0;
}

static int
run_verify(struct command_context *c, int argc, char **argv)
{
	struct run run = { .context = c, .worst = WORDS - 1 };
	struct err e = { .code = ERR_NONE };
	int status;

	run.asked = (struct pack_verifying){ .now = c->now,
		.host_keys = run.hosts,
		.report = report,
		.context = &run,
		.progress = command_progress,
		.progress_context = c };
	if (pack_trust_new(&run.trust, &e) == -1)
		return evidence_fail(c, "verify", &e);
	run.asked.trust = run.trust;
	if (read_options(&run, argc, argv, &e) == 0)
		status = verify(&run, argv[optind]);
	else if (e.code == ERR_USAGE)
		status =
		    evidence_usage(c, &evidence_command_verify, "%s", e.text);
	else
		status = evidence_fail(c, "verify", &e);
	pack_trust_free(&run.trust);
	return status;
}

const struct command_word evidence_command_verify = {
	.name = "verify",
	.arguments = "DIR --trust FILE... [--fingerprint HEX] "
	             "[--time-authority FILE] [--previous DIR] [--roster FILE] "
	             "[--head \"ACT HEX\"] [--host-key KEY] | DIR --unsigned",
	.summary = N_("verify a pack: signatures, files, rows, acts, proofs"),
	.help = N_(
	    "Needs no database. A line for each fault, with one word first: "
	    "altered, incomplete,\nunsigned, untrusted, expired; the exit "
	    "status is then 3, and 4 where only data of\nsources or hosts are "
	    "missing.\n\n"
	    "  --trust FILE           certificates and Ed25519 keys (PEM) of "
	    "who may sign\n"
	    "  --fingerprint HEX      SHA-256 of a certificate that may sign\n"
	    "  --time-authority FILE  certificates (PEM) of time stamp "
	    "authorities\n"
	    "  --previous DIR         the pack before it\n"
	    "  --roster FILE          whose keys may sign acts: reeve person "
	    "list --roster\n"
	    "  --head \"17 HEX\"        an act as it was acknowledged to you\n"
	    "  --host-key KEY         the first of a host whose sessions are "
	    "quoted: name+id+key\n"
	    "  --unsigned             digests and content only\n\n"
	    "Example: reeve evidence verify 2026Q4 --trust officer.pem\n"),
	.run = run_verify,
	.alone = true,
};
