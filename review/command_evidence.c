/*
 * reeve evidence: a table of its words.
 */
#include "review/command.h"
#include "review/evidence.h"
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
