#include "review/signing_key.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include "review/certificate.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"
#include "schema/message.h"

#define TOKEN            "pkcs11:"
#define CERTIFICATES_MAX 16 /* in a file */
#define DER_SEQUENCE     0x30

struct loading {
	struct signing_key *key;
	STACK_OF(X509) * found;
	signing_ask_fn *ask;
	void *context;
	const char *place; /* whose passphrase it is */
	bool asked;
};

/* ---- Files ---- */

static int
ask(struct loading *l, char *out, size_t size)
{
	struct buf what = buf_new(512);
	int result;

	/* Once: OpenSSL would ask again who had no answer. */
	if (l->asked)
		return -1;
	l->asked = true;
	buf_printf(&what, _("passphrase of %s"), l->place);
	result = l->ask(l->context, buf_string(&what), out, size);
	buf_free(&what);
	return result;
}

static int
give_passphrase(char *out, int size, int writing, void *user)
{
	(void)writing;
	return ask(user, out, (size_t)size) == -1 ? -1 : (int)strlen(out);
}

static int
read_secret(const char *path, struct buf *out, struct err *e)
{
	const struct file_rule rule = { geteuid(), 077 };

	return file_read_path(path, &rule, out, e);
}

/* It was encrypted and no passphrase fits, or there is none. */
static int
no_key(const struct loading *l, struct err *e)
{
	ERR_clear_error();
	return l->asked
	    ? err_set(e, ERR_ACCESS, _("%s: wrong passphrase"), l->place)
	    : err_set(e, ERR_FORMAT, _("%s: no private key"), l->place);
}

static int
read_pem_key(
    struct loading *l, const struct buf *text, EVP_PKEY **key, struct err *e)
{
	BIO *in;

	if (text->length == 0)
		return no_key(l, e);
	in = BIO_new_mem_buf(text->data, (int)text->length);
	if (in == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	*key = PEM_read_bio_PrivateKey(in, NULL, give_passphrase, l);
	BIO_free(in);
	return *key == NULL ? no_key(l, e) : 0;
}

static int
keep(struct loading *l, X509 *certificate, struct err *e)
{
	if (sk_X509_num(l->found) < CERTIFICATES_MAX &&
	    sk_X509_push(l->found, certificate) > 0)
		return 0;
	X509_free(certificate);
	return err_set(e, ERR_LIMIT, _("more than %u certificates"),
	    (unsigned)CERTIFICATES_MAX);
}

/* certificate_block_fn */
static int
take_block(void *context, const char *label, const unsigned char *der,
    size_t length, struct err *e)
{
	X509 *certificate;

	if (strcmp(label, "CERTIFICATE") != 0)
		return 0;
	certificate = certificate_parse(der, length, e);
	return certificate == NULL ? -1 : keep(context, certificate, e);
}

/* ---- PKCS#12 ---- */

static bool
is_mac_of(PKCS12 *p, const char *passphrase, int length)
{
	return PKCS12_verify_mac(p, passphrase, length) == 1;
}

/* None and an empty one are two things, in files that Windows writes. */
static int
open_pkcs12(struct loading *l, PKCS12 *p, struct err *e)
{
	char secret[SIGNING_PASSPHRASE] = "";
	const char *passphrase = secret;
	STACK_OF(X509) *others = NULL;
	X509 *own = NULL;
	int result = -1;

	if (is_mac_of(p, NULL, 0))
		passphrase = NULL;
	else if (!is_mac_of(p, "", 0) &&
	    (ask(l, secret, sizeof(secret)) == -1 ||
	        !is_mac_of(p, secret, -1))) {
		no_key(l, e);
		goto out;
	}
	if (PKCS12_parse(p, passphrase, &l->key->key, &own, &others) != 1) {
		err_set(e, ERR_FORMAT,
		    _("%s: this PKCS#12 is of a kind OpenSSL does not read"),
		    l->place);
		goto out;
	}
	result = own == NULL ? 0 : keep(l, own, e);
	while (result == 0 && sk_X509_num(others) > 0)
		result = keep(l, sk_X509_pop(others), e);
	if (result == 0 && l->key->key == NULL)
		result = no_key(l, e);
out:
	sk_X509_pop_free(others, X509_free);
	secret_wipe(secret, sizeof(secret));
	ERR_clear_error();
	return result;
}

static int
read_pkcs12(struct loading *l, const struct buf *bytes, struct err *e)
{
	const unsigned char *at = bytes->data;
	PKCS12 *p = d2i_PKCS12(NULL, &at, (long)bytes->length);
	int result;

	if (p == NULL || at != bytes->data + bytes->length)
		result = no_key(l, e);
	else
		result = open_pkcs12(l, p, e);
	PKCS12_free(p);
	return result;
}

/* ---- Where a key is ---- */

static int
load_file(struct loading *l, struct err *e)
{
	struct buf text = buf_new(CERTIFICATE_FILE);
	int result = -1;

	if (read_secret(l->place, &text, e) == -1)
		goto out;
	if (text.length > 0 && text.data[0] == DER_SEQUENCE)
		result = read_pkcs12(l, &text, e);
	else if (read_pem_key(l, &text, &l->key->key, e) == 0)
		result = certificate_blocks(
		    text.data, text.length, take_block, l, e);
out:
	buf_free(&text);
	return result;
}

static int
load_token(struct loading *l, struct err *e)
{
	X509 *certificate = NULL;

	if (strstr(l->place, "pin-value") != NULL)
		return err_set(e, ERR_USAGE,
		    _("pin-value: a PIN has no place in a command line, you "
		      "are asked"));
	if (signing_token_open(&l->key->token, l->place, l->ask, l->context,
	        &l->key->key, &certificate, e) == -1)
		return -1;
	return certificate == NULL ? 0 : keep(l, certificate, e);
}

static int
load_certificates(struct loading *l, const char *path, struct err *e)
{
	struct buf text = buf_new(CERTIFICATE_FILE);
	int result = certificate_file(path, &text, e);

	if (result == 0 &&
	    certificate_blocks(text.data, text.length, take_block, l, e) == -1)
		result = err_in(e, "%s", path);
	buf_free(&text);
	return result;
}

static int
load_ed25519(struct loading *l, const char *path, struct err *e)
{
	struct buf text = buf_new(CERTIFICATE_FILE);
	int result = -1;

	l->place = path;
	l->asked = false;
	if (read_secret(path, &text, e) == -1 ||
	    read_pem_key(l, &text, &l->key->ed25519, e) == -1)
		;
	else if (EVP_PKEY_is_a(l->key->ed25519, "ED25519") != 1)
		err_set(e, ERR_FORMAT, _("%s: not an Ed25519 key"), path);
	else
		result = 0;
	buf_free(&text);
	return result;
}

/* ---- The chain ---- */

static X509 *
find_own(const struct loading *l)
{
	for (int i = 0; i < sk_X509_num(l->found); i++)
		if (X509_check_private_key(
		        sk_X509_value(l->found, i), l->key->key) == 1)
			return sk_X509_value(l->found, i);
	return NULL;
}

static X509 *
find_issuer(const struct loading *l, X509 *of)
{
	for (int i = 0; i < sk_X509_num(l->found); i++) {
		X509 *c = sk_X509_value(l->found, i);

		if (X509_cmp(c, of) != 0 &&
		    X509_check_issued(c, of) == X509_V_OK)
			return c;
	}
	return NULL;
}

/* Its own, who issued it, who issued that; others are left out. */
static int
make_chain(struct loading *l, struct err *e)
{
	struct signing_key *k = l->key;
	X509 *next = find_own(l);

	ERR_clear_error();
	if (next == NULL)
		return err_set(e, ERR_FORMAT,
		    _("%s: no certificate of that key: see --certificate"),
		    l->place);
	while (next != NULL && k->chain_count < XMLDSIG_CHAIN) {
		(void)X509_up_ref(next);
		k->chain[k->chain_count++] = next;
		next = X509_self_signed(next, 0) == 1 ? NULL
		                                      : find_issuer(l, next);
	}
	ERR_clear_error();
	if (xmldsig_key_ok(X509_get0_pubkey(k->chain[0]), e) == -1)
		return err_in(e, "%s", l->place);
	return 0;
}

static int
load(struct loading *l, const char *certificate, const char *ed25519,
    struct err *e)
{
	bool token = strncmp(l->place, TOKEN, strlen(TOKEN)) == 0;

