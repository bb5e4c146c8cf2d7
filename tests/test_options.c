#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pamod/options.h"
#include "tests/unit.h"

#define PRINT_MAX (1024u * 1024)

static struct options *
preset(void)
{
	struct err e = { 0 };
	struct options *o = options_new(&e);

	ck_assert_msg(o != NULL, "%s", e.text);
	return o;
}

static int
parse(struct options *o, const char *text, struct err *e)
{
	return conf_parse(o, options_sections, text, strlen(text), "test", e);
}

static struct buf
print(const struct options *o, bool help)
{
	struct buf b = buf_new(PRINT_MAX);
	struct err e = { 0 };

	options_print(o, help, &b);
	ck_assert_msg(buf_status(&b, &e) == 0, "%s", e.text);
	return b;
}

START_TEST(what_is_printed_is_read_back_the_same)
{
	static const char *const texts[] = { "",
		"[reeve]\nmode = observe\nprofile = house,bank\n"
		"[who]\nusers = a,b\nroot = no\n"
		"[password]\nclasses = none\nsite_words = x,y\n"
		"[service ptsshd]\ntype = sshd\nkey_only = session\n" };
	struct options *first = preset();
	struct options *second = preset();
	struct buf one;
	struct buf two;
	struct err e = { 0 };

	ck_assert_msg(parse(first, texts[_i / 2], &e) == 0, "%s", e.text);
	one = print(first, _i % 2 == 1);
	ck_assert_msg(parse(second, buf_string(&one), &e) == 0, "%s", e.text);
	buf_free(&one);
	one = print(first, false);
	two = print(second, false);
	ck_assert_str_eq(buf_string(&one), buf_string(&two));
	buf_free(&one);
	buf_free(&two);
	options_free(&first);
	options_free(&second);
}
END_TEST

/* A value the key takes that is not its preset. */
static void
another_value(const struct conf_key *key, char *out, size_t size)
{
	const char *arg = key->arg == NULL ? "" : key->arg;
	const char *second = strpbrk(arg, "-|");
	size_t first = strcspn(arg, "-|");
	bool is_number =
	    key->set == conf_set_int || key->set == conf_set_seconds;
	char preset_text[64] = "";
	int64_t number;

	if (key->set == conf_set_bool) {
		(void)snprintf(out, size, "%s",
		    strcmp(key->preset, "yes") == 0 ? "no" : "yes");
	} else if (is_number || key->set == conf_set_choice) {
		/* The other end of the range, or another word. */
		struct buf b = buf_new(64);
		struct err e = { 0 };

		if (is_number) {
			ck_assert_int_eq(
			    key->set(&number, key->preset, key, &e), 0);
			conf_get_int(&number, key, &b);
			(void)snprintf(preset_text, sizeof(preset_text), "%s",
			    buf_string(&b));
			buf_free(&b);
		} else {
			(void)snprintf(preset_text, sizeof(preset_text), "%s",
			    key->preset);
		}
		(void)snprintf(out, size, "%.*s", (int)first, arg);
		if (strcmp(out, preset_text) == 0)
			(void)snprintf(out, size, "%.*s",
			    (int)strcspn(second + 1, "-|"), second + 1);
	} else {
		(void)snprintf(out, size, "%s",
		    key->set == conf_set_path       ? "/x"
		        : key->set == conf_set_text ? "x"
		        : key->set == conf_set_list ? "x"
		                                    : "none");
	}
}

START_TEST(every_option_is_heard_and_has_a_sentence)
{
	for (const struct conf_section *s = options_sections; s->name != NULL;
	     s++) {
		ck_assert_ptr_nonnull(s->help);
		for (const struct conf_key *key = s->keys; key->name != NULL;
		     key++) {
			struct options *changed = preset();
			struct options *plain = preset();
			char text[256];
			char value[128];
			struct err e = { 0 };
			struct buf one;
			struct buf two;

			ck_assert_ptr_nonnull(key->help);
			another_value(key, value, sizeof(value));
			(void)snprintf(text, sizeof(text), "[%s%s]\n%s = %s\n",
			    s->name, s->named ? " x" : "", key->name, value);
			ck_assert_msg(parse(changed, text, &e) == 0, "%s: %s",
			    text, e.text);
			if (s->named) { /* else it is new, and so differs */
				char same[256];

				(void)snprintf(same, sizeof(same),
				    "[%s x]\n%s = %s\n", s->name, key->name,
				    key->preset);
				ck_assert_int_eq(parse(plain, same, &e), 0);
			}
			one = print(changed, false);
			two = print(plain, false);
			ck_assert_msg(
			    strcmp(buf_string(&one), buf_string(&two)) != 0,
			    "%s", text);
			buf_free(&one);
			buf_free(&two);
			options_free(&changed);
			options_free(&plain);
		}
	}
}
END_TEST

