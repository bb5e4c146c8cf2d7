/*
 * reeve evidence export: a pack, and what its reader must know of it.
 */
#include <getopt.h>
#include <string.h>

#include "review/csv.h"
#include "review/evidence.h"
#include "review/pack_export.h"
#include "review/workday.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command_word evidence_command_export;

#define SIGNERS_MAX 16u
#define TRAILS_MAX  1000u

enum {
	OPT_QUARTER = 1,
	OPT_YEAR,
	OPT_FROM,
	OPT_TO,
	OPT_KIND,
	OPT_SIGNER,
	OPT_SYSTEM,
	OPT_PERSON,
	OPT_RULE,
	OPT_CAMPAIGN,
	OPT_TRAIL
};

static const struct option options[] = {
	{ "quarter", required_argument, NULL, OPT_QUARTER },
	{ "year", required_argument, NULL, OPT_YEAR },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "signer", required_argument, NULL, OPT_SIGNER },
	{ "system", required_argument, NULL, OPT_SYSTEM },
	{ "person", required_argument, NULL, OPT_PERSON },
	{ "rule", required_argument, NULL, OPT_RULE },
	{ "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "trail", required_argument, NULL, OPT_TRAIL },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	const char *quarter, *year, *from, *to;
	struct manifest_signer signers[SIGNERS_MAX];
	const char *trails[TRAILS_MAX];
	struct pack_exporting x;
};

/* ---- The command line ---- */

/* NAME or NAME=SHA256 of a certificate. */
static int
add_signer(struct arguments *a, const char *text, struct err *e)
{
	struct manifest_signer *s = &a->signers[a->x.signer_count];
	size_t length = strcspn(text, "=");
	const char *pin = text + length;

	if (a->x.signer_count == SIGNERS_MAX)
		return err_set(
		    e, ERR_USAGE, _("at most %u signers"), SIGNERS_MAX);
	if (length < sizeof(s->name)) {
		memcpy(s->name, text, length);
		s->name[length] = '\0';
	}
	if (length >= sizeof(s->name) || !evidence_name_ok(s->name) ||
	    strchr(s->name, '/') != NULL)
		return err_set(e, ERR_USAGE,
		    _("--signer: a name of letters, digits, '.', '_' and '-'"));
	for (size_t i = 0; i < a->x.signer_count; i++)
		if (strcmp(a->signers[i].name, s->name) == 0)
			return err_set(
			    e, ERR_USAGE, _("%s is there twice"), s->name);
	s->pinned = *pin == '=';
	if (s->pinned &&
	    enc_unhex(pin + 1, strlen(pin + 1), s->certificate,
	        sizeof(s->certificate), e) == -1)
		return err_set(e, ERR_USAGE,
		    _("--signer %s: not a certificate's SHA-256, 64 digits"),
		    s->name);
	a->x.signer_count++;
	return 0;
}

static int
add_trail(struct arguments *a, const char *ask, struct err *e)
{
	if (a->x.trail_count == TRAILS_MAX)
		return err_set(
		    e, ERR_USAGE, _("at most %u trails"), TRAILS_MAX);
	a->trails[a->x.trail_count++] = ask;
	return 0;
}

