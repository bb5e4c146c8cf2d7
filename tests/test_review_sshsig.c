/* Signatures of ssh-keygen: real ones verify, and no others. */
#include <check.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/sshkey.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "shell.h"
#include "unit.h"

#define SPACE   "reeve-act"
#define MESSAGE "hello"

static struct err e;
static char folder[40];
static struct buf text; /* an armoured signature */

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-sshsig-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	text = buf_new(65536);
}

static void
teardown(void)
{
	buf_free(&text);
	(void)shell("rm -rf %s", folder);
}

static void
slurp(const char *name, struct buf *out)
{
	char path[128], bytes[16384];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	got = read(fd, bytes, sizeof(bytes));
	ck_assert_int_gt(got, 0);
	buf_clear(out);
	buf_put(out, bytes, (size_t)got);
	(void)close(fd);
}

static int
judge(const char *at, size_t length, const char *space, const char *message)
{
	struct sshsig s;
	int result;

	e.code = ERR_NONE;
	if (sshsig_read(&s, at, length, &e) == -1)
		return -1;
	result = sshsig_verify(&s, space, message, strlen(message), &e);
	sshsig_free(&s);
	return result;
}

static int
judge_text(void)
{
	return judge(buf_string(&text), text.length, SPACE, MESSAGE);
}

/* ---- ssh-keygen's own ---- */

static const struct {
	const char *make; /* options that make the key */
	const char *hash;
} real[] = {
	{ "-t ed25519", "sha512" },
	{ "-t ed25519", "sha256" },
	{ "-t ecdsa -b 256", "sha512" },
	{ "-t ecdsa -b 384", "sha256" },
	{ "-t ecdsa -b 521", "sha512" },
	{ "-t rsa -b 2048", "sha512" },
	{ "-t rsa -b 3072", "sha256" },
};

static void
make_real(int i)
{
	ck_assert_int_eq(
	    shell("cd %s && ssh-keygen -q %s -N '' -C 'a comment' -f k && "
	          "printf " MESSAGE " >m && ssh-keygen -q -Y sign -n " SPACE
	          " -O hashalg=%s -f k m",
	        folder, real[i].make, real[i].hash),
	    0);
	slurp("m.sig", &text);
}

