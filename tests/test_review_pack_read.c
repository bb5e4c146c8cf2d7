/*
 * Parts of packs, as somebody hostile makes them. Where a number is a bound in
 * time, it is a hundred times what it takes.
 */
#include "tests/unit.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "review/evidence.h"
#include "review/pack_read.h"
#include "schema/base/buf.h"

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define SPACE       "xmlns=\"urn:reeve:evidence:1\""
#define ROOT(class)                                                            \
	"<part " SPACE                                                         \
	" version=\"1\" pack=\"7\" class=\"" class "\" number=\"1\">\n"
#define PERSON "<person employee=\"E1\" kind=\"staff\" status=\"active\"/>\n"
#define GOOD   DECLARATION ROOT("person") PERSON "</part>\n"
#define ACT                                                                    \
	"<act id=\"1\" at=\"2026-11-29T12:00:00Z\" kind=\"person\" "           \
	"included=\"true\" digest=\"00\">"
#define LARGE (64u << 20)

static struct err e;
static struct pack_schema *schema;
static struct pack_xsd *xsd;
static struct pack_reading asked;
static int64_t rows;
static struct buf seen;

static void
set_up(void)
{
	e = (struct err){ 0 };
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(pack_xsd_new(&xsd, &e));
	asked = (struct pack_reading){ .schema = schema,
		.name = "parts/x.xml",
		.class = "person",
		.pack = 7,
		.number = 1,
		.validate = true,
		.xsd = xsd };
	seen = buf_new(LARGE);
	rows = -1;
}

static void
tear_down(void)
{
	pack_xsd_free(&xsd);
	pack_schema_free(&schema);
	buf_free(&seen);
}

static int
file_of(const void *bytes, size_t length)
{
	int fd = memfd_create("part", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	return fd;
}

static int
note(void *context, const struct pack_row *row, struct err *error)
{
	(void)context;
	(void)error;
	buf_printf(&seen, "%lld:", (long long)row->line);
	for (size_t i = 0; i < row->class->count; i++)
		buf_printf(&seen, "%s|",
		    row->values[i] == NULL ? "-" : row->values[i]);
	buf_put_byte(&seen, ';');
	return 0;
}

static int
read_bytes(const void *bytes, size_t length)
{
	int fd = file_of(bytes, length), result;

	result = pack_read(fd, &asked, note, NULL, &rows, &e);
	(void)close(fd);
	return result;
}

static int
read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void
refused(const char *text, const char *why)
{
	ck_assert_fails(read_text(text), ERR_FORMAT);
	ck_assert_msg(strncmp(e.text, "parts/x.xml", 11) == 0 &&
	        strstr(e.text, why) != NULL,
	    "said: %s", e.text);
}

START_TEST(rows_are_read_with_their_lines)
{
	ck_assert_ok(read_text(DECLARATION ROOT("person") PERSON
	    "\n<person employee=\"A &amp; &#38;&lt;&quot;&#10;B&#x4e2d;\" "
	    "name=\"n\" kind=\"k\" status=\"s\"></person></part>"));
	ck_assert_int_eq(rows, 2);
	ck_assert_str_eq(buf_string(&seen),
	    "3:E1|-|-|staff|active|-|;5:A & &<\"\nB\xe4\xb8\xad|n|-|k|s|-|;");
}
END_TEST

START_TEST(a_body_is_the_last_column)
{
	asked.class = "act";
	ck_assert_ok(read_text(DECLARATION ROOT("act") ACT
	    "{\"a\":\"&lt;&amp;&gt;\"}\n x</act>\n</part>\n"));
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&seen), "|{\"a\":\"<&>\"}\n x|;"));
}
END_TEST

