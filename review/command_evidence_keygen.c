/*
 * reeve evidence keygen: keys for who signs packs, for a start.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "review/certificate.h"
#include "review/evidence.h"
#include "review/newfile.h"
#include "review/passphrase.h"
#include "review/signing_key.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"
#include "schema/message.h"

extern const struct command_word evidence_command_keygen;

#define DAY        86400
#define DAYS       1095 /* three years */
#define DAYS_MAX   3653
#define RSA_BITS   3072u
#define SERIAL     16u    /* bytes, random */
#define ROUNDS     600000 /* of PBKDF2 with SHA-256 */
#define NAME_BYTES 256u
#define PRIVATE    0600
#define PUBLIC     0644

enum { OPT_NAME = 1, OPT_DAYS, OPT_RSA, OPT_NO_PASSPHRASE, OPT_REQUEST };

static const struct option options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "days", required_argument, NULL, OPT_DAYS },
	{ "rsa", no_argument, NULL, OPT_RSA },
	{ "no-passphrase", no_argument, NULL, OPT_NO_PASSPHRASE },
	{ "request", no_argument, NULL, OPT_REQUEST },
	{ NULL, 0, NULL, 0 },
};

struct making {
	struct command_context *context;
	const char *path, *person;
	int64_t days;
	bool rsa, plain, request;
	char name[SIGNING_NAME]; /* of the files */
	char passphrase[SIGNING_PASSPHRASE];
	int folder;
	EVP_PKEY *key, *ed25519;
	X509 *certificate;
};

/* ---- Keys and the certificate ---- */

static int
failed(const char *what, struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_CRYPTO, _("OpenSSL failed: %s"), what);
}

static int
make_keys(struct making *m, struct err *e)
{
	m->key = m->rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
	m->ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return m->key != NULL && m->ed25519 != NULL
	    ? 0
	    : failed("EVP_PKEY_keygen", e);
}

static bool
put_serial(X509 *c, const unsigned char bytes[SERIAL])
{
	BIGNUM *number = BN_bin2bn(bytes, SERIAL, NULL);
	bool done = number != NULL &&
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c)) != NULL;

	BN_free(number);
	return done;
}

static bool
put_subject(X509_NAME *name, const char *person)
{
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
	           (const unsigned char *)person, -1, -1, 0) == 1;
}

/*
 * A signer and no authority: whoever trusts the certificate trusts no other
 * for it.
 */
static const struct {
	int kind;
	const char *value;
} extensions[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,nonRepudiation" },
	{ NID_subject_key_identifier, "hash" },
};
#define EXTENSIONS (sizeof(extensions) / sizeof(extensions[0]))

static bool
put_extensions(X509 *c)
{
	X509V3_CTX context;
	bool done = true;

	X509V3_set_ctx(&context, c, c, NULL, NULL, 0);
	for (size_t i = 0; i < EXTENSIONS && done; i++) {
		X509_EXTENSION *x = X509V3_EXT_conf_nid(
		    NULL, &context, extensions[i].kind, extensions[i].value);

		done = x != NULL && X509_add_ext(c, x, -1) == 1;
		X509_EXTENSION_free(x);
	}
	return done;
}

static bool
fill_certificate(
    X509 *c, const struct making *m, const unsigned char serial[SERIAL])
{
	time_t from = (time_t)m->context->now;

	return X509_set_version(c, X509_VERSION_3) == 1 &&
	    put_serial(c, serial) &&
	    ASN1_TIME_set(X509_getm_notBefore(c), from) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(c),
	        from + (time_t)(m->days * DAY)) != NULL &&
	    put_subject(X509_get_subject_name(c), m->person) &&
	    X509_set_issuer_name(c, X509_get_subject_name(c)) == 1 &&
	    X509_set_pubkey(c, m->key) == 1 && put_extensions(c) &&
	    X509_sign(c, m->key, EVP_sha256()) > 0;
}

static int
make_certificate(struct making *m, struct err *e)
{
	struct entropy entropy = entropy_system();
	unsigned char serial[SERIAL];

	if (entropy_fill(&entropy, serial, sizeof(serial), e) == -1)
		return -1;
	serial[0] = (unsigned char)((serial[0] & 0x7fu) | 0x40u);
	m->certificate = X509_new();
	return m->certificate != NULL &&
	        fill_certificate(m->certificate, m, serial)
	    ? 0
	    : failed("X509_sign", e);
}

