/*
 * The four methods by which a directory tells what changed: syncrepl, the
 * numbers of a domain controller, DirSync, and times of modification.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "review/source_ldap_changes.h"
#include "schema/base/enc.h"

#define CHANGES_MAX 20000u  /* objects; more are read faster by a full pull */
#define DELTAS_MAX  200000u /* values of members added and removed */

/* ---- Entries that tell of a change ---- */

void
changes_need_full(struct changes *c, const char *format, ...)
{
	va_list arguments;

	if (c->why[0] != '\0')
		return;
	va_start(arguments, format);
	(void)vsnprintf(c->why, sizeof(c->why), format, arguments);
	va_end(arguments);
}

int
changes_add(struct changes *c, const unsigned char *id, struct err *e)
{
	if (c->changed.count < CHANGES_MAX)
		return ids_add(&c->changed, id, e);
	changes_need_full(c, "more than %u changes", CHANGES_MAX);
	return 0;
}

void
changes_spell_time(int64_t seconds, char *out, size_t size)
{
	time_t at = (time_t)seconds;
	struct tm parts;

	if (gmtime_r(&at, &parts) == NULL ||
	    strftime(out, size, "%Y%m%d%H%M%SZ", &parts) == 0)
		(void)snprintf(out, size, "19700101000000Z");
}

static bool
first_is(const struct entry *entry, const char *name, const char *value)
{
	const struct entry_attribute *a = entry_find(entry, name);

	return a != NULL && a->count > 0 &&
	    strcasecmp(a->values[0].data, value) == 0;
}

/* When it was made, "20261129..." as both products spell it; else "". */
static const char *
made(const struct entry *entry)
{
	const struct entry_attribute *a = entry_find(entry, "createTimestamp");

	if (a == NULL)
		a = entry_find(entry, "whenCreated");
	return a == NULL || a->count == 0 ? "" : a->values[0].data;
}

/* What is asked of entries beside their id, to know containers. */
static const char *const container_attributes[] = { "objectClass",
	"hasSubordinates", "numSubordinates", "createTimestamp", "whenCreated",
	"isDeleted", NULL };

static bool
is_container(const struct entry *entry)
{
	return first_is(entry, "hasSubordinates", "TRUE") ||
	    entry_has(entry, "objectClass", "organizationalUnit") ||
	    entry_has(entry, "objectClass", "container") ||
	    (entry_find(entry, "numSubordinates") != NULL &&
	        !first_is(entry, "numSubordinates", "0"));
}

/*
 * A container that changed may have been renamed or moved, and all below it
 * with it, or show or hide others than before; these would not be named. One
 * that is new has only new entries, or ones that were moved.
 */
static bool
is_old_container(const struct changes *c, const struct entry *entry)
{
	char since[32];

	if (!is_container(entry))
		return false;
	changes_spell_time(c->since, since, sizeof(since));
	return strncmp(made(entry), since, strlen("YYYYMMDDHHMMSS")) < 0;
}

static int
note_entry(struct changes *c, const unsigned char *id,
    const struct entry *entry, struct err *e)
{
	if (first_is(entry, "isDeleted", "TRUE"))
		return ids_add(&c->gone, id, e);
	if (is_old_container(c, entry))
		changes_need_full(c,
		    "%s changed, and what is below it may be elsewhere now",
		    entry->dn);
	return changes_add(c, id, e);
}

/*
 * What was not read to its end is no ground for changes; the full pull that
 * follows then has lines of its own.
 */
int
changes_record(struct changes *c, struct err *e)
{
	struct attrmap_counts now = *attrmap_counts(c->pull->run);
	struct query *q = &c->pull->answer.query;

	if (!q->complete) {
		changes_need_full(c, "%s: %s", q->what, q->incomplete);
		return 0;
	}
	/* Base and filter are the scope of a pull, and this is not. */
	if (q->diagnostic == NULL)
		q->diagnostic = q->filter;
	q->base = NULL;
	q->filter = NULL;
	return ldap_query_record(c->pull, &now, e);
}