START_TEST(lines_are_right_beyond_65535)
{
	struct buf b = buf_new(LARGE);

	buf_put_string(&b, DECLARATION ROOT("person"));
	for (int i = 0; i < 70000; i++)
		buf_put_string(&b, PERSON);
	buf_put_string(&b,
	    "<person employee=\"E1\" kind=\"!\" "
	    "status=\"active\"/>\n</part>\n");
	ck_assert_fails(read_bytes(b.data, b.length), ERR_FORMAT);
	ck_assert_msg(strncmp(e.text, "parts/x.xml, line 70003: ", 25) == 0,
	    "%s", e.text);
	ck_assert_ptr_nonnull(strstr(e.text, "'!'"));
	ck_assert_int_eq(rows, 70000);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "line 1: it is cut off" },
	{ "<part/>", "line 1: it does not begin with the declaration" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-7\"?><part/>",
	    "line 1: it does not begin with the declaration" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?><part/>",
	    "line 1: it does not begin with the declaration" },
	{ DECLARATION, "line 2: it is cut off" },
	{ DECLARATION "<!DOCTYPE part>\n" ROOT("person") "</part>",
	    "line 2: a DOCTYPE" },
	{ DECLARATION "\n\n<!DOCTYPE part [<!ENTITY a \"b\">]>",
	    "line 4: a D" },
	{ DECLARATION ROOT("person") "<!-- -->\n</part>", "line 3: a DOCTYPE" },
	{ DECLARATION ROOT("person") "<![CDATA[]]></part>", "line 3: a DOCTY" },
	{ DECLARATION ROOT("person") "<?p i?></part>", "line 3: a processing" },
	{ DECLARATION "<?xml-stylesheet href=\"file:///etc/passwd\"?>",
	    "line 2: a processing" },
	{ GOOD "<?p i?>", "a processing" },
	{ GOOD "<part/>", "line 5: " },
	{ GOOD "x", "line 5: " },
	{ DECLARATION ROOT("person") PERSON, "it is cut off" },
	{ DECLARATION ROOT("person") "<person employee=\"&x;\" kind=\"k\" "
	                             "status=\"s\"/></part>",
	    "line 3: Entity 'x' not defined" },
	{ DECLARATION ROOT("person") "&x;</part>",
	    "line 3: Entity 'x' not defined" },
	{ DECLARATION ROOT("person") "&longerThanAny;</part>",
	    "line 3: a reference that is too long" },
	{ DECLARATION ROOT("person") "words</part>", "line 3: " },
	{ DECLARATION ROOT("person") "words" PERSON "</part>",
	    "line 3: text between elements" },
	{ DECLARATION ROOT("person") PERSON "words</part>",
	    "line 4: text between elements" },
	{ DECLARATION ROOT("person") "<person employee=\"\xff\" kind=\"k\" "
	                             "status=\"s\"/></part>",
	    "line 3: " },
	{ DECLARATION ROOT("person") "<person employee=\"&#0;\" kind=\"k\" "
	                             "status=\"s\"/></part>",
	    "line 3: " },
	/* What it says it is. */
	{ DECLARATION "<part " SPACE "/>", "line 2: " },
	{ DECLARATION "<summary " SPACE " version=\"1\" pack=\"7\"/>",
	    "line 2: it is no part" },
	{ DECLARATION "<part version=\"1\" pack=\"7\" class=\"person\" "
	              "number=\"1\"/>",
	    "line 2: an element that is not of its namespace" },
	{ DECLARATION "<part xmlns=\"urn:x\" version=\"1\" pack=\"7\" "
	              "class=\"person\" number=\"1\"/>",
	    "line 2: an element that is not of its namespace" },
	{ DECLARATION "<p:part xmlns:p=\"urn:reeve:evidence:1\" version=\"1\" "
	              "pack=\"7\" class=\"person\" number=\"1\"/>",
	    "line 2: an element that is not of its namespace" },
	{ DECLARATION "<part " SPACE " version=\"2\" pack=\"7\" "
	              "class=\"person\" number=\"1\"/>",
	    "line 2: " },
	{ DECLARATION "<part " SPACE " version=\"1\" pack=\"8\" "
	              "class=\"person\" number=\"1\"/>",
	    "line 2: pack: \"8\"" },
	{ DECLARATION "<part " SPACE " version=\"1\" pack=\"07\" "
	              "class=\"person\" number=\"1\"/>",
	    "line 2: pack: \"07\"" },
	{ DECLARATION "<part " SPACE " version=\"1\" pack=\"7\" "
	              "class=\"act\" number=\"1\"/>",
	    "line 2: class: \"act\"" },
	{ DECLARATION "<part " SPACE " version=\"1\" pack=\"7\" "
	              "class=\"person\" number=\"2\"/>",
	    "line 2: number: \"2\"" },
	{ DECLARATION "<part " SPACE " version=\"1\" pack=\"7\" "
	              "class=\"person\" number=\"1\" more=\"\"/>",
	    "line 2: " },
	/* Rows. */
	{ DECLARATION ROOT("person") "<source id=\"1\" name=\"\" url=\"\" "
	                             "realm=\"\" product=\"\" "
	                             "core=\"true\"/></part>",
	    "line 3: a row of another class, \"source\"" },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\"/>"
	                             "</part>",
	    "line 3: " },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
	                             "status=\"s\" nationalId=\"A1\"/></part>",
	    "line 3: " },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
	                             "status=\"s\" status=\"t\"/></part>",
	    "line 3: Attribute status redefined" },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
	                             "status=\"s\">x</person></part>",
	    "line 3: " },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
	                             "status=\"s\">" PERSON "</person></part>",
	    "line 3: " },
	{ DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
	                             "status=\"s\" left=\"yesterday\"/></part>",
	    "line 3: " },
	/* What XML Schema lets anybody write. */
	{ DECLARATION
	    "<part " SPACE " version=\"1\" pack=\"7\" class=\"person\" "
	    "number=\"1\" xmlns:xsi=\"http://www.w3.org/2001/"
	    "XMLSchema-instance\" xsi:schemaLocation=\"urn:x /etc/x\"/>",
	    "line 2: an element that is not of its namespace" },
	{ DECLARATION ROOT("person") "<person "
	                             "xmlns:xsi=\"http://www.w3.org/2001/"
	                             "XMLSchema-instance\" "
	                             "xsi:nil=\"true\"/></part>",
	    "line 3: an element that is not of its namespace" },
	{ DECLARATION ROOT("person") "<person xml:lang=\"zh\" employee=\"\" "
	                             "kind=\"k\" status=\"s\"/></part>",
	    "line 3: an attribute with a prefix" },
};

