#include "review/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define RAW_SIZE  (64u * 1024)
#define TEXT_SIZE (4u * RAW_SIZE) /* no charset's text grows more in UTF-8 */

struct csv {
	const char *name;
	int fd;                    /* -1: bytes */
	const unsigned char *more; /* bytes not yet taken */
	size_t more_length;
	EVP_MD_CTX *digest;

	iconv_t converter; /* (iconv_t)-1: it is UTF-8 already */
	const char *encoding;
	unsigned char raw[RAW_SIZE];
	size_t raw_length;
	bool ended;    /* of the input */
	bool unlikely; /* behind the text come bytes of no such encoding */

	unsigned char text[TEXT_SIZE];
	size_t text_at;
	size_t text_length;

	unsigned char delimiter;
	int64_t line;     /* of the next byte */
	int64_t row_line; /* where the row began */

	/* The row's cells, each closed with a NUL, and where each begins. */
	char *row;
	size_t row_length;
	size_t cell_at[CSV_COLUMNS_MAX + 1];
	size_t cells;
	const char *trouble; /* why this row is refused; NULL: it is not */

	char *header; /* as row */
	size_t header_at[CSV_COLUMNS_MAX + 1];
	size_t columns;
};

/* ---- Bytes in, UTF-8 out ---- */

