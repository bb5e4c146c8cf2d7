#include <errno.h>
#include <limits.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"
#include "tests/unit.h"

static struct err e;

/* err */

START_TEST(an_error_reads_like_a_path)
{
	ck_assert_int_eq(err_set(&e, ERR_FORMAT, "not %d", 7), -1);
	ck_assert_int_eq(err_in(&e, "line %d", 3), -1);
	ck_assert_int_eq(err_in(&e, "%s", "file"), -1);
	ck_assert_str_eq(e.text, "file: line 3: not 7");
	ck_assert_int_eq(e.code, ERR_FORMAT);
}
END_TEST

START_TEST(an_errno_has_its_code)
{
	static const struct {
		int number;
		enum err_code code;
	} rows[] = {
		{ ENOENT, ERR_MISSING },
		{ EACCES, ERR_ACCESS },
		{ EPERM, ERR_ACCESS },
		{ ELOOP, ERR_ACCESS },
		{ ENOSPC, ERR_FULL },
		{ EDQUOT, ERR_FULL },
		{ EROFS, ERR_FULL },
		{ ENOMEM, ERR_MEMORY },
		{ EIO, ERR_SYS },
		{ EMFILE, ERR_SYS },
		{ ENOTDIR, ERR_SYS },
		{ 0, ERR_SYS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(err_sys(&e, rows[i].number, "x"), -1);
		ck_assert_int_eq(e.code, rows[i].code);
	}
	err_sys(&e, ENOENT, "%s", "/a");
	ck_assert_str_eq(e.text, "/a: No such file or directory");
}
END_TEST

START_TEST(a_long_error_is_cut_and_closed)
{
	char text[2 * ERR_TEXT_SIZE];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_SYS, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_SIZE - 1);
	err_sys(&e, EIO, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_SIZE - 1);
	err_in(&e, "where");
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_SIZE - 1);
	ck_assert_int_eq(strncmp(e.text, "where: xxx", 10), 0);
	err_in(&e, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_SIZE - 1);
	memset(e.text, 'y', sizeof(e.text)); /* not closed by who made it */
	err_in(&e, "where");
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_SIZE - 1);
}
END_TEST

/* buf, cursor */

START_TEST(a_buffer_holds_what_was_put)
{
	struct buf b = buf_new(4096);

	ck_assert_str_eq(buf_string(&b), "");
	buf_put(&b, NULL, 0);
	buf_put_zeros(&b, 0);
	ck_assert_uint_eq(b.length, 0);
	buf_put_byte(&b, 1);
	buf_put_u16(&b, 0x0302);
	buf_put_u32(&b, 0x07060504);
	buf_put_u64(&b, UINT64_C(0x0f0e0d0c0b0a0908));
	buf_put_zeros(&b, 2);
	buf_put_string(&b, "ab");
	buf_printf(&b, "%d-%s", 12, "x");
	ck_assert_ok(buf_status(&b, &e));
	ck_assert_mem_eq(b.data,
	    "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\0\0ab12-x", b.length);
	ck_assert_uint_eq(b.length, 23);
	buf_clear(&b);
	ck_assert_uint_eq(b.length, 0);
	for (int i = 0; i < 4096; i++)
		buf_put_byte(&b, (unsigned char)i);
	ck_assert_ok(buf_status(&b, &e));
	for (int i = 0; i < 4096; i++)
		ck_assert_int_eq(b.data[i], i % 256);
	buf_free(&b);
	ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(a_buffer_stops_at_its_bound_and_stays_failed)
{
	static const size_t limits[] = { 0, 1, 2, 255, 256, 257, 1000 };

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct buf b = buf_new(limits[i]);

		buf_put_zeros(&b, limits[i]);
		ck_assert_ok(buf_status(&b, &e));
		buf_put_byte(&b, 'x');
		ck_assert_fails(buf_status(&b, &e), ERR_LIMIT);
		ck_assert_uint_eq(b.length, limits[i]);
		ck_assert_str_eq(buf_string(&b), "");
		buf_put(&b, NULL, 0);
		buf_printf(&b, "x");
		ck_assert_fails(buf_status(&b, &e), ERR_LIMIT);
		buf_clear(&b);
		ck_assert_ok(buf_status(&b, &e));
		buf_put(&b, "xx", SIZE_MAX);
		ck_assert_fails(buf_status(&b, &e), ERR_LIMIT);
		buf_free(&b);
	}
}
END_TEST

