/*
 * `reevectl blocklist`: makes the filter of known passwords, and shows one.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pamod/blocklist.h"
#include "pamod/blocklist_build.h"
#include "pamod/command.h"
#include "schema/message.h"

#define DEFAULT_PATH REEVE_LOCALSTATEDIR "/lib/reeve/blocklist"

extern const struct command command_blocklist;

static const struct {
	const char *prefix;
	enum blocklist_list kind;
} kinds[] = {
	{ "ranked:", LIST_RANKED },
	{ "words:", LIST_WORDS },
	{ "sha1:", LIST_SHA1 },
	{ "ntlm:", LIST_NTLM },
};

static void
show_progress(void *context, const char *what, uint64_t lines)
{
	(void)context;
	fprintf(stderr, "\r\033[K%s: %" PRIu64, what, lines);
}

static int
add_list(struct blocklist_build *b, const char *argument, struct err *e)
{
	enum blocklist_list kind = LIST_DETECT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (strncmp(argument, kinds[i].prefix, length) != 0)
			continue;
		kind = kinds[i].kind;
		argument += length;
		break;
	}
	return blocklist_build_add(b, argument, kind, e);
}

static int
print_facts(const char *path, bool verify, struct err *e)
{
	const struct file_rule roots = { .owner = 0, .forbidden = 022 };
	struct blocklist *b;
	struct blocklist_facts facts;
	char built[32] = "";
	struct tm tm;
	time_t when;
	int result = -1;

	if (blocklist_open(&b, path, &roots, e) == -1)
		return -1;
	facts = blocklist_facts(b);
	when = (time_t)facts.built;
	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(built, sizeof(built), "%Y-%m-%dT%H:%M:%SZ", &tm);
	printf(_("%s: %" PRIu64 " passwords, %" PRIu64 " cores, %" PRIu64
	         " bytes, built %s%s%s\n"),
	    path, facts.exact, facts.cores, facts.size, built,
	    facts.sha1 ? ", SHA-1" : "", facts.ntlm ? ", NTLM" : "");
	if (verify && blocklist_verify(b, e) == -1) {
		err_in(e, "%s", path);
		goto out;
	}
	result = 0;
out:
	blocklist_close(&b);
	return result;
}

static int
build(const struct context *c, const char *path, int count, char **lists,
    struct err *e)
{
	bool terminal = isatty(STDERR_FILENO) == 1;
	struct blocklist_build *b;
	struct moment now;
	int result = -1;

	if (clock_read(&c->clock, &now, e) == -1 ||
	    blocklist_build_new(
	        &b, path, terminal ? show_progress : NULL, NULL, e) == -1)
		return -1;
	for (int i = 0; i < count; i++)
		if (add_list(b, lists[i], e) == -1)
			goto out;
	if (blocklist_build_finish(b, moment_seconds(&now), e) == -1)
		goto out;
	if (terminal)
		fputs("\r\033[K", stderr);
	if (blocklist_build_passed_over(b) > 0)
		fprintf(stderr,
		    _("reevectl: blocklist: %" PRIu64
		      " lines passed over: empty, too long, or not UTF-8\n"),
		    blocklist_build_passed_over(b));
	result = print_facts(path, false, e);
out:
	if (terminal && result == -1)
		fputc('\n', stderr);
	blocklist_build_free(&b);
	return result;
}

static enum status
run(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = DEFAULT_PATH;
	const char *what = argc > 1 ? argv[1] : "";
	bool building = strcmp(what, "build") == 0;
	struct err e = { .code = ERR_NONE };
	int option;
	int result;

	if (!building && strcmp(what, "show") != 0)
		return command_usage(&command_blocklist);
	argc--;
	argv++;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) == 'o')
		path = optarg;
	if (option != -1 || (optind == argc) == building)
		return command_usage(&command_blocklist);
	result = building ? build(c, path, argc - optind, argv + optind, &e)
	                  : print_facts(path, true, &e);
	if (result == 0)
		return STATUS_DONE;
	if (e.code == ERR_MISSING)
		e.code = ERR_USAGE;
	return command_error("blocklist", &e);
}

const struct command command_blocklist = {
	.name = "blocklist",
	.summary = N_("make or show the filter of known passwords"),
	.usage =
	    "reevectl blocklist build [--output FILE] LIST...\n"
	    "       reevectl blocklist show [--output FILE]\n"
	    "\n"
	    "A LIST is a file with an entry a line, or - for standard\n"
	    "input. In front of it may stand what it is:\n"
	    "  ranked:  plain text, the most common first (the default)\n"
	    "  words:   plain text in any other order\n"
	    "  sha1:    SHA-1 digests, HEX or HEX:count\n"
	    "  ntlm:    NTLM digests, the same\n"
	    "Digests are recognised by the first line. FILE is\n" DEFAULT_PATH
	    " unless it is given.\n"
	    "show checks every byte; exit status 3 if the file was "
	    "altered.\n",
	.without_options = true,
	.run = run,
};
