#include "review/attrmap.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_run.h"

/* ---- products ---- */

static const struct attrmap *const maps[] = {
	[PRODUCT_AUTO] = NULL,
	[PRODUCT_OPENLDAP] = &attrmap_openldap,
	[PRODUCT_AD] = &attrmap_ad,
	[PRODUCT_389DS] = &attrmap_389ds,
	[PRODUCT_FREEIPA] = &attrmap_freeipa,
};

const struct attrmap *
attrmap_of(enum source_product product)
{
	return maps[product];
}

const char *
attrmap_product(const struct attrmap *map)
{
	return map->name;
}

const struct attrmap_query *
attrmap_queries(const struct attrmap *map)
{
	return map->queries;
}

/*
 * What gives a product away, the surest first: an attribute with that value,
 * or with a value that begins with it ("*" at its end), or at all (NULL).
 */
static const struct {
	const char *attribute;
	const char *value;
	enum source_product product;
} tells[] = {
	/* root DSEs */
	{ "supportedCapabilities", "1.2.840.113556.1.4.800", PRODUCT_AD },
	{ "supportedExtension", "2.16.840.1.113730.3.8.10.*", PRODUCT_FREEIPA },
	{ "vendorName", "389 Project", PRODUCT_389DS },
	{ "vendorVersion", "389-Directory/*", PRODUCT_389DS },
	{ "vendorName", "Red Hat*", PRODUCT_389DS },
	{ "objectClass", "OpenLDAProotDSE", PRODUCT_OPENLDAP },
	{ "structuralObjectClass", "OpenLDAProotDSE", PRODUCT_OPENLDAP },
	{ "configContext", NULL, PRODUCT_OPENLDAP },
	/* entries */
	{ "info", "IPA V2.0", PRODUCT_FREEIPA },
	{ "ipaUniqueID", NULL, PRODUCT_FREEIPA },
	{ "objectSid", NULL, PRODUCT_AD },
	{ "objectCategory", NULL, PRODUCT_AD },
	{ "sAMAccountName", NULL, PRODUCT_AD },
	{ "objectGUID", NULL, PRODUCT_AD },
	{ "nsUniqueId", NULL, PRODUCT_389DS },
	{ "nsAccountLock", NULL, PRODUCT_389DS },
	{ "entryCSN", NULL, PRODUCT_OPENLDAP },
	{ "structuralObjectClass", NULL, PRODUCT_OPENLDAP },
	{ "pwdChangedTime", NULL, PRODUCT_OPENLDAP },
};

static bool
has_like(const struct entry *entry, const char *name, const char *value)
{
	const struct entry_attribute *a = entry_find(entry, name);
	size_t length;

	if (a == NULL || value == NULL)
		return a != NULL;
	length = strlen(value);
	if (value[length - 1] != '*')
		return entry_has(entry, name, value);
	for (size_t i = 0; i < a->count; i++)
		if (a->values[i].length >= length - 1 &&
		    strncasecmp(a->values[i].data, value, length - 1) == 0)
			return true;
	return false;
}

enum source_product
attrmap_tell(const struct entry *entry)
{
	for (size_t i = 0; i < sizeof(tells) / sizeof(*tells); i++)
		if (has_like(entry, tells[i].attribute, tells[i].value))
			return tells[i].product;
	return PRODUCT_AUTO;
}

/* ---- names to numbers ---- */

static const char *const special_names[SPECIALS] = {
	[AT_CLASS] = "objectClass",
	[AT_MEMBER_URL] = "memberURL",
};

static unsigned
hash_name(const char *name)
{
	unsigned hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ ((unsigned char)*name | 0x20u)) * 16777619u;
	return hash ^ hash >> 15;
}

/* Where the name stands, or the free place for it. */
static unsigned
name_place(const struct attrmap_run *run, const char *name)
{
	unsigned place = hash_name(name) % NAME_PLACES;

	while (run->places[place] != 0 &&
	    strcasecmp(run->names[run->places[place] - 1], name) != 0)
		place = (place + 1) % NAME_PLACES;
	return place;
}

