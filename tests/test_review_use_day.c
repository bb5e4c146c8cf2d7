/* Signs of use as facts: what is counted once, what never is in clear. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>

#include "review/use_day.h"
#include "review/use_form.h"
#include "schema/base/buf.h"
#include "unit.h"

#define KEY_A "SHA256:AAAAqPxiRcv6RDMj629OiiMRRZ1DPBcwEcUPWN8BSTg"
#define KEY_B "SHA256:BBBBqPxiRcv6RDMj629OiiMRRZ1DPBcwEcUPWN8BSTg"
#define DAY   20786 /* 2026-11-29 */
#define NIGHT ((int64_t)DAY * 86400)

static struct err e;
static char said[8192];
static int64_t covered_until; /* by an earlier import */

static int
remember(void *context, const struct use_day *d, struct err *unused)
{
	char line[1024];

	(void)context;
	(void)unused;
	(void)snprintf(line, sizeof(line),
	    "%s@%s %s %s %.11s %s %s n=%lld h=%x o=%lld\n", d->name, d->host,
	    d->day == DAY           ? "today"
	        : d->day == DAY - 1 ? "yesterday"
	                            : "other",
	    d->service, d->key, d->origin, d->success ? "yes" : "no",
	    (long long)d->sessions, d->hours, (long long)d->overlaps);
	ck_assert_uint_lt(strlen(said) + strlen(line), sizeof(said));
	strcat(said, line);
	return 0;
}

static char parts[8192];

static int
remember_part(void *context, const struct use_part *p, struct err *unused)
{
	char line[1024];

	(void)context;
	(void)unused;
	if (p->success)
		return 0;
	(void)snprintf(line, sizeof(line),
	    "%s|%s|%d|%s|%s n=%lld e=%d %lld-%lld\n", p->name, p->mask,
	    (int)p->why, p->service, p->origin, (long long)p->count,
	    p->elsewhere, (long long)(p->first - NIGHT),
	    (long long)(p->last - NIGHT));
	ck_assert_uint_lt(strlen(parts) + strlen(line), sizeof(parts));
	strcat(parts, line);
	return 0;
}

/* What is behind the hash. */
static int
mask(void *context, const char *typed, size_t length, char out[USE_MASK_MAX],
    struct err *error)
{
	static const unsigned char key[32] = "a key";
	char full[USE_MASK_MAX];

	(void)context;
	if (use_part_mask(key, typed, length, full, error) == -1)
		return -1;
	(void)snprintf(out, USE_MASK_MAX, "%s", strchr(full, ' ') + 1);
	return 0;
}

/* Lines of auth.log, each with its time, reduced; what is delivered. */
static const char *
reduce(const struct use_options *options, const char *const *lines)
{
	static const struct authlog_clock c = { .as_of = NIGHT + 86400 };
	struct use_options o = { 0 };
	struct authlog_event event;
	struct use *use;

	if (options != NULL)
		o = *options;
	o.deliver = remember;
	o.part = remember_part;
	o.mask = mask;
	parts[0] = '\0';
	if (o.facts_max == 0)
		o.facts_max = 1000;
	strcpy(said, "\n");
	ck_assert_int_eq(use_new(&use, &o, &e), 0);
	for (; *lines != NULL; lines++)
		if (authlog_line(*lines, strlen(*lines), &c, &event) == 1 &&
		    (event.covered = event.at < covered_until, true))
			ck_assert_int_eq(use_event(use, &event, &e), 0);
		else
			ck_abort_msg("not read: %s", *lines);
	ck_assert_int_eq(use_end(use, &e), 0);
	use_free(&use);
	return said;
}

static void
has(const char *fact)
{
	ck_assert_msg(
	    strstr(said, fact) != NULL, "no \"%s\" in:\n%s", fact, said);
}

#define LINE(time, rest) "Nov 29 " time " db1 " rest
#define IN(time, pid, who, from, port, key)                                    \
	LINE(time,                                                             \
	    "sshd[" pid "]: Accepted publickey for " who " from " from         \
	    " port " port " ssh2: ED25519 " key)
#define OUT(time, pid, who)                                                    \
	LINE(time,                                                             \
	    "sshd[" pid "]: pam_unix(sshd:session): session closed "           \
	    "for user " who)

