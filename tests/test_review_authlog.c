/*
 * Lines of sshd 9.2, sudo 1.9.13, su and login as Debian 12 writes them; those
 * with names that look like more than a name; journals.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/authlog.h"
#include "review/journal.h"
#include "review/textfile.h"
#include "schema/base/buf.h"
#include "unit.h"

#define KEY  "SHA256:wvjmqPxiRcv6RDMj629OiiMRRZ1DPBcwEcUPWN8BSTg"
#define KEY2 "SHA256:AAAAqPxiRcv6RDMj629OiiMRRZ1DPBcwEcUPWN8BSTg"
#define AT   "Nov 29 06:35:56 testhost "
#define NOON 1795953600 /* 2026-11-29T12:00:00Z */

static const struct authlog_clock utc = { .as_of = NOON };
static struct authlog_event event;
static struct err e;

static int
read_line(const char *line)
{
	memset(&event, 0x55, sizeof(event));
	return authlog_line(line, strlen(line), &utc, &event);
}

static const struct {
	const char *line;
	enum authlog_kind kind;
	const char *service, *user, *by, *origin, *key;
	int64_t count;
	bool nobody, ambiguous;
} lines[] = {
	{ AT "sshd[143]: Accepted publickey for alice from 127.0.0.1 port "
	     "46862 ssh2: ED25519 " KEY,
	    AUTHLOG_LOGIN, "sshd", "alice", "", "127.0.0.1", KEY, 1, 0, 0 },
	{ AT "sshd[164]: Accepted password for alice from 2001:db8::7 port "
	     "51138 ssh2",
	    AUTHLOG_LOGIN, "sshd", "alice", "", "2001:db8::7", "", 1, 0, 0 },
	{ AT "sshd-session[174]: Accepted keyboard-interactive/pam for alice "
	     "from fe80::1%eth0 port 51144 ssh2",
	    AUTHLOG_LOGIN, "sshd", "alice", "", "fe80::1%eth0", "", 1, 0, 0 },
	{ AT "sshd[1]: Accepted publickey for alice from 10.0.0.1 port 1 "
	     "ssh2: ED25519-CERT " KEY " ID alice@corp (serial 7) CA "
	     "ED25519 " KEY2,
	    AUTHLOG_LOGIN, "sshd", "alice", "", "10.0.0.1", KEY, 1, 0, 0 },
	{ AT "sshd[185]: Failed password for alice from 127.0.0.1 port 51150 "
	     "ssh2",
	    AUTHLOG_FAILED, "sshd", "alice", "", "127.0.0.1", "", 1, 0, 0 },
	{ AT "sshd[185]: message repeated 4 times: [ Failed password for "
	     "alice from 127.0.0.1 port 51150 ssh2]",
	    AUTHLOG_FAILED, "sshd", "alice", "", "127.0.0.1", "", 4, 0, 0 },
	{ AT "sshd[197]: Failed keyboard-interactive/pam for invalid user "
	     "hunter2 from 127.0.0.1 port 41806 ssh2",
	    AUTHLOG_FAILED, "sshd", "", "", "127.0.0.1", "", 1, 1, 0 },
	{ AT "sshd[194]: Invalid user hunter2 from 127.0.0.1 port 41790",
	    AUTHLOG_UNKNOWN, "sshd", "", "", "127.0.0.1", "", 1, 1, 0 },
	{ AT "sshd[149]: Disconnected from user alice 127.0.0.1 port 46862",
	    AUTHLOG_GONE, "sshd", "alice", "", "127.0.0.1", "", 1, 0, 0 },
	{ AT "sshd[143]: pam_unix(sshd:session): session opened for user "
	     "alice(uid=1001) by (uid=0)",
	    AUTHLOG_OPENED, "sshd", "alice", "", "", "", 1, 0, 0 },
	{ AT "sshd[143]: pam_unix(sshd:session): session closed for user "
	     "alice",
	    AUTHLOG_CLOSED, "sshd", "alice", "", "", "", 1, 0, 0 },
	{ AT "sudo:    alice : TTY=pts/1 ; PWD=/home/alice ; USER=root ; "
	     "COMMAND=/usr/bin/id",
	    AUTHLOG_LOGIN, "sudo", "root", "alice", "", "", 1, 0, 0 },
	{ AT "sudo:    alice : PWD=/home/alice ; USER=bob ; GROUP=adm ; "
	     "COMMAND=/usr/bin/id",
	    AUTHLOG_LOGIN, "sudo", "bob", "alice", "", "", 1, 0, 0 },
	{ AT "sudo:      bob : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; "
	     "USER=root ; COMMAND=/usr/bin/id",
	    AUTHLOG_FAILED, "sudo", "root", "bob", "", "", 1, 0, 0 },
	{ AT "sudo:      bob : 3 incorrect password attempts ; TTY=pts/0 ; "
	     "PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
	    AUTHLOG_FAILED, "sudo", "root", "bob", "", "", 3, 0, 0 },
	{ AT "sudo: pam_unix(sudo:session): session opened for user "
	     "root(uid=0) by alice(uid=1001)",
	    AUTHLOG_OPENED, "sudo", "root", "alice", "", "", 1, 0, 0 },
	{ AT "su[221]: (to root) bob on pts/3", AUTHLOG_LOGIN, "su", "root",
	    "bob", "", "", 1, 0, 0 },
	{ AT "su[226]: FAILED SU (to alice) bob on pts/3", AUTHLOG_FAILED, "su",
	    "alice", "bob", "", "", 1, 0, 0 },
	{ AT "su[221]: pam_unix(su-l:session): session closed for user bob",
	    AUTHLOG_CLOSED, "su", "bob", "", "", "", 1, 0, 0 },
	{ AT "login[9]: FAILED LOGIN (1) on '/dev/tty1' FOR 'alice', "
	     "Authentication failure",
	    AUTHLOG_FAILED, "login", "alice", "", "", "", 1, 0, 0 },
	{ AT "login[9]: FAILED LOGIN (2) on '/dev/tty1' FOR 'UNKNOWN', "
	     "Authentication failure",
	    AUTHLOG_FAILED, "login", "", "", "", "", 1, 1, 0 },
	{ AT "login[9]: FAILED LOGIN 1 FROM tty1 FOR alice, Authentication "
	     "failure",
	    AUTHLOG_FAILED, "login", "alice", "", "", "", 1, 0, 0 },
	{ AT "login[9]: pam_unix(login:session): session opened for user "
	     "alice(uid=1001) by LOGIN(uid=0)",
	    AUTHLOG_OPENED, "login", "alice", "LOGIN", "", "", 1, 0, 0 },
	{ AT "gdm-password]: pam_unix(gdm-password:session): session opened "
	     "for user alice(uid=1001) by (uid=0)",
	    AUTHLOG_OPENED, "login", "alice", "", "", "", 1, 0, 0 },
	{ AT "gdm-password][77]: pam_unix(gdm-password:session): session "
	     "closed for user alice",
	    AUTHLOG_CLOSED, "login", "alice", "", "", "", 1, 0, 0 },

	/* Names and folders made to be taken for more than they are. */
	{ AT "sshd[190]: Invalid user root from 1.2.3.4 port 22 ssh2 from "
	     "127.0.0.1 port 41776",
	    AUTHLOG_UNKNOWN, "sshd", "", "", "127.0.0.1", "", 1, 1, 0 },
	{ AT "sshd[190]: Failed password for invalid user root from 1.2.3.4 "
	     "port 22 ssh2 from 127.0.0.1 port 41776 ssh2",
	    AUTHLOG_FAILED, "sshd", "", "", "127.0.0.1", "", 1, 1, 0 },
	{ AT "sshd[190]: Failed publickey for invalid user root from 1.2.3.4 "
	     "port 22 ssh2: RSA " KEY2 " from 127.0.0.1 port 41776 ssh2: "
	     "ED25519 " KEY,
	    AUTHLOG_FAILED, "sshd", "", "", "127.0.0.1", KEY, 1, 1, 0 },
	{ AT "sudo:    alice : PWD=/home/alice/x ; USER=bob ; COMMAND=y ; "
	     "USER=root ; COMMAND=/usr/bin/id -u",
	    AUTHLOG_LOGIN, "sudo", "", "alice", "", "", 1, 0, 1 },
	{ AT "su[226]: FAILED SU (to nosuch) root on pts/9) bob on none",
	    AUTHLOG_FAILED, "su", "nosuch) root on pts/9", "bob", "", "", 1, 0,
	    0 },
};

