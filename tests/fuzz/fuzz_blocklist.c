/*
 * The filter file. The header's checksum is made right, so that what is behind
 * it is reached; the first bytes say what is asked of it.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "pamod/blocklist_format.h"
#include "pamod/guess.h"

#define ASKED 24u /* bytes of a password */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
ask(const struct blocklist *b, const char *password)
{
	struct guess g;
	struct err e;

	(void)blocklist_has(b, password, strlen(password), &e);
	(void)blocklist_verify(b, &e);
	if (blocklist_facts(b).model)
		(void)guess_cost(b, password, strlen(password), &g, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char password[ASKED + 1] = { 0 };
	struct blocklist *b;
	uint8_t *copy;
	struct err e;

	if (size < ASKED)
		return 0;
	for (size_t i = 0; i < ASKED; i++)
		password[i] = (char)(data[i] & 0x7f);
	data += ASKED;
	size -= ASKED;
	copy = malloc(size + 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	if (size >= BLOCKLIST_SUMMED + 32)
		(void)EVP_Digest(copy, BLOCKLIST_SUMMED,
		    copy + BLOCKLIST_SUMMED, NULL, EVP_sha256(), NULL);
	if (blocklist_from(&b, copy, size, &e) == 0) {
		ask(b, password);
		blocklist_close(&b);
	}
	free(copy);
	return 0;
}
