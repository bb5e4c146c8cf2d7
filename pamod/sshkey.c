/*
 * SSH_AUTH_INFO_0: a line for each method that succeeded, "publickey TYPE
 * BASE64" for keys. The blobs are those of RFC 4253 section 6.6, RFC 5656
 * section 3.1, RFC 8709 section 4, and OpenSSH's PROTOCOL.u2f and
 * PROTOCOL.certkeys. sshd has verified the signatures; here is only read
 * which key it was.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "pamod/factor.h"
#include "schema/base/enc.h"

#define INFO_MAX       65536u /* bytes of SSH_AUTH_INFO_0 */
#define BLOB_MAX       32768u /* bytes of a key or certificate */
#define PRINCIPALS_MAX 256u   /* as OpenSSH's SSHKEY_CERT_MAX_PRINCIPALS */
#define LIST_MAX       16384u /* bytes of the principals, of the addresses */
#define CERT_USER      1u     /* SSH2_CERT_TYPE_USER */

/* A type of key: how many strings of its blob make the public key. */
struct key_type {
	const char *name;
	const char *certificate;
	unsigned strings;
	bool hardware;
};

static const struct key_type key_types[] = {
	{ "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", 1, false },
	{ "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", 2, false },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", 2,
	    false },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", 2,
	    false },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", 2,
	    false },
	{ "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com",
	    2, true },
	{ "sk-ecdsa-sha2-nistp256@openssh.com",
	    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3, true },
	{ "ssh-dss", "ssh-dss-cert-v01@openssh.com", 4, false },
};

/* A piece of the blob. */
struct piece {
	const char *at;
	size_t length;
};

