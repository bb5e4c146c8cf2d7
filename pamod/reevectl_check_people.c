/*
 * reevectl check, people: who is concerned, and could not log in or step up
 * tomorrow.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "pamod/factor.h"
#include "pamod/factor_recovery.h"
#include "schema/message.h"
#include "pamod/person.h"
#include "pamod/reevectl_check.h"
#include "pamod/state.h"

#define AREA     "people"
#define TOMORROW 86400 /* s */

struct counting {
	struct check *check;
	struct state *state;
};

static void
add(struct check *c, const char *name)
{
	for (size_t i = 0; i < c->people_count; i++)
		if (strcmp(c->people[i], name) == 0)
			return;
	if (c->people_count == CHECK_PEOPLE_MAX) {
		c->incomplete = true;
		return;
	}
	if (strlen(name) < sizeof(c->people[0]))
		memcpy(c->people[c->people_count++], name, strlen(name) + 1);
}

/* He can't come in: the door takes him for nobody. */
static void
tell_implausible(struct check *c, const char *name)
{
	check_tell(c, CHECK_FINDING, AREA, name,
	    N_("rename it; with SSSD, set override_space or a short "
	       "full_name_format"),
	    "is concerned, and refused as unknown: names have at most %d "
	    "bytes, no blank, ':' or '/'",
	    STATE_NAME_MAX);
}

static void
add_if_concerned(struct check *c, const char *name)
{
	struct person person;
	struct err e = { .code = ERR_NONE };
	bool concerned = false;

	if (!person_name_is_plausible(name)) {
		tell_implausible(c, name);
		return;
	}
	if (person_by_name(&person, name, &e) == -1 ||
	    (person.known &&
	        person_is_concerned(
	            &person, &c->options->who, &concerned, &e) == -1)) {
		check_tell(c, CHECK_UNSEEN, AREA, name, "", "%s", e.text);
		return;
	}
	if (person.known && concerned &&
	    !conf_list_has(&c->options->who.service_accounts, name))
		add(c, name);
}

/* Its other groups list it by name. */
static bool
is_first_group(gid_t gid, const struct conf_list *groups)
{
	for (const char *name = conf_list_next(groups, NULL); name != NULL;
	     name = conf_list_next(groups, name)) {
		struct group *group = getgrnam(name);

		if (group != NULL && group->gr_gid == gid)
			return true;
	}
	return false;
}

/*
 * A group that there is not has no error. A service whose socket is gone says
 * ENOENT, and the door can't tell that from a group that it does not have:
 * packages that are installed and not set up leave many hosts so.
 */
static void
tell_unknown_group(struct check *c, const char *name, int number)
{
	check_tell(c, CHECK_FINDING, AREA, name,
	    N_("start the name service, or take it out of nsswitch.conf"),
	    "this group can't be looked up (%s): who is only in it may be of "
	    "no concern, or be refused",
	    strerror(number));
}

/*
 * Who is in the files, who is named, and the members of the groups: a
 * directory that does not list its users is asked by name.
 */
static void
find_people(struct check *c)
{
	const struct options_who *who = &c->options->who;

	setpwent();
	for (struct passwd *pw = getpwent(); pw != NULL; pw = getpwent()) {
		char name[STATE_NAME_MAX + 1];

		if (!person_name_is_plausible(pw->pw_name)) {
			if (is_first_group(pw->pw_gid, &who->groups))
				tell_implausible(c, pw->pw_name);
			continue;
		}
		memcpy(name, pw->pw_name, strlen(pw->pw_name) + 1);
		add_if_concerned(c, name);
	}
	endpwent();
	for (const char *name = conf_list_next(&who->users, NULL); name != NULL;
	     name = conf_list_next(&who->users, name))
		add_if_concerned(c, name);
	for (const char *name = conf_list_next(&who->groups, NULL);
	     name != NULL; name = conf_list_next(&who->groups, name)) {
		struct group *group;

		errno = 0;
		if ((group = getgrnam(name)) == NULL && errno != 0)
			tell_unknown_group(c, name, errno);
		for (size_t i = 0; group != NULL && group->gr_mem[i] != NULL;
		     i++)
			add_if_concerned(c, group->gr_mem[i]);
	}
}