/* As many as there is room for; fewer only at the end. */
static int
take(struct csv *c, unsigned char *out, size_t room, size_t *got, struct err *e)
{
	*got = 0;
	if (c->fd == -1) {
		*got = c->more_length < room ? c->more_length : room;
		if (*got > 0)
			memcpy(out, c->more, *got);
		c->more += *got;
		c->more_length -= *got;
	}
	while (c->fd != -1 && *got < room) {
		ssize_t n = read(c->fd, out + *got, room - *got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, errno, "%s", c->name);
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	if (EVP_DigestUpdate(c->digest, out, *got) != 1)
		return err_set(e, ERR_CRYPTO, "%s: SHA-256", c->name);
	if (*got == 0)
		c->ended = true;
	return 0;
}

/* What is in raw becomes text; what is no character stays in raw. */
static void
convert(struct csv *c)
{
	char *in = (char *)c->raw;
	char *out = (char *)c->text;
	size_t in_left = c->raw_length;
	size_t out_left = TEXT_SIZE;
	size_t result = iconv(c->converter, &in, &in_left, &out, &out_left);

	/* No character, or one that is not what is written but alike. */
	if (result == (size_t)-1 ? errno != EINVAL && errno != E2BIG
	                         : result > 0)
		c->unlikely = true;
	c->text_length = TEXT_SIZE - out_left;
	memmove(c->raw, in, in_left);
	c->raw_length = in_left;
}

/* 1: there is text; 0: the end; -1: failed. */
static int
refill(struct csv *c, struct err *e)
{
	size_t got = 0;

	c->text_at = c->text_length = 0;
	while (c->text_length == 0 && !c->unlikely) {
		if (c->ended) {
			c->unlikely = c->raw_length > 0;
			break;
		}
		if (c->converter == (iconv_t)-1) {
			if (take(c, c->text, TEXT_SIZE, &c->text_length, e) ==
			    -1)
				return -1;
			continue;
		}
		if (take(c, c->raw + c->raw_length, RAW_SIZE - c->raw_length,
		        &got, e) == -1)
			return -1;
		c->raw_length += got;
		convert(c);
	}
	if (c->text_length > 0)
		return 1;
	if (c->unlikely)
		return err_set(e, ERR_FORMAT,
		    "%s: line %lld: bytes that are not %s", c->name,
		    (long long)c->line, c->encoding);
	return 0;
}

/* The next byte, -1 at the end, -2 if reading failed. */
static int
next_byte(struct csv *c, struct err *e)
{
	int more;

	if (c->text_at < c->text_length)
		return c->text[c->text_at++];
	if ((more = refill(c, e)) != 1)
		return more == 0 ? -1 : -2;
	return c->text[c->text_at++];
}

/* ---- Rows ---- */

static void
refuse(struct csv *c, const char *why)
{
	if (c->trouble == NULL)
		c->trouble = why;
}

static void
put(struct csv *c, int byte)
{
	size_t cell = c->row_length - c->cell_at[c->cells];

	if (byte == '\0')
		refuse(c, "a NUL byte");
	if (cell == CSV_CELL_MAX)
		refuse(c, "a cell of more than 64 KiB");
	/* The row's end is checked by who calls. */
	c->row[c->row_length++] = (char)byte;
}

static void
close_cell(struct csv *c)
{
	size_t at = c->cell_at[c->cells];

	if (c->converter == (iconv_t)-1 &&
	    !enc_is_utf8(c->row + at, c->row_length - at))
		refuse(c, "bytes that are not UTF-8");
	c->row[c->row_length++] = '\0';
	if (c->cells == CSV_COLUMNS_MAX)
		refuse(c, "more than 512 cells");
	else
		c->cells++;
	c->cell_at[c->cells] = c->row_length;
}

enum state { FRESH, PLAIN, QUOTED, QUOTE_SEEN };

/* One step; true at the row's end. */
static bool
step(struct csv *c, enum state *state, int byte)
{
	if (*state == QUOTED) {
		if (byte == '"')
			*state = QUOTE_SEEN;
		else
			put(c, byte);
		return false;
	}
	if (byte == c->delimiter || byte == '\n') {
		if (*state == PLAIN && byte == '\n' &&
		    c->row_length > c->cell_at[c->cells] &&
		    c->row[c->row_length - 1] == '\r')
			c->row_length--;
		close_cell(c);
		*state = FRESH;
		return byte == '\n';
	}
	switch (*state) {
	case FRESH:
		*state = byte == '"' ? QUOTED : PLAIN;
		if (byte != '"')
			put(c, byte);
		break;
	case PLAIN:
		if (byte == '"')
			refuse(c, "a quote inside a cell that is not quoted");
		if (c->row_length > c->cell_at[c->cells] &&
		    c->row[c->row_length - 1] == '\r')
			refuse(c, "a carriage return within a row");
		put(c, byte);
		break;
	case QUOTE_SEEN:
		*state = byte == '"' ? QUOTED : QUOTE_SEEN;
		if (byte == '"')
			put(c, byte);
		else if (byte != '\r')
			refuse(c, "text behind a closing quote");
		break;
	case QUOTED:
		break;
	}
	return false;
}

static bool
is_blank_row(const struct csv *c)
{
	for (size_t i = 0; i < c->row_length; i++)
		if (c->row[i] != '\0' && c->row[i] != ' ')
			return false;
	return c->trouble == NULL;
}

/* Any row as it comes: CSV_GOOD, CSV_END or CSV_FAILED. */
static enum csv_row
read_row(struct csv *c, struct err *e)
{
	enum state state = FRESH;
	bool any = false;
	int byte;

	c->row_length = c->cells = 0;
	c->cell_at[0] = 0;
	c->trouble = NULL;
	c->row_line = c->line;
	while ((byte = next_byte(c, e)) >= 0) {
		any = true;
		if (byte == '\n')
			c->line++;
		if (step(c, &state, byte))
			return CSV_GOOD;
		if (c->row_length >= CSV_ROW_MAX) {
			err_set(e, ERR_LIMIT,
			    "%s: line %lld: a row of more than 1 MiB; is a "
			    "quote not closed?",
			    c->name, (long long)c->row_line);
			return CSV_FAILED;
		}
	}
	if (byte == -2)
		return CSV_FAILED;
	if (!any)
		return CSV_END;
	if (state == QUOTED)
		refuse(c, "a quote that is not closed");
	close_cell(c);
	return CSV_GOOD;
}

static enum csv_row
refused(const struct csv *c, struct err *e)
{
	err_set(e, ERR_FORMAT, "%s: line %lld: %s", c->name,
	    (long long)c->row_line, c->trouble);
	return CSV_BAD;
}

enum csv_row
csv_next(struct csv *c, struct err *e)
{
	enum csv_row got;

	do
		if ((got = read_row(c, e)) != CSV_GOOD)
			return got;
	while (is_blank_row(c));
	if (c->trouble != NULL)
		return refused(c, e);
	if (c->cells != c->columns) {
		err_set(e, ERR_FORMAT,
		    "%s: line %lld: %zu cells, where the header has %zu",
		    c->name, (long long)c->row_line, c->cells, c->columns);
		return CSV_BAD;
	}
	return CSV_GOOD;
}

int64_t
csv_line(const struct csv *c)
{
	return c->row_line;
}

/* ---- Cells ---- */

#define IDEOGRAPHIC_SPACE "\xe3\x80\x80"

static size_t
blank_at(const char *text)
{
	if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
		return 1;
	return strncmp(text, IDEOGRAPHIC_SPACE, 3) == 0 ? 3 : 0;
}

/* Cuts the blanks at both ends, within the text. */
static const char *
trimmed(char *text)
{
	char *end;
	size_t n;

	while ((n = blank_at(text)) > 0)
		text += n;
	for (end = text + strlen(text); end > text; *end = '\0')
		if (blank_at(end - 1) == 1)
			end--;
		else if (end - text >= 3 && blank_at(end - 3) == 3)
			end -= 3;
		else
			break;
	return text;
}

const char *
csv_cell(const struct csv *c, size_t column)
{
	return column < c->cells ? trimmed(c->row + c->cell_at[column]) : "";
}

const char *
csv_column(const struct csv *c, size_t column)
{
	return column < c->columns ? trimmed(c->header + c->header_at[column])
	                           : "";
}

size_t
csv_columns(const struct csv *c)
{
	return c->columns;
}

const char *
csv_at(const struct csv *c, size_t place)
{
	return place == CSV_NOWHERE ? "" : csv_cell(c, place);
}

int
csv_digest(struct csv *c, unsigned char out[32], struct err *e)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	bool good = copy != NULL && EVP_MD_CTX_copy_ex(copy, c->digest) == 1 &&
	    EVP_DigestFinal_ex(copy, out, NULL) == 1;

	EVP_MD_CTX_free(copy);
	return good ? 0 : err_set(e, ERR_CRYPTO, "SHA-256");
}