START_TEST(what_ssh_keygen_signs_verifies)
{
	make_real(_i);
	ck_assert_ok(judge_text());
	ck_assert_int_eq(
	    judge(buf_string(&text), text.length, SPACE, "hellp"), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
	ck_assert_int_eq(
	    judge(buf_string(&text), text.length, "file", MESSAGE), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
}
END_TEST

START_TEST(every_flipped_byte_of_it_is_noticed)
{
	make_real(_i);
	for (size_t at = 0; at < text.length; at++) {
		text.data[at] ^= 1;
		ck_assert_msg(judge_text() == -1, "byte %zu", at);
		text.data[at] ^= 1;
	}
	ck_assert_int_eq(judge_text(), 0);
	for (size_t length = 0; length < text.length; length++)
		ck_assert_int_eq(
		    judge((char *)text.data, length, SPACE, MESSAGE), -1);
	buf_put_byte(&text, '\n');
	ck_assert_int_eq(judge_text(), -1);
}
END_TEST

START_TEST(a_key_has_the_fingerprint_that_ssh_keygen_prints)
{
	char fingerprint[SSHSIG_FINGERPRINT], ours[SSHSIG_FINGERPRINT];
	struct buf line = buf_new(SSHKEY_LINE_MAX), file = buf_new(65536);
	struct sshsig s;

	make_real(_i);
	slurp("k.pub", &file);
	ck_assert_ok(
	    sshkey_read(buf_string(&file), file.length, &line, ours, &e));
	/* "TYPE BASE64", as ours is, and then the comment. */
	ck_assert_int_eq(
	    strncmp(buf_string(&line), buf_string(&file), line.length), 0);
	ck_assert_str_eq(buf_string(&file) + line.length, " a comment\n");
	ck_assert_int_eq(
	    shell("cd %s && ssh-keygen -lf k.pub | cut -d' ' -f2 | "
	          "tr -d '\\n' >print",
	        folder),
	    0);
	slurp("print", &file);
	ck_assert_str_eq(buf_string(&file), ours);
	ck_assert_int_eq(
	    sshsig_read(&s, buf_string(&text), text.length, &e), 0);
	ck_assert_int_eq(sshsig_fingerprint(&s, fingerprint, &e), 0);
	ck_assert_str_eq(fingerprint, ours);
	sshsig_free(&s);
	buf_free(&line);
	buf_free(&file);
}
END_TEST

START_TEST(a_short_RSA_key_is_refused)
{
	ck_assert_int_eq(
	    shell("cd %s && ssh-keygen -q -t rsa -b 1024 -N '' -f k && "
	          "printf " MESSAGE " >m && ssh-keygen -q -Y sign -n " SPACE
	          " -f k m",
	        folder),
	    0);
	slurp("m.sig", &text);
	ck_assert_int_eq(judge_text(), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "less than 2048"));
}
END_TEST

/* ---- Committed ones: OpenSSH 9.2p1 ---- */

static const char *const kept[] = {
	"-----BEGIN SSH SIGNATURE-----\n"
	"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgPx72IvvC05knNozz7FOfuF7S38"
	"\n"
	"vgc168CfDx/"
	"IYMXY8AAAAJcmVldmUtYWN0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1l\n"
	"ZDI1NTE5AAAAQCw0Gaj5OPALgZV9LCpeQ+w8RNKHRVzvbZVUMhHeNL6D+"
	"UZfqpmibvujRS\n"
	"N9fU4dqQ5/OeJUj+5708Ua8u2IuQo=\n"
	"-----END SSH SIGNATURE-----\n",
	"-----BEGIN SSH SIGNATURE-----\n"
	"U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE"
	"\n"
	"EEJT83lgqb+"
	"X8uZAlMpCG4NakqqQ7Pll9Y2D8CpmcbxZpY2uQelWkBKAqFy3nEfKya5aDc\n"
	"yd28LQ09g8TyLOaSzQAAAAlyZWV2ZS1hY3QAAAAAAAAABnNoYTUxMgAAAGQAAAATZWNkc2"
	"\n"
	"Etc2hhMi1uaXN0cDI1NgAAAEkAAAAhAJ3AdT3Af2DcwnFVz9yv+"
	"kHvmhrqruQliQVf3s2j\n"
	"G0jMAAAAIESa+7OMFQ3vLCik66rWvMo5vAJyJYKB4QczTDtmW67B\n"
	"-----END SSH SIGNATURE-----\n",
	"-----BEGIN SSH SIGNATURE-----\n"
	"U1NIU0lHAAAAAQAAAZcAAAAHc3NoLXJzYQAAAAMBAAEAAAGBALPTM2uabF6QCt4p8nu6mG"
	"\n"
	"ImErtb2V+tOivWgpMzr72zargyYAaRs6938acnG2KU1N/"
	"D4klR8sd87vUUB46RJYQXB9C3\n"
	"aurt2KOxfDgbhC7aE2hHChVR+0dz848pCLz0usuDjVtWnLatv3B4U/"
	"x98bTCFJAgbyWIJz\n"
	"o1Hqsjz/ykTMFyh4Y80g+Kc/"
	"dCqBqf0VYAOAF4Ym71A1d1AH7sK4ISw9tE6gTrw+X8b7VK\n"
	"+tlaS2prZ249uKFkQ6HNxDBjWNe4yoPWbtBQVaTXxS8cjZ+/"
	"On+NyuWa6MKPHvHmeld6MO\n"
	"YVXCtjZjzeKydJPEPIKZs0GkY7/d7NC+jCIoGrKlbG55/"
	"bGGDo6wxTOLMLHxsayKoGh1bC\n"
	"yC+HwObOvnzdOGGgFOmGAh3ZDSKo4gWPB+"
	"RJdUq3VR0kRKC5kHcN0pEd5uAdlnn2A3CoMW\n"
	"DTB3cBqGlz69Q4d4XL48S3bSJqgJPbqkGFaczUQ0hLFzu5epdG5Yq/"
	"hh2mRale4c1soLVP\n"
	"/QAAAAlyZWV2ZS1hY3QAAAAAAAAABnNoYTUxMgAAAZQAAAAMcnNhLXNoYTItNTEyAAABgD"
	"\n"
	"LDeZZ+znQN2ltR5XQG3gJjE4iNuYat1eOccCw+"
	"Aaj9BKrTNEeU2wc6YnfWUJjlUotiEDHf\n"
	"TaCDETe22gLgA936X6BUYTEfFtdZdSQDuNn42J0gW8u2kYMaVlNmIh58XsMDJhCpQVo3Fz"
	"\n"
	"Uk6E81cukjaBJ0YruAtXUJKf3OMncMfZ+UOcWqhUQqQvsRESB18Bwj7ccfDmgQUi+"
	"xNYtx\n"
	"tYc7bpjUTmIpryGDfjb/"
	"Br0kblBCsUvJ6q+K84BwS66H6fqOD2NW7OudZ7c6pyzgATmx47\n"
	"KDxR27rPpOb+Fn2H2kSlHpJ1QBkLhLSAZy9ntsj4cXqV2K2+"
	"sZ2WiPNJZ8sPOMpupeIsz3\n"
	"EJDnv4NlMIKHl5sLuqEO4KISKmzKDUuDYQDZNPeo/ey8/"
	"XX1dgVrkk+ryZkB+1WtrjZkw9\n"
	"9aD/pEimUMi2nIEfXlxOBH9zUayDhZ/sNOokU4ucUFzvouA6SEa/"
	"8oUJL7GZgGVEjn89kd\n"
	"gwHtlR7iMVP4zrLhwiHPZQ==\n"
	"-----END SSH SIGNATURE-----\n",
};

START_TEST(what_was_signed_long_ago_verifies)
{
	ck_assert_ok(judge(kept[_i], strlen(kept[_i]), SPACE, MESSAGE));
}
END_TEST

/* ---- Made here, for devices and for what is wrong ---- */

struct making {
	EVP_PKEY *key;
	const char *type, *curve, *application; /* NULL: not there */
	const char *sig_type, *hash;
	unsigned char flags;
	bool key_left, signature_left, blob_left; /* a byte too many */
	bool zero;                                /* before a number */
	const char *reserved;
};

static void
put_text(struct buf *b, const char *t)
{
	sshkey_put_string(b, t, strlen(t));
}

static void
put_number(struct buf *b, const BIGNUM *n, bool zero)
{
	unsigned char bytes[2050] = { 0 };
	int length = BN_num_bytes(n);
	size_t zeros; /* the sign may want one */

	BN_bn2bin(n, bytes + 2);
	zeros = ((bytes[2] & 0x80) != 0 ? 1u : 0u) + (zero ? 1u : 0u);
	sshkey_put_string(b, bytes + 2 - zeros, (size_t)length + zeros);
}

static void
put_key(struct buf *b, const struct making *m)
{
	unsigned char point[256];
	size_t length = sizeof(point);

	put_text(b, m->type);
	if (EVP_PKEY_is_a(m->key, "RSA")) {
		BIGNUM *n = NULL, *x = NULL;

		ck_assert(
		    EVP_PKEY_get_bn_param(m->key, OSSL_PKEY_PARAM_RSA_N, &n));
		ck_assert(
		    EVP_PKEY_get_bn_param(m->key, OSSL_PKEY_PARAM_RSA_E, &x));
		put_number(b, x, m->zero);
		put_number(b, n, false);
		BN_free(n);
		BN_free(x);
	} else {
		if (m->curve != NULL) {
			put_text(b, m->curve);
			ck_assert(EVP_PKEY_get_octet_string_param(m->key,
			    OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
			    &length));
		} else
			ck_assert_int_eq(
			    EVP_PKEY_get_raw_public_key(m->key, point, &length),
			    1);
		sshkey_put_string(b, point, length);
	}
	if (m->application != NULL)
		put_text(b, m->application);
	if (m->key_left)
		buf_put_byte(b, 0);
}

/* libcrypto's signature, as SSH has it. */
static void
sign(struct buf *out, const struct making *m, const void *bytes, size_t length)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char made[1024];
	size_t made_length = sizeof(made);

	ck_assert_int_eq(
	    EVP_DigestSignInit_ex(c, NULL, m->hash, NULL, NULL, m->key, NULL),
	    1);
	ck_assert_int_eq(
	    EVP_DigestSign(c, made, &made_length, bytes, length), 1);
	EVP_MD_CTX_free(c);
	if (m->curve != NULL) {
		const unsigned char *at = made;
		ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &at, (long)made_length);
		struct buf pair = buf_new(1024);

		put_number(&pair, ECDSA_SIG_get0_r(s), m->zero);
		put_number(&pair, ECDSA_SIG_get0_s(s), false);
		sshkey_put_string(out, pair.data, pair.length);
		buf_free(&pair);
		ECDSA_SIG_free(s);
	} else
		sshkey_put_string(out, made, made_length);
}

