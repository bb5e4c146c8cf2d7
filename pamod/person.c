#include "pamod/person.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"

#define ENTRY_FIRST_ROOM 4096u
#define SHADOW_PATH      "/etc/shadow"
#define SHADOW_MAX       (64u * 1024 * 1024)
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

/* The line of that name, without its line feed; NULL if there is none. */
static const char *
find_line(const struct buf *all, const char *name, size_t *length)
{
	const char *at = (const char *)all->data;
	const char *end = at + all->length;
	size_t named = strlen(name);

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		const char *stop = feed == NULL ? end : feed;

		*length = (size_t)(stop - at);
		if (*length > named && memcmp(at, name, named) == 0 &&
		    at[named] == ':')
			return at;
		at = stop + 1;
	}
	return NULL;
}

/* The second field of a line, and the third: a number of days, or nothing. */
static void
read_entry(const char *line, size_t length, struct person_shadow *shadow)
{
	const char *end = line + length;
	const char *hash = memchr(line, ':', length);
	const char *day;
	const char *stop;
	uint64_t days;
	struct err unused;

	if (hash == NULL ||
	    (day = memchr(hash + 1, ':', (size_t)(end - hash - 1))) == NULL)
		return;
	hash++;
	if ((size_t)(day - hash) < sizeof(shadow->hash))
		memcpy(shadow->hash, hash, (size_t)(day - hash));
	day++;
	stop = memchr(day, ':', (size_t)(end - day));
	if (stop == NULL)
		stop = end;
	if (enc_number(day, (size_t)(stop - day), INT32_MAX, &days, &unused) ==
	    0)
		shadow->changed_day = (int64_t)days;
}

/*
 * The file itself, since getspnam_r(3) leaves all its hashes in memory that it
 * gave back.
 */
int
person_shadow(
    const struct person *p, struct person_shadow *shadow, struct err *e)
{
	static const struct file_rule rule = { .owner = 0, .forbidden = 022 };
	struct buf all = buf_new(SHADOW_MAX);
	const char *line = NULL;
	size_t length = 0;
	int result = file_read_path(SHADOW_PATH, &rule, &all, e);

	*shadow = (struct person_shadow){ .changed_day = -1 };
	if (result == 0 && (line = find_line(&all, p->name, &length)) == NULL)
		result = err_set(e, ERR_MISSING, "no shadow entry");
	if (line != NULL)
		read_entry(line, length, shadow);
	buf_free(&all);
	return result;
}
