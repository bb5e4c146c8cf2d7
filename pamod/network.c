#include "pamod/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "schema/base/enc.h"

#define V4_BITS  32u
#define V6_BITS  128u
#define TEXT_MAX INET6_ADDRSTRLEN

struct network {
	unsigned char address[16]; /* of IPv4 the first four */
	unsigned bits;             /* of the family's addresses */
	unsigned prefix;
};

static const unsigned char v4_mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };

/* An address alone, its prefix the whole of it. */
static bool
parse_address(const char *text, size_t length, struct network *n)
{
	char copy[TEXT_MAX];

	*n = (struct network){ 0 };
	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (inet_pton(AF_INET, copy, n->address) == 1)
		n->bits = V4_BITS;
	else if (inet_pton(AF_INET6, copy, n->address) == 1)
		n->bits = V6_BITS;
	else
		return false;
	n->prefix = n->bits;
	return true;
}

/* RFC 4291 section 2.5.5.2. */
static void
unmap(struct network *n)
{
	if (n->bits != V6_BITS ||
	    memcmp(n->address, v4_mapped, sizeof(v4_mapped)) != 0)
		return;
	memmove(n->address, n->address + 12, 4);
	n->bits = V4_BITS;
	n->prefix = V4_BITS;
}

static bool
bit_at(const unsigned char *address, unsigned i)
{
	return (address[i / 8] >> (7 - i % 8) & 1) != 0;
}

static bool
parse_network(const char *cidr, struct network *n, struct err *e)
{
	size_t length = strcspn(cidr, "/");
	uint64_t prefix;

	if (!parse_address(cidr, length, n)) {
		err_set(
		    e, ERR_CONFIG, "\"%s\": not an address or network", cidr);
		return false;
	}
	if (cidr[length] == '/') {
		const char *digits = cidr + length + 1;

		if (enc_number(digits, strlen(digits), n->bits, &prefix, e) ==
		    -1) {
			err_set(e, ERR_CONFIG, "\"%s\": prefix not 0 to %u",
			    cidr, n->bits);
			return false;
		}
		n->prefix = (unsigned)prefix;
	}
	if (n->bits == V6_BITS &&
	    memcmp(n->address, v4_mapped, sizeof(v4_mapped)) == 0) {
		err_set(e, ERR_CONFIG, "\"%s\": write it as IPv4", cidr);
		return false;
	}
	for (unsigned i = n->prefix; i < n->bits; i++)
		if (bit_at(n->address, i)) {
			err_set(e, ERR_CONFIG,
			    "\"%s\": bits are set behind the prefix", cidr);
			return false;
		}
	return true;
}

int
network_parse(const char *cidr, struct err *e)
{
	struct network n;

	return parse_network(cidr, &n, e) ? 0 : -1;
}

static bool
network_has(const struct network *n, const struct network *address)
{
	if (n->bits != address->bits)
		return false;
	for (unsigned i = 0; i < n->prefix; i++)
		if (bit_at(n->address, i) != bit_at(address->address, i))
			return false;
	return true;
}

bool
networks_allow(const struct conf_list *networks, const char *address)
{
	struct network a;
	struct network n;
	struct err e;

	if (networks->count == 0)
		return true;
	if (address == NULL ||
	    !parse_address(address, strcspn(address, "%"), &a))
		return false;
	unmap(&a);
	for (const char *each = conf_list_next(networks, NULL); each != NULL;
	     each = conf_list_next(networks, each))
		if (parse_network(each, &n, &e) && network_has(&n, &a))
			return true;
	return false;
}
