#include "review/pack_read.h"

#include <string.h>

#include "review/evidence.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define DEPTH 2u /* the part, its rows */

struct reading {
	const struct pack_reading *asked;
	const struct pack_class *class;
	pack_row_fn *take;
	void *context;
	int64_t rows;
};

static int
wrong(const char *name, const char *value, struct err *e)
{
	return err_set(e, ERR_FORMAT, _("%s: \"%.64s\" is not as it should be"),
	    name, value == NULL ? "" : value);
}

/* A number of one spelling; wanted: 0, any from 1. */
static int
check_number(const struct pack_element *root, const char *name, int64_t wanted,
    struct err *e)
{
	const char *text = pack_element_get(root, name);
	uint64_t number;

	if (text == NULL ||
	    enc_number(text, strlen(text), INT64_MAX, &number, e) == -1 ||
	    number == 0 || (wanted != 0 && number != (uint64_t)wanted))
		return wrong(name, text, e);
	return 0;
}

static int
begin_part(struct reading *r, const struct pack_element *root, struct err *e)
{
	const char *version = pack_element_get(root, "version");
	const char *class = pack_element_get(root, "class");

	if (strcmp(root->name, "part") != 0 || root->count != 4)
		return err_set(e, ERR_FORMAT, _("it is no part of a pack"));
	if (version == NULL || strcmp(version, "1") != 0)
		return wrong("version", version, e);
	r->class =
	    class == NULL ? NULL : pack_schema_find(r->asked->schema, class);
	if (r->class == NULL ||
	    (r->asked->class != NULL && strcmp(class, r->asked->class) != 0))
		return wrong("class", class, e);
	if (check_number(root, "pack", r->asked->pack, e) == -1)
		return -1;
	return check_number(root, "number", r->asked->number, e);
}

static int
begin_row(
    const struct reading *r, const struct pack_element *row, struct err *e)
{
	if (strcmp(row->name, r->class->name) == 0)
		return 0;
	return err_set(
	    e, ERR_FORMAT, _("a row of another class, \"%.64s\""), row->name);
}

static int
begin(void *context, const struct pack_element *element, struct err *e)
{
	struct reading *r = context;

	return element->depth == 1 ? begin_part(r, element, e)
	                           : begin_row(r, element, e);
}

static int
take_values(
    struct pack_row *row, const struct pack_element *element, struct err *e)
{
	const struct pack_class *class = row->class;

	for (size_t i = 0; i < element->count; i++) {
		int column =
		    pack_column_find(class, element->attributes[i].name);

		if (column == -1 ||
		    (class->has_body && (size_t)column == class->count - 1))
			return err_set(e, ERR_FORMAT,
			    _("an unknown column, \"%.64s\""),
			    element->attributes[i].name);
		row->values[column] = element->attributes[i].value;
	}
	if (class->has_body)
		row->values[class->count - 1] = element->text;
	else if (element->text_length > 0)
		return err_set(e, ERR_FORMAT, _("a text in it"));
	for (size_t i = 0; i < class->count; i++)
		if (class->columns[i].required && row->values[i] == NULL)
			return err_set(e, ERR_FORMAT, _("it has no \"%s\""),
			    class->columns[i].name);
	return 0;
}

static int
end_part(const struct pack_element *root, struct err *e)
{
	if (root->text[strspn(root->text, " \t\r\n")] == '\0')
		return 0;
	return err_set(e, ERR_FORMAT, _("text between elements"));
}

static int
end(void *context, const struct pack_element *element, struct err *e)
{
	struct reading *r = context;
	struct pack_row row = { .class = r->class, .line = element->line };

	if (element->depth == 1)
		return end_part(element, e);
	if (take_values(&row, element, e) == -1)
		return -1;
	r->rows++;
	return r->take == NULL ? 0 : r->take(r->context, &row, e);
}

int
pack_read(int fd, const struct pack_reading *asked, pack_row_fn *take,
    void *context, int64_t *rows, struct err *e)
{
	struct reading r = { .asked = asked, .take = take, .context = context };
	struct pack_document document = { .name = asked->name,
		.space = EVIDENCE_NAMESPACE,
		.depth = DEPTH,
		.sha256 = asked->sha256,
		.begin = begin,
		.end = end,
		.context = &r };
	struct pack_xsd *own = NULL;
	int result;

	if (asked->validate && asked->xsd == NULL &&
	    pack_xsd_new(&own, e) == -1)
		return -1;
	if (asked->validate)
		document.xsd = own != NULL ? own : asked->xsd;
	result = pack_xml_read(fd, &document, e);
	pack_xsd_free(&own);
	if (rows != NULL)
		*rows = r.rows;
	return result;
}
