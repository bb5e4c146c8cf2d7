/*
 * An outline of a trail. The first byte is the size of a checkpoint that is
 * held; whatever comes is judged, and names keys only if it is good.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/outline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checkpoint checkpoint = { .size = size == 0 ? 0 : data[0] };
	const struct checkpoint *const held[] = { &checkpoint };
	struct keys keys = { 0 };
	struct err e = { .code = ERR_NONE };
	int result;

	if (size == 0)
		return 0;
	result =
	    outline_check((const char *)data + 1, size - 1, held, 1, &keys, &e);
	/* Nobody finds what has a root of zeros. */
	if (result != -1 ||
	    (e.code != ERR_TAMPERED && e.code != ERR_INCOMPLETE))
		abort();
	keys_free(&keys);
	return 0;
}