/* ---- Files ---- */

/* OpenSSL's own writer does 2048 rounds of PBKDF2, too few for a passphrase. */
static bool
write_encrypted(BIO *out, EVP_PKEY *key, const char *passphrase)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
	X509_ALGOR *how = PKCS5_pbe2_set_iv(
	    EVP_aes_256_cbc(), ROUNDS, NULL, 0, NULL, NID_hmacWithSHA256);
	X509_SIG *sealed = NULL;
	bool done;

	if (plain != NULL && how != NULL)
		sealed = PKCS8_set0_pbe(
		    passphrase, (int)strlen(passphrase), plain, how);
	if (sealed == NULL)
		X509_ALGOR_free(how);
	done = sealed != NULL && PEM_write_bio_PKCS8(out, sealed) == 1;
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return done;
}

static bool
write_private(BIO *out, EVP_PKEY *key, const struct making *m)
{
	return m->plain ? PEM_write_bio_PKCS8PrivateKey(
	                      out, key, NULL, NULL, 0, NULL, NULL) == 1
	                : write_encrypted(out, key, m->passphrase);
}

static bool
write_pem(BIO *out, struct making *m)
{
	return write_private(out, m->key, m) &&
	    PEM_write_bio_X509(out, m->certificate) == 1;
}

static bool
write_certificate(BIO *out, struct making *m)
{
	return PEM_write_bio_X509(out, m->certificate) == 1;
}

static bool
write_ed25519(BIO *out, struct making *m)
{
	return write_private(out, m->ed25519, m);
}

static bool
write_ed25519_public(BIO *out, struct making *m)
{
	return PEM_write_bio_PUBKEY(out, m->ed25519) == 1;
}

static bool
write_request(BIO *out, struct making *m)
{
	X509_REQ *request = X509_REQ_new();
	bool done = request != NULL &&
	    X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	    put_subject(X509_REQ_get_subject_name(request), m->person) &&
	    X509_REQ_set_pubkey(request, m->key) == 1 &&
	    X509_REQ_sign(request, m->key, EVP_sha256()) > 0 &&
	    PEM_write_bio_X509_REQ(out, request) == 1;

	X509_REQ_free(request);
	return done;
}

static const struct file {
	const char *ending;
	mode_t mode;
	bool (*write)(BIO *, struct making *);
	const char *what;
} files[] = {
	{ ".pem", PRIVATE, write_pem,
	    N_("private key and certificate; keep it") },
	{ ".ed25519.pem", PRIVATE, write_ed25519,
	    N_("private key for SHA256SUMS; keep it") },
	{ ".crt", PUBLIC, write_certificate, N_("certificate, for verifiers") },
	{ ".ed25519.pub", PUBLIC, write_ed25519_public,
	    N_("public key of SHA256SUMS, for verifiers") },
	{ ".csr", PUBLIC, write_request, N_("request, for an authority") },
};
#define FILES (sizeof(files) / sizeof(files[0]))

static size_t
count_files(const struct making *m)
{
	return m->request ? FILES : FILES - 1;
}

static void
name_file(const struct making *m, size_t i, char out[NAME_BYTES])
{
	(void)snprintf(out, NAME_BYTES, "%s%s", m->name, files[i].ending);
}

static int
put_file(struct making *m, size_t i, struct err *e)
{
	BIO *out = BIO_new(BIO_s_secmem());
	char name[NAME_BYTES], *bytes;
	long length;
	int result;

	name_file(m, i, name);
	if (out == NULL || !files[i].write(out, m)) {
		result = failed(name, e);
	} else {
		length = BIO_get_mem_data(out, &bytes);
		result = newfile_put(
		    m->folder, name, files[i].mode, bytes, (size_t)length, e);
	}
	BIO_free(out);
	return result;
}

/* All names first: either all of them are made, or none. */
static int
put_files(struct making *m, struct err *e)
{
	size_t done = 0, count = count_files(m);
	char name[NAME_BYTES];

	while (done < count && put_file(m, done, e) == 0)
		done++;
	if (done == count)
		return 0;
	while (done-- > 0) {
		name_file(m, done, name);
		(void)unlinkat(m->folder, name, 0);
	}
	return -1;
}

