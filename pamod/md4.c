#include "pamod/md4.h"

#include <stdint.h>
#include <string.h>

#include "schema/base/secret.h"

#define BLOCK 64u

static uint32_t
rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

/* RFC 1320 section 3.4: which word, and by how much, in each round. */
static const struct round {
	uint32_t add;
	unsigned char word[16];
	unsigned char by[4];
} rounds[3] = {
	{ 0, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	    { 3, 7, 11, 19 } },
	{ 0x5a827999, { 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15 },
	    { 3, 5, 9, 13 } },
	{ 0x6ed9eba1, { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 },
	    { 3, 9, 11, 15 } },
};

static uint32_t
mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
	if (round == 0)
		return (b & c) | (~b & d);
	return round == 1 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

static void
take_block(uint32_t state[4], const unsigned char *block)
{
	uint32_t x[16];
	uint32_t s[4];

	for (size_t i = 0; i < 16; i++)
		x[i] = (uint32_t)block[4 * i] |
		    (uint32_t)block[4 * i + 1] << 8 |
		    (uint32_t)block[4 * i + 2] << 16 |
		    (uint32_t)block[4 * i + 3] << 24;
	memcpy(s, state, sizeof(s));
	for (int r = 0; r < 3; r++)
		for (unsigned i = 0; i < 16; i++) {
			/* a, d, c, b take turns. */
			unsigned a = (16 - i) % 4;

			s[a] = rotate(s[a] +
			        mix(r, s[(a + 1) % 4], s[(a + 2) % 4],
			            s[(a + 3) % 4]) +
			        x[rounds[r].word[i]] + rounds[r].add,
			    rounds[r].by[i % 4]);
		}
	for (size_t i = 0; i < 4; i++)
		state[i] += s[i];
	secret_wipe(x, sizeof(x));
}

void
md4(const void *bytes, size_t length, unsigned char *digest)
{
	uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	unsigned char last[2 * BLOCK] = { 0 };
	const unsigned char *in = bytes;
	uint64_t bits = (uint64_t)length * 8;
	size_t left = length % BLOCK;
	size_t end = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;

	for (size_t at = 0; at + BLOCK <= length; at += BLOCK)
		take_block(state, in + at);
	if (left > 0)
		memcpy(last, in + length - left, left);
	last[left] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[end - 8 + i] = (unsigned char)(bits >> 8 * i);
	for (size_t at = 0; at < end; at += BLOCK)
		take_block(state, last + at);
	for (size_t i = 0; i < MD4_SIZE; i++)
		digest[i] = (unsigned char)(state[i / 4] >> 8 * (i % 4));
	secret_wipe(last, sizeof(last));
}
