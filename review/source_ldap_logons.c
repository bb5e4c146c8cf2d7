/*
 * lastLogon of every domain controller: it is not replicated, so the latest is
 * the greatest of all. The others are asked before accounts are delivered; a
 * sink between the map and the real one then adds what they said. Who was not
 * reached is in the ledger, and that pull is not complete.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/decode.h"
#include "review/known.h"
#include "review/source_ldap.h"

#define SERVERS_MAX 64u
#define NAME_SIZE   256u

struct ldap_logons {
	struct sink sink; /* the first: the map is given this one */
	struct sink *next;
	struct ldap_pull *pull;
	struct known known; /* by key: ticks and server in facts */
	char servers[SERVERS_MAX][NAME_SIZE];
	size_t server_count;
};

struct latest {
	int64_t ticks;
	uint32_t server;
};

static struct ldap_logons *
logons_of(struct sink *sink)
{
	return (struct ldap_logons *)(void *)sink;
}

/* ---- The sink between ---- */

static bool
find_usage(struct ldap_logons *l, const char *key, struct usage *u, char *raw,
    size_t size, struct err *e)
{
	struct known_entry *known = known_find(&l->known, key, e);
	struct latest latest;

	if (known == NULL || known->number == 0)
		return false;
	memcpy(&latest, known->facts, sizeof(latest));
	(void)snprintf(raw, size, "%" PRId64, latest.ticks);
	*u = (struct usage){
		.attribute = "lastLogon",
		.server = l->servers[latest.server],
		.raw = raw,
	};
	return filetime_time(latest.ticks, &u->when);
}

static int
hear_account(struct sink *sink, const struct account *a, struct err *e)
{
	struct ldap_logons *l = logons_of(sink);
	struct account more = *a;
	struct usage usages[64];
	size_t room = sizeof(usages) / sizeof(usages[0]);
	char raw[32];

	if (a->usage_count >= room)
		return l->next->account(l->next, a, e);
	if (a->usage_count > 0)
		memcpy(usages, a->usages, a->usage_count * sizeof(usages[0]));
	if (!find_usage(
	        l, a->key, &usages[a->usage_count], raw, sizeof(raw), e))
		return l->next->account(l->next, a, e);
	more.usages = usages;
	more.usage_count = a->usage_count + 1;
	return l->next->account(l->next, &more, e);
}

static int
hear_group(struct sink *sink, const struct group *g, struct err *e)
{
	struct sink *next = logons_of(sink)->next;

	return next->group(next, g, e);
}

static int
hear_member(struct sink *sink, const struct member *m, struct err *e)
{
	struct sink *next = logons_of(sink)->next;

	return next->member(next, m, e);
}

static int
hear_policy(struct sink *sink, const struct policy *p, struct err *e)
{
	struct sink *next = logons_of(sink)->next;

	return next->policy(next, p, e);
}

static int
hear_query(struct sink *sink, const struct query *q, struct err *e)
{
	struct sink *next = logons_of(sink)->next;

	return next->query(next, q, e);
}

static int
hear_seen(struct sink *sink, const struct attribute_seen *s, struct err *e)
{
	struct sink *next = logons_of(sink)->next;

	return next->seen(next, s, e);
}

/* ---- The other controllers ---- */

static int
hear_logon(void *context, const struct entry *entry, struct err *e)
{
	struct ldap_logons *l = context;
	const struct entry_attribute *a = entry_find(entry, "lastLogon");
	struct latest latest = { .ticks = 0 }, old = { .ticks = 0 };
	struct known_entry *known;
	char key[DIRECTORY_KEY_MAX];

	if (a == NULL || a->count == 0 ||
	    !decode_integer(
	        a->values[0].data, a->values[0].length, &latest.ticks) ||
	    latest.ticks <= 0)
		return 0;
	if (attrmap_key(l->pull->run, entry, key, sizeof(key), e) == -1)
		return -1;
	known = known_find(&l->known, key, e);
	if (known == NULL)
		return -1;
	if (known->number != 0)
		memcpy(&old, known->facts, sizeof(old));
	if (latest.ticks <= old.ticks)
		return 0;
	latest.server = (uint32_t)(l->server_count - 1);
	known->number = 1;
	memcpy(known->facts, &latest, sizeof(latest));
	return 0;
}

