/*
 * reeve evidence sign: everything that will be signed is read again first, and
 * shown. It needs no database: the signer runs it, where their key is.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "review/certificate.h"
#include "review/evidence.h"
#include "review/manifest.h"
#include "review/newfile.h"
#include "review/pack_folder.h"
#include "review/pack_schema.h"
#include "review/passphrase.h"
#include "review/quote.h"
#include "review/signing_key.h"
#include "schema/base/file.h"
#include "schema/message.h"

extern const struct command_word evidence_command_sign;

#define FOLDER       (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define SIGNATURES   EVIDENCE_SIGNATURES "/"
#define ED25519_SIZE 64u
#define SUMS_BYTES   (2u << 20) /* of SHA256SUMS, at most */
#define MODE         0640

enum { OPT_KEY = 1, OPT_CERTIFICATE, OPT_ED25519, OPT_NAME, OPT_REHEARSAL };

static const struct option options[] = {
	{ "key", required_argument, NULL, OPT_KEY },
	{ "certificate", required_argument, NULL, OPT_CERTIFICATE },
	{ "ed25519", required_argument, NULL, OPT_ED25519 },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "rehearsal", no_argument, NULL, OPT_REHEARSAL },
	{ NULL, 0, NULL, 0 },
};

struct signing {
	struct command_context *context;
	const char *path, *place, *certificate, *ed25519;
	bool rehearsal;
	char name[SIGNING_NAME]; /* of the signature; "" not known yet */
	struct pack_folder folder;
	struct manifest *manifest;
	struct buf manifest_bytes, sums;
	struct signing_key *key;
	unsigned char print[DIGEST_SHA256_LENGTH]; /* of its certificate */
	struct xmldsig_reference *references;
	size_t count;
	int64_t done, total; /* bytes, for the progress */
	struct err odd;      /* the first oddity of the folder */
};

/* ---- Reading everything again ---- */

/* pack_oddity_fn */
static void
take_oddity(void *context, const char *name, const char *why)
{
	struct signing *s = context;

	if (s->odd.code == ERR_NONE)
		err_set(&s->odd, ERR_TAMPERED, "%s: %s", name, why);
}

static int
read_entry(struct signing *s, const char *name, struct buf *out, struct err *e)
{
	const struct pack_entry *entry = pack_folder_find(&s->folder, name);

	if (entry == NULL)
		return err_set(e, ERR_TAMPERED, _("%s: is not there"), name);
	return pack_entry_read(&s->folder, entry, out, e);
}

static int
read_manifest(struct signing *s, struct err *e)
{
	struct buf sums = buf_new(SUMS_BYTES);
	int result = -1;

	if (read_entry(s, EVIDENCE_MANIFEST, &s->manifest_bytes, e) == -1 ||
	    manifest_read(&s->manifest, s->manifest_bytes.data,
	        s->manifest_bytes.length, e) == -1 ||
	    read_entry(s, EVIDENCE_SUMS, &s->sums, e) == -1 ||
	    manifest_sums(s->manifest, s->manifest_bytes.data,
	        s->manifest_bytes.length, &sums, e) == -1)
		;
	else if (sums.length != s->sums.length ||
	    memcmp(sums.data, s->sums.data, sums.length) != 0)
		err_set(e, ERR_TAMPERED,
		    _("SHA256SUMS does not say what the manifest says"));
	else
		result = 0;
	buf_free(&sums);
	return result;
}

static bool
is_signed(const struct signing *s, const char *name)
{
	return strcmp(name, EVIDENCE_MANIFEST) == 0 ||
	    strcmp(name, EVIDENCE_SUMS) == 0 ||
	    strncmp(name, SIGNATURES, strlen(SIGNATURES)) == 0 ||
	    manifest_file_find(s->manifest, name) != NULL;
}

