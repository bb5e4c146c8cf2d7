/*
 * Whom a pack is signed by: the folder signatures/.
 */
#include "review/pack_verify_internal.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/pack_value.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define FOLDER      EVIDENCE_SIGNATURES "/"
#define WHY_SIZE    256
#define TOKEN_BYTES 65536u
#define CLOCKS      300   /* s that those of two machines may differ */
#define KEY_BYTES   1024u /* of a public key in PEM */
#define ED25519_KEY 32u
#define ED25519     64u

/* ---- Names ---- */

/* "officer" of "signatures/officer.xml"; false: of another form. */
static bool
name_of(const char *file, const char *suffix, char *name, size_t size)
{
	size_t length = strlen(file), tail = strlen(suffix);

	if (strncmp(file, FOLDER, strlen(FOLDER)) != 0)
		return false;
	file += strlen(FOLDER);
	length -= strlen(FOLDER);
	if (length <= tail || length - tail >= size ||
	    strcmp(file + length - tail, suffix) != 0 ||
	    strchr(file, '/') != NULL)
		return false;
	(void)snprintf(name, size, "%.*s", (int)(length - tail), file);
	return true;
}

static struct pack_entry *
beside(const struct pack_check *c, const char *name, const char *suffix)
{
	char file[EVIDENCE_NAME_MAX + 1];

	(void)snprintf(file, sizeof(file), FOLDER "%s%s", name, suffix);
	return pack_folder_find(&c->folder, file);
}

/* ---- One signature ---- */

struct signature {
	const struct pack_entry *entry;
	char name[sizeof(((struct pack_signed_by *)NULL)->name)];
	struct buf bytes;
	struct xmldsig *read;
};

static int
read_signature(struct pack_check *c, struct signature *s, struct err *e)
{
	if (pack_entry_read(&c->folder, s->entry, &s->bytes, e) == -1 ||
	    xmldsig_read(&s->read, s->bytes.data, s->bytes.length, e) == -1 ||
	    xmldsig_check(s->read, e) == -1)
		return -1;
	return 0;
}

/* When it was made: a trusted token's time, or FACT_UNKNOWN. 0, -1 */
static int
find_time(
    struct pack_check *c, const struct signature *s, int64_t *at, struct err *e)
{
	const struct pack_entry *entry = beside(c, s->name, ".tsr");
	struct buf token = buf_new(TOKEN_BYTES);
	char when[PACK_TIME_SIZE];
	int result = 0;

	*at = FACT_UNKNOWN;
	if (entry == NULL)
		return 0;
	if (!pack_trust_has_time(c->asked->trust)) {
		c->verdict->unlooked++;
		return 0;
	}
	if (pack_entry_read(&c->folder, entry, &token, e) == -1) {
		result = pack_fault_of(c, entry->name, e);
	} else if (pack_trust_token(c->asked->trust, token.data, token.length,
	               s->bytes.data, s->bytes.length, at, e) == -1) {
		*at = FACT_UNKNOWN;
		if (e->code == ERR_ACCESS)
			pack_fault(
			    c, "untrusted", entry->name, 0, "%s", e->text);
		else
			result = pack_fault_of(c, entry->name, e);
	} else if (*at > c->asked->now + CLOCKS) {
		pack_fault(c, "untrusted", entry->name, 0,
		    _("its time is in the future: %s"), pack_time(*at, when));
		*at = FACT_UNKNOWN;
	}
	buf_free(&token);
	return result;
}

static int64_t
certificate_end(const X509 *certificate)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return FACT_UNKNOWN;
	return timegm(&tm);
}

