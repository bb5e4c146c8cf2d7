/*
 * Networks that logins may come from: CIDR (RFC 4632 section 3.1, RFC 4291
 * section 2.3), or an address alone. Names are never looked up.
 */
#ifndef PAMOD_NETWORK_H
#define PAMOD_NETWORK_H

#include <stdbool.h>

#include "schema/base/conf.h"
#include "schema/base/err.h"

/* ERR_CONFIG if it is none, or has bits set behind its prefix. */
int network_parse(const char *cidr, struct err *);

/*
 * Whether the address is in one of the networks; an empty list has them all.
 * An IPv4 address written as IPv6 (::ffff:192.0.2.1) is the IPv4 address, and
 * a zone (fe80::1%eth0) is passed over. Anything that is not an address, NULL
 * included, is in no network.
 */
bool networks_allow(const struct conf_list *, const char *address);

#endif