static void
put_signature(struct buf *b, const struct making *m, const struct buf *said)
{
	unsigned char device[69] = { 0 };

	put_text(b, m->sig_type == NULL ? m->type : m->sig_type);
	if (m->application == NULL) {
		sign(b, m, said->data, said->length);
	} else {
		ck_assert_int_eq(digest_sha256(m->application,
		                     strlen(m->application), device, &e),
		    0);
		device[32] = m->flags;
		device[36] = 7; /* the counter */
		ck_assert_int_eq(
		    digest_sha256(said->data, said->length, device + 37, &e),
		    0);
		sign(b, m, device, sizeof(device));
		buf_put(b, device + 32, 5);
	}
	if (m->signature_left)
		buf_put_byte(b, 0);
}

/* A whole signature of MESSAGE, into text. */
static void
make(const struct making *m)
{
	const char *reserved = m->reserved == NULL ? "" : m->reserved;
	struct buf part = buf_new(65536), raw = buf_new(65536),
	           said = buf_new(65536), digits = buf_new(65536);
	unsigned char digest[32];

	ck_assert_int_eq(
	    digest_sha256(MESSAGE, strlen(MESSAGE), digest, &e), 0);
	buf_put_string(&said, "SSHSIG");
	put_text(&said, SPACE);
	put_text(&said, reserved);
	put_text(&said, "sha256");
	sshkey_put_string(&said, digest, sizeof(digest));
	buf_put(&raw, "SSHSIG\0\0\0\1", 10);
	put_key(&part, m);
	sshkey_put_string(&raw, part.data, part.length);
	put_text(&raw, SPACE);
	put_text(&raw, reserved);
	put_text(&raw, "sha256");
	buf_clear(&part);
	put_signature(&part, m, &said);
	sshkey_put_string(&raw, part.data, part.length);
	if (m->blob_left)
		buf_put_byte(&raw, 0);
	enc_base64(&digits, raw.data, raw.length);
	buf_clear(&text);
	buf_put_string(&text, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t at = 0; at < digits.length; at += 76)
		buf_printf(&text, "%.76s\n", buf_string(&digits) + at);
	buf_put_string(&text, "-----END SSH SIGNATURE-----\n");
	buf_free(&part);
	buf_free(&raw);
	buf_free(&said);
	buf_free(&digits);
}

