#include "review/hash.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t a, b, c, d;
};

static uint64_t
left(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static uint64_t
word_at(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

static void
turn(struct state *s)
{
	s->a += s->b;
	s->b = left(s->b, 13) ^ s->a;
	s->a = left(s->a, 32);
	s->c += s->d;
	s->d = left(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = left(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = left(s->b, 17) ^ s->c;
	s->c = left(s->c, 32);
}

static void
take(struct state *s, uint64_t word)
{
	s->d ^= word;
	turn(s);
	turn(s);
	s->a ^= word;
}

static uint64_t
finish(struct state *s)
{
	for (int i = 0; i < 4; i++)
		turn(s);
	return s->a ^ s->b ^ s->c ^ s->d;
}

struct hash
hash_of(const struct hash_key *key, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	struct state s = { key->words[0] ^ UINT64_C(0x736f6d6570736575),
		key->words[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		key->words[0] ^ UINT64_C(0x6c7967656e657261),
		key->words[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t)length << 56;
	struct hash h;

	for (size_t left_over = length; left_over >= 8; left_over -= 8) {
		take(&s, word_at(at));
		at += 8;
	}
	for (size_t i = 0; i < length % 8; i++)
		last |= (uint64_t)at[i] << (8 * i);
	take(&s, last);
	s.c ^= 0xee;
	h.low = finish(&s);
	s.b ^= 0xdd;
	h.high = finish(&s);
	return h;
}

int
hash_order(const void *a, const void *b)
{
	const struct hash *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}
