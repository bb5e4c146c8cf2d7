#include "review/loss.h"

#include <openssl/evp.h>
#include <string.h>

/* ---- Each thing that this pull loses, by ids ---- */

typedef int visit(void *, int64_t group, int64_t member, struct err *);

/* visit: 0 to go on, 1 to stop, -1. */
static int
each_lost(struct difference *d, visit *see, void *context, struct err *e)
{
	const unsigned gone = OBJECT_CURRENT | OBJECT_GONE;
	const struct ended_edge *all = d->ended.data;
	int status = 0;

	for (size_t i = 0; status == 0 && i < d->staging->objects.count; i++) {
		const struct object *o =
		    staging_object(d->staging, (uint32_t)i);

		if ((o->flags & (gone | OBJECT_DELIVERED)) == gone)
			status = see(context, 0, o->id, e);
	}
	for (size_t i = 0; status == 0 && i < d->ended.count; i++)
		if (all[i].lost)
			status = see(context, all[i].group, all[i].member, e);
	return status;
}

struct keeping {
	struct statement *st;
	int group, member;
};

static void
keeping_use(struct keeping *k, struct store *store, const char *name,
    int64_t pull, struct err *e)
{
	k->st = store_use(store, name, e);
	k->group = bind_place(k->st, ":group");
	k->member = bind_place(k->st, ":member");
	bind_int(k->st, ":pull", pull);
}

static int
keep_one(void *context, int64_t group, int64_t member, struct err *e)
{
	struct keeping *k = context;

	store_again(k->st);
	bind_int_at(k->st, k->group, group);
	bind_int_at(k->st, k->member, member);
	return store_run(k->st, e);
}

static int
is_missing(void *context, int64_t group, int64_t member, struct err *e)
{
	struct keeping *k = context;
	int more;

	store_again(k->st);
	bind_int_at(k->st, k->group, group);
	bind_int_at(k->st, k->member, member);
	more = store_step(k->st, e);
	return more == -1 ? -1 : more == 0;
}

/* ---- The rows, and their digest ---- */

/* The pull whose rows they are. */
static int
first_of(struct store *store, int64_t pull, int64_t *first, struct err *e)
{
	struct statement *st = store_use(store, "loss_first", e);

	bind_int(st, ":pull", pull);
	if (store_step(st, e) != 1)
		return -1;
	*first = column_is_null(st, 0) ? pull : column_int(st, 0);
	store_done(st);
	return 0;
}

static const char *
kind_name(int64_t kind)
{
	return kind == OBJECT_ACCOUNT ? "account" : "right";
}

static bool
add_field(EVP_MD_CTX *c, const char *before, const char *text)
{
	return EVP_DigestUpdate(c, before, strlen(before)) == 1 &&
	    EVP_DigestUpdate(c, text, strlen(text)) == 1;
}

static bool
add_row(EVP_MD_CTX *c, struct statement *st)
{
	const char *kind = kind_name(column_int(st, 1));
	const char *key = column_text(st, 2);

	return column_int(st, 0) == 0
	    ? add_field(c, "", kind) && add_field(c, "\t", key) &&
	        add_field(c, "\n", "")
	    : add_field(c, "member\t", column_text(st, 3)) &&
	        add_field(c, "\t", kind) && add_field(c, "\t", key) &&
	        add_field(c, "\n", "");
}

static int
digest_rows(struct store *store, int64_t pull, int64_t rows, EVP_MD_CTX *c,
    struct err *e)
{
	struct statement *st = store_use(store, "loss_head", e);
	bool good;
	int more;

	bind_int(st, ":pull", pull);
	if (store_step(st, e) != 1)
		return -1;
	good = add_field(c, "source\t", column_text(st, 0)) &&
	    add_field(c, "\nscope\t", column_text(st, 1)) &&
	    add_field(c, "\n", "");
	store_done(st);
	st = store_use(store, "loss_rows", e);
	bind_int(st, ":pull", rows);
	while (good && (more = store_step(st, e)) != 0) {
		if (more == -1)
			return -1;
		good = add_row(c, st);
	}
	store_done(st);
	return good ? 0 : err_set(e, ERR_CRYPTO, "SHA-256 failed");
}

static int
make_digest(struct store *store, int64_t pull, int64_t rows,
    unsigned char digest[LOSS_DIGEST], struct err *e)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int result = -1;

	if (c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256 failed");
	else if (digest_rows(store, pull, rows, c, e) == 0)
		result = EVP_DigestFinal_ex(c, digest, NULL) == 1
		    ? 0
		    : err_set(e, ERR_CRYPTO, "SHA-256 failed");
	EVP_MD_CTX_free(c);
	return result;
}

int
loss_digest(struct store *store, int64_t pull,
    unsigned char digest[LOSS_DIGEST], struct err *e)
{
	int64_t first;

	return first_of(store, pull, &first, e) == -1
	    ? -1
	    : make_digest(store, pull, first, digest, e);
}

static int
forget_rows(struct store *store, int64_t pull, struct err *e)
{
	struct statement *st = store_use(store, "loss_forget", e);

	bind_int(st, ":pull", pull);
	return store_run(st, e);
}

int
loss_keep(struct difference *d, int64_t pull, struct err *e)
{
	struct store *store = d->staging->store;
	unsigned char digest[LOSS_DIGEST];
	struct keeping k;
	struct statement *st;
	int64_t first;

	keeping_use(&k, store, "loss_add", pull, e);
	if (each_lost(d, keep_one, &k, e) == -1 ||
	    make_digest(store, pull, pull, digest, e) == -1)
		return -1;
	st = store_use(store, "loss_set", e);
	bind_int(st, ":pull", pull);
	bind_blob(st, ":digest", digest, sizeof(digest));
	if (store_run(st, e) == -1 || first_of(store, pull, &first, e) == -1)
		return -1;
	return first == pull ? 0 : forget_rows(store, pull, e);
}

int
loss_within(struct difference *d, int64_t pull, bool *within, struct err *e)
{
	struct store *store = d->staging->store;
	struct keeping k;
	int64_t first;
	int status;

	*within = false;
	if (first_of(store, pull, &first, e) == -1)
		return -1;
	keeping_use(&k, store, "loss_covers", first, e);
	if ((status = each_lost(d, is_missing, &k, e)) == -1)
		return -1;
	store_done(k.st);
	*within = status == 0;
	return 0;
}

int
loss_forget(struct store *store, int64_t source, int64_t pull, int64_t kept,
    struct err *e)
{
	struct statement *st;
	int64_t first = 0;

	if (kept != 0 && first_of(store, kept, &first, e) == -1)
		return -1;
	st = store_use(store, "loss_overtaken", e);
	bind_int(st, ":source", source);
	bind_int(st, ":pull", pull);
	bind_int(st, ":kept", first);
	return store_run(st, e);
}

int
loss_each(struct store *store, int64_t pull, loss_see *see, void *context,
    struct err *e)
{
	struct statement *st;
	int64_t first;
	int more;

	if (first_of(store, pull, &first, e) == -1)
		return -1;
	st = store_use(store, "loss_rows", e);
	bind_int(st, ":pull", first);
	while ((more = store_step(st, e)) == 1) {
		bool member = column_int(st, 0) != 0;
		struct loss_row row = {
			.what =
			    member ? "member" : kind_name(column_int(st, 1)),
			.key = column_text(st, 2),
			.group = member ? column_text(st, 3) : NULL,
			.name = column_text(st, 4),
			.group_name = member ? column_text(st, 5) : NULL,
		};

		if (see(context, &row, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	return more;
}
