/*
 * libxslt, kept on a short leash: what a stylesheet includes is looked for
 * among what is compiled in, and nothing else; document(), writing and the
 * network are refused; templates nest at most DEPTH deep. No extension
 * functions are registered.
 */
#include <libxml/parser.h>
#include <libxslt/documents.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/embedded.h"
#include "review/pack_file.h"
#include "review/report_internal.h"
#include "schema/base/file.h"

#define SHEETS     32u
#define DEPTH      400
#define VARIABLES  20000
#define SHEET_NAME 64u

struct sheet {
	char name[SHEET_NAME];
	xsltStylesheet *compiled;
};

struct report_sheets {
	struct sheet sheets[SHEETS];
	size_t count;
	xsltSecurityPrefs *nothing;
	char said[ERR_TEXT_SIZE]; /* the first thing that libxslt says */
};

static void hear(void *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
hear(void *context, const char *format, ...)
{
	struct report_sheets *s = context;
	size_t length = strlen(s->said);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(
	    s->said + length, sizeof(s->said) - length, format, args);
	va_end(args);
	for (char *p = s->said; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
}

static void
hear_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

/* dict may be NULL. */
static xmlDoc *
parse(const char *text, const char *name, xmlDict *dict)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *document;

	if (parser == NULL)
		return NULL;
	if (dict != NULL) {
		xmlDictFree(parser->dict);
		parser->dict = dict;
		(void)xmlDictReference(dict);
	}
	document = xmlCtxtReadMemory(parser, text, (int)strlen(text), name,
	    NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
	xmlFreeParserCtxt(parser);
	return document;
}

/* name: "reports/common.xsl". */
static xmlDoc *
parse_embedded(const char *name, xmlDict *dict)
{
	const char *text =
	    strncmp(name, "reports/", 8) == 0 ? embedded_text(name) : NULL;

	return text == NULL ? NULL : parse(text, name, dict);
}

static xmlDoc *
load(const xmlChar *uri, xmlDict *dict, int options, void *context,
    xsltLoadType type)
{
	(void)options;
	(void)context;
	return type == XSLT_LOAD_DOCUMENT
	    ? NULL
	    : parse_embedded((const char *)uri, dict);
}

int
report_sheets_new(struct report_sheets **out, struct err *e)
{
	static const xsltSecurityOption all[] = { XSLT_SECPREF_READ_FILE,
		XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
		XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK };
	struct report_sheets *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL || (s->nothing = xsltNewSecurityPrefs()) == NULL) {
		free(s);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		(void)xsltSetSecurityPrefs(
		    s->nothing, all[i], xsltSecurityForbid);
	xsltSetLoaderFunc(load);
	*out = s;
	return 0;
}

void
report_sheets_free(struct report_sheets **sheets)
{
	struct report_sheets *s = *sheets;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		xsltFreeStylesheet(s->sheets[i].compiled);
	xsltFreeSecurityPrefs(s->nothing);
	xsltSetLoaderFunc(NULL);
	free(s);
	*sheets = NULL;
}

/* Takes the document. */
static xsltStylesheet *
compile(
    struct report_sheets *s, const char *path, xmlDoc *document, struct err *e)
{
	xsltStylesheet *compiled = NULL;

	if (document == NULL) {
		(void)err_set(e, ERR_FORMAT, "%s: no such stylesheet", path);
		return NULL;
	}
	s->said[0] = '\0';
	xsltSetGenericErrorFunc(s, hear);
	compiled = xsltParseStylesheetDoc(document);
	xsltSetGenericErrorFunc(NULL, hear_nothing);
	if (compiled != NULL && compiled->errors == 0)
		return compiled;
	(void)err_set(e, ERR_FORMAT, "%s: %s", path, s->said);
	if (compiled != NULL)
		xsltFreeStylesheet(compiled); /* and the document */
	else
		xmlFreeDoc(document);
	return NULL;
}

/* text: NULL, the one that is compiled in. */
static xsltStylesheet *
add(struct report_sheets *s, const char *name, const char *text, struct err *e)
{
	struct sheet *new = &s->sheets[s->count];
	char path[SHEET_NAME + sizeof("reports/.xsl")];

	if (s->count == SHEETS || strlen(name) >= SHEET_NAME) {
		(void)err_set(e, ERR_LIMIT, "too many stylesheets");
		return NULL;
	}
	(void)snprintf(path, sizeof(path), "reports/%s.xsl", name);
	new->compiled = compile(s, path,
	    text == NULL ? parse_embedded(path, NULL) : parse(text, path, NULL),
	    e);
	if (new->compiled == NULL)
		return NULL;
	(void)strcpy(new->name, name);
	s->count++;
	return new->compiled;
}

int
report_sheet_add(
    struct report_sheets *s, const char *name, const char *text, struct err *e)
{
	return add(s, name, text, e) == NULL ? -1 : 0;
}

static xsltStylesheet *
find(struct report_sheets *s, const char *name, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->sheets[i].name, name) == 0)
			return s->sheets[i].compiled;
	return add(s, name, NULL, e);
}

static xmlDoc *
transform(struct report_sheets *s, xsltStylesheet *sheet, xmlDoc *input)
{
	xsltTransformContext *c = xsltNewTransformContext(sheet, input);
	xmlDoc *result = NULL;

	if (c == NULL)
		return NULL;
	c->maxTemplateDepth = DEPTH;
	c->maxTemplateVars = VARIABLES;
	s->said[0] = '\0';
	xsltSetTransformErrorFunc(c, s, hear);
	if (xsltSetCtxtSecurityPrefs(s->nothing, c) == 0)
		result =
		    xsltApplyStylesheetUser(sheet, input, NULL, NULL, NULL, c);
	if (result != NULL && c->state != XSLT_STATE_OK) {
		xmlFreeDoc(result);
		result = NULL;
	}
	xsltFreeTransformContext(c);
	return result;
}

int
report_sheet_apply(struct report_sheets *s, const char *name, xmlDoc *input,
    xmlDoc **result, struct err *e)
{
	xsltStylesheet *sheet = find(s, name, e);

	*result = NULL;
	if (sheet == NULL)
		return -1;
	if ((*result = transform(s, sheet, input)) == NULL)
		return err_set(e, ERR_FORMAT, "reports/%s.xsl: %s", name,
		    s->said[0] != '\0' ? s->said : "no result");
	return 0;
}

int
report_sheet_write(struct report_sheets *s, const char *name, xmlDoc *result,
    int dir, const char *path, struct err *e)
{
	xsltStylesheet *sheet = find(s, name, e);
	xmlChar *text = NULL;
	int length = 0, fd = -1, done = -1;

	if (sheet == NULL)
		return -1;
	if (xsltSaveResultToString(&text, &length, result, sheet) == -1 ||
	    text == NULL)
		return err_set(e, ERR_MEMORY, "%s: out of memory", path);
	if ((fd = pack_file_create(dir, path, e)) != -1)
		done = file_put(fd, text, (size_t)length, 0, e);
	if (fd != -1 && close(fd) == -1 && done == 0)
		done = err_set(e, ERR_SYS, "it could not be closed");
	xmlFree(text);
	return done == -1 ? err_in(e, "%s", path) : 0;
}
