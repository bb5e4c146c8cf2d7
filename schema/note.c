#include "schema/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "schema/base/enc.h"
#include "schema/base/secret.h"

#define ED25519      1u              /* the signature type */
#define DASH         "\xe2\x80\x94 " /* U+2014 and a space */
#define DASH_LENGTH  4u
#define ID           4u /* bytes */
#define PROOF_HEADER "c2sp.org/tlog-proof@v1\n"
#define BASE64_HASH  44u /* characters of 32 bytes */

/* Neither Unicode spaces nor '+' nor control characters. */
static bool
is_name(const char *name, size_t length)
{
	/* The spaces of Unicode beyond ASCII, in UTF-8. */
	static const char *const spaces[] = { "\xc2\x85", "\xc2\xa0",
		"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
		"\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
		"\xe3\x80\x80" };

	if (length == 0 || length > NOTE_NAME_MAX || !enc_is_utf8(name, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == '+' ||
		    name[i] == 0x7f)
			return false;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
		if (memmem(name, length, spaces[i], strlen(spaces[i])) != NULL)
			return false;
	return true;
}

static uint32_t
big_endian(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static void
put_id(struct buf *b, uint32_t id)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_put_byte(b, (unsigned char)(id >> shift));
}

/* SHA-256(name, line feed, type, public key), its first four bytes. */
static int
set_id(struct note_key *k, struct err *e)
{
	struct buf b = buf_new(NOTE_NAME_MAX + 2 + NOTE_KEY);
	unsigned char hash[TREE_HASH];
	int result = -1;

	buf_put_string(&b, k->name);
	buf_put_byte(&b, '\n');
	buf_put_byte(&b, ED25519);
	buf_put(&b, k->key, NOTE_KEY);
	if (buf_status(&b, e) == -1)
		goto out;
	if (EVP_Digest(b.data, b.length, hash, NULL, EVP_sha256(), NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256 failed");
		goto out;
	}
	k->id = big_endian(hash);
	result = 0;
out:
	buf_free(&b);
	return result;
}

static int
parse_key(const char *text, struct note_key *k, struct buf *key, struct err *e)
{
	const char *id = strchr(text, '+');
	const char *encoded = id == NULL ? NULL : strchr(id + 1, '+');
	unsigned char id_bytes[ID];

	if (encoded == NULL || !is_name(text, (size_t)(id - text)))
		return err_set(e, ERR_FORMAT, "not name+id+key");
	memcpy(k->name, text, (size_t)(id - text));
	if (enc_unhex(id + 1, (size_t)(encoded - id - 1), id_bytes, ID, e) ==
	        -1 ||
	    enc_unbase64(encoded + 1, strlen(encoded + 1), key, e) == -1)
		return -1;
	if (key->length != 1 + NOTE_KEY || key->data[0] != ED25519)
		return err_set(e, ERR_FORMAT, "not an Ed25519 key");
	memcpy(k->key, key->data + 1, NOTE_KEY);
	if (set_id(k, e) == -1)
		return -1;
	if (k->id != big_endian(id_bytes))
		return err_set(e, ERR_FORMAT, "the id is not that key's");
	return 0;
}

int
note_key_parse(const char *text, struct note_key *k, struct err *e)
{
	struct buf key = buf_new(NOTE_MAX);
	int result;

	*k = (struct note_key){ 0 };
	result = parse_key(text, k, &key, e);
	buf_free(&key);
	return result == -1 ? err_in(e, "verifier key") : 0;
}

void
note_key_print(const struct note_key *k, struct buf *b)
{
	unsigned char typed[1 + NOTE_KEY] = { ED25519 };

	memcpy(typed + 1, k->key, NOTE_KEY);
	buf_printf(b, "%s+%08" PRIx32 "+", k->name, k->id);
	enc_base64(b, typed, sizeof(typed));
}

bool
note_key_same(const struct note_key *a, const struct note_key *b)
{
	return strcmp(a->name, b->name) == 0 && a->id == b->id &&
	    memcmp(a->key, b->key, NOTE_KEY) == 0;
}

int
note_signer_set(struct note_signer *s, const char *name,
    const unsigned char *seed, struct err *e)
{
	size_t length = NOTE_KEY;
	EVP_PKEY *pkey;
	int ok;

	*s = (struct note_signer){ 0 };
	if (!is_name(name, strlen(name)))
		return err_set(e, ERR_FORMAT, "not the name of a key");
	memcpy(s->key.name, name, strlen(name));
	memcpy(s->seed, seed, NOTE_KEY);
	pkey = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, NOTE_KEY);
	ok = pkey != NULL &&
	    EVP_PKEY_get_raw_public_key(pkey, s->key.key, &length) == 1;
	EVP_PKEY_free(pkey);
	if (!ok) {
		note_signer_wipe(s);
		return err_set(e, ERR_CRYPTO, "no Ed25519 key");
	}
	return set_id(&s->key, e);
}

void
note_signer_wipe(struct note_signer *s)
{
	secret_wipe(s, sizeof(*s));
}

int
note_sign(const struct note_signer *s, const char *text, size_t length,
    unsigned char *signature, struct err *e)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, s->seed, NOTE_KEY);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t written = NOTE_SIGNATURE;
	int ok;

	ok = pkey != NULL && context != NULL &&
	    EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestSign(context, signature, &written,
	        (const unsigned char *)text, length) == 1 &&
	    written == NOTE_SIGNATURE;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return ok ? 0 : err_set(e, ERR_CRYPTO, "Ed25519 did not sign");
}

