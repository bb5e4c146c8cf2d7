/*
 * The judge: every rule, all reasons at once, and what happens when a rule
 * can't do its work.
 */
#include <string.h>

#include "pamod/password.h"
#include "pamod/password_inside.h"
#include "pamod/strength.h"
#include "schema/base/secret.h"
#include "tests/unit.h"

#define DAY INT64_C(86400)
#define NOW INT64_C(1795000000) /* s since 1970 */

static struct password_rules
loose_rules(void)
{
	return (struct password_rules){ .min_length = 1 };
}

static unsigned
judge(const struct password_rules *rules,
    const struct password_subject *subject, const char *candidate)
{
	unsigned reasons = 0;
	struct err e = { .code = ERR_NONE };

	if (password_judge(rules, subject, candidate, &reasons, &e) == -1)
		ck_abort_msg("%s: %s", candidate, e.text);
	return reasons;
}

static int
fill_with(void *context, unsigned char *out, size_t length)
{
	unsigned char *next = context;

	memset(out, (*next)++, length);
	return 0;
}

static int
fill_nothing(void *context, unsigned char *out, size_t length)
{
	(void)context;
	(void)out;
	(void)length;
	return -1;
}

static const struct shape_case {
	const char *candidate;
	unsigned reasons;
} shape_cases[] = {
	{ "", PASSWORD_TOO_SHORT }, { "a\tb", PASSWORD_NOT_TEXT },
	{ "a\x7f", PASSWORD_NOT_TEXT }, { "a\xc2\x85", PASSWORD_NOT_TEXT },
	{ "a\xff", PASSWORD_NOT_TEXT }, { "a\xed\xa0\x80", PASSWORD_NOT_TEXT },
	{ "Vn8#kTq2Lw!z", 0 }, { "\u5bc6\u78bc", 0 },

	{ "qwertyuiop12", PASSWORD_WALK }, { "1qaz2wsx3edc", PASSWORD_WALK },
	{ "!QAZ@WSX#EDC", PASSWORD_WALK }, { "1q2w3e4r5t", PASSWORD_WALK },
	{ "q1w2e3r4t5y6", PASSWORD_WALK }, { "zaq12wsxcde3", PASSWORD_WALK },
	{ "Asdf;lkj09", PASSWORD_WALK }, { "abcdefghijkl", PASSWORD_WALK },
	{ "zyxwvutsrqpo", PASSWORD_WALK }, { "aaaaaaaaaaaa", PASSWORD_WALK },
	{ "qwer"
	  "Tz7#mPwLq9",
	    0 },

	{ "ji32k7au4a83", PASSWORD_ZHUYIN },
	{ "JI32K7AU4A83", PASSWORD_ZHUYIN },
	{ "ji32k7au4a83!1", PASSWORD_ZHUYIN }, { "Xau4a83", PASSWORD_ZHUYIN },
	{ "w96j0 w961o3", PASSWORD_ZHUYIN },       /* Taiwan Taipei */
	{ "5;4cl4au4a83", PASSWORD_ZHUYIN },       /* account password */
	{ "g/ b4vu.34", PASSWORD_ZHUYIN },         /* not in the table */
	{ "rup wu0 wu0 fu4cl3", PASSWORD_ZHUYIN }, /* today's fine weather */
	{ "moon-rigid-tug-fern", 0 },

	{ "f131104093", PASSWORD_IDENTITY },
	{ "Wang#A123456789", PASSWORD_IDENTITY },
	{ "a800000014", PASSWORD_IDENTITY },
	{ "ab19847577", 0 }, /* does not check */
	{ "0912345678", PASSWORD_IDENTITY | PASSWORD_WALK },
	{ "0937-204-618", PASSWORD_IDENTITY },
	{ "+886937204618", PASSWORD_IDENTITY },
	{ "02-87204618ab", PASSWORD_IDENTITY },
	{ "Wang1130501!", PASSWORD_IDENTITY },
	{ "Wang113/05/01", PASSWORD_IDENTITY },
	{ "Wang750312", PASSWORD_IDENTITY },
	{ "Wang751312", 0 }, /* no thirteenth month */
	{ "20241105abc", PASSWORD_IDENTITY },
	{ "\u6c11\u570b113\u5e745\u67081\u65e5", PASSWORD_IDENTITY },
	{ "tk1130501Lm#Xw82q", 0 }, /* enough besides */
};

