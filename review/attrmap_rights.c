/*
 * Rights that are rules: sudoRole (sudoers.ldap(5)), and FreeIPA's of sudo and
 * of host access.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_run.h"
#include "review/sudoers.h"

/* A line that grows until it is full, and says when it was cut. */
struct detail {
	char text[FACT_TEXT_MAX + 1];
	size_t used;
};

static void
put_detail(struct detail *d, const char *before, const char *text)
{
	size_t left = sizeof(d->text) - d->used;
	int wrote = snprintf(d->text + d->used, left, "%s%s", before, text);

	if (wrote > 0 && (size_t)wrote < left) {
		d->used += (size_t)wrote;
		return;
	}
	d->text[d->used] = '\0';
	if (left > 4 && d->used > 0) {
		memcpy(d->text + d->used, "...", 4);
		d->used = sizeof(d->text) - 1; /* nothing more fits */
	}
}

/* "sudoHost=ALL; sudoCommand=/bin/ls, /bin/cat" */
static void
put_attribute(struct attrmap_run *run, struct detail *d, const char *name)
{
	const struct entry_attribute *a = run_find(run, name);

	if (a == NULL || a->count == 0)
		return;
	put_detail(d, d->used > 0 ? "; " : "", name);
	for (size_t i = 0; i < a->count; i++) {
		const char *text = run_text(run, a, &a->values[i]);

		if (text != NULL)
			put_detail(d, i == 0 ? "=" : ", ", text);
	}
}

/* why: what makes it highest, first, since the rest may be cut. */
static const char *
details(struct attrmap_run *run, const char *const *names, const char *why)
{
	struct detail d = { .used = 0 };

	if (why != NULL)
		put_detail(&d, "as good as root by ", why);
	for (; *names != NULL; names++)
		put_attribute(run, &d, *names);
	return run_keep(run, d.text, strlen(d.text));
}

static bool
has_value(struct attrmap_run *run, const char *name, const char *value)
{
	const struct entry_attribute *a = run_find(run, name);

	for (size_t i = 0; a != NULL && i < a->count; i++)
		if (strcasecmp(a->values[i].data, value) == 0)
			return true;
	return false;
}

/* ---- sudo ---- */

/* "ALL", "/usr/bin/su -", "sha256:DIGEST /bin/sh"; NULL: no more than itself. */
static const char *
why_everything(struct attrmap_run *run, const char *command, bool noexec)
{
	const char *blank;

	if (*command == '!')
		return NULL; /* what is forbidden; it stands in the detail */
	if (strncmp(command, "sha", 3) == 0 &&
	    (blank = strchr(command, ' ')) != NULL)
		command = blank + 1;
	if (strcmp(command, "ALL") == 0)
		return "ALL";
	blank = strchr(command, ' ');
	if (blank == NULL)
		return sudo_shell(command, NULL, noexec);
	command = run_keep(run, command, (size_t)(blank - command));
	if (command == NULL)
		return NULL;
	return sudo_shell(
	    command, strcmp(blank + 1, "\"\"") == 0 ? "" : blank + 1, noexec);
}

static bool
runs_as_root(struct attrmap_run *run)
{
	static const char *const names[] = { "sudoRunAsUser", "sudoRunAs" };
	bool stated = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		stated = stated || run_find(run, names[i]) != NULL;
		if (has_value(run, names[i], "root") ||
		    has_value(run, names[i], "ALL") ||
		    has_value(run, names[i], "#0"))
			return true;
	}
	/* A group alone is run as the caller; nothing is as root. */
	return !stated && run_find(run, "sudoRunAsGroup") == NULL;
}

/* Why the rule is as good as being root; NULL: it is not known to be. */
static const char *
sudo_privilege(struct attrmap_run *run)
{
	const struct entry_attribute *a = run_find(run, "sudoCommand");
	bool noexec = has_value(run, "sudoOption", "noexec");

	if (!runs_as_root(run))
		return NULL;
	for (size_t i = 0; a != NULL && i < a->count; i++) {
		const char *command = run_text(run, a, &a->values[i]);
		const char *why = command == NULL
		    ? NULL
		    : why_everything(run, command, noexec);

		if (why != NULL)
			return strcmp(why, "ALL") == 0
			    ? why
			    : run_keepf(run, "%.200s: %s", command, why);
	}
	return NULL;
}

