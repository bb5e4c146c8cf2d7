#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/decode.h"
#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A decoder into a number, its text, and what comes out (or REFUSED). */
#define REFUSED INT64_C(-987654321987654321)

struct number_row {
	const char *text;
	int64_t value;
};

static void
check_numbers(bool (*decode)(const char *, size_t, int64_t *),
    const struct number_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(rows[i].text);
		char *exact = malloc(length + 1); /* for sanitizers: no more */
		int64_t value = REFUSED;
		bool took;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, rows[i].text, length);
		took = decode(exact, length, &value);
		free(exact);
		ck_assert_msg(took == (rows[i].value != REFUSED),
		    "\"%s\": taken: %d", rows[i].text, took);
		ck_assert_msg(value == rows[i].value,
		    "\"%s\": %" PRId64 ", not %" PRId64, rows[i].text, value,
		    rows[i].value);
	}
}

START_TEST(an_integer_has_one_spelling)
{
	static const struct number_row rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "-1", -1 },
		{ "66048", 66048 },
		{ "-2147483646", -2147483646 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "9223372036854775808", REFUSED },
		{ "-9223372036854775809", REFUSED },
		{ "18446744073709551616", REFUSED },
		{ "99999999999999999999999999", REFUSED },
		{ "", REFUSED },
		{ "-", REFUSED },
		{ "-0", REFUSED },
		{ "00", REFUSED },
		{ "01", REFUSED },
		{ "+1", REFUSED },
		{ " 1", REFUSED },
		{ "1 ", REFUSED },
		{ "1x", REFUSED },
		{ "0x1", REFUSED },
	};

	check_numbers(decode_integer, rows, COUNT(rows));
}
END_TEST

START_TEST(a_generalized_time_is_read_in_all_its_forms)
{
	static const struct number_row rows[] = {
		{ "19700101000000Z", 0 },
		{ "20261124144458Z", 1795531498 },
		{ "20261124144458.123456Z", 1795531498 },
		{ "20261124144458,9Z", 1795531498 },
		{ "20261124144458.0Z", 1795531498 },
		{ "202611241444Z", 1795531440 },
		{ "2026112414Z", 1795528800 },
		{ "2026112414.5Z", 1795530600 },
		{ "2026112414,25Z", 1795529700 },
		{ "202611241444.5Z", 1795531470 },
		{ "20261124224458+0800", 1795531498 },
		{ "20261124224458+08", 1795531498 },
		{ "20261124091458-0530", 1795531498 },
		{ "20261124144458.999999999999999999999999Z", 1795531498 },
		{ "20380119031407Z", INT32_MAX },
		{ "20000229120000Z", 951825600 },
		{ "19691231235959Z", -1 },
		{ "16010101000000Z", -11644473600 },
		{ "00010101000000Z", -62135596800 },
		{ "99991231235959Z", 253402300799 },
		{ "20161231235960Z", 1483228800 },
		{ "000001010000Z", REFUSED }, /* year 0: see below */
		{ "20261124144461Z", REFUSED },
		{ "20261124146058Z", REFUSED },
		{ "20261124244458Z", REFUSED },
		{ "20261324144458Z", REFUSED },
		{ "20260024144458Z", REFUSED },
		{ "20260230144458Z", REFUSED },
		{ "20250229120000Z", REFUSED },
		{ "19000229120000Z", REFUSED },
		{ "20261100144458Z", REFUSED },
		{ "20261124144458", REFUSED },
		{ "20261124144458z", REFUSED },
		{ "20261124144458.Z", REFUSED },
		{ "20261124144458.1", REFUSED },
		{ "20261124144458ZZ", REFUSED },
		{ "20261124144458+8", REFUSED },
		{ "20261124144458+080", REFUSED },
		{ "20261124144458+2400", REFUSED },
		{ "20261124144458+0860", REFUSED },
		{ "2026112414445Z", REFUSED },
		{ "202611241Z", REFUSED },
		{ "20261124Z", REFUSED },
		{ "2026-11-24T14:44:58Z", REFUSED },
		{ " 20261124144458Z", REFUSED },
		{ "", REFUSED },
		{ "Z", REFUSED },
	};

	check_numbers(decode_time, rows, COUNT(rows));
}
END_TEST

