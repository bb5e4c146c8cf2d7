/*
 * `reevectl password`: judges candidates, one a line, by reeve.conf's rules.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "pamod/command.h"
#include "schema/message.h"
#include "pamod/password.h"

#define HOST_MAX 255

/* What is known of the user whose candidates they are. */
struct whose {
	struct password_subject subject;
	struct state_user record;
	char *gecos;
	char host[HOST_MAX + 1];
};

/* History is judged too where there is a record. */
static int
read_record(
    const struct context *c, const char *user, struct whose *w, struct err *e)
{
	struct state *state = NULL;
	int result = 0;

	if (state_open(&state, c->options->reeve.state_directory, &c->clock,
	        &c->entropy, e) == -1)
		return e->code == ERR_MISSING ? 0 : -1;
	if (state_read(state, user, &w->record, e) == 0)
		w->subject.record = &w->record;
	else if (e->code != ERR_MISSING)
		result = err_in(e, "%s", user);
	state_close(&state);
	return result;
}

static int
find_user(
    const struct context *c, const char *user, struct whose *w, struct err *e)
{
	struct passwd *entry = getpwnam(user);

	if (entry == NULL)
		return err_set(e, ERR_USAGE, "%s: no such user", user);
	w->gecos = strdup(entry->pw_gecos != NULL ? entry->pw_gecos : "");
	if (w->gecos == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	(void)gethostname(w->host, HOST_MAX);
	w->subject.user = user;
	w->subject.gecos = w->gecos;
	w->subject.host = w->host;
	return read_record(c, user, w, e);
}

static void
print_verdict(unsigned reasons)
{
	const char *before = "no: ";

	if (reasons == 0) {
		puts("ok");
		return;
	}
	for (const enum password_reason *r = password_reasons; *r != 0; r++) {
		if ((reasons & (unsigned)*r) == 0)
			continue;
		printf("%s%s", before, password_reason_word(*r));
		before = ", ";
	}
	putchar('\n');
}

/* 0: all were judged, *refused of them refused. */
static int
judge_lines(const struct password_means *means, const struct whose *w,
    size_t *refused, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int result = -1;

	while ((length = getline(&line, &room, stdin)) != -1) {
		unsigned reasons = PASSWORD_NOT_TEXT;

		if (line[length - 1] == '\n')
			line[--length] = '\0';
		if (strlen(line) == (size_t)length &&
		    password_judge_with(
		        means, &w->subject, line, &reasons, e) == -1)
			goto out;
		print_verdict(reasons);
		*refused += reasons != 0;
	}
	if (ferror(stdin)) {
		err_sys(e, errno, "standard input");
		goto out;
	}
	result = 0;
out:
	secret_wipe(line, room);
	free(line);
	return result;
}

extern const struct command command_password;

static enum status
run(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "user", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	struct whose *w = calloc(1, sizeof(*w));
	struct password_means *means = NULL;
	const char *user = NULL;
	size_t refused = 0;
	enum status status = STATUS_DONE;
	struct err e = { .code = ERR_NONE };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) == 'u')
		user = optarg;
	if (option != -1 || optind != argc) {
		status = command_usage(&command_password);
		goto out;
	}
	if (w == NULL)
		err_set(&e, ERR_MEMORY, "out of memory");
	if (w == NULL || (user != NULL && find_user(c, user, w, &e) == -1) ||
	    password_means_open(&means, &c->options->password, &e) == -1 ||
	    judge_lines(means, w, &refused, &e) == -1)
		status = command_error("password", &e);
	else if (refused > 0)
		status = STATUS_FOUND;
out:
	password_means_close(&means);
	if (w != NULL) {
		free(w->gecos);
		state_wipe(&w->record);
	}
	free(w);
	return status;
}

const struct command command_password = {
	.name = "password",
	.summary = N_("judge passwords, one a line on standard input"),
	.usage =
	    "reevectl password [--user USER]\n"
	    "\n"
	    "Reads candidates, one a line, and answers each with a line:\n"
	    "\"ok\", or \"no: \" and every reason, by [password] of\n"
	    "reeve.conf. With --user also by that user's names and former\n"
	    "passwords. Candidates are never shown again.\n"
	    "Exit status 1 if any was refused.\n",
	.run = run,
};