static int
check_unlisted(const struct signing *s, struct err *e)
{
	for (size_t i = 0; i < s->folder.count; i++)
		if (!is_signed(s, s->folder.entries[i].name))
			return err_set(e, ERR_TAMPERED,
			    _("%s: the manifest does not list it"),
			    s->folder.entries[i].name);
	return 0;
}

static void
tell(void *context, int64_t bytes)
{
	struct signing *s = context;

	s->done += bytes;
	if (!s->context->quiet)
		command_progress(s->context, _("reading"), s->done, s->total);
}

static int
check_file(struct signing *s, const struct manifest_file *f, struct err *e)
{
	struct pack_entry *entry = pack_folder_find(&s->folder, f->name);

	if (entry == NULL)
		return err_set(e, ERR_TAMPERED, _("%s: is not there"), f->name);
	if (entry->bytes == f->bytes &&
	    pack_entry_hash(&s->folder, entry, tell, s, e) == -1)
		return -1;
	if (entry->bytes != f->bytes ||
	    memcmp(entry->sha256, f->sha256, sizeof(f->sha256)) != 0)
		return err_set(e, ERR_TAMPERED,
		    _("%s: is not the file that the manifest lists"), f->name);
	return 0;
}

static int
check_files(struct signing *s, struct err *e)
{
	for (size_t i = 0; i < s->manifest->file_count; i++)
		s->total += s->manifest->files[i].bytes;
	for (size_t i = 0; i < s->manifest->file_count; i++)
		if (check_file(s, &s->manifest->files[i], e) == -1)
			return -1;
	command_progress_end(s->context);
	return 0;
}

static int
read_pack(struct signing *s, struct err *e)
{
	if (pack_folder_open(&s->folder, s->path, take_oddity, s, e) == -1)
		return -1;
	if (s->odd.code != ERR_NONE) {
		*e = s->odd;
		return -1;
	}
	return read_manifest(s, e) == -1 || check_unlisted(s, e) == -1 ||
	        check_files(s, e) == -1
	    ? -1
	    : 0;
}

/* ---- Showing it ---- */

static int
show_period(const struct signing *s, struct err *e)
{
	const struct manifest *m = s->manifest;
	char period[EVIDENCE_PERIOD];

	if (evidence_period(
	        s->context, m->kind, m->from, m->to, m->made, period, e) == -1)
		return -1;
	fprintf(s->context->out, _("Pack %lld, %s by %s\n"),
	    (long long)m->sequence, period, m->program);
	return 0;
}

static void
show_scopes(const struct signing *s)
{
	const struct manifest *m = s->manifest;
	FILE *out = s->context->out;

	for (size_t i = 0; i < m->scope_count; i++) {
		fprintf(out, _("  only %s "), m->scopes[i].what);
		command_say(out, m->scopes[i].value);
		fputc('\n', out);
	}
}

static void
show_class(const struct signing *s, const struct manifest_class *c,
    const struct pack_class *what)
{
	FILE *out = s->context->out;

	fprintf(out, _("%12lld of %lld  %s"), (long long)c->rows,
	    (long long)c->total,
	    what == NULL         ? c->name
	        : s->context->zh ? what->title_zh
	                         : what->title);
	if (c->withheld[0] != '\0') {
		fputs("  ", out);
		command_say(out, c->withheld);
	}
	fputc('\n', out);
}

static int
show_classes(const struct signing *s, struct err *e)
{
	const struct manifest *m = s->manifest;
	struct pack_schema *schema = NULL;

	if (pack_schema_load(&schema, e) == -1)
		return -1;
	for (size_t i = 0; i < m->class_count; i++)
		if (m->classes[i].rows > 0 || m->classes[i].total > 0)
			show_class(s, &m->classes[i],
			    pack_schema_find(schema, m->classes[i].name));
	pack_schema_free(&schema);
	return 0;
}

