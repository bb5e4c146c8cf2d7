/*
 * The rules of sudoers(5) as rights: each different grant on a host is one,
 * and who is named in its line holds it.
 */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/passwd.h"
#include "review/sudoers.h"
#include "schema/base/enc.h"

#define FILE_MAX       (4u * 1024 * 1024) /* bytes of one */
#define RIGHT_NAME_MAX 256u               /* bytes */

struct reading {
	struct passwd_host *host;
	struct known grants; /* by key */
	struct err *e;
	int result;
};

/* ---- Files ---- */

static void
tell(void *context, const char *file, int64_t line, const char *what,
    bool harmless)
{
	struct reading *r = context;

	if (harmless)
		ledger_remark(&r->host->ledger, "%s: line %lld: %s", file,
		    (long long)line, what);
	else
		ledger_skipped(&r->host->ledger, "%s: line %lld: %s", file,
		    (long long)line, what);
}

static enum passwd_got
read_file(struct reading *r, struct sudoers *s, const char *path)
{
	struct buf text = buf_new(FILE_MAX);
	enum passwd_got got = passwd_read(r->host, path, &text);

	if (got == PASSWD_GOT)
		sudoers_read(s, path, (const char *)text.data, text.length);
	buf_free(&text);
	return got;
}

/* sudo passes over names with a dot, and those that end in '~'. */
static bool
is_passed_over(const char *name)
{
	size_t length = strlen(name);

	return length == 0 || strchr(name, '.') != NULL ||
	    name[length - 1] == '~';
}

static void
read_dir(struct reading *r, struct sudoers *s, const char *path)
{
	const char **names;
	size_t count;
	char file[1024];

	switch (passwd_list(r->host, path, &names, &count)) {
	case PASSWD_MISSING:
		ledger_incomplete(&r->host->ledger, "%s is not there", path);
		break;
	case PASSWD_UNREADABLE:
		break;
	case PASSWD_GOT:
		for (size_t i = 0; i < count; i++) {
			if (is_passed_over(names[i]))
				continue;
			if (snprintf(file, sizeof(file), "%s/%s", path,
			        names[i]) < (int)sizeof(file))
				(void)read_file(r, s, file);
			else
				ledger_incomplete(&r->host->ledger,
				    "%s: a path too long", path);
		}
		break;
	}
	free(names);
}

/* Without the first '/'; "%h" is the host; a relative one is below etc. */
static void
host_path(const struct reading *r, const char *path, char *out, size_t size)
{
	const char *host = strstr(path, "%h");
	const char *prefix = path[0] == '/' ? "" : "etc/";

	path += path[0] == '/' ? 1 : 0;
	if (host == NULL)
		(void)snprintf(out, size, "%s%s", prefix, path);
	else
		(void)snprintf(out, size, "%s%.*s%.*s%s", prefix,
		    (int)(host - path), path, (int)strcspn(r->host->name, "."),
		    r->host->name, host + 2);
}

static void
include(void *context, struct sudoers *s, const char *path, bool is_dir)
{
	struct reading *r = context;
	char within[1024];

	host_path(r, path, within, sizeof(within));
	if (is_dir)
		read_dir(r, s, within);
	else if (read_file(r, s, within) == PASSWD_MISSING)
		ledger_incomplete(
		    &r->host->ledger, "%s is included and not there", within);
}

/* ---- Rights ---- */

static void
key_of(const struct reading *r, const char *what, char *key, size_t size)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct buf hex = buf_new(64);

	(void)SHA256((const unsigned char *)what, strlen(what), digest);
	enc_hex(&hex, digest, 8);
	(void)snprintf(
	    key, size, "sudo:%s/%s", r->host->name, buf_string(&hex));
	buf_free(&hex);
}

static bool
is_known_to_all(enum sudo_form form)
{
	return form != SUDO_NETGROUP && form != SUDO_OTHER;
}

static const char *
cut(struct buf *b)
{
	size_t length = fact_cut(buf_string(b), b->length);

	if (length < b->length)
		b->length = length;
	return buf_string(b);
}

static int
deliver_right(struct reading *r, const struct sudo_grant *g, const char *key)
{
	struct group group;
	char name[RIGHT_NAME_MAX + 1];
	char description[400];
	struct buf detail = buf_new(SUDOERS_TEXT_MAX + 2048);
	int result;

	group_init(&group);
	(void)snprintf(name, sizeof(name), "%s", g->what);
	passwd_whole(name);
	(void)snprintf(description, sizeof(description), "%s%s%s",
	    g->as_root ? "as good as root: " : "limited commands",
	    g->as_root ? g->why : "",
	    g->uncertain ? "; if this host is one of those named" : "");
	buf_printf(&detail, "%s: %s", g->file, g->text);
	passwd_whole(description);
	group.key = key;
	group.kind = GROUP_SUDO;
	group.name = name;
	group.host = r->host->name;
	group.description = description;
	group.privileged = g->as_root ? TRI_YES : TRI_NO;
	group.detail = cut(&detail);
	for (size_t i = 0; i < g->user_count; i++)
		if (!is_known_to_all(g->users[i].form))
			group.members_incomplete = true;
	result = r->host->sink->group(r->host->sink, &group, r->e);
	buf_free(&detail);
	return result;
}

