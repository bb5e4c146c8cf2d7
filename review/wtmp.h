/*
 * One record of wtmp(5) as Linux on x86 writes it: 384 bytes, little-endian,
 * with a time of 32 bits, which is read as unsigned and so ends in 2106.
 */
#ifndef REVIEW_WTMP_H
#define REVIEW_WTMP_H

#include <stdbool.h>
#include <stdint.h>

#define WTMP_SIZE 384u /* bytes */

struct wtmp_record {
	int64_t when; /* s since 1970 */
	bool is_login;
	char user[33];
};

/* False: no record, by its type, its padding or its microseconds. */
bool wtmp_record(const unsigned char bytes[WTMP_SIZE], struct wtmp_record *);

#endif
