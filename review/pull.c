#include "review/pull.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "review/act.h"
#include "review/difference.h"
#include "review/drift.h"
#include "review/loss.h"
#include "schema/base/enc.h"

/* The circuit breaker: review.md section 2 of the decisions, PAR-03. */
#define LOSS_MAX     20 /* in each class */
#define LOSS_PERCENT 10 /* at once, or in small pieces within a day */
#define A_DAY        86400

#define SCOPE_HALF 32 /* digits of each of its two digests */
#define FIELD      1024

struct last {       /* what the source's newest applied pull left */
	int64_t id; /* 0: there is none */
	int64_t accounts, groups, members;
	int64_t accounts_gone, members_lost; /* within a day before this one */
	char scope[2 * SCOPE_HALF + 2];
};

struct run {
	struct store *store;
	const struct source_settings *settings;
	const struct pull_options *options;
	struct pull_result *result;
	const char *name; /* of the source, in the store */
	int64_t source;   /* 0: not in the store */
	char product[32];
	struct last last;
	struct staging *staging;
	struct staging *told; /* changes, where a full pull verifies them */
	struct difference *difference;
	char scope[2 * SCOPE_HALF + 2];
	int64_t groups;      /* the total after it */
	int64_t let_through; /* the held pull that was confirmed; 0 */
};

/* ---- What was there before ---- */

/* The URL itself, where the name is but its beginning. */
static const char *
name_of(const struct source_settings *s)
{
	return strncmp(s->name, s->url, strlen(s->name)) == 0 ? s->url
	                                                      : s->name;
}

