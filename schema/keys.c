#include "schema/keys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"

static bool
is(const struct line *l, const char *type)
{
	return strcmp(l->type, type) == 0;
}

bool
keys_needs_root(const struct line *l)
{
	return is(l, "checkpoint");
}

bool
keys_names(const struct line *l)
{
	return is(l, "init") || is(l, "uncertified") || is(l, "epoch");
}

bool
keys_is_kept(const struct line *l)
{
	return keys_names(l) || is(l, "segment") || is(l, "prune");
}

static int
bad(const struct line *l, struct err *e, const char *why)
{
	return err_set(e, ERR_TAMPERED, "record %" PRIu64 " (%s): %s", l->seq,
	    l->type, why);
}

/* "epoch" and "vkey", which must be a key of the record's "origin". */
static int
read_epoch(const struct line *l, struct keys_epoch *epoch, struct err *e)
{
	char origin[NOTE_NAME_MAX + 1], vkey[2 * NOTE_NAME_MAX];

	*epoch = (struct keys_epoch){ 0 };
	if (line_get_text(l, "origin", origin, sizeof(origin), e) != 1 ||
	    line_get_number(l, "epoch", &epoch->number, e) != 1 ||
	    line_get_text(l, "vkey", vkey, sizeof(vkey), e) != 1 ||
	    note_key_parse(vkey, &epoch->key, e) == -1 ||
	    strcmp(epoch->key.name, origin) != 0 || epoch->number < 1)
		return bad(l, e, "does not name a key of its origin");
	return 0;
}

static int
remember(struct keys *k, const struct note_key *key, struct err *e)
{
	struct note_key *all;

	if (k->count == KEYS_MAX)
		return err_set(e, ERR_LIMIT, "over %u keys", KEYS_MAX);
	if ((k->count & (k->count - 1)) == 0) {
		size_t room = k->count == 0 ? 1 : 2 * k->count;

		if ((all = realloc(k->all, room * sizeof(*all))) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		k->all = all;
	}
	k->all[k->count++] = *key;
	return 0;
}

static int
begin_origin(struct keys *k, const struct line *l,
    const struct note_key *trusted, struct err *e)
{
	struct keys_epoch first;

	if (read_epoch(l, &first, e) == -1)
		return -1;
	if (first.number != 1)
		return bad(l, e, "does not begin with epoch 1");
	if (is(l, "init") && (k->any_origin || l->seq != 1))
		return bad(l, e, "is not the second record");
	/* The trail's first, whatever names it. */
	if (!k->any_origin && trusted != NULL &&
	    !note_key_same(trusted, &first.key))
		return bad(l, e, "names another first key than the one given");
	if (is(l, "uncertified")) {
		k->uncertified++;
		k->uncertified_at = l->seq;
	}
	k->any_origin = true;
	first.certified = true;
	k->current = first;
	k->next = k->after = (struct keys_epoch){ 0 };
	return remember(k, &first.key, e);
}

/* A later record for an epoch replaces an earlier one: see epoch_advance. */
static int
announce(struct keys *k, const struct line *l, struct err *e)
{
	struct keys_epoch epoch;

	if (read_epoch(l, &epoch, e) == -1)
		return -1;
	if (strcmp(epoch.key.name, k->current.key.name) != 0)
		return bad(l, e, "is of another origin");
	if (epoch.number == k->current.number + 1)
		k->next = epoch;
	else if (epoch.number == k->current.number + 2 && k->next.certified)
		k->after = epoch;
	else
		return bad(l, e, "is not the next epoch");
	return 0;
}

static int
certify(struct keys *k, struct keys_epoch *epoch, struct err *e)
{
	if (epoch->number == 0 || epoch->certified)
		return 0;
	epoch->certified = true;
	return remember(k, &epoch->key, e);
}

/* The key of that epoch has signed: those before it are over. */
static int
signed_by(struct keys *k, bool by_next, struct err *e)
{
	if (by_next) {
		k->current = k->next;
		k->next = k->after;
		k->after = (struct keys_epoch){ 0 };
	}
	return certify(k, &k->next, e);
}

static int
read_checkpoint(const struct line *l, struct checkpoint *c,
    unsigned char *signature, struct err *e)
{
	char encoded[2 * NOTE_SIGNATURE];
	struct buf b = buf_new(NOTE_SIGNATURE);
	int64_t size;
	int result = -1;

	*c = (struct checkpoint){ 0 };
	if (line_get_text(l, "origin", c->origin, sizeof(c->origin), e) == 1 &&
	    line_get_number(l, "size", &size, e) == 1 && size >= 0 &&
	    line_get_hex(l, "root", c->root, TREE_HASH, e) == 1 &&
	    line_get_text(l, "signature", encoded, sizeof(encoded), e) == 1 &&
	    enc_unbase64(encoded, strlen(encoded), &b, e) == 0 &&
	    b.length == NOTE_SIGNATURE) {
		c->size = (uint64_t)size;
		memcpy(signature, b.data, NOTE_SIGNATURE);
		result = 0;
	}
	buf_free(&b);
	return result == 0 ? 0 : bad(l, e, "is no checkpoint");
}

static int
checkpoint(struct keys *k, const struct line *l, const unsigned char *root,
    struct err *e)
{
	unsigned char signature[NOTE_SIGNATURE];
	struct buf text = buf_new(NOTE_MAX);
	struct checkpoint c;
	bool by_next;
	int result = -1;

	if (read_checkpoint(l, &c, signature, e) == -1)
		return -1;
	if (c.size != l->seq || memcmp(c.root, root, TREE_HASH) != 0)
		return err_set(e, ERR_TAMPERED,
		    "of the records %" PRIu64 " to %" PRIu64
		    " one was altered: the checkpoint in record %" PRIu64
		    " has another root",
		    k->checked, l->seq - 1, l->seq);
	if (strcmp(c.origin, k->current.key.name) != 0)
		return bad(l, e, "is of another origin");
	checkpoint_print(&c, &text);
	if (buf_status(&text, e) == -1)
		goto out;
	by_next = k->next.certified &&
	    note_verify(&k->next.key, buf_string(&text), text.length, signature,
	        e) == 0;
	if (!by_next &&
	    note_verify(&k->current.key, buf_string(&text), text.length,
	        signature, e) == -1) {
		if (e->code == ERR_TAMPERED)
			bad(l, e, "is not signed by the key of its epoch");
		goto out;
	}
	k->checked = c.size;
	result = signed_by(k, by_next, e);
out:
	buf_free(&text);
	return result;
}

int
keys_record(struct keys *k, const struct line *l, const unsigned char *root,
    const struct note_key *trusted, struct err *e)
{
	if (is(l, "init") || is(l, "uncertified"))
		return begin_origin(k, l, trusted, e);
	if (l->seq == 1 && !k->any_origin)
		return bad(l, e, "stands where \"init\" should");
	if (is(l, "epoch"))
		return announce(k, l, e);
	if (is(l, "checkpoint"))
		return checkpoint(k, l, root, e);
	return 0;
}

int
keys_signed(const struct keys *k, const struct note *n, struct err *e)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct note_line *l = note_find(n, &k->all[i]);

		if (l != NULL)
			return note_verify(&k->all[i], n->text, n->text_length,
			           l->signature, e) == -1
			    ? -1
			    : 1;
	}
	return 0;
}

bool
keys_has_origin(const struct keys *k, const char *origin)
{
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->all[i].name, origin) == 0)
			return true;
	return false;
}

void
keys_free(struct keys *k)
{
	free(k->all);
	*k = (struct keys){ 0 };
}
