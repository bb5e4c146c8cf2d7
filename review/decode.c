#include "review/decode.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define TICKS_PER_SECOND INT64_C(10000000)
/* 1601 to 1970 (MS-DTYP 2.3.3). */
#define FILETIME_EPOCH INT64_C(11644473600)
#define DAYS_MAX       9999999

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_word(const char *text, size_t length, const char *word)
{
	size_t i = 0;

	while (i < length && word[i] != '\0' && to_lower(text[i]) == word[i])
		i++;
	return i == length && word[i] == '\0';
}

bool
decode_integer(const char *text, size_t length, int64_t *out)
{
	bool negative = length > 0 && text[0] == '-';
	size_t i = negative ? 1 : 0;
	uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t value = 0;

	if (i == length || (text[i] == '0' && length > 1))
		return false;
	for (; i < length; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

		if (!is_digit(text[i]) || value > (most - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	/* Negating in steps, since -INT64_MIN is none. */
	*out = negative ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	return true;
}

bool
decode_boolean(const char *text, size_t length, bool *out)
{
	bool yes = is_word(text, length, "true");

	if (!yes && !is_word(text, length, "false"))
		return false;
	*out = yes;
	return true;
}

bool
decode_switch(const char *text, size_t length, bool *out)
{
	if (is_word(text, length, "on"))
		*out = true;
	else if (is_word(text, length, "off"))
		*out = false;
	else
		return decode_boolean(text, length, out);
	return true;
}

bool
filetime_time(int64_t ticks, int64_t *seconds)
{
	if (ticks < 0)
		return false;
	*seconds = ticks / TICKS_PER_SECOND - FILETIME_EPOCH;
	return true;
}

bool
filetime_duration(int64_t ticks, int64_t *seconds)
{
	if (ticks > 0)
		return false;
	*seconds = ticks == INT64_MIN ? INT64_MAX : -(ticks / TICKS_PER_SECOND);
	return true;
}

/* ---- times ---- */

static bool
take_digits(const char **at, const char *end, int count, int64_t *out)
{
	int64_t value = 0;

	if (end - *at < count)
		return false;
	for (int i = 0; i < count; i++) {
		if (!is_digit((*at)[i]))
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	*out = value;
	return true;
}

/* Days since 1970 of the proleptic Gregorian calendar, from the year 1 on. */
static int64_t
days_since_1970(int64_t year, int64_t month, int64_t day)
{
	/* Years that begin in March, so that the leap day is the last. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 719468;
}

static bool
is_day(int64_t year, int64_t month, int64_t day)
{
	static const char lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1])
		return false;
	return month != 2 || day != 29 || leap;
}

/* Of a part of so many seconds: .5 of an hour is 1800. Cut to whole ones. */
static bool
take_fraction(const char **at, const char *end, int64_t part, int64_t *seconds)
{
	int64_t numerator = 0, denominator = 1;
	const char *first = *at + 1;

	if (*at == end || (**at != '.' && **at != ','))
		return true;
	for (*at = first; *at < end && is_digit(**at); (*at)++) {
		if (denominator > INT64_C(100000000000))
			continue; /* far below what a second needs */
		numerator = numerator * 10 + (**at - '0');
		denominator *= 10;
	}
	*seconds += numerator * part / denominator;
	return *at > first;
}

static bool
take_zone(const char **at, const char *end, int64_t *seconds)
{
	int64_t hours, minutes = 0;
	char sign;

	if (*at == end)
		return false;
	sign = *(*at)++;
	if (sign == 'Z')
		return true;
	if ((sign != '+' && sign != '-') || !take_digits(at, end, 2, &hours) ||
	    hours > 23)
		return false;
	if (*at < end && (!take_digits(at, end, 2, &minutes) || minutes > 59))
		return false;
	minutes += hours * 60;
	*seconds -= sign == '+' ? minutes * 60 : -minutes * 60;
	return true;
}

bool
decode_time(const char *text, size_t length, int64_t *out)
{
	const char *at = text, *end = text + length;
	int64_t year, month, day, hour, minute = 0, second = 0, value;
	int64_t part = 3600;

	if (!take_digits(&at, end, 4, &year) ||
	    !take_digits(&at, end, 2, &month) ||
	    !take_digits(&at, end, 2, &day) ||
	    !take_digits(&at, end, 2, &hour) || !is_day(year, month, day) ||
	    hour > 23)
		return false;
	if (at < end && is_digit(*at)) {
		if (!take_digits(&at, end, 2, &minute) || minute > 59)
			return false;
		part = 60;
	}
	if (part == 60 && at < end && is_digit(*at)) {
		if (!take_digits(&at, end, 2, &second) || second > 60)
			return false;
		part = 1;
	}
	value = days_since_1970(year, month, day) * DECODE_DAY + hour * 3600 +
	    minute * 60 + second;
	if (!take_fraction(&at, end, part, &value) ||
	    !take_zone(&at, end, &value) || at != end)
		return false;
	*out = value;
	return true;
}

bool
decode_locked_time(const char *text, size_t length, int64_t *out)
{
	if (is_word(text, length, "000001010000z") ||
	    is_word(text, length, "00000101000000z")) {
		*out = INT64_MAX;
		return true;
	}
	return decode_time(text, length, out);
}

bool
decode_days(const char *text, size_t length, int64_t *days)
{
	int64_t value;

	if (length == 0 || is_word(text, length, "-1")) {
		*days = INT64_MIN;
		return true;
	}
	if (!decode_integer(text, length, &value) || value < 0 ||
	    value > DAYS_MAX)
		return false;
	*days = value;
	return true;
}

/* ---- SIDs ---- */

#define SID_HEAD 8
#define SID_SUBS 15

static uint32_t
little32(const unsigned char *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
}

static unsigned
little16(const unsigned char *b)
{
	return (unsigned)b[0] | (unsigned)b[1] << 8;
}

size_t
sid_length(const void *bytes, size_t length)
{
	const unsigned char *b = bytes;
	size_t took;

	if (length < SID_HEAD || b[0] != 1 || b[1] > SID_SUBS)
		return 0;
	took = SID_HEAD + 4 * (size_t)b[1];
	return took <= length ? took : 0;
}

static void
print_sid(const unsigned char *b, char out[SID_TEXT_SIZE])
{
	uint64_t authority = 0;
	int used;

	for (int i = 0; i < 6; i++)
		authority = authority << 8 | b[2 + i];
	used = snprintf(out, SID_TEXT_SIZE,
	    authority >> 32 != 0 ? "S-1-0x%012llX" : "S-1-%llu",
	    (unsigned long long)authority);
	for (unsigned i = 0; i < b[1]; i++)
		used += snprintf(out + used, SID_TEXT_SIZE - (size_t)used,
		    "-%lu", (unsigned long)little32(b + SID_HEAD + 4 * i));
}

/* "S-1-" AUTHORITY ("-" SUB){0,15}, each in its one spelling. */
static bool
is_sid_text(const char *text, size_t length)
{
	size_t at = 4, parts = 0;

	if (length < 5 || length >= SID_TEXT_SIZE ||
	    memcmp(text, "S-1-", 4) != 0)
		return false;
	while (at < length) {
		const char *dash = memchr(text + at, '-', length - at);
		size_t end = dash == NULL ? length : (size_t)(dash - text);
		int64_t value;

		if (!decode_integer(text + at, end - at, &value) || value < 0 ||
		    value > UINT32_MAX || parts++ > SID_SUBS)
			return false;
		at = end + (dash == NULL ? 0 : 1);
		if (dash != NULL && at == length)
			return false;
	}
	return true;
}

bool
decode_sid(const void *bytes, size_t length, char out[SID_TEXT_SIZE])
{
	if (length > 0 && sid_length(bytes, length) == length) {
		print_sid(bytes, out);
		return true;
	}
	if (!is_sid_text(bytes, length))
		return false;
	memcpy(out, bytes, length);
	out[length] = '\0';
	return true;
}

bool
sid_rid(const char *sid, int64_t *rid)
{
	const char *dash = strrchr(sid, '-');

	/* "S-1-5" has an authority only. */
	if (dash == NULL || dash - sid < 4)
		return false;
	return decode_integer(dash + 1, strlen(dash + 1), rid);
}

/* MS-DTYP 2.4.2.4. Those of S-1-5-32 are groups and have entries. */
static const struct {
	const char *sid;
	const char *name;
	bool everyone;
} well_known[] = {
	{ "S-1-0-0", "Nobody", false },
	{ "S-1-1-0", "Everyone", true },
	{ "S-1-2-0", "Local", true },
	{ "S-1-2-1", "Console Logon", true },
	{ "S-1-3-0", "Creator Owner", false },
	{ "S-1-3-1", "Creator Group", false },
	{ "S-1-3-4", "Owner Rights", false },
	{ "S-1-5-1", "Dialup", true },
	{ "S-1-5-2", "Network", true },
	{ "S-1-5-3", "Batch", true },
	{ "S-1-5-4", "Interactive", true },
	{ "S-1-5-6", "Service", true },
	{ "S-1-5-7", "Anonymous", true },
	{ "S-1-5-8", "Proxy", false },
	{ "S-1-5-9", "Enterprise Domain Controllers", false },
	{ "S-1-5-10", "Self", false },
	{ "S-1-5-11", "Authenticated Users", true },
	{ "S-1-5-12", "Restricted", false },
	{ "S-1-5-13", "Terminal Server User", true },
	{ "S-1-5-14", "Remote Interactive Logon", true },
	{ "S-1-5-15", "This Organization", true },
	{ "S-1-5-17", "IUSR", false },
	{ "S-1-5-18", "Local System", false },
	{ "S-1-5-19", "Local Service", false },
	{ "S-1-5-20", "Network Service", false },
	{ "S-1-5-64-10", "NTLM Authentication", true },
	{ "S-1-5-64-14", "SChannel Authentication", true },
	{ "S-1-5-64-21", "Digest Authentication", true },
	{ "S-1-5-1000", "Other Organization", true },
};

const char *
sid_well_known(const char *sid)
{
	for (size_t i = 0; i < sizeof(well_known) / sizeof(*well_known); i++)
		if (strcmp(sid, well_known[i].sid) == 0)
			return well_known[i].name;
	return NULL;
}

bool
sid_is_everyone(const char *sid)
{
	for (size_t i = 0; i < sizeof(well_known) / sizeof(*well_known); i++)
		if (strcmp(sid, well_known[i].sid) == 0)
			return well_known[i].everyone;
	return false;
}

/* ---- GUIDs ---- */

static void
print_guid(const unsigned char *b, char out[GUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	/* Where each byte of the text stands in the binary form. */
	static const char order[] = { 3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9,
		-1, 10, 11, 12, 13, 14, 15 };
	char *at = out;

	for (size_t i = 0; i < sizeof(order); i++) {
		if (order[i] < 0) {
			*at++ = '-';
			continue;
		}
		*at++ = digits[b[(int)order[i]] >> 4];
		*at++ = digits[b[(int)order[i]] & 15];
	}
	*at = '\0';
}

/* Copies text of that pattern: 'x' is a digit, the rest stands for itself. */
static bool
take_pattern(const char *text, size_t length, const char *pattern, char *out)
{
	size_t i;

	if (length != strlen(pattern))
		return false;
	for (i = 0; i < length; i++) {
		char c = to_lower(text[i]);
		bool hex = is_digit(c) || (c >= 'a' && c <= 'f');

		if (pattern[i] == 'x' ? !hex : c != pattern[i])
			return false;
	}
	for (i = 0; i < length; i++)
		out[i] = to_lower(text[i]);
	out[i] = '\0';
	return true;
}

bool
decode_uuid(const char *text, size_t length, char out[GUID_TEXT_SIZE])
{
	return take_pattern(
	    text, length, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", out);
}

bool
decode_guid(const void *bytes, size_t length, char out[GUID_TEXT_SIZE])
{
	const char *text = bytes;

	if (length == 16) {
		print_guid(bytes, out);
		return true;
	}
	if (length == GUID_TEXT_SIZE + 1 && text[0] == '{' &&
	    text[length - 1] == '}')
		return decode_uuid(text + 1, length - 2, out);
	return decode_uuid(text, length, out);
}

bool
decode_nsuniqueid(
    const char *text, size_t length, char out[NSUNIQUEID_TEXT_SIZE])
{
	return take_pattern(
	    text, length, "xxxxxxxx-xxxxxxxx-xxxxxxxx-xxxxxxxx", out);
}

/* ---- base64 and keys ---- */

static int
base64_value(unsigned char c)
{
	/* 1 more than the value, so that what is not named is none. */
	static const unsigned char values[256] = { ['A'] = 1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		9,
		10,
		11,
		12,
		13,
		14,
		15,
		16,
		17,
		18,
		19,
		20,
		21,
		22,
		23,
		24,
		25,
		26,
		['a'] = 27,
		28,
		29,
		30,
		31,
		32,
		33,
		34,
		35,
		36,
		37,
		38,
		39,
		40,
		41,
		42,
		43,
		44,
		45,
		46,
		47,
		48,
		49,
		50,
		51,
		52,
		['0'] = 53,
		54,
		55,
		56,
		57,
		58,
		59,
		60,
		61,
		62,
		['+'] = 63,
		['/'] = 64 };

	return values[c] - 1;
}

bool
decode_base64(
    const char *text, size_t length, unsigned char *out, size_t *out_length)
{
	size_t used = length, o = 0;
	uint32_t bits = 0;

	if (length % 4 != 0)
		return false;
	while (used > 0 && length - used < 2 && text[used - 1] == '=')
		used--;
	for (size_t i = 0; i < used; i++) {
		int value = base64_value((unsigned char)text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 == 3) {
			out[o++] = (unsigned char)(bits >> 16);
			out[o++] = (unsigned char)(bits >> 8);
			out[o++] = (unsigned char)bits;
		}
	}
	/* Of the last digits, bits that are in no byte must be zero. */
	if (used % 4 == 2) {
		if ((bits & 15) != 0)
			return false;
		out[o++] = (unsigned char)(bits >> 4);
	} else if (used % 4 == 3) {
		if ((bits & 3) != 0)
			return false;
		out[o++] = (unsigned char)(bits >> 10);
		out[o++] = (unsigned char)(bits >> 2);
	}
	*out_length = o;
	return true;
}

/* The largest key we take: an RSA key of 16384 bits is some 2 KiB. */
#define KEY_BLOB_MAX 8192

static void
print_fingerprint(const void *blob, size_t length, char out[FINGERPRINT_SIZE])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
	                             "pqrstuvwxyz0123456789+/";
	unsigned char hash[SHA256_DIGEST_LENGTH + 1] = { 0 };
	char *at = out + 7;

	SHA256(blob, length, hash);
	memcpy(out, "SHA256:", 7);
	/* 256 bits in 43 digits, no padding, as ssh-keygen(1) prints it. */
	for (unsigned bit = 0; bit < 256; bit += 6) {
		unsigned two = (unsigned)hash[bit / 8] << 8 | hash[bit / 8 + 1];

		*at++ = digits[two >> (10 - bit % 8) & 63];
	}
	*at = '\0';
}

/* RFC 4253 section 6.6: the name of the kind, then what the kind wants. */
static bool
blob_names(const unsigned char *blob, size_t length, const char *kind,
    size_t kind_length)
{
	size_t named;

	if (length < 4)
		return false;
	named = (size_t)blob[0] << 24 | (size_t)blob[1] << 16 |
	    (size_t)blob[2] << 8 | blob[3];
	if (named == 0 || named >= length - 4 || named > 64)
		return false;
	return kind == NULL ||
	    (named == kind_length && memcmp(blob + 4, kind, named) == 0);
}

bool
decode_ssh_key(const char *text, size_t length, char out[FINGERPRINT_SIZE])
{
	unsigned char blob[KEY_BLOB_MAX];
	const char *blank = memchr(text, ' ', length);
	const char *key, *end;
	size_t key_length, blob_length;

	if (blob_names((const unsigned char *)text, length, NULL, 0)) {
		print_fingerprint(text, length, out);
		return true;
	}
	if (blank == NULL)
		return false;
	for (key = blank; key < text + length && *key == ' ';)
		key++;
	end = memchr(key, ' ', (size_t)(text + length - key));
	key_length = (size_t)((end == NULL ? text + length : end) - key);
	/* One newline at the end is what an editor leaves. */
	if (end == NULL && key_length > 0 && key[key_length - 1] == '\n')
		key_length--;
	if (key_length / 4 * 3 > sizeof(blob) ||
	    !decode_base64(key, key_length, blob, &blob_length) ||
	    !blob_names(blob, blob_length, text, (size_t)(blank - text)))
		return false;
	print_fingerprint(blob, blob_length, out);
	return true;
}

/* ---- security descriptors ---- */

#define DESCRIPTOR_HEAD  20
#define ACL_HEAD         8
#define ACE_HEAD         4
#define SE_DACL_PRESENT  0x4
#define SE_SELF_RELATIVE 0x8000

bool
decode_descriptor(const void *bytes, size_t length, struct descriptor *out)
{
	const unsigned char *b = bytes;
	size_t owner, dacl, size;
	unsigned control;

	memset(out, 0, sizeof(*out));
	if (length < DESCRIPTOR_HEAD || b[0] != 1)
		return false;
	control = little16(b + 2);
	owner = little32(b + 4);
	dacl = little32(b + 16);
	if ((control & SE_SELF_RELATIVE) == 0 || owner > length ||
	    dacl > length)
		return false;
	if (owner != 0) {
		size = sid_length(b + owner, length - owner);
		if (size == 0 || !decode_sid(b + owner, size, out->owner))
			return false;
	}
	out->has_dacl = (control & SE_DACL_PRESENT) != 0 && dacl != 0;
	if (!out->has_dacl)
		return true;
	if (length - dacl < ACL_HEAD)
		return false;
	size = little16(b + dacl + 2);
	if (size < ACL_HEAD || size > length - dacl)
		return false;
	out->left = little16(b + dacl + 4);
	out->next = b + dacl + ACL_HEAD;
	out->end = b + dacl + size;
	return true;
}

/* MS-DTYP 2.4.4.3: two GUIDs, each there if its flag says so. */
static bool
take_object(const unsigned char **at, const unsigned char *end, char *object)
{
	uint32_t flags;
	size_t size;

	if (end - *at < 4)
		return false;
	flags = little32(*at);
	*at += 4;
	size = 16 * ((flags & 1) + (flags >> 1 & 1));
	if ((size_t)(end - *at) < size)
		return false;
	if ((flags & 1) != 0)
		print_guid(*at, object);
	*at += size;
	return true;
}

int
descriptor_next(struct descriptor *d, struct ace *out)
{
	const unsigned char *at = d->next, *end;
	size_t size;

	memset(out, 0, sizeof(*out));
	if (d->left == 0)
		return 0;
	if (d->end - at < ACE_HEAD + 4)
		return -1;
	size = little16(at + 2);
	if (size < ACE_HEAD + 4 || size > (size_t)(d->end - at))
		return -1;
	out->type = at[0];
	out->flags = at[1];
	out->mask = little32(at + ACE_HEAD);
	end = at + size;
	d->next = end;
	d->left--;
	at += ACE_HEAD + 4;
	if ((out->type == ACE_ALLOW_OBJECT || out->type == ACE_DENY_OBJECT) &&
	    !take_object(&at, end, out->object))
		return -1;
	/* Other types (callbacks, claims) name a trustee elsewhere. */
	if (out->type != ACE_ALLOW && out->type != ACE_DENY &&
	    out->type != ACE_ALLOW_OBJECT && out->type != ACE_DENY_OBJECT)
		return 1;
	size = sid_length(at, (size_t)(end - at));
	if (size == 0 || !decode_sid(at, size, out->trustee))
		return -1;
	return 1;
}
