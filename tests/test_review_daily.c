/* Every day: what a record counts, when it is incomplete, who may sign it. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "review/daily.h"
#include "review/listed.h"
#include "review/use_import.h"
#include "review/workday.h"
#include "review_keys.h"
#include "unit.h"

#define ZONE INT64_C(28800)
/* Thursday 2026-11-26, 00:00 in Taipei. */
#define DAY   20783
#define NIGHT ((int64_t)DAY * 86400 - ZONE)
#define NOON  43200

static struct err e;
static struct store *store;
static struct review_config *config;
static char folder[40], path[64], db[64], key_path[256];
static struct buf text; /* of the next file */

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-daily-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/auth.log", folder);
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
	config = config_load("/nowhere", false, &e);
	ck_assert_ptr_nonnull(config);
	text = buf_new(64u * 1024 * 1024);
}

static void
teardown(void)
{
	store_close(&store);
	config_free(&config);
	buf_free(&text);
	ck_assert_int_eq(shell("rm -rf %s", folder), 0);
}

static void
run_sql(const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &why) == SQLITE_OK,
	    "%s", why);
}

/* The rows' first values, with ';' between. */
static const char *
ask(const char *sql)
{
	static char out[16384];
	sqlite3_stmt *s;

	out[0] = '\0';
	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(store), sql, -1, &s, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(store)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		const unsigned char *value = sqlite3_column_text(s, 0);

		if (out[0] != '\0')
			strcat(out, ";");
		strcat(out, value == NULL ? "-" : (const char *)value);
	}
	sqlite3_finalize(s);
	return out;
}

#define is(wanted, sql) ck_assert_str_eq(ask(sql), wanted)
/* Of the newest version of DAY on db1. */
#define FACT(path)                                                             \
	"SELECT facts ->> '" path "' FROM daily WHERE day = 20783 AND "        \
	"source = 'db1' ORDER BY version DESC LIMIT 1"

/* ---- Logs ---- */

/* A line at that second of DAY (or before, or behind it). */
static void __attribute__((format(printf, 3, 4)))
line(const char *host, int64_t second, const char *format, ...)
{
	time_t at = (time_t)(NIGHT + second);
	char time[32], rest[512];
	struct tm tm;
	va_list list;

	va_start(list, format);
	(void)vsnprintf(rest, sizeof(rest), format, list);
	va_end(list);
	ck_assert_ptr_nonnull(gmtime_r(&at, &tm));
	ck_assert_uint_gt(strftime(time, sizeof(time), "%FT%TZ", &tm), 0);
	buf_printf(&text, "%s %s %s\n", time, host, rest);
}

/* A line an hour, of nothing, from before that day until behind it. */
static void
alive_from(const char *host, int64_t from, int64_t to)
{
	for (int64_t at = from; at <= to; at += 3600)
		line(host, at, "CRON[1]: (root) CMD (true)");
}

static void
alive(const char *host)
{
	alive_from(host, -1800, 86400 + 1800);
}

static void
unknown(const char *host, int64_t second, const char *name, const char *from)
{
	static int pid = 1000;

	pid++;
	line(host, second, "sshd[%d]: Invalid user %s from %s port %d", pid,
	    name, from, pid);
	line(host, second,
	    "sshd[%d]: Failed password for invalid user %s from %s port %d "
	    "ssh2",
	    pid, name, from, pid);
}

static void
wrong(const char *host, int64_t second, const char *name, const char *from)
{
	line(host, second,
	    "sshd[9]: Failed password for %s from %s port 9 ssh2", name, from);
}

static void
login(const char *host, int64_t second, const char *name, const char *from)
{
	line(host, second,
	    "sshd[8]: Accepted password for %s from %s port 8 ssh2", name,
	    from);
}

/* Lines of several hosts come as they were put, so sort(1) does it. */
static void
import_as(const char *form, const char *host)
{
	const struct use_import_options o = { .now = NIGHT + 3 * 86400,
		.host = host,
		.form = form,
		.clock = { .as_of = NIGHT + 3 * 86400 } };
	struct use_import_result result;
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.data, 1, text.length, f), text.length);
	ck_assert_int_eq(fclose(f), 0);
	buf_clear(&text);
	ck_assert_int_eq(
	    shell("LC_ALL=C sort -s -k1,1 -o %s %s", path, path), 0);
	ck_assert_ok(use_import(store, path, &o, &result, &e));
	ck_assert_int_eq(result.refused, 0);
	ck_assert_int_eq(use_day_match(store, &e), 0);
}

static void
import(void)
{
	import_as("auth.log", NULL);
}

/* ---- Records ---- */

static struct daily *
open_daily(int64_t now)
{
	const struct daily_options o = {
		.now = now, .config = config, .profile = "house"
	};
	struct daily *d;

	ck_assert_ok(daily_new(&d, store, &o, &e));
	return d;
}

/* Of DAY alone, made two days later. How many. */
static int64_t
run_at(int64_t now)
{
	const struct act_how how = { .now = now, .by_program = true };
	struct daily *d = open_daily(now);
	int64_t count;

	ck_assert_ok(
	    daily_run(d, DAY, DAY, NULL, &how, NULL, NULL, &count, &e));
	daily_free(&d);
	return count;
}

