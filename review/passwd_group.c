#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "review/passwd.h"
#include "schema/base/enc.h"

/* Groups that are the highest privilege, or one step from it, and why. */
static const struct {
	const char *name;
	const char *why;
} privileged[] = {
	{ "root", "the superuser's own group" },
	{ "sudo", "may become root on Debian" },
	{ "wheel", "may become root on Red Hat and BSD" },
	{ "admin", "may become root on older Ubuntu" },
	{ "docker", "root through containers" },
	{ "lxd", "root through containers" },
	{ "incus-admin", "root through containers" },
	{ "libvirt", "root through virtual machines" },
	{ "disk", "reads and writes whole disks" },
	{ "kmem", "reads memory" },
	{ "shadow", "reads password hashes" },
	{ "adm", "reads all logs" },
};

static const char *
why_privileged(const char *name)
{
	for (size_t i = 0; i < sizeof(privileged) / sizeof(*privileged); i++)
		if (strcmp(name, privileged[i].name) == 0)
			return privileged[i].why;
	return NULL;
}

/* What gshadow adds: in order of its lines, looked up by name. */
struct more {
	struct known known; /* by group: place + 1 */
	struct gshadow_line *lines;
	size_t count;
};

static int
read_gshadow(
    struct passwd_host *h, struct buf *text, struct more *more, struct err *e)
{
	char *rest;
	char *line;
	int64_t number = 0;

	if (passwd_read(h, "etc/gshadow", text) != PASSWD_GOT)
		return 0; /* not every system has it */
	buf_put_byte(text, '\0');
	if (buf_status(text, e) == -1)
		return -1;
	for (rest = (char *)text->data; *rest != '\0'; rest++)
		more->count += *rest == '\n';
	more->lines =
	    pool_take(&h->pool, (more->count + 1) * sizeof(*more->lines));
	if (more->lines == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	more->count = 0;
	rest = (char *)text->data;
	while ((line = passwd_next_line(&rest)) != NULL) {
		struct known_entry *entry;
		const char *wrong;

		number++;
		if (line[0] == '\0' || line[0] == '#')
			continue;
		wrong = gshadow_line(line, &more->lines[more->count]);
		if (wrong != NULL) {
			ledger_skipped(&h->ledger,
			    "etc/gshadow: line %" PRId64 ": %s", number, wrong);
			continue;
		}
		entry =
		    known_find(&more->known, more->lines[more->count].name, e);
		if (entry == NULL)
			return -1;
		more->count++;
		if (entry->number == 0)
			entry->number = (int64_t)more->count;
	}
	return 0;
}

static int
deliver_member(
    struct passwd_host *h, const char *key, const char *name, struct err *e)
{
	const struct member member = {
		.group = { REF_KEY, key, NULL },
		.member = { REF_NAME, name, h->name },
		.how = EDGE_NAME,
		.acquired = FACT_UNKNOWN,
	};

	h->ledger.query.values++;
	return h->sink->member(h->sink, &member, e);
}

static int
deliver_group(struct passwd_host *h, const struct group_line *line,
    const struct gshadow_line *more, const char *key, struct err *e)
{
	struct group group;
	char detail[512];
	const char *why = why_privileged(line->name);

	group_init(&group);
	group.key = key;
	group.kind = GROUP_GROUP;
	group.name = line->name;
	group.host = h->name;
	group.gid_number = line->gid;
	if (why != NULL || line->gid == 0)
		group.privileged = TRI_YES;
	if (why == NULL)
		why = line->gid == 0 ? "its number is root's" : "";
	(void)snprintf(detail, sizeof(detail), "%s%s%s%.200s", why,
	    more != NULL && more->has_password ? "; has a password" : "",
	    more != NULL && more->administrators[0] != '\0'
	        ? "; may be given by "
	        : "",
	    more != NULL ? more->administrators : "");
	passwd_whole(detail);
	if (detail[0] != '\0')
		group.detail = detail[0] == ';' ? detail + 2 : detail;
	return h->sink->group(h->sink, &group, e);
}

static int
take_group(struct passwd_host *h, struct group_line *line,
    const struct more *more, const char *key, struct err *e)
{
	int64_t place = known_number(&more->known, line->name);
	const struct gshadow_line *shadow =
	    place == 0 ? NULL : &more->lines[place - 1];
	char *word;

	if (deliver_group(h, line, shadow, key, e) == -1)
		return -1;
	while ((word = passwd_word(&line->members)) != NULL)
		if (!enc_is_utf8(word, strlen(word)))
			ledger_skipped(&h->ledger,
			    "etc/group: %s: a member that is not UTF-8",
			    line->name);
		else if (deliver_member(h, key, word, e) == -1)
			return -1;
	return 0;
}

static int
take_groups(
    struct passwd_host *h, char *rest, const struct more *more, struct err *e)
{
	struct known names = { 0 };
	char key[2048];
	int64_t number = 0;
	int result = 0;
	char *text;

	while (result == 0 && (text = passwd_next_line(&rest)) != NULL) {
		struct group_line line;
		struct known_entry *first;
		const char *wrong;

		number++;
		if (text[0] == '\0' || text[0] == '#')
			continue;
		if ((wrong = group_line(text, &line)) != NULL) {
			ledger_skipped(&h->ledger,
			    "etc/group: line %" PRId64 ": %s", number, wrong);
			continue;
		}
		if ((first = known_find(&names, line.name, e)) == NULL) {
			result = -1;
			break;
		}
		(void)snprintf(
		    key, sizeof(key), "host:%s/%s", h->name, line.name);
		if (first->number != 0) {
			ledger_remark(&h->ledger,
			    "etc/group: line %" PRId64 ": %s is there already",
			    number, line.name);
			(void)snprintf(key, sizeof(key), "host:%s/%s/%" PRId64,
			    h->name, line.name, number);
		}
		first->number = number;
		result = take_group(h, &line, more, key, e);
	}
	known_free(&names);
	return result;
}

int
passwd_groups(struct passwd_host *h, struct err *e)
{
	struct buf group = buf_new(PASSWD_FILE_MAX);
	struct buf gshadow = buf_new(PASSWD_FILE_MAX);
	struct more more = { .count = 0 };
	enum passwd_got got = passwd_read(h, "etc/group", &group);
	int result = 0;

	if (got == PASSWD_MISSING)
		ledger_incomplete(&h->ledger, "etc/group is not there");
	if (got == PASSWD_GOT) {
		buf_put_byte(&group, '\0');
		result = buf_status(&group, e) == -1 ||
		        read_gshadow(h, &gshadow, &more, e) == -1 ||
		        take_groups(h, (char *)group.data, &more, e) == -1
		    ? -1
		    : 0;
	}
	known_free(&more.known);
	buf_free(&group);
	buf_free(&gshadow);
	return result;
}