static int
hear_found(void *context, const struct entry *entry, struct err *e)
{
	struct changes *c = context;
	unsigned char id[ID_SIZE];

	if (id_of_entry(c->pull, entry, id))
		return note_entry(c, id, entry, e);
	changes_need_full(c, "%s has no %s", entry->dn, id_attribute(c->pull));
	return 0;
}

int
changes_find(
    struct changes *c, const char *what, const char *filter, struct err *e)
{
	struct ldap_pull *p = c->pull;
	const char *attributes[sizeof(container_attributes) /
	        sizeof(container_attributes[0]) +
	    1] = { id_attribute(p) };
	struct directory_search search = {
		.what = what,
		.base = p->base,
		.scope = SCOPE_SUBTREE,
		.filter = filter,
		.attributes = attributes,
		.page_size = p->settings->page_size,
		.entry_limit = p->settings->entry_limit,
	};
	struct directory_reader reader = { .entry = hear_found, .context = c };

	memcpy(
	    attributes + 1, container_attributes, sizeof(container_attributes));
	p->what = what;
	if (directory_search(p->directory, &search, &reader, &p->answer, e) ==
	    -1)
		return -1;
	return changes_record(c, e);
}

static int
ignore_entry(void *context, const struct entry *entry, struct err *e)
{
	(void)context;
	(void)entry;
	(void)e;
	return 0;
}

/* ---- syncrepl (RFC 4533) ---- */

static bool
syncrepl_offered(const struct ldap_pull *p)
{
	/* Samba does not offer it, and a critical one hangs. */
	return p->product != PRODUCT_AD &&
	    directory_offers(
	        p->directory, "supportedControl", "1.3.6.1.4.1.4203.1.9.1.1");
}

static int
keep_csn(void *context, const struct entry *entry, struct err *e)
{
	const struct entry_attribute *a = entry_find(entry, "contextCSN");
	struct buf *cookie = context;

	for (size_t i = 0; a != NULL && i < a->count; i++) {
		buf_put_string(cookie, i == 0 ? "rid=000,csn=" : ";");
		buf_put(cookie, a->values[i].data, a->values[i].length);
	}
	return buf_status(cookie, e);
}

static int
ignore_changed(void *context, const unsigned char *id,
    const struct entry *entry, struct err *e)
{
	(void)context;
	(void)id;
	(void)entry;
	(void)e;
	return 0;
}

static int
ignore_id(void *context, const unsigned char *id, struct err *e)
{
	(void)context;
	(void)id;
	(void)e;
	return 0;
}

static struct directory_search
sync_search(const struct ldap_pull *p, const char *const *attributes)
{
	return (struct directory_search){
		.what = "changes",
		.base = p->base,
		.scope = SCOPE_SUBTREE,
		.filter = "(objectClass=*)",
		.attributes = attributes,
		.entry_limit = p->settings->entry_limit,
	};
}

/*
 * slapd's cookie is the suffix's contextCSN, so that one read serves. From
 * others it is had by a refresh, whose entries are of no use.
 */
static int
syncrepl_mark(struct ldap_pull *p, struct buf *cookie, struct err *e)
{
	static const char *const csn[] = { "contextCSN", NULL };
	static const char *const nothing[] = { "1.1", NULL };
	struct directory_search search = sync_search(p, nothing);
	struct directory_reader reader = { .entry = keep_csn,
		.context = cookie };
	struct sync_reader none = { ignore_changed, ignore_id, ignore_id,
		NULL };
	struct sync_result result;
	int status;

	if (p->product == PRODUCT_OPENLDAP) {
		search.base = p->context;
		search.scope = SCOPE_BASE;
		search.attributes = csn;
		return directory_search(
		    p->directory, &search, &reader, &p->answer, e);
	}
	status = directory_syncrepl(
	    p->directory, &search, NULL, &none, &result, &p->answer, e);
	buf_put(cookie, result.cookie.data, result.cookie.length);
	sync_result_free(&result);
	return status == -1 ? -1 : buf_status(cookie, e);
}

static int
sync_changed(void *context, const unsigned char *id, const struct entry *entry,
    struct err *e)
{
	return note_entry(context, id, entry, e);
}