#define LATER (NIGHT + 86400 + 8 * 3600) /* the next morning, at eight */

static int64_t
run(void)
{
	return run_at(LATER);
}

static struct {
	int count;
	char rule[64], subject[256], hosts[256];
	int64_t attempts, names;
} told;

static int
tell(void *context, const struct daily_alert *a, struct err *unused)
{
	(void)context;
	(void)unused;
	told.count++;
	(void)snprintf(told.rule, sizeof(told.rule), "%s", a->rule);
	(void)snprintf(told.subject, sizeof(told.subject), "%s", a->subject);
	(void)snprintf(told.hosts, sizeof(told.hosts), "%s", a->hosts);
	told.attempts = a->count;
	told.names = a->names;
	return 0;
}

static int64_t
alerts(void)
{
	struct daily *d = open_daily(NIGHT + NOON);
	int64_t count;

	memset(&told, 0, sizeof(told));
	ck_assert_ok(daily_alerts(d, DAY - 1, DAY, tell, NULL, &count, &e));
	daily_free(&d);
	ck_assert_int_eq(count, told.count);
	return count;
}

/* ---- Counting ---- */

START_TEST(eleven_names_of_nobody_are_one_alert_and_masked)
{
	alive("db1");
	for (int i = 0; i < 11; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "hunter%d", i);
		unknown("db1", 36000 + 50 * i, name, "203.0.113.9");
	}
	import();
	ck_assert_int_eq(alerts(), 1);
	ck_assert_str_eq(told.rule, "stuffing");
	ck_assert_str_eq(told.subject, "203.0.113.9");
	ck_assert_int_eq(told.attempts, 11);
	ck_assert_int_eq(told.names, 11);
	/* Once. */
	ck_assert_int_eq(alerts(), 0);
	ck_assert_int_eq(run(), 1);
	is("11", FACT("$.failed.unknown"));
	is("11", FACT("$.failed.total"));
	is("stuffing", FACT("$.rules[0].rule"));
	is("complete", "SELECT state FROM daily");
	ck_assert_int_ne(shell("grep -q hunter %s %s-wal", db, db), 0);
	/* Which of the eleven is first is up to the key that masks them. */
	is("h..(",
	    "SELECT substr(facts ->> '$.top_accounts[0].name', 1, 4) "
	    "FROM daily");
}
END_TEST

START_TEST(a_day_with_nothing_has_a_record_with_zero)
{
	alive("db1");
	import();
	ck_assert_int_eq(run(), 1);
	is("complete0",
	    "SELECT state || (facts ->> '$.failed.total') FROM daily");
	is("0", FACT("$.logins"));
	/* The same again says nothing new. */
	ck_assert_int_eq(run(), 0);
	is("1", "SELECT count(*) FROM act");
	is("daily", "SELECT kind FROM act WHERE signer IS NULL");
}
END_TEST

/* How the day's lines stand, and what the record says. */
static const struct {
	int64_t from, to, then, until; /* lines an hour; then again */
	const char *said;
} trails[] = {
	{ -1800, 88200, 0, -1, "complete" },
	/* After the last line nobody knows. */
	{ -1800, 84600, 0, -1, "incomplete silent" },
	{ 7200, 88200, 0, -1, "incomplete silent" },
	/* Six hours are quiet, seven are silent. */
	{ -1800, 34200, 34200 + 6 * 3600, 88200, "complete" },
	{ -1800, 34200, 34200 + 7 * 3600, 88200, "incomplete silent" },
	/* Lines of other days only. */
	{ -90000, -86400, 0, -1, "incomplete no-trail" },
};

START_TEST(a_silent_trail_makes_the_day_incomplete)
{
	alive_from("db1", trails[_i].from, trails[_i].to);
	alive_from("db1", trails[_i].then, trails[_i].until);
	import();
	(void)run();
	ck_assert_str_eq(ask("SELECT trim(state || ' ' || reason) FROM daily"),
	    trails[_i].said);
}
END_TEST

START_TEST(a_trail_that_does_not_verify_makes_the_day_incomplete)
{
	alive("db1");
	import();
	run_sql("INSERT INTO trail_import (at, host, file, form, digest, "
	        "records, refused, verified) VALUES (1795700000, 'db1', 'x', "
	        "'reeve', x'00', 0, 0, 0)");
	ck_assert_int_eq(run(), 1);
	is("incomplete unverified", "SELECT state || ' ' || reason FROM daily");
}
END_TEST

START_TEST(records_that_a_trail_says_are_missing_make_it_incomplete)
{
	alive("db1");
	import();
	run_sql("DELETE FROM trail_span");
	run_sql("INSERT INTO trail_span SELECT id, 'db1', 1795622400 - 100, "
	        "1795622400 + 7200, 0 FROM trail_import");
	run_sql("INSERT INTO trail_span SELECT id, 'db1', 1795622400 + 7300, "
	        "1795622400 + 100000, 1 FROM trail_import");
	ck_assert_int_eq(run(), 1);
	is("incomplete missing-records",
	    "SELECT state || ' ' || reason FROM daily");
}
END_TEST