START_TEST(logins_of_a_day_by_key_and_origin_are_one_fact)
{
	reduce(NULL,
	    (const char *const[]){
	        IN("01:10:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        LINE("01:10:00",
	            "sshd[1]: pam_unix(sshd:session): session "
	            "opened for user alice(uid=1) by (uid=0)"),
	        OUT("01:20:00", "1", "alice"),
	        IN("03:10:00", "2", "alice", "10.0.0.1", "2", KEY_A),
	        IN("03:11:00", "3", "alice", "10.0.0.2", "3", KEY_A), NULL });
	has("alice@db1 today sshd SHA256:AAAA 10.0.0.1 yes n=2 h=a o=0");
	has("alice@db1 today sshd SHA256:AAAA 10.0.0.2 yes n=1 h=8 o=0");
}
END_TEST

#define SOMEBODY_ELSE OUT("00:30:00", "77", "bob")

START_TEST(a_session_beside_one_of_another_key_and_origin_overlaps)
{
	reduce(NULL,
	    (const char *const[]){ SOMEBODY_ELSE,
	        IN("01:00:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        IN("01:10:00", "2", "alice", "10.0.0.2", "2", KEY_B),
	        IN("01:20:00", "3", "alice", "10.0.0.1", "3", KEY_B), NULL });
	has("SHA256:AAAA 10.0.0.1 yes n=1 h=2 o=0");
	has("SHA256:BBBB 10.0.0.2 yes n=1 h=2 o=1");
	has("SHA256:BBBB 10.0.0.1 yes n=1 h=2 o=0");
	/* Once the first is over, by PAM's word or by sshd's, none does. */
	reduce(NULL,
	    (const char *const[]){
	        IN("01:00:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        OUT("01:05:00", "1", "alice"),
	        IN("01:10:00", "2", "alice", "10.0.0.2", "2", KEY_B),
	        LINE("01:11:00",
	            "sshd[9]: Disconnected from user alice 10.0.0.2 port 2"),
	        IN("01:20:00", "3", "alice", "10.0.0.3", "3", KEY_A), NULL });
	ck_assert_ptr_null(strstr(said, "o=1"));
	/* Of a log without ends nobody knows what ran. */
	reduce(NULL,
	    (const char *const[]){
	        IN("01:00:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        IN("01:10:00", "2", "alice", "10.0.0.2", "2", KEY_B), NULL });
	ck_assert_ptr_null(strstr(said, "o=1"));
}
END_TEST

START_TEST(an_end_that_was_not_logged_is_believed_after_a_day)
{
	reduce(NULL,
	    (const char *const[]){
	        "Nov 28 00:00:00 db1 sshd[77]: "
	        "pam_unix(sshd:session): session closed for user bob",
	        "Nov 28 00:00:00 db1 sshd[1]: Accepted publickey for alice "
	        "from 10.0.0.1 port 1 ssh2: ED25519 " KEY_A,
	        IN("01:10:00", "2", "alice", "10.0.0.2", "2", KEY_B), NULL });
	has("alice@db1 yesterday sshd SHA256:AAAA 10.0.0.1 yes n=1 h=1 o=0");
	has("alice@db1 today sshd SHA256:BBBB 10.0.0.2 yes n=1 h=2 o=0");
}
END_TEST

#define FAILED_NOBODY(time)                                                    \
	LINE(time,                                                             \
	    "sshd[7]: Failed password for invalid user hunter2 from "          \
	    "10.0.0.9 port 5 ssh2")

START_TEST(names_of_nobody_are_counted_by_origin_and_never_kept)
{
	reduce(NULL,
	    (const char *const[]){
	        LINE("01:00:00",
	            "sshd[7]: Invalid user hunter2 from 10.0.0.9 port 5"),
	        FAILED_NOBODY("01:00:01"), FAILED_NOBODY("01:00:02"),
	        LINE("01:01:00",
	            "sshd[8]: Invalid user other from 10.0.0.9 port 6"),
	        LINE("01:02:00", "su[9]: FAILED SU (to s3cret) bob on pts/1"),
	        NULL });
	has("@db1 today sshd  10.0.0.9 no n=3 h=2 o=0");
	has("@db1 today su  bob no n=1 h=2 o=0");
	ck_assert_ptr_null(strstr(said, "hunter2"));
	ck_assert_ptr_null(strstr(said, "s3cret"));
}
END_TEST

static bool
knows_carol(void *context, const char *host, const char *name)
{
	(void)context;
	return strcmp(host, "db1") == 0 && strcmp(name, "carol") == 0;
}

#define FAILED(time, who)                                                      \
	LINE(time,                                                             \
	    "sshd[7]: Failed password for " who " from 10.0.0.9 port 5 ssh2")

START_TEST(a_failed_name_is_kept_if_it_is_an_accounts)
{
	static const struct use_options o = { .known = knows_carol };

	reduce(&o,
	    (const char *const[]){ FAILED("01:00:00", "alice"),
	        FAILED("01:00:01", "carol"), FAILED("01:00:02", "mallory"),
	        IN("02:10:00", "2", "alice", "10.0.0.2", "2", KEY_B), NULL });
	has("alice@db1 today sshd  10.0.0.9 no n=1");
	has("carol@db1 today sshd  10.0.0.9 no n=1");
	has("\n@db1 today sshd  10.0.0.9 no n=1");
}
END_TEST

#define SPOOF(time)                                                            \
	LINE(time,                                                             \
	    "sudo:    alice : PWD=/x ; USER=bob ; COMMAND=y ; "                \
	    "USER=root ; COMMAND=/bin/sh")
#define OPENED(time, user, by)                                                 \
	LINE(time,                                                             \
	    "sudo: pam_unix(sudo:session): session opened for user " user      \
	    " by " by)

START_TEST(whom_sudo_became_is_told_by_pam_where_its_own_line_is_not_clear)
{
	reduce(NULL,
	    (const char *const[]){ SPOOF("01:00:00"),
	        OPENED("01:00:00", "root(uid=0)", "(uid=1001)"),
	        LINE("02:00:00",
	            "sudo:    alice : TTY=pts/1 ; PWD=/ ; "
	            "USER=bob ; COMMAND=/bin/sh"),
	        OPENED("02:00:00", "bob(uid=7)", "alice(uid=1001)"),
	        SPOOF("03:00:00"),
	        OPENED("03:00:11", "root(uid=0)", "(uid=1001)"), NULL });
	has("root@db1 today sudo  alice yes n=1 h=2");
	has("bob@db1 today sudo  alice yes n=1 h=4");
	/* PAM's word came too late to be of the same use. */
	has("\n@db1 today sudo  alice yes n=1 h=8");
}
END_TEST

START_TEST(what_was_covered_before_is_not_counted_again)
{
	covered_until = NIGHT + 3600;
	reduce(NULL,
	    (const char *const[]){ SOMEBODY_ELSE,
	        IN("00:40:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        IN("01:10:00", "2", "alice", "10.0.0.2", "2", KEY_B), NULL });
	/* It is known to run, all the same. */
	ck_assert_str_eq(said,
	    "\nalice@db1 today sshd SHA256:BBBB 10.0.0.2 yes n=1 h=2 o=1\n");
}
END_TEST

static void
has_part(const char *part)
{
	ck_assert_msg(
	    strstr(parts, part) != NULL, "no \"%s\" in:\n%s", part, parts);
}

static bool
knows(void *context, const char *host, const char *name)
{
	(void)context;
	(void)host;
	return strcmp(name, "alice") == 0 || strcmp(name, "bob") == 0;
}

#define WHY(time, pid, module, rest) LINE(time, "sshd[" pid "]: " module rest)

START_TEST(failures_are_told_by_class_and_minute)
{
	static const struct use_options o = { .known = knows };

	reduce(&o,
	    (const char *const[]){
	        LINE("01:00:01",
	            "sshd[1]: Failed password for alice from "
	            "10.0.0.9 port 1 ssh2"),
	        LINE("01:00:59",
	            "sshd[2]: Failed password for alice from "
	            "10.0.0.9 port 2 ssh2"),
	        WHY("02:00:00", "3", "pam_sss(sshd:auth): ",
	            "received for user bob: 9 (Authentication service cannot "
	            "retrieve authentication info)"),
	        LINE("02:00:00",
	            "sshd[3]: Failed password for bob from "
	            "10.0.0.9 port 3 ssh2"),
	        LINE("02:00:30",
	            "sshd[3]: Failed password for bob from "
	            "10.0.0.9 port 3 ssh2"),
	        LINE("03:00:00",
	            "sshd[4]: User alice from 10.0.0.9 not "
	            "allowed because not listed in AllowUsers"),
	        LINE("03:00:01",
	            "sshd[4]: Failed password for invalid user "
	            "alice from 10.0.0.9 port 4 ssh2"),
	        LINE("03:00:02",
	            "sshd[4]: Failed password for invalid user "
	            "alice from 10.0.0.9 port 4 ssh2"),
	        LINE("04:00:00",
	            "sshd[5]: User bob not allowed because "
	            "account is locked"),
	        WHY("05:00:00", "6", "pam_unix(sshd:account): ",
	            "account bob has expired (account expired)"),
	        LINE("05:00:00",
	            "sshd[6]: fatal: Access denied for user bob "
	            "by PAM account configuration [preauth]"),
	        LINE("06:00:00",
	            "sudo:      bob : user NOT in sudoers ; TTY=pts/1 ; "
	            "PWD=/ ; USER=alice ; COMMAND=/bin/sh"),
	        LINE("07:00:00",
	            "login[9]: FAILED LOGIN 1 FROM tty1 FOR bob, "
	            "Authentication token is no longer valid; "
	            "new one required"),
	        NULL });
	has_part("alice||0|sshd|10.0.0.9 n=2 e=0 3601-3659\n");
	has_part("bob||6|sshd|10.0.0.9 n=1 e=0 7200-7200\n");
	has_part("bob||0|sshd|10.0.0.9 n=1 e=0 7230-7230\n");
	/* The refusal and the first failure behind it are one attempt. */
	has_part("alice||5|sshd|10.0.0.9 n=2 e=0 10800-10802\n");
	has_part("bob||3|sshd| n=1 e=0 14400-14400\n");
	has_part("bob||3|sshd| n=1 e=0 18000-18000\n");
	has_part("alice||5|sudo|bob n=1 e=0 21600-21600\n");
	has_part("bob||4|login| n=1 e=0 25200-25200\n");
}
END_TEST

START_TEST(connections_at_one_time_are_told_apart)
{
	reduce(NULL,
	    (const char *const[]){ LINE("01:00:00",
	                               "sshd[1]: Invalid user a from 10.0.0.9 "
	                               "port 1"),
	        LINE("01:00:00",
	            "sshd[2]: Invalid user b from 10.0.0.9 "
	            "port 2"),
	        LINE("01:00:00",
	            "sshd[3]: User c from 10.0.0.9 not allowed "
	            "because not listed in AllowUsers"),
	        LINE("01:00:01",
	            "sshd[1]: Failed password for invalid user "
	            "a from 10.0.0.9 port 1 ssh2"),
	        LINE("01:00:01",
	            "sshd[3]: Failed password for invalid user "
	            "c from 10.0.0.9 port 3 ssh2"),
	        LINE("01:00:01",
	            "sshd[2]: Failed password for invalid user "
	            "b from 10.0.0.9 port 2 ssh2"),
	        LINE("01:00:02",
	            "sshd[1]: Failed password for invalid user "
	            "a from 10.0.0.9 port 1 ssh2"),
	        NULL });
	has_part("|1 a|1|sshd|10.0.0.9 n=2");
	has_part("|1 b|1|sshd|10.0.0.9 n=1");
	has_part("|1 c|5|sshd|10.0.0.9 n=1");
	/* Three of nobody's, and one of whom sshd calls by name. */
	has("\n@db1 today sshd  10.0.0.9 no n=3");
	has("\n@db1 today sshd  10.0.0.9 no n=1");
}
END_TEST

START_TEST(what_nobody_is_called_has_a_mask)
{
	static const struct use_options o = { .known = knows };

	reduce(&o,
	    (const char *const[]){
	        LINE("01:00:00",
	            "sshd[1]: Invalid user hunter2 from 10.0.0.9 "
	            "port 1"),
	        LINE("01:00:02",
	            "sshd[1]: Failed password for invalid user "
	            "hunter2 from 10.0.0.9 port 1 ssh2"),
	        LINE("01:00:10",
	            "sshd[2]: Invalid user \xe6\xa8\xb9\xe8\x8b\x97 "
	            "from 10.0.0.9 port 2"),
	        LINE("01:00:11", "sshd[3]: Invalid user  from 10.0.0.9 port 3"),
	        LINE("01:00:12",
	            "sshd[4]: Invalid user \xff\xfe from 10.0.0.9 "
	            "port 4"),
	        /* An account's elsewhere, but not here: its directory is down? */
	        LINE("01:00:13",
	            "sshd[5]: Invalid user bob from 10.0.0.9 port 5"),
	        /* sshd knows it, the inventory does not. */
	        LINE("01:00:14",
	            "sshd[6]: Failed password for s3cret from "
	            "10.0.0.9 port 6 ssh2"),
	        NULL });
	has_part("|7 h|1|sshd|10.0.0.9 n=1 e=0 3600-3600\n");
	has_part("|2 \xe6\xa8\xb9|1|sshd|10.0.0.9 n=1 e=0");
	has_part("||1|sshd|10.0.0.9 n=1 e=0 3611-3611\n");
	has_part("|2 ?|1|sshd|10.0.0.9 n=1 e=0 3612-3612\n");
	has_part("|3 b|1|sshd|10.0.0.9 n=1 e=1 3613-3613\n");
	has_part("|6 s|0|sshd|10.0.0.9 n=1 e=0 3614-3614\n");
	ck_assert_ptr_null(strstr(parts, "hunter2"));
	ck_assert_ptr_null(strstr(parts, "s3cret"));
	ck_assert_ptr_null(strstr(said, "hunter2"));
	ck_assert_ptr_null(strstr(said, "s3cret"));
}
END_TEST

START_TEST(a_mask_tells_names_apart_and_needs_its_key)
{
	char one[USE_MASK_MAX], other[USE_MASK_MAX], keyed[USE_MASK_MAX];
	static const unsigned char key[32] = "k", second[32] = "l";
	char longest[2000];

	memset(longest, 'x', sizeof(longest));
	ck_assert_int_eq(use_part_mask(key, "name1", 5, one, &e), 0);
	ck_assert_int_eq(use_part_mask(key, "name2", 5, other, &e), 0);
	ck_assert_int_eq(use_part_mask(second, "name1", 5, keyed, &e), 0);
	ck_assert_str_ne(one, other);
	ck_assert_str_ne(one, keyed);
	ck_assert_uint_eq(strlen(one), 24 + 4);
	ck_assert_int_eq(
	    use_part_mask(key, longest, sizeof(longest), one, &e), 0);
	ck_assert_str_eq(one + 24, " 2000 x");
}
END_TEST

static int
whole_mask(void *context, const char *typed, size_t length,
    char out[USE_MASK_MAX], struct err *error)
{
	static const unsigned char key[32] = "a key";

	(void)context;
	return use_part_mask(key, typed, length, out, error);
}

static int64_t told, rest, delivered;

static int
count_parts(void *context, const struct use_part *p, struct err *error)
{
	(void)context;
	(void)error;
	delivered += p->count;
	if (strcmp(p->mask, USE_MASK_MORE) == 0)
		rest += p->count;
	else
		told++;
	return 0;
}

START_TEST(a_million_names_take_bounded_memory)
{
	struct use_options o = { .deliver = remember,
		.part = count_parts,
		.mask = whole_mask,
		.facts_max = 1000 };
	struct authlog_event event = { .kind = AUTHLOG_UNKNOWN,
		.nobody = true,
		.why = AUTHLOG_NO_ACCOUNT,
		.port = -1,
		.count = 1,
		.host = "db1",
		.service = "sshd",
		.origin = "10.0.0.9" };
	struct use *u;

	strcpy(said, "");
	told = rest = delivered = 0;
	ck_assert_int_eq(use_new(&u, &o, &e), 0);
	for (int i = 0; i < 100000; i++) {
		event.at = NIGHT + i / 10000; /* all in one minute */
		event.typed_length = (size_t)snprintf(
		    event.typed, sizeof(event.typed), "name%d", i);
		ck_assert_int_eq(use_event(u, &event, &e), 0);
	}
	ck_assert_int_eq(use_end(u, &e), 0);
	use_free(&u);
	ck_assert_int_eq(delivered, 100000);
	ck_assert_int_eq(told, USE_PART_NAMES);
	ck_assert_int_eq(rest, 100000 - USE_PART_NAMES);
}
END_TEST

START_TEST(facts_in_parts_add_up)
{
	static const struct use_options o = { .facts_max = 1 };

	reduce(&o,
	    (const char *const[]){
	        IN("01:10:00", "1", "alice", "10.0.0.1", "1", KEY_A),
	        IN("02:10:00", "2", "alice", "10.0.0.1", "2", KEY_A), NULL });
	ck_assert_str_eq(said,
	    "\nalice@db1 today sshd SHA256:AAAA 10.0.0.1 yes n=1 h=2 o=0\n"
	    "alice@db1 today sshd SHA256:AAAA 10.0.0.1 yes n=1 h=4 o=0\n");
}
END_TEST

/* ---- Forms ---- */

static struct use *use;

static int
pass_on(void *context, const struct authlog_event *event, struct err *error)
{
	(void)context;
	return use_event(use, event, error);
}

/* Writes a file, finds its form, reads it. Returns how many were refused. */
static int64_t
read_as(const char *form, const void *bytes, size_t length)
{
	struct use_options o = { .deliver = remember, .facts_max = 1000 };
	char path[] = "/tmp/reeve-form-XXXXXX";
	struct use_reading r = { .path = path,
		.host = "ws9",
		.clock = { .as_of = NIGHT + 86400 },
		.epoch = NIGHT,
		.event = pass_on };
	const struct use_form *f;
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	(void)close(fd);
	strcpy(said, "\n");
	ck_assert_int_eq(use_new(&use, &o, &e), 0);
	f = use_form_of(path, NULL, &e);
	ck_assert_msg(f != NULL, "%s", e.text);
	ck_assert_str_eq(f->name, form);
	if (!f->needs_host)
		r.host = NULL;
	ck_assert_int_eq(f->read(&r, &e), 0);
	ck_assert_int_eq(use_end(use, &e), 0);
	use_free(&use);
	(void)unlink(path);
	return r.refused;
}

START_TEST(wtmp_tells_sessions_from_one_end_to_the_other)
{
	struct utmp u[3] = { { .ut_type = USER_PROCESS, .ut_pid = 10 },
		{ .ut_type = DEAD_PROCESS, .ut_pid = 10 },
		{ .ut_type = USER_PROCESS, .ut_pid = 11 } };

	strcpy(u[0].ut_user, "alice");
	u[0].ut_addr_v6[0] = 0x0100007f;
	u[0].ut_tv.tv_sec = (int32_t)(NIGHT + 3600);
	u[1].ut_tv.tv_sec = (int32_t)(NIGHT + 3700);
	memset(u[2].ut_user, 'x', sizeof(u[2].ut_user));
	u[2].ut_tv.tv_sec = (int32_t)(NIGHT + 3800);
	ck_assert_int_eq(read_as("wtmp", u, sizeof(u)), 0);
	has("alice@ws9 today wtmp  127.0.0.1 yes n=1 h=2 o=0");
	has("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@ws9 today wtmp");
	/* A cut record is refused, not guessed. */
	ck_assert_int_eq(read_as("wtmp", u, sizeof(u) - 1), 1);
}
END_TEST

START_TEST(the_published_sets_are_read)
{
	static const char lanl[] = "3600,U1,C7\n3601,U1,C7\nx,U1,C7\n";
	static const char cert[] =
	    "id,date,user,pc,activity\n"
	    "{X1D9-S0ES98JV-5357PWMI},11/29/2026 06:49:00,NGF0157,PC-6056,"
	    "Logon\n"
	    "{G2B3-L6EJ61GT-2222RKSO},11/29/2026 06:50:00,NGF0157,PC-6056,"
	    "Logoff\n";

	ck_assert_int_eq(read_as("lanl", lanl, sizeof(lanl) - 1), 1);
	has("U1@C7 today login   yes n=2 h=2");
	ck_assert_int_eq(read_as("cert", cert, sizeof(cert) - 1), 0);
	has("NGF0157@PC-6056 today login   yes n=1 h=40");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_use_day");
	TCase *c = tcase_create("use_day");

	tcase_add_test(c, logins_of_a_day_by_key_and_origin_are_one_fact);
	tcase_add_test(
	    c, a_session_beside_one_of_another_key_and_origin_overlaps);
	tcase_add_test(c, an_end_that_was_not_logged_is_believed_after_a_day);
	tcase_add_test(c, names_of_nobody_are_counted_by_origin_and_never_kept);
	tcase_add_test(c, a_failed_name_is_kept_if_it_is_an_accounts);
	tcase_add_test(
	    c, whom_sudo_became_is_told_by_pam_where_its_own_line_is_not_clear);
	tcase_add_test(c, what_was_covered_before_is_not_counted_again);
	tcase_add_test(c, failures_are_told_by_class_and_minute);
	tcase_add_test(c, connections_at_one_time_are_told_apart);
	tcase_add_test(c, what_nobody_is_called_has_a_mask);
	tcase_add_test(c, a_mask_tells_names_apart_and_needs_its_key);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_million_names_take_bounded_memory);
	tcase_add_test(c, facts_in_parts_add_up);
	tcase_add_test(c, wtmp_tells_sessions_from_one_end_to_the_other);
	tcase_add_test(c, the_published_sets_are_read);
	suite_add_tcase(s, c);
	return unit_run(s);
}