START_TEST(a_line_is_read)
{
	ck_assert_msg(
	    read_line(lines[_i].line) == 1, "not read: %s", lines[_i].line);
	ck_assert_int_eq(event.kind, lines[_i].kind);
	ck_assert_str_eq(event.host, "testhost");
	ck_assert_str_eq(event.service, lines[_i].service);
	ck_assert_str_eq(event.user, lines[_i].user);
	ck_assert_str_eq(event.by, lines[_i].by);
	ck_assert_str_eq(event.origin, lines[_i].origin);
	ck_assert_str_eq(event.key, lines[_i].key);
	ck_assert_int_eq(event.count, lines[_i].count);
	ck_assert_int_eq(event.nobody, lines[_i].nobody);
	ck_assert_int_eq(event.ambiguous, lines[_i].ambiguous);
	ck_assert_int_eq(event.at, NOON - 5 * 3600 - 24 * 60 - 4);
}
END_TEST

static const struct {
	const char *line;
	int result;
} others[] = {
	{ AT "sshd[138]: Server listening on 127.0.0.1 port 2222.", 0 },
	{ AT "sshd[190]: pam_unix(sshd:auth): check pass; user unknown", 0 },
	{ AT "sshd[7]: Failed none for invalid user x from 1.2.3.4 port 5 "
	     "ssh2",
	    0 },
	{ AT "sudo:    alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=list",
	    0 },
	{ AT "sudo: pam_limits(sudo:session): Could not set limit", 0 },
	{ AT "kernel: Accepted password for alice from 1.2.3.4 port 5 ssh2",
	    0 },
	{ AT "no tag at all", 0 },
	{ "", -1 },
	{ "Nov 29 06:35:56", -1 },
	{ "Nov 31 06:35:56 testhost sshd[1]: x", -1 },
	{ "Nox 29 06:35:56 testhost sshd[1]: x", -1 },
	{ "2026-11-29T06:35:56 testhost sshd[1]: without a zone", -1 },
	{ "2026-11-29T06:35:56+99:00 testhost sshd[1]: x", -1 },
	{ AT "sshd[1]: Accepted password for alice from 1.2.3.4 ssh2", -1 },
	{ AT "sshd[1]: Accepted password for  from 1.2.3.4 port 7 ssh2", -1 },
	{ AT "sshd[1]: Accepted password for a from 1.2.3.4 port 70000 ssh2",
	    -1 },
	{ AT "sshd[1]: Accepted password for a from example.com port 7 ssh2",
	    -1 },
	{ AT "sshd[1]: Accepted password for \xff from 1.2.3.4 port 7 ssh2",
	    -1 },
	{ AT "sshd[1]: Accepted password for a\033[2J from 1.2.3.4 port 7 "
	     "ssh2",
	    -1 },
	{ AT "sshd[1]: Accepted publickey for a from 1.2.3.4 port 7 ssh2: "
	     "ED25519 SHA256:short",
	    -1 },
	/* The id of a certificate that might be the name's end. */
	{ AT "sshd[1]: Failed publickey for a from 1.2.3.4 port 7 ssh2: "
	     "ED25519-CERT " KEY " ID x from 9.9.9.9 port 22 ssh2: "
	     "RSA-CERT " KEY2 " ID y (serial 1) CA ED25519 " KEY2,
	    -1 },
};