START_TEST(a_core_directory_without_a_trail_is_incomplete_and_no_zero)
{
	run_sql("INSERT INTO source VALUES (1, 'corp', 'ldap://dc', 'corp', 1, "
	        "'ad'), (2, 'doors', 'csv:x', 'doors', 0, '')");
	run_sql("INSERT INTO pull (source, started, mode, state, complete, "
	        "scope, program) VALUES (1, 1795000000, 'full', 'applied', 1, "
	        "'', ''), (2, 1795000000, 'full', 'applied', 1, '', '')");
	ck_assert_int_eq(run(), 1);
	is("source:corp incomplete no-trail",
	    "SELECT source || ' ' || state || ' ' || reason FROM daily");
}
END_TEST

/* A small generator of its own: what the lines say is counted beside. */
static uint32_t seed;

static uint32_t
any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

START_TEST(what_is_counted_equals_the_lines)
{
	static const char *const names[] = { "alice", "bob", "carol", "dave" };
	int64_t secret[3] = { 0 }, nobody[3] = { 0 }, came[3] = { 0 };
	char sql[400];

	seed = 7u + (uint32_t)_i;
	run_sql("INSERT INTO source VALUES (1, 'c', 'csv:x', 'c', 0, '')");
	for (int host = 0; host < 3; host++) {
		char called[32];

		(void)snprintf(called, sizeof(called), "h%d", host);
		alive(called);
		for (int i = 0; i < 400; i++) {
			int64_t at = (int64_t)any(86400 + 7200) - 3600;
			bool today = at >= 0 && at < 86400;
			char from[32], name[32];

			(void)snprintf(from, sizeof(from), "10.0.0.%u", any(9));
			(void)snprintf(name, sizeof(name), "typed%u", any(50));
			switch (any(3)) {
			case 0:
				wrong(called, at, names[any(4)], from);
				secret[host] += today;
				break;
			case 1:
				unknown(called, at, name, from);
				nobody[host] += today;
				break;
			default:
				login(called, at, names[any(4)], from);
				came[host] += today;
			}
		}
	}
	import();
	ck_assert_int_eq(run(), 3);
	for (int host = 0; host < 3; host++) {
		char wanted[64];

		(void)snprintf(sql, sizeof(sql),
		    "SELECT (facts ->> '$.failed.secret') || ' ' || "
		    "(facts ->> '$.failed.unknown') || ' ' || "
		    "(facts ->> '$.logins') FROM daily WHERE source = 'h%d'",
		    host);
		(void)snprintf(wanted, sizeof(wanted), "%lld %lld %lld",
		    (long long)secret[host], (long long)nobody[host],
		    (long long)came[host]);
		ck_assert_str_eq(ask(sql), wanted);
	}
}
END_TEST

START_TEST(two_trails_of_the_same_logins_count_once)
{
	alive("db1");
	wrong("db1", 100, "root", "10.0.0.9");
	wrong("db1", 200, "root", "10.0.0.9");
	login("db1", 300, "root", "10.0.0.9");
	import();
	run_sql("INSERT INTO use_part SELECT host, at, class, name, mask, "
	        "service, key, origin, 'journal', elsewhere, count, first, "
	        "last FROM use_part");
	ck_assert_int_eq(run(), 1);
	is("2", FACT("$.failed.total"));
	is("1", FACT("$.logins"));
	is("1", FACT("$.sessions[0].count"));
}
END_TEST

START_TEST(that_the_directory_is_down_is_nobodys_failure)
{
	alive("db1");
	line("db1", 100,
	    "sshd[5]: pam_sss(sshd:auth): received for user bob: 9 "
	    "(Authentication service cannot retrieve authentication info)");
	line("db1", 100,
	    "sshd[5]: Failed password for bob from 10.0.0.9 port 5 ssh2");
	import();
	ck_assert_int_eq(run(), 1);
	is("0", FACT("$.failed.total"));
	is("1", FACT("$.directory"));
}
END_TEST

/* ---- Rules ---- */

/* n attempts, so many seconds apart: of names, of nobody or on one account. */
static const struct {
	int accounts, nobodies, failures, apart;
	const char *fired; /* sorted; "" none */
} attempts[] = {
	{ 0, 5, 0, 149, "stuffing" }, /* 596 s */
	{ 0, 5, 0, 151, "" },         /* 604 s */
	{ 0, 4, 0, 1, "" },
	{ 10, 0, 0, 66, "spray" }, /* 594 s */
	{ 10, 0, 0, 67, "" },      /* 603 s */
	{ 9, 0, 0, 1, "" },
	{ 6, 4, 0, 1, "spray" },
	{ 6, 5, 0, 1, "spray;stuffing" },
	{ 0, 12, 0, 1, "stuffing" },
	{ 10, 5, 0, 1, "spray;stuffing" },
	{ 0, 0, 10, 66, "bruteforce" },
	{ 0, 0, 10, 67, "" },
	{ 0, 0, 9, 1, "" },
	{ 0, 0, 30, 1, "bruteforce" },
};