START_TEST(a_service_is_listed_or_refused)
{
	struct options *o = preset();
	struct err e = { 0 };

	ck_assert_ptr_nonnull(options_service(o, "sshd"));
	ck_assert_ptr_null(options_service(o, "vsftpd"));
	ck_assert_ptr_null(options_service(o, ""));
	ck_assert_int_eq(parse(o,
	                     "[service vsftpd]\ntype = login\n"
	                     "[service sshd]\ntype = none\n",
	                     &e),
	    0);
	ck_assert_ptr_nonnull(options_service(o, "vsftpd"));
	ck_assert_ptr_null(options_service(o, "sshd"));
	options_free(&o);
}
END_TEST

START_TEST(too_many_services_are_an_error)
{
	struct options *o = preset();
	struct err e = { 0 };
	char text[64];
	int result = 0;

	for (int i = 0; result == 0 && i <= OPTIONS_SERVICES_MAX; i++) {
		(void)snprintf(
		    text, sizeof(text), "[service s%d]\nkinds = 2\n", i);
		result = parse(o, text, &e);
	}
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_uint_eq(o->service_count, OPTIONS_SERVICES_MAX);
	options_free(&o);
}
END_TEST

/* ---- A file ---- */

static char path[64];

static void
set_up(void)
{
	int fd;

	strcpy(path, "/tmp/reeve-options.XXXXXX");
	ck_assert_int_ge(fd = mkstemp(path), 0);
	(void)close(fd);
}

static void
tear_down(void)
{
	(void)unlink(path);
}

static int
load(const char *text, struct options *o, struct err *e)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
	return options_load(o, path, e);
}

static const struct {
	const char *text;
	const char *says; /* NULL: good */
} files[] = {
	{ "", NULL },
	{ "[reeve]\nmode = observe\n", NULL },
	{ "[access]\nhours = Mon-Fri 08:00-20:00; Sat 09:00-12:00\n", NULL },
	{ "[access]\nhours = always\n", "hours: \"always\"" },
	{ "[access]\nnetworks = 10.0.0.0/8, 192.0.2.1\n", NULL },
	{ "[access]\nnetworks = 10.0.0.1/8\n",
	    "networks: \"10.0.0.1/8\": bits are set behind the prefix" },
	{ "[access]\nnetworks = host.example\n", "not an address" },
	{ "[password]\nmin_length = 8\n", "profile house" },
	{ "[password]\nmin_length = 0\n", ":2: " },
	{ "[password]\nmin_lenght = 20\n", "unknown key \"min_lenght\"" },
	{ "[passwords]\nmin_length = 20\n", "unknown section [passwords]" },
	{ "[reeve]\nmode = observe\nmode = enforce\n", "given twice" },
	{ "[reeve]\nstate_directory = var/lib\n", "absolute path" },
	{ "[reeve]\nstate_directory = /var/../etc\n", "absolute path" },
	{ "mode = observe\n", ":1" },
};

START_TEST(a_file_is_good_or_named_with_its_fault)
{
	struct options *o = preset();
	struct err e = { 0 };
	int result = load(files[_i].text, o, &e);

	if (files[_i].says == NULL) {
		ck_assert_msg(result == 0, "%s", e.text);
		ck_assert_uint_eq(strlen(o->digest), 64);
	} else {
		ck_assert_int_eq(result, -1);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_msg(strstr(e.text, path) == e.text, "%s", e.text);
		ck_assert_msg(
		    strstr(e.text, files[_i].says) != NULL, "%s", e.text);
	}
	options_free(&o);
}
END_TEST