static int
find_source(struct run *r, struct err *e)
{
	struct statement *st = store_use(r->store, "source_by_name", e);
	int more;

	bind_text(st, ":name", r->name);
	if ((more = store_step(st, e)) == 1) {
		r->source = column_int(st, 0);
		(void)snprintf(
		    r->product, sizeof(r->product), "%s", column_text(st, 4));
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}

static int
find_last(struct run *r, struct last *last, struct err *e)
{
	struct statement *st = store_use(r->store, "pull_last_applied", e);
	int more;

	memset(last, 0, sizeof(*last));
	bind_int(st, ":source", r->source);
	if ((more = store_step(st, e)) == 1) {
		last->id = column_int(st, 0);
		(void)snprintf(
		    last->scope, sizeof(last->scope), "%s", column_text(st, 3));
		last->accounts = column_int(st, 4);
		last->groups = column_int(st, 5);
		last->members = column_int(st, 6);
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}

static int
find_lost(struct run *r, struct err *e)
{
	struct statement *st = store_use(r->store, "pull_lost_since", e);

	bind_int(st, ":source", r->source);
	bind_int(st, ":since", r->options->now - A_DAY);
	if (store_step(st, e) != 1)
		return -1;
	r->last.accounts_gone = column_int(st, 0);
	r->last.members_lost = column_int(st, 1);
	store_done(st);
	return 0;
}

/* Whether it is time to read everything: cookies are not given then. */
static int
wants_full(struct run *r, bool *full, struct err *e)
{
	struct statement *st = store_use(r->store, "pull_last_full", e);
	int more;

	bind_int(st, ":source", r->source);
	more = store_step(st, e);
	*full = more != 1 || r->options->full ||
	    r->options->now - column_int(st, 1) >= r->settings->full_every ||
	    strncmp(r->last.scope, r->scope, SCOPE_HALF) != 0;
	store_done(st);
	return more == -1 ? -1 : 0;
}

/* ---- Scope ---- */

static int
hex_digest(const struct buf *b, char out[SCOPE_HALF + 1], struct err *e)
{
	unsigned char digest[32];
	struct buf hex = buf_new(2 * sizeof(digest) + 1);

	if (buf_status(b, e) == -1)
		return -1;
	if (EVP_Digest(b->data, b->length, digest, NULL, EVP_sha256(), NULL) !=
	    1)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	enc_hex(&hex, digest, SCOPE_HALF / 2);
	(void)snprintf(out, SCOPE_HALF + 1, "%s", buf_string(&hex));
	buf_free(&hex);
	return 0;
}

static void
put_field(struct buf *b, const char *text)
{
	buf_put_string(b, text);
	buf_put_byte(b, '\0');
}

/* Of what is configured: known before the first query. */
static int
configured_scope(struct run *r, struct err *e)
{
	const struct source_settings *s = r->settings;
	struct buf b = buf_new(64 * FIELD);
	int result;

	put_field(&b, s->base);
	put_field(&b, s->account_filter);
	put_field(&b, s->group_filter);
	buf_printf(&b, "%d", s->product);
	for (const char *word = NULL;
	     (word = conf_list_next(&s->columns, word)) != NULL;)
		put_field(&b, word);
	result = hex_digest(&b, r->scope, e);
	buf_free(&b);
	return result;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Of what was asked of a server: each base and filter once, whatever the
 * number of servers, pages and retries. Files have none: there a new file is
 * no new scope.
 */
static int
asked_scope(struct run *r, struct err *e)
{
	const struct staging *s = r->staging;
	const struct query *queries = s->queries.data;
	char **lines = calloc(s->queries.count + 1, sizeof(*lines));
	struct buf b = buf_new(64u << 20);
	size_t count = 0;
	int result = -1;

	if (lines == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < s->queries.count; i++) {
		if (queries[i].filter == NULL || queries[i].base == NULL)
			continue;
		if (asprintf(&lines[count], "%s\n%s", queries[i].base,
		        queries[i].filter) == -1) {
			err_set(e, ERR_MEMORY, "out of memory");
			goto out;
		}
		count++;
	}
	qsort(lines, count, sizeof(*lines), by_text);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(lines[i - 1], lines[i]) != 0)
			put_field(&b, lines[i]);
	r->scope[SCOPE_HALF] = '/';
	result = hex_digest(&b, r->scope + SCOPE_HALF + 1, e);
out:
	for (size_t i = 0; i < count; i++)
		free(lines[i]);
	free(lines);
	buf_free(&b);
	return result;
}

/* A pull of changes asks otherwise: it leaves what a full one asked. */
static int
finish_scope(struct run *r, struct err *e)
{
	if (r->staging->sink.mode == SINK_FULL || r->last.id == 0)
		return asked_scope(r, e);
	(void)snprintf(r->scope + SCOPE_HALF, SCOPE_HALF + 2, "%s",
	    r->last.scope + strnlen(r->last.scope, SCOPE_HALF));
	return 0;
}

/* ---- The circuit breaker ---- */

static bool
is_too_much(int64_t lost, int64_t before)
{
	return lost > LOSS_MAX ||
	    (before > 0 && lost * 100 > before * LOSS_PERCENT);
}

/* recent: what pulls before it lost. */
static void
explain_loss(struct run *r, const char *what, int64_t lost, int64_t recent,
    int64_t before, int64_t after)
{
	size_t length = strlen(r->result->reason);
	char *end = r->result->reason + length;
	size_t room = sizeof(r->result->reason) - length;

	if (!is_too_much(lost, before)) {
		long long all = lost + recent, there = before + recent;

		if (lost > 0 && all * 100 > there * LOSS_PERCENT)
			(void)snprintf(end, room,
			    "%s%lld of %lld %s went missing within a day",
			    length == 0 ? "" : "; ", all, there, what);
		return;
	}
	(void)snprintf(end, room, "%s%lld of %lld %s are missing%s",
	    length == 0 ? "" : "; ", (long long)lost, (long long)before, what,
	    after == 0 ? ": all there were" : "");
}

/* Whether what two persons signed is what the held pull's rows still say. */
static int
is_signed(struct run *r, int64_t pull, const void *digest, size_t length,
    bool *good, struct err *e)
{
	unsigned char now[LOSS_DIGEST];

	if (loss_digest(r->store, pull, now, e) == -1)
		return -1;
	*good = length == sizeof(now) && memcmp(now, digest, length) == 0;
	return 0;
}

/* A confirmation that covers this loss. */
static int
find_confirmation(struct run *r, struct err *e)
{
	struct statement *st = store_use(r->store, "pull_confirmation", e);
	unsigned char digest[LOSS_DIGEST] = { 0 };
	int64_t confirmed = 0;
	bool within = false, good = false;
	size_t length = 0;
	int more;

	bind_int(st, ":source", r->source);
	more = store_step(st, e);
	if (more == 1 && strcmp(column_text(st, 1), r->scope) == 0) {
		const void *bytes = column_blob(st, 2, &length);

		confirmed = column_int(st, 0);
		if (bytes != NULL && length == sizeof(digest))
			memcpy(digest, bytes, length);
	}
	store_done(st);
	if (more == -1 ||
	    (confirmed != 0 &&
	        (act_check(r->store, "confirmation", 0, e) == -1 ||
	            is_signed(r, confirmed, digest, length, &good, e) == -1 ||
	            loss_within(r->difference, confirmed, &within, e) == -1)))
		return -1;
	if (within && good)
		r->let_through = confirmed;
	return 0;
}

static int
judge(struct run *r, bool *held, struct err *e)
{
	struct pull_result *result = r->result;
	const struct difference *d = r->difference;

	*held = false;
	result->scope_changed =
	    r->last.id != 0 && strcmp(r->last.scope, r->scope) != 0;
	if (r->last.id == 0)
		return 0;
	result->reason[0] = '\0';
	if (result->scope_changed)
		(void)snprintf(result->reason, sizeof(result->reason),
		    "what is asked for is not what it was");
	if (find_lost(r, e) == -1)
		return -1;
	explain_loss(r, "accounts", d->accounts_gone, r->last.accounts_gone,
	    r->last.accounts, result->accounts);
	explain_loss(r, "memberships", d->members_lost, r->last.members_lost,
	    r->last.members, result->members);
	if (result->reason[0] == '\0')
		return 0;
	if (find_confirmation(r, e) == -1)
		return -1;
	*held = r->let_through == 0;
	return 0;
}

static void
take_totals(struct run *r)
{
	const struct difference *d = r->difference;
	struct pull_result *result = r->result;

	result->accounts_before = r->last.accounts;
	result->members_before = r->last.members;
	result->accounts =
	    r->last.accounts + d->accounts_new - d->accounts_gone;
	result->members = r->last.members + d->members_new - d->members_gone;
	result->groups = r->last.groups + d->groups_new - d->groups_gone;
	result->accounts_new = d->accounts_new;
	result->accounts_changed = d->accounts_changed;
	result->accounts_gone = d->accounts_gone;
	result->members_new = d->members_new;
	result->members_gone = d->members_gone;
	result->members_lost = d->members_lost;
}

/* ---- The ledger ---- */

static int
write_query(struct run *r, size_t n, struct err *e)
{
	const struct query *q =
	    (const struct query *)r->staging->queries.data + n;
	struct statement *st = store_use(r->store, "query_add", e);

	bind_int(st, ":pull", r->result->id);
	bind_int(st, ":n", (int64_t)n + 1);
	bind_text(st, ":what", q->what == NULL ? "" : q->what);
	bind_text(st, ":server", q->server == NULL ? "" : q->server);
	bind_text(st, ":base", q->base);
	bind_text(st, ":filter", q->filter);
	bind_text(st, ":attributes", q->attributes);
	bind_text(st, ":identity", q->identity);
	bind_text(st, ":tls", q->tls);
	bind_int(st, ":result", q->result);
	bind_text(st, ":diagnostic", q->diagnostic);
	bind_int(st, ":entries", q->entries);
	bind_int(st, ":values", q->values);
	bind_int(st, ":pages", q->pages);
	bind_int(st, ":ranges", q->ranges);
	bind_int(st, ":ranges_open", q->ranges_open);
	bind_int(st, ":referrals", q->referrals);
	bind_int(st, ":skipped", q->skipped);
	bind_int(st, ":invalid", q->invalid);
	bind_int(st, ":milliseconds", q->milliseconds);
	bind_blob(st, ":digest", q->digest, sizeof(q->digest));
	bind_int(st, ":complete", q->complete ? 1 : 0);
	bind_text(st, ":incomplete", q->complete ? NULL : q->incomplete);
	return store_run(st, e);
}

static int
write_seen(struct run *r, size_t n, struct err *e)
{
	const struct attribute_seen *seen =
	    (const struct attribute_seen *)r->staging->seen.data + n;
	struct statement *st = store_use(r->store, "seen_add", e);

	bind_int(st, ":pull", r->result->id);
	bind_text(st, ":server", seen->server == NULL ? "" : seen->server);
	bind_text(st, ":what", seen->what == NULL ? "" : seen->what);
	bind_text(st, ":attribute", seen->attribute);
	bind_int(st, ":entries", seen->entries);
	bind_tri(st, ":recorded", seen->recorded);
	if (store_run(st, e) == -1)
		return -1;
	if (seen->begins == 0)
		return 0;
	st = store_use(r->store, "begins_add", e);
	bind_int(st, ":pull", r->result->id);
	bind_text(st, ":host", seen->server == NULL ? "" : seen->server);
	bind_text(st, ":attribute", seen->attribute);
	bind_int(st, ":begins", seen->begins);
	return store_run(st, e);
}

/* SHA-256 over the queries' digests, in their order. */
static int
pull_digest(struct run *r, unsigned char digest[32], struct err *e)
{
	const struct query *q = r->staging->queries.data;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; good && i < r->staging->queries.count; i++)
		good =
		    EVP_DigestUpdate(c, q[i].digest, sizeof(q[i].digest)) == 1;
	good = good && EVP_DigestFinal_ex(c, digest, NULL) == 1;
	EVP_MD_CTX_free(c);
	return good ? 0 : err_set(e, ERR_CRYPTO, "SHA-256 failed");
}

static const char *const state_names[] = {
	[PULL_FAILED] = "failed",
	[PULL_APPLIED] = "applied",
	[PULL_HELD] = "held",
};

static int
write_pull(struct run *r, struct err *e)
{
	const struct pull_result *p = r->result;
	const struct staging *s = r->staging;
	struct statement *st;
	unsigned char digest[32];

	if (pull_digest(r, digest, e) == -1)
		return -1;
	st = store_use(r->store, "pull_add", e);
	bind_int(st, ":id", p->id);
	bind_int(st, ":source", r->source);
	bind_int(st, ":started", r->options->now);
	bind_int(st, ":ended", r->options->now);
	bind_text(st, ":mode", s->sink.mode == SINK_FULL ? "full" : "changes");
	bind_text(st, ":state", state_names[p->state]);
	bind_int(st, ":complete", p->complete ? 1 : 0);
	bind_text(st, ":incomplete", p->complete ? NULL : s->incomplete);
	bind_text(st, ":scope", r->scope);
	bind_int(st, ":now_given", r->options->now_given ? 1 : 0);
	bind_text(st, ":program", "reeve " REEVE_VERSION);
	if (p->state != PULL_FAILED) {
		bind_int(st, ":accounts", p->accounts);
		bind_int(st, ":groups", r->groups);
		bind_int(st, ":members", p->members);
		bind_int(st, ":accounts_new", p->accounts_new);
		bind_int(st, ":accounts_gone", p->accounts_gone);
		bind_int(st, ":accounts_changed", p->accounts_changed);
		bind_int(st, ":members_new", p->members_new);
		bind_int(st, ":members_gone", p->members_gone);
		bind_int(st, ":members_lost", p->members_lost);
	}
	bind_text(st, ":held", p->state == PULL_HELD ? p->reason : NULL);
	bind_fact(st, ":let_through",
	    r->let_through == 0 ? FACT_UNKNOWN : r->let_through);
	bind_blob(st, ":digest", digest, sizeof(digest));
	bind_text(st, ":error", p->state == PULL_FAILED ? p->reason : NULL);
	return store_run(st, e);
}

static int
write_ledger(struct run *r, struct err *e)
{
	if (write_pull(r, e) == -1)
		return -1;
	for (size_t i = 0; i < r->staging->queries.count; i++)
		if (write_query(r, i, e) == -1)
			return -1;
	for (size_t i = 0; i < r->staging->seen.count; i++)
		if (write_seen(r, i, e) == -1)
			return -1;
	return 0;
}

/* ---- Cookies and the source ---- */

static const char *
remembered(const struct staging *s, const char *name)
{
	const struct staged_text *all = s->remembered.data;

	for (size_t i = 0; i < s->remembered.count; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].text;
	return NULL;
}

/*
 * A full pull begins anew. After an incomplete one of changes the old cookies
 * stay, so that what was missed comes again; after an incomplete full one
 * there are none, so that the next is full too. What begins with '+' is kept
 * in any case: which hosts there were.
 */
static int
write_cookies(struct run *r, struct err *e)
{
	const struct staging *s = r->staging;
	const struct staged_text *all = s->remembered.data;
	struct statement *st;

	if (s->sink.mode == SINK_FULL) {
		st = store_use(r->store, "cookies_forget", e);
		bind_int(st, ":source", r->source);
		if (store_run(st, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < s->remembered.count; i++) {
		if (all[i].text == NULL ||
		    strcmp(all[i].name, "product") == 0 ||
		    (!s->complete && all[i].name[0] != '+'))
			continue;
		st = store_use(r->store, "cookie_keep", e);
		bind_int(st, ":source", r->source);
		bind_text(st, ":name", all[i].name);
		bind_text(st, ":value", all[i].text);
		if (store_run(st, e) == -1)
			return -1;
	}
	return 0;
}

static int
write_source(struct run *r, struct err *e)
{
	const struct source_settings *s = r->settings;
	const char *realm = s->realm[0] == '\0' ? r->name : s->realm;
	struct statement *st;

	if (r->source == 0) {
		st = store_use(r->store, "source_add", e);
		bind_text(st, ":name", r->name);
		bind_text(st, ":url", s->url);
		bind_text(st, ":realm", realm);
		bind_int(st, ":core", s->system_class == CLASS_CORE);
		if (store_run(st, e) == -1)
			return -1;
		r->source = store_last_id(r->store);
		r->staging->source = r->source;
	}
	st = store_use(r->store, "source_change", e);
	bind_int(st, ":source", r->source);
	bind_text(st, ":url", s->url);
	bind_text(st, ":realm", realm);
	bind_int(st, ":core", s->system_class == CLASS_CORE);
	bind_text(st, ":product", remembered(r->staging, "product"));
	return store_run(st, e);
}

/* ---- One pull ---- */

/* Its number; a clock behind the newest record is not believed. */
static int
next_number(struct run *r, struct err *e)
{
	struct statement *st = store_use(r->store, "pull_next", e);
	int64_t newest;

	if (store_step(st, e) != 1)
		return -1;
	r->result->id = column_int(st, 0);
	newest = column_int(st, 1);
	store_done(st);
	return r->options->now >= newest
	    ? 0
	    : err_set(e, ERR_CONFIG,
	          "the clock is %lld s behind the newest record in %s",
	          (long long)(newest - r->options->now), store_path(r->store));
}

/* In a transaction: nothing has changed since the pull began. */
static int
check_base(struct run *r, struct err *e)
{
	struct last now;

	if ((r->source == 0 && find_source(r, e) == -1) ||
	    find_last(r, &now, e) == -1)
		return -1;
	if (now.id != r->last.id)
		return err_set(e, ERR_BUSY,
		    "%s: another pull of it was applied meanwhile; run it "
		    "again",
		    r->name);
	r->staging->source = r->source;
	return 0;
}

/* What did not change the state is recorded by itself. */
static int
record(struct run *r, enum pull_state state, struct err *e)
{
	r->result->state = state;
	if (store_begin(r->store, e) == -1)
		return -1;
	if (next_number(r, e) == -1 ||
	    (r->source == 0 && find_source(r, e) == -1) ||
	    write_source(r, e) == -1 || write_ledger(r, e) == -1 ||
	    (state == PULL_HELD &&
	        loss_keep(r->difference, r->result->id, e) == -1)) {
		store_rollback(r->store);
		return -1;
	}
	return store_commit(r->store, e);
}

static int
apply_in(struct run *r, bool *held, struct err *e)
{
	const char *product = remembered(r->staging, "product");

	if (next_number(r, e) == -1 || check_base(r, e) == -1 ||
	    write_source(r, e) == -1 ||
	    difference_find(&r->difference, r->staging,
	        product == NULL ? r->product : product, e) == -1)
		return -1;
	take_totals(r);
	r->groups = r->result->groups;
	if (judge(r, held, e) == -1)
		return -1;
	if (*held)
		return 0;
	r->result->state = PULL_APPLIED;
	if (!r->result->complete)
		(void)snprintf(r->result->reason, sizeof(r->result->reason),
		    "%s", r->staging->incomplete);
	else if (r->let_through == 0)
		r->result->reason[0] = '\0';
	return difference_write(r->difference, r->result->id, e) == -1 ||
	        write_cookies(r, e) == -1 || write_ledger(r, e) == -1 ||
	        loss_forget(r->store, r->source, r->result->id, r->let_through,
	            e) == -1 ||
	        (r->told != NULL &&
	            drift_keep(r->difference, r->told, r->result->id, e) == -1)
	    ? -1
	    : 0;
}

static int
apply_all(struct run *r, bool *held, struct err *e)
{
	if (store_begin(r->store, e) == -1)
		return -1;
	if (apply_in(r, held, e) == -1) {
		store_rollback(r->store);
		return -1;
	}
	if (!*held)
		return store_commit(r->store, e);
	store_rollback(r->store);
	return 0;
}

/* Every key that is written was read or made in the same transaction. */
static int
apply(struct run *r, struct err *e)
{
	struct err later = { .code = ERR_NONE };
	bool held = false;
	int status;

	if (store_check_keys(r->store, false, e) == -1)
		return -1;
	status = apply_all(r, &held, e);
	if (store_check_keys(r->store, true, &later) == -1 && status == 0) {
		*e = later;
		status = -1;
	}
	return status == 0 && held ? record(r, PULL_HELD, e) : status;
}

static void
note_completeness(struct run *r)
{
	struct staging *s = r->staging;

	if (s->queries.count == 0)
		(void)snprintf(s->incomplete, sizeof(s->incomplete),
		    "the source kept no ledger");
	r->result->complete = s->complete;
	r->result->first = r->last.id == 0;
}

/* Where the scratch file goes: beside the database. */
static int
folder_of(const char *path, struct buf *folder, struct err *e)
{
	const char *slash = strrchr(path, '/');

	buf_put(folder, path,
	    slash == NULL || slash == path ? 1 : (size_t)(slash - path));
	return buf_status(folder, e);
}

/* A full pull after pulls of changes says whether these missed something. */
static int
read_told(struct run *r, const struct source_type *type, struct err *e)
{
	struct buf folder = buf_new(4096);
	bool wanted = false;
	int result = -1;

	if (!r->staging->complete || r->staging->sink.mode != SINK_FULL ||
	    r->last.id == 0 ||
	    strncmp(r->last.scope, r->scope, SCOPE_HALF) != 0)
		return 0;
	if (drift_wanted(r->store, r->source, &wanted, e) == 0 &&
	    (!wanted ||
	        (folder_of(store_path(r->store), &folder, e) == 0 &&
	            drift_read(&r->told, r->store, r->source,
	                buf_string(&folder), r->settings, type, r->options,
	                e) == 0)))
		result = 0;
	buf_free(&folder);
	return result;
}

static int
run_source(struct run *r, const struct source_type *type, struct err *e)
{
	struct err failed = { .code = ERR_NONE };
	int read = type->pull(r->settings, &r->staging->sink, &failed);

	note_completeness(r);
	if (finish_scope(r, e) == -1 ||
	    (read == 0 && read_told(r, type, e) == -1))
		return -1;
	if (read == 0)
		return apply(r, e);
	(void)snprintf(
	    r->result->reason, sizeof(r->result->reason), "%s", failed.text);
	r->result->complete = false;
	/* A URL mistyped is no source of ours. */
	return r->source == 0 && r->name == r->settings->url
	    ? 0
	    : record(r, PULL_FAILED, e);
}

static int
prepare(struct run *r, struct err *e)
{
	struct buf folder = buf_new(4096);
	bool full = false;
	int result = -1;

	if (find_source(r, e) == 0 && find_last(r, &r->last, e) == 0 &&
	    next_number(r, e) == 0 && configured_scope(r, e) == 0 &&
	    wants_full(r, &full, e) == 0 &&
	    folder_of(store_path(r->store), &folder, e) == 0 &&
	    staging_new(&r->staging, r->store, r->source, buf_string(&folder),
	        r->options, e) == 0) {
		r->staging->forget = full;
		result = 0;
	}
	buf_free(&folder);
	return result;
}

int
pull_run(struct store *store, const struct source_settings *settings,
    const struct source_type *type, const struct pull_options *options,
    struct pull_result *result, struct err *e)
{
	struct run r = { .store = store,
		.settings = settings,
		.options = options,
		.result = result,
		.name = name_of(settings) };
	int status = -1;

	memset(result, 0, sizeof(*result));
	if (prepare(&r, e) == 0)
		status = run_source(&r, type, e);
	difference_free(&r.difference);
	staging_free(&r.told);
	staging_free(&r.staging);
	return status;
}

/* ---- Letting one through ---- */

static int
check_held(struct store *store, int64_t pull, char name[CONFIG_TEXT_MAX + 1],
    struct err *e)
{
	struct statement *st = store_use(store, "pull_state", e);
	int more;

	bind_int(st, ":pull", pull);
	more = store_step(st, e);
	if (more == 0)
		err_set(e, ERR_USAGE, "there is no pull %lld", (long long)pull);
	else if (more == 1 && strcmp(column_text(st, 0), "held") != 0)
		more = err_set(e, ERR_USAGE, "pull %lld is not held but %s",
		    (long long)pull, column_text(st, 0));
	else if (more == 1 && column_int(st, 5) != 0)
		more = err_set(e, ERR_USAGE,
		    "after pull %lld another of %s was applied; nothing of it "
		    "is left to confirm",
		    (long long)pull, column_text(st, 2));
	if (more == 1)
		(void)snprintf(
		    name, CONFIG_TEXT_MAX + 1, "%s", column_text(st, 2));
	store_done(st);
	return more == 1 ? 0 : -1;
}

int
pull_held(struct store *store, int64_t pull, unsigned char digest[32],
    char name[CONFIG_TEXT_MAX + 1], struct err *e)
{
	return check_held(store, pull, name, e) == -1 ||
	        loss_digest(store, pull, digest, e) == -1
	    ? -1
	    : 0;
}
