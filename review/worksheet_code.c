#include "review/worksheet.h"

#include <string.h>

#include "schema/base/digest.h"
#include "schema/base/secret.h"

#define DIGITS 20u
#define GROUP  5u

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The digits, with a hyphen after each five. */
static void
put_digit(char *code, size_t place, char digit)
{
	code[place + place / GROUP] = digit;
	if (place % GROUP == GROUP - 1 && place + 1 < DIGITS)
		code[place + place / GROUP + 1] = '-';
}

int
worksheet_code_make(
    const struct entropy *entropy, char code[WORKSHEET_CODE + 1], struct err *e)
{
	unsigned char bytes[DIGITS];

	memset(code, 0, WORKSHEET_CODE + 1);
	if (entropy_fill(entropy, bytes, sizeof(bytes), e) == -1)
		return -1;
	/* 256 is a multiple of 32: every digit is as likely. */
	for (size_t i = 0; i < DIGITS; i++)
		put_digit(code, i, alphabet[bytes[i] % 32]);
	secret_wipe(bytes, sizeof(bytes));
	return 0;
}

/* The digit that somebody meant; 0: none. */
static char
meant(char typed)
{
	if (typed >= 'a' && typed <= 'z')
		typed = (char)(typed - 'a' + 'A');
	if (typed == 'O')
		return '0';
	if (typed == 'I' || typed == 'L')
		return '1';
	return typed != '\0' && strchr(alphabet, typed) != NULL ? typed : 0;
}

int
worksheet_code_read(
    const char *typed, char code[WORKSHEET_CODE + 1], struct err *e)
{
	size_t count = 0;

	memset(code, 0, WORKSHEET_CODE + 1);
	for (const char *at = typed; *at != '\0'; at++) {
		if (*at == '-' || *at == ' ')
			continue;
		if (meant(*at) == 0 || count == DIGITS)
			return err_set(e, ERR_FORMAT, "not a code");
		put_digit(code, count++, meant(*at));
	}
	return count == DIGITS
	    ? 0
	    : err_set(e, ERR_FORMAT, "a code has %u digits", DIGITS);
}

/* RFC 5869 section 2.3, of one block. */
static int
expand(const unsigned char key[32], const char *what, unsigned char out[32],
    struct err *e)
{
	char text[64];
	size_t length = strlen(WORKSHEET_NAMESPACE) + 1 + strlen(what);

	memcpy(text, WORKSHEET_NAMESPACE, strlen(WORKSHEET_NAMESPACE));
	text[strlen(WORKSHEET_NAMESPACE)] = ' ';
	memcpy(text + strlen(WORKSHEET_NAMESPACE) + 1, what, strlen(what));
	text[length] = '\x01';
	return digest_hmac(DIGEST_SHA256, key, 32, text, length + 1, out, e);
}

int
worksheet_code_key(const char code[WORKSHEET_CODE + 1],
    const unsigned char digest[32], unsigned char key[WORKSHEET_KEY],
    unsigned char check[2], struct err *e)
{
	unsigned char from[32], block[32];
	char plain[DIGITS];
	size_t count = 0;
	int result = -1;

	for (const char *at = code; *at != '\0' && count < DIGITS; at++)
		if (*at != '-')
			plain[count++] = *at;
	if (digest_hmac(DIGEST_SHA256, digest, 32, plain, count, from, e) ==
	        -1 ||
	    expand(from, "hmac", key, e) == -1 ||
	    expand(from, "check", block, e) == -1)
		goto out;
	memcpy(check, block, 2);
	result = 0;
out:
	secret_wipe(plain, sizeof(plain));
	secret_wipe(from, sizeof(from));
	return result;
}
