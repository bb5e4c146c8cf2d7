/* Packs of evidence: their schema, parts, manifest and totals. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "review/fact.h"
#include "review/pack_file.h"
#include "review/pack_schema.h"
#include "review/pack_value.h"
#include "review/pack_write.h"
#include "review/xml_text.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "shell.h"
#include "unit.h"

static struct err e;
static struct pack_schema *schema;
static struct manifest *manifest;
static struct tallies *tallies;
static struct pack_writer *writer;
static char folder[40];
static int directory = -1;

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-pack-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	directory = open(folder, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ne(directory, -1);
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(manifest_new(&manifest, &e));
	ck_assert_ok(tallies_new(&tallies, schema, &e));
	manifest->sequence = 7;
	ck_assert_ok(
	    pack_writer_new(&writer, directory, manifest, schema, tallies, &e));
}

static void
teardown(void)
{
	pack_writer_free(&writer);
	tallies_free(&tallies);
	manifest_free(&manifest);
	pack_schema_free(&schema);
	file_close(&directory);
	(void)shell("rm -rf %s", folder);
}

static void
read_file(const char *name, struct buf *b)
{
	int fd = pack_file_open(directory, name, &e);

	ck_assert_msg(fd != -1, "%s", e.text);
	*b = buf_new(1 << 24);
	ck_assert_ok(file_read(fd, b, &e));
	file_close(&fd);
}

static void
file_is(const char *name, const char *want)
{
	struct buf b;

	read_file(name, &b);
	ck_assert_str_eq(buf_string(&b), want);
	buf_free(&b);
}

/* The text with the first of "find" replaced. */
static void
replaced(
    struct buf *b, const char *find, const char *replace, struct buf *other)
{
	const char *text = buf_string(b), *at = strstr(text, find);

	ck_assert_msg(at != NULL, "%s", find);
	buf_put(other, text, (size_t)(at - text));
	buf_put_string(other, replace);
	buf_put_string(other, at + strlen(find));
}

/* ---- Texts and values ---- */

START_TEST(what_xml_cannot_carry_is_replaced_and_the_rest_is_escaped)
{
	static const struct {
		const char *text, *clean, *escaped;
	} cases[] = {
		{ "", "", "" },
		{ "a<b>&\"c'", "a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c'" },
		{ "\t\n\r", "\t\n\r", "&#9;&#10;&#13;" },
		{ "\x01\x1f|\x7f", "\xef\xbf\xbd\xef\xbf\xbd|\x7f",
		    "\xef\xbf\xbd\xef\xbf\xbd|\x7f" },
		{ "王小明", "王小明", "王小明" },
		/* Overlong, surrogate, beyond U+10FFFF, cut off, alone */
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd",
		    "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80!", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!" },
		{ "\xe7\x8e", "\xef\xbf\xbd\xef\xbf\xbd",
		    "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xef\xbf\xbe", "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbd \xf0\x9f\x98\x80",
		    "\xef\xbf\xbd \xf0\x9f\x98\x80",
		    "\xef\xbf\xbd \xf0\x9f\x98\x80" },
	};
	struct buf b = buf_new(1024);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;

		buf_clear(&b);
		xml_put_clean(&b, text, strlen(text));
		ck_assert_str_eq(buf_string(&b), cases[i].clean);
		ck_assert_int_eq(xml_is_clean(text, strlen(text)),
		    strcmp(text, cases[i].clean) == 0);
		buf_clear(&b);
		xml_put(&b, text, strlen(text));
		ck_assert_str_eq(buf_string(&b), cases[i].escaped);
	}
	buf_free(&b);
}
END_TEST

