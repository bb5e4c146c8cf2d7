/*
 * reeve(1): a table of subcommands.
 */
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/command.h"
#include "review/store.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define CONFIG_PATH REEVE_SYSCONFDIR "/reeve/review.conf"

/* A command is added here: its declaration and its line. */
extern const struct command command_account;
extern const struct command command_acts;
extern const struct command command_approve;
extern const struct command command_backup;
extern const struct command command_campaign;
extern const struct command command_check;
extern const struct command command_decide;
extern const struct command command_denylist;
extern const struct command command_daily;
extern const struct command command_evidence;
extern const struct command command_exception;
extern const struct command command_findings;
extern const struct command command_hold;
extern const struct command command_hr;
extern const struct command command_init;
extern const struct command command_person;
extern const struct command command_pull;
extern const struct command command_purge;
extern const struct command command_refuse;
extern const struct command command_register;
extern const struct command command_remedy;
extern const struct command command_report;
extern const struct command command_rules;
extern const struct command command_sample;
extern const struct command command_trail;
extern const struct command command_verify;

static const struct command *const commands[] = {
	&command_account,
	&command_acts,
	&command_approve,
	&command_backup,
	&command_campaign,
	&command_check,
	&command_decide,
	&command_denylist,
	&command_daily,
	&command_evidence,
	&command_exception,
	&command_findings,
	&command_hold,
	&command_hr,
	&command_init,
	&command_person,
	&command_pull,
	&command_purge,
	&command_refuse,
	&command_register,
	&command_remedy,
	&command_report,
	&command_rules,
	&command_sample,
	&command_trail,
	&command_verify,
	NULL,
};

static const struct command *
find_command(const char *name)
{
	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

static void
print_help(FILE *out)
{
	fprintf(out,
	    _("usage: reeve [OPTION...] COMMAND [ARGUMENT...]\n"
	      "       reeve COMMAND --help\n\n"
	      "  --config FILE   default: %s, if it is there\n"
	      "  --db FILE       the review database\n"
	      "  --key FILE      your key: what you decide is signed with it\n"
	      "  --now TIME      judge as of that time (RFC 3339, UTC)\n"
	      "  --format text|csv|json|xml\n"
	      "  --lang en|zh_TW\n"
	      "  --quiet         no progress\n"
	      "  --version\n\n"),
	    CONFIG_PATH);
	for (const struct command *const *c = commands; *c != NULL; c++)
		fprintf(out, "  %-10s %s\n", (*c)->name, _((*c)->summary));
}

static void
print_command_help(const struct command *command, FILE *out)
{
	fprintf(out, _("usage: reeve %s %s\n\n%s\n"), command->name,
	    command->arguments, _(command->summary));
	if (command->help != NULL)
		fprintf(out, "\n%s", _(command->help));
}

/* "2026-11-24T08:15:30Z", a fraction allowed, or a day. */
static int
read_now(const char *text, int64_t *now, struct err *e)
{
	char full[sizeof("2026-11-24T08:15:30.000000Z")];
	size_t length = strlen(text);
	int64_t ns;

	if (length == 10)
		(void)snprintf(full, sizeof(full), "%sT00:00:00.000000Z", text);
	else if (length == 20)
		(void)snprintf(full, sizeof(full), "%.19s.000000Z", text);
	else
		(void)snprintf(full, sizeof(full), "%s", text);
	if (enc_untime(full, strlen(full), &ns, e) == -1)
		return err_set(e, ERR_USAGE,
		    "--now %s: not a time like 2026-11-24T08:15:30Z", text);
	*now = ns / CLOCK_NS_PER_SECOND;
	return 0;
}

static int
read_format(const char *text, enum command_format *format, struct err *e)
{
	static const char *const names[] = { "text", "csv", "json", "xml" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], text) == 0) {
			*format = (enum command_format)i;
			return 0;
		}
	return err_set(
	    e, ERR_USAGE, "--format %s: text, csv, json or xml", text);
}

static bool
is_chinese(const char *locale)
{
	return locale != NULL && strncmp(locale, "zh", 2) == 0;
}

static int
set_language(struct command_context *c, const char *lang, struct err *e)
{
	if (lang == NULL) {
		c->zh = is_chinese(setlocale(LC_MESSAGES, NULL));
		return 0;
	}
	if (strcmp(lang, "en") != 0 && strcmp(lang, "zh_TW") != 0)
		return err_set(e, ERR_USAGE, "--lang %s: en or zh_TW", lang);
	c->zh = is_chinese(lang);
	/* In the C locale gettext(3) looks nothing up. */
	if (strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0)
		(void)setlocale(LC_ALL, "C.UTF-8");
	if (setenv("LANGUAGE", lang, 1) == -1)
		return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

/* Beside the program, where it was built but not installed. */
static void
find_messages(void)
{
	char path[PATH_MAX + sizeof("/locale/.")];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash = NULL;

	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
	}
	if (slash != NULL)
		/* A folder: /usr/bin/locale is a program. */
		(void)strcpy(slash, "/locale/.");
	(void)bindtextdomain(MESSAGE_DOMAIN,
	    slash != NULL && access(path, R_OK) == 0 ? path : REEVE_LOCALEDIR);
}

enum { OPT_CONFIG = 1, OPT_DB, OPT_NOW, OPT_FORMAT, OPT_LANG, OPT_KEY };

