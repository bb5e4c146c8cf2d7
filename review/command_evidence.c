/*
 * reeve evidence: a table of its words.
 */
#include <string.h>

#include "review/command.h"
#include "review/csv.h"
#include "review/evidence.h"
#include "review/workday.h"
#include "schema/message.h"

extern const struct command command_evidence;

/* A word is added here: its declaration and its line. */
extern const struct command_word evidence_command_keygen;
extern const struct command_word evidence_command_export;
extern const struct command_word evidence_command_sign;
extern const struct command_word evidence_command_timestamp;
extern const struct command_word evidence_command_list;
extern const struct command_word evidence_command_verify;

static const struct command_word *const words[] = {
	&evidence_command_keygen,
	&evidence_command_export,
	&evidence_command_sign,
	&evidence_command_timestamp,
	&evidence_command_list,
	&evidence_command_verify,
	NULL,
};

int
evidence_fail(struct command_context *c, const char *word, const struct err *e)
{
	return command_word_fail(c, "evidence", word, e);
}

int
evidence_usage(struct command_context *c, const struct command_word *word,
    const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = command_word_usage(c, "evidence", word, format, args);
	va_end(args);
	return status;
}

static const struct {
	const char *kind, *text;
} kinds[] = {
	{ "periodic", N_("periodic") },
	{ "annual", N_("annual") },
	{ "case", N_("of a case") },
	{ "topic", N_("of a topic") },
};

static const char *
kind_text(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return _(kinds[i].text);
	return kind;
}

int
evidence_period(const struct command_context *c, const char *kind, int64_t from,
    int64_t to, int64_t made, char out[EVIDENCE_PERIOD], struct err *e)
{
	char begins[DAY_TEXT], ends[DAY_TEXT], day[DAY_TEXT];
	int64_t zone;

	if (csv_zone(c->config->time_zone, &zone, e) == -1)
		return err_in(e, "time_zone");
	(void)snprintf(out, EVIDENCE_PERIOD, _("%s: %s to %s, made %s"),
	    kind_text(kind), day_text(day_of(from, zone), begins),
	    day_text(day_of(to - 1, zone), ends),
	    day_text(day_of(made, zone), day));
	return 0;
}

static int
run_evidence(struct command_context *c, int argc, char **argv)
{
	return command_words(c, "evidence", words, argc, argv);
}

static bool
alone(int argc, char **argv)
{
	return command_word_alone(words, argc, argv);
}

const struct command command_evidence = {
	.name = "evidence",
	.arguments = N_("WORD [ARGUMENT...]"),
	.summary =
	    N_("packs that an outsider can verify: export, sign, verify"),
	.help =
	    N_("keygen, export, sign, timestamp, verify, list: each has its "
	       "own --help.\n"
	       "Example: reeve evidence export 2026Q4 --quarter 2026Q4\n"),
	.run = run_evidence,
	.writes = true,
	.alone = alone,
};