static int
show(const struct signing *s, struct err *e)
{
	const struct manifest *m = s->manifest;
	FILE *out = s->context->out;

	if (show_period(s, e) == -1)
		return -1;
	show_scopes(s);
	if (show_classes(s, e) == -1)
		return -1;
	fprintf(out,
	    _("  %zu files, %lld bytes; %lld of %lld places covered\n"),
	    m->file_count, (long long)s->total, (long long)m->covered,
	    (long long)m->places);
	for (size_t i = 0; i < m->signer_count; i++)
		fprintf(out, _("  to be signed by %s\n"), m->signers[i].name);
	if (m->rehearsal)
		fputs(_("REHEARSAL: this pack is no evidence\n"), out);
	return 0;
}

static int
refuse_rehearsal(const struct signing *s, struct err *e)
{
	if (s->manifest->rehearsal && !s->rehearsal)
		return err_set(e, ERR_ACCESS,
		    _("a pack of a rehearsal is signed only with "
		      "--rehearsal"));
	return 0;
}

/* ---- Who signs ---- */

static int
load_key(struct signing *s, struct err *e)
{
	const X509 *own;
	time_t now = (time_t)s->context->now;

	if (signing_key_load(&s->key, s->place, s->certificate, s->ed25519,
	        passphrase_ask, NULL, e) == -1)
		return -1;
	own = s->key->chain[0];
	if (X509_cmp_time(X509_get0_notBefore(own), &now) > 0 ||
	    X509_cmp_time(X509_get0_notAfter(own), &now) < 0)
		return err_set(e, ERR_ACCESS,
		    _("%s: its certificate is not valid today"), s->place);
	return certificate_digest(own, s->print, e);
}

/* The manifest knows whose certificate it is; else it says so. */
static void
find_name(struct signing *s)
{
	const struct manifest *m = s->manifest;
	char person[256];

	for (size_t i = 0; i < m->signer_count && s->name[0] == '\0'; i++)
		if (m->signers[i].pinned &&
		    memcmp(m->signers[i].certificate, s->print,
		        sizeof(s->print)) == 0 &&
		    signing_name_ok(m->signers[i].name))
			(void)snprintf(
			    s->name, sizeof(s->name), "%s", m->signers[i].name);
	if (s->name[0] != '\0')
		return;
	certificate_name(s->key->chain[0], person, sizeof(person));
	signing_name(person, s->name);
}

static int
check_signer(const struct signing *s, struct err *e)
{
	const struct manifest *m = s->manifest;
	bool asked = m->signer_count == 0;

	for (size_t i = 0; i < m->signer_count; i++) {
		if (strcmp(m->signers[i].name, s->name) != 0)
			continue;
		asked = true;
		if (m->signers[i].pinned &&
		    memcmp(m->signers[i].certificate, s->print,
		        sizeof(s->print)) != 0)
			return err_set(e, ERR_ACCESS,
			    _("the manifest wants another certificate of %s"),
			    s->name);
	}
	if (!asked)
		fprintf(s->context->err,
		    _("%s is not among those who must sign it\n"), s->name);
	return 0;
}

/* ---- The signatures ---- */

