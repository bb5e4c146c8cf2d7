/*
 * A line of a list of addresses, as anybody may send it. What is read has no
 * bit behind its prefix, holds itself, and its note may be shown; and a mask of
 * the same bytes is bounded and shows no more than one character.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/listed.h"
#include "review/use_part.h"
#include "schema/base/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[32] = "key";
	unsigned char masked[NETWORK_BYTES];
	struct listed_line out;
	char mask[USE_MASK_MAX];
	struct err e;

	if (size > LISTED_LINE_MAX)
		return 0;
	if (listed_read((const char *)data, size, &out) == 1) {
		memcpy(masked, out.network.first, sizeof(masked));
		network_mask(masked, out.network.bits);
		if (memcmp(masked, out.network.first, sizeof(masked)) != 0 ||
		    out.network.bits > 128 ||
		    !network_has(&out.network, out.network.first) ||
		    strlen(out.note) > LISTED_NOTE_MAX ||
		    !enc_is_utf8(out.note, strlen(out.note)))
			abort();
	}
	if (use_part_mask(key, (const char *)data, size, mask, &e) == -1 ||
	    strlen(mask) >= USE_MASK_MAX || !enc_is_utf8(mask, strlen(mask)) ||
	    strcspn(mask, " ") != 24)
		abort();
	return 0;
}
