/*
 * Entries out of libldap's messages, without copying a value: BER is read in
 * place (RFC 4511 section 4.5.2, X.690 with definite lengths only).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/directory_handle.h"

#define TAG_OCTETS   0x04u
#define TAG_SEQUENCE 0x30u
#define TAG_SET      0x31u

/* Bytes that may be changed, left to read. */
struct span {
	char *at;
	size_t left;
};

/* One element of that tag off the front, its content into *out. */
static bool
span_take(struct span *s, unsigned char tag, struct span *out)
{
	const unsigned char *p = (const unsigned char *)s->at;
	size_t head = 2, length;

	if (s->left < 2 || p[0] != tag)
		return false;
	length = p[1];
	if (length >= 0x80) {
		size_t bytes = length & 0x7f;

		if (bytes == 0 || bytes > 4 || s->left < 2 + bytes)
			return false;
		length = 0;
		for (size_t i = 0; i < bytes; i++)
			length = length << 8 | p[2 + i];
		head += bytes;
	}
	if (length > s->left - head)
		return false;
	out->at = s->at + head;
	out->left = length;
	s->at += head + length;
	s->left -= head + length;
	return true;
}

/* Twice the room when it is full; NULL leaves the old one. */
static void *
grown(void *array, size_t *room, size_t count, size_t size)
{
	size_t more = *room == 0 ? 64 : *room * 2;
	void *larger;

	if (count < *room)
		return array;
	larger = reallocarray(array, more, size);
	if (larger != NULL)
		*room = more;
	return larger;
}

static int
add_value(struct entry_room *r, const struct span *bytes, struct err *e)
{
	void *values = r->values;

	if (r->value_count == DIRECTORY_VALUES_MAX)
		return err_set(e, ERR_LIMIT, "an entry has more than %u values",
		    DIRECTORY_VALUES_MAX);
	values =
	    grown(values, &r->value_room, r->value_count, sizeof(*r->values));
	if (values == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->values = values;
	r->values[r->value_count].data = bytes->at;
	r->values[r->value_count].length = bytes->left;
	r->value_count++;
	return 0;
}

/* AttributeDescription (RFC 4512 section 2.5), and AD's "range=0-1499". */
static bool
is_description(const struct span *s)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-.;=*_";

	if (s->left == 0 || s->left > 256)
		return false;
	for (size_t i = 0; i < s->left; i++)
		if (s->at[i] == '\0' || strchr(allowed, s->at[i]) == NULL)
			return false;
	return true;
}

static int
add_attribute(
    struct entry_room *r, struct span content, bool keep_empty, struct err *e)
{
	struct span name, set, value;
	size_t first = r->value_count;
	void *attributes = r->attributes;

