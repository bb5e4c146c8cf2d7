#include "review/screen.h"

#include <string.h>

#include "review/command.h"

#define GAP      2 /* columns behind a label */
#define ROOM     20
#define TEXT_MAX (256u * 1024)

/* The bytes of the character that begins there. */
static size_t
length_of(const unsigned char *p)
{
	size_t length = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return i;
	return length;
}

/* As list.c counts: from U+3000 on two. */
static int
columns_of(const unsigned char *p)
{
	return *p >= 0xe3 && *p < 0xf5 ? 2 : 1;
}

int
screen_width(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	int width = 0;

	for (; *p != '\0'; p += length_of(p))
		width += columns_of(p);
	return width;
}

/* How many bytes fit, ending behind a blank or a wide character if possible. */
static size_t
fitting(const char *text, int width)
{
	const unsigned char *start = (const unsigned char *)text, *p = start;
	size_t end = 0;
	int used = 0;

	for (; *p != '\0'; p += length_of(p)) {
		used += columns_of(p);
		if (used > width)
			break;
		if (*p == ' ' || columns_of(p) == 2)
			end = (size_t)(p - start) + length_of(p);
	}
	if (*p == '\0' || end == 0 || *p == ' ')
		return (size_t)(p - start);
	return end;
}

static void
put_wrapped(struct buf *b, const char *text, int indent, int width, int lines)
{
	for (int line = 1;; line++) {
		bool last = lines > 0 && line == lines;
		size_t n = fitting(text, width);

		if (last && text[n] != '\0')
			n = fitting(text, width - 3);
		buf_put(b, text, n);
		text += n + strspn(text + n, " ");
		if (last && *text != '\0')
			buf_put_string(b, "...");
		buf_put_byte(b, '\n');
		if (*text == '\0' || last)
			return;
		buf_printf(b, "%*s", indent, "");
	}
}

void
screen_field(struct buf *b, const char *label, int label_width,
    const char *text, int width, int lines)
{
	struct buf harmless = buf_new(TEXT_MAX);
	int pad = label_width - screen_width(label);
	int room = width - label_width - GAP;

	command_harmless(&harmless, text);
	buf_put_string(b, label);
	buf_printf(b, "%*s", (pad > 0 ? pad : 0) + GAP, "");
	put_wrapped(b, buf_string(&harmless), label_width + GAP,
	    room < ROOM ? ROOM : room, lines);
	if (harmless.failed != ERR_NONE)
		b->failed = harmless.failed;
	buf_free(&harmless);
}