START_TEST(what_is_no_such_line_is_passed_over_or_refused)
{
	ck_assert_msg(read_line(others[_i].line) == others[_i].result, "%s",
	    others[_i].line);
}
END_TEST

START_TEST(times_with_a_zone_say_all_themselves)
{
	ck_assert_int_eq(
	    read_line(
	        "2026-11-29T14:35:56.123456+08:00 h su[1]: (to a) b on c"),
	    1);
	ck_assert_int_eq(event.at, NOON - 5 * 3600 - 24 * 60 - 4);
	ck_assert_int_eq(
	    read_line("2026-11-29T06:35:56Z h su[1]: (to a) b on c"), 1);
	ck_assert_int_eq(event.at, NOON - 5 * 3600 - 24 * 60 - 4);
	ck_assert_int_eq(
	    read_line("2026-11-28T22:35:56-0800 h su[1]: (to a) b on c"), 1);
	ck_assert_int_eq(event.at, NOON - 5 * 3600 - 24 * 60 - 4);
}
END_TEST

static int64_t
at_in(const char *time, int64_t as_of, int32_t zone)
{
	struct authlog_clock c = { .as_of = as_of, .zone = zone };
	char line[80];

	(void)snprintf(line, sizeof(line), "%s h su[1]: (to a) b on c", time);
	ck_assert_int_eq(authlog_line(line, strlen(line), &c, &event), 1);
	return event.at;
}

