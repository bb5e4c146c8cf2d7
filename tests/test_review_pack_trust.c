/* Whom a verifier of packs believes: nobody but whom it was told of. */
#include <check.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/certificate.h"
#include "review/pack_trust.h"
#include "review/timestamp.h"
#include "review_pki.h"
#include "shell.h"
#include "unit.h"

#define NOW (PKI_FROM + 30 * PKI_DAY)

static struct err e;
static char folder[40], path[80], why[400];
static struct pack_trust *trust;
static struct pki root, middle, officer, stranger;

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-trust-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/trust", folder);
	memset(&e, 0, sizeof(e));
	ck_assert_ok(pack_trust_new(&trust, &e));
	pki_make(&root,
	    &(struct pki_want){ .name = "root",
	        .constraints = "critical,CA:TRUE",
	        .usage = "critical,keyCertSign" });
	pki_make(&middle,
	    &(struct pki_want){ .name = "middle",
	        .issuer = &root,
	        .constraints = "critical,CA:TRUE",
	        .usage = "critical,keyCertSign" });
	pki_make(&officer,
	    &(struct pki_want){ .name = "officer",
	        .issuer = &middle,
	        .usage = "digitalSignature" });
	pki_make(&stranger, &(struct pki_want){ .name = "officer" });
}

static void
teardown(void)
{
	pack_trust_free(&trust);
	pki_free(&officer);
	pki_free(&middle);
	pki_free(&root);
	pki_free(&stranger);
	(void)shell("rm -rf %s", folder);
}

static void
give(const struct pki *p)
{
	pki_write(path, NULL, &p->certificate, 1);
	ck_assert_ok(pack_trust_file(trust, path, &e));
	ck_assert_int_eq(unlink(path), 0);
}

static void
give_print(const struct pki *p)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	char text[CERTIFICATE_PRINT];

	ck_assert_ok(certificate_digest(p->certificate, digest, &e));
	certificate_print(digest, text);
	ck_assert_ok(pack_trust_fingerprint(trust, text, &e));
}

/* Of up to two; NULL: there is no second. */
static enum pack_trust_answer
judge(const struct pki *one, const struct pki *two, int64_t at)
{
	X509 *chain[2] = { one->certificate,
		two == NULL ? NULL : two->certificate };

	return pack_trust_chain(
	    trust, chain, two == NULL ? 1 : 2, at, why, sizeof(why));
}

/* ---- Chains ---- */

START_TEST(without_trust_nobody_is_trusted)
{
	ck_assert_int_eq(judge(&stranger, NULL, NOW), PACK_UNTRUSTED);
	ck_assert_int_eq(judge(&officer, &middle, NOW), PACK_UNTRUSTED);
	ck_assert_str_ne(why, "");
	ck_assert_int_eq(
	    pack_trust_chain(trust, NULL, 0, NOW, why, sizeof(why)),
	    PACK_UNTRUSTED);
}
END_TEST

START_TEST(a_chain_to_a_given_authority_is_trusted)
{
	give(&root);
	ck_assert_int_eq(judge(&officer, &middle, NOW), PACK_TRUSTED);
	ck_assert_str_eq(why, "");
	ck_assert_int_eq(judge(&stranger, NULL, NOW), PACK_UNTRUSTED);
	/* The link between is not there. */
	ck_assert_int_eq(judge(&officer, NULL, NOW), PACK_UNTRUSTED);
}
END_TEST

START_TEST(an_authority_in_the_middle_is_not_enough)
{
	give(&middle);
	ck_assert_int_eq(judge(&officer, &middle, NOW), PACK_UNTRUSTED);
}
END_TEST

START_TEST(an_authority_that_the_pack_brings_is_nobody)
{
	struct pki forger, forged;

	pki_make(&forger,
	    &(struct pki_want){ .name = "root",
	        .constraints = "critical,CA:TRUE",
	        .usage = "critical,keyCertSign" });
	pki_make(&forged,
	    &(struct pki_want){ .name = "officer", .issuer = &forger });
	give(&root);
	ck_assert_int_eq(judge(&forged, &forger, NOW), PACK_UNTRUSTED);
	ck_assert_int_eq(judge(&forged, &root, NOW), PACK_UNTRUSTED);
	pki_free(&forged);
	pki_free(&forger);
}
END_TEST

START_TEST(a_certificate_that_is_given_itself_is_trusted)
{
	if (_i == 0)
		give(&stranger);
	else
		give_print(&stranger);
	ck_assert_int_eq(judge(&stranger, NULL, NOW), PACK_TRUSTED);
	ck_assert_int_eq(judge(&officer, &middle, NOW), PACK_UNTRUSTED);
}
END_TEST

