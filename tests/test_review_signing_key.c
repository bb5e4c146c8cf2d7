/* The keys that sign packs, as files have them. Tokens: review_evidence_sign.sh */
#include <check.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/signing_key.h"
#include "review_pki.h"
#include "shell.h"
#include "unit.h"

static struct err e;
static char folder[40], path[80], other[80];
static struct signing_key *key;
static struct pki root, middle, signer;
static const char *answer; /* NULL: nobody is there */
static int asked;

static int
ask(void *context, const char *what, char *out, size_t size)
{
	ck_assert_ptr_eq(context, &asked);
	ck_assert_ptr_nonnull(what);
	asked++;
	if (answer == NULL)
		return -1;
	(void)snprintf(out, size, "%s", answer);
	return 0;
}

static int
load(const char *certificate, const char *ed25519)
{
	signing_key_free(&key);
	asked = 0;
	return signing_key_load(
	    &key, path, certificate, ed25519, ask, &asked, &e);
}

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-key-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/key", folder);
	(void)snprintf(other, sizeof(other), "%s/other", folder);
	memset(&e, 0, sizeof(e));
	key = NULL;
	answer = NULL;
	pki_make(&root,
	    &(struct pki_want){ .name = "root",
	        .constraints = "critical,CA:TRUE",
	        .usage = "keyCertSign" });
	pki_make(&middle,
	    &(struct pki_want){ .name = "middle",
	        .issuer = &root,
	        .constraints = "critical,CA:TRUE",
	        .usage = "keyCertSign" });
	pki_make(&signer,
	    &(struct pki_want){ .name = "officer", .issuer = &middle });
}

static void
teardown(void)
{
	signing_key_free(&key);
	pki_free(&signer);
	pki_free(&middle);
	pki_free(&root);
	(void)shell("rm -rf %s", folder);
}

static void
write_encrypted(const char *file, const EVP_PKEY *k, const char *passphrase)
{
	FILE *f = fopen(file, "wx");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fchmod(fileno(f), 0600), 0);
	ck_assert_int_eq(PEM_write_PKCS8PrivateKey(f, k, EVP_aes_256_cbc(),
	                     passphrase, (int)strlen(passphrase), NULL, NULL),
	    1);
	ck_assert_int_eq(PEM_write_X509(f, signer.certificate), 1);
	ck_assert_int_eq(fclose(f), 0);
}

static void
check_chain(const struct pki *const *expected, size_t count)
{
	ck_assert_uint_eq(key->chain_count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(
		    X509_cmp(key->chain[i], expected[i]->certificate), 0);
	ck_assert_int_eq(EVP_PKEY_eq(key->key, signer.key), 1);
}

/* ---- PEM ---- */

START_TEST(the_chain_is_put_in_order_whatever_the_files)
{
	const struct pki *const expected[] = { &signer, &middle, &root };
	X509 *mixed[] = { root.certificate, signer.certificate,
		middle.certificate };

	pki_write(path, signer.key, mixed, 3);
	ck_assert_ok(load(NULL, NULL));
	check_chain(expected, 3);
	ck_assert_int_eq(asked, 0);
	ck_assert_ptr_null(key->ed25519);
}
END_TEST

START_TEST(certificates_that_did_not_issue_it_are_left_out)
{
	struct pki stranger;
	const struct pki *const expected[] = { &signer };
	X509 *both[] = { NULL, signer.certificate };

	pki_make(&stranger, &(struct pki_want){ .name = "stranger" });
	both[0] = stranger.certificate;
	pki_write(path, signer.key, both, 2);
	ck_assert_ok(load(NULL, NULL));
	check_chain(expected, 1);
	pki_free(&stranger);
}
END_TEST

START_TEST(the_certificate_may_be_in_a_file_of_its_own)
{
	const struct pki *const expected[] = { &signer, &middle };
	X509 *both[] = { signer.certificate, middle.certificate };

	pki_write(path, signer.key, NULL, 0);
	pki_write(other, NULL, both, 2);
	ck_assert_fails(load(NULL, NULL), ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "--certificate"));
	ck_assert_ok(load(other, NULL));
	check_chain(expected, 2);
}
END_TEST

START_TEST(the_certificate_of_another_key_is_none)
{
	struct pki stranger;

	pki_make(&stranger, &(struct pki_want){ .name = "officer" });
	pki_write(path, signer.key, &stranger.certificate, 1);
	ck_assert_fails(load(NULL, NULL), ERR_FORMAT);
	pki_free(&stranger);
}
END_TEST

static const struct {
	const char *answer;
	int code; /* 0: it loads */
	const char *text;
} passphrases[] = {
	{ "correct horse", 0, NULL },
	{ "wrong", ERR_ACCESS, "wrong passphrase" },
	{ "", ERR_ACCESS, "wrong passphrase" },
	{ NULL, ERR_ACCESS, "wrong passphrase" },
};

static void
try_passphrase(int i)
{
	answer = passphrases[i].answer;
	e = (struct err){ 0 };
	ck_assert_int_eq(load(NULL, NULL), passphrases[i].code == 0 ? 0 : -1);
	ck_assert_int_eq((int)e.code, passphrases[i].code);
	ck_assert_int_eq(asked, 1);
	if (passphrases[i].text != NULL)
		ck_assert_ptr_nonnull(strstr(e.text, passphrases[i].text));
}