START_TEST(a_time_without_a_year_is_of_the_last_twelve_months)
{
	const int64_t new_year = 1767225600; /* 2026-01-01T00:00:00Z */
	const int64_t leap = 1709164800;     /* 2024-02-29T00:00:00Z */

	ck_assert_int_eq(
	    at_in("Dec 31 23:59:59", new_year + 60, 0), new_year - 1);
	ck_assert_int_eq(at_in("Jan  1 00:00:00", new_year + 60, 0), new_year);
	/* A clock that is a little behind the host's. */
	ck_assert_int_eq(at_in("Jan  1 00:00:00", new_year - 60, 0), new_year);
	ck_assert_int_eq(
	    at_in("Jan  1 08:00:00", new_year + 60, 8 * 3600), new_year);
	ck_assert_int_eq(at_in("Feb 29 00:00:00", new_year, 0), leap);
}
END_TEST

/* ---- Journals ---- */

#define EXPORTED(uid, exe, message)                                            \
	"__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1795934156123456\n"            \
	"_HOSTNAME=db1\n_UID=" uid "\n_EXE=" exe "\nSYSLOG_IDENTIFIER=sshd\n"  \
	"_PID=143\n" message "\n\n"
#define ACCEPTED "Accepted password for alice from 10.0.0.9 port 7 ssh2"

static struct textfile *file;
static struct journal *journal;
static int64_t refused;

static void
open_journal(const void *bytes, size_t length)
{
	ck_assert_int_eq(
	    textfile_of(&file, bytes, length, JOURNAL_LINE_MAX, &e), 0);
	ck_assert_int_eq(
	    journal_new(&journal, journal_form(bytes, length), file, &e), 0);
	refused = 0;
}

static void
close_journal(void)
{
	journal_free(&journal);
	textfile_close(&file);
}

static void
next_is_accepted(void)
{
	ck_assert_int_eq(journal_next(journal, &event, &refused, &e), 1);
	ck_assert_int_eq(event.kind, AUTHLOG_LOGIN);
	ck_assert_str_eq(event.user, "alice");
	ck_assert_str_eq(event.host, "db1");
	ck_assert_str_eq(event.origin, "10.0.0.9");
	ck_assert_int_eq(event.pid, 143);
	ck_assert_int_eq(event.at, 1795934156);
}

START_TEST(an_export_is_read_and_others_messages_are_refused)
{
	static const char text[] =
	    EXPORTED("0", "/usr/sbin/sshd", "MESSAGE=" ACCEPTED)
	        EXPORTED("1000", "/usr/bin/logger", "MESSAGE=" ACCEPTED)
	            EXPORTED("0", "/usr/sbin/sshd", "MESSAGE=x");

	open_journal(text, sizeof(text) - 1);
	next_is_accepted();
	ck_assert_int_eq(journal_next(journal, &event, &refused, &e), 0);
	ck_assert_int_eq(refused, 1);
	close_journal();
}
END_TEST

START_TEST(a_value_with_its_length_before_it_is_read)
{
	struct buf b = buf_new(4096);

	buf_put_string(&b,
	    "__CURSOR=a\n__REALTIME_TIMESTAMP=1795934156000000\n_UID=0\n"
	    "_HOSTNAME=db1\n_PID=143\nSYSLOG_IDENTIFIER=sshd\nOTHER\n");
	buf_put_u64(&b, 3);
	buf_put_string(&b, "a\nb\nMESSAGE\n");
	buf_put_u64(&b, strlen(ACCEPTED));
	buf_put_string(&b, ACCEPTED "\n");
	open_journal(b.data, b.length);
	next_is_accepted();
	ck_assert_int_eq(journal_next(journal, &event, &refused, &e), 0);
	close_journal();
	/* Cut anywhere, it is never read beyond its end. */
	for (size_t i = 0; i < b.length; i++) {
		open_journal(b.data, i);
		while (journal_next(journal, &event, &refused, &e) == 1)
			;
		close_journal();
	}
	buf_free(&b);
}
END_TEST