static const struct {
	const char *text;
	bool observe;
} modes[] = {
	{ "[reeve]\nmode = observe\n", true },
	{ "[reeve]\nmoode = x\nmode=observe \n[what\n", true },
	{ "\xff ; x\n [reeve]\r\n#mode = enforce\nmode =\tobserve\r\n", true },
	{ "[reeve]\nmode = observe\n[who]\nmode = x\n", true },
	{ "", false },
	{ "mode = observe\n", false },
	{ "[who]\nmode = observe\n", false },
	{ "[reeve]\nmoode = observe\n", false },
	{ "[reeve]\n# mode = observe\n", false },
	{ "[reeve]\nmode = observers\n", false },
	{ "[reeve]\nmode = observe it\n", false },
	{ "[reeve]\nmode = observe\nmode = enforce\n", false },
	{ "[reeve]\nmode = observe\n mode = enforce\n", false },
	{ "[reeve]\nmode = observe\nmode\n", false },
	{ "[reeve]\nprofile = house,\n mode = observe\n", false },
};

START_TEST(a_bad_file_can_still_say_that_it_observes)
{
	struct options *o = preset();
	struct err e;

	(void)load(modes[_i].text, o, &e);
	ck_assert_msg(options_say_observe(path) == modes[_i].observe, "%s",
	    modes[_i].text);
	ck_assert_int_eq(chmod(path, 0622), 0);
	ck_assert(!options_say_observe(path));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(!options_say_observe(path));
	options_free(&o);
}
END_TEST

START_TEST(the_digest_is_the_files)
{
	struct options *o = preset();
	struct err e = { 0 };

	ck_assert_msg(load("", o, &e) == 0, "%s", e.text);
	/* FIPS 180-4: SHA-256 of nothing. */
	ck_assert_str_eq(o->digest,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
	    "55");
	options_free(&o);
}
END_TEST

/* Issue 2: two policies that differ in arguments alone had one digest. */
START_TEST(arguments_are_in_the_digest)
{
	struct options *o = preset();
	struct err e = { 0 };

	ck_assert_msg(load("", o, &e) == 0, "%s", e.text);
	ck_assert_int_eq(options_argument(o, "no-option", &e), 0);
	ck_assert_int_eq(options_argument(o, "access.sesions=2", &e), -1);
	ck_assert_int_eq(options_argument(o, "access.sessions=2", &e), 1);
	ck_assert_int_eq(o->access.sessions, 2);
	ck_assert_str_eq(o->digest,
	    "69bddb77c0db32a5e8c8aaf84e4505d73dcbb48cefcdca457b3c33f003c0d0"
	    "58");
	options_free(&o);
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_read)
{
	struct options *o = preset();
	struct err e = { 0 };

	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(load("", o, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	options_free(&o);
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	struct options *o = preset();
	struct err e = { 0 };
	char link_path[80];

	(void)snprintf(link_path, sizeof(link_path), "%s.link", path);
	ck_assert_int_eq(symlink(path, link_path), 0);
	ck_assert_int_eq(options_load(o, link_path, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_int_eq(unlink(link_path), 0);
	options_free(&o);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_missing)
{
	struct options *o = preset();
	struct err e = { 0 };

	ck_assert_int_eq(options_load(o, "/nonexistent/reeve.conf", &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	options_free(&o);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("table");
	TCase *file = tcase_create("file");

	tcase_add_loop_test(tc, what_is_printed_is_read_back_the_same, 0, 4);
	tcase_add_test(tc, every_option_is_heard_and_has_a_sentence);
	tcase_add_test(tc, a_service_is_listed_or_refused);
	tcase_add_test(tc, too_many_services_are_an_error);
	suite_add_tcase(suite, tc);
	/* options_load wants root's files. */
	if (geteuid() == 0) {
		tcase_add_checked_fixture(file, set_up, tear_down);
		tcase_add_loop_test(file,
		    a_file_is_good_or_named_with_its_fault, 0,
		    sizeof(files) / sizeof(*files));
		tcase_add_loop_test(file,
		    a_bad_file_can_still_say_that_it_observes, 0,
		    (int)(sizeof(modes) / sizeof(*modes)));
		tcase_add_test(file, the_digest_is_the_files);
		tcase_add_test(file, arguments_are_in_the_digest);
		tcase_add_test(file, a_file_that_others_may_write_is_not_read);
		tcase_add_test(file, a_link_is_not_followed);
		tcase_add_test(file, a_file_that_is_not_there_is_missing);
		suite_add_tcase(suite, file);
	}
	return unit_run(suite);
}
