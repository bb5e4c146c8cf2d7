/*
 * reevectl unlock: forgets what makes a user wait; with --clock also the TOTP
 * steps that were burnt while the clock was ahead.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "schema/message.h"
#include "pamod/reevectl_desk.h"
#include "pamod/throttle.h"

extern const struct command command_unlock;

/*
 * The newest step that a clock which is right can have burnt: the device's,
 * which may be ahead, and the window. What is set back is set to this, so that
 * no code of a step that may have been burnt rightly comes back; the user
 * waits for the window to pass.
 */
static uint64_t
newest_step(const struct state_factor *factor,
    const struct factor_limits *limits, int64_t now)
{
	int64_t step = now / factor->period + limits->totp_window +
	    (factor->drift > 0 ? factor->drift : 0);

	return step > 0 ? (uint64_t)step : 0;
}

/* How many factors had steps of the future. */
static int
clear_future(
    struct state_user *user, const struct factor_limits *limits, int64_t now)
{
	int count = 0;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *f = &user->factors[i];

		if (strcmp(f->type, "totp") != 0 || f->period == 0 ||
		    f->counter <= newest_step(f, limits, now))
			continue;
		f->counter = newest_step(f, limits, now);
		count++;
	}
	return count;
}

static int
unlock(struct desk *desk, const struct desk_person *person, bool clock,
    struct err *e)
{
	const struct factor_limits *limits = &desk->context->options->factor;
	struct state_user user;
	struct state_lock *lock;
	unsigned failures = 0;
	int cleared = 0;
	int result = -1;

	if (state_lock(desk->state, person->name, &lock, &user, e) == -1)
		return -1;
	failures = user.failures;
	throttle_unlock(&user);
	if (clock)
		cleared = clear_future(&user, limits, desk->now);
	result = state_save(lock, &user, true, e);
	state_unlock(&lock);
	state_wipe(&user);
	if (result == 0)
		printf(_("%s no longer waits; failures forgotten: %u\n"),
		    person->name, failures);
	if (result == 0 && clock)
		printf(
		    _("TOTP factors with codes of the future: %d\n"), cleared);
	return result;
}

/* Who left the name service may still have a record. */
static int
find_person(struct desk *desk, const char *name, struct desk_person *person,
    struct err *e)
{
	struct state_user user;

	if (state_read(desk->state, name, &user, e) == -1)
		return -1;
	*person = (struct desk_person){ .uid = user.uid };
	memcpy(person->name, user.name, sizeof(person->name));
	state_wipe(&user);
	return 0;
}

static int
record_and_unlock(
    struct desk *desk, const char *name, bool clock, struct err *e)
{
	const char *detail = clock ? "clock" : NULL;
	struct desk_person person;
	struct err second;

	/* The trail says it before it is so. */
	if (find_person(desk, name, &person, e) == -1 ||
	    desk_record(desk, "unlock", "yes", &person, NULL, detail, e) == -1)
		return -1;
	if (unlock(desk, &person, clock, e) == 0)
		return 0;
	if (desk_record(
	        desk, "unlock", "no", &person, NULL, e->text, &second) == -1)
		err_in(e, "%s; and then", second.text);
	return -1;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "clock", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct err e = { .code = ERR_NONE };
	struct desk desk;
	bool clock = false;
	int option;
	int result = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return command_usage(&command_unlock);
		clock = true;
	}
	if (argc - optind != 1)
		return command_usage(&command_unlock);
	if (desk_open(&desk, context, DESK_CHANGE, &e) == 0) {
		result = record_and_unlock(&desk, argv[optind], clock, &e);
		desk_close(&desk);
	}
	return result == 0 ? STATUS_DONE : command_error("unlock", &e);
}

const struct command command_unlock = {
	.name = "unlock",
	.summary = N_("forget the failures that make a user wait"),
	.usage = "reevectl unlock USER [--clock]\n",
	.run = run,
};
