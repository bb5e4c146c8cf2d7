/*
 * ldap://, ldaps://, ldapi://: OpenLDAP, Active Directory, 389-DS, FreeIPA.
 * What is asked is the product's table (attrmap.h), how it is asked
 * directory.h; here one follows the other, and each query has its line in the
 * ledger.
 */
#include "review/source_ldap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/source.h"

/* ---- Which product, which part of the tree ---- */

static void
tell_product(struct ldap_pull *p)
{
	p->product = (enum source_product)p->settings->product;
	if (p->product == PRODUCT_AUTO)
		p->product = attrmap_tell(directory_root(p->directory));
	if (p->product == PRODUCT_AUTO)
		p->product = PRODUCT_OPENLDAP; /* and any generic server */
	p->map = attrmap_of(p->product);
}

/* Whether dn is base or below it, as far as spelling goes. */
static bool
is_below(const char *dn, const char *base)
{
	size_t length = strlen(dn), of_base = strlen(base);

	return of_base <= length &&
	    strcasecmp(dn + length - of_base, base) == 0 &&
	    (of_base == length || dn[length - of_base - 1] == ',');
}

/* Contexts that hold the server's own affairs, not accounts. */
static bool
is_service(const char *context)
{
	static const char *const services[] = { "cn=config", "cn=monitor",
		"cn=changelog", "cn=schema", "cn=accesslog", "cn=log",
		"o=ipaca", "cn=deltalog" };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcasecmp(context, services[i]) == 0)
			return true;
	return false;
}

/*
 * The only naming context that isn't the server's own. Of several one must be
 * named: to leave some out unasked would look complete.
 */
static const char *
only_context(const struct ldap_pull *p, struct err *e)
{
	const struct entry_attribute *a =
	    entry_find(directory_root(p->directory), "namingContexts");
	struct buf all = buf_new(ERR_TEXT_SIZE);
	const char *found = NULL;
	size_t count = 0;

	for (size_t i = 0; a != NULL && i < a->count; i++) {
		if (is_service(a->values[i].data))
			continue;
		found = a->values[i].data;
		buf_printf(&all, "%s%s", count++ == 0 ? "" : "; ", found);
	}
	if (count == 0)
		err_set(e, ERR_CONFIG,
		    "the server names no naming context: base must be given");
	else if (count > 1)
		err_set(e, ERR_CONFIG,
		    "the server has several naming contexts, base must name "
		    "one (a source each): %s",
		    buf_string(&all));
	buf_free(&all);
	return count == 1 ? found : NULL;
}

static int
find_base(struct ldap_pull *p, struct err *e)
{
	const char *base = p->settings->base;
	const struct entry_attribute *a;

	if (base[0] == '\0')
		base =
		    directory_root_value(p->directory, "defaultNamingContext");
	if (base == NULL)
		base = only_context(p, e);
	if (base == NULL)
		return -1;
	if (strlen(base) > CONFIG_TEXT_MAX)
		return err_set(e, ERR_LIMIT, "the base is too long");
	(void)strcpy(p->base, base);
	(void)strcpy(p->context, base);
	/* The longest context that the base is in. */
	a = entry_find(directory_root(p->directory), "namingContexts");
	for (size_t i = 0, best = 0; a != NULL && i < a->count; i++) {
		const char *context = a->values[i].data;
		size_t length = strlen(context);

		if (length > best && is_below(base, context)) {
			best = length;
			(void)strcpy(p->context, context);
		}
	}
	return 0;
}

/* ---- One query ---- */

/* "CN=System,{base}" with the naming context in it; "" is the base itself. */
static int
expand_base(const struct ldap_pull *p, const char *from, char *out, size_t size,
    struct err *e)
{
	static const char *const roots[][2] = {
		{ "{schema}", "schemaNamingContext" },
		{ "{configuration}", "configurationNamingContext" },
	};
	static const char mark[] = "{base}";
	const char *with = p->context, *at = strstr(from, mark);
	size_t mark_length = sizeof(mark) - 1;
	int n;