START_TEST(the_first_minute_of_year_0_locks_for_ever)
{
	static const struct number_row rows[] = {
		{ "000001010000Z", INT64_MAX },
		{ "00000101000000Z", INT64_MAX },
		{ "20261124144458Z", 1795531498 },
		{ "202611241444Z", 1795531440 },
		{ "000001010001Z", REFUSED },
		{ "000001010000", REFUSED },
		{ "0000010100Z", REFUSED },
	};

	check_numbers(decode_locked_time, rows, COUNT(rows));
}
END_TEST

START_TEST(shadow_days_may_be_unset)
{
	static const struct number_row rows[] = {
		{ "", INT64_MIN },
		{ "-1", INT64_MIN },
		{ "0", 0 },
		{ "20781", 20781 },
		{ "99999", 99999 },
		{ "9999999", 9999999 },
		{ "10000000", REFUSED },
		{ "-2", REFUSED },
		{ "1.5", REFUSED },
	};

	check_numbers(decode_days, rows, COUNT(rows));
}
END_TEST

START_TEST(a_filetime_is_a_time_or_a_duration)
{
	static const struct {
		int64_t ticks, time, duration;
	} rows[] = {
		{ 0, -11644473600, 0 },
		{ 116444736000000000, 0, REFUSED },
		{ 116444735999999999, -1, REFUSED },
		{ 134400050984818910, 1795531498, REFUSED },
		{ INT64_MAX, 910692730085, REFUSED },
		{ -36288000000000, REFUSED, 3628800 },
		{ -864000000000, REFUSED, 86400 },
		{ -18000000000, REFUSED, 1800 },
		{ -1, REFUSED, 0 },
		{ INT64_MIN, REFUSED, INT64_MAX },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t time = REFUSED, duration = REFUSED;

		filetime_time(rows[i].ticks, &time);
		filetime_duration(rows[i].ticks, &duration);
		/* 1 tick before 1970 is cut towards 1601, as all are. */
		ck_assert_int_eq(time, rows[i].time);
		ck_assert_int_eq(duration, rows[i].duration);
	}
}
END_TEST

