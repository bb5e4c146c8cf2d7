/* OSCAL of a pack: what it says of each rule and control, the same each time. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "review/fact.h"
#include "review/oscal.h"
#include "shell.h"
#include "unit.h"

#define BYTES (64u << 20)

static struct err e;
static struct pack_schema *schema;
static struct manifest m;
static struct manifest_file files[3];
static struct oscal *oscal;
static struct buf out;

static void
setup(void)
{
	m = (struct manifest){ .sequence = 7,
		.from = 1790812800,
		.to = 1798761600,
		.made = 1798848000,
		.state = 9,
		.state_at = 1798760000,
		.check = 3,
		.checked = 1798761000,
		.places = 3,
		.covered = 2,
		.files = files,
		.file_count = 3 };
	(void)strcpy(m.kind, "periodic");
	(void)strcpy(m.program, "reeve 0.1.0");
	(void)strcpy(m.profile, "house");
	memset(m.head_digest, 0x5a, sizeof(m.head_digest));
	memset(files, 0, sizeof(files));
	(void)strcpy(files[0].name, "parts/rule-0001.xml");
	(void)strcpy(files[0].class, "rule");
	memset(files[0].sha256, 0xab, sizeof(files[0].sha256));
	(void)strcpy(files[1].name, "parts/finding-0001.xml");
	(void)strcpy(files[1].class, "finding");
	(void)strcpy(files[2].name, "VERIFY.txt");
	out = buf_new(BYTES);
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(oscal_new(&oscal, &e));
}

static void
teardown(void)
{
	oscal_free(&oscal);
	pack_schema_free(&schema);
	buf_free(&out);
}

struct cell {
	const char *column, *value;
};

static int
give(const char *class, const struct cell *cells)
{
	struct pack_row row = { .class = pack_schema_find(schema, class) };

	ck_assert_ptr_nonnull(row.class);
	for (const struct cell *c = cells; c->column != NULL; c++) {
		int at = pack_column_find(row.class, c->column);

		ck_assert_msg(at >= 0, "%s of %s", c->column, class);
		row.values[at] = c->value;
	}
	return oscal_row(oscal, &row, &e);
}

#define GIVE(class, ...)                                                       \
	ck_assert_ok(                                                          \
	    give(class, (const struct cell[]){ __VA_ARGS__, { NULL, NULL } }))

static void
give_rule(const char *id, const char *hits)
{
	GIVE("rule", { "id", id }, { "title", "Dormant <account> & such" },
	    { "severity", "high" }, { "population", "200" }, { "hits", hits },
	    { "unknowns", "2" }, { "excepted", "1" });
}

static void
give_control(
    const char *id, const char *nist, const char *rules, const char *verdict)
{
	GIVE("control", { "id", id }, { "title", "A control" },
	    { "nist", nist }, { "rules", rules }, { "verdict", verdict },
	    { "gap", "" });
}

static void
give_company(void)
{
	GIVE("source", { "id", "1" }, { "name", "corp" }, { "product", "ad" },
	    { "realm", "corp" }, { "core", "true" });
	GIVE("source", { "id", "2" }, { "name", "hosts" }, { "product", "" },
	    { "realm", "hosts" }, { "core", "false" });
	GIVE("coverage", { "source", "2" }, { "complete", "true" });
	GIVE("coverage", { "source", "2" }, { "complete", "false" });
	give_rule("AR-101", "12");
	give_rule("AR-102", "0");
	give_control("PAR-08", "AC-2(3) AC-2 j", "AR-101, AR-102", "not");
	give_control("PAR-09", "AC-2", "AR-102", "conforming");
	give_control("PAR-32", "AC-6(7)", "AR-102", "conforming");
	give_control("PAR-29", "AU-6", "", "unavailable");
	give_control("PAR-07", "AC-2(2)", "", "not-applicable");
}

/* The XPath's text, prefix o: OSCAL's namespace. */
static void
check_text(const char *path, const char *wanted)
{
	xmlDocPtr doc = xmlReadMemory((const char *)out.data, (int)out.length,
	    "oscal", NULL, XML_PARSE_NONET);
	xmlXPathContextPtr context;
	xmlXPathObjectPtr found;
	xmlChar *text;

	ck_assert_ptr_nonnull(doc);
	context = xmlXPathNewContext(doc);
	(void)xmlXPathRegisterNs(context, (const xmlChar *)"o",
	    (const xmlChar *)"http://csrc.nist.gov/ns/oscal/1.0");
	found = xmlXPathEvalExpression((const xmlChar *)path, context);
	ck_assert_ptr_nonnull(found);
	text = xmlXPathCastToString(found);
	ck_assert_msg(strcmp((const char *)text, wanted) == 0,
	    "%s: \"%s\", not \"%s\"", path, (const char *)text, wanted);
	xmlFree(text);
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
}