START_TEST(a_value_is_judged_by_its_type)
{
	static const struct {
		const char *class, *column, *good, *bad;
	} cases[] = {
		{ "account", "id", "9223372036854775807",
		    "9223372036854775808" },
		{ "account", "id", "0", "01" },
		{ "account", "id", "7", "-7" },
		{ "account", "id", "7", "" },
		{ "account", "id", "7", " 7" },
		{ "query", "result", "-1", "-" },
		{ "query", "result", "0", "-0" },
		{ "account", "enabled", "true", "1" },
		{ "account", "created", "2026-11-29T12:00:00Z",
		    "2026-11-29T12:00:00" },
		{ "account", "created", "never", "ever" },
		{ "daily", "day", "2026-11-29", "2026-11-2x" },
		{ "daily", "mark", "on-time", "On-time" },
		{ "finding", "severity", "high", "higher" },
		{ "finding", "points", "-12.5", "1e5" },
		{ "finding", "points", "0.0001", "0.00001" },
		{ "finding", "points", "12", "12." },
		{ "finding", "points", "12", ".5" },
		{ "finding", "state", "not-recorded", "-x" },
		{ "finding", "state", "a", "A" },
		{ "query", "digest", "00ff", "00f" },
		{ "query", "digest", "", "00FF" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pack_class *c =
		    pack_schema_find(schema, cases[i].class);
		int place = pack_column_find(c, cases[i].column);
		const struct pack_type *type = c->columns[place].as;

		ck_assert_msg(
		    pack_value_ok(type, cases[i].good, strlen(cases[i].good)),
		    "%s", cases[i].good);
		ck_assert_msg(
		    !pack_value_ok(type, cases[i].bad, strlen(cases[i].bad)),
		    "%s", cases[i].bad);
	}
}
END_TEST

START_TEST(a_time_has_one_spelling_and_stays_within_four_digits)
{
	static const struct {
		int64_t at;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 1796040000, "2026-11-30T12:00:00Z" },
		{ FACT_NEVER, "never" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" },
	};
	static const char *const bad[] = { "", "2026-02-30T00:00:00Z",
		"2026-11-29T24:00:00Z", "2026-11-29T12:00:00z",
		"2026-11-29T12:00:60Z", "26-11-29T12:00:00Z" };
	char text[PACK_TIME_SIZE];
	int64_t at;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_str_eq(pack_time(cases[i].at, text), cases[i].text);
		ck_assert_ok(pack_untime(text, &at, &e));
		ck_assert_int_eq(at, cases[i].at);
	}
	ck_assert_str_eq(pack_time(253402300800, text), "9999-12-31T23:59:59Z");
	ck_assert_str_eq(pack_time(FACT_UNKNOWN, text), "0001-01-01T00:00:00Z");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_fails(pack_untime(bad[i], &at, &e), ERR_FORMAT);
}
END_TEST

START_TEST(decimals_are_added_without_rounding)
{
	static const struct {
		const char *text, *again;
		int64_t value;
	} cases[] = {
		{ "0", "0", 0 },
		{ "0.1", "0.1", 1000 },
		{ "-0.5", "-0.5", -5000 },
		{ "12.3400", "12.34", 123400 },
		{ "100", "100", 1000000 },
		{ "99999999999999.9999", "99999999999999.9999",
		    999999999999999999 },
	};
	static const char *const bad[] = { "", "-", ".", "1.", "1.23456", "+1",
		"1 ", "1e2", "100000000000000" };
	char text[PACK_DECIMAL_SIZE];
	int64_t value;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_ok(pack_undecimal(cases[i].text, &value, &e));
		ck_assert_int_eq(value, cases[i].value);
		ck_assert_str_eq(pack_decimal(value, text), cases[i].again);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_fails(pack_undecimal(bad[i], &value, &e), ERR_FORMAT);
}
END_TEST

/* ---- The schema ---- */

START_TEST(every_class_and_column_has_titles_in_two_languages)
{
	const struct pack_class *c;
	size_t n = 0;

	for (; (c = pack_schema_at(schema, n)) != NULL; n++) {
		ck_assert_str_ne(c->title, "");
		ck_assert_str_ne(c->what, "");
		ck_assert_ptr_eq(pack_schema_find(schema, c->name), c);
		for (size_t i = 0; i < c->count; i++) {
			ck_assert_str_ne(c->columns[i].title, "");
			ck_assert_str_ne(c->columns[i].title_zh, "");
			ck_assert_ptr_nonnull(c->columns[i].as);
			ck_assert_int_eq(
			    pack_column_find(c, c->columns[i].name), (int)i);
		}
	}
	ck_assert_uint_eq(n, 30);
	ck_assert_ptr_null(pack_schema_find(schema, "manifest"));
	ck_assert_ptr_null(pack_schema_find(schema, "part"));
}
END_TEST

START_TEST(a_class_is_as_the_schema_declares_it)
{
	const struct pack_class *c = pack_schema_find(schema, "finding");
	const struct pack_column *severity =
	    &c->columns[pack_column_find(c, "severity")];

	ck_assert_str_eq(c->title_zh, "缺失");
	ck_assert(c->has_body);
	ck_assert_str_eq(c->columns[c->count - 1].name, "");
	ck_assert_str_eq(c->columns[c->count - 1].type, "body");
	ck_assert_uint_eq(c->columns[c->count - 1].as->max, 8388608);
	ck_assert_str_eq(severity->type, "severity");
	ck_assert_str_eq(severity->as->words[0], "critical");
	ck_assert_ptr_null(severity->as->words[5]);
	ck_assert(severity->required);
	ck_assert(!c->columns[pack_column_find(c, "closed")].required);
	ck_assert_int_eq(pack_column_find(c, "nothing"), -1);
}
END_TEST