START_TEST(it_may_be_one_that_an_authority_issued)
{
	if (_i == 0)
		give(&officer);
	else
		give_print(&officer);
	ck_assert_int_eq(judge(&officer, NULL, NOW), PACK_TRUSTED);
}
END_TEST

START_TEST(a_fingerprint_is_of_a_signer_and_not_of_an_authority)
{
	give_print(&root);
	give_print(&middle);
	ck_assert_int_eq(judge(&officer, &middle, NOW), PACK_UNTRUSTED);
}
END_TEST

static const struct {
	const char *constraints, *usage;
} leaves[] = {
	{ "critical,CA:FALSE", "digitalSignature" },
	{ "", NULL }, /* as those before version 3 */
	{ "", "keyCertSign" },
	{ "critical,CA:TRUE", "digitalSignature" }, /* may not issue */
};

START_TEST(a_signer_who_is_given_can_not_speak_for_others)
{
	struct pki leaf, other;

	pki_make(&leaf,
	    &(struct pki_want){ .name = "leaf",
	        .constraints = leaves[_i].constraints,
	        .usage = leaves[_i].usage });
	pki_make(
	    &other, &(struct pki_want){ .name = "other", .issuer = &leaf });
	give(&leaf);
	ck_assert_int_eq(judge(&other, &leaf, NOW), PACK_UNTRUSTED);
	ck_assert_int_eq(judge(&other, NULL, NOW), PACK_UNTRUSTED);
	pki_free(&other);
	pki_free(&leaf);
}
END_TEST

static const struct {
	const char *usage;
	bool good;
} usages[] = {
	{ NULL, true },
	{ "digitalSignature", true },
	{ "nonRepudiation", true },
	{ "digitalSignature,nonRepudiation", true },
	{ "keyEncipherment", false },
	{ "critical,keyAgreement", false },
	{ "keyCertSign,cRLSign", false },
};

START_TEST(a_certificate_must_be_for_signing)
{
	struct pki p;

	pki_make(&p,
	    &(struct pki_want){
	        .name = "a", .issuer = &root, .usage = usages[_i].usage });
	give(&root);
	ck_assert_int_eq(judge(&p, NULL, NOW),
	    usages[_i].good ? PACK_TRUSTED : PACK_UNTRUSTED);
	give(&p);
	ck_assert_int_eq(judge(&p, NULL, NOW),
	    usages[_i].good ? PACK_TRUSTED : PACK_UNTRUSTED);
	pki_free(&p);
}
END_TEST

START_TEST(an_authority_s_servers_and_time_stamps_sign_no_packs)
{
	static const struct {
		const char *extended;
		bool good;
	} purposes[] = {
		{ "serverAuth", false },
		{ "critical,timeStamping", false },
		{ "OCSPSigning", false },
		{ "serverAuth,clientAuth", true },
		{ "emailProtection", true },
		{ "1.3.6.1.5.5.7.3.36", true },
	};
	struct pki p;

	give(&root);
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		pki_make(&p,
		    &(struct pki_want){ .name = "a",
		        .issuer = &root,
		        .usage = "digitalSignature",
		        .extended = purposes[i].extended });
		ck_assert_int_eq(judge(&p, NULL, NOW),
		    purposes[i].good ? PACK_TRUSTED : PACK_UNTRUSTED);
		pki_free(&p);
	}
}
END_TEST

START_TEST(a_weak_authority_is_no_authority)
{
	struct pki weak, p;

	pki_make(&weak,
	    &(struct pki_want){ .name = "weak",
	        .kind = "RSA-1024",
	        .constraints = "critical,CA:TRUE",
	        .usage = "keyCertSign" });
	pki_make(&p, &(struct pki_want){ .name = "a", .issuer = &weak });
	give(&weak);
	ck_assert_int_eq(judge(&p, NULL, NOW), PACK_UNTRUSTED);
	pki_free(&p);
	pki_free(&weak);
}
END_TEST

/* ---- Time ---- */

static const struct {
	int64_t at;
	enum pack_trust_answer answer;
} times[] = {
	{ PKI_FROM - 1, PACK_EXPIRED }, { PKI_FROM, PACK_TRUSTED },
	{ PKI_TO - 1, PACK_TRUSTED }, { PKI_TO + 1, PACK_EXPIRED },
	{ INT64_C(4102444800), PACK_EXPIRED }, /* 2100 */
};

