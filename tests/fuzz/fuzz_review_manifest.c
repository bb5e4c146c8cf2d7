/*
 * A manifest, as anybody may write it. What was read is written again, and
 * that is read as the same; so are its sums.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const struct manifest *m)
{
	for (size_t i = 0; i < m->file_count; i++)
		if (!evidence_name_ok(m->files[i].name) ||
		    (i > 0 &&
		        strcmp(m->files[i - 1].name, m->files[i].name) >= 0))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *one, *two;
	struct buf first = buf_new(MANIFEST_BYTES);
	struct buf second = buf_new(MANIFEST_BYTES);
	struct err e = { .code = ERR_NONE };

	if (manifest_read(&one, data, size, &e) == 0) {
		check(one);
		if (manifest_write(one, &first, &e) == -1 ||
		    manifest_read(&two, first.data, first.length, &e) == -1 ||
		    manifest_write(two, &second, &e) == -1 ||
		    first.length != second.length ||
		    memcmp(first.data, second.data, first.length) != 0)
			abort();
		manifest_free(&two);
	}
	manifest_free(&one);
	buf_free(&first);
	buf_free(&second);
	return 0;
}