/* Accounts that are known: they came in a month ago. */
static void
know_accounts(void)
{
	for (int i = 0; i < 20; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "acct%d", i);
		login("old", -30 * 86400 + i, name, "10.1.1.1");
	}
	import();
	/* Only their names are wanted. */
	run_sql("DELETE FROM trail_import");
	run_sql("DELETE FROM trail_span WHERE host = 'old'");
}

START_TEST(rules_fire_within_their_minutes_and_not_beyond)
{
	int64_t at = 36001;

	run_sql("PRAGMA foreign_keys = OFF");
	know_accounts();
	alive("db1");
	for (int i = 0; i < attempts[_i].accounts; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "acct%d", i);
		wrong("db1", at, name, "203.0.113.9");
		at += attempts[_i].apart;
	}
	for (int i = 0; i < attempts[_i].nobodies; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "typed%d", i);
		unknown("db1", at, name, "203.0.113.9");
		at += attempts[_i].apart;
	}
	for (int i = 0; i < attempts[_i].failures; i++) {
		char from[32];

		(void)snprintf(from, sizeof(from), "203.0.113.%d", i);
		wrong("db1", at, "acct1", from);
		at += attempts[_i].apart;
	}
	import();
	(void)run();
	ck_assert_str_eq(
	    ask("SELECT x.value ->> '$.rule' FROM daily d, "
	        "json_each(d.facts, '$.rules') x WHERE source = 'db1' "
	        "ORDER BY 1"),
	    attempts[_i].fired);
}
END_TEST

START_TEST(what_goes_over_several_hosts_is_one_alert_and_in_each_record)
{
	for (int i = 0; i < 6; i++) {
		char host[32], name[32];

		(void)snprintf(host, sizeof(host), "h%d", i);
		(void)snprintf(name, sizeof(name), "typed%d", i);
		alive(host);
		unknown(host, 36000 + i, name, "203.0.113.9");
	}
	import();
	ck_assert_int_eq(alerts(), 1);
	ck_assert_str_eq(told.hosts, "h0, h1, h2, h3, h4, h5");
	ck_assert_int_eq(run(), 6);
	is("1 6",
	    "SELECT DISTINCT (facts ->> '$.rules[0].here') || ' ' || "
	    "(facts ->> '$.rules[0].attempts') FROM daily");
}
END_TEST

START_TEST(an_attack_over_midnight_is_seen_on_both_days)
{
	alive_from("db1", -86400 - 1800, 88200);
	for (int i = 0; i < 6; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "typed%d", i);
		unknown("db1", -150 + 60 * i, name, "203.0.113.9");
	}
	import();
	ck_assert_int_eq(run(), 1);
	is("stuffing", FACT("$.rules[0].rule"));
	/* Counted are those of the day. */
	is("3", FACT("$.failed.unknown"));
	is("6", FACT("$.rules[0].attempts"));
}
END_TEST

START_TEST(a_source_is_unknown_until_the_account_used_it)
{
	alive_from("db1", -86400 - 1800, 88200);
	login("db1", -50000, "alice", "198.51.100.7");
	login("db1", 36000, "alice", "198.51.100.7");
	login("db1", 36000, "bob", "198.51.100.7");
	login("db1", 36000, "carol", "127.0.0.1");
	import();
	ck_assert_int_eq(run(), 1);
	is("bob",
	    "SELECT x.value ->> '$.account' FROM daily d, "
	    "json_each(d.facts, '$.unknown_sources') x");
}
END_TEST

START_TEST(a_use_after_long_idleness_is_shown)
{
	login("db1", -91 * 86400, "alice", "10.0.0.1");
	login("db1", -80 * 86400, "bob", "10.0.0.1");
	alive("db1");
	login("db1", 36000, "alice", "10.0.0.1");
	login("db1", 36000, "bob", "10.0.0.1");
	import();
	ck_assert_int_eq(run(), 1);
	is("alice 91",
	    "SELECT (x.value ->> '$.account') || ' ' || "
	    "(x.value ->> '$.days') FROM daily d, "
	    "json_each(d.facts, '$.idle') x");
}
END_TEST

START_TEST(logins_outside_working_hours_are_shown)
{
	alive("db1");
	login("db1", 6 * 3600, "early", "10.0.0.1");
	login("db1", 7 * 3600, "seven", "10.0.0.1");
	login("db1", 20 * 3600 - 1, "before", "10.0.0.1");
	login("db1", 20 * 3600, "eight", "10.0.0.1");
	import();
	ck_assert_int_eq(run(), 1);
	is("early;eight",
	    "SELECT x.value ->> '$.account' FROM daily d, "
	    "json_each(d.facts, '$.off_hours') x");
}
END_TEST

