#include "pamod/taiwan.h"

#include <string.h>

#include "schema/base/secret.h"

#define TEXT_MAX      512u
#define LEFT_MAX      8u /* so many others are a password of their own */
#define IDENTITY_SIZE 10u

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits_at(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && is_digit(text[count]))
		count++;
	return count;
}

static int
number(const char *digits, size_t length)
{
	int value = 0;

	for (size_t i = 0; i < length; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

/* The number that a letter stands for: by age of the county, not by alphabet. */
static int
letter_number(char letter)
{
	static const char order[] = "abcdefghjklmnpqrstuvxywzio";
	const char *at = letter != '\0' ? strchr(order, letter) : NULL;

	return at != NULL ? 10 + (int)(at - order) : -1;
}

bool
taiwan_is_identity(const char *text)
{
	int letter = letter_number(text[0]);
	int second =
	    is_digit(text[1]) ? text[1] - '0' : letter_number(text[1]) % 10;
	int sum;

	if (letter == -1 ||
	    digits_at(text + 2, IDENTITY_SIZE - 2) != IDENTITY_SIZE - 2)
		return false;
	/* 1, 2: citizens; 8, 9: residents; A to D: residents until 2020 */
	if (text[1] == '\0' || strchr("1289abcd", text[1]) == NULL)
		return false;
	sum = letter / 10 + letter % 10 * 9 + second * 8;
	for (int i = 2; i < 9; i++)
		sum += (text[i] - '0') * (9 - i);
	return (sum + text[9] - '0') % 10 == 0;
}

static bool
is_day(int month, int day)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static bool
is_common_year(int year)
{
	return year >= 1900 && year < 2100;
}

/*
 * The shapes, each with the most characters that it takes from a text of that
 * length: 0 if it does not begin so.
 */
static size_t
identity_at(const char *text, size_t length)
{
	return length >= IDENTITY_SIZE && taiwan_is_identity(text)
	    ? IDENTITY_SIZE
	    : 0;
}

/* 09 and 8 more; an area (02 to 08) and 7 or 8 more; both from abroad. */
static size_t
telephone_at(const char *text, size_t length)
{
	static const char abroad[] = "886";
	size_t plus = length > 0 && text[0] == '+';
	size_t digits = digits_at(text + plus, length - plus);

	if (digits >= 11 && strncmp(text + plus, abroad, 3) == 0 &&
	    text[plus + 3] != '0' && text[plus + 3] != '1')
		return plus + (digits >= 12 ? 12 : 11);
	if (plus > 0 || digits < 9 || text[0] != '0' || text[1] < '2')
		return 0;
	return text[1] == '9' && digits < 10 ? 0 : digits >= 10 ? 10 : 9;
}

static size_t
common_date_at(const char *text, size_t length)
{
	int first;
	int second;

	if (digits_at(text, length) < 8)
		return 0;
	if (is_common_year(number(text, 4)) &&
	    is_day(number(text + 4, 2), number(text + 6, 2)))
		return 8;
	first = number(text, 2);
	second = number(text + 2, 2);
	return is_common_year(number(text + 4, 4)) &&
	        (is_day(first, second) || is_day(second, first))
	    ? 8
	    : 0;
}

/* 1130501 and 750312: the year from 1912 on, month, day. */
static size_t
roc_date_at(const char *text, size_t length)
{
	size_t digits = digits_at(text, length);

	if (digits >= 7 && number(text, 3) >= 1 && number(text, 3) <= 130 &&
	    is_day(number(text + 3, 2), number(text + 5, 2)))
		return 7;
	return digits >= 6 && is_day(number(text + 2, 2), number(text + 4, 2))
	    ? 6
	    : 0;
}

static size_t
one_of_at(const char *text, size_t length, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (strlen(*texts) <= length &&
		    memcmp(text, *texts, strlen(*texts)) == 0)
			return strlen(*texts);
	return 0;
}

/* "Republic" before a year, and what is counted behind numbers. */
static size_t
minguo_at(const char *text, size_t length)
{
	static const char *const republic[] = { "\u6c11\u570b", "\u6c11\u56fd",
		"minguo", NULL };
	static const char *const counted[] = { "\u5e74", "\u6708", "\u65e5",
		"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
	size_t at = one_of_at(text, length, republic);
	size_t more = at;

	while (more > 0) {
		more = one_of_at(text + at, length - at, counted);
		at += more;
	}
	return at;
}

typedef size_t shape(const char *, size_t);
static shape *const shapes[] = { identity_at, telephone_at, common_date_at,
	roc_date_at, minguo_at };

static size_t
longest_at(const char *text, size_t length)
{
	size_t longest = 0;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		size_t taken = shapes[i](text, length);

		if (taken > longest)
			longest = taken;
	}
	return longest;
}

bool
taiwan_is_number(const char *text, size_t length)
{
	char joined[TEXT_MAX + 1];
	size_t joined_length = 0;
	size_t taken = 0;

	if (length > TEXT_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] != '\0' && strchr("-/. ", text[i]) == NULL)
			joined[joined_length++] = text[i];
	joined[joined_length] = '\0';
	for (size_t at = 0; at < joined_length;) {
		size_t next = longest_at(joined + at, joined_length - at);

		taken += next;
		at += next > 0 ? next : 1;
	}
	secret_wipe(joined, sizeof(joined));
	return taken > 0 && joined_length - taken < LEFT_MAX;
}
