#include "pamod/blocklist_format.h"

#include <string.h>

#include <openssl/evp.h>

#include "pamod/md4.h"
#include "pamod/password.h"
#include "schema/base/buf.h"
#include "schema/base/secret.h"

/* Of a symbol; the letters and digits come before. */
enum { SYMBOL_DIGIT = 27, SYMBOL_BLANK = 37, SYMBOL_OTHER, SYMBOL_WIDE };

static uint64_t
index_size(uint32_t bits)
{
	return ((UINT64_C(1) << bits) + 1) * 8;
}

struct blocklist_layout
blocklist_layout(const struct blocklist_header *h)
{
	struct blocklist_layout l;

	l.exact_index = BLOCKLIST_HEADER;
	l.exact_entries = l.exact_index + index_size(h->exact_bits);
	l.core_index = l.exact_entries + h->exact_count * EXACT_SIZE;
	l.core_entries = l.core_index + index_size(h->core_bits);
	l.model = l.core_entries + h->core_count * CORE_SIZE;
	l.size = l.model + ((h->flags & BLOCKLIST_MODEL) != 0 ? MODEL_SIZE : 0);
	return l;
}

static int
sum(const unsigned char *header, unsigned char *digest, struct err *e)
{
	if (EVP_Digest(header, BLOCKLIST_SUMMED, digest, NULL, EVP_sha256(),
	        NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	return 0;
}

int
blocklist_header_write(
    const struct blocklist_header *h, unsigned char *out, struct err *e)
{
	struct buf b = buf_new(BLOCKLIST_HEADER);
	unsigned char digest[32] = { 0 };
	int result = -1;

	buf_put(&b, BLOCKLIST_MAGIC, 8);
	buf_put_u32(&b, BLOCKLIST_VERSION);
	buf_put_u32(&b, h->flags);
	buf_put_u64(&b, (uint64_t)h->built);
	buf_put_u64(&b, h->exact_count);
	buf_put_u64(&b, h->core_count);
	buf_put_u32(&b, h->exact_bits);
	buf_put_u32(&b, h->core_bits);
	buf_put_zeros(&b, 8);
	buf_put(&b, h->body_digest, sizeof(h->body_digest));
	if (buf_status(&b, e) == -1 || sum(b.data, digest, e) == -1)
		goto out;
	buf_put(&b, digest, sizeof(digest));
	buf_put_zeros(&b, BLOCKLIST_HEADER - b.length);
	if (buf_status(&b, e) == -1)
		goto out;
	memcpy(out, b.data, BLOCKLIST_HEADER);
	result = 0;
out:
	buf_free(&b);
	return result;
}

/* So that no offset can pass 64 bits, and each bucket has its entries. */
static int
check_bounds(const struct blocklist_header *h, struct err *e)
{
	const uint64_t most = UINT64_C(1) << (BUCKET_BITS_MAX + 6);

	if ((h->flags & ~BLOCKLIST_FLAGS) != 0 || h->exact_count > most ||
	    h->core_count > most || h->exact_bits < BUCKET_BITS_MIN ||
	    h->exact_bits > BUCKET_BITS_MAX || h->core_bits < BUCKET_BITS_MIN ||
	    h->core_bits > BUCKET_BITS_MAX)
		return err_set(e, ERR_FORMAT, "header out of bounds");
	return 0;
}

int
blocklist_header_read(struct blocklist_header *h, const unsigned char *bytes,
    size_t length, struct err *e)
{
	struct cursor c = cursor_new(bytes, length);
	const unsigned char *magic = cursor_take(&c, 8);
	uint32_t version = cursor_u32(&c);
	unsigned char digest[32] = { 0 };

	if (length < BLOCKLIST_HEADER || magic == NULL ||
	    memcmp(magic, BLOCKLIST_MAGIC, 8) != 0)
		return err_set(e, ERR_FORMAT, "not a filter");
	if (version > BLOCKLIST_VERSION)
		return err_set(e, ERR_NEWER, "version %u; this is %u",
		    (unsigned)version, BLOCKLIST_VERSION);
	h->flags = cursor_u32(&c);
	h->built = (int64_t)cursor_u64(&c);
	h->exact_count = cursor_u64(&c);
	h->core_count = cursor_u64(&c);
	h->exact_bits = cursor_u32(&c);
	h->core_bits = cursor_u32(&c);
	(void)cursor_u64(&c);
	cursor_copy(&c, h->body_digest, sizeof(h->body_digest));
	if (sum(bytes, digest, e) == -1)
		return -1;
	if (memcmp(digest, bytes + BLOCKLIST_SUMMED, sizeof(digest)) != 0)
		return err_set(e, ERR_FORMAT, "header damaged");
	return check_bounds(h, e);
}

uint64_t
blocklist_bucket(uint64_t key, uint32_t bucket_bits)
{
	return key >> (64 - bucket_bits);
}

uint64_t
blocklist_rest(uint64_t key, uint32_t bucket_bits, uint32_t bits)
{
	return key << bucket_bits >> (64 - bits);
}

uint64_t
blocklist_digest_key(const unsigned char *digest)
{
	uint64_t key = 0;

	for (size_t i = 0; i < 8; i++)
		key = key << 8 | digest[i];
	return key;
}

/* FNV-1a, and a finish that spreads it over all bits. */
struct blocklist_core
blocklist_core_new(void)
{
	return (struct blocklist_core){ UINT64_C(0xcbf29ce484222325) };
}

void
blocklist_core_add(struct blocklist_core *core, char c)
{
	core->state =
	    (core->state ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

uint64_t
blocklist_core_key(const struct blocklist_core *core)
{
	uint64_t key = core->state;

	key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
	key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return key ^ key >> 33;
}

int
blocklist_sha1(
    const char *password, size_t length, uint64_t *key, struct err *e)
{
	unsigned char digest[20];

	if (EVP_Digest(password, length, digest, NULL, EVP_sha1(), NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-1");
	*key = blocklist_digest_key(digest);
	secret_wipe(digest, sizeof(digest));
	return 0;
}

static bool
fips_is_on(void)
{
#if OPENSSL_VERSION_NUMBER < 0x30000000L /* Debian 11, RHEL 8 */
	return FIPS_mode() != 0;
#else
	return EVP_default_properties_is_fips_enabled(NULL) == 1;
#endif
}

int
blocklist_md4_is_allowed(struct err *e)
{
	if (fips_is_on())
		return err_set(e, ERR_CRYPTO,
		    "NTLM digests need MD4, which FIPS mode does not allow");
	return 0;
}

/* One code point of UTF-8 that was checked, and its bytes. */
static uint32_t
code_point(const unsigned char *c, size_t *bytes)
{
	*bytes = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	switch (*bytes) {
	case 1:
		return c[0];
	case 2:
		return (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
	case 3:
		return (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 |
		    (c[2] & 0x3fu);
	default:
		return (c[0] & 0x07u) << 18 | (c[1] & 0x3fu) << 12 |
		    (c[2] & 0x3fu) << 6 | (c[3] & 0x3fu);
	}
}

int
blocklist_ntlm(
    const char *password, size_t length, uint64_t *key, struct err *e)
{
	const unsigned char *in = (const unsigned char *)password;
	struct buf b = buf_new(4 * PASSWORD_MAX);
	unsigned char digest[MD4_SIZE];
	size_t bytes;
	int result = -1;

	if (blocklist_md4_is_allowed(e) == -1)
		goto out;
	for (size_t i = 0; i < length; i += bytes) {
		uint32_t point = code_point(in + i, &bytes);

		if (point >= 0x10000) {
			point -= 0x10000;
			buf_put_u16(&b, (uint16_t)(0xd800 | point >> 10));
			point = 0xdc00 | (point & 0x3ff);
		}
		buf_put_u16(&b, (uint16_t)point);
	}
	if (buf_status(&b, e) == -1)
		goto out;
	md4(b.data, b.length, digest);
	*key = blocklist_digest_key(digest);
	result = 0;
out:
	buf_free(&b);
	return result;
}

unsigned
blocklist_symbol(char c)
{
	if (c == '\0')
		return 0;
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 1;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + SYMBOL_DIGIT;
	if (c == ' ')
		return SYMBOL_BLANK;
	return ((unsigned char)c & 0x80) != 0 ? SYMBOL_WIDE : SYMBOL_OTHER;
}
