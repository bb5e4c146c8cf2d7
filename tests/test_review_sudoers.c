#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "review/sudoers.h"
#include "schema/base/buf.h"
#include "unit.h"

static struct err e;

/*
 * What comes of a text, in one line: "wang,%wheel (ALL) ALL !root=ALL" for
 * each grant, "line N: why" for what is wrong, '~' before what is harmless.
 */
struct world {
	struct sudoers_world world;
	struct buf out;
	const char *included; /* what an include finds */
	int depth;
};

static void
tell(void *context, const char *file, int64_t line, const char *what,
    bool harmless)
{
	struct world *w = context;

	(void)file;
	buf_printf(&w->out, "%sline %lld: %s;", harmless ? "~" : "",
	    (long long)line, what);
}

static void
include(void *context, struct sudoers *s, const char *path, bool is_dir)
{
	struct world *w = context;

	buf_printf(&w->out, "<%s%s>", path, is_dir ? "/" : "");
	if (w->included != NULL)
		sudoers_read(s, path, w->included, strlen(w->included));
}

static int
take(void *context, const struct sudo_grant *g)
{
	static const char *const marks[] = { "", "#", "%", "%#", "+",
		"%:", "" };
	struct world *w = context;

	for (size_t i = 0; i < g->user_count; i++)
		buf_printf(&w->out, "%s%s%s", i == 0 ? "" : ",",
		    marks[g->users[i].form], g->users[i].text);
	buf_printf(&w->out, " %s", g->what);
	if (g->as_root)
		buf_printf(&w->out, " [root: %s]", g->why);
	buf_printf(&w->out, "%s%s;", g->without_password ? " [free]" : "",
	    g->uncertain ? " [perhaps]" : "");
	return 0;
}

static void
comes_to(const char *text, const char *const *names, size_t count,
    const char *included, const char *expected)
{
	struct world w = { .world = { include, tell, &w },
		.out = buf_new(1024 * 1024),
		.included = included };
	struct sudoers *s;

	ck_assert_int_eq(sudoers_new(&s, &w.world, &e), 0);
	sudoers_read(s, "sudoers", text, strlen(text));
	ck_assert_int_eq(sudoers_each(s, names, count, take, &w), 0);
	ck_assert_str_eq(buf_string(&w.out), expected);
	ck_assert(!sudoers_failed(s));
	sudoers_free(&s);
	ck_assert_ptr_null(s);
	buf_free(&w.out);
}

struct row {
	const char *text;
	const char *grants;
};

static void
check_rows(const struct row *rows, size_t count)
{
	static const char *const names[] = { "web1" };

	for (size_t i = 0; i < count; i++)
		comes_to(rows[i].text, names, 1, NULL, rows[i].grants);
}
#define ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

