/* XML signatures of packs: ours are read, and nothing else is. */
#include <check.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/xmldsig.h"
#include "review_pki.h"
#include "unit.h"

static struct err e;
static struct buf xml; /* a signature of three files */
static struct pki signer;
static struct xmldsig *read_x;

static struct xmldsig_reference files[] = {
	{ "SHA256SUMS", { 1 } },
	{ "manifest.xml", { 2 } },
	{ "parts/account-0001.xml", { 3 } },
};
#define FILES (sizeof(files) / sizeof(files[0]))

static void
sign(const struct pki *p)
{
	buf_clear(&xml);
	ck_assert_ok(
	    xmldsig_sign(files, FILES, p->key, &p->certificate, 1, &xml, &e));
}

static void
setup(void)
{
	memset(&e, 0, sizeof(e));
	read_x = NULL;
	xml = buf_new(XMLDSIG_BYTES);
	pki_make(&signer, &(struct pki_want){ .name = "officer" });
	sign(&signer);
}

static void
teardown(void)
{
	xmldsig_free(&read_x);
	buf_free(&xml);
	pki_free(&signer);
}

static int
judge(const void *bytes, size_t length)
{
	int result;

	xmldsig_free(&read_x);
	result = xmldsig_read(&read_x, bytes, length, &e);
	return result == -1 ? -1 : xmldsig_check(read_x, &e);
}

static const char *const kinds[] = { "P-256", "RSA-3072" };

START_TEST(what_is_signed_reads_back_and_verifies)
{
	struct pki p;
	X509 *const *chain;

	pki_make(
	    &p, &(struct pki_want){ .name = "officer", .kind = kinds[_i] });
	sign(&p);
	ck_assert_ok(judge(xml.data, xml.length));
	ck_assert_uint_eq(xmldsig_count(read_x), FILES);
	for (size_t i = 0; i < FILES; i++)
		ck_assert_mem_eq(
		    xmldsig_at(read_x, i), &files[i], sizeof(files[i]));
	ck_assert_uint_eq(xmldsig_chain(read_x, &chain), 1);
	ck_assert_int_eq(X509_cmp(chain[0], p.certificate), 0);
	pki_free(&p);
}
END_TEST

static int
in_info(void *user, xmlNodePtr node, xmlNodePtr parent)
{
	for (xmlNodePtr n = node->type == XML_NAMESPACE_DECL ? parent : node;
	     n != NULL; n = n->parent)
		if (n->type == XML_ELEMENT_NODE &&
		    strcmp((const char *)n->name, "SignedInfo") == 0)
			return 1;
	(void)user;
	return 0;
}

START_TEST(SignedInfo_stands_in_the_file_as_its_canonical_form)
{
	const char *text = buf_string(&xml);
	const char *at = strstr(text, "<SignedInfo");
	const char *end = strstr(text, "</SignedInfo>");
	xmlDocPtr doc =
	    xmlReadMemory(text, (int)xml.length, NULL, NULL, XML_PARSE_NONET);
	xmlOutputBufferPtr out = xmlAllocOutputBuffer(NULL);

	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(end);
	ck_assert_ptr_nonnull(doc);
	ck_assert_int_ge(xmlC14NExecute(doc, in_info, NULL,
	                     XML_C14N_EXCLUSIVE_1_0, NULL, 0, out),
	    0);
	ck_assert_uint_eq(xmlOutputBufferGetSize(out),
	    (size_t)(end - at) + strlen("</SignedInfo>"));
	ck_assert_mem_eq(
	    xmlOutputBufferGetContent(out), at, xmlOutputBufferGetSize(out));
	(void)xmlOutputBufferClose(out);
	xmlFreeDoc(doc);
}
END_TEST

/* What trust is asked about: it sees that it is not that certificate. */
static bool
has_other_certificate(void)
{
	X509 *const *chain;

	(void)xmldsig_chain(read_x, &chain);
	return X509_cmp(chain[0], signer.certificate) != 0;
}