int
run_number(const struct attrmap_run *run, const char *name)
{
	return (int)run->places[name_place(run, name)] - 1;
}

static unsigned char
learn_name(struct attrmap_run *run, const char *name)
{
	unsigned place = name_place(run, name);

	if (run->places[place] == 0 && run->name_count < NAMES_MAX) {
		run->names[run->name_count++] = name;
		run->places[place] = (unsigned char)run->name_count;
	}
	return (unsigned char)(run->places[place] - 1);
}

static const struct attr_row *
rows_of(const struct attrmap *map, enum map_kind kind)
{
	const struct attr_row *const rows[MAP_KINDS] = {
		[MAP_ACCOUNT] = map->accounts,
		[MAP_GROUP] = map->groups,
		[MAP_POLICY] = map->policies,
		[MAP_RIGHT] = map->rights,
	};

	return rows[kind];
}

static void
learn_names(struct attrmap_run *run)
{
	const char *const keys[] = { run->map->guid, run->map->uuid,
		run->map->nsuniqueid, run->map->ipa };

	for (size_t i = 0; i < SPECIALS; i++)
		learn_name(run, special_names[i]);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i] != NULL)
			learn_name(run, keys[i]);
	for (int kind = 0; kind < MAP_KINDS; kind++) {
		const struct attr_row *r =
		    rows_of(run->map, (enum map_kind)kind);

		for (size_t i = 0; i < ROWS_MAX && r[i].name != NULL; i++)
			run->row_names[kind][i] = learn_name(run, r[i].name);
	}
	for (const struct member_row *m = run->map->members; m->name != NULL;
	     m++)
		learn_name(run, m->name);
}

/* ---- a run ---- */

int
attrmap_begin(struct attrmap_run **out, const struct attrmap *map,
    const struct source_settings *settings, const char *server,
    struct sink *sink, struct err *e)
{
	struct attrmap_run *run = calloc(1, sizeof(*run));

	*out = NULL;
	if (run == NULL)
		return err_sys(e, ENOMEM, "the map of %s", map->name);
	run->map = map;
	run->settings = settings;
	run->sink = sink;
	run->server = strdup(server);
	run->domain.lockout_duration = FACT_UNKNOWN;
	/* 14 days where nothing is stated (MS-ADTS 6.1.1.5). */
	run->domain.sync_seconds = 14 * DECODE_DAY;
	if (run->server == NULL) {
		attrmap_free(&run);
		return err_sys(e, ENOMEM, "the map of %s", map->name);
	}
	learn_names(run);
	if (settings->default_policy[0] != '\0')
		run_learn_default(run, settings->default_policy);
	if (run->failed) {
		attrmap_free(&run);
		return err_sys(e, ENOMEM, "the map of %s", map->name);
	}
	/* The store keeps it: rules and renames go by it. */
	if (sink->remember != NULL &&
	    sink->remember(sink, "product", map->name, e) == -1) {
		attrmap_free(&run);
		return -1;
	}
	*out = run;
	return 0;
}

void
run_free_kept(struct attrmap_run *run, bool all)
{
	while (run->kept != NULL && (all || run->kept->before != NULL)) {
		struct kept *before = run->kept->before;

		free(run->kept);
		run->kept = before;
	}
	if (run->kept != NULL)
		run->kept->used = 0;
}

void
attrmap_free(struct attrmap_run **pointer)
{
	struct attrmap_run *run = *pointer;

	if (run == NULL)
		return;
	run_free_kept(run, true);
	for (size_t i = 0; i < run->waiting_count; i++)
		free(run->waiting[i].entry);
	for (size_t i = 0; i < run->policy_count; i++)
		free(run->policies[i].dn);
	for (size_t i = 0; i < run->url_count; i++)
		url_free(&run->urls[i]);
	free(run->waiting);
	free(run->policies);
	free(run->default_policy);
	free(run->urls);
	free(run->instances);
	free(run->values);
	free(run->edges);
	free(run->targets);
	free(run->server);
	free(run);
	*pointer = NULL;
}