static void
write_results(void)
{
	buf_clear(&out);
	ck_assert_ok(oscal_results(oscal, &m, &out, &e));
}

START_TEST(there_is_one_observation_a_rule)
{
	give_company();
	write_results();
	check_text("count(//o:observation)", "2");
	check_text(
	    "//o:observation[1]/o:title", "AR-101 Dormant <account> & such");
	check_text("//o:observation[1]/o:prop[@name='hits']/@value", "12");
	check_text("//o:observation[1]/o:method", "TEST");
	check_text("//o:observation[1]/o:collected", "2026-12-31T23:50:00Z");
	check_text("count(//o:observation[1]/o:subject)", "2");
}
END_TEST

START_TEST(a_control_is_satisfied_where_all_that_serve_it_conform)
{
	give_company();
	write_results();
	/* AC-2 is served by PAR-08 (not) and PAR-09 (conforming). */
	check_text("//o:target[@target-id='ac-2_obj']/o:status/@state",
	    "not-satisfied");
	check_text(
	    "//o:target[@target-id='ac-2_obj']/o:status/@reason", "fail");
	check_text("//o:target[@target-id='ac-2.3_obj']/o:status/@state",
	    "not-satisfied");
	check_text(
	    "//o:target[@target-id='ac-6.7_obj']/o:status/@state", "satisfied");
	check_text(
	    "//o:target[@target-id='ac-6.7_obj']/o:status/@reason", "pass");
}
END_TEST

START_TEST(what_cannot_be_told_is_not_satisfied_and_says_why)
{
	give_company();
	write_results();
	check_text("//o:target[@target-id='au-6_obj']/o:status/@state",
	    "not-satisfied");
	check_text(
	    "//o:target[@target-id='au-6_obj']/o:status/@reason", "other");
	check_text("string(//o:target[@target-id='au-6_obj']//o:p)",
	    "PAR-29 A control: unavailable");
}
END_TEST

START_TEST(what_is_not_applicable_is_reviewed_and_no_finding)
{
	give_company();
	write_results();
	check_text("count(//o:target[@target-id='ac-2.2_obj'])", "0");
	check_text("count(//o:include-control[@control-id='ac-2.2'])", "1");
	check_text("count(//o:finding)", "4");
}
END_TEST

START_TEST(a_finding_names_the_observations_of_its_rules)
{
	give_company();
	write_results();
	check_text("count(//o:finding[o:target/@target-id='ac-2.3_obj']"
	           "/o:related-observation)",
	    "2");
	check_text("//o:finding[o:target/@target-id='ac-6.7_obj']"
	           "/o:related-observation/@observation-uuid"
	           " = //o:observation[2]/@uuid",
	    "true");
}
END_TEST

START_TEST(evidence_leads_to_the_parts_and_their_digests)
{
	give_company();
	write_results();
	check_text("count(//o:resource)", "2");
	check_text("//o:resource[1]/o:rlink/@href", "../parts/rule-0001.xml");
	check_text("//o:resource[1]/o:rlink/o:hash",
	    "abababababababababababababababababababababababababababababababab");
	check_text("//o:resource[1]/o:rlink/o:hash/@algorithm", "SHA-256");
	check_text("//o:observation[1]/o:relevant-evidence[1]/@href"
	           " = concat('#', //o:resource[1]/@uuid)",
	    "true");
	check_text("count(//o:observation[1]/o:relevant-evidence)", "2");
}
END_TEST

START_TEST(sources_say_how_much_of_them_was_read)
{
	give_company();
	write_results();
	check_text("//o:inventory-item[2]/o:prop[@name='places']/@value", "2");
	check_text(
	    "//o:inventory-item[2]/o:prop[@name='places-covered']/@value", "1");
	check_text("//o:result/o:prop[@name='places-covered']/@value", "2");
}
END_TEST

START_TEST(the_same_pack_gives_the_same_bytes)
{
	struct buf again = buf_new(BYTES);

	give_company();
	write_results();
	ck_assert_ok(oscal_results(oscal, &m, &again, &e));
	ck_assert_uint_eq(again.length, out.length);
	ck_assert_mem_eq(again.data, out.data, out.length);
	buf_free(&again);
}
END_TEST

START_TEST(another_pack_has_other_uuids_of_version_5)
{
	char first[64];
	const char *at;

	give_company();
	write_results();
	at = strstr(buf_string(&out), "uuid=\"");
	ck_assert_ptr_nonnull(at);
	(void)snprintf(first, sizeof(first), "%.36s", at + 6);
	ck_assert_int_eq(first[14], '5');
	ck_assert_ptr_nonnull(strchr("89ab", first[19]));
	m.sequence = 8;
	write_results();
	ck_assert_ptr_null(strstr(buf_string(&out), first));
}
END_TEST

