#include "review/passphrase.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "schema/base/buf.h"
#include "schema/base/secret.h"
#include "schema/message.h"

#define PROMPT_MAX 512u

/* OpenSSL's own: it knows terminals, and gives them back after Ctrl-C. */
int
passphrase_ask(void *context, const char *what, char *out, size_t size)
{
	struct buf prompt = buf_new(PROMPT_MAX);
	int result;

	(void)context;
	buf_printf(&prompt, "%s: ", what);
	result = EVP_read_pw_string(out, (int)size - 1, buf_string(&prompt), 0);
	buf_free(&prompt);
	ERR_clear_error();
	if (result != 0)
		secret_wipe(out, size);
	return result == 0 ? 0 : -1;
}

int
passphrase_new(const char *what, char *out, size_t size, struct err *e)
{
	char again[PROMPT_MAX];
	int result = -1;

	if (passphrase_ask(NULL, what, out, size) == -1)
		err_set(e, ERR_USAGE, _("no passphrase was given"));
	else if (strlen(out) < PASSPHRASE_MIN)
		err_set(e, ERR_USAGE, _("a passphrase has at least %u letters"),
		    PASSPHRASE_MIN);
	else if (passphrase_ask(
	             NULL, _("the same again"), again, sizeof(again)) == -1 ||
	    strcmp(out, again) != 0)
		err_set(e, ERR_USAGE, _("the two are not the same"));
	else
		result = 0;
	secret_wipe(again, sizeof(again));
	if (result == -1)
		secret_wipe(out, size);
	return result;
}