START_TEST(an_encrypted_key_wants_its_passphrase)
{
	write_encrypted(path, signer.key, "correct horse");
	try_passphrase(_i);
}
END_TEST

/* ---- PKCS#12 ---- */

static void
write_pkcs12(const char *passphrase)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	FILE *f = fopen(path, "wx");
	PKCS12 *p;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fchmod(fileno(f), 0600), 0);
	sk_X509_push(others, root.certificate);
	sk_X509_push(others, middle.certificate);
	p = PKCS12_create(passphrase, "officer", signer.key, signer.certificate,
	    others, 0, 0, 0, 0, 0);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(i2d_PKCS12_fp(f, p), 1);
	ck_assert_int_eq(fclose(f), 0);
	PKCS12_free(p);
	sk_X509_free(others);
}

START_TEST(PKCS12_wants_its_passphrase)
{
	write_pkcs12("correct horse");
	try_passphrase(_i);
}
END_TEST

START_TEST(PKCS12_brings_its_chain)
{
	const struct pki *const expected[] = { &signer, &middle, &root };

	write_pkcs12("correct horse");
	answer = "correct horse";
	ck_assert_ok(load(NULL, NULL));
	check_chain(expected, 3);
}
END_TEST

START_TEST(PKCS12_with_an_empty_passphrase_asks_nobody)
{
	write_pkcs12(_i == 0 ? "" : NULL);
	ck_assert_ok(load(NULL, NULL));
	ck_assert_int_eq(asked, 0);
}
END_TEST

/* ---- What is refused ---- */

static const char *const unfit[] = { "RSA-2048", "P-384", "ED25519" };

START_TEST(a_key_that_may_not_sign_is_refused_when_it_is_loaded)
{
	struct pki p;

	pki_make(&p, &(struct pki_want){ .name = "a", .kind = unfit[_i] });
	pki_write(path, p.key, &p.certificate, 1);
	ck_assert_fails(load(NULL, NULL), ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "P-256"));
	pki_free(&p);
}
END_TEST

START_TEST(a_key_that_others_may_read_is_refused)
{
	pki_write(path, signer.key, &signer.certificate, 1);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_fails(load(NULL, NULL), ERR_ACCESS);
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_fails(load(NULL, NULL), ERR_ACCESS);
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
} broken[] = {
	{ "", ERR_FORMAT },
	{ "0", ERR_FORMAT },
	{ "hello\n", ERR_FORMAT },
	{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    ERR_FORMAT },
	{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	    ERR_FORMAT },
};

START_TEST(what_is_no_key_is_refused)
{
	FILE *f = fopen(path, "wx");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fchmod(fileno(f), 0600), 0);
	ck_assert_int_ge(fputs(broken[_i].text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_fails(load(NULL, NULL), broken[_i].code);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_missing)
{
	ck_assert_fails(load(NULL, NULL), ERR_MISSING);
	pki_write(path, signer.key, &signer.certificate, 1);
	ck_assert_fails(load(other, NULL), ERR_MISSING);
	ck_assert_fails(load(NULL, other), ERR_MISSING);
}
END_TEST

START_TEST(a_PIN_in_a_command_line_is_refused)
{
	strcpy(path, "pkcs11:token=a;object=b?pin-value=1234");
	ck_assert_fails(load(NULL, NULL), ERR_USAGE);
	ck_assert_ptr_null(strstr(e.text, "1234"));
}
END_TEST

/* ---- Ed25519 ---- */

START_TEST(an_Ed25519_key_may_be_beside_it)
{
	EVP_PKEY *ed = pki_key("ED25519");

	pki_write(path, signer.key, &signer.certificate, 1);
	write_encrypted(other, ed, "correct horse");
	answer = "correct horse";
	ck_assert_ok(load(NULL, other));
	ck_assert_int_eq(EVP_PKEY_eq(key->ed25519, ed), 1);
	ck_assert_int_eq(asked, 1);
	/* And another kind may not. */
	ck_assert_fails(load(NULL, path), ERR_FORMAT);
	EVP_PKEY_free(ed);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_signing_key");
	TCase *t = tcase_create("signing_key");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_chain_is_put_in_order_whatever_the_files);
	tcase_add_test(t, certificates_that_did_not_issue_it_are_left_out);
	tcase_add_test(t, the_certificate_may_be_in_a_file_of_its_own);
	tcase_add_test(t, the_certificate_of_another_key_is_none);
	tcase_add_loop_test(t, an_encrypted_key_wants_its_passphrase, 0, 4);
	tcase_add_loop_test(t, PKCS12_wants_its_passphrase, 0, 4);
	tcase_add_test(t, PKCS12_brings_its_chain);
	tcase_add_loop_test(
	    t, PKCS12_with_an_empty_passphrase_asks_nobody, 0, 2);
	tcase_add_loop_test(
	    t, a_key_that_may_not_sign_is_refused_when_it_is_loaded, 0, 3);
	tcase_add_test(t, a_key_that_others_may_read_is_refused);
	tcase_add_loop_test(t, what_is_no_key_is_refused, 0, 5);
	tcase_add_test(t, a_file_that_is_not_there_is_missing);
	tcase_add_test(t, a_PIN_in_a_command_line_is_refused);
	tcase_add_test(t, an_Ed25519_key_may_be_beside_it);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return unit_run(s);
}