/* As RFC 4514 writes it, with letters of any script as they are. */
static void
put_subject(const X509 *certificate, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long length = 0;

	if (bio != NULL &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
	        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		length = BIO_get_mem_data(bio, &text);
	(void)snprintf(out, size, "%.*s", length > 0 ? (int)length : 0,
	    length > 0 ? text : "");
	BIO_free(bio);
}

static int
add_signer(struct pack_check *c, const struct signature *s,
    const X509 *certificate, int64_t stamped, struct err *e)
{
	struct pack_verdict *v = c->verdict;
	struct pack_signed_by *by = &v->by[v->signatures];
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf hex = buf_new(sizeof(by->fingerprint));
	unsigned length;

	if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1 ||
	    X509_pubkey_digest(certificate, EVP_sha256(), by->key, &length) !=
	        1)
		return err_set(e, ERR_CRYPTO, "%s: SHA-256", s->entry->name);
	(void)snprintf(by->name, sizeof(by->name), "%s", s->name);
	put_subject(certificate, by->subject, sizeof(by->subject));
	enc_hex(&hex, digest, sizeof(digest));
	(void)snprintf(
	    by->fingerprint, sizeof(by->fingerprint), "%s", buf_string(&hex));
	buf_free(&hex);
	by->until = certificate_end(certificate);
	by->stamped = stamped;
	v->signatures++;
	v->stamped += stamped != FACT_UNKNOWN;
	return 0;
}

/* The first one's references are what all others must have. */
static int
take_references(struct pack_check *c, const struct signature *s, struct err *e)
{
	size_t count = xmldsig_count(s->read);
	bool first = c->references == NULL;

	if (first) {
		c->references = calloc(count + 1, sizeof(*c->references));
		if (c->references == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		c->reference_count = count;
	}
	for (size_t i = 0; i < count && i < c->reference_count; i++) {
		const struct xmldsig_reference *r = xmldsig_at(s->read, i);

		if (first)
			c->references[i] = *r;
		else if (strcmp(r->name, c->references[i].name) != 0 ||
		    memcmp(r->sha256, c->references[i].sha256,
		        sizeof(r->sha256)) != 0)
			count = 0;
	}
	if (count != c->reference_count)
		pack_fault(c, "altered", s->entry->name, 0,
		    _("it is over other files than %s%s.xml"), FOLDER,
		    c->verdict->by[0].name);
	return 0;
}

/* Whom it is by, and whether anybody trusted. */
static int
judge(struct pack_check *c, const struct signature *s, struct err *e)
{
	char why[WHY_SIZE] = "";
	X509 *const *chain;
	size_t count = xmldsig_chain(s->read, &chain);
	enum pack_trust_answer answer;
	int64_t at;

	if (find_time(c, s, &at, e) == -1)
		return -1;
	answer = pack_trust_chain(c->asked->trust, chain, count,
	    at == FACT_UNKNOWN ? c->asked->now : at, why, sizeof(why));
	if (answer == PACK_TRUSTED) {
		if (take_references(c, s, e) == -1)
			return -1;
		return add_signer(c, s, chain[0], at, e);
	}
	pack_fault(c, answer == PACK_EXPIRED ? "expired" : "untrusted",
	    s->entry->name, 0, "%s", why);
	return 0;
}

static int
check_signature(
    struct pack_check *c, const struct pack_entry *entry, struct err *e)
{
	struct signature s = { .entry = entry,
		.bytes = buf_new(XMLDSIG_BYTES) };
	int result;

	(void)name_of(entry->name, ".xml", s.name, sizeof(s.name));
	if (c->verdict->signatures == PACK_SIGNERS) {
		pack_fault(c, "altered", entry->name, 0,
		    _("more signatures than a pack has"));
		return 0;
	}
	result = read_signature(c, &s, e) == -1
	    ? pack_fault_of(c, entry->name, e)
	    : judge(c, &s, e);
	xmldsig_free(&s.read);
	buf_free(&s.bytes);
	return result;
}

/* ---- What else may stand there ---- */

/* A request for a token proves nothing; it must be for this signature. */
static int
check_request(struct pack_check *c, const struct pack_entry *entry,
    const char *name, struct err *e)
{
	struct pack_entry *of = beside(c, name, ".xml");
	struct buf bytes = buf_new(TOKEN_BYTES);
	int result = 0;

	if (of == NULL)
		pack_fault(c, "altered", entry->name, 0,
		    _("there is no signature that it is of"));
	else if (pack_entry_hash(&c->folder, of, NULL, NULL, e) == -1 ||
	    pack_entry_read(&c->folder, entry, &bytes, e) == -1)
		result = pack_fault_of(c, entry->name, e);
	else if (memmem(bytes.data, bytes.length, of->sha256,
	             sizeof(of->sha256)) == NULL)
		pack_fault(c, "altered", entry->name, 0,
		    _("it is not of the signature beside it"));
	buf_free(&bytes);
	return result;
}

/* Every file there is of a kind, and of a signature that is there. */
static int
check_other(struct pack_check *c, const struct pack_entry *entry, struct err *e)
{
	static const char *const suffixes[] = { ".tsq", ".tsr", ".ed25519",
		".ed25519.pem" };
	char name[sizeof(((struct pack_signed_by *)NULL)->name)];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (!name_of(entry->name, suffixes[i], name, sizeof(name)))
			continue;
		if (i == 0)
			return check_request(c, entry, name, e);
		if (beside(c, name, ".xml") == NULL ||
		    (i == 3 && beside(c, name, ".ed25519") == NULL))
			pack_fault(c, "altered", entry->name, 0,
			    _("there is no signature that it is of"));
		return 0;
	}
	pack_fault(c, "altered", entry->name, 0,
	    _("not a file that a pack has there"));
	return 0;
}

