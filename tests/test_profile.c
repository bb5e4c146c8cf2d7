#include <string.h>

#include "pamod/profile.h"
#include "tests/unit.h"

/* Options as preset, with a file's lines over them. */
static struct options *
with(const char *text)
{
	struct err e = { 0 };
	struct options *o = options_new(&e);

	ck_assert_msg(o != NULL, "%s", e.text);
	ck_assert_msg(conf_parse(o, options_sections, text, strlen(text),
	                  "test", &e) == 0,
	    "%s", e.text);
	return o;
}

static const struct {
	const char *text;
	const char *says; /* NULL: met */
} cases[] = {
	{ "", NULL },
	{ "[reeve]\nprofile =\n", NULL },
	{ "[reeve]\nprofile = bogus\n", "unknown profile \"bogus\"" },
	{ "[password]\nmin_length = 13\n",
	    "profile house: [password] min_length is 13, demanded: at least "
	    "14 (house)" },
	{ "[password]\nmin_length = 14\n", NULL },
	{ "[password]\nclasses = letter,digit\n",
	    "profile house: [password] classes is letter,digit, demanded: "
	    "with letter,digit,symbol (house)" },
	{ "[password]\nmax_age_days = 0\n", "at most 90" },
	{ "[password]\nmax_age_days = 91\n", "at most 90" },
	{ "[password]\nhistory = 4\n", "at least 5" },
	{ "[throttle]\nattempts = 4\n", "at most 3" },
	{ "[throttle]\nlock_seconds = 899\n",
	    "lock_seconds is 899s, demanded: at least 15m" },
	{ "[trail]\nretention_days = 1095\n", "at least 1096" },
	{ "[stepup]\nlifetime = 301\n", "at most 5m" },
	{ "[service login]\nkinds = 1\n",
	    "profile house: [service login] kinds is 1, demanded: at least 2 "
	    "(house)" },
	/* Nobody is asked there. */
	{ "[service cron]\ntype = batch\nkinds = 1\n", NULL },
	/* Not mandatory: named by check, never refused. */
	{ "[password]\nblocklist =\n", NULL },
	{ "[reeve]\nprofile = tw-twse\n",
	    "passphrase_length is 24, demanded: none" },
	{ "[reeve]\nprofile = tw-twse\n[password]\npassphrase_length = 0\n",
	    NULL },
	{ "[reeve]\nprofile = tw-twse\n[password]\npassphrase_length = 0\n"
	  "min_length = 5\n",
	    "at least 6 (TWSE audit points, access control 4)" },
	{ "[reeve]\nprofile = tw-baseline\n",
	    "style is backoff, demanded: lock (FL098836 (2022) 15(3))" },
	{ "[reeve]\nprofile = tw-baseline\n[throttle]\nstyle = lock\n", NULL },
	{ "[reeve]\nprofile = tw-annex10-mid\n[throttle]\nstyle = lock\n"
	  "attempts = 6\n",
	    "at most 5" },
	{ "[reeve]\nprofile = bank\n[throttle]\nstyle = lock\n"
	  "[password]\nmax_age_days = 0\n",
	    "at most 90 (FIDO guideline; e-payment baseline 10(8))" },
	{ "[reeve]\nprofile = pci-4\n[throttle]\nstyle = lock\n"
	  "lock_seconds = 30m\n[password]\npassphrase_length = 0\n",
	    "account_max_days is 0, demanded: at most 90 (PCI DSS 4.0.1 "
	    "8.2.6)" },
	{ "[reeve]\nprofile = pci-4\n[throttle]\nstyle = lock\n"
	  "lock_seconds = 30m\n[password]\npassphrase_length = 0\n"
	  "max_age_days = 0\n[access]\naccount_max_days = 90\n",
	    NULL },
	/* A reference profile refuses nothing. */
	{ "[reeve]\nprofile = nist-63b-4\n[password]\nmin_length = 1\n", NULL },
	/* Several at once: the strictest decides. */
	{ "[reeve]\nprofile = house,tw-twse,tw-baseline,bank\n[throttle]\n"
	  "style = lock\n[password]\npassphrase_length = 0\nmin_length = 10\n",
	    "profile house" },
};