enum { ED, EC, RSA_, KEYS };

static EVP_PKEY *
new_key(int kind)
{
	EVP_PKEY *key = kind == ED ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
	    : kind == EC           ? EVP_EC_gen("P-256")
	                           : EVP_RSA_gen(2048);

	ck_assert_ptr_nonnull(key);
	return key;
}

#define SK_ED  "sk-ssh-ed25519@openssh.com"
#define SK_EC  "sk-ecdsa-sha2-nistp256@openssh.com"
#define P256   "ecdsa-sha2-nistp256"
#define ED_KEY .type = "ssh-ed25519"
#define EC_KEY .type = P256, .curve = "nistp256", .hash = "SHA256"
#define EC_DEVICE                                                              \
	.type = SK_EC, .curve = "nistp256", .hash = "SHA256", .flags = 1,      \
	.application = "ssh:"

static const struct {
	int kind;
	struct making how;
	const char *error; /* NULL: it verifies */
} made[] = {
	{ ED, { ED_KEY }, NULL },
	{ EC, { EC_KEY }, NULL },
	{ RSA_,
	    { .type = "ssh-rsa", .sig_type = "rsa-sha2-256", .hash = "SHA256" },
	    NULL },
	{ ED, { .type = SK_ED, .application = "ssh:", .flags = 1 }, NULL },
	{ ED, { .type = SK_ED, .application = "ssh:bank", .flags = 5 }, NULL },
	{ EC, { EC_DEVICE }, NULL },
	/* Nobody touched it. */
	{ ED, { .type = SK_ED, .application = "ssh:", .flags = 4 },
	    "nobody was present" },
	{ EC,
	    { .type = SK_EC,
	        .curve = "nistp256",
	        .hash = "SHA256",
	        .application = "ssh:" },
	    "nobody was present" },
	/* A key that logs in at a web site. */
	{ ED, { .type = SK_ED, .application = "https://x", .flags = 1 },
	    "not for SSH" },
	{ RSA_, { .type = "ssh-rsa", .sig_type = "ssh-rsa", .hash = "SHA1" },
	    "neither rsa-sha2-512" },
	{ RSA_,
	    { .type = "ssh-rsa", .sig_type = "rsa-sha2-512", .hash = "SHA256" },
	    "does not verify" },
	{ RSA_,
	    { .type = "ssh-rsa",
	        .sig_type = "rsa-sha2-256",
	        .hash = "SHA256",
	        .zero = true },
	    "ssh-rsa" },
	{ EC, { .type = P256, .curve = "nistp384", .hash = "SHA256" },
	    "curve is not the type's" },
	{ EC,
	    { .type = "ecdsa-sha2-nistp384",
	        .curve = "nistp384",
	        .hash = "SHA256" },
	    "not a point" },
	{ EC, { EC_KEY, .zero = true }, "r and s" },
	{ ED, { ED_KEY, .sig_type = P256 }, "not of the key's type" },
	{ ED, { .type = "ssh-dss" }, "not taken" },
	{ ED, { ED_KEY, .key_left = true }, "ssh-ed25519" },
	{ ED, { ED_KEY, .signature_left = true }, "key's signature" },
	{ EC, { EC_DEVICE, .signature_left = true }, "key's signature" },
	{ ED, { ED_KEY, .blob_left = true }, "SSHSIG" },
	{ ED, { ED_KEY, .reserved = "x" }, "reserved" },
};