	if (from[0] == '\0') {
		(void)snprintf(out, size, "%s", p->base);
		return 0;
	}
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (at != NULL || (at = strstr(from, roots[i][0])) == NULL)
			continue;
		with = directory_root_value(p->directory, roots[i][1]);
		mark_length = strlen(roots[i][0]);
		if (with == NULL)
			with = p->context;
	}
	if (at == NULL)
		n = snprintf(out, size, "%s", from);
	else
		n = snprintf(out, size, "%.*s%s%s", (int)(at - from), from,
		    with, at + mark_length);
	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s: too long", from);
	return 0;
}

/* The site's filter, where it has one, is for the main query of its kind. */
static const char *
filter_of(const struct ldap_pull *p, const struct attrmap_query *q)
{
	const struct source_settings *s = p->settings;

	if (q->base[0] != '\0' || q->scope != SCOPE_SUBTREE)
		return q->filter;
	if (strcmp(q->what, "accounts") == 0 && s->account_filter[0] != '\0')
		return s->account_filter;
	if (strcmp(q->what, "groups") == 0 && s->group_filter[0] != '\0')
		return s->group_filter;
	return q->filter;
}

int
ldap_query_make(const struct ldap_pull *p, const struct attrmap_query *q,
    struct ldap_query *out, struct err *e)
{
	if (expand_base(p, q->base, out->base, sizeof(out->base), e) == -1)
		return -1;
	out->search = (struct directory_search){
		.what = q->what,
		.base = out->base,
		.scope = (enum directory_scope)q->scope,
		.filter = filter_of(p, q),
		.attributes = q->attributes,
		/* cn=config and the like take no pages (result 12). */
		.page_size =
		    q->scope == SCOPE_BASE || !is_below(out->base, p->context)
		    ? 0
		    : p->settings->page_size,
		.entry_limit = p->settings->entry_limit,
		.optional = q->optional,
		.descriptor = q->descriptor,
	};
	return 0;
}

bool
ldap_query_is_large(const struct attrmap_query *q)
{
	return strcmp(q->what, "accounts") == 0 ||
	    strcmp(q->what, "groups") == 0;
}

static int
hear_entry(void *context, const struct entry *entry, struct err *e)
{
	struct ldap_pull *p = context;

	return attrmap_entry(p->run, entry, e);
}

static int
hear_key(void *context, const struct entry *entry, char *out, size_t size,
    struct err *e)
{
	struct ldap_pull *p = context;

	return attrmap_key(p->run, entry, out, size, e);
}

static int
hear_more(void *context, const char *key, const struct entry_attribute *a,
    struct err *e)
{
	struct ldap_pull *p = context;

	return attrmap_members(p->run, key, a, false, e);
}

static void
hear_progress(void *context, int64_t entries)
{
	struct ldap_pull *p = context;

	if (p->sink->progress != NULL)
		p->sink->progress(p->sink, p->what, entries, 0);
}

struct directory_reader
ldap_reader(struct ldap_pull *p)
{
	return (struct directory_reader){
		.entry = hear_entry,
		.key = hear_key,
		.more = hear_more,
		.progress = hear_progress,
		.context = p,
	};
}

int
ldap_query_record(
    struct ldap_pull *p, const struct attrmap_counts *before, struct err *e)
{
	const struct attrmap_counts *now = attrmap_counts(p->run);
	struct query *q = &p->answer.query;

	q->skipped += now->passed_over - before->passed_over;
	q->invalid += now->invalid - before->invalid;
	p->entries += q->entries;
	if (!q->complete && p->complete) {
		p->complete = false;
		(void)snprintf(p->incomplete, sizeof(p->incomplete), "%s: %s",
		    q->what, q->incomplete);
	}
	return p->sink->query(p->sink, q, e);
}