int
note_verify(const struct note_key *k, const char *text, size_t length,
    const unsigned char *signature, struct err *e)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, k->key, NOTE_KEY);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ok = pkey != NULL && context != NULL &&
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1;

	if (!ok)
		err_set(e, ERR_CRYPTO, "Ed25519 is not to be had");
	else if (EVP_DigestVerify(context, signature, NOTE_SIGNATURE,
	             (const unsigned char *)text, length) != 1) {
		ok = 0;
		err_set(e, ERR_TAMPERED, "a bad signature of %s", k->name);
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return ok ? 0 : -1;
}

void
note_print_signature(
    const struct note_key *k, const unsigned char *signature, struct buf *b)
{
	struct buf both = buf_new(ID + NOTE_SIGNATURE);

	put_id(&both, k->id);
	buf_put(&both, signature, NOTE_SIGNATURE);
	buf_printf(b, DASH "%s ", k->name);
	enc_base64(b, both.data, both.length);
	buf_put_byte(b, '\n');
	buf_free(&both);
}

/* "name base64", without dash and line feed. */
static int
parse_signature(
    const char *text, size_t length, struct note_line *l, struct err *e)
{
	struct buf bytes = buf_new(NOTE_MAX);
	const char *space = memchr(text, ' ', length);
	int result = -1;

	*l = (struct note_line){ 0 };
	if (space == NULL || !is_name(text, (size_t)(space - text))) {
		err_set(e, ERR_FORMAT, "a signature without a name");
		goto out;
	}
	l->name = text;
	l->name_length = (size_t)(space - text);
	if (enc_unbase64(space + 1, length - l->name_length - 1, &bytes, e) ==
	    -1)
		goto out;
	if (bytes.length <= ID) {
		err_set(e, ERR_FORMAT, "a signature that is too short");
		goto out;
	}
	l->id = big_endian(bytes.data);
	l->is_ours = bytes.length == ID + NOTE_SIGNATURE;
	if (l->is_ours)
		memcpy(l->signature, bytes.data + ID, NOTE_SIGNATURE);
	result = 0;
out:
	buf_free(&bytes);
	return result;
}

/* The signature lines at *at; it ends behind the last of them. */
static int
parse_signatures(
    const char **at, const char *end, struct note *n, struct err *e)
{
	while ((size_t)(end - *at) >= DASH_LENGTH &&
	    memcmp(*at, DASH, DASH_LENGTH) == 0) {
		const char *from = *at + DASH_LENGTH;
		const char *feed = memchr(from, '\n', (size_t)(end - from));

		if (feed == NULL)
			return err_set(e, ERR_FORMAT, "a signature is cut off");
		if (n->count == NOTE_SIGNATURES_MAX)
			return err_set(e, ERR_FORMAT, "over %u signatures",
			    NOTE_SIGNATURES_MAX);
		if (parse_signature(from, (size_t)(feed - from),
		        &n->line[n->count], e) == -1)
			return -1;
		n->count++;
		*at = feed + 1;
	}
	return 0;
}

size_t
note_parse(const char *bytes, size_t length, struct note *n, struct err *e)
{
	const char *end = bytes + (length > NOTE_MAX ? NOTE_MAX : length);
	const char *at;

	*n = (struct note){ .text = bytes };
	/*
	 * The text may hold empty lines itself; the one that counts has a
	 * signature behind it.
	 */
	at = memmem(bytes, (size_t)(end - bytes), "\n\n" DASH, 2 + DASH_LENGTH);
	if (at == NULL || at == bytes) {
		err_set(e, ERR_FORMAT, "not a signed note");
		return 0;
	}
	n->text_length = (size_t)(at - bytes) + 1;
	at += 2;
	if (parse_signatures(&at, end, n, e) == -1)
		return 0;
	for (const char *c = bytes; c < at; c++)
		if ((unsigned char)*c < ' ' && *c != '\n') {
			err_set(e, ERR_FORMAT, "a control character");
			return 0;
		}
	if (!enc_is_utf8(bytes, (size_t)(at - bytes))) {
		err_set(e, ERR_FORMAT, "not UTF-8");
		return 0;
	}
	return (size_t)(at - bytes);
}