START_TEST(a_shape_that_is_guessed_is_named)
{
	const struct shape_case *c = &shape_cases[_i];
	struct password_rules rules = loose_rules();
	struct password_subject subject = { 0 };

	ck_assert_msg(judge(&rules, &subject, c->candidate) == c->reasons,
	    "%s: %#x, not %#x", c->candidate,
	    judge(&rules, &subject, c->candidate), c->reasons);
}
END_TEST

START_TEST(length_is_in_characters_and_bounded_in_bytes)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { 0 };
	char longest[PASSWORD_MAX + 2];

	rules.min_length = 4;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "\u7532\u4e59\u4e19"), PASSWORD_TOO_SHORT);
	ck_assert_uint_eq(
	    judge(&rules, &subject, "\u7532\u4e59\u4e19\u4e01"), 0);
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = (char)('a' + (i * i / 3 + i / 7 * 5) % 26);
	longest[PASSWORD_MAX + 1] = '\0';
	ck_assert_uint_eq(judge(&rules, &subject, longest), PASSWORD_TOO_LONG);
	longest[PASSWORD_MAX] = '\0';
	ck_assert_uint_eq(judge(&rules, &subject, longest), 0);
}
END_TEST

START_TEST(classes_are_asked_unless_it_is_a_passphrase)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { 0 };

	rules.classes = CLASS_LETTER | CLASS_DIGIT | CLASS_SYMBOL;
	rules.passphrase_length = 20;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "hvTkwqLm2"), PASSWORD_CLASSES);
	ck_assert_uint_eq(judge(&rules, &subject, "hvTkwq Lm2"), 0);
	ck_assert_uint_eq(judge(&rules, &subject, "hv\uff0bTkwqLm2"), 0);
	ck_assert_uint_eq(judge(&rules, &subject, "mauve otter vexes kiln"), 0);
	rules.passphrase_length = 0;
	ck_assert_uint_eq(judge(&rules, &subject, "mauve otter vexes kiln"),
	    PASSWORD_CLASSES);
}
END_TEST

static const struct {
	const char *candidate;
	unsigned reasons;
} word_cases[] = {
	{ "xx-wang.ming-kZ8w", PASSWORD_USER_WORD },
	{ "GNAW#kkZ8wTvM", PASSWORD_USER_WORD },   /* backwards */
	{ "W4n6#kkZ8wTvM", PASSWORD_USER_WORD },   /* leet */
	{ "Isabella!tuZqp8", PASSWORD_USER_WORD }, /* GECOS */
	{ "db-tiger-9kZwvq", PASSWORD_USER_WORD }, /* host */
	{ "lee-9kZwvqTm", PASSWORD_USER_WORD },
	{ "xleev9kZwvqTm", 0 }, /* three letters within others */
	{ "rootkZ8wvTqm", 0 },  /* says nothing about anybody */
	{ "A(me!kZ8wvTqm", PASSWORD_SITE_WORD },
	{ "acme tiger kZ8wvTqm", PASSWORD_SITE_WORD | PASSWORD_USER_WORD },
};

START_TEST(words_of_user_host_and_site_are_named)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { .user = "wang01",
		.gecos = "Isabella Lee,Room 7,,",
		.host = "tiger.example.com" };

	rules.site_words.count = 1;
	memcpy(rules.site_words.words, "Acme\0", 6);
	ck_assert_msg(judge(&rules, &subject, word_cases[_i].candidate) ==
	        word_cases[_i].reasons,
	    "%s: %#x", word_cases[_i].candidate,
	    judge(&rules, &subject, word_cases[_i].candidate));
}
END_TEST

