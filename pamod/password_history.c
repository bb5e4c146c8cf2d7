/*
 * Former passwords, kept as crypt(5) hashes in the user's record. What can't
 * be compared is an error, so that a damaged entry lets nothing come back.
 */
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/password_inside.h"
#include "schema/base/secret.h"

#define METHOD     "$y$" /* yescrypt, at libxcrypt's default cost */
#define SALT_BYTES 32

/* hash is a setting or a whole hash; out has STATE_HASH_MAX bytes. */
static int
slow_hash(const char *password, const char *setting, char *out, struct err *e)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *hash;
	int result = -1;

	memset(out, 0, STATE_HASH_MAX);
	if (data == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	hash = crypt_r(password, setting, data);
	if (hash == NULL || hash[0] != '$')
		err_set(e, ERR_CRYPTO, "crypt: not a setting it knows");
	else if (strlen(hash) >= STATE_HASH_MAX)
		err_set(e, ERR_LIMIT, "crypt: hash too long");
	else {
		memcpy(out, hash, strlen(hash) + 1);
		result = 0;
	}
	secret_wipe(data, sizeof(*data));
	free(data);
	return result;
}

/* Of the alphabets of crypt(5), and closed by a NUL. */
static bool
is_hash(const char *hash)
{
	size_t length = strnlen(hash, STATE_HASH_MAX);

	if (length == 0 || length == STATE_HASH_MAX || hash[0] != '$')
		return false;
	return strspn(hash,
	           "$./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	           "abcdefghijklmnopqrstuvwxyz=,") == length;
}

/* 1: the same; 0: another; -1: can't be told. */
static int
compare(const char *candidate, const char *hash, struct err *e)
{
	char again[STATE_HASH_MAX];
	int result = -1;

	if (!is_hash(hash))
		return err_set(e, ERR_FORMAT, "damaged");
	if (slow_hash(candidate, hash, again, e) == 0) {
		/* One of another length was cut short or grew. */
		if (strlen(again) != strlen(hash))
			err_set(e, ERR_FORMAT, "damaged");
		else
			result = secret_equal(again, hash, strlen(hash));
	}
	secret_wipe(again, sizeof(again));
	return result;
}

int
password_in_history(const struct state_user *user, const char *candidate,
    int64_t count, struct err *e)
{
	int result = 0;

	if (user->history_count > STATE_HISTORY_MAX)
		return err_set(e, ERR_FORMAT, "history: damaged count");
	if (count > user->history_count)
		count = user->history_count;
	for (int64_t i = 0; i < count; i++) {
		int same = compare(candidate, user->history[i], e);

		if (same == -1)
			return err_in(e, "history: entry %d", (int)i + 1);
		result |= same;
	}
	return result;
}

int
password_remember_hash(struct state_user *user, const char *hash, struct err *e)
{
	size_t length = strlen(hash);
	size_t kept = user->history_count;

	if (kept > STATE_HISTORY_MAX)
		return err_set(e, ERR_FORMAT, "history: damaged count");
	if (length >= STATE_HASH_MAX || !is_hash(hash))
		return err_set(e, ERR_FORMAT, "history: not a hash");
	for (size_t i = 0; i < kept; i++)
		if (strncmp(user->history[i], hash, STATE_HASH_MAX) == 0)
			return 0;
	if (kept == STATE_HISTORY_MAX)
		kept--;
	memmove(user->history[1], user->history[0], kept * STATE_HASH_MAX);
	memset(user->history[0], 0, STATE_HASH_MAX);
	memcpy(user->history[0], hash, length);
	user->history_count = (uint8_t)(kept + 1);
	return 0;
}

int
password_remember(struct state_user *user, const char *password,
    const struct entropy *entropy, struct err *e)
{
	char salt[SALT_BYTES];
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	char hash[STATE_HASH_MAX];
	int result = -1;

	if (entropy_fill(entropy, salt, sizeof(salt), e) == -1)
		goto out;
	if (crypt_gensalt_rn(METHOD, 0, salt, sizeof(salt), setting,
	        sizeof(setting)) == NULL) {
		err_set(e, ERR_CRYPTO, "crypt_gensalt");
		goto out;
	}
	if (slow_hash(password, setting, hash, e) == -1)
		goto out;
	result = password_remember_hash(user, hash, e);
out:
	secret_wipe(salt, sizeof(salt));
	return result;
}