const struct attrmap_counts *
attrmap_counts(const struct attrmap_run *run)
{
	return &run->counts;
}

void
attrmap_keep_members(struct attrmap_run *run, bool keep)
{
	run->keep_members = keep;
}

struct reading *
run_reading(struct attrmap_run *run)
{
	return &run->reading;
}

int64_t
run_now(const struct attrmap_run *run)
{
	return run->sink->now;
}

const char *
run_server(const struct attrmap_run *run)
{
	return run->server;
}

bool
run_is_file(const struct attrmap_run *run)
{
	return run->server[0] == '\0';
}

bool
run_is_finishing(const struct attrmap_run *run)
{
	return run->finishing;
}

bool
run_is_changes(const struct attrmap_run *run)
{
	return run->sink->mode == SINK_CHANGES;
}

void
run_disable(struct attrmap_run *run, const char *reason)
{
	struct account *a = &run->reading.account;

	if (a->enabled == TRI_NO)
		return;
	a->enabled = TRI_NO;
	a->status_reason = reason;
}

const struct entry_attribute *
run_find(struct attrmap_run *run, const char *name)
{
	int number = run_number(run, name);

	if (number < 0)
		return entry_find(run->reading.entry, name);
	return run->at[number];
}

struct known_domain *
run_domain(struct attrmap_run *run)
{
	return &run->domain;
}

/* ---- memory of one entry ---- */

#define KEPT_SIZE 16384u

static void *
keep_bytes(struct attrmap_run *run, size_t size)
{
	struct kept *k = run->kept;
	void *bytes;

	if (k == NULL || k->room - k->used < size) {
		size_t room = size > KEPT_SIZE ? size : KEPT_SIZE;

		k = malloc(sizeof(*k) + room);
		if (k == NULL) {
			run->failed = true;
			return NULL;
		}
		k->before = run->kept;
		k->room = room;
		k->used = 0;
		run->kept = k;
	}
	bytes = k->bytes + k->used;
	k->used += size;
	return bytes;
}