/* ---- Opening ---- */

static const struct {
	const char *word;
	unsigned char byte;
} delimiters[] = {
	{ "tab", '\t' },
	{ "\\t", '\t' },
	{ "comma", ',' },
	{ "semicolon", ';' },
	{ "pipe", '|' },
};

static int
set_delimiter(struct csv *c, const char *text, struct err *e)
{
	unsigned char first = (unsigned char)text[0];

	for (size_t i = 0; i < sizeof(delimiters) / sizeof(*delimiters); i++)
		if (strcasecmp(text, delimiters[i].word) == 0) {
			c->delimiter = delimiters[i].byte;
			return 0;
		}
	if (first == '\0' || text[1] != '\0' || first >= 0x80 ||
	    strchr("\"\r\n ", first) != NULL)
		return err_set(e, ERR_CONFIG,
		    "delimiter \"%s\": one character, or tab, comma, "
		    "semicolon, pipe",
		    text);
	c->delimiter = first;
	return 0;
}

static int
set_encoding(struct csv *c, const char *text, struct err *e)
{
	c->converter = (iconv_t)-1;
	c->encoding = text;
	if (strcasecmp(text, "UTF-8") == 0 || strcasecmp(text, "UTF8") == 0)
		return 0;
	/* "//IGNORE" and "//TRANSLIT" would drop and guess. */
	if (text[0] != '\0' && strchr(text, '/') == NULL)
		c->converter = iconv_open("UTF-8", text);
	if (c->converter == (iconv_t)-1)
		return err_set(
		    e, ERR_CONFIG, "encoding \"%s\" is not known", text);
	return 0;
}

static int
read_header(struct csv *c, struct err *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	enum csv_row got;

	if (refill(c, e) == -1)
		return -1;
	if (c->text_length >= 3 && memcmp(c->text, mark, 3) == 0)
		c->text_at = 3;
	do
		if ((got = read_row(c, e)) == CSV_FAILED)
			return -1;
	while (got == CSV_GOOD && is_blank_row(c));
	if (got == CSV_END)
		return err_set(
		    e, ERR_FORMAT, "%s: no header: the file is empty", c->name);
	if (c->trouble != NULL) {
		(void)refused(c, e);
		return -1;
	}
	if ((c->header = malloc(c->row_length)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	memcpy(c->header, c->row, c->row_length);
	memcpy(c->header_at, c->cell_at, sizeof(c->header_at));
	c->columns = c->cells;
	return 0;
}

static struct csv *
csv_new(const char *name, const struct csv_form *form, struct err *e)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	c->name = name;
	c->fd = -1;
	c->line = 1;
	c->converter = (iconv_t)-1;
	/* A last byte and each cell's NUL fit, whatever comes. */
	if ((c->row = malloc(CSV_ROW_MAX + CSV_COLUMNS_MAX + 4)) == NULL ||
	    (c->digest = EVP_MD_CTX_new()) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (EVP_DigestInit_ex(c->digest, EVP_sha256(), NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256");
		goto out;
	}
	if (set_delimiter(c, form->delimiter, e) == 0 &&
	    set_encoding(c, form->encoding, e) == 0)
		return c;
out:
	csv_free(&c);
	return NULL;
}

int
csv_open_bytes(struct csv **out, const void *bytes, size_t length,
    const char *name, const struct csv_form *form, struct err *e)
{
	struct csv *c = csv_new(name, form, e);

	*out = NULL;
	if (c == NULL)
		return -1;
	c->more = bytes;
	c->more_length = length;
	if (read_header(c, e) == -1) {
		csv_free(&c);
		return -1;
	}
	*out = c;
	return 0;
}

int
csv_open(struct csv **out, const char *path, const struct csv_form *form,
    struct err *e)
{
	struct csv *c = csv_new(path, form, e);
	struct stat st;

	*out = NULL;
	if (c == NULL)
		return -1;
	if ((c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1 ||
	    fstat(c->fd, &st) == -1)
		err_sys(e, errno, "%s", path);
	else if (S_ISDIR(st.st_mode))
		err_set(e, ERR_ACCESS, "%s: is a directory", path);
	else if (read_header(c, e) == 0) {
		*out = c;
		return 0;
	}
	csv_free(&c);
	return -1;
}

void
csv_free(struct csv **c)
{
	if (*c == NULL)
		return;
	file_close(&(*c)->fd);
	if ((*c)->converter != (iconv_t)-1)
		(void)iconv_close((*c)->converter);
	EVP_MD_CTX_free((*c)->digest);
	free((*c)->row);
	free((*c)->header);
	free(*c);
	*c = NULL;
}