START_TEST(hostile_gecos_is_survived)
{
	struct password_rules rules = loose_rules();
	char gecos[5000];
	struct password_subject subject = { .gecos = gecos };

	memset(gecos, 'x', sizeof(gecos));
	gecos[sizeof(gecos) - 1] = '\0';
	ck_assert_uint_eq(judge(&rules, &subject, "Vn8#kTq2Lw!z"), 0);
	for (size_t i = 0; i < sizeof(gecos) - 1; i++)
		gecos[i] = (char)(i % 2 == 0 ? 0xe5 : ',');
	ck_assert_uint_eq(judge(&rules, &subject, "Vn8#kTq2Lw!z"), 0);
}
END_TEST

static const struct {
	const char *old;
	const char *candidate;
	bool similar;
} similar_cases[] = {
	{ "Gx9-11-ww", "Gx9-12-ww", true },
	{ "Tango77!marble", "Tango78!marble", true },
	{ "Tango77!marble", "elbram!77ognaT", true },
	{ "Tango77!marble", "T4ngo77!marb1e2027", true },
	{ "Tango77!", "Tango77!x9Qv", true },
	{ "mauve otter vexes kiln", "mauve otter vexes lamp", true },
	{ "Tango77!marble", "pk8#VwQz2mLr", false },
	{ "mauve otter vexes kiln", "tepid lunar rivet gown", false },
	{ "kd83", "Vn8#kTq2Lw!z", false },
};

START_TEST(a_small_change_of_the_old_one_is_similar)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { .old = similar_cases[_i].old };
	unsigned reasons = judge(&rules, &subject, similar_cases[_i].candidate);

	ck_assert_msg(
	    reasons == (similar_cases[_i].similar ? PASSWORD_SIMILAR : 0u),
	    "%s: %#x", similar_cases[_i].candidate, reasons);
}
END_TEST

START_TEST(the_old_one_itself_was_used_before)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { .old = "Vn8#kTq2Lw!z" };

	ck_assert_uint_eq(judge(&rules, &subject, "Vn8#kTq2Lw!z"),
	    PASSWORD_USED_BEFORE | PASSWORD_SIMILAR);
}
END_TEST

START_TEST(a_former_password_does_not_come_back)
{
	static const char *const former[] = { "first-Kx8", "second-Kx8",
		"third-Kx8" };
	unsigned char next = 1;
	struct entropy entropy = { fill_with, &next };
	struct password_rules rules = loose_rules();
	struct state_user record = { 0 };
	struct password_subject subject = { .record = &record };
	struct err e;

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    password_remember(&record, former[i], &entropy, &e), 0);
	ck_assert_uint_eq(record.history_count, 3);
	ck_assert_int_eq(strncmp(record.history[0], "$y$", 3), 0);
	rules.history = 2;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "third-Kx8"), PASSWORD_USED_BEFORE);
	ck_assert_uint_eq(
	    judge(&rules, &subject, "second-Kx8"), PASSWORD_USED_BEFORE);
	ck_assert_uint_eq(judge(&rules, &subject, "first-Kx8"), 0);
	rules.history = 24;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "first-Kx8"), PASSWORD_USED_BEFORE);
	ck_assert_uint_eq(judge(&rules, &subject, "fourth-Kx8"), 0);
}
END_TEST

START_TEST(history_keeps_the_newest_and_no_hash_twice)
{
	struct state_user record = { 0 };
	static const char last[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
	char hash[] = "$6$saltsalt$00";
	struct err e;

	for (int i = 0; i < STATE_HISTORY_MAX + 3; i++) {
		hash[sizeof(hash) - 2] = last[i];
		ck_assert_int_eq(password_remember_hash(&record, hash, &e), 0);
		ck_assert_int_eq(password_remember_hash(&record, hash, &e), 0);
	}
	ck_assert_uint_eq(record.history_count, STATE_HISTORY_MAX);
	ck_assert_str_eq(record.history[0], hash);
	hash[sizeof(hash) - 2] = 'D';
	ck_assert_str_eq(record.history[STATE_HISTORY_MAX - 1], hash);
	ck_assert_int_eq(password_remember_hash(&record, "!locked", &e), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
}
END_TEST

static const char *const damages[] = { "", "x", "$", "$y$", "$6$",
	"$y$j9T$AQEB$short", "$9$unknown$abcdefgh", "*0",
	"$y$j9T$.2F/0.E/2F/0.E/2\x01" };

START_TEST(a_damaged_history_refuses_everything)
{
	struct password_rules rules = loose_rules();
	struct state_user record = { .history_count = 1 };
	struct password_subject subject = { .record = &record };
	unsigned reasons = 0;
	struct err e;

	rules.history = 3;
	memcpy(record.history[0], damages[_i], strlen(damages[_i]));
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "Vn8#kTq2Lw!z", &reasons, &e), -1);
	ck_assert_uint_eq(reasons, ~0u);
	ck_assert_ptr_nonnull(strstr(e.text, "history: entry 1"));
}
END_TEST