/* ---- Parts ---- */

/* id, rule, about, core, state, certainty, severity, status, points, text */
static void
put_finding(const char *rule, const char *department, const char *points,
    const char *body)
{
	const struct pack_class *c = pack_schema_find(schema, "finding");
	const char *values[PACK_COLUMNS] = { NULL };
	static const struct {
		const char *column, *value;
	} given[] = {
		{ "id", "1" },
		{ "about", "alice" },
		{ "core", "true" },
		{ "state", "open" },
		{ "certainty", "certain" },
		{ "severity", "high" },
		{ "status", "open" },
		{ "reason", "" },
		{ "first", "2026-10-01T00:00:00Z" },
		{ "last", "2026-11-01T00:00:00Z" },
		{ "repeated", "false" },
		{ "text", "Dormant <90 days>" },
		{ "textZh", "久未使用" },
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		values[pack_column_find(c, given[i].column)] = given[i].value;
	values[pack_column_find(c, "rule")] = rule;
	values[pack_column_find(c, "department")] = department;
	values[pack_column_find(c, "points")] = points;
	values[pack_column_find(c, "")] = body;
	ck_assert_ok(pack_row(writer, values, &e));
}

#define HEAD(class, number)                                                    \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                         \
	"<part xmlns=\"urn:reeve:evidence:1\" version=\"1\" pack=\"7\""        \
	" class=\"" class "\" number=\"" number "\">\n"
#define SIGNER(act)                                                            \
	(const char *const[])                                                  \
	{                                                                      \
		act, "Ann", NULL, "officer", "SHA256:x", "ssh-ed25519 AAAA",   \
		    NULL                                                       \
	}

START_TEST(a_row_is_one_element_on_one_line)
{
	ck_assert_ok(pack_begin(writer, "finding", &e));
	put_finding("AR-101", NULL, "12.5", "{\"a\":\n\"\x01]]>\"}\r");
	ck_assert_ok(pack_end(writer, 1, NULL, &e));
	file_is("parts/finding-0001.xml",
	    HEAD("finding",
	        "1") "<finding id=\"1\" rule=\"AR-101\""
	             " about=\"alice\" core=\"true\" state=\"open\""
	             " certainty=\"certain\" severity=\"high\" status=\"open\""
	             " reason=\"\" first=\"2026-10-01T00:00:00Z\""
	             " last=\"2026-11-01T00:00:00Z\" repeated=\"false\""
	             " points=\"12.5\" text=\"Dormant &lt;90 days&gt;\""
	             " textZh=\"久未使用\">{&quot;a&quot;:&#10;&quot;"
	             "\xef\xbf\xbd]]"
	             "&gt;&quot;}&#13;</finding>\n</part>\n");
}
END_TEST

START_TEST(what_is_written_is_what_the_manifest_says)
{
	const struct manifest_file *file;
	const struct manifest_class *class;
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct stat st;
	struct buf b;

	ck_assert_ok(pack_begin(writer, "signer", &e));
	ck_assert_ok(pack_row(writer, SIGNER("1"), &e));
	ck_assert_ok(pack_row(writer, SIGNER("2"), &e));
	ck_assert_ok(pack_end(writer, 5, "a case", &e));
	file = manifest_file_find(manifest, "parts/signer-0001.xml");
	class = manifest_class_find(manifest, "signer");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(class);
	ck_assert_str_eq(file->class, "signer");
	ck_assert_int_eq(file->rows, 2);
	ck_assert_int_eq(class->rows, 2);
	ck_assert_int_eq(class->total, 5);
	ck_assert_int_eq(class->parts, 1);
	ck_assert_str_eq(class->withheld, "a case");
	read_file(file->name, &b);
	ck_assert_int_eq((int64_t)b.length, file->bytes);
	ck_assert_ok(digest_sha256(b.data, b.length, digest, &e));
	ck_assert_mem_eq(digest, file->sha256, sizeof(digest));
	ck_assert_int_eq(
	    fstatat(directory, file->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	ck_assert_uint_eq(st.st_mode & 0137u, 0);
	buf_free(&b);
}
END_TEST

START_TEST(a_class_without_rows_is_named_and_has_no_part)
{
	ck_assert_ok(pack_begin(writer, "sample", &e));
	ck_assert_ok(pack_end(writer, 0, NULL, &e));
	ck_assert_int_eq(manifest_class_find(manifest, "sample")->parts, 0);
	ck_assert_uint_eq(manifest->file_count, 0);
	ck_assert_fails(pack_begin(writer, "manifest", &e), ERR_FORMAT);
}
END_TEST

START_TEST(a_full_part_is_followed_by_another)
{
	struct buf b;
	char text[32];
	int64_t rows = 0;

	pack_part_bytes(writer, 20000);
	ck_assert_ok(pack_begin(writer, "signer", &e));
	for (int i = 1; i <= 1000; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		ck_assert_ok(pack_row(writer, SIGNER(text), &e));
	}
	ck_assert_ok(pack_end(writer, 1000, NULL, &e));
	ck_assert_uint_gt(manifest->file_count, 3);
	ck_assert_int_eq(manifest_class_find(manifest, "signer")->parts,
	    (int64_t)manifest->file_count);
	for (size_t i = 0; i < manifest->file_count; i++) {
		ck_assert_int_lt(manifest->files[i].bytes, 20000 + 65536);
		rows += manifest->files[i].rows;
	}
	ck_assert_int_eq(rows, 1000);
	read_file("parts/signer-0002.xml", &b);
	ck_assert_ptr_nonnull(strstr(buf_string(&b), " number=\"2\">"));
	buf_free(&b);
}
END_TEST

START_TEST(a_row_that_would_not_validate_is_refused_by_name)
{
	static char huge[65600];

	memset(huge, 'x', sizeof(huge) - 1);
	ck_assert_ok(pack_begin(writer, "signer", &e));
	ck_assert_fails(pack_row(writer, SIGNER(NULL), &e), ERR_FORMAT);
	ck_assert_str_eq(e.text, "signer 1: no act");
	ck_assert_fails(pack_row(writer, SIGNER("x"), &e), ERR_FORMAT);
	ck_assert_str_eq(e.text, "signer 1: act \"x\" is no id");
	ck_assert_fails(pack_row(writer,
	                    (const char *const[]){
	                        "1", huge, NULL, "officer", "f", "k", NULL },
	                    &e),
	    ERR_FORMAT);
	ck_assert_ok(pack_row(writer, SIGNER("1"), &e));
}
END_TEST

START_TEST(nothing_that_exists_is_written_over)
{
	ck_assert_int_eq(shell("mkdir %s/parts && echo secret >%s/elsewhere && "
	                       "ln -s ../elsewhere %s/parts/signer-0001.xml",
	                     folder, folder, folder),
	    0);
	ck_assert_ok(pack_begin(writer, "signer", &e));
	ck_assert_int_eq(pack_row(writer, SIGNER("1"), &e), -1);
	file_is("elsewhere", "secret\n");
	ck_assert_int_eq(pack_put_file(writer, "elsewhere", "x", 1, &e), -1);
	file_is("elsewhere", "secret\n");
}
END_TEST

START_TEST(no_link_is_followed_and_no_name_leads_out)
{
	ck_assert_int_eq(shell("mkdir %s/in && echo x >%s/in/file && "
	                       "ln -s in %s/link && mkfifo %s/pipe",
	                     folder, folder, folder, folder),
	    0);
	ck_assert_ok(pack_add_file(writer, "in/file", &e));
	ck_assert_int_eq(pack_add_file(writer, "link/file", &e), -1);
	ck_assert_int_eq(pack_put_file(writer, "link/other", "x", 1, &e), -1);
	ck_assert_int_eq(access("/tmp/escape", F_OK), -1);
	ck_assert_fails(
	    pack_put_file(writer, "../escape", "x", 1, &e), ERR_FORMAT);
	ck_assert_fails(
	    pack_put_file(writer, "/tmp/escape", "x", 1, &e), ERR_FORMAT);
	ck_assert_fails(pack_add_file(writer, "pipe", &e), ERR_ACCESS);
	ck_assert_uint_eq(manifest->file_count, 1);
}
END_TEST

START_TEST(a_full_disk_is_an_error_that_names_the_file)
{
	struct rlimit limit = { 30000, 30000 };
	int status = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_ok(pack_begin(writer, "signer", &e));
	for (int i = 0; i < 10000 && status == 0; i++)
		status = pack_row(writer, SIGNER("1"), &e);
	ck_assert_int_eq(status, -1);
	ck_assert_ptr_eq(strstr(e.text, "parts/signer-0001.xml: "), e.text);
	ck_assert_uint_eq(manifest->file_count, 0);
}
END_TEST

/* ---- Totals ---- */

static void
totals(struct buf *b)
{
	*b = buf_new(1 << 24);
	ck_assert_ok(tallies_write(tallies, 7, b, &e));
}

static void
totals_have(const struct buf *b, const char *text)
{
	struct buf copy = *b;

	ck_assert_msg(strstr(buf_string(&copy), text) != NULL, "%s", text);
}

START_TEST(rows_are_counted_while_they_are_written)
{
	struct buf b;

	ck_assert_ok(pack_begin(writer, "finding", &e));
	put_finding("AR-102", "IT", "2.25", "");
	put_finding("AR-101", "IT", "0.5", "");
	put_finding("AR-102", "R&D", "1", "");
	put_finding("AR-102", NULL, "1", "");
	ck_assert_ok(pack_end(writer, 4, NULL, &e));
	totals(&b);
	totals_have(&b,
	    " <tally id=\"findings-rule\" class=\"finding\""
	    " by=\"rule severity status\" sum=\"points\" count=\"4\""
	    " truncated=\"false\">\n"
	    "  <cell a=\"AR-101\" b=\"high\" c=\"open\" count=\"1\""
	    " sum=\"0.5\"/>\n"
	    "  <cell a=\"AR-102\" b=\"high\" c=\"open\" count=\"3\""
	    " sum=\"4.25\"/>\n"
	    " </tally>\n");
	totals_have(&b,
	    "  <cell a=\"\" b=\"high\" c=\"open\" count=\"1\" sum=\"1\"/>\n"
	    "  <cell a=\"IT\" b=\"high\" c=\"open\" count=\"2\""
	    " sum=\"2.75\"/>\n"
	    "  <cell a=\"R&amp;D\" ");
	buf_free(&b);
}
END_TEST

/* Counts a row of an account. */
static void
count_account(const char *source, const char *department, const char *employee)
{
	struct pack_row row = { .class = pack_schema_find(schema, "account") };

	row.values[pack_column_find(row.class, "source")] = source;
	row.values[pack_column_find(row.class, "department")] = department;
	row.values[pack_column_find(row.class, "employee")] = employee;
	row.values[pack_column_find(row.class, "service")] = "false";
	ck_assert_ok(tallies_count(tallies, &row, &e));
}

static void
count_enabled(const char *source, const char *department)
{
	struct pack_row row = { .class = pack_schema_find(schema, "account") };

	row.values[pack_column_find(row.class, "source")] = source;
	row.values[pack_column_find(row.class, "department")] = department;
	row.values[pack_column_find(row.class, "enabled")] = "true";
	ck_assert_ok(tallies_count(tallies, &row, &e));
}

START_TEST(a_condition_counts_what_has_no_value)
{
	struct buf b;

	count_account("1", "IT", "E1");
	count_account("1", "IT", NULL);
	count_account("1", "IT", "");
	totals(&b);
	totals_have(&b,
	    " <tally id=\"accounts-unmatched\" class=\"account\""
	    " by=\"source service enabled\" count=\"2\" truncated=\"false\">\n"
	    "  <where column=\"employee\" value=\"\"/>\n"
	    "  <cell a=\"1\" b=\"false\" c=\"\" count=\"2\"/>\n"
	    " </tally>\n");
	buf_free(&b);
}
END_TEST

START_TEST(values_beyond_the_cells_are_counted_and_said)
{
	char department[400];
	struct buf b;

	for (unsigned i = 0; i < TALLY_CELLS + 5; i++) {
		(void)snprintf(department, sizeof(department), "D%u", i);
		count_account("1", department, "E1");
	}
	count_account("1", "D3", "E1");
	totals(&b);
	totals_have(&b,
	    " by=\"department enabled privileged\" count=\"20006\""
	    " truncated=\"true\">\n");
	totals_have(&b, "<cell a=\"D3\" b=\"\" c=\"\" count=\"2\"/>");
	buf_free(&b);
}
END_TEST

START_TEST(a_long_value_is_cut_at_a_character)
{
	char department[TALLY_VALUE + 8];
	struct buf b;

	memset(department, 'x', sizeof(department));
	strcpy(department + TALLY_VALUE - 1, "長");
	count_account("1", department, "E1");
	department[TALLY_VALUE - 1] = '\0';
	totals(&b);
	buf_put_byte(&b, '\0');
	ck_assert_ptr_nonnull(strstr((char *)b.data, department));
	ck_assert_ptr_null(strstr((char *)b.data, "x長"));
	ck_assert(enc_is_utf8(b.data, b.length - 1));
	buf_free(&b);
}
END_TEST

START_TEST(totals_that_are_counted_again_are_compared)
{
	static const struct {
		const char *find, *replace, *why;
	} cases[] = {
		{ "x", "x", NULL },
		{ "a=\"IT\" b=\"true\" c=\"\" count=\"2\"",
		    "a=\"IT\" b=\"true\" c=\"\" count=\"3\"",
		    "tally accounts-department says 3 of \"IT\", the rows "
		    "are 2" },
		{ "<cell a=\"R&amp;D\" b=\"true\" c=\"\" count=\"1\"/>", "",
		    "says 0 of \"R&D\"" },
		{ "enabled privileged\" count=\"3\"",
		    "enabled privileged\" count=\"4\"", "says 4, the rows" },
		{ "truncated=\"false\">\n  <cell a=\"1\" b=\"true\"",
		    "truncated=\"true\">\n  <cell a=\"1\" b=\"true\"",
		    "tally accounts says 3" },
		{ " <tally id=\"purges\" class=\"purge\" by=\"kind\" "
		  "sum=\"rows\" count=\"0\" truncated=\"false\">\n </tally>\n",
		    "", "tally purges is missing" },
	};
	const char *departments[] = { "IT", "R&D", "IT" };
	struct buf b;

	for (size_t i = 0; i < 3; i++)
		count_enabled("1", departments[i]);
	totals(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf other = buf_new(1 << 24);
		struct tallies *read = NULL;

		replaced(&b, cases[i].find, cases[i].replace, &other);
		ck_assert_ok(tallies_read(
		    &read, schema, other.data, other.length, 7, &e));
		tallies_free(&tallies);
		tallies = read;
		for (size_t j = 0; j < 3; j++)
			count_enabled("1", departments[j]);
		if (cases[i].why == NULL)
			ck_assert_ok(tallies_compare(tallies, &e));
		else {
			ck_assert_fails(
			    tallies_compare(tallies, &e), ERR_TAMPERED);
			ck_assert_msg(
			    strstr(e.text, cases[i].why) != NULL, "%s", e.text);
		}
		buf_free(&other);
	}
	buf_free(&b);
}
END_TEST

START_TEST(totals_that_are_not_of_the_table_are_refused)
{
	static const struct {
		const char *find, *replace;
	} cases[] = {
		{ "id=\"purges\"", "id=\"unknown\"" },
		{ "id=\"purges\"", "id=\"controls\"" },
		{ "by=\"kind\" sum=\"rows\"", "by=\"kind\"" },
		{ "value=\"false\"", "value=\"true\"" },
		{ "<where column=\"complete\" value=\"false\"/>", "" },
		{ " c=\"\"", "" },
		{ "</summary>", "" },
	};
	struct tallies *read = NULL;
	struct buf b;

	count_enabled("1", "IT");
	totals(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf other = buf_new(1 << 24);

		replaced(&b, cases[i].find, cases[i].replace, &other);
		ck_assert_fails(tallies_read(&read, schema, other.data,
		                    other.length, 7, &e),
		    ERR_FORMAT);
		ck_assert_ptr_null(read);
		buf_free(&other);
	}
	ck_assert_fails(
	    tallies_read(&read, schema, b.data, b.length, 8, &e), ERR_TAMPERED);
	buf_free(&b);
}
END_TEST

/* ---- The manifest ---- */

static void
fill_manifest(void)
{
	struct manifest_retention *retention;
	struct manifest_signer *signer;
	struct manifest_scope *scope;

	memset(manifest->previous, 0xab, sizeof(manifest->previous));
	strcpy(manifest->kind, "case");
	strcpy(manifest->program, "reeve 0.1.0");
	manifest->from = 1793491200;
	manifest->to = 1801440000;
	manifest->made = 1796040000;
	manifest->state = 12;
	manifest->state_at = 1796030000;
	manifest->head = 40;
	manifest->places = 3;
	manifest->covered = 2;
	ck_assert_ptr_nonnull(scope = manifest_add_scope(manifest, &e));
	strcpy(scope->what, "person");
	strcpy(scope->value, "E\"1\"");
	ck_assert_ptr_nonnull(retention = manifest_add_retention(manifest, &e));
	strcpy(retention->kind, "logins");
	retention->months = 36;
	ck_assert_ptr_nonnull(signer = manifest_add_signer(manifest, &e));
	strcpy(signer->name, "officer");
	ck_assert_ptr_nonnull(signer = manifest_add_signer(manifest, &e));
	strcpy(signer->name, "ciso");
	signer->pinned = true;
	ck_assert_ok(pack_begin(writer, "signer", &e));
	ck_assert_ok(pack_row(writer, SIGNER("1"), &e));
	ck_assert_ok(pack_end(writer, 1, NULL, &e));
	ck_assert_ok(pack_put_file(writer, "VERIFY.txt", "read me\n", 8, &e));
}

START_TEST(files_are_listed_by_name_and_summed)
{
	struct buf b = buf_new(MANIFEST_BYTES), sums = buf_new(4096);
	int out;

	fill_manifest();
	ck_assert_ok(manifest_write(manifest, &b, &e));
	ck_assert_str_eq(manifest->files[0].name, "VERIFY.txt");
	ck_assert_ok(manifest_sums(manifest, b.data, b.length, &sums, &e));
	out = pack_file_create(directory, EVIDENCE_MANIFEST, &e);
	ck_assert_ok(file_put(out, b.data, b.length, 0, &e));
	ck_assert_ok(pack_file_done(&out, EVIDENCE_MANIFEST, &e));
	out = pack_file_create(directory, EVIDENCE_SUMS, &e);
	ck_assert_ok(file_put(out, sums.data, sums.length, 0, &e));
	ck_assert_ok(pack_file_done(&out, EVIDENCE_SUMS, &e));
	ck_assert_int_eq(
	    shell("cd %s && sha256sum -c --strict --quiet SHA256SUMS && "
	          "test \"$(cut -c67- SHA256SUMS)\" = \"$(printf 'VERIFY.txt\n"
	          "manifest.xml\nparts/signer-0001.xml')\"",
	        folder),
	    0);
	buf_free(&b);
	buf_free(&sums);
}
END_TEST

START_TEST(a_manifest_is_bounded)
{
	ck_assert_ptr_nonnull(manifest_add_scope(manifest, &e));
	for (unsigned i = 0; i < EVIDENCE_FILES; i++)
		ck_assert_ptr_nonnull(manifest_add_file(manifest, &e));
	ck_assert_ptr_null(manifest_add_file(manifest, &e));
	ck_assert_int_eq(e.code, ERR_LIMIT);
}
END_TEST

START_TEST(a_manifest_comes_back_as_it_was_written)
{
	struct buf b = buf_new(MANIFEST_BYTES), again = buf_new(MANIFEST_BYTES);
	struct manifest *read = NULL;

	fill_manifest();
	ck_assert_ok(manifest_write(manifest, &b, &e));
	ck_assert_ok(manifest_read(&read, b.data, b.length, &e));
	ck_assert_int_eq(read->sequence, 7);
	ck_assert(!read->first);
	ck_assert_int_eq(read->to, 1801440000);
	ck_assert_int_eq(read->state, 12);
	ck_assert_int_eq(read->check, FACT_UNKNOWN);
	ck_assert_str_eq(read->scopes[0].value, "E\"1\"");
	ck_assert_int_eq(read->retentions[0].purged, FACT_UNKNOWN);
	ck_assert(!read->signers[0].pinned);
	ck_assert(read->signers[1].pinned);
	ck_assert_int_eq(
	    manifest_file_find(read, "parts/signer-0001.xml")->rows, 1);
	ck_assert_ok(manifest_write(read, &again, &e));
	ck_assert_str_eq(buf_string(&again), buf_string(&b));
	manifest_free(&read);
	buf_free(&b);
	buf_free(&again);
}
END_TEST

START_TEST(a_manifest_that_is_not_one_is_refused)
{
	static const struct {
		const char *find, *replace, *why;
	} cases[] = {
		{ "sequence=\"7\" ", "", "sequence" },
		{ "sequence=\"7\"", "sequence=\"1\"", "sequence 1 alone" },
		{ "sequence=\"7\"", "sequence=\"+7\"", "" },
		{ "kind=\"case\"", "kind=\"cases\"", "kind" },
		{ "version=\"1\"", "version=\"2\"", "version" },
		{ "urn:reeve:evidence:1", "urn:reeve:evidence:2", "namespace" },
		{ "<state", "<!-- x --><state", "" },
		{ "<state", "<other/><state", "other" },
		{ "VERIFY.txt", "../VERIFY", "name" },
		{ "VERIFY.txt", "zzz", "order of their names" },
		{ "VERIFY.txt", "parts/signer-0001.xml", "order" },
		{ "class=\"signer\" rows=\"1\"", "class=\"signer\"",
		    "without rows" },
		{ "name=\"ciso\"", "name=\"officer\"", "twice" },
		{ "made=\"2026-11-30", "made=\"2026-02-30", "not a time" },
		{ "</manifest>", "", "" },
		{ "</manifest>", "</manifest><manifest/>", "" },
		{ "encoding=\"UTF-8\"", "encoding=\"UTF-7\"", "" },
		{ "<manifest", "<!DOCTYPE manifest []><manifest", "" },
		{ "program=\"reeve", "program=\"&amp;amp;&#0;", "" },
	};
	struct buf b = buf_new(MANIFEST_BYTES);
	struct manifest *read = NULL;

	fill_manifest();
	ck_assert_ok(manifest_write(manifest, &b, &e));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf other = buf_new(MANIFEST_BYTES);

		replaced(&b, cases[i].find, cases[i].replace, &other);
		ck_assert_fails(
		    manifest_read(&read, other.data, other.length, &e),
		    ERR_FORMAT);
		ck_assert_ptr_null(read);
		ck_assert_msg(strstr(e.text, cases[i].why) != NULL, "%s: %s",
		    cases[i].replace, e.text);
		buf_free(&other);
	}
	ck_assert_fails(
	    manifest_read(&read, b.data, MANIFEST_BYTES + 1, &e), ERR_LIMIT);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review pack");
	TCase *schema_case = tcase_create("schema");
	TCase *value_case = tcase_create("value");
	TCase *write_case = tcase_create("write");
	TCase *tally_case = tcase_create("tally");
	TCase *manifest_case = tcase_create("manifest");

	tcase_add_checked_fixture(schema_case, setup, teardown);
	tcase_add_test(
	    schema_case, every_class_and_column_has_titles_in_two_languages);
	tcase_add_test(schema_case, a_class_is_as_the_schema_declares_it);
	tcase_set_timeout(schema_case, 60);
	suite_add_tcase(suite, schema_case);

	tcase_add_checked_fixture(value_case, setup, teardown);
	tcase_add_test(value_case,
	    what_xml_cannot_carry_is_replaced_and_the_rest_is_escaped);
	tcase_add_test(value_case, a_value_is_judged_by_its_type);
	tcase_add_test(
	    value_case, a_time_has_one_spelling_and_stays_within_four_digits);
	tcase_add_test(value_case, decimals_are_added_without_rounding);
	tcase_set_timeout(value_case, 60);
	suite_add_tcase(suite, value_case);

	tcase_add_checked_fixture(write_case, setup, teardown);
	tcase_add_test(write_case, a_row_is_one_element_on_one_line);
	tcase_add_test(write_case, what_is_written_is_what_the_manifest_says);
	tcase_add_test(
	    write_case, a_class_without_rows_is_named_and_has_no_part);
	tcase_add_test(write_case, a_full_part_is_followed_by_another);
	tcase_add_test(
	    write_case, a_row_that_would_not_validate_is_refused_by_name);
	tcase_add_test(write_case, nothing_that_exists_is_written_over);
	tcase_add_test(write_case, no_link_is_followed_and_no_name_leads_out);
	tcase_add_test(write_case, a_full_disk_is_an_error_that_names_the_file);
	tcase_set_timeout(write_case, 60);
	suite_add_tcase(suite, write_case);

	tcase_add_checked_fixture(tally_case, setup, teardown);
	tcase_add_test(tally_case, rows_are_counted_while_they_are_written);
	tcase_add_test(tally_case, a_condition_counts_what_has_no_value);
	tcase_add_test(
	    tally_case, values_beyond_the_cells_are_counted_and_said);
	tcase_add_test(tally_case, a_long_value_is_cut_at_a_character);
	tcase_add_test(tally_case, totals_that_are_counted_again_are_compared);
	tcase_add_test(
	    tally_case, totals_that_are_not_of_the_table_are_refused);
	tcase_set_timeout(tally_case, 60);
	suite_add_tcase(suite, tally_case);

	tcase_add_checked_fixture(manifest_case, setup, teardown);
	tcase_add_test(manifest_case, files_are_listed_by_name_and_summed);
	tcase_add_test(manifest_case, a_manifest_is_bounded);
	tcase_add_test(manifest_case, a_manifest_comes_back_as_it_was_written);
	tcase_add_test(manifest_case, a_manifest_that_is_not_one_is_refused);
	tcase_set_timeout(manifest_case, 60);
	suite_add_tcase(suite, manifest_case);
	return unit_run(suite);
}