START_TEST(each_form_is_taken_or_refused_for_its_reason)
{
	struct making m = made[_i].how;
	int result;

	m.key = new_key(made[_i].kind);
	make(&m);
	result = judge_text();
	EVP_PKEY_free(m.key);
	if (made[_i].error == NULL)
		ck_assert_ok(result);
	else {
		ck_assert_int_eq(result, -1);
		ck_assert_msg(strstr(e.text, made[_i].error) != NULL,
		    "wanted %s, said %s", made[_i].error, e.text);
	}
}
END_TEST

START_TEST(every_flipped_byte_of_a_devices_is_noticed)
{
	struct making m = made[_i].how;

	m.key = new_key(made[_i].kind);
	make(&m);
	for (size_t at = 0; at < text.length; at++) {
		text.data[at] ^= 1;
		ck_assert_msg(judge_text() == -1, "byte %zu", at);
		text.data[at] ^= 1;
	}
	EVP_PKEY_free(m.key);
}
END_TEST

/* ---- Lines of keys ---- */

#define LINE                                                                   \
	"ssh-ed25519 "                                                         \
	"AAAAC3NzaC1lZDI1NTE5AAAAINZKp20EDFsvVJrjpVs2g1NoYfIaPu69FjQcgu7cZmQ5"

static const struct {
	const char *line;
	bool good;
} lines[] = {
	{ LINE, true },
	{ LINE "\n", true },
	{ LINE " a b\n", true },
	{ LINE "\r\n", true },
	{ "", false },
	{ "ssh-ed25519", false },
	{ "ssh-ed25519 ", false },
	{ " " LINE, false },
	{ LINE "\n" LINE, false },
	{ LINE "=", false },
	{ "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAINZKp20EDFsvVJrjpVs2g1NoYfIaPu69Fj"
	  "Qcgu7cZmQ5",
	    false },
	{ "command=\"x\" " LINE, false },
};

START_TEST(a_line_of_a_key_is_strict)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct buf line = buf_new(SSHKEY_LINE_MAX);

	ck_assert_int_eq(sshkey_read(lines[_i].line, strlen(lines[_i].line),
	                     &line, fingerprint, &e),
	    lines[_i].good ? 0 : -1);
	if (lines[_i].good) {
		ck_assert_str_eq(buf_string(&line), LINE);
		ck_assert_str_eq(fingerprint,
		    "SHA256:aplcH0hCYvL70wNaXZjg2AZQqPKio4Do/9knxcQJJWc");
	}
	buf_free(&line);
}
END_TEST

static int
size_of(size_t whole, size_t one)
{
	return (int)(whole / one);
}

int
main(void)
{
	Suite *s = suite_create("review_sshsig");
	TCase *t = tcase_create("sshsig");
	int reals = size_of(sizeof(real), sizeof(real[0]));

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_ssh_keygen_signs_verifies, 0, reals);
	tcase_add_loop_test(t, every_flipped_byte_of_it_is_noticed, 0, reals);
	tcase_add_loop_test(
	    t, a_key_has_the_fingerprint_that_ssh_keygen_prints, 0, reals);
	tcase_add_test(t, a_short_RSA_key_is_refused);
	tcase_add_loop_test(t, what_was_signed_long_ago_verifies, 0,
	    size_of(sizeof(kept), sizeof(kept[0])));
	tcase_add_loop_test(t, each_form_is_taken_or_refused_for_its_reason, 0,
	    size_of(sizeof(made), sizeof(made[0])));
	tcase_add_loop_test(
	    t, every_flipped_byte_of_a_devices_is_noticed, 3, 6);
	tcase_add_loop_test(t, a_line_of_a_key_is_strict, 0,
	    size_of(sizeof(lines), sizeof(lines[0])));
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return unit_run(s);
}
