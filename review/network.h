/*
 * Addresses and networks that logs and lists name: CIDR (RFC 4632 section 3.1,
 * RFC 4291 section 2.3), or an address alone. IPv4 is kept as IPv4-mapped IPv6
 * (RFC 4291 section 2.5.5.2), so that one form of 16 bytes serves both.
 */
#ifndef REVIEW_NETWORK_H
#define REVIEW_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#define NETWORK_BYTES 16u
#define NETWORK_TEXT  64u /* bytes of one as text, with its NUL */

struct network {
	unsigned char first[NETWORK_BYTES]; /* bits behind the prefix are 0 */
	unsigned bits;                      /* 0 to 128; of IPv4 from 96 */
};

/* "192.0.2.0/24", "2001:db8::1"; a zone ("%eth0") is passed over. */
bool network_read(const char *text, size_t length, struct network *);
/* An address alone; false for a name, "", or a network. */
bool network_address(const char *text, unsigned char out[NETWORK_BYTES]);
bool network_has(
    const struct network *, const unsigned char address[NETWORK_BYTES]);
/* What is left of an address by that prefix. */
void network_mask(unsigned char address[NETWORK_BYTES], unsigned bits);

#endif