START_TEST(a_boolean_may_be_in_either_case)
{
	static const struct {
		const char *text;
		int boolean, on_off; /* -1: refused */
	} rows[] = {
		{ "TRUE", 1, 1 },
		{ "true", 1, 1 },
		{ "FALSE", 0, 0 },
		{ "False", 0, 0 },
		{ "on", -1, 1 },
		{ "OFF", -1, 0 },
		{ "", -1, -1 },
		{ "TRUE ", -1, -1 },
		{ "TRU", -1, -1 },
		{ "1", -1, -1 },
		{ "yes", -1, -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = strlen(rows[i].text);
		bool value;

		ck_assert_int_eq(
		    decode_boolean(rows[i].text, length, &value) ? value : -1,
		    rows[i].boolean);
		ck_assert_int_eq(
		    decode_switch(rows[i].text, length, &value) ? value : -1,
		    rows[i].on_off);
	}
}
END_TEST

START_TEST(a_sid_is_read_from_bytes_and_text)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *text; /* NULL: refused */
		int64_t rid;      /* REFUSED: none */
	} rows[] = {
		{ "\1\5\0\0\0\0\0\5\25\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\x50\4\0\0",
		    28, "S-1-5-21-1-2-3-1104", 1104 },
		{ "\1\2\0\0\0\0\0\5\40\0\0\0\40\2\0\0", 16, "S-1-5-32-544",
		    544 },
		{ "\1\1\0\0\0\0\0\5\13\0\0\0", 12, "S-1-5-11", 11 },
		{ "\1\1\0\0\0\0\0\1\0\0\0\0", 12, "S-1-1-0", 0 },
		{ "\1\0\0\0\0\0\0\5", 8, "S-1-5", REFUSED },
		{ "\1\1\0\0\0\0\0\5\xff\xff\xff\xff", 12, "S-1-5-4294967295",
		    4294967295 },
		{ "\1\1\x12\x34\x56\x78\x9a\xbc\1\0\0\0", 12,
		    "S-1-0x123456789ABC-1", 1 },
		{ "\1\1\0\0\0\0\0\5\13\0\0", 11, NULL, 0 },
		{ "\1\1\0\0\0\0\0\5\13\0\0\0\0", 13, NULL, 0 },
		{ "\2\1\0\0\0\0\0\5\13\0\0\0", 12, NULL, 0 },
		{ "\1\20\0\0\0\0\0\5", 8, NULL, 0 },
		{ "\1", 1, NULL, 0 },
		{ "", 0, NULL, 0 },
		{ "S-1-5-21-1-2-3-1104", 19, "S-1-5-21-1-2-3-1104", 1104 },
		{ "S-1-5-11", 8, "S-1-5-11", 11 },
		{ "S-1-", 4, NULL, 0 },
		{ "S-1-5-", 6, NULL, 0 },
		{ "S-1--5", 6, NULL, 0 },
		{ "S-1-5-01", 8, NULL, 0 },
		{ "S-1-5-4294967296", 16, NULL, 0 },
		{ "S-2-5-11", 8, NULL, 0 },
		{ "S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", 37, NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[SID_TEXT_SIZE] = "untouched";
		int64_t rid = REFUSED;

		if (rows[i].text == NULL) {
			ck_assert(
			    !decode_sid(rows[i].bytes, rows[i].length, text));
			ck_assert_str_eq(text, "untouched");
			continue;
		}
		ck_assert_msg(decode_sid(rows[i].bytes, rows[i].length, text),
		    "%s", rows[i].text);
		ck_assert_str_eq(text, rows[i].text);
		sid_rid(text, &rid);
		ck_assert_int_eq(rid, rows[i].rid);
	}
	ck_assert(sid_is_everyone("S-1-5-11"));
	ck_assert(sid_is_everyone("S-1-1-0"));
	ck_assert(!sid_is_everyone("S-1-5-9"));
	ck_assert_str_eq(sid_well_known("S-1-5-18"), "Local System");
	ck_assert_ptr_null(sid_well_known("S-1-5-21-1-2-3-1104"));
}
END_TEST

START_TEST(the_longest_sid_fits)
{
	unsigned char bytes[68];
	char text[SID_TEXT_SIZE];

	memset(bytes, 0xff, sizeof(bytes));
	bytes[0] = 1;
	bytes[1] = 15;
	ck_assert(decode_sid(bytes, sizeof(bytes), text));
	ck_assert_uint_eq(strlen(text), 18 + 15 * 11);
}
END_TEST

START_TEST(a_guid_has_its_first_fields_turned)
{
	static const char bytes[] = "\x04\x03\x02\x01\x06\x05\x08\x07"
	                            "\x09\x0a\x0b\x0c\x0d\x0e\x0f\xA0";
	static const char *const texts[] = {
		"01020304-0506-0708-090a-0b0c0d0e0fA0",
		"{01020304-0506-0708-090A-0b0c0d0e0fa0}",
	};
	char text[GUID_TEXT_SIZE] = "untouched";

	ck_assert(!decode_guid(bytes, 15, text));
	ck_assert(!decode_guid("", 0, text));
	ck_assert(!decode_guid(texts[0], 35, text));
	ck_assert(
	    !decode_uuid("0102030405060708090a-0b0c0d0e0fa000", 35, text));
	ck_assert(
	    !decode_uuid("01020304-0506-0708-090a-0b0c0d0e0fg0", 36, text));
	ck_assert(!decode_uuid(bytes, 16, text));
	ck_assert_str_eq(text, "untouched");
	ck_assert(decode_guid(bytes, 16, text));
	ck_assert_str_eq(text, "01020304-0506-0708-090a-0b0c0d0e0fa0");
	for (size_t i = 0; i < COUNT(texts); i++) {
		memset(text, 0, sizeof(text));
		ck_assert(decode_guid(texts[i], strlen(texts[i]), text));
		ck_assert_str_eq(text, "01020304-0506-0708-090a-0b0c0d0e0fa0");
	}
	ck_assert(
	    decode_nsuniqueid("E8D8F001-7c3411ef-9d12a0d3-4b5c6d7e", 35, text));
	ck_assert_str_eq(text, "e8d8f001-7c3411ef-9d12a0d3-4b5c6d7e");
	ck_assert(!decode_nsuniqueid(texts[0], 36, text));
}
END_TEST