static int
by_name(const void *a, const void *b)
{
	const struct xmldsig_reference *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static void
add_reference(struct signing *s, const char *name,
    const unsigned char sha256[DIGEST_SHA256_LENGTH])
{
	struct xmldsig_reference *r = &s->references[s->count++];

	(void)snprintf(r->name, sizeof(r->name), "%s", name);
	memcpy(r->sha256, sha256, sizeof(r->sha256));
}

static int
add_bytes(
    struct signing *s, const char *name, const struct buf *bytes, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (digest_sha256(bytes->data, bytes->length, digest, e) == -1)
		return -1;
	add_reference(s, name, digest);
	return 0;
}

static int
list_references(struct signing *s, struct err *e)
{
	const struct manifest *m = s->manifest;

	s->references = calloc(m->file_count + 2, sizeof(*s->references));
	if (s->references == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < m->file_count; i++)
		add_reference(s, m->files[i].name, m->files[i].sha256);
	if (add_bytes(s, EVIDENCE_MANIFEST, &s->manifest_bytes, e) == -1 ||
	    add_bytes(s, EVIDENCE_SUMS, &s->sums, e) == -1)
		return -1;
	qsort(s->references, s->count, sizeof(*s->references), by_name);
	return 0;
}

static int
put(struct signing *s, int folder, const char *ending, const void *bytes,
    size_t length, struct err *e)
{
	char name[SIGNING_NAME + 16];

	(void)snprintf(name, sizeof(name), "%s%s", s->name, ending);
	if (newfile_put(folder, name, MODE, bytes, length, e) == -1)
		return err_in(e, EVIDENCE_SIGNATURES);
	return 0;
}

static int
put_xml(struct signing *s, int folder, struct err *e)
{
	struct buf xml = buf_new(XMLDSIG_BYTES);
	int result = -1;

	if (list_references(s, e) == 0 &&
	    xmldsig_sign(s->references, s->count, s->key->key, s->key->chain,
	        s->key->chain_count, &xml, e) == 0)
		result = put(s, folder, ".xml", xml.data, xml.length, e);
	buf_free(&xml);
	return result;
}

static int
put_ed25519(struct signing *s, int folder, struct err *e)
{
	unsigned char signature[ED25519_SIZE];
	size_t size = sizeof(signature);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int result = -1;

	if (c == NULL ||
	    EVP_DigestSignInit(c, NULL, NULL, NULL, s->key->ed25519) != 1 ||
	    EVP_DigestSign(c, signature, &size, s->sums.data, s->sums.length) !=
	        1)
		err_set(e, ERR_CRYPTO, _("the key can't sign"));
	else
		result = put(s, folder, ".ed25519", signature, size, e);
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return result;
}

static int
put_ed25519_key(struct signing *s, int folder, struct err *e)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes;
	long length;
	int result = -1;

	if (out == NULL || PEM_write_bio_PUBKEY(out, s->key->ed25519) != 1) {
		err_set(e, ERR_MEMORY, "out of memory");
	} else {
		length = BIO_get_mem_data(out, &bytes);
		result =
		    put(s, folder, ".ed25519.pem", bytes, (size_t)length, e);
	}
	BIO_free(out);
	return result;
}

/* What was made so far goes, if one can't be: half a signature is none. */
static int
put_signatures(struct signing *s, int folder, struct err *e)
{
	static const char *const endings[] = { ".xml", ".ed25519",
		".ed25519.pem" };
	int (*const makers[])(struct signing *, int, struct err *) = { put_xml,
		put_ed25519, put_ed25519_key };
	size_t count = s->key->ed25519 != NULL ? 3 : 1, done = 0;
	char name[SIGNING_NAME + 16];

	while (done < count && makers[done](s, folder, e) == 0)
		done++;
	if (done == count)
		return 0;
	while (done-- > 0) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", s->name, endings[done]);
		(void)unlinkat(folder, name, 0);
	}
	return -1;
}

static int
open_signatures(const struct signing *s, struct err *e)
{
	int folder;

	if (mkdirat(s->folder.fd, EVIDENCE_SIGNATURES, 0750) == -1 &&
	    errno != EEXIST)
		return err_sys(e, errno, EVIDENCE_SIGNATURES);
	folder = openat(s->folder.fd, EVIDENCE_SIGNATURES, FOLDER);
	return folder == -1 ? err_sys(e, errno, EVIDENCE_SIGNATURES) : folder;
}

