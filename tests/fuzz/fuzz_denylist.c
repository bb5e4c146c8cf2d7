/*
 * A deny list as a stranger may hand it over. What parses is written back
 * byte for byte, and no question about it goes wrong.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/denylist.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
put_each(void *context, const struct denylist_entry *entry)
{
	denylist_put_entry(context, entry);
	return 0;
}

static bool
ends_with(const uint8_t *data, size_t size, const struct buf *lines)
{
	/* The entries stand before the last empty line. */
	for (size_t i = size; i-- > 1;)
		if (data[i] == '\n' && data[i - 1] == '\n')
			return i >= lines->length &&
			    (lines->length == 0 ||
			        memcmp(data + i - lines->length, lines->data,
			            lines->length) == 0);
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char key[] =
	    "k+b3493018+"
	    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n";
	struct denylist_place place = { .host = "web1", .uuid = "u" };
	struct buf lines = buf_new(DENYLIST_FILE_MAX);
	struct denylist *list;
	struct err e = { 0 };

	if (denylist_parse(&list, data, size, &e) == 0) {
		(void)denylist_each(list, put_each, &lines);
		if (!ends_with(data, size, &lines))
			abort();
		(void)denylist_match(
		    list, &place, "wang", 1004, "sshd", 0, NULL);
		/* Nobody has signed anything with that key. */
		if (denylist_verify(list, key, sizeof(key) - 1, &e) == 0)
			abort();
		/* The same bytes as a key. */
		(void)denylist_verify(list, (const char *)data, size, &e);
	}
	denylist_free(&list);
	buf_free(&lines);
	return 0;
}