static unsigned
count_devices(const struct state_user *user)
{
	unsigned count = 0;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		count += factor_counts(&user->factors[i], NULL, 0);
	return count;
}

/* The most that any service in which one begins asks for. */
static int64_t
kinds_wanted(const struct options *o)
{
	int64_t kinds = 1;

	for (size_t i = 0; i < o->service_count; i++)
		if ((o->services[i].type == SERVICE_SSHD ||
		        o->services[i].type == SERVICE_LOGIN) &&
		    o->services[i].kinds > kinds)
			kinds = o->services[i].kinds;
	return kinds;
}

static void
judge_login(struct check *c, const struct state_user *user)
{
	char change[160];
	bool soon = user->enroll_deadline != 0 &&
	    user->enroll_deadline < c->now + TOMORROW;

	(void)snprintf(
	    change, sizeof(change), "reevectl enroll %s totp", user->name);
	if (user->exempt_until > c->now + TOMORROW) {
		check_tell(c, CHECK_NOTE, AREA, user->name, change,
		    "exempt for now, by %s", user->exempt_approver);
		return;
	}
	if (user->enroll_deadline == 0 || soon)
		check_tell(c, CHECK_FINDING, AREA, user->name, change,
		    "has no factor and %s",
		    check_text(c,
		        soon ? N_("the time to enrol is over by tomorrow")
		             : N_("could not log in")));
	else
		check_tell(c, CHECK_NOTE, AREA, user->name, change,
		    "has no factor, and days left to enrol");
}

static void
judge_person(struct check *c, const struct state_user *user)
{
	unsigned devices = count_devices(user);
	char change[160];

	if (user->locked) {
		(void)snprintf(
		    change, sizeof(change), "reevectl unlock %s", user->name);
		check_tell(
		    c, CHECK_FINDING, AREA, user->name, change, "is locked");
	}
	if (devices == 0 && recovery_left(&user->recovery) == 0) {
		if (kinds_wanted(c->options) > 1)
			judge_login(c, user);
		return;
	}
	(void)snprintf(change, sizeof(change),
	    "reevectl enroll %s totp --label second", user->name);
	if (devices < 2)
		check_tell(c, CHECK_FINDING, AREA, user->name, change,
		    "could log in, but has no other factor to step up with");
}

static void
judge_name(struct check *c, struct state *state, const char *name)
{
	struct state_user user;
	struct err e = { .code = ERR_NONE };
	char change[160];

	if (state_read(state, name, &user, &e) == 0) {
		judge_person(c, &user);
		state_wipe(&user);
		return;
	}
	(void)snprintf(change, sizeof(change), "reevectl enroll %s totp", name);
	if (e.code != ERR_MISSING)
		check_tell(c, CHECK_FINDING, AREA, name, "", "%s", e.text);
	else if (c->options->enroll.deadline == 0)
		check_tell(c, CHECK_FINDING, AREA, name, change,
		    "has no factor and could not log in");
	else
		check_tell(c, CHECK_NOTE, AREA, name, change,
		    "was not seen yet; the time to enrol begins with the "
		    "first login");
}

void
check_people(struct check *c)
{
	const char *path = c->options->reeve.state_directory;
	struct state *state = NULL;
	struct err e = { .code = ERR_NONE };

	find_people(c);
	if (c->people_count == 0)
		check_tell(c, CHECK_FINDING, AREA, c->context->config,
		    N_("name users or groups under [who]"),
		    "nobody is concerned: nothing is guarded");
	/* check_state has said what is wrong with it. */
	if (state_open(&state, path, &c->context->clock, &c->context->entropy,
	        &e) == -1)
		return;
	for (size_t i = 0; i < c->people_count; i++)
		judge_name(c, state, c->people[i]);
	state_close(&state);
}