static int
sync_deleted(void *context, const unsigned char *id, struct err *e)
{
	struct changes *c = context;

	return ids_add(&c->gone, id, e);
}

static int
sync_present(void *context, const unsigned char *id, struct err *e)
{
	struct changes *c = context;

	return ids_add(&c->present, id, e);
}

static int
syncrepl_learn(struct changes *c, const struct buf *cookie, struct err *e)
{
	struct ldap_pull *p = c->pull;
	struct directory_search search = sync_search(p, container_attributes);
	struct sync_reader reader = { sync_changed, sync_deleted, sync_present,
		c };
	struct sync_result result;
	int status;

	p->what = search.what;
	status = directory_syncrepl(
	    p->directory, &search, cookie, &reader, &result, &p->answer, e);
	if (status == 0) {
		/*
		 * 389-DS lists what is gone and says at the end that it did not
		 * (refreshDeletes 0): others would take all the rest for gone.
		 */
		c->absent_is_gone =
		    result.absent_is_gone && p->product == PRODUCT_OPENLDAP;
		if (result.refused)
			changes_need_full(
			    c, "the server does not take the cookie");
		/* When nothing changed, slapd may leave the cookie out. */
		if (result.cookie.length == 0)
			buf_put(&c->cookie, cookie->data, cookie->length);
		buf_put(&c->cookie, result.cookie.data, result.cookie.length);
		status = changes_record(c, e);
	}
	sync_result_free(&result);
	return status;
}

/* ---- uSNChanged (MS-ADTS 3.1.1.1.9) ---- */

static bool
usn_offered(const struct ldap_pull *p)
{
	return p->product == PRODUCT_AD &&
	    directory_root_value(p->directory, "highestCommittedUSN") != NULL;
}

static int
keep_invocation(void *context, const struct entry *entry, struct err *e)
{
	const struct entry_attribute *a = entry_find(entry, "invocationId");
	struct buf *out = context;

	if (a != NULL && a->count > 0)
		enc_hex(out, a->values[0].data, a->values[0].length);
	return buf_status(out, e);
}

/*
 * "INVOCATION USN": the numbers are of this DC's database alone, and of that
 * database as long as it was not restored. The root DSE was read before all
 * else, so nothing falls between.
 */
static int
usn_mark(struct ldap_pull *p, struct buf *cookie, struct err *e)
{
	static const char *const attributes[] = { "invocationId", NULL };
	struct directory_search search = {
		.what = "invocationId",
		.base = directory_root_value(p->directory, "dsServiceName"),
		.filter = "(objectClass=*)",
		.attributes = attributes,
	};
	struct directory_reader reader = { .entry = keep_invocation,
		.context = cookie };

	if (search.base == NULL)
		return 0;
	if (directory_search(p->directory, &search, &reader, &p->answer, e) ==
	    -1)
		return -1;
	if (cookie->length > 0)
		buf_printf(cookie, " %s",
		    directory_root_value(p->directory, "highestCommittedUSN"));
	return buf_status(cookie, e);
}

/* The number behind the blank, if both are of one database. */
static bool
usn_of(struct buf *old, struct buf *now, uint64_t *usn)
{
	const char *text = buf_string(old), *blank = strchr(text, ' ');
	struct err ignored;

	return blank != NULL &&
	    strncmp(text, buf_string(now), (size_t)(blank - text) + 1) == 0 &&
	    enc_number(blank + 1, strlen(blank + 1), INT64_MAX - 1, usn,
	        &ignored) == 0;
}

