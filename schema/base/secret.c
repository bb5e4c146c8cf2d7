#include "schema/base/secret.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

void
secret_wipe(void *bytes, size_t length)
{
	if (bytes != NULL && length > 0)
		explicit_bzero(bytes, length);
}

void
secret_free_string(char **string)
{
	if (*string == NULL)
		return;
	secret_wipe(*string, strlen(*string));
	free(*string);
	*string = NULL;
}

bool
secret_equal(const void *a, const void *b, size_t length)
{
	return length > 0 && CRYPTO_memcmp(a, b, length) == 0;
}

static int
fill_from_libcrypto(void *context, unsigned char *out, size_t length)
{
	(void)context;
	if (length > INT_MAX)
		return -1;
	return RAND_priv_bytes(out, (int)length) == 1 ? 0 : -1;
}

struct entropy
entropy_system(void)
{
	return (struct entropy){ .fill = fill_from_libcrypto };
}

int
entropy_fill(
    const struct entropy *entropy, void *out, size_t length, struct err *e)
{
	if (entropy->fill(entropy->context, out, length) == 0)
		return 0;
	secret_wipe(out, length);
	return err_set(e, ERR_CRYPTO, "no random bytes to be had");
}
