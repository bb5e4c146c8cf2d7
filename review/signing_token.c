/*
 * A token's key. OpenSSL 3.0 has no provider for PKCS#11 in Debian 12, only
 * the engine of libp11; so this file uses what OpenSSL calls deprecated.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include "review/signing_key.h"
#include "schema/message.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct signing_token {
	ENGINE *engine;
	UI_METHOD *ui;
	signing_ask_fn *ask;
	void *context;
};

/* Of libp11's LOAD_CERT_CTRL. */
struct certificate_wanted {
	const char *uri;
	X509 *certificate;
};

static int
give_pin(char *out, int size, int writing, void *user)
{
	struct signing_token *t = user;

	(void)writing;
	if (t->ask(t->context, _("PIN of the token"), out, (size_t)size) == -1)
		return -1;
	return (int)strlen(out);
}

static int
start(struct signing_token *t, struct err *e)
{
	t->ui = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
	if (t->ui == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->engine = ENGINE_by_id("pkcs11");
	if (t->engine != NULL && ENGINE_init(t->engine) != 1) {
		(void)ENGINE_free(t->engine);
		t->engine = NULL;
	}
	ERR_clear_error();
	return t->engine != NULL
	    ? 0
	    : err_set(e, ERR_MISSING,
	          _("OpenSSL has no engine \"pkcs11\": install "
	            "libengine-pkcs11-openssl"));
}

int
signing_token_open(struct signing_token **out, const char *uri,
    signing_ask_fn *ask, void *context, EVP_PKEY **key, X509 **certificate,
    struct err *e)
{
	struct signing_token *t = calloc(1, sizeof(*t));
	struct certificate_wanted wanted = { uri, NULL };

	*out = NULL;
	if (t == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->ask = ask;
	t->context = context;
	if (start(t, e) == -1) {
		signing_token_close(&t);
		return -1;
	}
	*key = ENGINE_load_private_key(t->engine, uri, t->ui, t);
	if (*key != NULL &&
	    ENGINE_ctrl_cmd(t->engine, "LOAD_CERT_CTRL", 0, &wanted, NULL, 1) ==
	        1)
		*certificate = wanted.certificate;
	ERR_clear_error();
	if (*key == NULL) {
		signing_token_close(&t);
		return err_set(e, ERR_ACCESS,
		    _("no key: the token is not there, has none of that name, "
		      "or the PIN is wrong"));
	}
	*out = t;
	return 0;
}

void
signing_token_close(struct signing_token **t)
{
	if (*t == NULL)
		return;
	if ((*t)->engine != NULL) {
		(void)ENGINE_finish((*t)->engine);
		(void)ENGINE_free((*t)->engine);
	}
	UI_destroy_method((*t)->ui);
	free(*t);
	*t = NULL;
}