START_TEST(a_damaged_count_refuses_everything)
{
	struct password_rules rules = loose_rules();
	struct state_user record = { .history_count = STATE_HISTORY_MAX + 1 };
	struct password_subject subject = { .record = &record };
	unsigned reasons = 0;
	struct err e;

	rules.history = 1;
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "Vn8#kTq2Lw!z", &reasons, &e), -1);
	ck_assert_uint_eq(reasons, ~0u);
	ck_assert_int_eq(password_remember_hash(&record, "$6$a$b", &e), -1);
}
END_TEST

START_TEST(without_entropy_nothing_is_remembered)
{
	struct entropy none = { fill_nothing, NULL };
	struct state_user record = { 0 };
	struct err e;

	ck_assert_int_eq(password_remember(&record, "x", &none, &e), -1);
	ck_assert_int_eq(e.code, ERR_CRYPTO);
	ck_assert_uint_eq(record.history_count, 0);
}
END_TEST

static const struct {
	int64_t now;
	int64_t by_record;
	int64_t by_shadow;
	uint8_t must_change;
	unsigned reasons;
} age_cases[] = {
	{ NOW, NOW - 3600, 0, 0, PASSWORD_TOO_NEW },
	{ NOW, 0, NOW - 3600, 0, PASSWORD_TOO_NEW },
	{ NOW, NOW - 9 * DAY, NOW - 3600, 0, PASSWORD_TOO_NEW },
	{ NOW, NOW - 2 * DAY, NOW - 2 * DAY, 0, 0 },
	{ NOW, NOW - 2 * DAY + 1, 0, 0, PASSWORD_TOO_NEW },
	{ NOW, NOW - 3600, 0, 1, 0 }, /* it was demanded */
	{ NOW, 0, 0, 0, 0 },          /* not known */
	{ NOW, -1, -1, 0, 0 },
	{ NOW, NOW + 60, 0, 0, PASSWORD_TOO_NEW }, /* a clock set back */
	{ NOW, NOW + 400 * DAY, 0, 0, 0 },         /* a clock that was wrong */
	{ NOW, 0, INT64_MAX, 0, 0 }, { 60, NOW, 0, 0, 0 }, /* 1970 */
	{ 0, NOW - 3600, 0, 0, 0 },                        /* not asked */
};

START_TEST(a_new_password_is_not_changed_again)
{
	struct password_rules rules = loose_rules();
	struct state_user record = { .password_changed =
		                         age_cases[_i].by_record,
		.must_change = age_cases[_i].must_change };
	struct password_subject subject = { .record = &record,
		.now = age_cases[_i].now,
		.changed = age_cases[_i].by_shadow };

	rules.min_age_days = 2;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "Vn8#kTq2Lw!z"), age_cases[_i].reasons);
}
END_TEST

START_TEST(all_reasons_are_given_at_once)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { .user = "qwer", .old = "qwerty1" };

	rules.min_length = 14;
	rules.classes = CLASS_SYMBOL;
	rules.min_strength_bits = 33;
	ck_assert_uint_eq(judge(&rules, &subject, "qwerty12"),
	    PASSWORD_TOO_SHORT | PASSWORD_CLASSES | PASSWORD_SIMILAR |
	        PASSWORD_USER_WORD | PASSWORD_WALK | PASSWORD_GUESSABLE);
}
END_TEST

