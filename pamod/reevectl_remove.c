/*
 * reevectl remove: takes a factor, the recovery codes, or everything the host
 * remembers of a user.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "pamod/enroll.h"
#include "schema/message.h"
#include "pamod/reevectl_desk.h"

extern const struct command command_remove;

struct work {
	struct desk desk;
	struct desk_person person;
	const char *type; /* NULL: the whole record */
	const char *label;
};

/* What is called so in the record, and how many; nothing is changed yet. */
static int
take_out(struct work *w, struct state_user *user, char *what, size_t size,
    struct err *e)
{
	struct state_factor *factor;

	if (strcmp(w->type, "recovery") == 0) {
		if (user->recovery.made == 0)
			return err_set(e, ERR_MISSING,
			    "%s has no recovery codes", user->name);
		snprintf(what, size, "recovery");
		secret_wipe(&user->recovery, sizeof(user->recovery));
		return 0;
	}
	factor = enroll_find(user, w->type, w->label, e);
	if (factor == NULL)
		return -1;
	snprintf(what, size, "%s:%s", factor->type, factor->label);
	secret_wipe(factor, sizeof(*factor));
	return 0;
}

/*
 * Finds it in a copy, so that the trail says what goes before it does; then
 * again under the lock, since somebody may have been faster.
 */
static int
remove_factor(struct work *w, struct err *e)
{
	struct state_user user = { .uid = 0 };
	struct state_lock *lock = NULL;
	char what[64] = "";
	struct err second;
	int result = -1;

	if (state_read(w->desk.state, w->person.name, &user, e) == -1 ||
	    take_out(w, &user, what, sizeof(what), e) == -1 ||
	    desk_record(&w->desk, "remove", "yes", &w->person, what, NULL, e) ==
	        -1)
		goto out;
	if (state_lock(w->desk.state, w->person.name, &lock, &user, e) == 0 &&
	    take_out(w, &user, what, sizeof(what), e) == 0 &&
	    state_save(lock, &user, true, e) == 0)
		result = 0;
	state_unlock(&lock);
	if (result == -1 &&
	    desk_record(&w->desk, "remove", "no", &w->person, what, e->text,
	        &second) == -1)
		err_in(e, "%s; and then", second.text);
	if (result == 0)
		printf(_("Removed from %s: %s\n"), w->person.name, what);
	if (result == 0 && factor_kinds(&user, NULL, 0) == KIND_NONE)
		printf(_("%s has no factor left, and can't log in where one is "
		         "needed.\n"),
		    w->person.name);
out:
	state_wipe(&user);
	return result;
}

static int
remove_all(struct work *w, struct err *e)
{
	struct state_user user = { .uid = 0 };
	struct err second;
	int result = -1;

	/* A record that can't be read may be removed, too; a missing not. */
	if (state_read(w->desk.state, w->person.name, &user, e) == -1 &&
	    e->code == ERR_MISSING)
		goto out;
	if (desk_record(&w->desk, "remove", "yes", &w->person, NULL,
	        "the whole record", e) == -1)
		goto out;
	if (state_remove(w->desk.state, w->person.name, e) == -1) {
		if (desk_record(&w->desk, "remove", "no", &w->person, NULL,
		        e->text, &second) == -1)
			err_in(e, "%s; and then", second.text);
		goto out;
	}
	printf(
	    _("Removed: all that this host remembers of %s\n"), w->person.name);
	result = 0;
out:
	state_wipe(&user);
	return result;
}

/* Who left is unknown to the name service, but has a record. */
static int
find_person(struct work *w, const char *name, struct err *e)
{
	struct state_user user = { .uid = 0 };

	if (desk_person(name, &w->person, e) == 0)
		return 0;
	if (e->code != ERR_MISSING ||
	    state_read(w->desk.state, name, &user, e) == -1)
		return -1;
	snprintf(w->person.name, sizeof(w->person.name), "%s", user.name);
	w->person.uid = user.uid;
	state_wipe(&user);
	return 0;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "label", required_argument, NULL, 'l' },
		{ "all", no_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	struct work work = { .label = "" };
	struct err e = { .code = ERR_NONE };
	bool all = false;
	int option;
	int result = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'l')
			work.label = optarg;
		else if (option == 'a')
			all = true;
		else
			return command_usage(&command_remove);
	}
	if (argc - optind != (all ? 1 : 2))
		return command_usage(&command_remove);
	work.type = all ? NULL : argv[optind + 1];
	if (desk_open(&work.desk, context, DESK_CHANGE, &e) == 0) {
		if (find_person(&work, argv[optind], &e) == 0)
			result = all ? remove_all(&work, &e)
			             : remove_factor(&work, &e);
		desk_close(&work.desk);
	}
	return result == 0 ? STATUS_DONE : command_error("remove", &e);
}

const struct command command_remove = {
	.name = "remove",
	.summary = N_("take a factor, recovery codes, or all of a user's "
	              "record"),
	.usage = "reevectl remove USER totp|hotp|sshkey|recovery [--label L]\n"
	         "       reevectl remove USER --all\n",
	.run = run,
};