char *
run_keep(struct attrmap_run *run, const char *text, size_t length)
{
	char *copy = keep_bytes(run, length + 1);

	if (copy != NULL) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

char *
run_keepf(struct attrmap_run *run, const char *format, ...)
{
	char text[FACT_TEXT_MAX + 1];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return run_keep(run, text, strlen(text));
}

void *
run_grow(struct attrmap_run *run, void *items, size_t count, size_t *room,
    size_t size)
{
	size_t more = *room < 16 ? 16 : *room * 2;
	void *grown;

	if (count < *room)
		return items;
	grown = reallocarray(items, more, size);
	if (grown == NULL) {
		run->failed = true;
		return NULL;
	}
	*room = more;
	return grown;
}

void
run_add_value(struct attrmap_run *run, const char *label, const char *value)
{
	struct value *grown;

	if (value == NULL)
		return;
	grown = run_grow(run, run->values, run->value_count, &run->value_room,
	    sizeof(*grown));
	if (grown == NULL)
		return;
	run->values = grown;
	run->values[run->value_count++] = (struct value){ label, value };
}

void
run_add_usage(struct attrmap_run *run, const struct usage *usage)
{
	if (run->usage_count < READING_USAGES_MAX)
		run->usages[run->usage_count++] = *usage;
}

void
run_add_edge(struct attrmap_run *run, const struct member *edge)
{
	struct member *grown = run_grow(
	    run, run->edges, run->edge_count, &run->edge_room, sizeof(*grown));

	if (grown == NULL)
		return;
	run->edges = grown;
	run->edges[run->edge_count++] = *edge;
}

void
run_add_target(
    struct attrmap_run *run, enum reference_form form, const char *text)
{
	struct reference *grown = run_grow(run, run->targets, run->target_count,
	    &run->target_room, sizeof(*grown));

	if (grown == NULL || text == NULL)
		return;
	run->targets = grown;
	run->targets[run->target_count++] =
	    (struct reference){ form, text, NULL };
}

/* ---- policies that accounts are judged by ---- */

const struct known_policy *
run_policy(const struct attrmap_run *run, const char *dn)
{
	if (dn == NULL)
		dn = run->default_policy;
	if (dn == NULL)
		return NULL;
	for (size_t i = 0; i < run->policy_count; i++)
		if (dn_equal(run->policies[i].dn, dn))
			return &run->policies[i];
	return NULL;
}

void
run_learn_policy(struct attrmap_run *run, const struct known_policy *policy)
{
	struct known_policy *grown;

	if (run_policy(run, policy->dn) != NULL)
		return;
	grown = run_grow(run, run->policies, run->policy_count,
	    &run->policy_room, sizeof(*grown));
	if (grown == NULL)
		return;
	run->policies = grown;
	grown[run->policy_count] = *policy;
	grown[run->policy_count].dn = strdup(policy->dn);
	if (grown[run->policy_count].dn == NULL)
		run->failed = true;
	else
		run->policy_count++;
}

void
run_learn_default(struct attrmap_run *run, const char *dn)
{
	free(run->default_policy);
	run->default_policy = strdup(dn);
	if (run->default_policy == NULL)
		run->failed = true;
}

/* ---- an entry ---- */

static int
index_entry(struct attrmap_run *run, const struct entry *entry)
{
	struct reading *r = &run->reading;
	unsigned char *grown;

	run_free_kept(run, false);
	memset(run->at, 0, sizeof(run->at));
	run->more = 0;
	run->value_count = run->usage_count = 0;
	run->edge_count = run->target_count = 0;
	r->entry = entry;
	if (entry->count > run->instance_room) {
		grown = realloc(run->instances, entry->count);
		if (grown == NULL) {
			run->failed = true;
			return -1;
		}
		run->instances = grown;
		run->instance_room = entry->count;
	}
	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];
		int number = run_number(run, a->name);

		run->counts.values += (int64_t)a->count;
		run->instances[i] = NO_NAME;
		if (number < 0)
			continue;
		run->instances[i] = (unsigned char)number;
		if (run->at[number] != NULL)
			run->more++;
		/* One without options is the attribute itself. */
		if (run->at[number] == NULL ||
		    (a->options == NULL && run->at[number]->options != NULL))
			run->at[number] = a;
	}
	return 0;
}

static void
clear_judged(struct reading *r)
{
	r->locked_at = r->unlocks_at = FACT_UNKNOWN;
	r->starts = r->ends = FACT_UNKNOWN;
	r->shadow_expire = r->shadow_inactive = r->shadow_max = FACT_UNKNOWN;
	r->computed = r->account_type = r->deleted = FACT_UNKNOWN;
	r->account_lock = r->enabled_flag = r->admin_count = FACT_UNKNOWN;
	r->properties = r->sync_days = FACT_UNKNOWN;
	r->ppolicy_lockout = r->ppolicy_unlock = FACT_UNKNOWN;
	r->ppolicy_expires = r->must_supply = FACT_UNKNOWN;
	r->keeps_history = FACT_UNKNOWN;
	r->min_letters = r->min_digits = r->min_symbols = FACT_UNKNOWN;
	r->hours = r->workstations = r->hosts = r->lock_raw = NULL;
}