START_TEST(on_a_day_off_every_login_is_outside_working_hours)
{
	run_sql("INSERT INTO calendar VALUES (20783, 0, 'holiday', 1, "
	        "9223372036854775807)");
	alive("db1");
	login("db1", 10 * 3600, "alice", "10.0.0.1");
	import();
	ck_assert_int_eq(run(), 1);
	is("alice",
	    "SELECT x.value ->> '$.account' FROM daily d, "
	    "json_each(d.facts, '$.off_hours') x");
}
END_TEST

/* ---- Lists ---- */

static const struct {
	const char *line;
	int got;
	unsigned bits;
} lines[] = {
	{ "203.0.113.9", 1, 128 },
	{ "203.0.113.0/24", 1, 120 },
	{ "203.0.113.77/24  # a note", 1, 120 },
	{ "2001:db8::/32", 1, 32 },
	{ "\"203.0.113.9\",\"2026-11-01\",\"scanner\"", 1, 128 },
	{ "1,203.0.113.9,scanner", 1, 128 },
	{ "\xef\xbb\xbf"
	  "203.0.113.9",
	    1, 128 },
	{ "", 0, 0 },
	{ "   ", 0, 0 },
	{ "# comment", 0, 0 },
	{ "; comment", 0, 0 },
	{ "0.0.0.0/0", -1, 0 },
	{ "10.0.0.0/7", -1, 0 },
	{ "10.0.0.0/8", 1, 104 },
	{ "::/8", -1, 0 },
	{ "203.0.113.9/33", -1, 0 },
	{ "203.0.113.256", -1, 0 },
	{ "example.com", -1, 0 },
};

START_TEST(lines_of_lists_are_read)
{
	struct listed_line out;
	int got = listed_read(lines[_i].line, strlen(lines[_i].line), &out);

	ck_assert_int_eq(got, lines[_i].got);
	if (got == 1)
		ck_assert_uint_eq(out.network.bits, lines[_i].bits);
}
END_TEST

static int
import_list(const char *content)
{
	static struct listed_result r;
	struct buf rows = buf_new(4096);
	FILE *f = fopen(path, "w");
	int done;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(content, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	e.code = ERR_NONE;
	done = listed_import(store, path, "fisac", NIGHT, &r, &rows, &e);
	buf_free(&rows);
	return done == -1 ? -1 : (int)(100 * r.fresh + 10 * r.kept + r.ended);
}

START_TEST(a_list_is_replaced_by_its_next_file_and_keeps_its_history)
{
	ck_assert_int_eq(
	    import_list("ip,date\n203.0.113.9,x\n203.0.113.9\n10.9.0.0/16\n"),
	    200);
	ck_assert_int_eq(import_list("10.9.0.0/16\n2001:db8::1\n"), 111);
	ck_assert_int_eq(import_list("10.9.0.0/16\n2001:db8::1\n"), 20);
	is("2", "SELECT count(*) FROM register_import");
	is("2", "SELECT count(*) FROM listed_network WHERE until > 100");
	is("3", "SELECT count(*) FROM listed_network");
	ck_assert_int_eq(import_list("10.9.0.0/16\nnonsense\n"), -1);
	ck_assert_int_eq(import_list("\n"), -1);
	is("2", "SELECT count(*) FROM listed_network WHERE until > 100");
	/* What ended may come back. */
	ck_assert_int_eq(import_list("203.0.113.9\n"), 102);
}
END_TEST

START_TEST(an_address_on_a_list_is_shown_and_told)
{
	ck_assert_int_eq(import_list("203.0.113.0/24\n"), 100);
	alive("db1");
	wrong("db1", 100, "root", "203.0.113.200");
	wrong("db1", 100, "root", "203.0.114.200");
	import();
	ck_assert_int_eq(alerts(), 1);
	ck_assert_str_eq(told.rule, "listed-source");
	ck_assert_int_eq(run(), 1);
	is("203.0.113.200 fisac",
	    "SELECT (x.value ->> '$.origin') || ' ' || (x.value ->> '$.list') "
	    "FROM daily d, json_each(d.facts, '$.listed') x");
}
END_TEST

/* ---- Versions ---- */

START_TEST(new_facts_make_a_version_and_the_old_one_stays)
{
	alive("db1");
	wrong("db1", 100, "root", "10.0.0.9");
	import();
	ck_assert_int_eq(run(), 1);
	alive("db1");
	wrong("db1", 100, "root", "10.0.0.9");
	wrong("db1", 80000, "root", "10.0.0.9");
	import();
	ck_assert_int_eq(run(), 1);
	is("1 1;2 2",
	    "SELECT version || ' ' || (facts ->> '$.failed.total') "
	    "FROM daily ORDER BY version");
	ck_assert_int_eq(run(), 0);
	/* An import that tells nothing of the day makes none. */
	alive_from("db1", 10 * 86400, 10 * 86400 + 7200);
	import();
	ck_assert_int_eq(run(), 0);
}
END_TEST

/* ---- Signatures ---- */

static struct buf receipt;

static int
sign_as(const char *who, int64_t now, int64_t version, int64_t *late)
{
	const int64_t day = DAY;
	const struct daily_signing s = { .days = &day,
		.count = 1,
		.source = "db1",
		.version = version,
		.disposition = "a scanner, blocked" };
	struct act_how how = keys_how(folder, who, now, key_path);
	int64_t records;
	int done;

	e.code = ERR_NONE;
	receipt = buf_new(256);
	done = daily_sign(store, &s, &how, &records, late, &receipt, &e);
	buf_free(&receipt);
	return done;
}

static void
enrol(void)
{
	keys_enrol(store, folder, "wang", "E1", NIGHT - 86400);
	keys_enrol(store, folder, "chen", "E2", NIGHT - 86400);
}

#define DUE (NIGHT + 86400 + NOON) /* Friday noon */

START_TEST(who_signs_in_time_and_who_late)
{
	int64_t late;

	enrol();
	alive("db1");
	import();
	ck_assert_int_eq(run(), 1);
	is("1", "SELECT due = 1795752000 FROM daily");
	ck_assert_ok(sign_as("wang", DUE + _i, 0, &late));
	ck_assert_int_eq(late, _i);
	ck_assert_str_eq(
	    ask("SELECT late FROM daily_sign"), _i == 0 ? "0" : "1");
	/* Once is enough. */
	ck_assert_int_eq(sign_as("chen", DUE + 2, 0, &late), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "signed already"));
}
END_TEST