static void
say_signed(const struct signing *s)
{
	char print[CERTIFICATE_PRINT];
	struct buf folder = buf_new(8192);

	certificate_print(s->print, print);
	quote_shell(&folder, s->path);
	fprintf(s->context->out,
	    _("Signed: signatures/%s.xml\n"
	      "SHA-256 of the certificate: %s\n"
	      "To have the time stamped:\n"
	      "  cd -- %s\n"
	      "  reeve evidence timestamp --name %s --request .\n"),
	    s->name, print, buf_string(&folder), s->name);
	if (s->key->ed25519 == NULL)
		fputs(_("without an Ed25519 signature of SHA256SUMS: see "
		        "--ed25519\n"),
		    s->context->err);
	buf_free(&folder);
}

static int
sign(struct signing *s, struct err *e)
{
	int folder, result;

	if (read_pack(s, e) == -1 || show(s, e) == -1 ||
	    refuse_rehearsal(s, e) == -1)
		return -1;
	/* Before anybody is asked for a passphrase. */
	if (fflush(s->context->out) != 0)
		return err_sys(e, errno, "standard output");
	if (load_key(s, e) == -1)
		return -1;
	find_name(s);
	if (check_signer(s, e) == -1 || (folder = open_signatures(s, e)) == -1)
		return -1;
	result = put_signatures(s, folder, e);
	file_close(&folder);
	if (result == 0)
		say_signed(s);
	return result;
}

/* ---- The command line ---- */

static int
read_options(struct signing *s, int argc, char **argv, struct err *e)
{
	const char *name = "";
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_KEY:
			s->place = optarg;
			break;
		case OPT_CERTIFICATE:
			s->certificate = optarg;
			break;
		case OPT_ED25519:
			s->ed25519 = optarg;
			break;
		case OPT_NAME:
			name = optarg;
			if (!signing_name_ok(name))
				return err_set(e, ERR_USAGE,
				    _("--name: letters, digits, '.', '_' and "
				      "'-', at most %u"),
				    SIGNING_NAME - 1);
			break;
		case OPT_REHEARSAL:
			s->rehearsal = true;
			break;
		default:
			return err_set(e, ERR_USAGE, _("an unknown option"));
		}
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	if (argc - optind != 1)
		return err_set(e, ERR_USAGE, _("one folder"));
	s->path = argv[optind];
	return s->place != NULL
	    ? 0
	    : err_set(e, ERR_USAGE, _("--key: a file or a token's URI"));
}

static int
run_sign(struct command_context *c, int argc, char **argv)
{
	struct signing s = { .context = c, .folder = { .fd = -1 } };
	struct err e = { .code = ERR_NONE };
	int result;

	if (read_options(&s, argc, argv, &e) == -1)
		return evidence_usage(c, &evidence_command_sign, "%s", e.text);
	s.manifest_bytes = buf_new(MANIFEST_BYTES);
	s.sums = buf_new(SUMS_BYTES);
	result = sign(&s, &e);
	pack_folder_close(&s.folder);
	manifest_free(&s.manifest);
	buf_free(&s.manifest_bytes);
	buf_free(&s.sums);
	signing_key_free(&s.key);
	free(s.references);
	return result == -1 ? evidence_fail(c, "sign", &e) : STATUS_DONE;
}

const struct command_word evidence_command_sign = {
	.name = "sign",
	.arguments = "--key FILE|pkcs11:URI [--certificate FILE] [--ed25519 "
	             "FILE] [--name NAME] [--rehearsal] DIR",
	.summary = N_("sign a pack, after reading all of it again"),
	.help = N_(
	    "As the signer, without the database. Every file is compared with "
	    "the manifest\n"
	    "and what is signed is shown; then signatures/NAME.xml is written, "
	    "and with\n"
	    "--ed25519 NAME.ed25519 and its public key. Each signer has a NAME "
	    "of their own.\n\n"
	    "--key          PEM or PKCS#12, or a token's key (RFC 7512)\n"
	    "--certificate  of that key, and who issued it, in PEM\n"
	    "--name         preset: as the manifest names that certificate, "
	    "else its holder\n\n"
	    "Example: reeve evidence sign --key ~/keys/chen.pem 2026Q4\n"),
	.run = run_sign,
	.alone = true,
};
