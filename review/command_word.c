#include "review/command.h"

#include <getopt.h>
#include <string.h>

#include "schema/message.h"

int
command_word_fail(struct command_context *c, const char *command,
    const char *word, const struct err *e)
{
	char name[64];

	command_progress_end(c);
	(void)snprintf(name, sizeof(name), "%s %s", command, word);
	return command_fail(c, name, e);
}

int
command_word_usage(struct command_context *c, const char *command,
    const struct command_word *word, const char *format, va_list args)
{
	fprintf(c->err, "reeve %s %s: ", command, word->name);
	vfprintf(c->err, format, args);
	fprintf(c->err, _("\nusage: reeve %s %s %s\n"), command, word->name,
	    word->arguments);
	return STATUS_USAGE;
}

static void
print_words(
    const char *command, const struct command_word *const *words, FILE *out)
{
	fprintf(out,
	    _("usage: reeve %s WORD [ARGUMENT...]\n"
	      "       reeve %s WORD --help\n\n"),
	    command, command);
	for (const struct command_word *const *w = words; *w != NULL; w++)
		fprintf(out, "  %-9s %s\n", (*w)->name, _((*w)->summary));
}

static void
print_word(const char *command, const struct command_word *word, FILE *out)
{
	fprintf(out, _("usage: reeve %s %s %s\n\n%s\n"), command, word->name,
	    word->arguments, _(word->summary));
	if (word->help != NULL)
		fprintf(out, "\n%s", _(word->help));
}

static const struct command_word *
find_word(const struct command_word *const *words, const char *name)
{
	for (const struct command_word *const *w = words; *w != NULL; w++)
		if (strcmp((*w)->name, name) == 0)
			return *w;
	return NULL;
}

bool
command_word_alone(
    const struct command_word *const *words, int argc, char **argv)
{
	const struct command_word *word =
	    argc < 2 ? NULL : find_word(words, argv[1]);

	return word != NULL && word->alone;
}

int
command_words(struct command_context *c, const char *command,
    const struct command_word *const *words, int argc, char **argv)
{
	const struct command_word *word;

	if (argc < 2) {
		print_words(command, words, c->err);
		return STATUS_USAGE;
	}
	word = find_word(words, argv[1]);
	if (word == NULL) {
		fprintf(c->err, _("reeve %s: %s: no such word\n"), command,
		    argv[1]);
		print_words(command, words, c->err);
		return STATUS_USAGE;
	}
	if (argc > 2 && strcmp(argv[2], "--help") == 0) {
		print_word(command, word, c->out);
		return STATUS_DONE;
	}
	optind = 0;
	return word->run(c, argc - 1, argv + 1);
}