START_TEST(an_older_version_than_the_newest_is_not_signed)
{
	int64_t late;

	enrol();
	alive("db1");
	import();
	ck_assert_int_eq(run(), 1);
	alive("db1");
	wrong("db1", 80000, "root", "10.0.0.9");
	import();
	ck_assert_int_eq(run(), 1);
	ck_assert_int_eq(sign_as("wang", LATER + 1, 1, &late), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "not the newest"));
	ck_assert_int_eq(sign_as("wang", LATER + 1, 2, &late), 0);
}
END_TEST

START_TEST(a_clock_that_was_set_back_signs_nothing)
{
	int64_t late;

	enrol();
	alive("db1");
	import();
	ck_assert_int_eq(run_at(DUE + 5), 1);
	ck_assert_int_eq(sign_as("wang", DUE - 5, 0, &late), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "clock"));
}
END_TEST

START_TEST(a_day_without_a_record_is_not_signed)
{
	int64_t late;

	enrol();
	ck_assert_int_eq(sign_as("wang", LATER, 0, &late), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no record"));
}
END_TEST

START_TEST(later_facts_are_due_later_only_if_the_earlier_were_in_time)
{
	int64_t late;

	enrol();
	alive("db1");
	import();
	ck_assert_int_eq(run(), 1);
	if (_i == 0)
		ck_assert_int_eq(sign_as("wang", DUE, 0, &late), 0);
	alive("db1");
	wrong("db1", 80000, "root", "10.0.0.9");
	import();
	/* Friday evening: due on Monday. */
	ck_assert_int_eq(run_at(DUE + 6 * 3600), 1);
	ck_assert_str_eq(
	    ask("SELECT (due - 1795752000) / 86400 FROM daily ORDER BY "
	        "version"),
	    _i == 0 ? "0;3" : "0;0");
}
END_TEST

START_TEST(nobody_signs_what_they_used_themselves)
{
	int64_t late;

	enrol();
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	line("db1", 36000,
	    "sudo:    alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh");
	login("db1", 35000, "alice", "10.0.0.1");
	import();
	run_sql("INSERT INTO source VALUES (1, 'h', 'passwd:x', 'h', 1, '')");
	run_sql("INSERT INTO object VALUES (5, 1, 0, 'host:db1/alice')");
	run_sql("INSERT INTO person VALUES (1, 'E1')");
	run_sql("INSERT INTO person_account VALUES (5, 1, 'employee', '', 1)");
	run_sql("UPDATE use_day SET object = 5 WHERE name = 'alice'");
	ck_assert_int_eq(run(), 1);
	is("root;root",
	    "SELECT x.value ->> '$.account' FROM daily d, "
	    "json_each(d.facts, '$.sessions') x");
	ck_assert_int_eq(sign_as("wang", LATER, 0, &late), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "another person"));
	ck_assert_ok(sign_as("chen", LATER, 0, &late));
}
END_TEST

START_TEST(a_number_is_the_same_in_any_spelling)
{
	int64_t late;

	keys_enrol(store, folder, "wang", "e01", NIGHT - 86400);
	keys_enrol(store, folder, "chen", "0e1", NIGHT - 86400);
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	import();
	run_sql("INSERT INTO source VALUES (1, 'h', 'passwd:x', 'h', 1, '')");
	run_sql("INSERT INTO object VALUES (5, 1, 0, 'host:db1/root')");
	run_sql("INSERT INTO person VALUES (1, 'E1')");
	run_sql("INSERT INTO person_account VALUES (5, 1, 'employee', '', 1)");
	run_sql("UPDATE use_day SET object = 5 WHERE name = 'root'");
	ck_assert_int_eq(run(), 1);
	ck_assert_int_eq(sign_as("chen", LATER, 0, &late), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "another person"));
}
END_TEST

