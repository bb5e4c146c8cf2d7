#include "review/pack_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/embedded.h"
#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/message.h"

#define CHUNK          16384u
#define TUPLE          5 /* of an attribute in SAX2 */
#define MESSAGE_MAX    300
#define STRINGS_MAX    (MARKUP_ATTRIBUTES * (PACK_XML_ATTRIBUTE + 1u))
#define ESCAPED        "&#38;" /* as SAX2 passes '&' in an attribute */
#define ESCAPED_LENGTH (sizeof(ESCAPED) - 1)

struct parse {
	const struct pack_document *document;
	struct markup markup;
	xmlParserCtxt *parser;
	xmlSchemaValidCtxt *validator;
	xmlSchemaSAXPlugStruct *plug;
	xmlSAXHandler *valid; /* the validator's handlers */
	void *valid_data;
	EVP_MD_CTX *hash;
	struct pack_element element;
	struct buf strings; /* attributes' values */
	struct buf text;
	unsigned depth;
	bool leaf; /* nothing ended since the last element began */
	bool failed;
	struct err *e;
};

/* ---- What fails ---- */

static int64_t
line_of(const struct parse *p)
{
	return p->parser == NULL || p->parser->input == NULL
	    ? 1
	    : p->parser->input->line;
}

/* The first failure is the one that is told. */
static void
fail(struct parse *p, enum err_code code, const char *why)
{
	if (p->failed)
		return;
	p->failed = true;
	err_set(p->e, code, _("%s, line %lld: %s"), p->document->name,
	    (long long)line_of(p), why);
	if (p->parser != NULL)
		xmlStopParser(p->parser);
}

static void
fail_in(struct parse *p)
{
	if (p->failed)
		return;
	p->failed = true;
	err_in(
	    p->e, _("%s, line %lld"), p->document->name, (long long)line_of(p));
	xmlStopParser(p->parser);
}

/* libxml2 gave the argument another type in 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError xml_error;
#else
typedef xmlError xml_error;
#endif

static void
on_error(void *context, xml_error *error)
{
	char message[MESSAGE_MAX];
	size_t length;

	if (error == NULL || error->level < XML_ERR_ERROR)
		return;
	(void)snprintf(message, sizeof(message), "%s",
	    error->message == NULL ? "?" : error->message);
	length = strlen(message);
	while (length > 0 &&
	    (message[length - 1] == '\n' || message[length - 1] == '.'))
		message[--length] = '\0';
	fail(context,
	    error->code == XML_ERR_NO_MEMORY ? ERR_MEMORY : ERR_FORMAT,
	    message);
}

/* ---- The schema ---- */

struct pack_xsd {
	xmlSchema *schema;
};

static void
on_schema_error(void *context, xml_error *error)
{
	struct err *e = context;

	if (e->code == ERR_NONE)
		err_set(e, ERR_FORMAT, "evidence.xsd, line %d: %s", error->line,
		    error->message == NULL ? "?" : error->message);
}

int
pack_xsd_new(struct pack_xsd **out, struct err *e)
{
	const char *text = embedded_text("schema/evidence.xsd");
	struct pack_xsd *xsd = calloc(1, sizeof(*xsd));
	struct err why = { .code = ERR_NONE };
	xmlSchemaParserCtxt *parser = NULL;

	*out = NULL;
	if (xsd != NULL && text != NULL)
		parser = xmlSchemaNewMemParserCtxt(text, (int)strlen(text));
	if (parser != NULL) {
		xmlSchemaSetParserStructuredErrors(
		    parser, on_schema_error, &why);
		xsd->schema = xmlSchemaParse(parser);
		xmlSchemaFreeParserCtxt(parser);
	}
	if (xsd != NULL && xsd->schema != NULL) {
		*out = xsd;
		return 0;
	}
	pack_xsd_free(&xsd);
	if (why.code == ERR_NONE)
		return err_set(e, ERR_MEMORY, "evidence.xsd: out of memory");
	*e = why;
	return -1;
}

void
pack_xsd_free(struct pack_xsd **xsd)
{
	if (*xsd == NULL)
		return;
	xmlSchemaFree((*xsd)->schema);
	free(*xsd);
	*xsd = NULL;
}

/* ---- Elements ---- */

const char *
pack_element_get(const struct pack_element *element, const char *name)
{
	for (size_t i = 0; i < element->count; i++)
		if (strcmp(element->attributes[i].name, name) == 0)
			return element->attributes[i].value;
	return NULL;
}

static bool
is_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->length; i++)
		if (strchr(" \t\r\n", b->data[i]) == NULL || b->data[i] == 0)
			return false;
	return true;
}

/* What was collected of text goes to the validator in one piece. */
static void
flush_text(struct parse *p)
{
	if (p->valid != NULL && p->text.length > 0)
		p->valid->characters(
		    p->valid_data, p->text.data, (int)p->text.length);
}

/* Text beside elements. */
static bool
check_between(struct parse *p)
{
	if (p->document->mixed || is_blank(&p->text))
		return true;
	fail(p, ERR_FORMAT, _("text between elements"));
	return false;
}

