/*
 * Accounts, groups with their members, and policies: made of the entry that
 * the run has indexed, and delivered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_run.h"

/* ---- entries that wait for others ---- */

static int
wait_for_finish(struct attrmap_run *run)
{
	struct waiting *grown = run_grow(run, run->waiting, run->waiting_count,
	    &run->waiting_room, sizeof(*grown));
	struct entry *copy = entry_copy(run->reading.entry);

	if (grown != NULL)
		run->waiting = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		run->failed = true;
		return 0;
	}
	run->waiting[run->waiting_count++].entry = copy;
	return 0;
}

/* ---- accounts ---- */

static int
deliver_edges(struct attrmap_run *run, struct err *e)
{
	for (size_t i = 0; i < run->edge_count; i++)
		if (run->sink->member(run->sink, &run->edges[i], e) == -1)
			return -1;
	return 0;
}

int
make_account(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = &run->reading;
	struct account *a = &r->account;

	account_init(a);
	a->key = r->key;
	a->dn = r->entry->dn;
	a->kind = (enum account_kind) class->number;
	if (run->map->waits != NULL && !run->finishing && run->map->waits(run))
		return wait_for_finish(run);
	run_read(run, MAP_ACCOUNT);
	if (run->map->judge_account != NULL)
		run->map->judge_account(run);
	if (a->name == NULL)
		a->name = rdn_value(run, r->entry->dn);
	a->values = run->values;
	a->value_count = run->value_count;
	a->usages = run->usages;
	a->usage_count = run->usage_count;
	if (run->failed)
		return 0; /* said by who called */
	run->counts.accounts++;
	if (run->sink->account(run->sink, a, e) == -1 ||
	    deliver_edges(run, e) == -1)
		return -1;
	return urls_deliver(run, false, e);
}

/* ---- groups ---- */

int
run_deliver_group(struct attrmap_run *run, struct err *e)
{
	struct group *g = &run->reading.group;

	if (run->failed)
		return 0;
	run->counts.groups++;
	if (run->sink->group(run->sink, g, e) == -1)
		return -1;
	if (run->sink->mode == SINK_FULL || run->keep_members)
		return 0;
	return run->sink->members_anew(run->sink, g->key, e);
}

/* "CN=S-1-5-11,CN=ForeignSecurityPrincipals,..." names a SID. */
static bool
foreign_sid(const char *dn, char sid[SID_TEXT_SIZE])
{
	const char *comma;

	if (strncasecmp(dn, "CN=S-1-", 7) != 0)
		return false;
	comma = strchr(dn, ',');
	if (comma == NULL ||
	    strncasecmp(comma, ",CN=ForeignSecurityPrincipals,", 30) != 0)
		return false;
	return decode_sid(dn + 3, (size_t)(comma - dn) - 3, sid);
}

static int
deliver_member(struct attrmap_run *run, const char *group_key,
    enum reference_form form, const char *text, enum edge_how how, bool removed,
    struct err *e)
{
	char sid[SID_TEXT_SIZE];
	struct member m = {
		.group = { REF_KEY, group_key, NULL },
		.member = { form, text, NULL },
		.how = how,
		.acquired = FACT_UNKNOWN,
		.removed = removed,
	};

	if (form == REF_DN && foreign_sid(text, sid)) {
		m.how = EDGE_FOREIGN;
		if (sid_well_known(sid) != NULL)
			m.member = (struct reference){ REF_EVERY, sid, NULL };
	}
	return run->sink->member(run->sink, &m, e);
}

int
run_deliver_member(struct attrmap_run *run, enum reference_form form,
    const char *text, enum edge_how how, struct err *e)
{
	return deliver_member(
	    run, run->reading.group.key, form, text, how, false, e);
}

/* RFC 4517 section 3.3.21: the bits after a DN are no part of it. */
static const char *
without_bits(struct attrmap_run *run, const char *dn)
{
	const char *hash = strrchr(dn, '#');
	size_t length = strlen(dn);

	if (hash == NULL || hash[1] != '\'' || length < 3 ||
	    strcmp(dn + length - 2, "'B") != 0 ||
	    strspn(hash + 2, "01") != strlen(hash + 2) - 2)
		return dn;
	return run_keep(run, dn, (size_t)(hash - dn));
}