START_TEST(a_buffer_larger_than_memory_says_so)
{
	struct buf b = buf_new(SIZE_MAX);

	buf_put_byte(&b, 1);
	buf_put_zeros(&b, SIZE_MAX / 2);
	ck_assert_fails(buf_status(&b, &e), ERR_MEMORY);
	buf_free(&b);
}
END_TEST

START_TEST(a_cursor_never_passes_the_end)
{
	static const unsigned char bytes[] = "\1\2\3\4\5\6\7\10\11\12\13\14\15"
	                                     "\16\17";
	unsigned char out[4];

	for (size_t length = 0; length < sizeof(bytes); length++) {
		struct cursor c = cursor_new(bytes, length);
		unsigned one = cursor_byte(&c);
		unsigned two = cursor_u16(&c);
		uint32_t four = cursor_u32(&c);
		uint64_t eight = cursor_u64(&c);

		ck_assert_uint_eq(one, length >= 1 ? 1 : 0);
		ck_assert_uint_eq(two, length >= 3 ? 0x302 : 0);
		ck_assert_uint_eq(four, length >= 7 ? 0x7060504 : 0);
		ck_assert_uint_eq(
		    eight, length >= 15 ? UINT64_C(0x0f0e0d0c0b0a0908) : 0);
		ck_assert_ptr_eq(
		    c.failed ? NULL : c.end, length < 15 ? NULL : c.at);
		if (length == 15)
			ck_assert_ok(cursor_finish(&c, "x", &e));
		else
			ck_assert_fails(cursor_finish(&c, "x", &e), ERR_FORMAT);
	}
	for (size_t ask = 5; ask != 0; ask = ask == 5 ? SIZE_MAX : 0) {
		struct cursor c = cursor_new(bytes, 4);

		ck_assert_ptr_null(cursor_take(&c, ask));
		ck_assert_ptr_null(cursor_take(&c, 1)); /* latched */
		memset(out, 7, sizeof(out));
		cursor_copy(&c, out, sizeof(out));
		ck_assert_mem_eq(out, "\0\0\0\0", 4);
	}
	{
		struct cursor c = cursor_new(NULL, 0);

		ck_assert_uint_eq(cursor_left(&c), 0);
		ck_assert_ok(cursor_finish(&c, "nothing", &e));
		c = cursor_new(bytes, 2);
		(void)cursor_byte(&c);
		ck_assert_fails(cursor_finish(&c, "x", &e), ERR_FORMAT);
		ck_assert_str_eq(e.text, "x: 1 bytes left over");
	}
}
END_TEST

/* enc */

/* RFC 4648 section 10. */
static const struct vector {
	const char *bytes, *base64, *base32, *hex;
} vectors[] = {
	{ "", "", "", "" },
	{ "f", "Zg==", "MY", "66" },
	{ "fo", "Zm8=", "MZXQ", "666f" },
	{ "foo", "Zm9v", "MZXW6", "666f6f" },
	{ "foob", "Zm9vYg==", "MZXW6YQ", "666f6f62" },
	{ "fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261" },
	{ "foobar", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172" },
};

START_TEST(encodings_agree_with_rfc_4648)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		size_t length = strlen(v->bytes);
		struct buf b = buf_new(64);
		unsigned char out[8];

		enc_base64(&b, v->bytes, length);
		ck_assert_str_eq(buf_string(&b), v->base64);
		buf_clear(&b);
		enc_base32(&b, v->bytes, length);
		ck_assert_str_eq(buf_string(&b), v->base32);
		buf_clear(&b);
		enc_hex(&b, v->bytes, length);
		ck_assert_str_eq(buf_string(&b), v->hex);
		buf_clear(&b);
		ck_assert_ok(
		    enc_unbase64(v->base64, strlen(v->base64), &b, &e));
		ck_assert_str_eq(buf_string(&b), v->bytes);
		buf_clear(&b);
		ck_assert_ok(
		    enc_unbase32(v->base32, strlen(v->base32), &b, &e));
		ck_assert_str_eq(buf_string(&b), v->bytes);
		ck_assert_ok(
		    enc_unhex(v->hex, strlen(v->hex), out, length, &e));
		ck_assert_int_eq(memcmp(out, v->bytes, length), 0);
		buf_free(&b);
	}
}
END_TEST