static void
put_value(struct buf *b, const char *value, const char *end)
{
	while (value < end) {
		const char *and = memchr(value, '&', (size_t)(end - value));

		if (and == NULL)
			and = end;
		buf_put(b, value, (size_t)(and-value));
		value = and;
		if (value == end)
			break;
		buf_put_byte(b, '&');
		value++;
		if ((size_t)(end - value) >= ESCAPED_LENGTH - 1 &&
		    memcmp(value, &ESCAPED[1], ESCAPED_LENGTH - 1) == 0)
			value += ESCAPED_LENGTH - 1;
	}
	buf_put_byte(b, '\0');
}

static bool
take_attributes(struct parse *p, int count, const xmlChar **tuples)
{
	struct pack_element *element = &p->element;
	size_t starts[MARKUP_ATTRIBUTES];

	buf_clear(&p->strings);
	element->count = 0;
	if (count < 0 || (size_t)count > MARKUP_ATTRIBUTES) {
		fail(p, ERR_FORMAT, _("a tag with too many attributes"));
		return false;
	}
	for (int i = 0; i < count; i++, tuples += TUPLE) {
		const char *value = (const char *)tuples[3];
		const char *end = (const char *)tuples[4];

		if (tuples[1] != NULL || tuples[2] != NULL) {
			fail(p, ERR_FORMAT, _("an attribute with a prefix"));
			return false;
		}
		if ((size_t)(end - value) > PACK_XML_ATTRIBUTE) {
			fail(p, ERR_FORMAT, _("a value that is too long"));
			return false;
		}
		starts[i] = p->strings.length;
		element->attributes[i].name = (const char *)tuples[0];
		put_value(&p->strings, value, end);
	}
	if (buf_status(&p->strings, p->e) == -1) {
		fail_in(p);
		return false;
	}
	element->count = (size_t)count;
	for (size_t i = 0; i < element->count; i++)
		element->attributes[i].value =
		    (const char *)p->strings.data + starts[i];
	return true;
}

/* The namespace is the document's, and said at its root alone. */
static bool
check_space(
    struct parse *p, const xmlChar *prefix, const xmlChar *uri, int declared)
{
	if (prefix == NULL && uri != NULL &&
	    strcmp((const char *)uri, p->document->space) == 0 &&
	    declared == (p->depth == 1 ? 1 : 0))
		return true;
	fail(p, ERR_FORMAT, _("an element that is not of its namespace"));
	return false;
}

static void
on_begin(void *context, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int space_count, const xmlChar **spaces,
    int attribute_count, int defaulted, const xmlChar **attributes)
{
	struct parse *p = context;
	const struct pack_document *d = p->document;

	if (p->failed || !check_between(p))
		return;
	flush_text(p);
	buf_clear(&p->text);
	if (++p->depth > d->depth || p->depth > PACK_XML_DEPTH) {
		fail(p, ERR_FORMAT, _("elements are too deep"));
		return;
	}
	p->leaf = true;
	p->element.name = (const char *)name;
	p->element.depth = p->depth;
	p->element.line = line_of(p);
	p->element.text = "";
	p->element.text_length = 0;
	if (!check_space(p, prefix, uri, space_count) ||
	    !take_attributes(p, attribute_count, attributes))
		return;
	if (p->valid != NULL)
		p->valid->startElementNs(p->valid_data, name, prefix, uri,
		    space_count, spaces, attribute_count, defaulted,
		    attributes);
	if (!p->failed && d->begin != NULL &&
	    d->begin(d->context, &p->element, p->e) == -1)
		fail_in(p);
}

static void
on_end(void *context, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct parse *p = context;
	const struct pack_document *d = p->document;

	if (p->failed || (!p->leaf && !check_between(p)))
		return;
	p->element.text = "";
	p->element.text_length = 0;
	if (p->leaf) {
		p->element.text = buf_string(&p->text);
		p->element.text_length = p->text.length;
	} else
		p->element.count = 0;
	if (buf_status(&p->text, p->e) == -1) {
		fail_in(p);
		return;
	}
	flush_text(p);
	if (p->valid != NULL)
		p->valid->endElementNs(p->valid_data, name, prefix, uri);
	p->element.name = (const char *)name;
	p->element.depth = p->depth;
	if (!p->leaf)
		p->element.line = line_of(p);
	if (!p->failed && d->end != NULL &&
	    d->end(d->context, &p->element, p->e) == -1)
		fail_in(p);
	p->leaf = false;
	p->depth--;
	buf_clear(&p->text);
}

static void
on_text(void *context, const xmlChar *text, int length)
{
	struct parse *p = context;

	if (p->failed || length < 0)
		return;
	buf_put(&p->text, text, (size_t)length);
	if (p->text.failed != ERR_NONE)
		fail(p, ERR_FORMAT, _("a text that is too long"));
}

/* What markup.h refused before. */
static void
on_cdata(void *context, const xmlChar *text, int length)
{
	(void)text;
	(void)length;
	fail(context, ERR_FORMAT, _("a CDATA section"));
}