void
run_read(struct attrmap_run *run, enum map_kind kind)
{
	const struct attr_row *r = rows_of(run->map, kind);
	const unsigned char *names = run->row_names[kind];
	unsigned char before = NO_NAME;

	for (size_t i = 0; r[i].name != NULL; i++) {
		const struct entry_attribute *a = run->at[names[i]];

		if (a == NULL)
			continue;
		/* An attribute of two rows is one that was seen. */
		if (names[i] != before)
			run->seen[kind][i]++;
		before = names[i];
		r[i].read(run, &r[i], a);
	}
}

static bool
first_text(const struct attrmap_run *run, const char *name,
    const struct entry_value **out)
{
	int number = name == NULL ? -1 : run_number(run, name);

	if (number < 0 || run->at[number] == NULL ||
	    run->at[number]->count == 0)
		return false;
	*out = &run->at[number]->values[0];
	return true;
}

/* FNV-1a of 64 bits: for DNs that are too long to be a key. */
static uint64_t
hash_dn(const char *dn)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *dn != '\0'; dn++)
		hash =
		    (hash ^
		        (uint64_t)(unsigned char)tolower((unsigned char)*dn)) *
		    UINT64_C(1099511628211);
	return hash;
}

static void
key_of_dn(const char *dn, char *out)
{
	size_t length = strlen(dn), i = 3;

	memcpy(out, "dn:", 3);
	for (size_t n = 0; n < length && n < READING_DN_KEY_MAX; n++)
		out[i++] = (char)tolower((unsigned char)dn[n]);
	out[i] = '\0';
	if (length > READING_DN_KEY_MAX)
		snprintf(out + i, ATTRMAP_KEY_SIZE - i, "...%016llx",
		    (unsigned long long)hash_dn(dn));
}

static void
set_key(struct attrmap_run *run, const struct entry *entry, char *out)
{
	const struct attrmap *map = run->map;
	const struct entry_value *v;

	if (first_text(run, map->guid, &v)) {
		memcpy(out, "guid:", 5);
		if (decode_guid(v->data, v->length, out + 5))
			return;
	}
	if (first_text(run, map->ipa, &v)) {
		memcpy(out, "ipa:", 4);
		/* "autogenerate" is what it says before it was given one. */
		if (decode_uuid(v->data, v->length, out + 4))
			return;
	}
	if (first_text(run, map->nsuniqueid, &v)) {
		memcpy(out, "nsuid:", 6);
		if (decode_nsuniqueid(v->data, v->length, out + 6))
			return;
	}
	if (first_text(run, map->uuid, &v)) {
		memcpy(out, "uuid:", 5);
		if (decode_uuid(v->data, v->length, out + 5))
			return;
	}
	key_of_dn(entry->dn, out);
}

int
attrmap_key(struct attrmap_run *run, const struct entry *entry, char *out,
    size_t size, struct err *e)
{
	int64_t values = run->counts.values;

	if (size < ATTRMAP_KEY_SIZE)
		return err_set(e, ERR_LIMIT, "no room for a key");
	if (index_entry(run, entry) == -1)
		return err_sys(e, ENOMEM, "%.200s", entry->dn);
	run->counts.values = values;
	set_key(run, entry, out);
	return 0;
}

static bool
value_is(const struct entry_value *v, const char *text)
{
	return strncasecmp(v->data, text, v->length) == 0 &&
	    text[v->length] == '\0';
}

static const struct class_row *
class_of(const struct attrmap_run *run)
{
	const struct entry_attribute *a = run->at[AT_CLASS];
	const struct class_row *best = NULL, *row;

	if (a == NULL)
		return NULL;
	for (size_t i = 0; i < a->count; i++)
		for (row = run->map->classes;
		     row->name != NULL && (best == NULL || row < best); row++)
			if (value_is(&a->values[i], row->name))
				best = row;
	return best;
}