START_TEST(a_use_has_the_ticket_that_approved_it)
{
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	line("db1", 36000,
	    "sudo:    alice : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh");
	import();
	run_sql("INSERT INTO approval VALUES ('T-1', 'a', 'b', 'alice', NULL, "
	        "1795622400, 1795708800, 1, 9223372036854775807), "
	        "('T-2', 'a', 'b', 'root', NULL, 1795000000, 1795622400, 1, "
	        "9223372036854775807)");
	ck_assert_int_eq(run(), 1);
	is("sshd;sudoT-1",
	    "SELECT (x.value ->> '$.service') || (x.value ->> '$.ticket') "
	    "FROM daily d, json_each(d.facts, '$.sessions') x ORDER BY 1");
}
END_TEST

START_TEST(a_session_by_ones_own_key_is_ones_own)
{
	char sql[300];
	int64_t late;

	enrol();
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	import();
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE use_part SET key = (SELECT fingerprint FROM signer WHERE "
	    "name = 'chen') WHERE name = 'root'");
	run_sql(sql);
	ck_assert_int_eq(run(), 1);
	ck_assert_int_eq(sign_as("chen", LATER, 0, &late), -1);
	ck_assert_int_eq(sign_as("wang", LATER, 0, &late), 0);
}
END_TEST

/* What an act says that was made past the program, with a real key. */
static void
forge(const char *who, const char *values)
{
	struct act_how how = keys_how(folder, who, DUE + 10, key_path);
	struct act *act;
	char sql[300];

	how.roles = "officer";
	ck_assert_ok(act_begin(&act, store, "daily-sign", &how, &e));
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO daily_sign VALUES (%lld, 20783, 'db1', %s)",
	    (long long)act_number(act), values);
	run_sql(sql);
	ck_assert_ok(act_commit(&act, NULL, &e));
}

static char faults[1024];

static void
remember(void *context, const struct act_fault *f)
{
	(void)context;
	(void)snprintf(faults + strlen(faults), sizeof(faults) - strlen(faults),
	    "%s: %s;", f->word, f->text);
}

/* The signer and the row: version, text, late. */
static const struct {
	const char *who, *values, *says;
} forgeries[] = {
	{ "chen", "2, 'x', 1", "" },
	{ "chen", "2, 'x', 0", "whether it was late" },
	{ "chen", "1, 'x', 1", "a newer version" },
	{ "chen", "3, 'x', 1", "no such record" },
	{ "wang", "2, 'x', 1", "its signer used" },
};

START_TEST(verify_finds_signatures_that_the_program_would_not_have_let_pass)
{
	const struct act_trust trust = { .quick = true };

	enrol();
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	line("db1", 36000,
	    "sudo:    wang : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh");
	import();
	ck_assert_int_eq(run(), 1);
	alive("db1");
	login("db1", 36000, "root", "10.0.0.1");
	line("db1", 36000,
	    "sudo:    wang : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh");
	wrong("db1", 80000, "root", "10.0.0.9");
	import();
	ck_assert_int_eq(run(), 1);
	forge(forgeries[_i].who, forgeries[_i].values);
	if (forgeries[_i].values[0] == '3') { /* before there is one */
		alive("db1");
		wrong("db1", 80001, "root", "10.0.0.9");
		import();
		ck_assert_int_eq(run_at(DUE + 20), 1);
	}
	faults[0] = '\0';
	ck_assert_int_ne(act_verify(store, &trust, remember, NULL, &e), -1);
	if (forgeries[_i].says[0] == '\0')
		ck_assert_str_eq(faults, "");
	else
		ck_assert_msg(
		    strstr(faults, forgeries[_i].says) != NULL, "%s", faults);
}
END_TEST

/* ---- Days ---- */

START_TEST(what_is_due_follows_the_calendar)
{
	int64_t due;

	/* A Friday: due on Monday. */
	ck_assert_int_eq(workday_due(store, DAY + 1, ZONE, &due, &e), 0);
	ck_assert_int_eq(due, NIGHT + 4 * 86400 + NOON);
	/* Monday off, and the Saturday worked instead. */
	run_sql("INSERT INTO calendar VALUES (20787, 0, '', 1, "
	        "9223372036854775807)");
	ck_assert_int_eq(workday_due(store, DAY + 1, ZONE, &due, &e), 0);
	ck_assert_int_eq(due, NIGHT + 5 * 86400 + NOON);
	run_sql("INSERT INTO calendar VALUES (20785, 1, '', 1, "
	        "9223372036854775807)");
	ck_assert_int_eq(workday_due(store, DAY + 1, ZONE, &due, &e), 0);
	ck_assert_int_eq(due, NIGHT + 2 * 86400 + NOON);
	ck_assert_int_eq(day_of_week(DAY), 3);
	ck_assert_int_eq(day_of_week(-1), 2);
	ck_assert_int_eq(day_of(NIGHT, ZONE), DAY);
	ck_assert_int_eq(day_of(NIGHT - 1, ZONE), DAY - 1);
}
END_TEST

static char cells[1024];

static int
take_cell(void *context, const struct daily_cell *cell, struct err *unused)
{
	(void)context;
	(void)unused;
	(void)snprintf(cells + strlen(cells), sizeof(cells) - strlen(cells),
	    "%s%s;", daily_status_names[cell->status],
	    cell->incomplete ? "*" : "");
	return 0;
}

