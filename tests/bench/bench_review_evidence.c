/*
 * bench_review_evidence bare|ours PACK OUT: the parts of a pack once more, byte
 * for byte, from its own lines: by a bare xmlTextWriter, or by pack_write.c,
 * which judges, counts and hashes them. Without the database in both.
 */
#include <fcntl.h>
#include <glob.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/pack_write.h"

#define TEXT(text) ((const xmlChar *)(text))

static struct err e;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, e.text);
	exit(2);
}

/* ---- A line: <name a="1" b="2">body</name>; values stay escaped ---- */

struct line {
	const char *class;
	const char *names[PACK_COLUMNS];
	char *values[PACK_COLUMNS];
	size_t lengths[PACK_COLUMNS], count;
	char *body; /* NULL: none */
	size_t body_length;
};

static void
read_line(char *text, struct line *l)
{
	char *at = text + 1 + strcspn(text + 1, " />"), *end;
	bool any = *at == ' ';

	l->class = text + 1;
	l->count = 0;
	l->body = NULL;
	if (any)
		*at++ = '\0';
	while (any && *at != '>' && *at != '/') {
		char *value = strchr(at, '=') + 2;

		end = strchr(value, '"');
		value[-2] = *end = '\0';
		l->names[l->count] = at;
		l->values[l->count] = value;
		l->lengths[l->count++] = (size_t)(end - value);
		at = end + 1 + (end[1] == ' ');
	}
	if (*at != '>' || (end = strrchr(at, '<')) == at + 1)
		return;
	*end = '\0';
	l->body = at + 1;
	l->body_length = (size_t)(end - l->body);
}

/* ---- Bare ---- */

static void
write_bare(xmlTextWriter *x, const struct line *l)
{
	bool ok = xmlTextWriterStartElement(x, TEXT(l->class)) >= 0;

	for (size_t i = 0; ok && i < l->count; i++)
		ok = xmlTextWriterStartAttribute(x, TEXT(l->names[i])) >= 0 &&
		    xmlTextWriterWriteRawLen(
		        x, TEXT(l->values[i]), (int)l->lengths[i]) >= 0 &&
		    xmlTextWriterEndAttribute(x) >= 0;
	if (l->body != NULL)
		ok = ok &&
		    xmlTextWriterWriteRawLen(
		        x, TEXT(l->body), (int)l->body_length) >= 0;
	must(ok && xmlTextWriterEndElement(x) >= 0 &&
	        xmlTextWriterWriteRaw(x, TEXT("\n")) >= 0,
	    "a row");
}

static void
copy_bare(FILE *in, const char *to)
{
	xmlTextWriter *x = xmlNewTextWriterFilename(to, 0);
	char *text = NULL;
	size_t room = 0;
	struct line l;
	int fd;

	must(x != NULL, to);
	while (getline(&text, &room, in) > 0)
		if (text[1] == '?' || text[1] == '/' ||
		    strncmp(text, "<part ", 6) == 0)
			must(xmlTextWriterWriteRaw(x, TEXT(text)) >= 0, to);
		else {
			read_line(text, &l);
			write_bare(x, &l);
		}
	xmlFreeTextWriter(x);
	free(text);
	fd = open(to, O_RDONLY);
	must(fd != -1 && fsync(fd) == 0 && close(fd) == 0, to);
}

/* ---- Ours ---- */

static char *
unescape(char *text)
{
	static const struct {
		const char *escaped;
		char byte;
	} all[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&#9;", '\t' }, { "&#10;", '\n' },
		{ "&#13;", '\r' } };
	char *from = strchr(text, '&'), *to = from;

	while (from != NULL && *from != '\0') {
		size_t i = 0, n = sizeof(all) / sizeof(all[0]);

		while (i < n &&
		    strncmp(from, all[i].escaped, strlen(all[i].escaped)) != 0)
			i++;
		*to++ = i < n ? all[i].byte : *from;
		from += i < n ? strlen(all[i].escaped) : 1;
	}
	if (to != NULL)
		*to = '\0';
	return text;
}

static void
write_ours(struct pack_writer *w, const struct pack_class *c, struct line *l)
{
	const char *values[PACK_COLUMNS] = { NULL };

	for (size_t i = 0, at = 0; i < l->count; i++) {
		while (strcmp(c->columns[at].name, l->names[i]) != 0)
			at++;
		values[at] = unescape(l->values[i]);
	}
	if (l->body != NULL)
		values[c->count - 1] = unescape(l->body);
	else if (c->has_body)
		values[c->count - 1] = "";
	must(pack_row(w, values, &e) == 0, "a row");
}

/* The files of one class follow each other. */
static void
copy_ours(FILE *in, struct pack_writer *w, const struct pack_schema *schema)
{
	static const struct pack_class *c;
	char *text = NULL;
	size_t room = 0;
	struct line l;

	while (getline(&text, &room, in) > 0) {
		if (text[1] == '?' || text[1] == '/' ||
		    strncmp(text, "<part ", 6) == 0)
			continue;
		read_line(text, &l);
		if (c == NULL || strcmp(c->name, l.class) != 0) {
			must(c == NULL || pack_end(w, 0, NULL, &e) == 0, "end");
			must(pack_begin(w, l.class, &e) == 0, "begin");
			c = pack_schema_find(schema, l.class);
		}
		write_ours(w, c, &l);
	}
	free(text);
}

int
main(int argc, char **argv)
{
	struct pack_schema *schema = NULL;
	struct manifest *manifest = NULL;
	struct tallies *tallies = NULL;
	struct pack_writer *w = NULL;
	char path[4096];
	glob_t parts;
	bool ours;

	if (argc != 4)
		return 2;
	ours = strcmp(argv[1], "ours") == 0;
	must(pack_schema_load(&schema, &e) == 0 &&
	        manifest_new(&manifest, &e) == 0 &&
	        tallies_new(&tallies, schema, &e) == 0 &&
	        pack_writer_new(&w, open(argv[3], O_RDONLY | O_DIRECTORY),
	            manifest, schema, tallies, &e) == 0,
	    "the writer");
	manifest->sequence = 1;
	(void)snprintf(path, sizeof(path), "%s/parts/*.xml", argv[2]);
	must(glob(path, 0, NULL, &parts) == 0, path);
	for (size_t i = 0; i < parts.gl_pathc; i++) {
		FILE *in = fopen(parts.gl_pathv[i], "r");

		must(in != NULL, parts.gl_pathv[i]);
		(void)snprintf(path, sizeof(path), "%s/%s", argv[3],
		    strrchr(parts.gl_pathv[i], '/') + 1);
		if (ours)
			copy_ours(in, w, schema);
		else
			copy_bare(in, path);
		(void)fclose(in);
	}
	must(!ours || pack_end(w, 0, NULL, &e) == 0, "end");
	globfree(&parts);
	pack_writer_free(&w);
	tallies_free(&tallies);
	manifest_free(&manifest);
	pack_schema_free(&schema);
	return EXIT_SUCCESS;
}