int
ldap_query_run(
    struct ldap_pull *p, const struct directory_search *search, struct err *e)
{
	struct attrmap_counts before = *attrmap_counts(p->run);
	struct directory_reader reader = ldap_reader(p);

	p->what = search->what;
	if (directory_search(p->directory, search, &reader, &p->answer, e) ==
	    -1)
		return err_in(e, "%s", search->what);
	if (ldap_query_record(p, &before, e) == -1)
		return -1;
	return 0;
}

/* ---- All of it ---- */

/* What attributes were seen is said once for all queries of one kind. */
static bool
is_last_of_kind(const struct attrmap_query *q)
{
	return q[1].what == NULL || strcmp(q[0].what, q[1].what) != 0;
}

static int
pull_full(struct ldap_pull *p, struct err *e)
{
	struct ldap_query query;

	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL; q++) {
		if (ldap_query_make(p, q, &query, e) == -1 ||
		    ldap_query_run(p, &query.search, e) == -1)
			return -1;
		if (is_last_of_kind(q) &&
		    attrmap_seen(p->run, q->what, e) == -1)
			return -1;
	}
	return attrmap_finish(p->run, e);
}

/* A DC has a name of its own, however it was reached. */
static const char *
server_name(const struct ldap_pull *p)
{
	const char *name = p->product == PRODUCT_AD
	    ? directory_root_value(p->directory, "dnsHostName")
	    : NULL;

	return name == NULL ? directory_url(p->directory) : name;
}

/* What changed, where that is enough; else everything. */
static int
pull_what_is_needed(struct ldap_pull *p, struct err *e)
{
	bool done = false;
	int result = -1;

	if (ldap_pull_changes(p, &done, e) == -1)
		return -1;
	if (done)
		return 0;
	p->sink->mode = SINK_FULL;
	if (ldap_mark(p, e) == 0 && pull_full(p, e) == 0 &&
	    ldap_mark_remember(p, true, e) == 0)
		result = 0;
	ldap_mark_free(p);
	return result;
}

/* The store wants it: products differ in what a rename does to members. */
static int
remember_product(struct ldap_pull *p, struct err *e)
{
	return p->sink->remember == NULL
	    ? 0
	    : p->sink->remember(p->sink, "product", attrmap_product(p->map), e);
}

static int
pull(const struct source_settings *settings, struct sink *sink, struct err *e)
{
	/* The answer is large: not on the stack. */
	struct ldap_pull *p = calloc(1, sizeof(*p));
	struct sink *heard;
	int result = -1;

	if (p == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->settings = settings;
	p->sink = sink;
	p->complete = true;
	if (directory_open(&p->directory, settings, NULL, e) == -1)
		goto out;
	tell_product(p);
	if (find_base(p, e) == -1 || remember_product(p, e) == -1)
		goto out;
	heard = ldap_logons_sink(p, e);
	if (heard == NULL ||
	    attrmap_begin(
	        &p->run, p->map, settings, server_name(p), heard, e) == -1 ||
	    ldap_logons_read(p, e) == -1 || pull_what_is_needed(p, e) == -1)
		goto out;
	if (sink->mode == SINK_FULL && !p->complete && p->entries == 0) {
		err_set(e, ERR_INCOMPLETE, "%s", p->incomplete);
		goto out;
	}
	result = 0;
out:
	attrmap_free(&p->run);
	ldap_logons_free(p);
	directory_close(&p->directory);
	free(p);
	return result;
}

const struct source_type source_ldap = {
	.scheme = "ldap",
	.summary = "ldap://HOST: a directory, by StartTLS",
	.pull = pull,
};

const struct source_type source_ldaps = {
	.scheme = "ldaps",
	.summary = "ldaps://HOST: a directory, by TLS",
	.pull = pull,
};

const struct source_type source_ldapi = {
	.scheme = "ldapi",
	.summary = "ldapi://SOCKET: a directory on this host",
	.pull = pull,
};
