/*
 * A signature and a key that anybody may have written. The first byte says
 * what the rest is: the armoured text, what is in the armour, or a key's line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/sshkey.h"
#include "schema/base/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define WIDTH 70

static void
armour(struct buf *out, const uint8_t *data, size_t size)
{
	struct buf digits = buf_new(65536);

	enc_base64(&digits, data, size);
	buf_put_string(out, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t at = 0; at < digits.length; at += WIDTH) {
		size_t left = digits.length - at;

		buf_put(out, digits.data + at, left < WIDTH ? left : WIDTH);
		buf_put_byte(out, '\n');
	}
	buf_put_string(out, "-----END SSH SIGNATURE-----\n");
	buf_free(&digits);
}

/* What was read, written again, is what was there. */
static void
check_same(const struct sshsig *s)
{
	struct buf b = buf_new(65536);

	buf_put(&b, "SSHSIG\0\0\0\1", 10);
	sshkey_put_string(&b, s->key.at, s->key.length);
	sshkey_put_string(&b, s->space.at, s->space.length);
	sshkey_put_string(&b, "", 0);
	sshkey_put_string(&b, s->hash.at, s->hash.length);
	sshkey_put_string(&b, s->signature.at, s->signature.length);
	if (b.length != s->raw.length ||
	    memcmp(b.data, s->raw.data, b.length) != 0)
		abort();
	buf_free(&b);
}

static void
read_signature(const char *text, size_t length)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct sshsig s;
	struct err e = { .code = ERR_NONE };

	if (sshsig_read(&s, text, length, &e) == -1)
		return;
	check_same(&s);
	(void)sshsig_verify(&s, "reeve-act", "hello", 5, &e);
	if (sshsig_fingerprint(&s, fingerprint, &e) == 0 &&
	    strlen(fingerprint) != 50)
		abort();
	sshsig_free(&s);
}

/* The same line, read again, is the same. */
static void
read_key(const char *text, size_t length)
{
	char one[SSHSIG_FINGERPRINT], other[SSHSIG_FINGERPRINT];
	struct buf line = buf_new(SSHKEY_LINE_MAX);
	struct buf again = buf_new(SSHKEY_LINE_MAX);
	struct err e = { .code = ERR_NONE };

	if (sshkey_read(text, length, &line, one, &e) == 0 &&
	    (sshkey_read(buf_string(&line), line.length, &again, other, &e) ==
	            -1 ||
	        strcmp(buf_string(&line), buf_string(&again)) != 0 ||
	        strcmp(one, other) != 0))
		abort();
	buf_free(&line);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = buf_new(65536);

	if (size == 0 || size > 16384)
		return 0;
	if (data[0] % 3 == 1)
		armour(&text, data + 1, size - 1);
	else
		buf_put(&text, data + 1, size - 1);
	if (data[0] % 3 == 2)
		read_key(buf_string(&text), text.length);
	else
		read_signature(buf_string(&text), text.length);
	buf_free(&text);
	return 0;
}
