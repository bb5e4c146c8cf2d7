/*
 * What the Check programs share: calls that set an error `e`, and the end of
 * main.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* The call returned 0, or -1 with that code; struct err e says why not. */
#define ck_assert_ok(expression)                                               \
	ck_assert_msg((expression) == 0, "%s: %s", #expression, e.text)
#define ck_assert_fails(expression, code_)                                     \
	do {                                                                   \
		e = (struct err){ 0 };                                         \
		ck_assert_int_eq((expression), -1);                            \
		ck_assert_msg(                                                 \
		    e.code == (code_), "%d: %s", (int)e.code, e.text);         \
	} while (0)

/* Runs all and says what main returns. */
static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
