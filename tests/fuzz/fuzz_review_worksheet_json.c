/*
 * Answers of a worksheet's page, as anybody may send them. A file that is taken
 * when nobody looks at its answers is taken when somebody does, and what an
 * HMAC is over lies within it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/json.h"
#include "review/worksheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
on_answer(void *context, const struct worksheet_answer *a, struct err *e)
{
	int64_t *count = context;

	(void)e;
	++*count;
	if (a->question < 1 || a->item < 0 || a->bulk < 1 ||
	    strlen(a->place) == 0 || a->cells != NULL)
		abort();
	return 0;
}

static bool
same(const struct worksheet_identity *a, const struct worksheet_identity *b)
{
	return strcmp(a->campaign, b->campaign) == 0 &&
	    strcmp(a->reviewer, b->reviewer) == 0 &&
	    strcmp(a->digest, b->digest) == 0 &&
	    strcmp(a->hmac, b->hmac) == 0 && a->hmac_length == b->hmac_length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct worksheet_identity one, two;
	struct json j = json_new(data, size);
	struct err e = { 0 };
	int64_t count = 0;
	int first, second, any;

	(void)json_skip(&j);
	any = json_finish(&j, &e);
	first = worksheet_read_json(data, size, &one, NULL, NULL, &e);
	second = worksheet_read_json(data, size, &two, on_answer, &count, &e);
	if (first != second || (first == 0 && any != 0) ||
	    (first == 0 && (!same(&one, &two) || one.hmac_length > size)))
		abort();
	return 0;
}
