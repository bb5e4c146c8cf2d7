#include "pamod/factor_recovery.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "pamod/factor.h"
#include "schema/base/enc.h"

extern const struct factor_type factor_recovery;

#define SALT_BYTES 16 /* 128 bits */
#define DIGEST     32 /* of SHA-256 */

/* What is hashed for who has no codes: it costs the same. */
static const char nobody_setting[] = "$y$j9T$mJKNqJK9ixaMjFKSh.1Ak.";

bool
recovery_looks_like(const char *answer, char *digits)
{
	size_t count = 0;

	for (const char *c = answer; *c != '\0'; c++) {
		char upper =
		    *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
		bool letter = upper >= 'A' && upper <= 'Z';
		bool digit = upper >= '2' && upper <= '7';

		if (*c == ' ' || *c == '-')
			continue;
		if ((!letter && !digit) || count == RECOVERY_DIGITS)
			return false;
		if (digits != NULL)
			digits[count] = upper;
		count++;
	}
	if (digits != NULL)
		digits[count] = '\0';
	return count == RECOVERY_DIGITS;
}

int
recovery_make_code(
    const struct entropy *entropy, char code[RECOVERY_SIZE], struct err *e)
{
	unsigned char bytes[RECOVERY_BYTES];
	struct buf digits = buf_new(RECOVERY_DIGITS);
	char *to = code;
	int result = -1;

	if (entropy_fill(entropy, bytes, sizeof(bytes), e) == -1)
		return -1;
	enc_base32(&digits, bytes, sizeof(bytes));
	if (buf_status(&digits, e) == -1)
		goto out;
	for (size_t i = 0; i < RECOVERY_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			*to++ = '-';
		*to++ = (char)digits.data[i];
	}
	*to = '\0';
	result = 0;
out:
	buf_free(&digits);
	secret_wipe(bytes, sizeof(bytes));
	return result;
}

/* SHA-256 of the slow hash. crypt_data is 32 KiB and holds copies: wiped. */
static int
slow_digest(const char *digits, const char *setting, unsigned char out[DIGEST],
    struct err *e)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *hash;
	int result = -1;

	if (data == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	hash = crypt_r(digits, setting, data);
	if (hash == NULL || hash[0] == '*' || strlen(hash) <= strlen(setting)) {
		err_set(e, ERR_CRYPTO, "recovery codes: crypt(3) failed");
		goto out;
	}
	if (SHA256((const unsigned char *)hash, strlen(hash), out) == NULL) {
		err_set(e, ERR_CRYPTO, "recovery codes: SHA-256 failed");
		goto out;
	}
	result = 0;
out:
	secret_wipe(data, sizeof(*data));
	free(data);
	return result;
}

static int
make_setting(
    const struct entropy *entropy, char setting[STATE_HASH_MAX], struct err *e)
{
	char salt[SALT_BYTES];

	if (entropy_fill(entropy, salt, sizeof(salt), e) == -1)
		return -1;
	if (crypt_gensalt_rn("$y$", 0, salt, sizeof(salt), setting,
	        STATE_HASH_MAX) == NULL ||
	    setting[0] == '*')
		return err_set(e, ERR_CRYPTO, "no yescrypt in libcrypt");
	return 0;
}

int
recovery_make(struct state_recovery *recovery, unsigned count,
    const struct entropy *entropy, int64_t now, char (*codes)[RECOVERY_SIZE],
    struct err *e)
{
	struct state_recovery made = { .made = now, .count = (uint8_t)count };
	char digits[RECOVERY_DIGITS + 1];
	int result = -1;

	if (count < 1 || count > STATE_RECOVERY_MAX)
		return err_set(
		    e, ERR_LIMIT, "1 to %d recovery codes", STATE_RECOVERY_MAX);
	if (make_setting(entropy, made.setting, e) == -1)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (recovery_make_code(entropy, codes[i], e) == -1 ||
		    !recovery_looks_like(codes[i], digits) ||
		    slow_digest(digits, made.setting, made.digest[i], e) == -1)
			goto out;
	}
	*recovery = made;
	result = 0;
out:
	if (result == -1)
		secret_wipe(codes, count * sizeof(codes[0]));
	secret_wipe(digits, sizeof(digits));
	return result;
}