START_TEST(a_json_journal_is_read)
{
	static const char text[] =
	    "{\"__CURSOR\":\"s=1\",\"_UID\":\"0\",\"_HOSTNAME\":\"db1\","
	    "\"__REALTIME_TIMESTAMP\":\"1795934156123456\",\"_PID\":\"143\","
	    "\"SYSLOG_IDENTIFIER\":\"sshd\",\"X\":null,\"Y\":[\"a\",\"b\"],"
	    "\"MESSAGE\":\"Accepted password for \\u0061lice from 10.0.0.9 "
	    "port 7 ssh2\"}\n"
	    "{\"MESSAGE\":[65,99,99,101,112,116,101,100,32],\"_UID\":\"0\","
	    "\"SYSLOG_IDENTIFIER\":\"sshd\"}\n"
	    "{\"MESSAGE\":\"broken\n";

	open_journal(text, sizeof(text) - 1);
	next_is_accepted();
	ck_assert_int_eq(journal_next(journal, &event, &refused, &e), 0);
	ck_assert_int_eq(refused, 2);
	close_journal();
}
END_TEST

START_TEST(sudo_may_write_under_the_uid_of_its_caller)
{
	static const char text[] =
	    "{\"__CURSOR\":\"s=1\",\"_UID\":\"1000\",\"_HOSTNAME\":\"db1\","
	    "\"_EXE\":\"/usr/bin/sudo\",\"SYSLOG_IDENTIFIER\":\"sudo\","
	    "\"__REALTIME_TIMESTAMP\":\"1795934156123456\",\"MESSAGE\":"
	    "\"   alice : PWD=/ ; USER=root ; COMMAND=/bin/sh\"}\n";

	open_journal(text, sizeof(text) - 1);
	ck_assert_int_eq(journal_next(journal, &event, &refused, &e), 1);
	ck_assert_str_eq(event.user, "root");
	ck_assert_str_eq(event.by, "alice");
	close_journal();
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_and_the_next_one_is_whole)
{
	struct textfile_line line;

	ck_assert_int_eq(textfile_of(&file, "abcdef\r\n\nxyz", 12, 4, &e), 0);
	ck_assert_int_eq(textfile_next(file, &line, &e), 1);
	ck_assert(line.cut);
	ck_assert_str_eq(line.text, "abcd");
	ck_assert_int_eq(textfile_next(file, &line, &e), 1);
	ck_assert(!line.cut && line.length == 0);
	ck_assert_int_eq(textfile_next(file, &line, &e), 1);
	ck_assert_str_eq(line.text, "xyz");
	ck_assert_int_eq(line.number, 3);
	ck_assert_int_eq(textfile_next(file, &line, &e), 0);
	textfile_close(&file);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_authlog");
	TCase *c = tcase_create("authlog");

	tcase_add_loop_test(
	    c, a_line_is_read, 0, (int)(sizeof(lines) / sizeof(lines[0])));
	tcase_add_loop_test(c, what_is_no_such_line_is_passed_over_or_refused,
	    0, (int)(sizeof(others) / sizeof(others[0])));
	tcase_add_test(c, times_with_a_zone_say_all_themselves);
	tcase_add_test(c, a_time_without_a_year_is_of_the_last_twelve_months);
	tcase_add_test(c, an_export_is_read_and_others_messages_are_refused);
	tcase_add_test(c, a_value_with_its_length_before_it_is_read);
	tcase_add_test(c, a_json_journal_is_read);
	tcase_add_test(c, sudo_may_write_under_the_uid_of_its_caller);
	tcase_add_test(
	    c, a_line_that_is_too_long_is_cut_and_the_next_one_is_whole);
	suite_add_tcase(s, c);
	return unit_run(s);
}