/* uuid.uuid5(OSCAL_SPACE, "7 1798848000 5a... document assessment-results") */
START_TEST(a_uuid_is_what_others_make_of_the_same_name)
{
	give_company();
	write_results();
	check_text("/o:assessment-results/@uuid",
	    "460dd915-93ef-575f-b3f7-8c5efb493a72");
}
END_TEST

START_TEST(without_controls_there_is_nothing_to_say)
{
	give_rule("AR-101", "0");
	ck_assert(!oscal_any(oscal));
	give_control("PAR-99", "nothing of theirs, XY-, A-1", "", "not");
	ck_assert(!oscal_any(oscal));
	give_control("PAR-01", "CM-8", "", "conforming");
	ck_assert(oscal_any(oscal));
}
END_TEST

START_TEST(more_rows_than_the_bound_are_refused)
{
	const struct cell cells[] = { { "id", "AR-1" }, { NULL, NULL } };

	for (size_t i = 0; i < OSCAL_ROWS; i++)
		ck_assert_ok(give("rule", cells));
	ck_assert_fails(give("rule", cells), ERR_LIMIT);
}
END_TEST

START_TEST(a_rehearsal_says_so)
{
	m.rehearsal = true;
	give_company();
	write_results();
	check_text("//o:metadata/o:prop[@name='rehearsal']/@value", "true");
}
END_TEST

START_TEST(the_plan_is_what_import_ap_names)
{
	give_company();
	write_results();
	check_text("//o:import-ap/@href", "assessment-plan.xml");
	buf_clear(&out);
	ck_assert_ok(oscal_plan(oscal, &m, &out, &e));
	check_text("count(/o:assessment-plan/o:reviewed-controls"
	           "//o:include-control)",
	    "5");
	check_text("/o:assessment-plan/o:import-ssp/@href"
	           " = concat('#', //o:resource/@uuid)",
	    "true");
}
END_TEST

static void
check_valid(const char *xsd, const char *what)
{
	char path[] = "/tmp/reeve-oscal-XXXXXX";
	int fd = mkstemp(path), status;
	FILE *f;

	ck_assert_int_ne(fd, -1);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(out.data, 1, out.length, f), out.length);
	ck_assert_int_eq(fclose(f), 0);
	status =
	    shell("xmllint --nonet --noout --schema '%s' %s >&2", xsd, path);
	(void)remove(path);
	ck_assert_msg(status == 0, "%s does not validate", what);
}

START_TEST(results_are_valid_by_the_schema_of_nist)
{
	const char *xsd = getenv("OSCAL_XSD");

	if (xsd == NULL || xsd[0] == '\0') {
		(void)fputs("skip validation of OSCAL by the schema of NIST: "
		            "OSCAL_XSD does not name it\n",
		    stderr);
		return;
	}
	give_company();
	write_results();
	check_valid(xsd, "a company");
}
END_TEST

START_TEST(odd_texts_stay_valid)
{
	const char *xsd = getenv("OSCAL_XSD");

	m.checked = m.state_at = FACT_UNKNOWN;
	m.profile[0] = '\0';
	GIVE("source", { "id", "1" }, { "name", "  \n " },
	    { "product", " a\nb\t" }, { "realm", "\xf0\x9f\x94\x91" });
	give_rule("AR-101", "");
	give_control("PAR-01", "CM-8", "AR-101", "conforming");
	write_results();
	check_text("//o:inventory-item/o:prop[@name='product']/@value", "a b");
	if (xsd != NULL && xsd[0] != '\0')
		check_valid(xsd, "odd texts");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review/oscal");
	TCase *t = tcase_create("oscal");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, there_is_one_observation_a_rule);
	tcase_add_test(
	    t, a_control_is_satisfied_where_all_that_serve_it_conform);
	tcase_add_test(t, what_cannot_be_told_is_not_satisfied_and_says_why);
	tcase_add_test(t, what_is_not_applicable_is_reviewed_and_no_finding);
	tcase_add_test(t, a_finding_names_the_observations_of_its_rules);
	tcase_add_test(t, evidence_leads_to_the_parts_and_their_digests);
	tcase_add_test(t, sources_say_how_much_of_them_was_read);
	tcase_add_test(t, the_same_pack_gives_the_same_bytes);
	tcase_add_test(t, another_pack_has_other_uuids_of_version_5);
	tcase_add_test(t, a_uuid_is_what_others_make_of_the_same_name);
	tcase_add_test(t, without_controls_there_is_nothing_to_say);
	tcase_add_test(t, more_rows_than_the_bound_are_refused);
	tcase_add_test(t, a_rehearsal_says_so);
	tcase_add_test(t, the_plan_is_what_import_ap_names);
	tcase_add_test(t, results_are_valid_by_the_schema_of_nist);
	tcase_add_test(t, odd_texts_stay_valid);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