START_TEST(what_is_no_part_is_refused_with_its_line)
{
	refused(bad[_i].text, bad[_i].why);
}
END_TEST

START_TEST(shape_is_judged_without_the_schema_too)
{
	static const char *const texts[] = {
		DECLARATION ROOT("person") "<person employee=\"E1\"/></part>",
		DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
		                           "status=\"s\" x=\"\"/></part>",
		DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
		                           "status=\"s\">x</person></part>",
		DECLARATION ROOT("person") "<rule/></part>",
		DECLARATION ROOT("person") "words</part>",
		DECLARATION ROOT("person") "<person employee=\"E1\" kind=\"k\" "
		                           "status=\"s\"><person/></person>"
		                           "</part>",
	};

	asked.validate = false;
	ck_assert_ok(read_text(GOOD));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused(texts[i], "line 3: ");
}
END_TEST

START_TEST(bytes_that_changed_since_are_noticed)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)GOOD, strlen(GOOD), digest);
	asked.sha256 = digest;
	ck_assert_ok(read_text(GOOD));
	digest[31] ^= 1;
	ck_assert_fails(read_text(GOOD), ERR_TAMPERED);
	ck_assert_str_eq(e.text, "parts/x.xml: it changed while it was read");
}
END_TEST

static int
stop_at_once(void *context, const struct pack_row *row, struct err *error)
{
	(void)context;
	(void)row;
	return err_set(error, ERR_LIMIT, "enough");
}

START_TEST(who_reads_can_stop)
{
	int fd = file_of(GOOD, strlen(GOOD));

	ck_assert_fails(
	    pack_read(fd, &asked, stop_at_once, NULL, &rows, &e), ERR_LIMIT);
	ck_assert_str_eq(e.text, "parts/x.xml, line 3: enough");
	(void)close(fd);
}
END_TEST

START_TEST(every_cut_is_refused)
{
	for (size_t n = 0; n < strlen(GOOD) - 1; n++)
		ck_assert_fails(read_bytes(GOOD, n), ERR_FORMAT);
}
END_TEST

/* ---- Time and memory ---- */

static void
put_many(struct buf *b, const char *text, size_t length)
{
	size_t n = strlen(text);

	while (b->length + n <= length)
		buf_put(b, text, n);
}

