#include "schema/base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>

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
fill_from_kernel(void *context, unsigned char *out, size_t length)
{
	(void)context;
	while (length > 0) {
		ssize_t got = getrandom(out, length, 0);

		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		out += got;
		length -= (size_t)got;
	}
	return 0;
}

struct entropy
entropy_system(void)
{
	return (struct entropy){ .fill = fill_from_kernel };
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
