/*
 * MD4 (RFC 1320), broken as a digest and used for one thing: NTLM hashes in
 * lists of leaked passwords are MD4 of the UTF-16LE text. OpenSSL has it only
 * in its legacy provider.
 */
#ifndef PAMOD_MD4_H
#define PAMOD_MD4_H

#include <stddef.h>

#define MD4_SIZE 16

void md4(const void *bytes, size_t length, unsigned char *digest);

#endif