START_TEST(all_bytes_come_back)
{
	unsigned char bytes[257];
	unsigned char again[257];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37);
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		struct buf text = buf_new(1024);
		struct buf out = buf_new(1024);

		enc_base64(&text, bytes, length);
		ck_assert_ok(
		    enc_unbase64(buf_string(&text), text.length, &out, &e));
		ck_assert_uint_eq(out.length, length);
		ck_assert_int_eq(
		    length > 0 ? memcmp(out.data, bytes, length) : 0, 0);
		buf_clear(&text);
		buf_clear(&out);
		enc_base32(&text, bytes, length);
		ck_assert_ok(
		    enc_unbase32(buf_string(&text), text.length, &out, &e));
		ck_assert_uint_eq(out.length, length);
		ck_assert_int_eq(
		    length > 0 ? memcmp(out.data, bytes, length) : 0, 0);
		buf_clear(&text);
		enc_hex(&text, bytes, length);
		ck_assert_ok(enc_unhex(
		    buf_string(&text), text.length, again, length, &e));
		ck_assert_int_eq(memcmp(again, bytes, length), 0);
		buf_free(&text);
		buf_free(&out);
	}
}
END_TEST

START_TEST(one_value_has_one_spelling)
{
	static const char *const bad64[] = { "Z", "Zg",
		"Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n",
		" Zm9v", "Zm-v", "Zm_v", "Zg==Zg==", "Z=g=", "Zm8=Zm9v" };
	static const char *const bad32[] = { "M", "MZX", "MZXW6Y", "MZ",
		"MY=", "M1", "M8", "M0", "MZXR", "MZXW7", "M.Y", "MY\n" };
	static const char *const badhex[] = { "6", "666", "6g", "0x", "66 ",
		"-1" };
	struct buf out = buf_new(64);
	unsigned char byte;

	for (size_t i = 0; i < sizeof(bad64) / sizeof(*bad64); i++)
		ck_assert_fails(
		    enc_unbase64(bad64[i], strlen(bad64[i]), &out, &e),
		    ERR_FORMAT);
	for (size_t i = 0; i < sizeof(bad32) / sizeof(*bad32); i++)
		ck_assert_msg(
		    enc_unbase32(bad32[i], strlen(bad32[i]), &out, &e) == -1,
		    "%s", bad32[i]);
	for (size_t i = 0; i < sizeof(badhex) / sizeof(*badhex); i++)
		ck_assert_fails(
		    enc_unhex(badhex[i], strlen(badhex[i]), &byte, 1, &e),
		    ERR_FORMAT);
	ck_assert_fails(enc_unbase64("Zg\0=", 4, &out, &e), ERR_FORMAT);
	buf_clear(&out);
	/* As people type a seed. */
	ck_assert_ok(enc_unbase32("mzxw 6ytb-OI", 12, &out, &e));
	ck_assert_str_eq(buf_string(&out), "foobar");
	ck_assert_ok(enc_unhex("Ff", 2, &byte, 1, &e));
	ck_assert_uint_eq(byte, 255);
	buf_free(&out);
}
END_TEST

START_TEST(utf8_is_what_rfc_3629_says)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "", true },
		{ "plain", true },
		{ "\xc2\x80", true },
		{ "\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e", true },
		{ "\xf0\x9f\x94\x91", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xc0\x80", false },         /* overlong NUL */
		{ "\xc1\xbf", false },         /* overlong */
		{ "\xe0\x9f\xbf", false },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", false }, /* overlong */
		{ "\xed\xa0\x80", false },     /* surrogate */
		{ "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", false },
		{ "\xff", false },
		{ "a\xc3", false },
		{ "\xe7\x8e", false },
		{ "\xf0\x9f\x94", false },
		{ "\xc3(", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(enc_is_utf8(rows[i].text, strlen(rows[i].text)) ==
		        rows[i].good,
		    "row %zu", i);
	ck_assert(!enc_is_utf8("a\0b", 3));
}
END_TEST

START_TEST(a_json_string_acts_on_no_terminal)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\n\r\t\x1b[2J\x7f",
		    "\"\\u000a\\u000d\\u0009\\u001b[2J"
		    "\\u007f\"" },
		{ "\xc2\x9b", "\"\\u009b\"" }, /* CSI of 8 bits */
		{ "\xe2\x80\xae\xe2\x81\xa6", "\"\\u202e\\u2066\"" },
		{ "\xe2\x80\xaf", "\"\xe2\x80\xaf\"" },
		{ "\xe7\x8e\x8b", "\"\xe7\x8e\x8b\"" },
		{ "a\xff\xc3", "\"a\\ufffd\\ufffd\"" },
		{ "\xf0\x9f\x94\x91", "\"\xf0\x9f\x94\x91\"" },
	};
	struct buf b = buf_new(256);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&b);
		enc_json_string(&b, rows[i].text, strlen(rows[i].text));
		ck_assert_str_eq(buf_string(&b), rows[i].json);
	}
	buf_clear(&b);
	enc_json_string(&b, "a\0b", 3);
	ck_assert_str_eq(buf_string(&b), "\"a\\u0000b\"");
	buf_free(&b);
}
END_TEST