/* sudoers.ldap(5): a name, #uid, %group, %#gid, +netgroup, or ALL. */
static int
deliver_sudo_user(struct attrmap_run *run, const char *user, struct err *e)
{
	enum reference_form form = REF_NAME;

	if (*user == '!')
		return 0; /* who is kept out; it stands in the detail */
	if (strcmp(user, "ALL") == 0) {
		form = REF_EVERY;
	} else if (user[0] == '%' && user[1] == '#') {
		form = REF_GID;
		user += 2;
	} else if (user[0] == '%') {
		form = REF_GROUP_NAME;
		user += user[1] == ':' ? 2 : 1;
	} else if (user[0] == '#') {
		form = REF_UID;
		user++;
	} else if (user[0] == '+') {
		form = REF_GROUP_NAME; /* of hosts and users; never resolved */
	}
	return *user == '\0'
	    ? 0
	    : run_deliver_member(run, form, user, EDGE_RULE, e);
}

int
make_sudo(struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	static const char *const told[] = { "sudoUser", "sudoHost",
		"sudoRunAsUser", "sudoRunAsGroup", "sudoRunAs", "sudoCommand",
		"sudoOption", "sudoNotBefore", "sudoNotAfter", "sudoOrder",
		NULL };
	const struct entry_attribute *users = run_find(run, "sudoUser");
	struct reading *r = &run->reading;
	struct group *g = &r->group;
	const char *why;

	/* cn=defaults holds options and grants nothing. */
	if (users == NULL) {
		run->counts.passed_over++;
		return 0;
	}
	group_init(g);
	g->key = r->key;
	g->kind = (enum group_kind) class->number;
	g->dn = r->entry->dn;
	run_read(run, MAP_RIGHT);
	why = sudo_privilege(run);
	g->privileged = why == NULL ? TRI_NO : TRI_YES;
	g->detail = details(run, told, why);
	g->deleted = r->ends != FACT_UNKNOWN && r->ends <= run->sink->now;
	if (run_deliver_group(run, e) == -1 || run->failed)
		return run->failed ? 0 : -1;
	for (size_t i = 0; i < users->count; i++) {
		const char *user = run_text(run, users, &users->values[i]);

		if (user != NULL && deliver_sudo_user(run, user, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- FreeIPA ---- */

static int
deliver_named(struct attrmap_run *run, const char *attribute,
    enum reference_form form, struct err *e)
{
	const struct entry_attribute *a = run_find(run, attribute);

	for (size_t i = 0; a != NULL && i < a->count; i++) {
		const char *text = run_text(run, a, &a->values[i]);

		if (text != NULL &&
		    run_deliver_member(run, form, text, EDGE_RULE, e) == -1)
			return -1;
	}
	return 0;
}

static enum tri
ipa_privilege(struct attrmap_run *run, enum group_kind kind)
{
	/* Without a word on whom to become, it is root. */
	bool as_root = run_find(run, "ipaSudoRunAs") == NULL ||
	    has_value(run, "ipaSudoRunAsUserCategory", "all") ||
	    has_value(run, "ipaSudoRunAsExtUser", "root");

	return kind == GROUP_SUDO && as_root &&
	        has_value(run, "cmdCategory", "all")
	    ? TRI_YES
	    : TRI_NO;
}

int
make_ipa_rule(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	static const char *const told[] = { "userCategory", "hostCategory",
		"memberHost", "externalHost", "serviceCategory",
		"memberService", "cmdCategory", "memberAllowCmd",
		"memberDenyCmd", "ipaSudoRunAs", "ipaSudoRunAsUserCategory",
		"ipaSudoRunAsExtUser", "ipaSudoOpt", NULL };
	struct reading *r = &run->reading;
	struct group *g = &r->group;

	group_init(g);
	g->key = r->key;
	g->kind = (enum group_kind) class->number;
	g->dn = r->entry->dn;
	run_read(run, MAP_RIGHT);
	g->privileged = ipa_privilege(run, g->kind);
	g->detail = details(run, told, NULL);
	/* What is switched off is nobody's right today. */
	g->deleted = r->enabled_flag == 0;
	if (run_deliver_group(run, e) == -1)
		return -1;
	if (run->failed)
		return 0;
	if (has_value(run, "userCategory", "all") &&
	    run_deliver_member(run, REF_EVERY, "ALL", EDGE_RULE, e) == -1)
		return -1;
	if (deliver_named(run, "memberUser", REF_DN, e) == -1)
		return -1;
	return deliver_named(run, "externalUser", REF_NAME, e);
}