/* What begins a part, what fills it, what would have ended it. */
static const struct {
	const char *class, *before, *fill, *after;
} heavy[] = {
	{ "person", DECLARATION ROOT("person") "<person employee=\"", "x",
	    "\" kind=\"k\" status=\"s\"/></part>" },
	{ "person", DECLARATION ROOT("person") "<person kind=\"", "k",
	    "\" employee=\"\" status=\"s\"/></part>" },
	{ "person", DECLARATION ROOT("person") "<person employee=\"", "&amp;",
	    "\" kind=\"k\" status=\"s\"/></part>" },
	{ "act", DECLARATION ROOT("act") ACT, "x", "</act></part>" },
	{ "act", DECLARATION ROOT("act") ACT, "&amp;", "</act></part>" },
	{ "act", DECLARATION ROOT("act") ACT, "\n", "</act></part>" },
	{ "act", DECLARATION ROOT("act") ACT, "]", "</act></part>" },
	{ "person", DECLARATION ROOT("person"), "<person>", "</part>" },
	{ "person", DECLARATION, "<part>", "</part>" },
	{ "person", DECLARATION ROOT("person") "<person ", "a=\"\" ", "/>" },
	{ "person", DECLARATION ROOT("person") "<person ", "a ", "/></part>" },
	{ "person", DECLARATION ROOT("person") "<", "x", "/></part>" },
	{ "person", DECLARATION ROOT("person") "<x", ":", "/></part>" },
	{ "person", DECLARATION ROOT("person") "<person ", " ", "/></part>" },
	{ "person", DECLARATION ROOT("person"), " ", "</part>" },
	{ "person", DECLARATION ROOT("person"), "&", "</part>" },
	{ "person", DECLARATION ROOT("person") "&", "x", ";</part>" },
	{ "person", DECLARATION ROOT("person") "</", "part", "></part>" },
	{ "person", DECLARATION, "\n", "<part/>" },
	{ "person", GOOD, "\n", "" },
	{ "purge", DECLARATION ROOT("purge") "<purge before=\"", "0",
	    "\" /></part>" },
	{ "act",
	    DECLARATION ROOT("act") "<act id=\"1\" kind=\"k\" "
	                            "at=\"2026-11-29T12:00:00Z\" "
	                            "included=\"true\" digest=\"",
	    "ab", "\"/></part>" },
	{ "act",
	    DECLARATION ROOT("act") "<act id=\"1\" kind=\"k\" "
	                            "at=\"2026-11-29T12:00:00Z\" "
	                            "included=\"true\" digest=\"00\" name=\"",
	    "&#60;", "\"/></part>" },
};

static const size_t sizes[] = { 32u << 20, 200000 };

START_TEST(heavy_documents_take_little_time_and_memory)
{
	size_t test = (size_t)_i / 2, size = sizes[_i % 2];
	struct buf b = buf_new(LARGE);
	struct timespec start, now;
	struct rusage before, after;
	double took;

	buf_put_string(&b, heavy[test].before);
	put_many(&b, heavy[test].fill, size);
	buf_put_string(&b, heavy[test].after);
	asked.class = heavy[test].class;
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
	ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start), 0);
	(void)read_bytes(b.data, b.length);
	ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
	took = (double)(now.tv_sec - start.tv_sec) +
	    (double)(now.tv_nsec - start.tv_nsec) / 1e9;
	if (getenv("MEASURE") != NULL)
		fprintf(stderr, "%2zu %8zu %.3f s %ld KiB: %s\n", test,
		    b.length, took, after.ru_maxrss - before.ru_maxrss, e.text);
	ck_assert_msg(took < 20, "%zu took %.1f s", test, took);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const int heavy_count = 2 * (int)(sizeof(heavy) / sizeof(heavy[0]));
	const int bad_count = (int)(sizeof(bad) / sizeof(bad[0]));
	Suite *suite = suite_create("pack_read");
	TCase *tests = tcase_create("pack_read");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, rows_are_read_with_their_lines);
	tcase_add_test(tests, a_body_is_the_last_column);
	tcase_add_test(tests, lines_are_right_beyond_65535);
	tcase_add_loop_test(
	    tests, what_is_no_part_is_refused_with_its_line, 0, bad_count);
	tcase_add_test(tests, shape_is_judged_without_the_schema_too);
	tcase_add_test(tests, bytes_that_changed_since_are_noticed);
	tcase_add_test(tests, who_reads_can_stop);
	tcase_add_test(tests, every_cut_is_refused);
	tcase_add_loop_test(
	    tests, heavy_documents_take_little_time_and_memory, 0, heavy_count);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