START_TEST(expired_is_told_apart_from_untrusted)
{
	give(&root);
	ck_assert_int_eq(
	    judge(&officer, &middle, times[_i].at), times[_i].answer);
	ck_assert_int_eq(
	    strcmp(why, "") == 0, times[_i].answer == PACK_TRUSTED);
	ck_assert_int_eq(judge(&stranger, NULL, times[_i].at), PACK_UNTRUSTED);
	give(&stranger);
	ck_assert_int_eq(
	    judge(&stranger, NULL, times[_i].at), times[_i].answer);
}
END_TEST

START_TEST(an_authority_that_has_expired_is_told_of_too)
{
	struct pki old, p;

	pki_make(&old,
	    &(struct pki_want){ .name = "old",
	        .to = PKI_FROM + PKI_DAY,
	        .constraints = "critical,CA:TRUE",
	        .usage = "keyCertSign" });
	pki_make(&p, &(struct pki_want){ .name = "a", .issuer = &old });
	give(&old);
	ck_assert_int_eq(judge(&p, NULL, PKI_FROM + 1), PACK_TRUSTED);
	ck_assert_int_eq(judge(&p, NULL, NOW), PACK_EXPIRED);
	pki_free(&p);
	pki_free(&old);
}
END_TEST

/* ---- What is given ---- */