START_TEST(base64_is_strict)
{
	static const struct {
		const char *text, *value; /* NULL: refused */
	} rows[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "+/+/", "\xfb\xff\xbf" },
		{ "Zg=", NULL },
		{ "Zg", NULL },
		{ "Zh==", NULL }, /* spare bits */
		{ "Zm9=", NULL },
		{ "====", NULL },
		{ "Z===", NULL },
		{ "Zg==Zg==", NULL },
		{ "Zm9v\n", NULL },
		{ "Zm 9v", NULL },
		{ "-_-_", NULL },
	};
	unsigned char out[64];
	size_t length;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool took = decode_base64(
		    rows[i].text, strlen(rows[i].text), out, &length);

		ck_assert_msg(
		    took == (rows[i].value != NULL), "\"%s\"", rows[i].text);
		if (took) {
			ck_assert_uint_eq(length, strlen(rows[i].value));
			ck_assert_mem_eq(out, rows[i].value, length);
		}
	}
}
END_TEST

/* The key and its fingerprint are what ssh-keygen(1) said. */
#define KEY_DIGITS                                                             \
	"AAAAC3NzaC1lZDI1NTE5AAAAIJ915C3au6Fbc3sx"                             \
	"jLz3rrHntHbTHHF1CycrDFlqKkLD"
#define KEY_LINE        "ssh-ed25519 " KEY_DIGITS " wang@ws1"
#define KEY_FINGERPRINT "SHA256:iPwN7WRrLkXnvOl6DmPaL4uueby8quWbhw67O6EV5ts"

START_TEST(an_ssh_key_has_the_fingerprint_that_sshd_logs)
{
	static const char line[] = KEY_LINE;
	unsigned char blob[512];
	char out[FINGERPRINT_SIZE];
	const char *text = strchr(line, ' ') + 1;
	size_t digits = strcspn(text, " "), length;

	ck_assert(decode_ssh_key(line, strlen(line), out));
	ck_assert_str_eq(out, KEY_FINGERPRINT);
	ck_assert(decode_ssh_key(line, (size_t)(text - line) + digits, out));
	ck_assert_str_eq(out, KEY_FINGERPRINT);
	ck_assert(decode_base64(text, digits, blob, &length));
	memset(out, 0, sizeof(out));
	ck_assert(decode_ssh_key((const char *)blob, length, out));
	ck_assert_str_eq(out, KEY_FINGERPRINT);
}
END_TEST