START_TEST(every_flipped_bit_of_it_is_noticed)
{
	size_t first = (size_t)(strstr(buf_string(&xml), "<X509Certificate>") -
	    buf_string(&xml));

	for (size_t i = 0; i < xml.length * 8; i++) {
		xml.data[i / 8] ^= (unsigned char)(1u << i % 8);
		if (judge(xml.data, xml.length) == 0)
			ck_assert(i / 8 > first && has_other_certificate());
		xml.data[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	ck_assert_ok(judge(xml.data, xml.length));
}
END_TEST

START_TEST(it_ends_nowhere_but_at_its_end)
{
	for (size_t i = 0; i < xml.length; i++)
		ck_assert_fails(judge(xml.data, i), ERR_FORMAT);
	buf_put_byte(&xml, '\n');
	ck_assert_fails(judge(xml.data, xml.length), ERR_FORMAT);
}
END_TEST

/* ---- Texts that are changed ---- */

#define NS "http://www.w3.org/2000/09/xmldsig#"
static const struct change {
	const char *what, *instead; /* the first such text; "": at the start */
} changes[] = {
	{ "", "\xef\xbb\xbf" },
	{ "", "\n" },
	{ "?>\n", "?>\r\n" },
	{ "?>\n", "?>\n<!DOCTYPE Signature>\n" },
	{ "?>\n", "?>\n<!-- -->\n" },
	{ "?>\n<Signature", "?>\n<wrap><Signature" },
	{ "<Signature xmlns", "<Signature Id=\"a\" xmlns" },
	{ "<SignedInfo xmlns=\"" NS "\">", "<SignedInfo>" },
	{ "xml-exc-c14n#\"></", "xml-exc-c14n#\" ></" },
	{ "http://www.w3.org/2001/10/xml-exc-c14n#",
	    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" },
	{ "ecdsa-sha256", "rsa-sha256" },
	{ "ecdsa-sha256", "hmac-sha256" },
	{ "ecdsa-sha256", "ecdsa-sha1" },
	{ "xmlenc#sha256", "xmldsig#sha1" },
	{ "<DigestMethod",
	    "<Transforms><Transform Algorithm=\"" NS
	    "enveloped-signature\"></Transform></Transforms>\n<DigestMethod" },
	{ "URI=\"SHA256SUMS\"", "URI=\"\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"#a\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"/etc/passwd\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"../SHA256SUMS\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"http://a.example/b\"" },
	{ "URI=\"SHA256SUMS\"", "URI='SHA256SUMS'" },
	{ "URI=\"SHA256SUMS\"", "Type=\"" NS "Manifest\" URI=\"SHA256SUMS\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"SHA256&#83;UMS\"" },
	{ "URI=\"SHA256SUMS\"", "URI=\"manifest.xml\"" }, /* twice */
	{ "URI=\"SHA256SUMS\"", "URI=\"zebra.xml\"" },    /* not in order */
	{ "<KeyInfo>\n", "<KeyInfo>\n<KeyName>officer</KeyName>\n" },
	{ "<X509Data>\n",
	    "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB"
	    "</Exponent></RSAKeyValue></KeyValue>\n<X509Data>\n" },
	{ "</KeyInfo>\n",
	    "</KeyInfo>\n<Object><Manifest><Reference URI=\"a\"></Reference>"
	    "</Manifest></Object>\n" },
	{ "</KeyInfo>\n", "</KeyInfo>\n<Object></Object>\n" },
	{ "<SignatureValue>\n", "<SignatureValue>" },
	{ "<SignatureValue>\n", "<SignatureValue>\n\n" },
	{ "<SignatureValue>\n", "<SignatureValue>\n " },
	{ "<X509Certificate>\n", "<X509Certificate>\nMIIB" },
	{ "<X509Certificate>\n", "<X509Certificate>\n<!-- -->" },
	{ "<DigestValue>", "<DigestValue>A" },
	{ "<DigestValue>", "<DigestValue>\n" },
	{ "</Signature>\n", "</Signature>" },
	{ "</Signature>\n", "</Signature>\n\n" },
	{ "</Signature>\n", "</Signature>\n<!-- -->\n" },
	{ "</Signature>\n", "</Signature>\r\n" },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

START_TEST(any_other_shape_is_refused)
{
	const struct change *c = &changes[_i];
	const char *text = buf_string(&xml), *at = strstr(text, c->what);
	struct buf other = buf_new(XMLDSIG_BYTES);

	ck_assert_ptr_nonnull(at);
	buf_put(&other, text, (size_t)(at - text));
	buf_put_string(&other, c->instead);
	buf_put_string(&other, at + strlen(c->what));
	ck_assert_fails(judge(other.data, other.length), ERR_FORMAT);
	buf_free(&other);
}
END_TEST

START_TEST(lines_that_end_in_CR_LF_are_refused)
{
	struct buf other = buf_new(XMLDSIG_BYTES);

	for (size_t i = 0; i < xml.length; i++) {
		if (xml.data[i] == '\n')
			buf_put_byte(&other, '\r');
		buf_put_byte(&other, xml.data[i]);
	}
	ck_assert_fails(judge(other.data, other.length), ERR_FORMAT);
	buf_free(&other);
}
END_TEST

START_TEST(another_digest_or_name_does_not_verify)
{
	char *name = strstr((char *)xml.data, "manifest.xml");
	char *digest = strstr((char *)xml.data, "<DigestValue>AgA");

	name[0] = 'n';
	ck_assert_fails(judge(xml.data, xml.length), ERR_TAMPERED);
	name[0] = 'm';
	ck_assert_ok(judge(xml.data, xml.length));
	ck_assert_ptr_nonnull(digest);
	digest[strlen("<DigestValue>")] = 'B';
	ck_assert_fails(judge(xml.data, xml.length), ERR_TAMPERED);
}
END_TEST

START_TEST(a_reference_that_is_left_out_or_moved_is_noticed)
{
	struct buf other = buf_new(XMLDSIG_BYTES);
	const char *text = buf_string(&xml);
	const char *one = strstr(text, "<Reference"),
	           *two = strstr(one + 1, "<Reference"),
	           *three = strstr(two + 1, "<Reference");

	buf_put(&other, text, (size_t)(one - text));
	buf_put_string(&other, two);
	ck_assert_fails(judge(other.data, other.length), ERR_TAMPERED);
	buf_clear(&other);
	buf_put(&other, text, (size_t)(one - text));
	buf_put(&other, two, (size_t)(three - two));
	buf_put(&other, one, (size_t)(two - one));
	buf_put_string(&other, three);
	ck_assert_fails(judge(other.data, other.length), ERR_FORMAT);
	buf_free(&other);
}
END_TEST

/* ---- Keys ---- */

START_TEST(the_key_of_another_certificate_is_noticed)
{
	struct pki other;
	struct buf b = buf_new(XMLDSIG_BYTES);
	const char *mine = strstr(buf_string(&xml), "<KeyInfo>");

	pki_make(&other, &(struct pki_want){ .name = "officer" });
	ck_assert_fails(xmldsig_sign(files, FILES, other.key,
	                    &signer.certificate, 1, &b, &e),
	    ERR_TAMPERED);
	ck_assert_uint_eq(b.length, 0);
	/* Put in its place in a file that is there. */
	buf_put(&b, xml.data, (size_t)(mine - buf_string(&xml)));
	sign(&other);
	buf_put_string(&b, strstr(buf_string(&xml), "<KeyInfo>"));
	ck_assert_fails(judge(b.data, b.length), ERR_TAMPERED);
	buf_free(&b);
	pki_free(&other);
}
END_TEST

static const char *const unfit[] = { "RSA-2048", "P-384", "ED25519" };

START_TEST(keys_of_other_kinds_are_refused)
{
	struct pki p;

	pki_make(&p, &(struct pki_want){ .name = "a", .kind = unfit[_i] });
	buf_clear(&xml);
	ck_assert_fails(
	    xmldsig_sign(files, FILES, p.key, &p.certificate, 1, &xml, &e),
	    ERR_FORMAT);
	ck_assert_uint_eq(xml.length, 0);
	ck_assert_fails(xmldsig_key_ok(p.key, &e), ERR_FORMAT);
	pki_free(&p);
}
END_TEST

START_TEST(their_certificates_are_refused_in_a_file_too)
{
	struct pki p;
	struct buf b = buf_new(XMLDSIG_BYTES);
	BIO *pem = BIO_new(BIO_s_mem());
	char *text, *end;
	long length;

	pki_make(&p, &(struct pki_want){ .name = "a", .kind = unfit[_i] });
	ck_assert_int_eq(PEM_write_bio_X509(pem, p.certificate), 1);
	length = BIO_get_mem_data(pem, &text);
	text = strchr(text, '\n') + 1;
	end = strstr(text, "-----END");
	ck_assert_int_gt(length, 0);
	buf_put(&b, xml.data,
	    (size_t)(strstr(buf_string(&xml), "<X509Certificate>\n") -
	        buf_string(&xml)));
	buf_put_string(&b, "<X509Certificate>\n");
	buf_put(&b, text, (size_t)(end - text));
	buf_put_string(&b, strstr(buf_string(&xml), "</X509Certificate>"));
	ck_assert_fails(judge(b.data, b.length), ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "P-256"));
	buf_free(&b);
	BIO_free(pem);
	pki_free(&p);
}
END_TEST

/* ---- Bounds ---- */

static struct xmldsig_reference *
make_many(size_t count)
{
	struct xmldsig_reference *many = calloc(count, sizeof(*many));

	ck_assert_ptr_nonnull(many);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(
		    many[i].name, sizeof(many[i].name), "p%05zu/", i);
		memset(many[i].name + strlen(many[i].name), 'x',
		    EVIDENCE_NAME_MAX - strlen(many[i].name));
	}
	return many;
}

START_TEST(as_many_files_as_a_pack_may_have_fit_and_no_more)
{
	size_t count = XMLDSIG_REFERENCES;
	struct xmldsig_reference *many = make_many(count + 1);
	X509 *chain[XMLDSIG_CHAIN + 1];

	for (size_t i = 0; i <= XMLDSIG_CHAIN; i++)
		chain[i] = signer.certificate;
	buf_clear(&xml);
	ck_assert_ok(xmldsig_sign(
	    many, count, signer.key, chain, XMLDSIG_CHAIN, &xml, &e));
	ck_assert_ok(judge(xml.data, xml.length));
	ck_assert_uint_eq(xmldsig_count(read_x), count);
	ck_assert_fails(
	    xmldsig_sign(many, count + 1, signer.key, chain, 1, &xml, &e),
	    ERR_LIMIT);
	ck_assert_fails(xmldsig_sign(files, FILES, signer.key, chain,
	                    XMLDSIG_CHAIN + 1, &xml, &e),
	    ERR_LIMIT);
	ck_assert_fails(
	    xmldsig_sign(files, 0, signer.key, chain, 1, &xml, &e), ERR_LIMIT);
	free(many);
}
END_TEST

START_TEST(a_fifth_certificate_is_refused)
{
	struct buf b = buf_new(XMLDSIG_BYTES);
	const char *text = buf_string(&xml);
	const char *at = strstr(text, "<X509Certificate>"),
	           *end = strstr(text, "</X509Data>");

	buf_put(&b, text, (size_t)(at - text));
	for (unsigned i = 0; i <= XMLDSIG_CHAIN; i++)
		buf_put(&b, at, (size_t)(end - at));
	buf_put_string(&b, end);
	ck_assert_fails(judge(b.data, b.length), ERR_FORMAT);
	buf_free(&b);
}
END_TEST

START_TEST(names_that_could_leave_the_pack_are_not_signed)
{
	struct xmldsig_reference bad = { "../a", { 0 } };

	buf_clear(&xml);
	ck_assert_fails(
	    xmldsig_sign(&bad, 1, signer.key, &signer.certificate, 1, &xml, &e),
	    ERR_FORMAT);
	ck_assert_uint_eq(xml.length, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_xmldsig");
	TCase *t = tcase_create("xmldsig");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_is_signed_reads_back_and_verifies, 0, 2);
	tcase_add_test(t, SignedInfo_stands_in_the_file_as_its_canonical_form);
	tcase_add_test(t, every_flipped_bit_of_it_is_noticed);
	tcase_add_test(t, it_ends_nowhere_but_at_its_end);
	tcase_add_loop_test(t, any_other_shape_is_refused, 0, (int)CHANGES);
	tcase_add_test(t, lines_that_end_in_CR_LF_are_refused);
	tcase_add_test(t, another_digest_or_name_does_not_verify);
	tcase_add_test(t, a_reference_that_is_left_out_or_moved_is_noticed);
	tcase_add_test(t, the_key_of_another_certificate_is_noticed);
	tcase_add_loop_test(t, keys_of_other_kinds_are_refused, 0, 3);
	tcase_add_loop_test(
	    t, their_certificates_are_refused_in_a_file_too, 0, 3);
	tcase_add_test(t, as_many_files_as_a_pack_may_have_fit_and_no_more);
	tcase_add_test(t, a_fifth_certificate_is_refused);
	tcase_add_test(t, names_that_could_leave_the_pack_are_not_signed);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return unit_run(s);
}