static int
deliver_holder(struct reading *r, const struct sudo_user *user, const char *key)
{
	static const enum reference_form forms[] = {
		[SUDO_USER] = REF_NAME,
		[SUDO_UID] = REF_UID,
		[SUDO_GROUP] = REF_GROUP_NAME,
		[SUDO_GID] = REF_GID,
		[SUDO_NETGROUP] = REF_GROUP_NAME,
		[SUDO_OTHER] = REF_GROUP_NAME,
		[SUDO_ALL] = REF_EVERY,
	};
	static const char *const marks[] = {
		[SUDO_NETGROUP] = "+", [SUDO_OTHER] = "%:"
	};
	char text[1024];
	const struct member member = {
		.group = { REF_KEY, key, NULL },
		.member = { forms[user->form], text, r->host->name },
		.how = EDGE_RULE,
		.acquired = FACT_UNKNOWN,
	};

	/* Not in these files, and told apart from those that are. */
	(void)snprintf(text, sizeof(text), "%s%s",
	    is_known_to_all(user->form) ? "" : marks[user->form], user->text);
	r->host->ledger.query.values++;
	return r->host->sink->member(r->host->sink, &member, r->e);
}

/* Aliases may bring in what the line itself has not. */
static bool
is_text(const struct sudo_grant *g)
{
	for (size_t i = 0; i < g->user_count; i++)
		if (!enc_is_utf8(g->users[i].text, strlen(g->users[i].text)))
			return false;
	return enc_is_utf8(g->text, strlen(g->text)) &&
	    enc_is_utf8(g->what, strlen(g->what));
}

static int
take_grant(void *context, const struct sudo_grant *g)
{
	struct reading *r = context;
	struct known_entry *entry;
	char key[512];

	if (!is_text(g)) {
		tell(r, g->file, g->line, "not UTF-8", false);
		return 0;
	}
	key_of(r, g->what, key, sizeof(key));
	if ((entry = known_find(&r->grants, key, r->e)) == NULL)
		return -1;
	if (entry->number == 0) {
		entry->number = 1;
		if (deliver_right(r, g, key) == -1)
			return -1;
	}
	for (size_t i = 0; i < g->user_count; i++)
		if (deliver_holder(r, &g->users[i], key) == -1)
			return -1;
	return 0;
}

/* The folder's name, and what the host calls itself. */
static size_t
host_names(struct passwd_host *h, const char *names[2])
{
	struct buf text = buf_new(1024);
	size_t length;
	size_t count = 0;

	if (passwd_read(h, "etc/hostname", &text) == PASSWD_GOT) {
		names[count++] = h->name;
		length = strcspn(buf_string(&text), " \t\r\n#");
		if (length > 0)
			names[count++] =
			    pool_text(&h->pool, buf_string(&text), length);
	}
	buf_free(&text);
	return count;
}

static int
deliver(struct reading *r, struct sudoers *s)
{
	const char *names[2];
	size_t count = host_names(r->host, names);
	int result = sudoers_each(s, names, count, take_grant, r);

	if (sudoers_failed(s))
		ledger_incomplete(
		    &r->host->ledger, "sudoers: too much of it, or no memory");
	if (sudoers_elsewhere(s) > 0)
		ledger_remark(&r->host->ledger,
		    "sudoers: %zu rules for other hosts", sudoers_elsewhere(s));
	return result;
}

int
passwd_sudo(struct passwd_host *h, struct err *e)
{
	struct reading r = { .host = h, .e = e };
	const struct sudoers_world world = { include, tell, &r };
	struct sudoers *s;
	int result = 0;

	if (sudoers_new(&s, &world, e) == -1)
		return -1;
	switch (read_file(&r, s, "etc/sudoers")) {
	case PASSWD_MISSING:
		/* A whole copy of /etc without it has no sudo. */
		if (!passwd_has_dir(h, "etc/pam.d"))
			ledger_incomplete(&h->ledger,
			    "etc/sudoers is not there; an empty one says that "
			    "there is no sudo");
		break;
	case PASSWD_UNREADABLE:
		break;
	case PASSWD_GOT:
		result = deliver(&r, s);
		break;
	}
	sudoers_free(&s);
	known_free(&r.grants);
	return result;
}