static const char *
name_of(const struct directory *d)
{
	const char *name = directory_root_value(d, "dnsHostName");

	return name == NULL ? directory_url(d) : name;
}

/* The same controller may stand in the list under another URL. */
static bool
is_asked(const struct ldap_logons *l, const char *name)
{
	if (strcasecmp(name, name_of(l->pull->directory)) == 0)
		return true;
	for (size_t i = 0; i < l->server_count; i++)
		if (strcasecmp(name, l->servers[i]) == 0)
			return true;
	return false;
}

static int
ask(struct ldap_logons *l, struct directory *d, struct err *e)
{
	static const char *const attributes[] = { "objectGUID", "lastLogon",
		NULL };
	struct ldap_pull *p = l->pull;
	struct directory_reader reader = { .entry = hear_logon, .context = l };
	const struct attrmap_query *q = attrmap_queries(p->map);
	struct attrmap_counts now = *attrmap_counts(p->run);
	struct ldap_query query;

	while (q->what != NULL && strcmp(q->what, "accounts") != 0)
		q++;
	if (q->what == NULL || ldap_query_make(p, q, &query, e) == -1)
		return q->what == NULL ? 0 : -1;
	query.search.what = "lastLogon";
	query.search.attributes = attributes;
	p->what = query.search.what;
	if (directory_search(d, &query.search, &reader, &p->answer, e) == -1)
		return -1;
	return ldap_query_record(p, &now, e);
}

/* Its logons are not known, so that nobody may be called unused. */
static int
record_missing(
    struct ldap_logons *l, const char *url, const char *why, struct err *e)
{
	struct attrmap_counts now = *attrmap_counts(l->pull->run);

	l->pull->answer.query = (struct query){
		.what = "lastLogon",
		.server = url,
		.attributes = "lastLogon",
		.incomplete = why,
	};
	return ldap_query_record(l->pull, &now, e);
}

static int
ask_url(struct ldap_logons *l, const char *url, struct err *e)
{
	struct directory *d = NULL;
	struct err failed = { .code = ERR_NONE };
	int result = 0;

	if (strcmp(url, directory_url(l->pull->directory)) == 0)
		return 0;
	if (directory_open(&d, l->pull->settings, url, &failed) == -1)
		return record_missing(l, url, failed.text, e);
	if (l->server_count < SERVERS_MAX && !is_asked(l, name_of(d))) {
		(void)snprintf(
		    l->servers[l->server_count++], NAME_SIZE, "%s", name_of(d));
		result = ask(l, d, e);
	}
	directory_close(&d);
	return result;
}

int
ldap_logons_read(struct ldap_pull *p, struct err *e)
{
	const struct conf_list *servers = &p->settings->servers;

	if (p->logons == NULL)
		return 0;
	if (ask_url(p->logons, p->settings->url, e) == -1)
		return -1;
	for (const char *url = NULL;
	     (url = conf_list_next(servers, url)) != NULL;)
		if (ask_url(p->logons, url, e) == -1)
			return -1;
	return 0;
}

struct sink *
ldap_logons_sink(struct ldap_pull *p, struct err *e)
{
	struct ldap_logons *l;

	if (p->product != PRODUCT_AD || !p->settings->all_controllers)
		return p->sink;
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	l->next = p->sink;
	l->pull = p;
	l->sink = (struct sink){
		.account = hear_account,
		.group = hear_group,
		.member = hear_member,
		.policy = hear_policy,
		.query = hear_query,
		.seen = hear_seen,
		.mode = SINK_FULL,
		.now = p->sink->now,
	};
	p->logons = l;
	return &l->sink;
}

void
ldap_logons_free(struct ldap_pull *p)
{
	if (p->logons != NULL)
		known_free(&p->logons->known);
	free(p->logons);
	p->logons = NULL;
}