static uint32_t
take_u32(struct cursor *c)
{
	const unsigned char *b = cursor_take(c, 4);

	return b == NULL ? 0
	                 : (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	        (uint32_t)b[2] << 8 | b[3];
}

static uint64_t
take_u64(struct cursor *c)
{
	uint64_t high = take_u32(c);

	return high << 32 | take_u32(c);
}

/* RFC 4251 section 5, "string"; empty when it does not fit. */
static struct piece
take_string(struct cursor *c)
{
	size_t length = take_u32(c);
	const unsigned char *at = cursor_take(c, length);

	return (struct piece){ (const char *)at, at == NULL ? 0 : length };
}

static bool
piece_is(struct piece piece, const char *text)
{
	return piece.at != NULL && piece.length == strlen(text) &&
	    memcmp(piece.at, text, piece.length) == 0;
}

static struct cursor
piece_cursor(struct piece piece)
{
	return cursor_new(piece.at == NULL ? "" : piece.at, piece.length);
}

static const struct key_type *
find_type(struct piece name, bool *certificate)
{
	for (size_t i = 0; i < sizeof(key_types) / sizeof(key_types[0]); i++) {
		*certificate = piece_is(name, key_types[i].certificate);
		if (*certificate || piece_is(name, key_types[i].name))
			return &key_types[i];
	}
	return NULL;
}

/* "SHA256:" and base64 without padding, as ssh-keygen -l says it. */
static int
spell_fingerprint(const unsigned char digest[32], char out[51], struct err *e)
{
	struct buf b = buf_new(64);
	int result = -1;

	buf_put_string(&b, "SHA256:");
	enc_base64(&b, digest, 32);
	if (buf_status(&b, e) == 0 && b.length == 51) {
		memcpy(out, b.data, 50);
		out[50] = '\0'; /* over the one '=' */
		result = 0;
	}
	buf_free(&b);
	return result;
}

static int
hash_blob(const void *bytes, size_t length, unsigned char digest[32],
    char fingerprint[51], struct err *e)
{
	if (SHA256(bytes, length, digest) == NULL)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	return spell_fingerprint(digest, fingerprint, e);
}

static void
put_u32(struct buf *b, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_put_byte(b, (unsigned char)(value >> shift));
}

/* The fingerprint of a certified key: of its blob as it would be alone. */
static int
hash_certified(const struct key_type *type, struct piece key,
    struct sshkey_info *info, struct err *e)
{
	struct buf plain = buf_new(BLOB_MAX);
	int result = -1;

	put_u32(&plain, (uint32_t)strlen(type->name));
	buf_put_string(&plain, type->name);
	buf_put(&plain, key.at, key.length);
	if (buf_status(&plain, e) == 0)
		result = hash_blob(plain.data, plain.length, info->digest,
		    info->fingerprint, e);
	buf_free(&plain);
	return result;
}

/* A list of strings, each put into out with a NUL behind it. */
static int
take_principals(struct piece list, struct buf *out, struct err *e)
{
	struct cursor c = piece_cursor(list);
	unsigned count = 0;

	while (!c.failed && cursor_left(&c) > 0) {
		struct piece one = take_string(&c);

		if (c.failed || one.length == 0 || ++count > PRINCIPALS_MAX ||
		    memchr(one.at, '\0', one.length) != NULL)
			return err_set(e, ERR_FORMAT, "bad principals");
		buf_put(out, one.at, one.length);
		buf_put_byte(out, 0);
	}
	if (cursor_finish(&c, "principals", e) == -1)
		return -1;
	return buf_status(out, e);
}

/* PROTOCOL.certkeys, "Critical options": of interest is the source address. */
static int
take_options(struct piece list, struct buf *addresses, struct err *e)
{
	struct cursor c = piece_cursor(list);

	while (!c.failed && cursor_left(&c) > 0) {
		struct piece name = take_string(&c);
		struct piece data = take_string(&c);
		struct cursor inside = piece_cursor(data);
		struct piece value;

		if (c.failed || !piece_is(name, "source-address"))
			continue;
		value = take_string(&inside);
		if (cursor_finish(&inside, "source-address", e) == -1)
			return -1;
		if (addresses->length > 0 || value.length == 0 ||
		    memchr(value.at, '\0', value.length) != NULL)
			return err_set(e, ERR_FORMAT, "bad source-address");
		buf_put(addresses, value.at, value.length);
	}
	if (cursor_finish(&c, "critical options", e) == -1)
		return -1;
	return buf_status(addresses, e);
}

/* What a person may read: printable ASCII; other bytes as '?'. */
static void
clean_key_id(struct piece from, char *out, size_t size)
{
	size_t length = from.length < size ? from.length : size - 1;

	for (size_t i = 0; i < length; i++)
		out[i] =
		    from.at[i] >= ' ' && from.at[i] <= '~' ? from.at[i] : '?';
	out[length] = '\0';
}

static void
skip_key(struct cursor *c, const struct key_type *type)
{
	for (unsigned i = 0; i < type->strings; i++)
		take_string(c);
}

/* PROTOCOL.certkeys, from the nonce on. */
static int
parse_certificate(struct cursor *c, const struct key_type *type,
    struct sshkey_info *info, struct err *e)
{
	unsigned char ca_digest[32];
	struct piece key_id;
	struct piece principals;
	struct piece options;
	struct piece key;
	struct piece ca;
	uint32_t role;

	take_string(c); /* nonce */
	key.at = (const char *)c->at;
	skip_key(c, type);
	key.length = (size_t)((const char *)c->at - key.at);
	info->serial = take_u64(c);
	role = take_u32(c);
	key_id = take_string(c);
	principals = take_string(c);
	info->valid_after = take_u64(c);
	info->valid_before = take_u64(c);
	options = take_string(c);
	take_string(c); /* extensions */
	take_string(c); /* reserved */
	ca = take_string(c);
	take_string(c); /* signature: sshd has verified it */
	if (cursor_finish(c, "certificate", e) == -1)
		return -1;
	if (role != CERT_USER || ca.length == 0)
		return err_set(e, ERR_FORMAT, "not a user's certificate");
	clean_key_id(key_id, info->key_id, sizeof(info->key_id));
	if (hash_certified(type, key, info, e) == -1 ||
	    hash_blob(ca.at, ca.length, ca_digest, info->ca_fingerprint, e) ==
	        -1 ||
	    take_principals(principals, &info->principals, e) == -1 ||
	    take_options(options, &info->source_addresses, e) == -1)
		return -1;
	return 0;
}

/* The blob's own type must be the one named beside it. */
static int
parse_blob(struct piece name, const struct buf *blob, struct sshkey_info *info,
    struct err *e)
{
	struct cursor c = cursor_new(blob->data, blob->length);
	const struct key_type *type = find_type(name, &info->certificate);
	struct piece inner = take_string(&c);

	if (type == NULL)
		return err_set(e, ERR_FORMAT, "unknown type of key");
	if (inner.length != name.length ||
	    memcmp(inner.at, name.at, name.length) != 0)
		return err_set(e, ERR_FORMAT, "two types of key in one");
	snprintf(
	    info->type, sizeof(info->type), "%.*s", (int)name.length, name.at);
	info->hardware = type->hardware;
	if (info->certificate)
		return parse_certificate(&c, type, info, e);
	skip_key(&c, type);
	if (cursor_finish(&c, "key", e) == -1)
		return -1;
	return hash_blob(
	    blob->data, blob->length, info->digest, info->fingerprint, e);
}

int
sshkey_parse_key(
    const char *text, size_t length, struct sshkey_info *info, struct err *e)
{
	const char *blank = memchr(text, ' ', length);
	struct buf blob = buf_new(BLOB_MAX);
	struct piece name;
	int result = -1;

	*info = (struct sshkey_info){
		.principals = buf_new(LIST_MAX),
		.source_addresses = buf_new(LIST_MAX),
	};
	if (blank == NULL) {
		err_set(e, ERR_FORMAT, "no \"TYPE BASE64\"");
		goto out;
	}
	name = (struct piece){ text, (size_t)(blank - text) };
	if (enc_unbase64(blank + 1, length - name.length - 1, &blob, e) == -1 ||
	    parse_blob(name, &blob, info, e) == -1)
		goto out;
	result = 0;
out:
	buf_free(&blob);
	if (result == -1)
		sshkey_free(info);
	return result;
}

int
sshkey_parse(const char *info_text, size_t length, struct sshkey_info *info,
    struct err *e)
{
	static const char method[] = "publickey ";
	const size_t method_length = sizeof(method) - 1;
	const char *line = info_text;
	size_t left = length;

	*info = (struct sshkey_info){ .certificate = false };
	if (length > INFO_MAX)
		return err_set(e, ERR_FORMAT, "SSH_AUTH_INFO_0 is too long");
	while (left > 0) {
		const char *end = memchr(line, '\n', left);
		size_t line_length = end == NULL ? left : (size_t)(end - line);

		if (line_length >= method_length &&
		    memcmp(line, method, method_length) == 0) {
			if (sshkey_parse_key(line + method_length,
			        line_length - method_length, info, e) == -1)
				return err_in(e, "SSH_AUTH_INFO_0");
			return 1;
		}
		line_length += end != NULL; /* the line feed */
		line += line_length;
		left -= line_length;
	}
	return 0;
}

void
sshkey_free(struct sshkey_info *info)
{
	buf_free(&info->principals);
	buf_free(&info->source_addresses);
	*info = (struct sshkey_info){ .certificate = false };
}

int
sshkey_parse_fingerprint(
    const char *text, unsigned char digest[32], struct err *e)
{
	static const char prefix[] = "SHA256:";
	char padded[45]; /* 43 digits, '=' */
	struct buf b = buf_new(32);
	int result = -1;

	if (strlen(text) == 50 &&
	    memcmp(text, prefix, sizeof(prefix) - 1) == 0) {
		snprintf(
		    padded, sizeof(padded), "%s=", text + sizeof(prefix) - 1);
		if (enc_unbase64(padded, 44, &b, e) == 0 && b.length == 32) {
			memcpy(digest, b.data, 32);
			result = 0;
		}
	}
	buf_free(&b);
	return result == 0
	    ? 0
	    : err_set(e, ERR_FORMAT,
	          "not a fingerprint as \"ssh-keygen -l\" says it: SHA256:...");
}