static int
usn_learn(struct changes *c, const struct buf *cookie, struct err *e)
{
	struct buf filter = buf_new(512), old = buf_new(DIRECTORY_COOKIE_MAX);
	uint64_t usn = 0;
	int result = -1;

	buf_put(&old, cookie->data, cookie->length);
	if (usn_mark(c->pull, &c->cookie, e) == -1)
		goto out;
	result = 0;
	if (!usn_of(&old, &c->cookie, &usn)) {
		changes_need_full(
		    c, "another domain controller, or a restored one");
		goto out;
	}
	buf_printf(&filter,
	    "(&(uSNChanged>=%llu)(|(objectClass=user)(objectClass=group)"
	    "(objectClass=foreignSecurityPrincipal)(objectClass=sudoRole)"
	    "(objectClass=organizationalUnit)(objectClass=container)))",
	    (unsigned long long)usn + 1);
	c->sweep = true;
	result = buf_status(&filter, e) == -1
	    ? -1
	    : changes_find(c, "changes", buf_string(&filter), e);
out:
	buf_free(&filter);
	buf_free(&old);
	return result;
}

/* ---- modifyTimestamp ---- */

static bool
timestamp_offered(const struct ldap_pull *p)
{
	return p->product != PRODUCT_AD;
}

static int
timestamp_mark(struct ldap_pull *p, struct buf *cookie, struct err *e)
{
	char text[32];

	changes_spell_time(p->sink->now - CHANGES_OVERLAP, text, sizeof(text));
	buf_put_string(cookie, text);
	return buf_status(cookie, e);
}

static int
timestamp_learn(struct changes *c, const struct buf *cookie, struct err *e)
{
	struct buf filter = buf_new(256);
	int result = -1;

	buf_put_string(&filter, "(modifyTimestamp>=");
	buf_put(&filter, cookie->data, cookie->length);
	buf_put_byte(&filter, ')');
	c->sweep = true;
	if (timestamp_mark(c->pull, &c->cookie, e) == 0 &&
	    buf_status(&filter, e) == 0)
		result = changes_find(c, "changes", buf_string(&filter), e);
	buf_free(&filter);
	return result;
}

/* ---- DirSync (MS-ADTS 3.1.1.3.4.1.3) ---- */

/* The first byte of what is remembered; the cookie follows. */
#define DIRSYNC_REPLICATION 'r' /* the reader may replicate */
#define DIRSYNC_SECURITY    's' /* it may not, and deletions are not certain */

static bool
dirsync_offered(const struct ldap_pull *p)
{
	return p->product == PRODUCT_AD &&
	    directory_offers(
	        p->directory, "supportedControl", "1.2.840.113556.1.4.841");
}

static struct directory_search
dirsync_search(const struct ldap_pull *p, const char *const *attributes)
{
	return (struct directory_search){
		.what = "changes",
		.base = p->context,
		.scope = SCOPE_SUBTREE,
		.filter = "(|(objectClass=user)(objectClass=group)"
		          "(objectClass=foreignSecurityPrincipal)"
		          "(objectClass=sudoRole)"
		          "(objectClass=organizationalUnit)"
		          "(objectClass=container))",
		.attributes = attributes,
		.entry_limit = p->settings->entry_limit,
	};
}

/* All that is there goes by once, with its id alone. */
static int
dirsync_mark(struct ldap_pull *p, struct buf *cookie, struct err *e)
{
	static const char *const attributes[] = { "objectGUID", NULL };
	static const char kinds[] = { DIRSYNC_REPLICATION, DIRSYNC_SECURITY };
	struct directory_search search = dirsync_search(p, attributes);
	struct directory_reader reader = { .entry = ignore_entry };
	struct sync_result result;
	int status = 0;

	for (size_t i = 0;
	     i < sizeof(kinds) && status == 0 && cookie->length == 0; i++) {
		status = directory_dirsync(p->directory, &search,
		    kinds[i] == DIRSYNC_SECURITY ? DIRSYNC_OBJECT_SECURITY : 0,
		    NULL, &reader, &result, &p->answer, e);
		if (status == 0 && result.cookie.length > 0) {
			buf_put_byte(cookie, (unsigned char)kinds[i]);
			buf_put(
			    cookie, result.cookie.data, result.cookie.length);
		}
		sync_result_free(&result);
	}
	return status == -1 ? -1 : buf_status(cookie, e);
}