static int
open_folder(struct making *m, struct err *e)
{
	const struct file_rule rule = { geteuid(), 022 };
	char name[NAME_BYTES];

	if (mkdir(m->path, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", m->path);
	m->folder = file_open_dir(m->path, &rule, e);
	if (m->folder == -1)
		return -1;
	for (size_t i = 0; i < count_files(m); i++) {
		name_file(m, i, name);
		if (newfile_check(m->folder, name, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- All of it ---- */

static int
say_made(const struct making *m, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	char print[CERTIFICATE_PRINT];
	FILE *out = m->context->out;

	if (certificate_digest(m->certificate, digest, e) == -1)
		return -1;
	certificate_print(digest, print);
	for (size_t i = 0; i < count_files(m); i++) {
		char name[NAME_BYTES];

		name_file(m, i, name);
		fprintf(out, "%s/%-28s  %s\n", m->path, name, _(files[i].what));
	}
	fprintf(out,
	    _("\nSHA-256 of the certificate, for verifiers, by another way "
	      "than packs take:\n%s\n"),
	    print);
	return 0;
}

static int
make(struct making *m, struct err *e)
{
	if (open_folder(m, e) == -1 ||
	    (!m->plain &&
	        passphrase_new(_("passphrase for the new keys"), m->passphrase,
	            sizeof(m->passphrase), e) == -1))
		return -1;
	return make_keys(m, e) == -1 || make_certificate(m, e) == -1 ||
	        put_files(m, e) == -1
	    ? -1
	    : say_made(m, e);
}

static bool
is_name(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return length > 0 && length <= 64 && enc_is_utf8(text, length);
}

static int
read_options(struct making *m, int argc, char **argv, struct err *e)
{
	uint64_t days = DAYS;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_NAME:
			m->person = optarg;
			break;
		case OPT_DAYS:
			if (enc_number(optarg, strlen(optarg), DAYS_MAX, &days,
			        e) == -1 ||
			    days == 0)
				return err_set(e, ERR_USAGE,
				    _("--days: 1 to %d"), DAYS_MAX);
			break;
		case OPT_RSA:
			m->rsa = true;
			break;
		case OPT_NO_PASSPHRASE:
			m->plain = true;
			break;
		case OPT_REQUEST:
			m->request = true;
			break;
		default:
			return err_set(e, ERR_USAGE, _("an unknown option"));
		}
	m->days = (int64_t)days;
	if (argc - optind != 1)
		return err_set(e, ERR_USAGE, _("one folder"));
	m->path = argv[optind];
	if (m->person == NULL || !is_name(m->person))
		return err_set(e, ERR_USAGE,
		    _("--name: the signer's name, at most 64 bytes"));
	signing_name(m->person, m->name);
	return 0;
}

static int
run_keygen(struct command_context *c, int argc, char **argv)
{
	struct making m = { .context = c, .folder = -1 };
	struct err e = { .code = ERR_NONE };
	int result;

	if (read_options(&m, argc, argv, &e) == -1)
		return evidence_usage(
		    c, &evidence_command_keygen, "%s", e.text);
	result = make(&m, &e);
	file_close(&m.folder);
	secret_wipe(m.passphrase, sizeof(m.passphrase));
	EVP_PKEY_free(m.key);
	EVP_PKEY_free(m.ed25519);
	X509_free(m.certificate);
	return result == -1 ? evidence_fail(c, "keygen", &e) : STATUS_DONE;
}

const struct command_word evidence_command_keygen = {
	.name = "keygen",
	.arguments = "--name NAME [--days 1095] [--rsa] [--no-passphrase] "
	             "[--request] DIR",
	.summary = N_("keys for who signs packs, and their certificate"),
	.help = N_(
	    "Makes an EC P-256 key with a certificate of its own, and an "
	    "Ed25519 key, into\n"
	    "DIR. Run it where the signer is, not where packs are made.\n\n"
	    "--rsa            RSA of 3072 bits instead of P-256\n"
	    "--no-passphrase  only for a key that a machine uses\n"
	    "--request        a request for the firm's authority too; its "
	    "certificate is\n"
	    "                 given to reeve evidence sign --certificate\n\n"
	    "Example: reeve evidence keygen --name 'Chen Mei-ling' ~/keys\n"),
	.run = run_keygen,
	.alone = true,
};
