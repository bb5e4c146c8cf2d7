#include "review/sshsig.h"

#include <stdbool.h>
#include <string.h>

#include "review/sshkey.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define BEGIN_LINE "-----BEGIN SSH SIGNATURE-----\n"
#define END_LINE   "-----END SSH SIGNATURE-----\n"
#define MAGIC      "SSHSIG"
#define VERSION    1u
#define LINE_MAX_  76u /* RFC 4648 section 3.1 by way of MIME */

/* ---- Reading ---- */

/* The lines' digits, all lines but the last of one length. */
static int
join(const char *at, const char *end, struct buf *digits, struct err *e)
{
	size_t width = 0;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t length;

		if (line_end == NULL)
			return err_set(e, ERR_FORMAT, "a line has no end");
		length = (size_t)(line_end - at);
		if (width == 0)
			width = length;
		if (length == 0 || length > width || length > LINE_MAX_ ||
		    (length < width && line_end + 1 < end))
			return err_set(
			    e, ERR_FORMAT, "lines of different lengths");
		buf_put(digits, at, length);
		at = line_end + 1;
	}
	return buf_status(digits, e);
}

static int
unarmour(const char *text, size_t length, struct buf *raw, struct err *e)
{
	const size_t begin = strlen(BEGIN_LINE), end = strlen(END_LINE);
	struct buf digits = buf_new(SSHSIG_TEXT_MAX);
	int result = -1;

	if (length > SSHSIG_TEXT_MAX)
		return err_set(e, ERR_LIMIT, "longer than %u bytes",
		    (unsigned)SSHSIG_TEXT_MAX);
	if (length < begin + end || memcmp(text, BEGIN_LINE, begin) != 0 ||
	    memcmp(text + length - end, END_LINE, end) != 0)
		return err_set(e, ERR_FORMAT, "no BEGIN or END line");
	if (join(text + begin, text + length - end, &digits, e) == 0 &&
	    enc_unbase64(buf_string(&digits), digits.length, raw, e) == 0)
		result = 0;
	buf_free(&digits);
	return result;
}

static bool
is_text(struct bytes b, const char *text)
{
	return b.length == strlen(text) && memcmp(b.at, text, b.length) == 0;
}

static int
read_fields(struct sshsig *s, struct err *e)
{
	struct cursor c = cursor_new(s->raw.data, s->raw.length);
	struct bytes magic = { cursor_take(&c, strlen(MAGIC)), strlen(MAGIC) };
	struct bytes reserved;

	if (magic.at == NULL || !is_text(magic, MAGIC) ||
	    sshkey_u32(&c) != VERSION)
		return err_set(e, ERR_FORMAT, "not version 1 of SSHSIG");
	s->key = sshkey_string(&c);
	s->space = sshkey_string(&c);
	reserved = sshkey_string(&c);
	s->hash = sshkey_string(&c);
	s->signature = sshkey_string(&c);
	if (cursor_finish(&c, "SSHSIG", e) == -1)
		return -1;
	if (reserved.length > 0)
		return err_set(e, ERR_FORMAT, "uses what is reserved");
	return 0;
}

int
sshsig_read(struct sshsig *s, const char *text, size_t length, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->raw = buf_new(SSHSIG_TEXT_MAX);
	if (unarmour(text, length, &s->raw, e) == -1 ||
	    read_fields(s, e) == -1) {
		sshsig_free(s);
		return err_in(e, "signature");
	}
	return 0;
}

void
sshsig_free(struct sshsig *s)
{
	buf_free(&s->raw);
	memset(s, 0, sizeof(*s));
}

/* ---- Judging ---- */

static const struct {
	const char *name;
	enum digest digest;
} hashes[] = {
	{ "sha512", DIGEST_SHA512 },
	{ "sha256", DIGEST_SHA256 },
};

/* NULL: none that we take. */
static const enum digest *
find_hash(struct bytes name)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (is_text(name, hashes[i].name))
			return &hashes[i].digest;
	return NULL;
}