START_TEST(a_path_component_is_one_and_comes_back)
{
	static const struct {
		const char *name, *component;
	} rows[] = {
		{ "ann", "ann" },
		{ "", "%" },
		{ ".", "%2E" },
		{ "..", "%2E." },
		{ ".a.b", "%2Ea.b" },
		{ "a/b", "a%2Fb" },
		{ "a%b", "a%25b" },
		{ "%", "%25" },
		{ "\xe7\x8e\x8b", "%E7%8E%8B" },
		{ "A-z_0", "A-z_0" },
		{ "a b\n", "a%20b%0A" },
	};
	static const char *const bad[] = { ".", "..", ".a", "a/b", "a%2fb",
		"a%61", "%%", "%zz", "a%", "a%2", "%00", "a b" };
	struct buf b = buf_new(64);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&b);
		enc_path_component(&b, rows[i].name);
		ck_assert_str_eq(buf_string(&b), rows[i].component);
		buf_clear(&b);
		ck_assert_ok(enc_unpath_component(rows[i].component, &b, &e));
		ck_assert_str_eq(buf_string(&b), rows[i].name);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_fails(
		    enc_unpath_component(bad[i], &b, &e), ERR_FORMAT);
	buf_clear(&b);
	enc_percent(&b, "a-._~ /:@");
	ck_assert_str_eq(buf_string(&b), "a-._~%20%2F%3A%40");
	buf_free(&b);
}
END_TEST

START_TEST(a_time_has_one_spelling)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1, "1970-01-01T00:00:00.000000Z" },
		{ 1000, "1970-01-01T00:00:00.000001Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ INT64_C(1795508130000001000), "2026-11-24T08:15:30.000001Z" },
		{ INT64_C(951782400000000000), "2000-02-29T00:00:00.000000Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224Z" },
	};
	static const char *const bad[] = { "", "2026-11-24T08:15:30Z",
		"2026-11-24T08:15:30.000001+", "2026-11-24 08:15:30.000001Z",
		"2026-02-29T08:15:30.000001Z", "2026-13-24T08:15:30.000001Z",
		"2026-11-24T24:15:30.000001Z", "2026-11-24T08:60:30.000001Z",
		"2026-11-24T08:15:60.000001Z", "2026-11-24t08:15:30.000001Z",
		"2026-11-24T08:15:30.00000 Z", "2026-11-24T08:15:30.-00001Z",
		"0000-11-24T08:15:30.000001Z", "9999-11-24T08:15:30.000001Z",
		"2026-00-24T08:15:30.000001Z", "2026-11-00T08:15:30.000001Z" };
	struct buf b = buf_new(64);
	int64_t ns;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&b);
		enc_time(&b, rows[i].ns);
		ck_assert_str_eq(buf_string(&b), rows[i].text);
		if (i > 5)
			continue;
		ck_assert_ok(
		    enc_untime(rows[i].text, strlen(rows[i].text), &ns, &e));
		ck_assert_int_eq(
		    ns, rows[i].ns < 0 ? -1000 : rows[i].ns / 1000 * 1000);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(enc_untime(bad[i], strlen(bad[i]), &ns, &e) == -1,
		    "%s", bad[i]);
	buf_free(&b);
}
END_TEST

START_TEST(a_number_has_one_spelling_and_a_bound)
{
	static const struct {
		const char *text;
		uint64_t max, value;
		enum err_code code;
	} rows[] = {
		{ "0", 0, 0, ERR_NONE },
		{ "7", 7, 7, ERR_NONE },
		{ "8", 7, 0, ERR_LIMIT },
		{ "1", 0, 0, ERR_LIMIT },
		{ "10", 9, 0, ERR_LIMIT },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, ERR_NONE },
		{ "18446744073709551616", UINT64_MAX, 0, ERR_LIMIT },
		{ "99999999999999999999999", UINT64_MAX, 0, ERR_LIMIT },
		{ "", 9, 0, ERR_FORMAT },
		{ "00", 9, 0, ERR_FORMAT },
		{ "01", 9, 0, ERR_FORMAT },
		{ "+1", 9, 0, ERR_FORMAT },
		{ "-1", 9, 0, ERR_FORMAT },
		{ " 1", 9, 0, ERR_FORMAT },
		{ "1 ", 99, 0, ERR_FORMAT },
		{ "0x1", 9, 0, ERR_FORMAT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t value = 0;
		int result;

		e.code = ERR_NONE;
		result = enc_number(rows[i].text, strlen(rows[i].text),
		    rows[i].max, &value, &e);
		ck_assert_int_eq(result, rows[i].code == ERR_NONE ? 0 : -1);
		ck_assert_int_eq(e.code, rows[i].code);
		ck_assert_uint_eq(value, rows[i].value);
	}
}
END_TEST