const struct note_line *
note_find(const struct note *n, const struct note_key *k)
{
	size_t length = strlen(k->name);

	for (size_t i = 0; i < n->count; i++)
		if (n->line[i].is_ours && n->line[i].id == k->id &&
		    n->line[i].name_length == length &&
		    memcmp(n->line[i].name, k->name, length) == 0)
			return &n->line[i];
	return NULL;
}

/* The line at *at without its line feed; *at is then behind that. */
static bool
next_line(const char **at, const char *end, const char **line, size_t *length)
{
	const char *feed = memchr(*at, '\n', (size_t)(end - *at));

	if (feed == NULL)
		return false;
	*line = *at;
	*length = (size_t)(feed - *at);
	*at = feed + 1;
	return true;
}

static int
parse_hash(const char *text, size_t length, unsigned char *hash, struct err *e)
{
	struct buf b = buf_new(TREE_HASH);
	int result = -1;

	if (length != BASE64_HASH)
		err_set(e, ERR_FORMAT, "not a hash");
	else if (enc_unbase64(text, length, &b, e) == 0 &&
	    b.length == TREE_HASH) {
		memcpy(hash, b.data, TREE_HASH);
		result = 0;
	}
	buf_free(&b);
	return result;
}

int
checkpoint_parse(
    const char *text, size_t length, struct checkpoint *c, struct err *e)
{
	const char *at = text, *end = text + length, *line;

	*c = (struct checkpoint){ 0 };
	if (!next_line(&at, end, &line, &length) || length == 0 ||
	    length > NOTE_NAME_MAX || memchr(line, '\0', length) != NULL)
		return err_set(e, ERR_FORMAT, "a checkpoint without origin");
	memcpy(c->origin, line, length);
	if (!next_line(&at, end, &line, &length) ||
	    enc_number(line, length, INT64_MAX, &c->size, e) == -1)
		return err_set(e, ERR_FORMAT, "a checkpoint without size");
	if (!next_line(&at, end, &line, &length) ||
	    parse_hash(line, length, c->root, e) == -1)
		return err_set(e, ERR_FORMAT, "a checkpoint without root");
	while (next_line(&at, end, &line, &length))
		if (length == 0)
			return err_set(e, ERR_FORMAT, "an empty extension");
	return at == end ? 0 : err_set(e, ERR_FORMAT, "a line is cut off");
}

void
checkpoint_print(const struct checkpoint *c, struct buf *b)
{
	buf_printf(b, "%s\n%" PRIu64 "\n", c->origin, c->size);
	enc_base64(b, c->root, TREE_HASH);
	buf_put_byte(b, '\n');
}

int
proof_parse(const char *bytes, size_t length, struct proof *p, struct err *e)
{
	static const char header[] = PROOF_HEADER;
	const char *at = bytes, *end = bytes + length, *line;
	struct note note;

	*p = (struct proof){ 0 };
	if (length < sizeof(header) - 1 ||
	    memcmp(bytes, header, sizeof(header) - 1) != 0)
		return err_set(e, ERR_FORMAT, "not a tlog-proof");
	at += sizeof(header) - 1;
	if (!next_line(&at, end, &line, &length))
		return err_set(e, ERR_FORMAT, "a proof is cut off");
	if (length > 6 && memcmp(line, "extra ", 6) == 0 &&
	    !next_line(&at, end, &line, &length))
		return err_set(e, ERR_FORMAT, "a proof is cut off");
	if (length <= 6 || memcmp(line, "index ", 6) != 0 ||
	    enc_number(line + 6, length - 6, INT64_MAX, &p->path.index, e) ==
	        -1)
		return err_set(e, ERR_FORMAT, "a proof without index");
	while (next_line(&at, end, &line, &length) && length > 0) {
		if (p->path.count == TREE_LEVELS)
			return err_set(e, ERR_FORMAT, "a proof is too long");
		if (parse_hash(line, length, p->path.hash[p->path.count], e) ==
		    -1)
			return -1;
		p->path.count++;
	}
	p->note = at;
	p->note_length = (size_t)(end - at);
	if (p->note_length == 0 ||
	    note_parse(at, p->note_length, &note, e) != p->note_length)
		return err_set(e, ERR_FORMAT, "a proof without checkpoint");
	return 0;
}

void
proof_print(const struct tree_path *p, const char *note, size_t note_length,
    struct buf *b)
{
	buf_printf(b, PROOF_HEADER "index %" PRIu64 "\n", p->index);
	for (size_t i = 0; i < p->count; i++) {
		enc_base64(b, p->hash[i], TREE_HASH);
		buf_put_byte(b, '\n');
	}
	buf_put_byte(b, '\n');
	buf_put(b, note, note_length);
}