static void
on_doctype(void *context, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	fail(context, ERR_FORMAT, _("a DOCTYPE"));
}

static void
on_reference(void *context, const xmlChar *name)
{
	(void)name;
	fail(context, ERR_FORMAT, _("a reference to an entity"));
}

/* ---- The parser ---- */

static int
begin_valid(struct parse *p)
{
	if (p->document->xsd == NULL)
		return 0;
	p->validator = xmlSchemaNewValidCtxt(p->document->xsd->schema);
	if (p->validator == NULL)
		return -1;
	xmlSchemaSetValidStructuredErrors(p->validator, on_error, p);
	p->plug = xmlSchemaSAXPlug(p->validator, &p->valid, &p->valid_data);
	return p->plug == NULL ? -1 : 0;
}

static int
begin_parse(
    struct parse *p, const struct pack_document *document, struct err *e)
{
	xmlSAXHandler sax;

	memset(p, 0, sizeof(*p));
	memset(&sax, 0, sizeof(sax));
	p->document = document;
	p->e = e;
	p->strings = buf_new(STRINGS_MAX);
	p->text = buf_new(PACK_XML_TEXT);
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = on_begin;
	sax.endElementNs = on_end;
	sax.characters = on_text;
	sax.ignorableWhitespace = on_text;
	sax.cdataBlock = on_cdata;
	sax.internalSubset = on_doctype;
	sax.reference = on_reference;
	sax.serror = on_error;
	p->hash = EVP_MD_CTX_new();
	p->parser = xmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL);
	if (p->hash == NULL || p->parser == NULL || begin_valid(p) == -1 ||
	    EVP_DigestInit_ex(p->hash, EVP_sha256(), NULL) != 1)
		return err_set(
		    e, ERR_MEMORY, "%s: out of memory", document->name);
	if (xmlCtxtUseOptions(p->parser, XML_PARSE_NONET) != 0)
		return err_set(e, ERR_SYS, "libxml2");
	return 0;
}

static void
end_parse(struct parse *p)
{
	if (p->plug != NULL)
		xmlSchemaSAXUnplug(p->plug);
	if (p->validator != NULL)
		xmlSchemaFreeValidCtxt(p->validator);
	if (p->parser != NULL) {
		xmlFreeDoc(p->parser->myDoc);
		xmlFreeParserCtxt(p->parser);
	}
	EVP_MD_CTX_free(p->hash);
	buf_free(&p->strings);
	buf_free(&p->text);
}

static int
feed(struct parse *p, const void *bytes, size_t length)
{
	if (EVP_DigestUpdate(p->hash, bytes, length) != 1)
		return err_set(p->e, ERR_CRYPTO, "SHA-256");
	/* The parser gets the good bytes before, and so nothing of the rest. */
	if (markup_feed(&p->markup, bytes, length, p->e) == -1) {
		p->failed = true;
		return err_in(p->e, _("%s, line %lld"), p->document->name,
		    (long long)p->markup.lines + 1);
	}
	if (xmlParseChunk(p->parser, bytes, (int)length, 0) != 0)
		fail(p, ERR_FORMAT, _("it is not well-formed"));
	return p->failed ? -1 : 0;
}

static int
finish(struct parse *p)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (EVP_DigestFinal_ex(p->hash, digest, NULL) != 1)
		return err_set(p->e, ERR_CRYPTO, "SHA-256");
	if (p->document->sha256 != NULL &&
	    memcmp(digest, p->document->sha256, sizeof(digest)) != 0)
		return err_set(p->e, ERR_TAMPERED,
		    _("%s: it changed while it was read"), p->document->name);
	if (p->markup.place != MARKUP_TEXT || p->depth != 0 ||
	    p->element.name == NULL)
		fail(p, ERR_FORMAT, _("it is cut off"));
	else if (xmlParseChunk(p->parser, NULL, 0, 1) != 0)
		fail(p, ERR_FORMAT, _("it is not well-formed"));
	return p->failed ? -1 : 0;
}

static int
feed_file(struct parse *p, int fd)
{
	char chunk[CHUNK];
	off_t offset = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), offset)) > 0) {
		if (feed(p, chunk, (size_t)n) == -1)
			return -1;
		offset += n;
	}
	if (n == -1)
		return err_sys(p->e, errno, "%s", p->document->name);
	return 0;
}

int
pack_xml_read(int fd, const struct pack_document *document, struct err *e)
{
	struct parse p;
	int result = begin_parse(&p, document, e);

	if (result == 0)
		result = feed_file(&p, fd);
	if (result == 0)
		result = finish(&p);
	end_parse(&p);
	return result;
}

int
pack_xml_parse(const void *bytes, size_t length,
    const struct pack_document *document, struct err *e)
{
	const char *at = bytes;
	struct parse p;
	int result = begin_parse(&p, document, e);

	while (result == 0 && length > 0) {
		size_t n = length < CHUNK ? length : CHUNK;

		result = feed(&p, at, n);
		at += n;
		length -= n;
	}
	if (result == 0)
		result = finish(&p);
	end_parse(&p);
	return result;
}
