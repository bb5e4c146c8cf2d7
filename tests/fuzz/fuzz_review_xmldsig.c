/*
 * A signature of a pack that anybody may have written. What is read is of
 * ascending names that are fit for a pack, with a certificate, and judging it
 * ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/xmldsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xmldsig *x;
	struct err e = { .code = ERR_NONE };
	X509 *const *chain;

	if (xmldsig_read(&x, data, size, &e) == -1) {
		if (x != NULL || e.code == ERR_NONE)
			abort();
		return 0;
	}
	if (xmldsig_count(x) == 0 || xmldsig_chain(x, &chain) == 0 ||
	    chain[0] == NULL)
		abort();
	for (size_t i = 0; i < xmldsig_count(x); i++)
		if (!evidence_name_ok(xmldsig_at(x, i)->name) ||
		    (i > 0 &&
		        strcmp(xmldsig_at(x, i - 1)->name,
		            xmldsig_at(x, i)->name) >= 0))
			abort();
	(void)xmldsig_check(x, &e);
	xmldsig_free(&x);
	return 0;
}
