#include <stdbool.h>
#include <string.h>

#include "review/csv.h"
#include "schema/base/buf.h"

static bool
is_passed_over(char c)
{
	return c == ' ' || c == '_' || c == '-' || c == '.';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The same but for case, blanks and the like; neither passes its end. */
static bool
alike(const char *a, size_t a_length, const char *b, size_t b_length)
{
	const char *a_end = a + a_length;
	const char *b_end = b + b_length;

	for (;;) {
		while (a < a_end && is_passed_over(*a))
			a++;
		while (b < b_end && is_passed_over(*b))
			b++;
		if (a == a_end || b == b_end)
			return a == a_end && b == b_end;
		if (lower(*a++) != lower(*b++))
			return false;
	}
}

/* How many columns bear that name; *place is the first. */
static size_t
find(const struct csv *c, const char *name, size_t length, size_t *place)
{
	size_t found = 0;

	if (length == 0)
		return 0;
	for (size_t i = csv_columns(c); i-- > 0;) {
		const char *column = csv_column(c, i);

		if (column[0] != '\0' &&
		    alike(column, strlen(column), name, length)) {
			*place = i;
			found++;
		}
	}
	return found;
}

/* The error with what the file has instead. */
static int
complain(const struct csv *c, struct err *e, const char *what, const char *name,
    size_t length)
{
	struct buf header = buf_new(200);
	struct buf one = buf_new(4096);

	for (size_t i = 0; i < csv_columns(c); i++) {
		buf_clear(&one);
		buf_printf(&one, "%s%s", i == 0 ? "" : ", ", csv_column(c, i));
		if (buf_status(&one, e) == -1 ||
		    header.length + one.length + 5 > header.limit) {
			buf_put_string(&header, ", ...");
			break;
		}
		buf_put(&header, one.data, one.length);
	}
	err_set(e, ERR_CONFIG, "%s \"%.*s\"; the header is: %s", what,
	    (int)(length < 64 ? length : 64), name, buf_string(&header));
	buf_free(&one);
	buf_free(&header);
	return -1;
}

static size_t
field_named(const struct csv_field *fields, size_t count, const char *name,
    size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (alike(fields[i].name, strlen(fields[i].name), name, length))
			return i;
	return count;
}

static int
unknown_field(const struct csv_field *fields, size_t count, const char *word,
    struct err *e)
{
	struct buf names = buf_new(ERR_TEXT_SIZE);

	for (size_t i = 0; i < count; i++)
		buf_printf(&names, " %s", fields[i].name);
	err_set(e, ERR_CONFIG,
	    "columns: \"%s\" is not FIELD=COLUMN, with a field of:%s", word,
	    buf_string(&names));
	buf_free(&names);
	return -1;
}

/* What configuration says; told[] marks the fields it speaks of. */
static int
map_told(const struct csv *c, const struct csv_field *fields, size_t count,
    const struct conf_list *columns, size_t *place, bool *told, struct err *e)
{
	for (const char *word = conf_list_next(columns, NULL); word != NULL;
	     word = conf_list_next(columns, word)) {
		const char *equals = strchr(word, '=');
		size_t field = equals == NULL
		    ? count
		    : field_named(fields, count, word, (size_t)(equals - word));
		size_t length;

		if (field == count)
			return unknown_field(fields, count, word, e);
		if (told[field])
			return err_set(e, ERR_CONFIG,
			    "columns: %s is given twice", fields[field].name);
		told[field] = true;
		length = strlen(equals + 1);
		if (strcmp(equals + 1, "-") == 0)
			continue;
		switch (find(c, equals + 1, length, &place[field])) {
		case 0:
			return complain(
			    c, e, "there is no column", equals + 1, length);
		case 1:
			break;
		default:
			return complain(
			    c, e, "there are two columns", equals + 1, length);
		}
	}
	return 0;
}

/* The first of its names, its own the last, that the header has. */
static int
map_by_custom(const struct csv *c, const struct csv_field *field, size_t *place,
    struct err *e)
{
	const char *at = field->others == NULL ? "" : field->others;

	for (;;) {
		size_t length = strcspn(at, "|");
		bool last = length == 0;
		const char *name = last ? field->name : at;
		size_t found;

		if (last)
			length = strlen(name);
		found = find(c, name, length, place);
		if (found > 1)
			return complain(
			    c, e, "there are two columns", name, length);
		if (found == 1 || last)
			return 0;
		at += length + (at[length] == '|');
	}
}

int
csv_map(const struct csv *c, const struct csv_field *fields, size_t count,
    const struct conf_list *columns, size_t *place, struct err *e)
{
	bool told[CSV_COLUMNS_MAX] = { false };
	bool taken[CSV_COLUMNS_MAX] = { false };

	if (count > CSV_COLUMNS_MAX)
		return err_set(e, ERR_LIMIT, "bug: too many fields");
	for (size_t i = 0; i < count; i++)
		place[i] = CSV_NOWHERE;
	if (columns != NULL &&
	    map_told(c, fields, count, columns, place, told, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (place[i] != CSV_NOWHERE)
			taken[place[i]] = true;
	for (size_t i = 0; i < count; i++) {
		if (!told[i] &&
		    map_by_custom(c, &fields[i], &place[i], e) == -1)
			return -1;
		/* Configuration gave that column to another field. */
		if (!told[i] && place[i] != CSV_NOWHERE && taken[place[i]])
			place[i] = CSV_NOWHERE;
		else if (place[i] != CSV_NOWHERE)
			taken[place[i]] = true;
		if (fields[i].required != 0 && place[i] == CSV_NOWHERE)
			return complain(c, e, "there is no column for",
			    fields[i].name, strlen(fields[i].name));
	}
	return 0;
}
