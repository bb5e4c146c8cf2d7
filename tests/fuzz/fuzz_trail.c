/*
 * A line of the trail. What was read is byte for byte what we would have
 * written; and the head alone says the same as the whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/line.h"
#include "schema/trail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

/* All members by name: none is found that is longer than there was room. */
static void
look(const struct line *l)
{
	static const char *const names[] = { "user", "detail", "session",
		"size", "root", "segment", "torn_length", "torn_sha256" };
	unsigned char hash[LINE_HASH];
	char text[64];
	int64_t number;
	struct err e;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (line_get_text(l, names[i], text, sizeof(text), &e) == 1)
			must(memchr(text, '\0', sizeof(text)) != NULL);
		(void)line_get_number(l, names[i], &number, &e);
		(void)line_get_hex(l, names[i], hash, sizeof(hash), &e);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = buf_new(2 * TRAIL_LINE_MAX);
	struct line l, head;
	struct err e;
	int parsed = line_parse(data, size, &l, &e);

	must(parsed == 0 || e.code == ERR_FORMAT || e.code == ERR_NEWER);
	if (parsed == 0) {
		must(memchr(data, '\n', size) == NULL);
		line_begin(&b, &l);
		buf_put(&b, l.members, l.members_length);
		line_end(&b);
		must(buf_status(&b, &e) == 0 && b.length == size &&
		    memcmp(b.data, data, size) == 0);
		must(line_parse_head(data, size, &head, &e) == 0 &&
		    head.seq == l.seq && strcmp(head.type, l.type) == 0);
		look(&l);
	}
	buf_free(&b);
	return 0;
}