int
attrmap_entry(struct attrmap_run *run, const struct entry *entry, struct err *e)
{
	const struct class_row *class;

	if (index_entry(run, entry) == -1)
		return err_sys(e, ENOMEM, "%s", entry->dn);
	class = class_of(run);
	if (class == NULL) {
		run->counts.passed_over++;
		return 0;
	}
	set_key(run, entry, run->reading.key);
	clear_judged(&run->reading);
	if (class->make(run, class, e) == -1)
		return err_in(e, "%.200s", entry->dn);
	if (run->failed)
		return err_sys(e, ENOMEM, "%.200s", entry->dn);
	return 0;
}

/* ---- dynamic groups, shown again ---- */

bool
attrmap_wants_again(const struct attrmap_run *run)
{
	for (size_t i = 0; i < run->url_count; i++)
		if (run->urls[i].late)
			return true;
	return false;
}

int
attrmap_again(struct attrmap_run *run, const struct entry *entry, struct err *e)
{
	const struct class_row *class;
	int64_t values = run->counts.values;

	if (index_entry(run, entry) == -1)
		return err_sys(e, ENOMEM, "%.200s", entry->dn);
	run->counts.values = values;
	class = class_of(run);
	if (class == NULL || class->make != make_account)
		return 0;
	set_key(run, entry, run->reading.key);
	run->shown_again = true;
	return urls_deliver(run, true, e);
}

/* ---- the end ---- */

void
run_never_recorded(struct attrmap_run *run, const char *attribute)
{
	if (run->never_count < UNRECORDED_MAX)
		run->never_recorded[run->never_count++] = attribute;
}

static enum tri
is_recorded(
    const struct attrmap_run *run, const char *attribute, int64_t entries)
{
	for (size_t i = 0; i < run->never_count; i++)
		if (strcasecmp(run->never_recorded[i], attribute) == 0)
			return TRI_NO;
	return entries > 0 ? TRI_YES : TRI_UNKNOWN;
}

static int
tell_seen(struct attrmap_run *run, const char *what, const char *attribute,
    int64_t entries, struct err *e)
{
	const struct attribute_seen s = {
		.server = run->server,
		.what = what,
		.attribute = attribute,
		.entries = entries,
		.recorded = is_recorded(run, attribute, entries),
	};

	return run->sink->seen(run->sink, &s, e);
}

static int
kind_of(const char *what)
{
	static const struct {
		const char *what;
		enum map_kind kind;
	} kinds[] = {
		{ "accounts", MAP_ACCOUNT },
		{ "groups", MAP_GROUP },
		{ "dynamic", MAP_GROUP },
		{ "policies", MAP_POLICY },
		{ "rights", MAP_RIGHT },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(what, kinds[i].what) == 0)
			return (int)kinds[i].kind;
	return -1;
}

int
attrmap_seen(struct attrmap_run *run, const char *what, struct err *e)
{
	int kind = kind_of(what);
	const struct attr_row *r;
	const struct member_row *m = run->map->members;

	if (kind < 0)
		return 0;
	r = rows_of(run->map, (enum map_kind)kind);
	for (size_t i = 0; r[i].name != NULL; i++) {
		if (i > 0 && strcmp(r[i].name, r[i - 1].name) == 0)
			continue;
		if (tell_seen(run, what, r[i].name, run->seen[kind][i], e) ==
		    -1)
			return -1;
	}
	for (size_t i = 0; kind == MAP_GROUP && m[i].name != NULL; i++)
		if (tell_seen(run, what, m[i].name, run->seen_members[i], e) ==
		    -1)
			return -1;
	memset(run->seen[kind], 0, sizeof(run->seen[kind]));
	if (kind == MAP_GROUP)
		memset(run->seen_members, 0, sizeof(run->seen_members));
	return 0;
}

int
attrmap_finish(struct attrmap_run *run, struct err *e)
{
	int64_t values = run->counts.values;

	run->finishing = true;
	for (size_t i = 0; i < run->waiting_count; i++)
		if (attrmap_entry(run, run->waiting[i].entry, e) == -1)
			return -1;
	run->counts.values = values; /* they were counted when they came */
	return run->map->finish == NULL ? 0 : run->map->finish(run, e);
}