static const struct option options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "db", required_argument, NULL, OPT_DB },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "now", required_argument, NULL, OPT_NOW },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* The options before the command. 1: go on; 0: all is said; -1. */
static int
read_options(struct command_context *c, int argc, char **argv, struct err *e)
{
	const char *lang = NULL;
	bool help = false;
	int option;

	while ((option = getopt_long(argc, argv, "+qh", options, NULL)) != -1)
		switch (option) {
		case OPT_CONFIG:
			c->config_path = optarg;
			break;
		case OPT_DB:
			c->db = optarg;
			break;
		case OPT_KEY:
			c->key = optarg;
			break;
		case OPT_NOW:
			c->now_given = true;
			if (read_now(optarg, &c->now, e) == -1)
				return -1;
			break;
		case OPT_FORMAT:
			if (read_format(optarg, &c->format, e) == -1)
				return -1;
			break;
		case OPT_LANG:
			lang = optarg;
			break;
		case 'q':
			c->quiet = true;
			break;
		case 'h':
			help = true;
			break;
		case 'V':
			puts("reeve " REEVE_VERSION);
			return 0;
		default:
			return err_set(e, ERR_USAGE, "see reeve --help");
		}
	if (set_language(c, lang, e) == -1)
		return -1;
	if (help)
		print_help(stdout);
	return help ? 0 : 1;
}

static int
read_clock(struct command_context *c, struct err *e)
{
	struct clock clock = clock_system();
	struct moment now;

	if (c->now_given)
		return 0;
	if (clock_read(&clock, &now, e) == -1)
		return -1;
	c->now = moment_seconds(&now);
	return 0;
}

/*
 * Whoever uses a rehearsal is told; and only there a time that was given may
 * get into the database. Without one yet, there is nothing to tell.
 */
static int
check_rehearsal(
    const struct command *command, struct command_context *c, struct err *e)
{
	struct store *store = NULL;
	struct statement *s;
	int rehearsal = 0;

	if (store_open(&store, command_database(c), STORE_READ, e) == 0) {
		s = store_use(store, "setting_get", e);
		bind_text(s, ":name", "rehearsal");
		rehearsal = store_step(s, e);
		store_close(&store);
	} else if (e->code != ERR_MISSING) {
		return 0; /* the command says so itself, if it wants one */
	}
	if (rehearsal == 1)
		fputs(_("REHEARSAL: nothing of this database is evidence\n"),
		    c->err);
	if (rehearsal == 0 && c->now_given && command->writes)
		return err_set(e, ERR_USAGE,
		    "--now: only in a database made by reeve init --rehearsal");
	return rehearsal == -1 ? -1 : 0;
}

static int
run(const struct command *command, struct command_context *c, int argc,
    char **argv)
{
	struct err e = { .code = ERR_NONE };
	bool alone = command->alone != NULL && command->alone(argc, argv);
	int status;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_command_help(command, stdout);
		return STATUS_DONE;
	}
	c->config = alone
	    ? config_load(NULL, false, &e)
	    : config_load(c->config_path == NULL ? CONFIG_PATH : c->config_path,
	          c->config_path != NULL, &e);
	if (c->config == NULL || read_clock(c, &e) == -1 ||
	    (!alone && check_rehearsal(command, c, &e) == -1))
		return command_fail(c, command->name, &e);
	optind = 0; /* each command reads its own options anew */
	status = command->run(c, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err_set(&e, ERR_SYS, "standard output could not be written");
		return command_fail(c, command->name, &e);
	}
	return status;
}

/* To whom nothing is set up yet: how it begins. */
static void
say_beginning(const struct command_context *c)
{
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };

	if (store_open(&store, c->db == NULL ? "" : c->db, STORE_READ, &e) ==
	        -1 &&
	    e.code == ERR_MISSING)
		fputs(
		    _("\nNothing was pulled yet. Begin with what you have; no "
		      "set-up is needed:\n\n"
		      "  reeve pull ldif:FILE      or ldaps://SERVER, "
		      "passwd:DIR, csv:FILE\n"
		      "  reeve check\n"
		      "  reeve findings\n\n"
		      "What comes after that is in reeve(1), and step by step "
		      "in the guide first-review.\n"),
		    c->err);
	store_close(&store);
}

int
main(int argc, char **argv)
{
	struct command_context c = { .out = stdout, .err = stderr };
	struct err e = { .code = ERR_NONE };
	const struct command *command;
	int more;
	int status;

	/* Else libldap would obey an ldaprc of the working directory. */
	if (setenv("LDAPNOINIT", "1", 1) == -1)
		return STATUS_USAGE;
	(void)setlocale(LC_ALL, "");
	find_messages();
	more = read_options(&c, argc, argv, &e);
	if (more == -1)
		return command_fail(&c, NULL, &e);
	if (more == 0)
		return STATUS_DONE;
	if (optind >= argc) {
		print_help(stderr);
		say_beginning(&c);
		return STATUS_USAGE;
	}
	command = find_command(argv[optind]);
	if (command == NULL) {
		err_set(&e, ERR_USAGE, "%s: no such command; see reeve --help",
		    argv[optind]);
		return command_fail(&c, NULL, &e);
	}
	status = run(command, &c, argc - optind, argv + optind);
	config_free(&c.config);
	return status;
}