START_TEST(users_are_read_in_all_their_forms)
{
	static const struct row rows[] = {
		{ "root ALL=(ALL:ALL) ALL",
		    "root (ALL : ALL) ALL [root: ALL];" },
		{ "%sudo\tALL=(ALL:ALL) ALL",
		    "%sudo (ALL : ALL) ALL [root: ALL];" },
		{ "wang, #1001, %#27, +ops, %:AD ALL=ALL",
		    "wang,#1001,%#27,+ops,%:AD ALL [root: ALL];" },
		{ "#1001 ALL=ALL", "#1001 ALL [root: ALL];" },
		{ "ALL ALL=/bin/ls", "ALL /bin/ls;" },
		{ "\"domain users\" ALL=/bin/ls", "domain users /bin/ls;" },
		{ "%\"domain users\" ALL=/bin/ls", "%domain users /bin/ls;" },
		{ "\"%domain users\" ALL=/bin/ls", "%domain users /bin/ls;" },
		{ "%domain\\ users ALL=/bin/ls", "%domain users /bin/ls;" },
		{ "%CORP\\\\admins ALL=/bin/ls", "%CORP\\admins /bin/ls;" },
		{ "wang.a@corp.example ALL=/bin/ls",
		    "wang.a@corp.example /bin/ls;" },
		{ "王 ALL=/bin/ls", "王 /bin/ls;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(who_is_taken_back_holds_nothing)
{
	static const struct row rows[] = {
		{ "wang, lee, !wang ALL=ALL", "lee ALL [root: ALL];" },
		{ "%wheel, !lee ALL=ALL", "%wheel ALL [root: ALL];" },
		{ "wang, !ALL ALL=ALL", "" },
		{ "!!wang ALL=ALL", "wang ALL [root: ALL];" },
		{ "User_Alias A = wang, lee\nA, !wang ALL=ALL",
		    "lee ALL [root: ALL];" },
		{ "User_Alias A = !wang\nlee, wang, A ALL=ALL",
		    "lee ALL [root: ALL];" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(aliases_are_resolved_wherever_they_stand)
{
	static const struct row rows[] = {
		{ "User_Alias ADMINS = wang, %ops : B = lee\n"
		  "ADMINS, B ALL=ALL",
		    "wang,%ops,lee ALL [root: ALL];" },
		{ "A ALL=C\nUser_Alias A = wang\nCmnd_Alias C = /bin/ls, D\n"
		  "Cmnd_Alias D = /bin/cat \\\n/etc/x",
		    "wang /bin/ls, /bin/cat /etc/x;" },
		{ "Cmnd_Alias SH = /bin/sh\nwang ALL=/bin/ls, !SH",
		    "wang /bin/ls, !/bin/sh;" },
		{ "Cmd_Alias SH = /bin/sh\nwang ALL=SH",
		    "wang /bin/sh [root: /bin/sh: a shell];" },
		{ "Runas_Alias DB = oracle, postgres\nwang ALL=(DB) ALL",
		    "wang (oracle, postgres) ALL;" },
		{ "Runas_Alias OP = root\nwang ALL=(OP) ALL",
		    "wang (root) ALL [root: ALL];" },
		{ "Host_Alias WEB = web1, web2 : DB = db1\nwang WEB=/bin/ls\n"
		  "lee DB=/bin/ls",
		    "wang /bin/ls;" },
		{ "wang ALL=NOSUCH",
		    "line 1: an alias of commands that is not there;" },
		/* As a name of a user it may be one. */
		{ "NOSUCH ALL=/bin/ls", "NOSUCH /bin/ls;" },
		{ "User_Alias A = B\nUser_Alias B = A\nA ALL=ALL",
		    "line 3: too many users, or aliases that go round;" },
		{ "Cmnd_Alias A = B\nCmnd_Alias B = A\nw ALL=A",
		    "line 3: aliases that go round;" },
		{ "User_Alias A = x\nUser_Alias A = y\nA ALL=/bin/ls",
		    "line 2: an alias that is there already;x /bin/ls;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(commands_run_as_whom_the_list_says)
{
	static const struct row rows[] = {
		{ "w ALL=ALL", "w ALL [root: ALL];" },
		{ "w ALL=(root) ALL", "w (root) ALL [root: ALL];" },
		{ "w ALL=(#0) ALL", "w (#0) ALL [root: ALL];" },
		{ "w ALL=(oracle) ALL", "w (oracle) ALL;" },
		{ "w ALL=(oracle) /bin/ls, (root) /bin/sh",
		    "w (oracle) /bin/ls, (root) /bin/sh [root: /bin/sh: a "
		    "shell];" },
		/* It goes on to the commands behind it. */
		{ "w ALL=(oracle) /bin/ls, /bin/sh",
		    "w (oracle) /bin/ls, /bin/sh;" },
		{ "w ALL=(ALL, !root) ALL", "w (ALL, !root) ALL;" },
		{ "w ALL=(!root, ALL) ALL", "w (!root, ALL) ALL [root: ALL];" },
		{ "w ALL=(%adm) ALL", "w (%adm) ALL;" },
		{ "w ALL=(:docker) ALL", "w ( : docker) ALL;" },
		{ "w ALL=(:ALL) ALL", "w ( : ALL) ALL [root: ALL];" },
		{ "w ALL=() ALL", "w () ALL;" },
		{ "Defaults runas_default=oracle\nw ALL=ALL", "w ALL;" },
		{ "Defaults runas_default = \"oracle\"\nw ALL=(root) ALL",
		    "w (root) ALL [root: ALL];" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(tags_and_settings_are_known)
{
	static const struct row rows[] = {
		{ "w ALL=NOPASSWD: ALL",
		    "w NOPASSWD: ALL [root: ALL] [free];" },
		{ "w ALL=(ALL)NOPASSWD:ALL",
		    "w (ALL) NOPASSWD: ALL [root: ALL] [free];" },
		{ "w ALL = ( ALL ) NOPASSWD : SETENV: /bin/ls, PASSWD: /bin/w",
		    "w (ALL) NOPASSWD: SETENV: /bin/ls, PASSWD: /bin/w "
		    "[free];" },
		{ "w ALL=NOEXEC: /usr/bin/vi /etc/motd",
		    "w NOEXEC: /usr/bin/vi /etc/motd;" },
		{ "w ALL=LOG_INPUT: NOLOG_OUTPUT: MAIL: FOLLOW: INTERCEPT: "
		  "/bin/ls",
		    "w /bin/ls;" },
		{ "w ALL=CWD=/tmp CHROOT=/srv TIMEOUT=5m "
		  "NOTAFTER=20270101000000Z /bin/ls",
		    "w /bin/ls;" },
		{ "w ALL=ROLE=sysadm_r TYPE=\"sysadm_t\" NOPASSWD: /bin/ls",
		    "w NOPASSWD: /bin/ls [free];" },
		{ "Defaults !authenticate\nw ALL=/bin/ls",
		    "w NOPASSWD: /bin/ls [free];" },
		{ "Defaults env_reset, !authenticate, mail_badpass\n"
		  "w ALL=/bin/ls",
		    "w NOPASSWD: /bin/ls [free];" },
		{ "Defaults:w !authenticate\nw ALL=/bin/ls",
		    "~line 1: !authenticate for some;w /bin/ls;" },
		{ "Defaults@web1 log_output\nDefaults>oracle x\n"
		  "Defaults!/bin/ls noexec\nw ALL=/bin/ls",
		    "w /bin/ls;" },
		{ "Defaults secure_path=\"/a:/b\" # x\nw ALL=/bin/ls",
		    "w /bin/ls;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(commands_keep_their_arguments)
{
	static const struct row rows[] = {
		{ "w ALL=/bin/ls -l  /x", "w /bin/ls -l  /x;" },
		{ "w ALL=/bin/ls \"\"", "w /bin/ls \"\";" },
		{ "w ALL=/bin/a b\\,c\\:d\\=e, /bin/x",
		    "w /bin/a b,c:d=e, /bin/x;" },
		{ "w ALL=/bin/ls : ALL=/bin/x", "w /bin/ls;w /bin/x;" },
		{ "w web1=/bin/ls : db1=/bin/x", "w /bin/ls;" },
		{ "w ALL=sha256:AAAA= /bin/ls", "w /bin/ls;" },
		{ "w ALL=sha224:aa, sha512:bb /bin/ls, /bin/x",
		    "w /bin/ls, /bin/x;" },
		{ "w ALL=sudoedit /etc/motd", "w sudoedit /etc/motd;" },
		{ "w ALL=list", "w list;" },
		{ "w ALL=/bin/x ^a(b,c):d$, /bin/y",
		    "w /bin/x ^a(b,c):d$, /bin/y;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(what_is_as_good_as_root_is_told)
{
	static const struct {
		const char *command;
		const char *why; /* NULL: nothing known */
	} rows[] = {
		{ "ALL", "ALL" },
		{ "ALL, !/bin/su", "ALL" },
		{ "/bin/bash", "/bin/bash: a shell" },
		{ "/bin/bash -i", "/bin/bash: a shell" },
		{ "/bin/bash /opt/job", NULL },
		{ "/bin/sh -c /opt/job", NULL },
		{ "/bin/su", "/bin/su: a shell" },
		{ "/bin/su -", "/bin/su: a shell" },
		{ "/bin/su - root", "/bin/su: a shell" },
		{ "/bin/su - oracle", NULL },
		{ "/bin/su - *", "/bin/su: a shell" },
		{ "/usr/bin/vi", "/usr/bin/vi: starts a shell" },
		{ "/usr/bin/vi /etc/motd", "/usr/bin/vi: starts a shell" },
		{ "NOEXEC: /usr/bin/less /var/log/x", NULL },
		{ "/usr/bin/python3.11",
		    "/usr/bin/python3.11: with arguments of one's choice" },
		{ "/usr/bin/python3 /opt/job.py", NULL },
		{ "/usr/bin/systemctl",
		    "/usr/bin/systemctl: with arguments of one's choice" },
		{ "/usr/bin/systemctl restart nginx", NULL },
		{ "/usr/bin/systemctl restart *",
		    "/usr/bin/systemctl: with arguments of one's choice" },
		{ "/usr/bin/", "/usr/bin/: a pattern that fits a shell" },
		{ "/opt/app/", NULL },
		{ "/usr/bin/*", "/usr/bin/*: a pattern that fits a shell" },
		{ "/opt/app/*", NULL },
		{ "/usr/sbin/*sudo",
		    "/usr/sbin/*sudo: a pattern that fits a shell" },
		{ "sudoedit", "sudoedit: with arguments of one's choice" },
		{ "sudoedit /etc/motd", NULL },
		{ "/usr/bin/passwd [A-z]*",
		    "/usr/bin/passwd: with arguments of one's choice" },
		{ "/usr/bin/passwd wang", NULL },
		{ "/usr/bin/apt update", NULL },
		{ "/usr/bin/apt",
		    "/usr/bin/apt: with arguments of one's choice" },
		{ "!/bin/sh", NULL },
		{ "/usr/bin/id", NULL },
	};
	struct buf text = buf_new(1000);
	struct buf expected = buf_new(1000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&text);
		buf_clear(&expected);
		buf_printf(&text, "w ALL=%s", rows[i].command);
		buf_printf(&expected, "w %s", rows[i].command);
		if (rows[i].why != NULL)
			buf_printf(&expected, " [root: %s]", rows[i].why);
		buf_put_byte(&expected, ';');
		comes_to(
		    buf_string(&text), NULL, 0, NULL, buf_string(&expected));
	}
	buf_free(&text);
	buf_free(&expected);
}
END_TEST

START_TEST(rules_of_other_hosts_are_not_this_host_s)
{
	static const struct row rows[] = {
		{ "w web1=/bin/ls", "w /bin/ls;" },
		{ "w WEB1=/bin/ls", "w /bin/ls;" },
		{ "w web*=/bin/ls", "w /bin/ls;" },
		{ "w web1.corp.example=/bin/ls", "w /bin/ls;" },
		{ "w db1=/bin/ls", "" },
		{ "w web2.corp.example=/bin/ls", "" },
		{ "w ALL, !web1=/bin/ls", "" },
		{ "w !db1=/bin/ls", "" },
		{ "w +webs=/bin/ls", "w /bin/ls [perhaps];" },
		{ "w 10.0.0.0/8=/bin/ls", "w /bin/ls [perhaps];" },
		{ "w fe80::1/64=/bin/ls", "w /bin/ls [perhaps];" },
		{ "w db1, +webs=/bin/ls", "w /bin/ls [perhaps];" },
	};
	static const char *const long_name[] = { "web1.corp.example" };

	ROWS(rows);
	comes_to("w web1=/bin/ls", long_name, 1, NULL, "w /bin/ls;");
	comes_to(
	    "w web1.corp.example=/bin/ls", long_name, 1, NULL, "w /bin/ls;");
	comes_to("w web1.other.example=/bin/ls", long_name, 1, NULL, "");
	/* Nobody knows what this host is called. */
	comes_to("w web1=/bin/ls", NULL, 0, NULL, "w /bin/ls [perhaps];");
}
END_TEST

START_TEST(comments_and_continued_lines_are_read)
{
	static const struct row rows[] = {
		{ "# comment\n\n  \t\n#\n", "" },
		{ "w ALL=ALL # all\n", "w ALL [root: ALL];" },
		{ "w ALL=ALL#1 all\n", "w ALL [root: ALL];" },
		{ "w ALL = \\\n\t/bin/ls, \\\n\t/bin/x\nv ALL=ALL",
		    "w /bin/ls, /bin/x;v ALL [root: ALL];" },
		{ "w ALL=/bin/ls \\\n", "w /bin/ls;" },
		{ "w ALL=/bin/x a\\#b", "w /bin/x a#b;" },
		{ "w ALL=/bin/ls\r\nv ALL=/bin/x\r\n", "w /bin/ls;v /bin/x;" },
		{ "w, #1001 ALL=/bin/ls", "w,#1001 /bin/ls;" },
		{ "w ALL=(#1001) /bin/ls", "w (#1001) /bin/ls;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(a_line_that_is_not_understood_is_told_with_its_number)
{
	static const struct row rows[] = {
		{ "what is this\nw ALL=/bin/ls",
		    "line 1: \"=\" is missing;w /bin/ls;" },
		{ "w ALL", "line 1: \"=\" is missing;" },
		{ "w ALL=",
		    "line 1: a command that is neither a path nor an "
		    "alias;" },
		{ "w ALL=ls",
		    "line 1: a command that is neither a path nor an "
		    "alias;" },
		{ "w ALL=(root /bin/ls", "line 1: \"(\" without \")\";" },
		{ "w ALL=/bin/ls,",
		    "line 1: a command that is neither a path "
		    "nor an alias;" },
		{ "\"w ALL=/bin/ls", "line 1: a quote that is not closed;" },
		{ "w\\\n ALL ALL=x\n\nv ALL=y",
		    "line 1: \"=\" is missing;line 4: a command that is "
		    "neither a path nor an alias;" },
		{ "User_Alias a = x", "line 1: an alias without a name;" },
		{ "User_Alias ALL = x", "line 1: an alias without a name;" },
		{ "@include", "line 1: an include without a path;" },
		{ "w ALL=/bin/x ^a",
		    "line 1: a regular expression without its "
		    "'$';" },
		{ "%%w ALL=ALL", "line 1: a name that is none;" },
		{ "% ALL=ALL", "line 1: a name is missing;" },
	};

	ROWS(rows);
}
END_TEST

START_TEST(includes_are_followed_and_end)
{
	comes_to("@include /etc/more\nw ALL=/bin/ls", NULL, 0, "v ALL=/bin/x\n",
	    "</etc/more>v /bin/x;w /bin/ls;");
	comes_to("#include more\n#includedir /etc/sudoers.d\n", NULL, 0, NULL,
	    "<more></etc/sudoers.d/>");
	comes_to("@includedir \"/etc/my rules\"\n@include /a\\ b", NULL, 0,
	    NULL, "</etc/my rules/></a b>");
}
END_TEST

START_TEST(a_file_that_includes_itself_ends)
{
	struct world w = { .world = { include, tell, &w },
		.out = buf_new(1024 * 1024),
		.included = "@include x\n" };
	struct sudoers *s;

	ck_assert_int_eq(sudoers_new(&s, &w.world, &e), 0);
	sudoers_read(s, "x", w.included, strlen(w.included));
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&w.out), "line 1: includes 128 deep;"));
	sudoers_free(&s);
	buf_free(&w.out);
}
END_TEST

START_TEST(aliases_of_aliases_end_in_time)
{
	struct world w = { .world = { include, tell, &w },
		.out = buf_new(1024 * 1024) };
	struct buf text = buf_new(10000);
	struct sudoers *s;

	/* Two to the thirtieth, if each were followed. */
	buf_put_string(&text, "User_Alias A0 = x\n");
	for (int i = 1; i <= 30; i++)
		buf_printf(
		    &text, "User_Alias A%d = A%d, A%d\n", i, i - 1, i - 1);
	buf_put_string(&text, "A30 ALL=ALL\n");
	ck_assert_int_eq(sudoers_new(&s, &w.world, &e), 0);
	sudoers_read(s, "x", (const char *)text.data, text.length);
	ck_assert_int_eq(sudoers_each(s, NULL, 0, take, &w), 0);
	ck_assert(sudoers_failed(s));
	sudoers_free(&s);
	buf_free(&text);
	buf_free(&w.out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sudoers");
	TCase *c = tcase_create("sudoers(5)");

	tcase_add_test(c, users_are_read_in_all_their_forms);
	tcase_add_test(c, who_is_taken_back_holds_nothing);
	tcase_add_test(c, aliases_are_resolved_wherever_they_stand);
	tcase_add_test(c, commands_run_as_whom_the_list_says);
	tcase_add_test(c, tags_and_settings_are_known);
	tcase_add_test(c, commands_keep_their_arguments);
	tcase_add_test(c, what_is_as_good_as_root_is_told);
	tcase_add_test(c, rules_of_other_hosts_are_not_this_host_s);
	tcase_add_test(c, comments_and_continued_lines_are_read);
	tcase_add_test(
	    c, a_line_that_is_not_understood_is_told_with_its_number);
	tcase_add_test(c, includes_are_followed_and_end);
	tcase_add_test(c, a_file_that_includes_itself_ends);
	tcase_add_test(c, aliases_of_aliases_end_in_time);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