/* Values with their texts behind them, in one piece of memory. */
static struct entry_value *
copy_values(const struct entry_attribute *a)
{
	size_t bytes = (a->count + 1) * sizeof(struct entry_value);
	struct entry_value *values;
	char *at;

	for (size_t i = 0; i < a->count; i++)
		bytes += a->values[i].length + 1;
	values = malloc(bytes);
	if (values == NULL)
		return NULL;
	at = (char *)(values + a->count + 1);
	for (size_t i = 0; i < a->count; i++) {
		memcpy(at, a->values[i].data, a->values[i].length);
		at[a->values[i].length] = '\0';
		values[i] = (struct entry_value){ at, a->values[i].length };
		at += a->values[i].length + 1;
	}
	return values;
}

/* Kept, since they are delivered when all is known. */
static int
add_delta(struct changes *c, const unsigned char *id,
    const struct entry_attribute *a, bool removed, struct err *e)
{
	struct delta *d;

	c->delta_values += a->count;
	if (c->delta_values > DELTAS_MAX) {
		changes_need_full(
		    c, "more than %u changes of members", DELTAS_MAX);
		return 0;
	}
	if (c->delta_count == c->delta_room) {
		size_t room = c->delta_room == 0 ? 64 : c->delta_room * 2;

		d = reallocarray(c->deltas, room, sizeof(*d));
		if (d == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		c->deltas = d;
		c->delta_room = room;
	}
	d = &c->deltas[c->delta_count++];
	*d = (struct delta){ .name = strdup(a->name),
		.values = copy_values(a),
		.count = a->count,
		.removed = removed };
	memcpy(d->group, id, ID_SIZE);
	return d->name == NULL || d->values == NULL
	    ? err_set(e, ERR_MEMORY, "out of memory")
	    : 0;
}

/* What DirSync gives of each object, whatever changed. */
static bool
is_always_given(const char *name)
{
	return strcasecmp(name, "objectGUID") == 0 ||
	    strcasecmp(name, "instanceType") == 0 ||
	    strcasecmp(name, "distinguishedName") == 0;
}

static int
take_attributes(struct changes *c, const unsigned char *id,
    const struct entry *entry, bool *other, struct err *e)
{
	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];
		const char *options = a->options == NULL ? "" : a->options;
		bool removed = strcmp(options, "range=0-0") == 0;

		if (is_always_given(a->name))
			continue;
		if (strcasecmp(a->name, "member") != 0)
			*other = true;
		else if (removed || strcmp(options, "range=1-1") == 0) {
			if (add_delta(c, id, a, removed, e) == -1)
				return -1;
		} else if (a->count > 0)
			changes_need_full(
			    c, "%s: its members came whole", entry->dn);
	}
	return 0;
}

struct dirsync_context {
	struct changes *changes;
	struct ids moved;
};

/*
 * A name or parent that changed, of something that is not new. Whether it is a
 * container is looked up: DirSync gives only what changed.
 */
static bool
is_moved(const struct entry *entry)
{
	return entry_find(entry, "whenCreated") == NULL &&
	    (entry_find(entry, "name") != NULL ||
	        entry_find(entry, "parentGUID") != NULL);
}

static int
hear_dirsync(void *context, const struct entry *entry, struct err *e)
{
	struct dirsync_context *x = context;
	struct changes *c = x->changes;
	unsigned char id[ID_SIZE];
	bool other = false;

	if (!id_of_entry(c->pull, entry, id)) {
		changes_need_full(c, "%s has no objectGUID", entry->dn);
		return 0;
	}
	if (first_is(entry, "isDeleted", "TRUE"))
		return ids_add(&c->gone, id, e);
	if (entry_find(entry, "isDeleted") != NULL)
		changes_need_full(
		    c, "%s was restored, maybe with memberships", entry->dn);
	if (take_attributes(c, id, entry, &other, e) == -1 ||
	    (is_moved(entry) && ids_add(&x->moved, id, e) == -1))
		return -1;
	return other ? changes_add(c, id, e) : 0;
}

static int
hear_container(void *context, const struct entry *entry, struct err *e)
{
	(void)e;
	changes_need_full(context, "%s was renamed or moved", entry->dn);
	return 0;
}