static const char *
calendar(int64_t now)
{
	const struct daily_options o = {
		.now = now, .config = config, .profile = "house", .looks = true
	};
	struct daily *d;

	cells[0] = '\0';
	ck_assert_ok(daily_new(&d, store, &o, &e));
	ck_assert_ok(daily_calendar(d, DAY - 1, DAY + 2, take_cell, NULL, &e));
	daily_free(&d);
	return cells;
}

START_TEST(the_calendar_says_on_time_late_missing_and_incomplete)
{
	int64_t late;

	enrol();
	alive("db1");
	import();
	/* The day before, the trail began only half an hour before its end. */
	ck_assert_str_eq(calendar(NIGHT + 86400), "missing;open;open;;");
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(calendar(DUE), "missing;open;open;;");
	ck_assert_str_eq(calendar(DUE + 1), "missing;missing;open;;");
	ck_assert_int_eq(sign_as("wang", DUE + 1, 0, &late), 0);
	ck_assert_str_eq(calendar(DUE + 2), "missing;late;open;;");
	/* Late stays late, also of the next version. */
	alive("db1");
	wrong("db1", 80000, "root", "10.0.0.9");
	import();
	ck_assert_int_eq(run_at(DUE + 10), 1);
	ck_assert_str_eq(calendar(DUE + 20), "missing;late;open;;");
}
END_TEST

START_TEST(an_incomplete_day_is_marked_though_signed_in_time)
{
	int64_t late;

	enrol();
	alive_from("db1", -1800, 50000);
	import();
	ck_assert_int_eq(run(), 1);
	ck_assert_int_eq(sign_as("wang", DUE, 0, &late), 0);
	ck_assert_str_eq(calendar(DUE), "missing;on-time*;open;;");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("daily");
	TCase *c = tcase_create("daily");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, eleven_names_of_nobody_are_one_alert_and_masked);
	tcase_add_test(c, a_day_with_nothing_has_a_record_with_zero);
	tcase_add_loop_test(c, a_silent_trail_makes_the_day_incomplete, 0,
	    sizeof(trails) / sizeof(trails[0]));
	tcase_add_test(
	    c, a_trail_that_does_not_verify_makes_the_day_incomplete);
	tcase_add_test(
	    c, records_that_a_trail_says_are_missing_make_it_incomplete);
	tcase_add_test(
	    c, a_core_directory_without_a_trail_is_incomplete_and_no_zero);
	tcase_add_loop_test(c, what_is_counted_equals_the_lines, 0, 3);
	tcase_add_test(c, two_trails_of_the_same_logins_count_once);
	tcase_add_test(c, that_the_directory_is_down_is_nobodys_failure);
	tcase_add_loop_test(c, rules_fire_within_their_minutes_and_not_beyond,
	    0, sizeof(attempts) / sizeof(attempts[0]));
	tcase_add_test(
	    c, what_goes_over_several_hosts_is_one_alert_and_in_each_record);
	tcase_add_test(c, an_attack_over_midnight_is_seen_on_both_days);
	tcase_add_test(c, a_source_is_unknown_until_the_account_used_it);
	tcase_add_test(c, a_use_after_long_idleness_is_shown);
	tcase_add_test(c, logins_outside_working_hours_are_shown);
	tcase_add_test(c, on_a_day_off_every_login_is_outside_working_hours);
	tcase_add_loop_test(
	    c, lines_of_lists_are_read, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(
	    c, a_list_is_replaced_by_its_next_file_and_keeps_its_history);
	tcase_add_test(c, an_address_on_a_list_is_shown_and_told);
	tcase_add_test(c, new_facts_make_a_version_and_the_old_one_stays);
	tcase_add_loop_test(c, who_signs_in_time_and_who_late, 0, 2);
	tcase_add_test(c, an_older_version_than_the_newest_is_not_signed);
	tcase_add_test(c, a_clock_that_was_set_back_signs_nothing);
	tcase_add_test(c, a_day_without_a_record_is_not_signed);
	tcase_add_loop_test(c,
	    later_facts_are_due_later_only_if_the_earlier_were_in_time, 0, 2);
	tcase_add_test(c, nobody_signs_what_they_used_themselves);
	tcase_add_test(c, a_number_is_the_same_in_any_spelling);
	tcase_add_test(c, a_use_has_the_ticket_that_approved_it);
	tcase_add_test(c, a_session_by_ones_own_key_is_ones_own);
	tcase_add_loop_test(c,
	    verify_finds_signatures_that_the_program_would_not_have_let_pass, 0,
	    sizeof(forgeries) / sizeof(forgeries[0]));
	tcase_add_test(c, what_is_due_follows_the_calendar);
	tcase_add_test(
	    c, the_calendar_says_on_time_late_missing_and_incomplete);
	tcase_add_test(c, an_incomplete_day_is_marked_though_signed_in_time);
	suite_add_tcase(s, c);
	return unit_run(s);
}