	if (!span_take(&content, TAG_OCTETS, &name) ||
	    !span_take(&content, TAG_SET, &set) || content.left != 0 ||
	    !is_description(&name))
		return err_set(
		    e, ERR_FORMAT, "an attribute is not well-formed");
	while (set.left > 0) {
		if (!span_take(&set, TAG_OCTETS, &value))
			return err_set(
			    e, ERR_FORMAT, "a value is not well-formed");
		if (add_value(r, &value, e) == -1)
			return -1;
	}
	if (r->value_count == first && !keep_empty)
		return 0;
	if (r->entry.count == DIRECTORY_ATTRIBUTES_MAX)
		return err_set(e, ERR_LIMIT,
		    "an entry has more than %u attributes",
		    DIRECTORY_ATTRIBUTES_MAX);
	attributes = grown(attributes, &r->attribute_room, r->entry.count,
	    sizeof(*r->attributes));
	if (attributes == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->attributes = attributes;
	r->attributes[r->entry.count] = (struct entry_attribute){
		.name = name.at,
		.count = r->value_count - first,
	};
	r->entry.count++;
	/* The SET's tag, which has been read, becomes the name's end. */
	name.at[name.left] = '\0';
	return 0;
}

/*
 * Once all is read: ends values with NUL (over tags that were read, or the
 * byte that liblber keeps behind a message), parts names from options, and
 * points to the values, which stay where they are now.
 */
static void
finish(struct entry_room *r, char *bytes)
{
	const struct entry_value *v = r->values;

	for (size_t i = 0; i < r->value_count; i++)
		bytes[(r->values[i].data - bytes) +
		    (ptrdiff_t)r->values[i].length] = '\0';
	for (size_t i = 0; i < r->entry.count; i++) {
		struct entry_attribute *a = &r->attributes[i];
		const char *semicolon = strchr(a->name, ';');

		if (semicolon != NULL) {
			bytes[semicolon - bytes] = '\0';
			a->options = semicolon + 1;
		}
		a->values = v;
		v += a->count;
	}
	r->entry.attributes = r->attributes;
}

static void
digest_part(EVP_MD_CTX *digest, const char *bytes, size_t length)
{
	unsigned char head[4];

	if (digest == NULL)
		return;
	for (unsigned i = 0; i < sizeof(head); i++)
		head[i] = (unsigned char)(length >> (8 * i));
	/* Updates of SHA-256 don't fail once it was begun. */
	(void)EVP_DigestUpdate(digest, head, sizeof(head));
	(void)EVP_DigestUpdate(digest, bytes, length);
}

/*
 * ber keeps the tag of its next element to itself, since the DN's NUL has
 * overwritten one; the elements themselves are whole. So once a message.
 */
int
entry_open(LDAP *ld, LDAPMessage *m, struct entry_bytes *bytes, struct err *e)
{
	BerElement *ber = NULL;
	struct berval first = { 0, NULL };
	ber_len_t before = 0, after = 0;
	int result = -1;

	*bytes = (struct entry_bytes){ .list = NULL };
	if (ldap_get_dn_ber(ld, m, &ber, &bytes->dn) != LDAP_SUCCESS ||
	    ber == NULL || bytes->dn.bv_val == NULL ||
	    ber_get_option(ber, LBER_OPT_BER_REMAINING_BYTES, &before) !=
	        LBER_OPT_SUCCESS)
		goto out;
	if (before > 0) {
		if (ber_skip_element(ber, &first) != TAG_SEQUENCE ||
		    ber_get_option(ber, LBER_OPT_BER_REMAINING_BYTES, &after) !=
		        LBER_OPT_SUCCESS ||
		    after > before || first.bv_len > before - after)
			goto out;
		bytes->list = first.bv_val - (before - after - first.bv_len);
		bytes->length = before;
	}
	result = 0;
out:
	ber_free(ber, 0);
	if (result == -1)
		err_set(e, ERR_FORMAT, "an entry is not well-formed");
	return result;
}

int
entry_read(struct entry_room *r, const struct entry_bytes *from,
    bool keep_empty, EVP_MD_CTX *digest, struct err *e)
{
	struct span list = { from->list, from->length }, one;

	r->entry = (struct entry){ .dn = NULL };
	r->value_count = 0;
	if (from->dn.bv_len > DIRECTORY_DN_MAX)
		return err_set(e, ERR_LIMIT, "a DN has more than %u bytes",
		    DIRECTORY_DN_MAX);
	digest_part(digest, from->dn.bv_val, from->dn.bv_len);
	digest_part(digest, list.at, list.left);
	while (list.left > 0)
		if (!span_take(&list, TAG_SEQUENCE, &one))
			return err_set(e, ERR_FORMAT,
			    "an entry's attributes are not well-formed");
		else if (add_attribute(r, one, keep_empty, e) == -1)
			return -1;
	finish(r, from->list);
	r->entry.dn = from->dn.bv_val;
	r->dn_length = from->dn.bv_len;
	return 0;
}

void
entry_free(struct entry_room *r)
{
	free(r->attributes);
	free(r->values);
	*r = (struct entry_room){ .attributes = NULL };
}