/* What the key signs: everything but the key, and the message's digest. */
static int
make_signed(const struct sshsig *s, const void *message, size_t length,
    struct buf *out, struct err *e)
{
	unsigned char digest[DIGEST_LENGTH_MAX];
	const enum digest *hash = find_hash(s->hash);

	if (hash == NULL)
		return err_set(e, ERR_FORMAT, "neither of sha256 and sha512");
	if (digest_make(*hash, message, length, digest, e) == -1)
		return -1;
	buf_put(out, MAGIC, strlen(MAGIC));
	sshkey_put_string(out, s->space.at, s->space.length);
	sshkey_put_string(out, "", 0);
	sshkey_put_string(out, s->hash.at, s->hash.length);
	sshkey_put_string(out, digest, digest_length(*hash));
	return buf_status(out, e);
}

int
sshsig_verify(const struct sshsig *s, const char *space, const void *message,
    size_t length, struct err *e)
{
	struct buf text = buf_new(SSHSIG_TEXT_MAX);
	struct sshkey key;
	int result = -1;

	if (!is_text(s->space, space))
		err_set(
		    e, ERR_TAMPERED, "made for another purpose than %s", space);
	else if (sshkey_parse(&key, s->key, e) == 0 &&
	    make_signed(s, message, length, &text, e) == 0)
		result = sshkey_verify(
		    &key, s->signature, text.data, text.length, e);
	buf_free(&text);
	return result == 0 ? 0 : err_in(e, "signature");
}

/* ---- Keys ---- */

static int
make_fingerprint(struct bytes key, char out[SSHSIG_FINGERPRINT], struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf text = buf_new(SSHSIG_FINGERPRINT);
	int result = -1;

	if (digest_sha256(key.at, key.length, digest, e) == -1)
		return -1;
	buf_put_string(&text, "SHA256:");
	enc_base64(&text, digest, sizeof(digest));
	if (buf_status(&text, e) == 0) {
		/* 32 bytes make one '=', which ssh-keygen leaves out. */
		memcpy(out, buf_string(&text), text.length);
		out[text.length - 1] = '\0';
		result = 0;
	}
	buf_free(&text);
	return result;
}

int
sshsig_fingerprint(
    const struct sshsig *s, char out[SSHSIG_FINGERPRINT], struct err *e)
{
	return make_fingerprint(s->key, out, e);
}

static size_t
word_length(const char *at, const char *end)
{
	const char *p = at;

	while (p < end && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
		p++;
	return (size_t)(p - at);
}

/* One line: nothing behind its end. */
static bool
is_one_line(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);

	return memchr(text, '\0', length) == NULL &&
	    (end == NULL || end + 1 == text + length);
}

int
sshkey_read(const char *text, size_t length, struct buf *line,
    char fingerprint[SSHSIG_FINGERPRINT], struct err *e)
{
	const char *end = text + length, *digits;
	struct buf raw = buf_new(SSHKEY_LINE_MAX);
	size_t type_length, digits_length;
	struct bytes blob;
	struct sshkey key;
	int result = -1;

	if (length > SSHKEY_LINE_MAX || !is_one_line(text, length))
		return err_set(e, ERR_FORMAT,
		    "public key: not one line \"TYPE BASE64 COMMENT\"");
	type_length = word_length(text, end);
	digits = text + type_length + (text + type_length < end);
	digits_length = word_length(digits, end);
	if (enc_unbase64(digits, digits_length, &raw, e) == -1)
		goto out;
	blob = (struct bytes){ raw.data, raw.length };
	if (sshkey_parse(&key, blob, e) == -1)
		goto out;
	if (strlen(key.kind->type) != type_length ||
	    memcmp(key.kind->type, text, type_length) != 0) {
		err_set(e, ERR_FORMAT, "says one type and is another");
		goto out;
	}
	buf_put(line, text, type_length);
	buf_put_byte(line, ' ');
	buf_put(line, digits, digits_length);
	if (buf_status(line, e) == 0 &&
	    make_fingerprint(blob, fingerprint, e) == 0)
		result = 0;
out:
	buf_free(&raw);
	return result == 0 ? 0 : err_in(e, "public key");
}
