#include "review/network.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED 96u /* bits before an IPv4 address */

static bool
read_address(const char *text, size_t length, unsigned char *out, bool *four)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *zone = memchr(text, '%', length);
	char copy[INET6_ADDRSTRLEN];

	if (zone != NULL)
		length = (size_t)(zone - text);
	if (length == 0 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	memcpy(out, mapped, sizeof(mapped));
	*four = inet_pton(AF_INET, copy, out + sizeof(mapped)) == 1;
	if (*four)
		return true;
	return inet_pton(AF_INET6, copy, out) == 1;
}

void
network_mask(unsigned char address[NETWORK_BYTES], unsigned bits)
{
	for (unsigned i = 0; i < NETWORK_BYTES; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;

		if (kept < 8)
			address[i] &= (unsigned char)(0xff00u >> kept);
	}
}

/* "/24": up to three digits. */
static bool
read_prefix(const char *text, size_t length, unsigned max, unsigned *bits)
{
	*bits = 0;
	if (length == 0 || length > 3)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(text[i] - '0');
	}
	return *bits <= max;
}

bool
network_read(const char *text, size_t length, struct network *n)
{
	const char *slash = memchr(text, '/', length);
	size_t before = slash == NULL ? length : (size_t)(slash - text);
	bool four;

	if (!read_address(text, before, n->first, &four))
		return false;
	n->bits = 8 * NETWORK_BYTES;
	if (slash != NULL) {
		if (!read_prefix(slash + 1, length - before - 1,
		        four ? 8 * NETWORK_BYTES - MAPPED : 8 * NETWORK_BYTES,
		        &n->bits))
			return false;
		if (four)
			n->bits += MAPPED;
	}
	network_mask(n->first, n->bits);
	return true;
}

bool
network_address(const char *text, unsigned char out[NETWORK_BYTES])
{
	bool four;

	return read_address(text, strlen(text), out, &four);
}

bool
network_has(const struct network *n, const unsigned char address[NETWORK_BYTES])
{
	unsigned char masked[NETWORK_BYTES];

	memcpy(masked, address, sizeof(masked));
	network_mask(masked, n->bits);
	return memcmp(masked, n->first, sizeof(masked)) == 0;
}