static void
write_text(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static const char *const broken[] = {
	"",
	"hello\n",
	"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n",
	"-----BEGIN CERTIFICATE-----\nMAA=\n",
	"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
};

START_TEST(a_file_of_anything_else_is_refused)
{
	write_text(broken[_i]);
	ck_assert_fails(pack_trust_file(trust, path, &e), ERR_FORMAT);
	ck_assert_fails(pack_trust_time(trust, path, &e), ERR_FORMAT);
	ck_assert(!pack_trust_has_time(trust));
}
END_TEST

START_TEST(a_private_key_is_refused_and_a_missing_file_told)
{
	pki_write(path, officer.key, &officer.certificate, 1);
	ck_assert_fails(pack_trust_file(trust, path, &e), ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "PRIVATE KEY"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_fails(pack_trust_file(trust, path, &e), ERR_MISSING);
	ck_assert_fails(pack_trust_file(trust, folder, &e), ERR_ACCESS);
}
END_TEST

static const char *const no_prints[] = { "", "ab", ":",
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddee",
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg",
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00",
	"SHA256:00112233445566778899aabbccddeeff001122334455667788" };

START_TEST(what_is_no_fingerprint_is_refused)
{
	ck_assert_fails(
	    pack_trust_fingerprint(trust, no_prints[_i], &e), ERR_USAGE);
}
END_TEST

START_TEST(no_more_than_so_many_are_trusted)
{
	char text[65];

	for (unsigned i = 0; i < PACK_TRUST_MAX; i++) {
		(void)snprintf(text, sizeof(text), "%064x", i);
		ck_assert_ok(pack_trust_fingerprint(trust, text, &e));
	}
	ck_assert_fails(pack_trust_fingerprint(trust, text, &e), ERR_LIMIT);
}
END_TEST

START_TEST(an_Ed25519_key_is_trusted_when_it_is_given)
{
	EVP_PKEY *key = pki_key("ED25519");
	unsigned char raw[32], other[32] = { 0 };
	size_t size = sizeof(raw);
	FILE *f = fopen(path, "wx");

	ck_assert_int_eq(EVP_PKEY_get_raw_public_key(key, raw, &size), 1);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_PUBKEY(f, key), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert(!pack_trust_key(trust, raw));
	ck_assert_ok(pack_trust_file(trust, path, &e));
	ck_assert(pack_trust_key(trust, raw));
	ck_assert(!pack_trust_key(trust, other));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(another_public_key_is_refused)
{
	FILE *f = fopen(path, "wx");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_PUBKEY(f, officer.key), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_fails(pack_trust_file(trust, path, &e), ERR_FORMAT);
}
END_TEST

/* ---- Time stamps ---- */

static const char text[] = "the signature";
static struct buf request, token;
static struct pki tsa_root, tsa;
static int64_t stamped_at;

static void
setup_time(void)
{
	struct entropy entropy = entropy_system();

	setup();
	request = buf_new(TIMESTAMP_BYTES);
	token = buf_new(TIMESTAMP_BYTES);
	pki_make(&tsa_root,
	    &(struct pki_want){ .name = "time root",
	        .constraints = "critical,CA:TRUE",
	        .usage = "keyCertSign" });
	pki_make(&tsa,
	    &(struct pki_want){ .name = "time",
	        .issuer = &tsa_root,
	        .usage = "critical,digitalSignature",
	        .extended = "critical,timeStamping" });
	ck_assert_ok(
	    timestamp_request(text, strlen(text), &entropy, &request, &e));
}

static void
teardown_time(void)
{
	buf_free(&request);
	buf_free(&token);
	pki_free(&tsa);
	pki_free(&tsa_root);
	teardown();
}

static ASN1_INTEGER *
next_serial(TS_RESP_CTX *c, void *data)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	(void)c;
	(void)data;
	ck_assert_int_eq(ASN1_INTEGER_set(serial, 7), 1);
	return serial;
}

static int
tell_time(TS_RESP_CTX *c, void *data, long *seconds, long *microseconds)
{
	(void)c;
	(void)data;
	*seconds = (long)stamped_at;
	*microseconds = 250000;
	return 1;
}

/* What a time stamping authority does. */
static void
stamp(const EVP_MD *hash, int64_t at)
{
	TS_RESP_CTX *c = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	BIO *in = BIO_new_mem_buf(request.data, (int)request.length);
	unsigned char *der = NULL;
	TS_RESP *r;
	int length;

	stamped_at = at;
	ck_assert_int_eq(TS_RESP_CTX_set_signer_cert(c, tsa.certificate), 1);
	ck_assert_int_eq(TS_RESP_CTX_set_signer_key(c, tsa.key), 1);
	ck_assert_int_eq(TS_RESP_CTX_set_signer_digest(c, EVP_sha256()), 1);
	ck_assert_int_eq(TS_RESP_CTX_set_def_policy(c, policy), 1);
	ck_assert_int_eq(TS_RESP_CTX_add_md(c, hash), 1);
	TS_RESP_CTX_set_serial_cb(c, next_serial, NULL);
	TS_RESP_CTX_set_time_cb(c, tell_time, NULL);
	r = TS_RESP_create_response(c, in);
	ck_assert_ptr_nonnull(r);
	length = i2d_TS_RESP(r, &der);
	ck_assert_int_gt(length, 0);
	buf_clear(&token);
	buf_put(&token, der, (size_t)length);
	OPENSSL_free(der);
	TS_RESP_free(r);
	TS_RESP_CTX_free(c);
	ASN1_OBJECT_free(policy);
	BIO_free(in);
}

static void
give_time(const struct pki *p)
{
	pki_write(path, NULL, &p->certificate, 1);
	ck_assert_ok(pack_trust_time(trust, path, &e));
	ck_assert_int_eq(unlink(path), 0);
}

static int
judge_token(const char *of, int64_t *at)
{
	*at = -1;
	return pack_trust_token(
	    trust, token.data, token.length, of, strlen(of), at, &e);
}

static int
answers(void)
{
	TS_RESP *r = timestamp_parse(token.data, token.length, &e);
	int result;

	ck_assert_ptr_nonnull(r);
	result = timestamp_answers(r, request.data, request.length, &e);
	TS_RESP_free(r);
	return result;
}

START_TEST(a_trusted_authority_says_when)
{
	int64_t at;

	stamp(EVP_sha256(), NOW);
	give_time(&tsa_root);
	ck_assert(pack_trust_has_time(trust));
	ck_assert_ok(judge_token(text, &at));
	ck_assert_int_eq(at, NOW);
	ck_assert_ok(answers());
}
END_TEST

START_TEST(it_says_so_of_those_bytes_alone)
{
	int64_t at;

	stamp(EVP_sha256(), NOW);
	give_time(&tsa_root);
	ck_assert_fails(judge_token("another", &at), ERR_TAMPERED);
}
END_TEST

START_TEST(an_authority_that_nobody_gave_is_not_believed)
{
	int64_t at;

	stamp(EVP_sha256(), NOW);
	ck_assert_fails(judge_token(text, &at), ERR_ACCESS);
	give_time(&root);
	ck_assert_fails(judge_token(text, &at), ERR_ACCESS);
	/* Who may sign packs may not tell the time. */
	give(&tsa_root);
	ck_assert_fails(judge_token(text, &at), ERR_ACCESS);
}
END_TEST

START_TEST(an_authority_speaks_while_its_certificate_is_valid)
{
	int64_t at;

	give_time(&tsa_root);
	stamp(EVP_sha256(), PKI_TO - 1);
	ck_assert_ok(judge_token(text, &at));
	stamp(EVP_sha256(), PKI_TO + 1);
	ck_assert_fails(judge_token(text, &at), ERR_ACCESS);
	stamp(EVP_sha256(), PKI_FROM - 1);
	ck_assert_fails(judge_token(text, &at), ERR_ACCESS);
}
END_TEST

START_TEST(an_answer_to_another_request_is_noticed)
{
	struct entropy entropy = entropy_system();

	stamp(EVP_sha256(), NOW);
	buf_clear(&request);
	ck_assert_ok(
	    timestamp_request(text, strlen(text), &entropy, &request, &e));
	ck_assert_fails(answers(), ERR_TAMPERED);
}
END_TEST

START_TEST(a_flipped_bit_of_it_changes_nothing_unnoticed)
{
	int64_t at;

	stamp(EVP_sha256(), NOW);
	give_time(&tsa_root);
	for (size_t i = 0; i < token.length * 8; i++) {
		token.data[i / 8] ^= (unsigned char)(1u << i % 8);
		/* The status, which nobody signs, says "granted" in two ways. */
		if (judge_token(text, &at) == 0)
			ck_assert_int_eq(at, NOW);
		token.data[i / 8] ^= (unsigned char)(1u << i % 8);
	}
}
END_TEST

START_TEST(what_is_no_time_stamp_is_refused)
{
	int64_t at;

	give_time(&tsa_root);
	ck_assert_fails(judge_token(text, &at), ERR_FORMAT);
	stamp(EVP_sha256(), NOW);
	for (size_t length = token.length; length-- > 0;) {
		e = (struct err){ 0 };
		ck_assert_int_eq(pack_trust_token(trust, token.data, length,
		                     text, strlen(text), &at, &e),
		    -1);
		ck_assert_int_eq((int)e.code, ERR_FORMAT);
	}
	buf_put_byte(&token, 0);
	ck_assert_fails(judge_token(text, &at), ERR_FORMAT);
	/* An authority that does not do SHA-256 refuses. */
	stamp(EVP_sha512(), NOW);
	ck_assert_fails(judge_token(text, &at), ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "refused"));
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int
main(void)
{
	Suite *s = suite_create("review_pack_trust");
	TCase *t = tcase_create("chains"), *u = tcase_create("time");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, without_trust_nobody_is_trusted);
	tcase_add_test(t, a_chain_to_a_given_authority_is_trusted);
	tcase_add_test(t, an_authority_in_the_middle_is_not_enough);
	tcase_add_test(t, an_authority_that_the_pack_brings_is_nobody);
	tcase_add_loop_test(
	    t, a_certificate_that_is_given_itself_is_trusted, 0, 2);
	tcase_add_loop_test(t, it_may_be_one_that_an_authority_issued, 0, 2);
	tcase_add_test(t, a_fingerprint_is_of_a_signer_and_not_of_an_authority);
	tcase_add_loop_test(t, a_signer_who_is_given_can_not_speak_for_others,
	    0, COUNT(leaves));
	tcase_add_loop_test(
	    t, a_certificate_must_be_for_signing, 0, COUNT(usages));
	tcase_add_test(t, an_authority_s_servers_and_time_stamps_sign_no_packs);
	tcase_add_test(t, a_weak_authority_is_no_authority);
	tcase_add_loop_test(
	    t, expired_is_told_apart_from_untrusted, 0, COUNT(times));
	tcase_add_test(t, an_authority_that_has_expired_is_told_of_too);
	tcase_add_loop_test(
	    t, a_file_of_anything_else_is_refused, 0, COUNT(broken));
	tcase_add_test(t, a_private_key_is_refused_and_a_missing_file_told);
	tcase_add_loop_test(
	    t, what_is_no_fingerprint_is_refused, 0, COUNT(no_prints));
	tcase_add_test(t, no_more_than_so_many_are_trusted);
	tcase_add_test(t, an_Ed25519_key_is_trusted_when_it_is_given);
	tcase_add_test(t, another_public_key_is_refused);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(u, setup_time, teardown_time);
	tcase_add_test(u, a_trusted_authority_says_when);
	tcase_add_test(u, it_says_so_of_those_bytes_alone);
	tcase_add_test(u, an_authority_that_nobody_gave_is_not_believed);
	tcase_add_test(u, an_authority_speaks_while_its_certificate_is_valid);
	tcase_add_test(u, an_answer_to_another_request_is_noticed);
	tcase_add_test(u, a_flipped_bit_of_it_changes_nothing_unnoticed);
	tcase_add_test(u, what_is_no_time_stamp_is_refused);
	tcase_set_timeout(u, 60);
	suite_add_tcase(s, u);
	return unit_run(s);
}
