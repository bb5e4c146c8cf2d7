#include "pamod/person.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/secret.h"

#define ENTRY_FIRST_ROOM 4096u
#define ENTRY_MAX        (1024u * 1024) /* a group's members, mostly */

static void
fill(struct person *p, const struct passwd *entry)
{
	size_t gecos = entry->pw_gecos == NULL ? 0 : strlen(entry->pw_gecos);

	if (strlen(entry->pw_name) > STATE_NAME_MAX)
		return;
	if (gecos > PERSON_GECOS_MAX)
		gecos = PERSON_GECOS_MAX;
	p->known = true;
	memcpy(p->name, entry->pw_name, strlen(entry->pw_name) + 1);
	if (gecos > 0)
		memcpy(p->gecos, entry->pw_gecos, gecos);
	p->uid = entry->pw_uid;
	p->gid = entry->pw_gid;
}

/* One NSS answer in a buffer that grows while it says ERANGE. */
struct lookup {
	const char *name; /* NULL: by uid */
	uid_t uid;
	struct person *person;
	struct person_shadow *shadow;
	gid_t *group;
	bool found;
};

static int
ask_passwd(struct lookup *l, char *room, size_t size)
{
	struct passwd entry;
	struct passwd *answer = NULL;
	int number = l->name == NULL
	    ? getpwuid_r(l->uid, &entry, room, size, &answer)
	    : getpwnam_r(l->name, &entry, room, size, &answer);

	if (number == 0 && answer != NULL) {
		fill(l->person, answer);
		l->found = true;
	}
	return number;
}

static int
ask_group(struct lookup *l, char *room, size_t size)
{
	struct group entry;
	struct group *answer = NULL;
	int number = getgrnam_r(l->name, &entry, room, size, &answer);

	if (number == 0 && answer != NULL) {
		*l->group = answer->gr_gid;
		l->found = true;
	}
	return number;
}

static int
ask_shadow(struct lookup *l, char *room, size_t size)
{
	struct spwd entry;
	struct spwd *answer = NULL;
	int number = getspnam_r(l->name, &entry, room, size, &answer);

	if (number == 0 && answer != NULL) {
		size_t length = strlen(answer->sp_pwdp);

		l->shadow->changed_day = answer->sp_lstchg;
		if (length < sizeof(l->shadow->hash))
			memcpy(l->shadow->hash, answer->sp_pwdp, length + 1);
		l->found = true;
	}
	return number;
}

static int
look_up(struct lookup *l, int (*ask)(struct lookup *, char *, size_t),
    const char *what, struct err *e)
{
	size_t size = ENTRY_FIRST_ROOM;
	char *room;
	int number;

	do {
		if ((room = malloc(size)) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		number = ask(l, room, size);
		secret_wipe(room, size); /* shadow's holds a hash */
		free(room);
		size *= 4;
	} while (number == ERANGE && size <= ENTRY_MAX);
	/* getpwnam(3): what "not found" looks like differs between modules. */
	if (number != 0 && number != ENOENT && number != ESRCH) {
		err_sys(e, number, "%s", what);
		e->code = ERR_SYS; /* never ERR_MISSING */
		return -1;
	}
	return 0;
}

bool
person_name_is_plausible(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > STATE_NAME_MAX)
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < 0x21 || *c == 0x7f || *c == ':' ||
		    *c == '/')
			return false;
	return name[0] != '-';
}

int
person_by_name(struct person *p, const char *name, struct err *e)
{
	struct lookup l = { .name = name, .person = p };

	*p = (struct person){ 0 };
	if (!person_name_is_plausible(name))
		return 0; /* what could be nobody's is not asked for */
	if (look_up(&l, ask_passwd, "getpwnam_r", e) == -1)
		return -1;
	/* Another spelling of it (a directory that ignores case) is kept. */
	return 0;
}

int
person_by_uid(struct person *p, uid_t uid, struct err *e)
{
	struct lookup l = { .uid = uid, .person = p };

	*p = (struct person){ 0 };
	return look_up(&l, ask_passwd, "getpwuid_r", e);
}

static int
is_member(const struct person *p, const struct conf_list *groups, bool *member,
    struct err *e)
{
	gid_t *all = calloc(PERSON_GROUPS_MAX, sizeof(*all));
	int count = PERSON_GROUPS_MAX;
	int result = -1;

	if (all == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (getgrouplist(p->name, p->gid, all, &count) == -1) {
		err_set(e, ERR_LIMIT, "member of more than %d groups",
		    PERSON_GROUPS_MAX);
		goto out;
	}
	for (const char *name = conf_list_next(groups, NULL); name != NULL;
	     name = conf_list_next(groups, name)) {
		gid_t gid = 0;
		struct lookup l = { .name = name, .group = &gid };

		if (look_up(&l, ask_group, "getgrnam_r", e) == -1)
			goto out;
		for (int i = 0; l.found && i < count; i++)
			*member = *member || all[i] == gid;
	}
	result = 0;
out:
	free(all);
	return result;
}

int
person_is_concerned(const struct person *p, const struct options_who *who,
    bool *concerned, struct err *e)
{
	*concerned = conf_list_has(&who->users, p->name) ||
	    conf_list_has(&who->service_accounts, p->name) ||
	    (who->root && p->uid == 0);
	if (*concerned)
		return 0;
	return is_member(p, &who->groups, concerned, e);
}

int
person_shadow(
    const struct person *p, struct person_shadow *shadow, struct err *e)
{
	struct lookup l = { .name = p->name, .shadow = shadow };

	*shadow = (struct person_shadow){ .changed_day = -1 };
	if (look_up(&l, ask_shadow, "getspnam_r", e) == -1)
		return -1;
	if (!l.found)
		return err_set(e, ERR_MISSING, "no shadow entry");
	return 0;
}