START_TEST(libzxcvbn_knows_user_and_site)
{
	struct password_rules rules = loose_rules();
	struct password_subject subject = { 0 };

	rules.min_strength_bits = 33;
	ck_assert_uint_eq(
	    judge(&rules, &subject, "Monkey2024!"), PASSWORD_GUESSABLE);
	ck_assert_uint_eq(judge(&rules, &subject, "Vn8#kTq2Lw!z"), 0);
	ck_assert_uint_eq(
	    judge(&rules, &subject, "zqxpvk") & PASSWORD_GUESSABLE,
	    PASSWORD_GUESSABLE);
}
END_TEST

START_TEST(a_missing_libzxcvbn_is_an_error)
{
	struct strength *s = NULL;
	struct err e;

	ck_assert_int_eq(strength_open(&s, "libnothing-here.so.0", &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ptr_null(s);
	/* A library without the function is none either. */
	ck_assert_int_eq(strength_open(&s, "libc.so.6", &e), -1);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(the_option_classes_reads_and_writes)
{
	static const struct {
		const char *text;
		const char *back; /* NULL: refused */
	} cases[] = {
		{ "none", "none" },
		{ "letter", "letter" },
		{ "symbol, digit", "digit,symbol" },
		{ "letter,digit,symbol", "letter,digit,symbol" },
		{ "", NULL },
		{ "letters", NULL },
		{ "none,digit", NULL },
		{ "letter;digit", NULL },
	};
	const unsigned before = CLASS_SYMBOL;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned classes = before;
		struct buf b = buf_new(100);
		struct err e;
		int result =
		    password_set_classes(&classes, cases[i].text, NULL, &e);

		if (cases[i].back == NULL) {
			ck_assert_int_eq(result, -1);
			ck_assert_int_eq(e.code, ERR_CONFIG);
			ck_assert_uint_eq(classes, before);
			continue;
		}
		ck_assert_int_eq(result, 0);
		password_get_classes(&classes, NULL, &b);
		ck_assert_str_eq(buf_string(&b), cases[i].back);
		buf_free(&b);
	}
}
END_TEST

START_TEST(every_reason_has_words_of_its_own)
{
	unsigned all = 0;

	for (const enum password_reason *r = password_reasons; *r != 0; r++) {
		ck_assert_str_ne(password_reason_word(*r), "refused");
		ck_assert_uint_eq(all & (unsigned)*r, 0);
		all |= (unsigned)*r;
	}
	ck_assert_uint_eq(all, 2u * PASSWORD_NOT_TEXT - 1);
	ck_assert_str_eq(password_reason_word(1u << 30), "refused");
}
END_TEST

#define LOOP(test, table)                                                      \
	tcase_add_loop_test(c, (test), 0, sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *s = suite_create("password");
	TCase *c = tcase_create("password");

	tcase_set_timeout(c, 60);
	LOOP(a_shape_that_is_guessed_is_named, shape_cases);
	tcase_add_test(c, length_is_in_characters_and_bounded_in_bytes);
	tcase_add_test(c, classes_are_asked_unless_it_is_a_passphrase);
	LOOP(words_of_user_host_and_site_are_named, word_cases);
	tcase_add_test(c, hostile_gecos_is_survived);
	LOOP(a_small_change_of_the_old_one_is_similar, similar_cases);
	tcase_add_test(c, the_old_one_itself_was_used_before);
	tcase_add_test(c, a_former_password_does_not_come_back);
	tcase_add_test(c, history_keeps_the_newest_and_no_hash_twice);
	LOOP(a_damaged_history_refuses_everything, damages);
	tcase_add_test(c, a_damaged_count_refuses_everything);
	tcase_add_test(c, without_entropy_nothing_is_remembered);
	LOOP(a_new_password_is_not_changed_again, age_cases);
	tcase_add_test(c, all_reasons_are_given_at_once);
	tcase_add_test(c, libzxcvbn_knows_user_and_site);
	tcase_add_test(c, a_missing_libzxcvbn_is_an_error);
	tcase_add_test(c, the_option_classes_reads_and_writes);
	tcase_add_test(c, every_reason_has_words_of_its_own);
	suite_add_tcase(s, c);
	return unit_run(s);
}