static int
check_kind(const char *kind, struct err *e)
{
	static const char *const kinds[] = { "periodic", "annual", "case",
		"topic" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return 0;
	return err_set(
	    e, ERR_USAGE, _("--kind periodic, annual, case or topic"));
}

static int
read_options(struct arguments *a, int argc, char **argv, struct err *e)
{
	const struct {
		int option;
		const char **place;
	} texts[] = {
		{ OPT_QUARTER, &a->quarter },
		{ OPT_YEAR, &a->year },
		{ OPT_FROM, &a->from },
		{ OPT_TO, &a->to },
		{ OPT_KIND, &a->x.kind },
		{ OPT_SYSTEM, &a->x.scope.system },
		{ OPT_PERSON, &a->x.scope.person },
		{ OPT_RULE, &a->x.scope.rule },
		{ OPT_CAMPAIGN, &a->x.scope.campaign },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return err_set(e, ERR_USAGE, _("an unknown option"));
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			if (texts[i].option == option)
				*texts[i].place = optarg;
		if (option == OPT_SIGNER && add_signer(a, optarg, e) == -1)
			return -1;
		if (option == OPT_TRAIL && add_trail(a, optarg, e) == -1)
			return -1;
	}
	if (argc - optind != 1)
		return err_set(e, ERR_USAGE, _("one folder"));
	a->x.folder = argv[optind];
	return a->x.kind == NULL ? 0 : check_kind(a->x.kind, e);
}

static int
read_year(const char *text, int64_t *first, int64_t *last, struct err *e)
{
	char day[DAY_TEXT];

	if (strlen(text) == 4 && strspn(text, "0123456789") == 4) {
		(void)snprintf(day, sizeof(day), "%s-01-01", text);
		if (day_read(day, first, e) == 0) {
			(void)snprintf(day, sizeof(day), "%s-12-31", text);
			return day_read(day, last, e);
		}
	}
	return err_set(e, ERR_USAGE, _("%s: not a year like 2026"), text);
}

/* Days, both of them in it; without any, the quarter that it is. */
static int
read_days(const struct arguments *a, int64_t today, int64_t *first,
    int64_t *last, struct err *e)
{
	if ((a->quarter != NULL) + (a->year != NULL) +
	        (a->from != NULL || a->to != NULL) >
	    1)
		return err_set(e, ERR_USAGE,
		    _("one of --quarter, --year, and --from with --to"));
	if (a->quarter != NULL)
		return quarter_read(a->quarter, first, last, e);
	if (a->year != NULL)
		return read_year(a->year, first, last, e);
	quarter_of(today, first, last);
	if (a->from == NULL && a->to == NULL)
		return 0;
	if (a->from == NULL || a->to == NULL)
		return err_set(e, ERR_USAGE,
		    _("one of --quarter, --year, and --from with --to"));
	if (day_read(a->from, first, e) == -1 || day_read(a->to, last, e) == -1)
		return -1;
	return *first > *last
	    ? err_set(e, ERR_USAGE, _("--to is before --from"))
	    : 0;
}

static int
read_period(struct command_context *c, struct arguments *a, struct err *e)
{
	struct pack_scope *scope = &a->x.scope;
	int64_t zone, first = 0, last = 0;

	if (csv_zone(c->config->time_zone, &zone, e) == -1)
		return err_in(e, "time_zone");
	if (read_days(a, day_of(c->now, zone), &first, &last, e) == -1)
		return -1;
	scope->from = day_start(first, zone);
	scope->to = day_start(last + 1, zone);
	if (a->x.kind == NULL)
		a->x.kind = scope->system != NULL || scope->person != NULL ||
		        scope->rule != NULL || scope->campaign != NULL
		    ? "topic"
		    : a->year != NULL ? "annual"
		                      : "periodic";
	return 0;
}

/* ---- What was made ---- */

static void
say_size(struct command_context *c, const struct pack_exported *out,
    const char *folder)
{
	const struct manifest *m = out->manifest;
	int64_t rows = 0, bytes = 0;

	for (size_t i = 0; i < m->file_count; i++) {
		rows += m->files[i].rows;
		bytes += m->files[i].bytes;
	}
	fprintf(c->out, _("pack %lld: %lld rows, %zu files, %lld bytes\n"),
	    (long long)out->sequence, (long long)rows, m->file_count,
	    (long long)bytes);
	fprintf(c->out, _("It is signed by: reeve evidence sign %s\n"), folder);
}

static void
say_gaps(struct command_context *c, const struct manifest *m)
{
	if (m->to > m->made)
		fputs(_("The period is not over.\n"), c->out);
	if (m->check == FACT_UNKNOWN)
		fputs(_("Nothing was checked yet.\n"), c->out);
	if (m->state_at != FACT_UNKNOWN && m->state_at >= m->to)
		fputs(_("Accounts and rights are of a time after the "
		        "period.\n"),
		    c->out);
	for (size_t i = 0; i < m->class_count; i++)
		if (*m->classes[i].withheld != '\0')
			fprintf(c->out, _("%s: %lld of %lld rows: %s\n"),
			    m->classes[i].name, (long long)m->classes[i].rows,
			    (long long)m->classes[i].total,
			    m->classes[i].withheld);
	if (m->covered < m->places)
		fprintf(c->out,
		    _("Incomplete: %lld of %lld sources and hosts were "
		      "read.\n"),
		    (long long)m->covered, (long long)m->places);
}

static int
say_done(
    struct command_context *c, struct pack_exported *out, const char *folder)
{
	const struct manifest *m = out->manifest;
	struct buf hex = buf_new(128);

	enc_hex(&hex, out->digest, sizeof(out->digest));
	if (m == NULL)
		fprintf(c->out, _("pack %lld was whole but for its name\n"),
		    (long long)out->sequence);
	else
		say_size(c, out, folder);
	fprintf(
	    c->out, "%s: SHA-256 %s\n", EVIDENCE_MANIFEST, buf_string(&hex));
	buf_free(&hex);
	if (m == NULL)
		return STATUS_DONE;
	fprintf(c->out, "%s\n", buf_string(&out->receipt));
	say_gaps(c, m);
	return m->covered < m->places ? STATUS_INCOMPLETE : STATUS_DONE;
}

static int
run_export(struct command_context *c, int argc, char **argv)
{
	struct arguments a = { .x = { .config = c->config,
		                   .how = act_how(c),
		                   .progress = command_progress,
		                   .progress_context = c } };
	struct err e = { .code = ERR_NONE };
	struct pack_exported out = { .manifest = NULL };
	struct store *store = NULL;
	int status;

	a.x.signers = a.signers;
	a.x.trails = a.trails;
	a.x.how.roles = "officer,auditor";
	a.x.how.by_program = c->key == NULL;
	if (read_options(&a, argc, argv, &e) == -1)
		return evidence_usage(
		    c, &evidence_command_export, "%s", e.text);
	if (read_period(c, &a, &e) == -1 ||
	    store_open(&store, command_database(c), STORE_WRITE, &e) == -1)
		return evidence_fail(c, "export", &e);
	status = pack_export(store, &a.x, &out, &e);
	command_progress_end(c);
	status = status == -1 ? evidence_fail(c, "export", &e)
	                      : say_done(c, &out, a.x.folder);
	pack_exported_free(&out);
	store_close(&store);
	return status;
}

const struct command_word evidence_command_export = {
	.name = "export",
	.arguments = N_("DIR [--quarter 2026Q4 | --year 2026 | --from DAY --to "
	                "DAY] [OPTION...]"),
	.summary = N_("a pack of evidence, as files that anybody can verify"),
	.help =
	    N_("DIR is made, or is empty. Days are those of time_zone; without "
	       "any, the\n"
	       "quarter that it is.\n"
	       "  --system NAME    a source or a host, and nothing else\n"
	       "  --person NUMBER  an employee\n"
	       "  --rule ID        a rule's findings\n"
	       "  --campaign NAME  a campaign\n"
	       "  --kind WORD      periodic, annual, case or topic\n"
	       "  --trail DIR[:SESSION,...]  quotes sessions from a copy of a "
	       "host's trail:\n"
	       "                   these, or all that daily records ask to "
	       "examine\n"
	       "  --signer NAME[=SHA256]  who must sign it, and with which "
	       "certificate\n"
	       "With --key it is the act of a person, else of the program. "
	       "Status 4: not\n"
	       "all sources and hosts were read.\n"
	       "Example: reeve evidence export 2026Q4 --quarter 2026Q4 "
	       "--signer officer\n"),
	.run = run_export,
};