/* "<GUID=...>;<SID=...>;CN=..." is how AD extends a DN when asked to. */
static const char *
without_extension(const char *dn)
{
	while (*dn == '<') {
		const char *end = strstr(dn, ">;");

		if (end == NULL)
			return dn;
		dn = end + 2;
	}
	return dn;
}

static int
deliver_members(struct attrmap_run *run, const char *group_key,
    const struct member_row *row, const struct entry_attribute *a, bool removed,
    struct err *e)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct entry_value *v = &a->values[i];
		const char *text;

		/* groupOfNames needs one, so an empty DN stands for nobody. */
		if (v->length == 0)
			continue;
		text = run_text(run, a, v);
		if (text == NULL || v->length > FACT_TEXT_MAX)
			continue;
		if (row->form == REF_DN)
			text = without_bits(run, without_extension(text));
		if (text == NULL || run->failed)
			return err_sys(e, ENOMEM, "a member");
		if (deliver_member(run, group_key, row->form, text, row->how,
		        removed, e) == -1)
			return -1;
	}
	return 0;
}

/* In all instances: "member" and "member;range=0-1499" stand side by side. */
static int
read_members(struct attrmap_run *run, struct err *e)
{
	const struct reading *r = &run->reading;

	for (const struct member_row *m = run->map->members; m->name != NULL;
	     m++) {
		int number = run_number(run, m->name);

		if (number < 0 || run->at[number] == NULL)
			continue;
		run->seen_members[m - run->map->members]++;
		if (run->more == 0) {
			if (deliver_members(run, r->key, m, run->at[number],
			        false, e) == -1)
				return -1;
			continue;
		}
		for (size_t i = 0; i < r->entry->count; i++)
			if (run->instances[i] == number &&
			    deliver_members(run, r->key, m,
			        &r->entry->attributes[i], false, e) == -1)
				return -1;
	}
	return 0;
}

int
attrmap_members(struct attrmap_run *run, const char *group_key,
    const struct entry_attribute *a, bool removed, struct err *e)
{
	const struct member_row *m = run->map->members;

	while (m->name != NULL && strcasecmp(m->name, a->name) != 0)
		m++;
	if (m->name == NULL)
		return 0;
	run_free_kept(run, false);
	run->counts.values += (int64_t)a->count;
	return deliver_members(run, group_key, m, a, removed, e);
}

int
make_group(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = &run->reading;
	struct group *g = &r->group;
	const struct entry_attribute *url = run->at[AT_MEMBER_URL];

	if (url != NULL && !run->finishing) {
		urls_learn(run, url);
		/* Whether all accounts will have been judged by it is to come. */
		if (run_is_file(run))
			return wait_for_finish(run);
	}
	group_init(g);
	g->key = r->key;
	g->kind = (enum group_kind) class->number;
	g->dn = r->entry->dn;
	run_read(run, MAP_GROUP);
	if (run->map->judge_group != NULL)
		run->map->judge_group(run);
	if (g->name == NULL)
		g->name = rdn_value(run, r->entry->dn);
	g->members_incomplete = url != NULL && !urls_are_complete(run);
	if (run_deliver_group(run, e) == -1)
		return -1;
	if (run->keep_members || run->failed)
		return 0;
	return read_members(run, e);
}

/* organizationalRole is much used for what is no role: only occupants count. */
int
make_role(struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	if (run_find(run, "roleOccupant") != NULL)
		return make_group(run, class, e);
	run->counts.passed_over++;
	return 0;
}

/* ---- policies ---- */

int
make_policy(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = &run->reading;
	struct policy *p = &r->policy;

	policy_init(p);
	p->key = r->entry->dn;
	p->form = class->form;
	run_read(run, MAP_POLICY);
	if (run->map->judge_policy != NULL)
		run->map->judge_policy(run);
	if (p->name == NULL)
		p->name = rdn_value(run, r->entry->dn);
	p->targets = run->targets;
	p->target_count = run->target_count;
	if (run->failed)
		return 0;
	run->counts.policies++;
	return run->sink->policy(run->sink, p, e);
}