unsigned
recovery_left(const struct state_recovery *recovery)
{
	unsigned left = 0;

	if (recovery->made == 0)
		return 0;
	for (unsigned i = 0; i < recovery->count && i < STATE_RECOVERY_MAX; i++)
		left += ((unsigned)recovery->used >> i & 1u) == 0;
	return left;
}

/* The codes may be used: there are some, and the login did not use one. */
static bool
may_be_used(const struct state_recovery *recovery, const uint32_t *spent,
    size_t spent_count)
{
	for (size_t i = 0; i < spent_count; i++)
		if (spent[i] == 0)
			return false;
	return recovery->made != 0 && recovery->count <= STATE_RECOVERY_MAX;
}

/*
 * Which code it is, or STATE_RECOVERY_MAX. Every digest is compared, wherever
 * one matches.
 */
static unsigned
find_digest(
    const struct state_recovery *recovery, const unsigned char digest[DIGEST])
{
	unsigned found = STATE_RECOVERY_MAX;

	for (unsigned i = 0; i < recovery->count; i++)
		if (secret_equal(recovery->digest[i], digest, DIGEST))
			found = i;
	return found;
}

void
recovery_prepare(const struct state_recovery *recovery, const char *answer,
    struct recovery_prepared *p)
{
	char digits[RECOVERY_DIGITS + 1];
	struct err unused;

	*p = (struct recovery_prepared){ 0 };
	if (recovery_looks_like(answer, digits)) {
		memcpy(p->setting,
		    recovery->made != 0 ? recovery->setting : nobody_setting,
		    recovery->made != 0 ? sizeof(recovery->setting)
		                        : sizeof(nobody_setting));
		p->setting[sizeof(p->setting) - 1] = '\0';
		p->made =
		    slow_digest(digits, p->setting, p->digest, &unused) == 0;
	}
	secret_wipe(digits, sizeof(digits));
}

/* The digest of an answer: the prepared one, unless the batch is another now. */
static int
digest_of(const char *digits, const struct state_recovery *recovery,
    bool usable, const struct recovery_prepared *p, unsigned char *digest,
    struct err *e)
{
	if (p != NULL && p->made &&
	    (!usable || strcmp(p->setting, recovery->setting) == 0)) {
		memcpy(digest, p->digest, DIGEST);
		return 0;
	}
	return slow_digest(
	    digits, usable ? recovery->setting : nobody_setting, digest, e);
}

static enum verdict
verify(const struct factor_type *type, struct state_user *user,
    const uint32_t *spent, size_t spent_count,
    const struct factor_request *request, struct factor_used *used,
    struct err *e)
{
	struct state_recovery *recovery = &user->recovery;
	bool usable = may_be_used(recovery, spent, spent_count);
	char digits[RECOVERY_DIGITS + 1];
	unsigned char digest[DIGEST];
	enum verdict verdict = VERDICT_DENY;
	unsigned found;

	(void)type;
	if (!recovery_looks_like(request->answer, digits) ||
	    digest_of(digits, recovery, usable, request->prepared, digest, e) ==
	        -1)
		goto out;
	if (!usable) {
		verdict = VERDICT_UNAVAILABLE;
		goto out;
	}
	found = find_digest(recovery, digest);
	if (found == STATE_RECOVERY_MAX)
		goto out;
	if (((unsigned)recovery->used >> found & 1u) != 0) {
		verdict = VERDICT_REPLAYED;
		goto out;
	}
	recovery->used = (uint16_t)((unsigned)recovery->used | 1u << found);
	if (used->kind == KIND_NONE)
		*used = (struct factor_used){
			.type = "recovery",
			.kind = factor_recovery.kind,
		};
	verdict = VERDICT_ALLOW;
out:
	secret_wipe(digits, sizeof(digits));
	secret_wipe(digest, sizeof(digest));
	return verdict;
}

const struct factor_type factor_recovery = {
	.name = "recovery",
	.summary = "a code of a list, for when the device is lost",
	.kind = KIND_HAVE,
	.typed = true,
	.replaces_lost = true,
	.looks_like = recovery_looks_like,
	.verify = verify,
};