	if ((certificate != NULL &&
	        load_certificates(l, certificate, e) == -1) ||
	    (token ? load_token(l, e) : load_file(l, e)) == -1 ||
	    make_chain(l, e) == -1)
		return -1;
	return ed25519 == NULL ? 0 : load_ed25519(l, ed25519, e);
}

int
signing_key_load(struct signing_key **out, const char *place,
    const char *certificate, const char *ed25519, signing_ask_fn *asks,
    void *context, struct err *e)
{
	struct loading l = { .ask = asks, .context = context, .place = place };
	int result = -1;

	*out = NULL;
	l.key = calloc(1, sizeof(*l.key));
	l.found = sk_X509_new_null();
	if (l.key == NULL || l.found == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	else
		result = load(&l, certificate, ed25519, e);
	sk_X509_pop_free(l.found, X509_free);
	if (result == -1)
		signing_key_free(&l.key);
	*out = l.key;
	return result;
}

void
signing_key_free(struct signing_key **k)
{
	if (*k == NULL)
		return;
	for (size_t i = 0; i < (*k)->chain_count; i++)
		X509_free((*k)->chain[i]);
	EVP_PKEY_free((*k)->key);
	EVP_PKEY_free((*k)->ed25519);
	signing_token_close(&(*k)->token);
	free(*k);
	*k = NULL;
}

void
signing_name(const char *person, char out[SIGNING_NAME])
{
	size_t length = 0;

	for (const char *p = person; *p != '\0' && length < SIGNING_NAME - 1;
	     p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
			out[length++] = *p;
		else if (*p >= 'A' && *p <= 'Z')
			out[length++] = (char)(*p - 'A' + 'a');
		else if (length > 0 && out[length - 1] != '-')
			out[length++] = '-';
	}
	while (length > 0 && out[length - 1] == '-')
		length--;
	out[length] = '\0';
	if (length == 0)
		(void)strcpy(out, "signer");
}

bool
signing_name_ok(const char *name)
{
	return strlen(name) < SIGNING_NAME && evidence_name_ok(name) &&
	    strchr(name, '/') == NULL;
}
