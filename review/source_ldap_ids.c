#include "review/source_ldap_changes.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/enc.h"

#define IDS_MAX 50000000u

static const struct identity {
	const char *attribute;
	unsigned char parts[6]; /* bytes between hyphens; none: as they are */
} identities[] = {
	[PRODUCT_OPENLDAP] = { "entryUUID", { 4, 2, 2, 2, 6 } },
	[PRODUCT_AD] = { "objectGUID", { 0 } },
	[PRODUCT_389DS] = { "nsUniqueId", { 4, 4, 4, 4 } },
	/* Its keys are of ipaUniqueID, which syncs do not name. */
	[PRODUCT_FREEIPA] = { NULL, { 0 } },
};

static const struct identity *
identity_of(const struct ldap_pull *p)
{
	return &identities[p->product];
}

const char *
id_attribute(const struct ldap_pull *p)
{
	return identity_of(p)->attribute;
}

/* As the directory spells it. */
static void
spell(const struct identity *how, const unsigned char *id, struct buf *out)
{
	size_t at = 0;

	if (how->parts[0] == 0) {
		buf_put(out, id, ID_SIZE);
		return;
	}
	for (size_t i = 0; how->parts[i] != 0; i++) {
		if (i > 0)
			buf_put_byte(out, '-');
		enc_hex(out, id + at, how->parts[i]);
		at += how->parts[i];
	}
}

/* And back: the bytes, or the digits between hyphens. */
static bool
unspell(
    const struct identity *how, const struct entry_value *v, unsigned char *id)
{
	char digits[2 * ID_SIZE];
	size_t n = 0;
	struct err ignored;

	if (how->parts[0] == 0) {
		if (v->length == ID_SIZE)
			memcpy(id, v->data, ID_SIZE);
		return v->length == ID_SIZE;
	}
	for (size_t i = 0; i < v->length; i++) {
		if (v->data[i] == '-')
			continue;
		if (n == sizeof(digits))
			return false;
		digits[n++] = v->data[i];
	}
	return n == sizeof(digits) &&
	    enc_unhex(digits, n, id, ID_SIZE, &ignored) == 0;
}

bool
id_of_entry(
    const struct ldap_pull *p, const struct entry *entry, unsigned char *id)
{
	const struct identity *how = identity_of(p);
	const struct entry_attribute *a = entry_find(entry, how->attribute);

	return a != NULL && a->count > 0 && unspell(how, &a->values[0], id);
}

int
id_key(struct ldap_pull *p, const unsigned char *id, char *out, size_t size,
    struct err *e)
{
	const struct identity *how = identity_of(p);
	struct buf spelt = buf_new(64);
	struct entry_value value = { "", 0 };
	struct entry_attribute attribute = {
		.name = how->attribute, .values = &value, .count = 1
	};
	struct entry entry = { .dn = "", .attributes = &attribute, .count = 1 };
	int result = -1;

	spell(how, id, &spelt);
	value.data = buf_string(&spelt);
	value.length = spelt.length;
	if (buf_status(&spelt, e) == 0)
		result = attrmap_key(p->run, &entry, out, size, e);
	buf_free(&spelt);
	return result;
}

void
id_filter(const struct ldap_pull *p, const struct ids *ids, size_t from,
    struct buf *out)
{
	const struct identity *how = identity_of(p);

	buf_put_string(out, "(|");
	for (size_t i = from; i < ids->count && i < from + ID_BATCH; i++) {
		buf_printf(out, "(%s=", how->attribute);
		if (how->parts[0] != 0)
			spell(how, ids->items[i], out);
		for (size_t b = 0; how->parts[0] == 0 && b < ID_SIZE; b++)
			buf_printf(out, "\\%02x", ids->items[i][b]);
		buf_put_byte(out, ')');
	}
	buf_put_byte(out, ')');
}

int
ids_add(struct ids *ids, const unsigned char *id, struct err *e)
{
	if (ids->count == ids->room) {
		size_t room = ids->room == 0 ? 1024 : ids->room * 2;
		void *items;

		if (room > IDS_MAX)
			return err_set(e, ERR_LIMIT, "too many objects");
		items = reallocarray(ids->items, room, ID_SIZE);
		if (items == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		ids->items = items;
		ids->room = room;
	}
	memcpy(ids->items[ids->count++], id, ID_SIZE);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, ID_SIZE);
}

void
ids_tidy(struct ids *ids)
{
	size_t out = 0;

	if (ids->count > 1)
		qsort(ids->items, ids->count, ID_SIZE, compare);
	for (size_t i = 0; i < ids->count; i++)
		if (out == 0 ||
		    compare(ids->items[out - 1], ids->items[i]) != 0)
			memmove(ids->items[out++], ids->items[i], ID_SIZE);
	ids->count = out;
}

ptrdiff_t
ids_find(const struct ids *ids, const unsigned char *id)
{
	size_t low = 0, high = ids->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(id, ids->items[middle]);

		if (order == 0)
			return (ptrdiff_t)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}