/* Whether a container is among those that moved. */
static int
look_for_containers(struct changes *c, struct ids *moved, struct err *e)
{
	static const char *const nothing[] = { "1.1", NULL };
	struct ldap_pull *p = c->pull;
	struct directory_reader reader = { .entry = hear_container,
		.context = c };
	struct directory_search search = {
		.what = "containers",
		.base = p->context,
		.scope = SCOPE_SUBTREE,
		.attributes = nothing,
		.page_size = p->settings->page_size,
	};
	int status = 0;

	ids_tidy(moved);
	for (size_t i = 0; i < moved->count && status == 0; i += ID_BATCH) {
		struct buf filter = buf_new(ID_FILTER_MAX);

		buf_put_string(&filter,
		    "(&(|(objectClass=organizationalUnit)"
		    "(objectClass=container))");
		id_filter(p, moved, i, &filter);
		buf_put_byte(&filter, ')');
		search.filter = buf_string(&filter);
		status = buf_status(&filter, e);
		if (status == 0)
			status = directory_search(
			    p->directory, &search, &reader, &p->answer, e);
		/* The ledger tells what was asked, not of whom. */
		p->answer.query.filter = "(|(objectClass=organizationalUnit)"
		                         "(objectClass=container))";
		if (status == 0)
			status = changes_record(c, e);
		buf_free(&filter);
	}
	return status;
}

/* All that the product's queries ask for, but for what is made at reading. */
static void
list_replicated(const struct ldap_pull *p, const char **out, size_t room)
{
	static const char *const beside[] = { "objectGUID", "objectClass",
		"name", "parentGUID", "isDeleted", "whenCreated" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		out[n++] = beside[i];
	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL; q++) {
		if (!ldap_query_is_large(q))
			continue;
		for (const char *const *a = q->attributes;
		     *a != NULL && n + 1 < room; a++)
			if (strstr(*a, "Computed") == NULL)
				out[n++] = *a;
	}
	out[n] = NULL;
}

static int
dirsync_learn(struct changes *c, const struct buf *cookie, struct err *e)
{
	struct ldap_pull *p = c->pull;
	const char *attributes[256];
	struct directory_search search = dirsync_search(p, attributes);
	struct dirsync_context x = { .changes = c };
	struct directory_reader reader = { .entry = hear_dirsync,
		.context = &x };
	struct sync_result result;
	struct buf old = buf_new(DIRECTORY_COOKIE_MAX);
	unsigned char kind = cookie->data[0];
	unsigned security =
	    kind == DIRSYNC_SECURITY ? DIRSYNC_OBJECT_SECURITY : 0;
	int status;

	list_replicated(
	    p, attributes, sizeof(attributes) / sizeof(attributes[0]));
	buf_put(&old, cookie->data + 1, cookie->length - 1);
	p->what = search.what;
	status = directory_dirsync(p->directory, &search,
	    DIRSYNC_INCREMENTAL_VALUES | security, &old, &reader, &result,
	    &p->answer, e);
	if (status == 0) {
		if (result.refused)
			changes_need_full(
			    c, "the server does not take the cookie");
		buf_put_byte(&c->cookie, kind);
		buf_put(&c->cookie, result.cookie.data, result.cookie.length);
		status = changes_record(c, e);
	}
	if (status == 0 && c->why[0] == '\0')
		status = look_for_containers(c, &x.moved, e);
	c->deltas_only = true;
	c->sweep = kind == DIRSYNC_SECURITY;
	sync_result_free(&result);
	free(x.moved.items);
	buf_free(&old);
	return status;
}

const struct method ldap_methods[] = {
	{ "syncrepl", INCREMENTAL_SYNCREPL, syncrepl_offered, syncrepl_mark,
	    syncrepl_learn },
	{ "usn", INCREMENTAL_USN, usn_offered, usn_mark, usn_learn },
	{ "dirsync", INCREMENTAL_DIRSYNC, dirsync_offered, dirsync_mark,
	    dirsync_learn },
	{ "timestamp", INCREMENTAL_TIMESTAMP, timestamp_offered, timestamp_mark,
	    timestamp_learn },
	{ .name = NULL },
};
