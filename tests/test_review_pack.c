/* Packs of evidence: their schema, parts, manifest and totals. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "review/pack_schema.h"
#include "unit.h"

static struct err e;
static struct pack_schema *schema;

static void
setup(void)
{
	ck_assert_ok(pack_schema_load(&schema, &e));
}

static void
teardown(void)
{
	pack_schema_free(&schema);
}

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
	ck_assert_uint_eq(n, 29);
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

int
main(void)
{
	Suite *suite = suite_create("review pack");
	TCase *schemas = tcase_create("schema");

	tcase_add_checked_fixture(schemas, setup, teardown);
	tcase_add_test(
	    schemas, every_class_and_column_has_titles_in_two_languages);
	tcase_add_test(schemas, a_class_is_as_the_schema_declares_it);
	suite_add_tcase(suite, schemas);
	return unit_run(suite);
}