int
pack_check_signatures(struct pack_check *c, struct err *e)
{
	char name[sizeof(((struct pack_signed_by *)NULL)->name)];
	int64_t found = 0;

	for (size_t i = 0; i < c->folder.count; i++) {
		const struct pack_entry *entry = &c->folder.entries[i];
		int result;

		if (strncmp(entry->name, FOLDER, strlen(FOLDER)) != 0)
			continue;
		if (name_of(entry->name, ".xml", name, sizeof(name))) {
			found++;
			result = check_signature(c, entry, e);
		} else
			result = check_other(c, entry, e);
		if (result == -1)
			return -1;
	}
	if (found == 0)
		pack_fault(c, "unsigned", "", 0, _("nobody signed it"));
	return 0;
}

/* ---- Ed25519, over SHA256SUMS ---- */

/* The key, if it is one, in the one spelling that PEM has of it. */
static int
read_key(const struct buf *pem, unsigned char raw[ED25519_KEY], struct err *e)
{
	BIO *in = BIO_new_mem_buf(pem->data, (int)pem->length);
	BIO *out = BIO_new(BIO_s_mem());
	EVP_PKEY *key = NULL;
	size_t length = ED25519_KEY;
	char *text = NULL;
	long size = 0;
	int result = -1;

	if (in != NULL && out != NULL)
		key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	if (key != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
	    EVP_PKEY_get_raw_public_key(key, raw, &length) == 1 &&
	    length == ED25519_KEY && PEM_write_bio_PUBKEY(out, key) == 1)
		size = BIO_get_mem_data(out, &text);
	if (size > 0 && (size_t)size == pem->length &&
	    memcmp(text, pem->data, pem->length) == 0)
		result = 0;
	else
		err_set(e, ERR_FORMAT, _("it is no Ed25519 key in PEM"));
	EVP_PKEY_free(key);
	BIO_free(in);
	BIO_free(out);
	return result;
}

static bool
made_by(const unsigned char raw[ED25519_KEY], const struct buf *signature,
    const struct buf *sums)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, raw, ED25519_KEY);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = key != NULL && c != NULL && signature->length == ED25519 &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(c, signature->data, signature->length, sums->data,
	        sums->length) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return good;
}