START_TEST(an_option_meets_what_profiles_demand_or_is_refused)
{
	struct options *o = with(cases[_i].text);
	struct err e = { 0 };
	int result = profile_check(o, &e);

	if (cases[_i].says == NULL) {
		ck_assert_msg(result == 0, "%s", e.text);
	} else {
		ck_assert_int_eq(result, -1);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_msg(
		    strstr(e.text, cases[_i].says) != NULL, "%s", e.text);
	}
	options_free(&o);
}
END_TEST

#define ROW(profile, key, op, value, reference)                                \
	{                                                                      \
		profile, "password", key, op, value, NULL, "test", reference,  \
		    WHEN_ALWAYS                                                \
	}

/* Two demands of two profiles, both enforced; whether they contradict. */
static const struct {
	struct profile_demand rows[3];
	bool conflict;
} pairs[] = {
	{ { ROW("house", "classes", DEMAND_CONTAINS, CLASS_DIGIT, false),
	      ROW("bank", "classes", DEMAND_FORBID, 0, false) },
	    true },
	{ { ROW("house", "classes", DEMAND_CONTAINS, CLASS_DIGIT, false),
	      ROW("bank", "classes", DEMAND_FORBID, 0, true) },
	    false },
	{ { ROW("house", "classes", DEMAND_CONTAINS, CLASS_DIGIT, false),
	      ROW("pci-4", "classes", DEMAND_FORBID, 0, false) },
	    false },
	{ { ROW("house", "min_length", DEMAND_MIN, 14, false),
	      ROW("bank", "min_length", DEMAND_MAX, 13, false) },
	    true },
	{ { ROW("house", "min_length", DEMAND_MIN, 14, false),
	      ROW("bank", "min_length", DEMAND_MAX, 14, false) },
	    false },
	{ { ROW("house", "min_length", DEMAND_MIN, 14, false),
	      ROW("bank", "min_length", DEMAND_MIN, 6, false) },
	    false },
	{ { ROW("house", "min_length", DEMAND_EQUALS, 14, false),
	      ROW("bank", "min_length", DEMAND_EQUALS, 15, false) },
	    true },
	{ { ROW("house", "min_length", DEMAND_EQUALS, 14, false),
	      ROW("bank", "min_length", DEMAND_MIN, 15, false) },
	    true },
	{ { ROW("house", "max_age_days", DEMAND_FORBID, 0, false),
	      ROW("bank", "max_age_days", DEMAND_EQUALS, 90, false) },
	    true },
	{ { ROW("house", "max_age_days", DEMAND_FORBID, 0, false),
	      ROW("bank", "max_age_days", DEMAND_MAX, 90, false) },
	    true },
	{ { ROW("house", "max_age_days", DEMAND_FORBID, 0, false),
	      ROW("bank", "max_age_days", DEMAND_OPEN, 0, false) },
	    false },
};

START_TEST(a_contradiction_is_named_whichever_comes_first)
{
	struct profile_demand turned[3] = { pairs[_i].rows[1],
		pairs[_i].rows[0], { .profile = NULL } };
	struct options *o = with("[reeve]\nprofile = house,bank\n");
	struct err e = { 0 };

	for (int i = 0; i < 2; i++) {
		e = (struct err){ 0 };
		(void)profile_check_demands(
		    o, i == 0 ? pairs[_i].rows : turned, &e);
		ck_assert_msg((strstr(e.text, "in conflict") != NULL) ==
		        pairs[_i].conflict,
		    "%s", e.text);
		if (pairs[_i].conflict) {
			ck_assert_ptr_nonnull(strstr(e.text, "house"));
			ck_assert_ptr_nonnull(strstr(e.text, "bank"));
		}
	}
	options_free(&o);
}
END_TEST