/* secret, clock */

START_TEST(a_secret_is_wiped_and_compared)
{
	unsigned char bytes[] = "secret";
	char *string = strdup("secret");
	char *none = NULL;

	ck_assert(secret_equal("abc", "abd", 2));
	ck_assert(!secret_equal("abc", "abd", 3));
	ck_assert(!secret_equal("abc", "abc", 0));
	secret_wipe(bytes, 6);
	ck_assert_mem_eq(bytes, "\0\0\0\0\0\0", 6);
	secret_wipe(NULL, 0);
	secret_free_string(&string);
	ck_assert_ptr_null(string);
	secret_free_string(&none);
}
END_TEST

static int
half(void *context, unsigned char *out, size_t length)
{
	memset(out, 0xaa, length / 2);
	return *(int *)context;
}

START_TEST(entropy_fills_all_or_fails_with_nothing)
{
	int status = -1;
	struct entropy bad = { .fill = half, .context = &status };
	struct entropy good = entropy_system();
	unsigned char a[64] = "x";
	unsigned char b[64] = "x";

	ck_assert_fails(entropy_fill(&bad, a, sizeof(a), &e), ERR_CRYPTO);
	for (size_t i = 0; i < sizeof(a); i++)
		ck_assert_uint_eq(a[i], 0);
	ck_assert_ok(entropy_fill(&good, a, sizeof(a), &e));
	ck_assert_ok(entropy_fill(&good, b, sizeof(b), &e));
	ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST

START_TEST(seconds_are_rounded_down)
{
	static const struct {
		int64_t ns, s;
	} rows[] = { { 0, 0 }, { 999999999, 0 }, { 1000000000, 1 }, { -1, -1 },
		{ -1000000000, -1 }, { -1000000001, -2 } };
	struct moment fixed = { .wall_ns = 0 };
	struct clock clock = clock_fixed(&fixed);
	struct clock system = clock_system();
	struct moment first;
	struct moment second;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fixed.wall_ns = rows[i].ns;
		ck_assert_ok(clock_read(&clock, &first, &e));
		ck_assert_int_eq(first.wall_ns, rows[i].ns);
		ck_assert_int_eq(moment_seconds(&first), rows[i].s);
	}
	ck_assert_ok(clock_read(&system, &first, &e));
	ck_assert_ok(clock_read(&system, &second, &e));
	ck_assert_int_ge(second.boot_ns, first.boot_ns);
	ck_assert_int_gt(first.wall_ns, INT64_C(1000000000000000000));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *tests = tcase_create("base");

	tcase_add_test(tests, an_error_reads_like_a_path);
	tcase_add_test(tests, an_errno_has_its_code);
	tcase_add_test(tests, a_long_error_is_cut_and_closed);
	tcase_add_test(tests, a_buffer_holds_what_was_put);
	tcase_add_test(tests, a_buffer_stops_at_its_bound_and_stays_failed);
	tcase_add_test(tests, a_buffer_larger_than_memory_says_so);
	tcase_add_test(tests, a_cursor_never_passes_the_end);
	tcase_add_test(tests, encodings_agree_with_rfc_4648);
	tcase_add_test(tests, all_bytes_come_back);
	tcase_add_test(tests, one_value_has_one_spelling);
	tcase_add_test(tests, utf8_is_what_rfc_3629_says);
	tcase_add_test(tests, a_json_string_acts_on_no_terminal);
	tcase_add_test(tests, a_path_component_is_one_and_comes_back);
	tcase_add_test(tests, a_time_has_one_spelling);
	tcase_add_test(tests, a_number_has_one_spelling_and_a_bound);
	tcase_add_test(tests, a_secret_is_wiped_and_compared);
	tcase_add_test(tests, entropy_fills_all_or_fails_with_nothing);
	tcase_add_test(tests, seconds_are_rounded_down);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