static int
check_ed25519(struct pack_check *c, struct pack_signed_by *by,
    const struct buf *sums, struct err *e)
{
	const struct pack_entry *entry = beside(c, by->name, ".ed25519");
	const struct pack_entry *key = beside(c, by->name, ".ed25519.pem");
	struct buf signature = buf_new(ED25519), pem = buf_new(KEY_BYTES);
	unsigned char raw[ED25519_KEY];
	int result = 0;

	if (entry == NULL)
		return 0;
	if (key == NULL)
		pack_fault(c, "incomplete", entry->name, 0,
		    _("its public key is not beside it"));
	else if (pack_entry_read(&c->folder, entry, &signature, e) == -1)
		result = pack_fault_of(c, entry->name, e);
	else if (pack_entry_read(&c->folder, key, &pem, e) == -1 ||
	    read_key(&pem, raw, e) == -1)
		result = pack_fault_of(c, key->name, e);
	else if (!made_by(raw, &signature, sums))
		pack_fault(c, "altered", entry->name, 0,
		    _("it is not a signature of %s by the key beside it"),
		    EVIDENCE_SUMS);
	else if (pack_trust_key(c->asked->trust, raw))
		by->ed25519 = true;
	else
		c->verdict->unlooked++;
	buf_free(&signature);
	buf_free(&pem);
	return result;
}

/* ---- Who must have signed ---- */

static void
check_signer(struct pack_check *c, const struct manifest_signer *wanted)
{
	const struct pack_verdict *v = c->verdict;
	char file[EVIDENCE_NAME_MAX + 1];
	struct buf hex = buf_new(2 * sizeof(wanted->certificate) + 1);

	(void)snprintf(file, sizeof(file), FOLDER "%s.xml", wanted->name);
	enc_hex(&hex, wanted->certificate, sizeof(wanted->certificate));
	for (int64_t i = 0; i < v->signatures; i++) {
		if (strcmp(v->by[i].name, wanted->name) != 0)
			continue;
		if (wanted->pinned &&
		    strcmp(v->by[i].fingerprint, buf_string(&hex)) != 0)
			pack_fault(c, "untrusted", file, 0,
			    _("the manifest wants it of another certificate, "
			      "%s"),
			    buf_string(&hex));
		buf_free(&hex);
		return;
	}
	buf_free(&hex);
	if (pack_folder_find(&c->folder, file) == NULL)
		pack_fault(c, "unsigned", file, 0,
		    _("the manifest wants this signature, and it is not "
		      "there"));
}

/* Several signers are several keys. */
static void
check_distinct(struct pack_check *c)
{
	const struct pack_verdict *v = c->verdict;
	char file[EVIDENCE_NAME_MAX + 1];

	for (int64_t i = 0; i < v->signatures; i++)
		for (int64_t j = 0; j < i; j++) {
			if (memcmp(v->by[i].key, v->by[j].key,
			        sizeof(v->by[i].key)) != 0)
				continue;
			(void)snprintf(
			    file, sizeof(file), FOLDER "%s.xml", v->by[i].name);
			pack_fault(c, "untrusted", file, 0,
			    _("its key is that of %s: one signer, not two"),
			    v->by[j].name);
		}
}

/* The very bytes whose digest was signed. */
static int
read_sums(struct pack_check *c, const struct pack_entry *entry,
    struct buf *sums, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (pack_entry_read(&c->folder, entry, sums, e) == -1 ||
	    digest_sha256(sums->data, sums->length, digest, e) == -1)
		return -1;
	return memcmp(digest, entry->sha256, sizeof(digest)) == 0
	    ? 0
	    : err_set(e, ERR_TAMPERED, _("%s: it changed while it was read"),
	          EVIDENCE_SUMS);
}

int
pack_check_required(struct pack_check *c, struct err *e)
{
	const struct pack_entry *entry =
	    pack_folder_find(&c->folder, EVIDENCE_SUMS);
	struct buf sums = buf_new(XMLDSIG_BYTES);
	int result = 0;

	for (size_t i = 0; i < c->manifest->signer_count; i++)
		check_signer(c, &c->manifest->signers[i]);
	check_distinct(c);
	if (entry == NULL || read_sums(c, entry, &sums, e) == -1) {
		buf_free(&sums);
		return entry == NULL ? 0 : pack_fault_of(c, EVIDENCE_SUMS, e);
	}
	for (int64_t i = 0; i < c->verdict->signatures && result == 0; i++)
		result = check_ed25519(c, &c->verdict->by[i], &sums, e);
	buf_free(&sums);
	return result;
}