START_TEST(what_is_no_ssh_key_has_no_fingerprint)
{
	static const char *const rows[] = {
		"",
		"ssh-ed25519",
		"ssh-ed25519 ",
		"ssh-ed25519 AAAA",
		"ssh-ed25519 !!!!",
		"ssh-rsa " KEY_DIGITS, /* the kinds differ */
		"command=\"x\" ssh-ed25519 " KEY_DIGITS,
		"ssh-ed25519 " KEY_DIGITS "=",
	};
	char out[FINGERPRINT_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(!decode_ssh_key(rows[i], strlen(rows[i]), out),
		    "%s", rows[i]);
}
END_TEST

/* Owner S-1-5-18; Everyone may read, 1-2-3-1104 may replicate, 11 is denied. */
static const unsigned char descriptor[] = {
	1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0,
	0,                                               /* head */
	1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,             /* owner */
	4, 0, 104, 0, 3, 0, 0, 0,                        /* list */
	0, 0, 20, 0, 0x14, 0, 2, 0,                      /* allow */
	1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,              /* everyone */
	5, 2, 56, 0, 0, 1, 0, 0, 1, 0, 0, 0,             /* object */
	0xad, 0xf6, 0x31, 0x11, 0x07, 0x9c, 0xd1, 0x11,  /* its GUID */
	0xf7, 0x9f, 0x00, 0xc0, 0x4f, 0xc2, 0xdc, 0xd2,  /* ... */
	1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, /* trustee */
	2, 0, 0, 0, 3, 0, 0, 0, 0x50, 4, 0, 0,           /* ... */
	1, 8, 20, 0, 0xff, 1, 15, 0,                     /* deny */
	1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0,             /* 11 */
};

START_TEST(a_descriptor_gives_its_entries)
{
	struct descriptor d;
	struct ace a;

	ck_assert(decode_descriptor(descriptor, sizeof(descriptor), &d));
	ck_assert_str_eq(d.owner, "S-1-5-18");
	ck_assert(d.has_dacl);
	ck_assert_int_eq(descriptor_next(&d, &a), 1);
	ck_assert_str_eq(a.trustee, "S-1-1-0");
	ck_assert_uint_eq(a.mask, 0x20014);
	ck_assert_str_eq(a.object, "");
	ck_assert_int_eq(descriptor_next(&d, &a), 1);
	ck_assert_uint_eq(a.type, ACE_ALLOW_OBJECT);
	ck_assert_uint_eq(a.mask, ACE_CONTROL_ACCESS);
	ck_assert_str_eq(a.object, "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2");
	ck_assert_str_eq(a.trustee, "S-1-5-21-1-2-3-1104");
	ck_assert_int_eq(descriptor_next(&d, &a), 1);
	ck_assert_uint_eq(a.type, ACE_DENY);
	ck_assert_uint_eq(a.flags, ACE_INHERIT_ONLY);
	ck_assert_int_eq(descriptor_next(&d, &a), 0);
}
END_TEST

START_TEST(a_descriptor_cut_anywhere_is_refused)
{
	for (size_t n = 0; n < sizeof(descriptor); n++) {
		unsigned char *exact = malloc(n + 1);
		struct descriptor d;
		struct ace a;
		int next = 1;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, descriptor, n);
		if (decode_descriptor(exact, n, &d))
			while ((next = descriptor_next(&d, &a)) == 1)
				;
		else
			next = -1;
		free(exact);
		ck_assert_int_eq(next, -1);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_decode");
	TCase *tests = tcase_create("review_decode");

	tcase_add_test(tests, an_integer_has_one_spelling);
	tcase_add_test(tests, a_generalized_time_is_read_in_all_its_forms);
	tcase_add_test(tests, the_first_minute_of_year_0_locks_for_ever);
	tcase_add_test(tests, shadow_days_may_be_unset);
	tcase_add_test(tests, a_filetime_is_a_time_or_a_duration);
	tcase_add_test(tests, a_boolean_may_be_in_either_case);
	tcase_add_test(tests, a_sid_is_read_from_bytes_and_text);
	tcase_add_test(tests, the_longest_sid_fits);
	tcase_add_test(tests, a_guid_has_its_first_fields_turned);
	tcase_add_test(tests, base64_is_strict);
	tcase_add_test(tests, an_ssh_key_has_the_fingerprint_that_sshd_logs);
	tcase_add_test(tests, what_is_no_ssh_key_has_no_fingerprint);
	tcase_add_test(tests, a_descriptor_gives_its_entries);
	tcase_add_test(tests, a_descriptor_cut_anywhere_is_refused);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
