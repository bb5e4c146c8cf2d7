#include <string.h>

#include "pamod/hours.h"
#include "tests/unit.h"

enum { SUN, MON, TUE, WED, THU, FRI, SAT };

static unsigned
at(unsigned day, unsigned hour, unsigned minute)
{
	return (day * 24 + hour) * 60 + minute;
}

static const char *const good[] = {
	"",
	"Mon 08:00-20:00",
	"mon-fri 08:00-20:00; SAT 09:00-12:00",
	"Mon,Wed,Fri 00:00-24:00",
	"Fri-Mon 22:00-06:00",
	"Sun-Sat 00:00-24:00 ;Sun 00:00-01:00",
};

START_TEST(well_formed_hours_are_taken)
{
	struct err e = { 0 };

	ck_assert_msg(hours_parse(good[_i], &e) == 0, "%s", e.text);
}
END_TEST

static const char *const bad[] = {
	" ",
	"always",
	"Mon",
	"Mon ",
	"Mon 8:00-20:00",
	"Mon 08:00",
	"Mon 08:00-20:00;",
	"Mon 08:00-20:00; ",
	"Mon 08:00-08:00",
	"Mon 24:00-08:00",
	"Mon 08:60-09:00",
	"Mon 08:00-24:01",
	"Mon 08:00-25:00",
	"Mon- 08:00-20:00",
	"Mon, 08:00-20:00",
	"Monday 08:00-20:00",
	"Mon  08:00-20:00",
	"Mon 08:00-20:00 x",
	"Mon 08:00-20:00,Tue 08:00-20:00",
	"08:00-20:00",
};

START_TEST(ill_formed_hours_are_refused_and_never_allow)
{
	struct err e = { 0 };

	ck_assert_int_eq(hours_parse(bad[_i], &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	for (unsigned minute = 0; minute < 7 * 24 * 60; minute++)
		ck_assert(!hours_allow_minute(bad[_i], minute));
}
END_TEST

static const struct {
	const char *hours;
	unsigned day, hour, minute;
	bool allowed;
} moments[] = {
	{ "", TUE, 3, 0, true },
	{ "Mon-Fri 08:00-20:00", MON, 8, 0, true },
	{ "Mon-Fri 08:00-20:00", MON, 7, 59, false },
	{ "Mon-Fri 08:00-20:00", FRI, 19, 59, true },
	{ "Mon-Fri 08:00-20:00", FRI, 20, 0, false },
	{ "Mon-Fri 08:00-20:00", SAT, 12, 0, false },
	{ "Mon-Fri 08:00-20:00; Sat 09:00-12:00", SAT, 9, 0, true },
	{ "Mon-Fri 08:00-20:00; Sat 09:00-12:00", SUN, 9, 0, false },
	{ "Fri-Mon 09:00-10:00", SUN, 9, 30, true },
	{ "Fri-Mon 09:00-10:00", TUE, 9, 30, false },
	{ "Fri 22:00-06:00", FRI, 23, 59, true },
	{ "Fri 22:00-06:00", SAT, 0, 0, true },
	{ "Fri 22:00-06:00", SAT, 5, 59, true },
	{ "Fri 22:00-06:00", SAT, 6, 0, false },
	{ "Fri 22:00-06:00", FRI, 5, 0, false },
	{ "Sat 22:00-06:00", SUN, 3, 0, true },
	{ "Sat 22:00-06:00", SAT, 3, 0, false },
	{ "Sun 00:00-24:00", SUN, 23, 59, true },
	{ "Sun 00:00-24:00", MON, 0, 0, false },
};

START_TEST(a_moment_is_within_hours_or_not)
{
	ck_assert_int_eq(
	    hours_allow_minute(moments[_i].hours,
	        at(moments[_i].day, moments[_i].hour, moments[_i].minute)),
	    moments[_i].allowed);
}
END_TEST

START_TEST(a_minute_beyond_the_week_is_never_within)
{
	ck_assert(!hours_allow_minute("", 7 * 24 * 60));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hours");
	TCase *tc = tcase_create("hours");

	tcase_add_loop_test(
	    tc, well_formed_hours_are_taken, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(tc, ill_formed_hours_are_refused_and_never_allow, 0,
	    sizeof(bad) / sizeof(*bad));
	tcase_add_loop_test(tc, a_moment_is_within_hours_or_not, 0,
	    sizeof(moments) / sizeof(*moments));
	tcase_add_test(tc, a_minute_beyond_the_week_is_never_within);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