START_TEST(no_two_of_the_built_in_profiles_contradict_each_other)
{
	struct options *o = with("[reeve]\nprofile = tw-twse,tw-baseline,"
	                         "tw-annex10-mid,bank,pci-4,house\n");
	struct err e = { 0 };

	ck_assert_int_eq(profile_check(o, &e), -1);
	ck_assert_msg(strstr(e.text, "in conflict") == NULL, "%s", e.text);
	options_free(&o);
}
END_TEST

static const struct {
	const char *text;
	const char *profile;
	enum profile_verdict verdict;
} verdicts[] = {
	{ "", "tw-twse", PROFILE_PARTLY_MET },
	{ "[password]\npassphrase_length = 0\n", "tw-twse", PROFILE_MET },
	{ "[throttle]\nstyle = lock\n", "tw-baseline", PROFILE_UNDETERMINED },
	{ "[password]\nblocklist = /f\n", "house", PROFILE_MET },
	{ "", "house", PROFILE_PARTLY_MET },
	{ "", "nist-63b-4", PROFILE_PARTLY_MET },
	{ "", "bogus", PROFILE_NOT_APPLICABLE },
};

START_TEST(a_profile_gets_its_own_verdict)
{
	struct options *o = with(verdicts[_i].text);
	struct buf lines = buf_new(65536);

	ck_assert_str_eq(profile_verdict_text(profile_judge(
	                     o, profile_demands, verdicts[_i].profile, &lines)),
	    profile_verdict_text(verdicts[_i].verdict));
	ck_assert_int_eq(lines.length == 0,
	    verdicts[_i].verdict == PROFILE_MET ||
	        verdicts[_i].verdict == PROFILE_NOT_APPLICABLE);
	buf_free(&lines);
	options_free(&o);
}
END_TEST

START_TEST(what_is_missing_from_every_demand_is_not_met)
{
	static const struct profile_demand rows[] = {
		ROW("bank", "min_length", DEMAND_MIN, 20, false),
		{ .profile = NULL },
	};
	static const struct profile_demand unread[] = {
		ROW("bank", "bogus", DEMAND_MIN, 20, false),
		{ .profile = NULL },
	};
	struct options *o = with("");
	struct buf lines = buf_new(65536);

	ck_assert_int_eq(
	    profile_judge(o, rows, "bank", &lines), PROFILE_NOT_MET);
	ck_assert_int_eq(
	    profile_judge(o, unread, "bank", &lines), PROFILE_UNOBTAINABLE);
	buf_free(&lines);
	options_free(&o);
}
END_TEST

START_TEST(every_demand_names_an_option_and_a_profile)
{
	struct options *o = with("");

	for (const struct profile_demand *d = profile_demands;
	     d->profile != NULL; d++) {
		struct buf lines = buf_new(65536);
		size_t i = 0;

		while (profile_names[i] != NULL &&
		    strcmp(profile_names[i], d->profile) != 0)
			i++;
		ck_assert_ptr_nonnull(profile_names[i]);
		ck_assert_int_ne(
		    profile_judge(o, profile_demands, d->profile, &lines),
		    PROFILE_UNOBTAINABLE);
		buf_free(&lines);
	}
	options_free(&o);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int
main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_loop_test(tc,
	    an_option_meets_what_profiles_demand_or_is_refused, 0,
	    COUNT(cases));
	tcase_add_loop_test(tc, a_contradiction_is_named_whichever_comes_first,
	    0, COUNT(pairs));
	tcase_add_test(
	    tc, no_two_of_the_built_in_profiles_contradict_each_other);
	tcase_add_loop_test(
	    tc, a_profile_gets_its_own_verdict, 0, COUNT(verdicts));
	tcase_add_test(tc, what_is_missing_from_every_demand_is_not_met);
	tcase_add_test(tc, every_demand_names_an_option_and_a_profile);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
