#include "pamod/keyboard.h"

#include <string.h>

#define TEXT_MAX   512u
#define WALK_MIN   4u /* keys: a random triple is a walk too often */
#define SHARE_OF   100u
#define SHARE_WALK 72u /* of a hundred characters */
#define LEFT_MAX   10u /* so many others are a password of their own */

/*
 * The rows, plain and shifted. A row starts so many quarters of a key to the
 * right of the first.
 */
static const struct row {
	const char *plain;
	const char *shifted;
	int start;
} rows[] = {
	{ "`1234567890-=", "~!@#$%^&*()_+", 0 },
	{ "qwertyuiop[]\\", "QWERTYUIOP{}|", 6 },
	{ "asdfghjkl;'", "ASDFGHJKL:\"", 7 },
	{ "zxcvbnm,./", "ZXCVBNM<>?", 9 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct place {
	int row;
	int quarters; /* of a key, from the left */
};

static bool
find_key(char c, struct place *place)
{
	for (size_t r = 0; r < ROWS && c != '\0'; r++) {
		const char *plain = strchr(rows[r].plain, c);
		const char *shifted = strchr(rows[r].shifted, c);
		const char *from =
		    plain != NULL ? rows[r].plain : rows[r].shifted;
		const char *at = plain != NULL ? plain : shifted;

		if (at == NULL)
			continue;
		place->row = (int)r;
		place->quarters = rows[r].start + 4 * (int)(at - from);
		return true;
	}
	return false;
}

static int
distance(int a, int b)
{
	return a < b ? b - a : a - b;
}

bool
keyboard_touches(char a, char b)
{
	struct place at;
	struct place to;

	if (!find_key(a, &at) || !find_key(b, &to))
		return false;
	if (at.row == to.row)
		return distance(at.quarters, to.quarters) <= 4;
	return distance(at.row, to.row) == 1 &&
	    distance(at.quarters, to.quarters) <= 3;
}

static bool
is_next_up(char a, char b)
{
	return b == a + 1;
}

static bool
is_next_down(char a, char b)
{
	return b == a - 1;
}

typedef bool step(char, char);

/* Marks the walks made of such steps, each from a character to the stride-th
 * behind it. */
static void
mark_walks(
    const char *text, size_t length, size_t stride, step *is_step, bool *walked)
{
	for (size_t first = 0; first < stride; first++) {
		size_t keys = 1;

		for (size_t i = first; i < length; i += stride, keys++) {
			if (i + stride < length &&
			    is_step(text[i], text[i + stride]))
				continue;
			for (size_t k = 0; keys >= WALK_MIN && k < keys; k++)
				walked[i - k * stride] = true;
			keys = 0;
		}
	}
}

size_t
keyboard_walked(const char *text, size_t length)
{
	bool walked[TEXT_MAX] = { false };
	size_t count = 0;

	if (length > TEXT_MAX)
		length = TEXT_MAX;
	mark_walks(text, length, 1, keyboard_touches, walked);
	mark_walks(text, length, 2, keyboard_touches, walked);
	mark_walks(text, length, 1, is_next_up, walked);
	mark_walks(text, length, 1, is_next_down, walked);
	for (size_t i = 0; i < length; i++)
		count += walked[i];
	return count;
}

bool
keyboard_is_walk(const char *text, size_t length)
{
	size_t walked = keyboard_walked(text, length);

	if (length > TEXT_MAX)
		length = TEXT_MAX;
	return walked * SHARE_OF >= length * SHARE_WALK &&
	    length - walked < LEFT_MAX && walked > 0;
}
