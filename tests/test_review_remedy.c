/* Remedies: what is planned, how it is written, and what proves it. */
#include <unistd.h>

#include "review/quote.h"
#include "review/remedy.h"
#include "review_facts.h"
#include "unit.h"

static struct err e;
static struct store *store;
static char folder[32];
static struct remedy_plan plan;
static const struct remedy_days days = { 3, 14, 30, 90, 30 };

static void
setup(void)
{
	facts_open(&store, folder);
}

static void
teardown(void)
{
	remedy_plan_free(&plan);
	facts_close(&store, folder);
}

/* ---- Quoting ---- */

static const char *const hostile[] = { "a'b$(x)", "two\nlines", "-rf", "`id`",
	"\"; rm -rf / #", "tab\there", "\\\\'\\n", "", " ", "王小明", "$'x'",
	"!!", "a\x01\1779", "it\xe2\x80\x99s" };

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

START_TEST(a_shell_gives_each_hostile_word_back)
{
	char name[64];
	struct buf b = buf_new(4096);
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s/word.sh", folder);
	buf_put_string(&b, "printf '%s' ");
	quote_shell(&b, hostile[_i]);
	ck_assert_ptr_null(strchr(buf_string(&b), '\n'));
	buf_put_string(&b, " >\"$0.out\"\n");
	file = fopen(name, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(buf_string(&b), file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(shell("bash %s", name), 0);
	(void)strcat(name, ".out");
	buf_clear(&b);
	file = fopen(name, "r");
	ck_assert_ptr_nonnull(file);
	for (int c; (c = fgetc(file)) != EOF;)
		buf_put_byte(&b, (unsigned char)c);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_str_eq(buf_string(&b), hostile[_i]);
	buf_free(&b);
}
END_TEST

START_TEST(powershell_closes_no_string_early)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{ "a'b$(x)", "'a''b$(x)'" },
		{ "a\nb", "('a'+[char]10+'b')" },
		{ "it\xe2\x80\x99s", "'it\xe2\x80\x99\xe2\x80\x99s'" },
		{ "\xe2\x80\x98;x", "'\xe2\x80\x98\xe2\x80\x98;x'" },
		{ "\xe2\x80\x94", "'\xe2\x80\x94'" },
		{ "-x", "'-x'" },
		{ "", "''" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_new(4096);

		quote_powershell(&b, rows[i].text);
		ck_assert_str_eq(buf_string(&b), rows[i].quoted);
		buf_free(&b);
	}
}
END_TEST

START_TEST(ldif_is_in_base64_where_the_rfc_wants_it)
{
	static const struct {
		const char *text, *line;
	} rows[] = {
		{ "plain", "a: plain\n" },
		{ "two\nlines", "a:: dHdvCmxpbmVz\n" },
		{ " first", "a:: IGZpcnN0\n" },
		{ ":x", "a:: Ong=\n" },
		{ "<file:///etc/passwd", "a:: PGZpbGU6Ly8vZXRjL3Bhc3N3ZA==\n" },
		{ "last ", "a:: bGFzdCA=\n" },
		{ "王", "a:: 546L\n" },
		{ "", "a: \n" },
		{ "a:b <c", "a: a:b <c\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_new(4096);

		quote_ldif(&b, "a", rows[i].text, strlen(rows[i].text));
		ck_assert_str_eq(buf_string(&b), rows[i].line);
		buf_free(&b);
	}
}
END_TEST

START_TEST(a_cell_is_no_formula)
{
	static const struct {
		const char *text, *cell;
	} rows[] = {
		{ "=1+1", "'=1+1" },
		{ "-x", "'-x" },
		{ "@a,b", "\"'@a,b\"" },
		{ "a\"b", "\"a\"\"b\"" },
		{ "plain", "plain" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_new(4096);

		quote_cell(&b, rows[i].text);
		ck_assert_str_eq(buf_string(&b), rows[i].cell);
		buf_free(&b);
	}
}
END_TEST

/* ---- How products write it ---- */

static struct remedy_subject
subject(const char *product, const char *url)
{
	return (struct remedy_subject){ .source = "s",
		.url = url,
		.product = product,
		.name = "wang",
		.dn = "uid=wang,dc=x",
		.control = 512,
		.expires = FACT_UNKNOWN,
		.uid = 1004,
		.enabled = TRI_YES,
		.password_locked = TRI_NO,
		.there = true };
}

START_TEST(an_undo_takes_away_what_the_change_put)
{
	struct remedy_subject s = subject("ad", "ldaps://dc");
	struct remedy_text t = remedy_text_new();

	remedy_disable(&t, &s, NULL);
	ck_assert_str_eq(t.form, "ldif");
	ck_assert_str_eq(buf_string(&t.change),
	    "dn: uid=wang,dc=x\nchangetype: modify\n"
	    "delete: userAccountControl\nuserAccountControl: 512\n-\n"
	    "add: userAccountControl\nuserAccountControl: 514\n-\n\n");
	ck_assert_str_eq(buf_string(&t.undo),
	    "dn: uid=wang,dc=x\nchangetype: modify\n"
	    "delete: userAccountControl\nuserAccountControl: 514\n-\n"
	    "add: userAccountControl\nuserAccountControl: 512\n-\n\n");
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&t.powershell), "-ne 512) { throw"));
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&t.powershell_undo), "-ne 514) { throw"));
	remedy_text_free(&t);
}
END_TEST

START_TEST(a_product_disables_its_own_way)
{
	struct remedy_subject s = subject("389ds", "ldap://x");
	struct remedy_text t = remedy_text_new();

	remedy_disable(&t, &s, NULL);
	ck_assert_str_eq(buf_string(&t.change),
	    "dn: uid=wang,dc=x\nchangetype: modify\n"
	    "add: nsAccountLock\nnsAccountLock: true\n-\n\n");
	remedy_text_free(&t);
	/* Without a policy that locks nobody is locked out. */
	s = subject("openldap", "ldap://x");
	t = remedy_text_new();
	remedy_disable(&t, &s, NULL);
	ck_assert_str_eq(t.form, "ticket");
	remedy_text_free(&t);
	s.locks = true;
	t = remedy_text_new();
	remedy_disable(&t, &s, NULL);
	ck_assert_str_eq(buf_string(&t.undo),
	    "dn: uid=wang,dc=x\nchangetype: modify\n"
	    "delete: pwdAccountLockedTime\n"
	    "pwdAccountLockedTime: 000001010000Z\n-\n\n");
	remedy_text_free(&t);
}
END_TEST

START_TEST(a_local_account_is_still_the_one_that_was_read)
{
	struct remedy_subject s = subject(NULL, "passwd:/srv/hosts");
	struct remedy_right r = {
		.name = "-g $(x)", .kind = "group", .there = true
	};
	struct remedy_text t = remedy_text_new();

	s.name = "a'b$(x)";
	remedy_disable(&t, &s, NULL);
	ck_assert_str_eq(t.form, "shell");
	ck_assert_str_eq(buf_string(&t.change),
	    "same 'a'\\''b$(x)' 1004\n"
	    "usermod --lock --expiredate 1 -- 'a'\\''b$(x)'\n");
	ck_assert_str_eq(buf_string(&t.undo),
	    "same 'a'\\''b$(x)' 1004\n"
	    "usermod --unlock --expiredate '' -- 'a'\\''b$(x)'\n");
	remedy_text_free(&t);
	t = remedy_text_new();
	remedy_leave(&t, &s, &r, EDGE_NAME, NULL, NULL);
	ck_assert_str_eq(buf_string(&t.change),
	    "same 'a'\\''b$(x)' 1004\n"
	    "gpasswd --delete='a'\\''b$(x)' -- '-g $(x)'\n");
	remedy_text_free(&t);
}
END_TEST

START_TEST(a_membership_ends_where_the_group_names_it)
{
	static const struct {
		enum edge_how how;
		const char *form, *line;
	} rows[] = {
		{ EDGE_MEMBER, "ldif",
		    "delete: member\nmember: uid=wang,dc=x\n" },
		{ EDGE_NAME, "ldif", "delete: memberUid\nmemberUid: wang\n" },
		{ EDGE_PRIMARY, "ticket", "dba is its primary group" },
		{ EDGE_SID_HISTORY, "ticket", "sIDHistory" },
		{ EDGE_DYNAMIC, "ticket", "by a rule" },
	};
	struct remedy_subject s = subject("openldap", "ldap://x");
	struct remedy_right r = { .name = "dba",
		.dn = "cn=dba,dc=x",
		.kind = "group",
		.there = true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct remedy_text t = remedy_text_new();

		remedy_leave(&t, &s, &r, rows[i].how, NULL, NULL);
		ck_assert_str_eq(t.form, rows[i].form);
		ck_assert_msg(
		    strstr(buf_string(&t.change), rows[i].line) != NULL, "%s",
		    buf_string(&t.change));
		ck_assert((t.undo.length > 0) == (strcmp(t.form, "ldif") == 0));
		remedy_text_free(&t);
	}
}
END_TEST

START_TEST(a_deletion_says_that_it_can_t_be_undone)
{
	struct remedy_subject s = subject("openldap", "ldap://x");
	struct remedy_text t = remedy_text_new();

	s.dn = "uid=a\nb,dc=x";
	remedy_delete(&t, &s);
	ck_assert_str_eq(buf_string(&t.change),
	    "dn:: dWlkPWEKYixkYz14\nchangetype: delete\n\n");
	ck_assert_uint_eq(t.undo.length, 0);
	ck_assert_ptr_nonnull(strstr(buf_string(&t.notes), "irreversible"));
	remedy_text_free(&t);
}
END_TEST

/* ---- What is planned ---- */

static void
gather(void)
{
	remedy_plan_free(&plan);
	ck_assert_ok(remedy_gather(store, 0, &days, NOW, &plan, &e));
}

static bool
has(int64_t account, enum remedy_action action, int64_t right)
{
	for (size_t i = 0; i < plan.count; i++)
		if (plan.tasks[i].account == account &&
		    plan.tasks[i].action == action &&
		    plan.tasks[i].right == right)
			return true;
	return false;
}

START_TEST(decisions_become_stages)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name) VALUES (11, 'off'), (12, 'gone'), "
	    "(13, 'less'), (14, 'other'), (15, 'word');"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, NULL, 'disable', ago(3)), (2, 12, NULL, 'delete', ago(3)),"
	    "(3, 13, 90, 'revoke', ago(3)), (4, 14, 90, 'modify', ago(3)), "
	    "(5, 15, NULL, 'revoke', ago(3))");
	gather();
	ck_assert_uint_eq(plan.count, 7);
	ck_assert(has(11, REMEDY_DENY_LOGIN, 0) && has(11, REMEDY_DISABLE, 0));
	ck_assert(has(12, REMEDY_DENY_LOGIN, 0) && has(12, REMEDY_DISABLE, 0));
	ck_assert(!has(12, REMEDY_DELETE, 0));
	ck_assert_uint_eq(plan.later, 1);
	ck_assert(has(13, REMEDY_REMOVE_RIGHT, 90));
	ck_assert(has(14, REMEDY_MODIFY, 90) && has(15, REMEDY_MODIFY, 0));
	ck_assert_int_eq(plan.tasks[0].due, NOW - 3 * DAY + 30 * DAY);
}
END_TEST

START_TEST(a_deletion_is_offered_thirty_days_after_it_was_disabled)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name, enabled) VALUES (11, 'old', 0), "
	    "(12, 'new', 0), (13, 'again', 0);"
	    "INSERT INTO pull (id, source, started, mode, state, complete, "
	    "scope, program) VALUES (50, 1, ago(31), 'full', 'applied', 1, '', "
	    "'t'), (51, 1, ago(20), 'full', 'applied', 1, '', 't');"
	    "UPDATE account_fact SET since = 50 WHERE object IN (11, 13);"
	    "UPDATE account_fact SET since = 51 WHERE object = 12;"
	    /* Enabled in between: it begins anew. */
	    "UPDATE account_fact SET until = 51 WHERE object = 13;"
	    "INSERT INTO account_fact (object, since, until, digest, kind, "
	    "name, enabled) VALUES (13, 51, 52, x'01', 'user', 'again', 1), "
	    "(13, 52, 9223372036854775807, x'02', 'user', 'again', 0);"
	    "INSERT INTO pull (id, source, started, mode, state, complete, "
	    "scope, program) VALUES (52, 1, ago(10), 'full', 'applied', 1, '', "
	    "'t');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, NULL, 'delete', ago(3)), (2, 12, NULL, 'delete', ago(3)), "
	    "(3, 13, NULL, 'delete', ago(3))");
	gather();
	ck_assert(has(11, REMEDY_DELETE, 0));
	ck_assert(!has(12, REMEDY_DELETE, 0) && !has(13, REMEDY_DELETE, 0));
	ck_assert_uint_eq(plan.later, 2);
}
END_TEST

START_TEST(what_is_planned_is_not_planned_twice)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name) VALUES (11, 'less');"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, 90, 'revoke', ago(9));"
	    "INSERT INTO act VALUES (200, ago(8), 'remedy', NULL, '', '', "
	    "x'00'), (201, ago(7), 'remedy-event', NULL, '', '', x'00'), "
	    "(202, ago(6), 'remedy-event', NULL, '', '', x'00'), "
	    "(203, ago(5), 'second', NULL, '', '', x'00');"
	    "INSERT INTO remedy VALUES (200, 1, 11, 90, '', 'remove-right', "
	    "'high', ago(0), '', '{}', 1, 1, NULL)");
	gather();
	ck_assert_uint_eq(plan.count, 0);
	ck_assert_uint_eq(plan.known, 1);
	facts_sql(store,
	    "INSERT INTO remedy_event VALUES (201, 1, 'proven', 1, NULL, '')");
	gather();
	ck_assert_uint_eq(plan.count, 0);
	/* It came back: that is a new one. */
	facts_sql(store,
	    "INSERT INTO remedy_event VALUES (202, 1, 'back', NULL, NULL, '')");
	gather();
	ck_assert_uint_eq(plan.count, 1);
}
END_TEST

START_TEST(a_plan_that_was_refused_is_planned_again)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name) VALUES (11, 'less');"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, 90, 'revoke', ago(9));"
	    "INSERT INTO act VALUES (200, ago(8), 'remedy', NULL, '', '', "
	    "x'00'), (203, ago(5), 'second', NULL, '', '', x'00');"
	    "INSERT INTO second VALUES (203, 200, 'refused', '');"
	    "INSERT INTO remedy VALUES (200, 1, 11, 90, '', 'remove-right', "
	    "'high', ago(0), '', '{}', 1, 1, NULL)");
	gather();
	ck_assert_uint_eq(plan.count, 1);
}
END_TEST

START_TEST(a_leaver_is_disabled_within_three_days)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name) VALUES (11, 'wang');"
	    "INSERT INTO check_run VALUES (1, ago(1), ago(1), 0, 1, 'house', "
	    "'t', NULL);"
	    "INSERT INTO finding (id, rule, subject, about, state, certainty, "
	    "severity, reason, evidence, first_run, last_run) VALUES (7, "
	    "'AR-111', 11, '', 'hit', 'certain', 'critical', '', '{}', 1, 1)");
	gather();
	ck_assert_uint_eq(plan.count, 2);
	ck_assert(has(11, REMEDY_DISABLE, 0) && has(11, REMEDY_DENY_LOGIN, 0));
	ck_assert_int_eq(plan.tasks[0].due, NOW + 2 * DAY);
	ck_assert_int_eq(plan.tasks[0].finding, 7);
}
END_TEST

static const char *
notes_of(size_t task, struct remedy_text *t)
{
	*t = remedy_text_new();
	ck_assert_ok(
	    remedy_write(store, &plan, &plan.tasks[task], NULL, NOW, t, &e));
	return buf_string(&t->notes);
}

START_TEST(what_would_break_is_told)
{
	struct remedy_text t;
	const char *notes;

	facts_sql(store,
	    "INSERT INTO people (id, name) VALUES (1, 'ann');"
	    "INSERT INTO acct (id, name, dn, control) VALUES "
	    "(11, 'ann', 'cn=ann,dc=x', 512);"
	    "INSERT INTO acct (id, name, owner) VALUES (12, 'svc-a', "
	    "'cn=ann,dc=x');"
	    "INSERT INTO owns (person, object) VALUES (1, 11);"
	    "INSERT INTO account_value VALUES (11, 'spn', 'HTTP/web', 1, "
	    "9223372036854775807);"
	    "INSERT INTO use_day VALUES ('h1', 'ann', 20787, 'sshd', '', '', "
	    "'success', 1, ago(0.5), ago(0.1), 0, 0, 11);"
	    "INSERT INTO groups (id, name, dn) VALUES (90, 'dba', "
	    "'cn=dba,dc=x'), (91, 'inner', 'cn=inner,dc=x');"
	    "INSERT INTO holds (member, grp) VALUES (11, 90), (11, 91), "
	    "(91, 90);"
	    "DELETE FROM edge WHERE member = 91;"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, NULL, 'disable', ago(1)), (2, 11, 90, 'revoke', ago(1))");
	gather();
	ck_assert_uint_eq(plan.count, 3);
	notes = notes_of(1, &t);
	ck_assert_ptr_nonnull(strstr(notes, "last enabled account of E1"));
	ck_assert_ptr_nonnull(strstr(notes, "would stop: HTTP/web"));
	ck_assert_ptr_nonnull(strstr(notes, "owned or managed by it: svc-a"));
	ck_assert_ptr_nonnull(strstr(notes, "sshd on h1, last seen"));
	remedy_text_free(&t);
	notes = notes_of(2, &t);
	ck_assert_ptr_nonnull(strstr(notes, "dba would have no member left"));
	remedy_text_free(&t);
}
END_TEST

START_TEST(a_nested_way_is_told_and_not_cut_in_silence)
{
	struct remedy_text t;
	const char *notes;

	facts_sql(store,
	    "INSERT INTO acct (id, name, dn) VALUES (11, 'ann', 'cn=a,dc=x');"
	    "INSERT INTO groups (id, name, dn) VALUES (90, 'dba', "
	    "'cn=dba,dc=x'), (91, 'inner', 'cn=inner,dc=x');"
	    "INSERT INTO holds (member, grp) VALUES (11, 90), (11, 91), "
	    "(91, 90);"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(2, 11, 90, 'revoke', ago(1))");
	gather();
	notes = notes_of(0, &t);
	ck_assert_msg(
	    strstr(notes, "also held through inner") != NULL, "%s", notes);
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&t.change), "dn: cn=dba,dc=x\n"));
	ck_assert_ptr_null(strstr(buf_string(&t.change), "cn=inner"));
	remedy_text_free(&t);
}
END_TEST

/* ---- Proof ---- */

static struct remedy_proof proof;
static char told[1024];

static void
tell(void *context, int64_t remedy, const char *what, const char *detail)
{
	size_t used = strlen(told);

	(void)context;
	(void)snprintf(told + used, sizeof(told) - used, "%lld %s %s\n",
	    (long long)remedy, what, detail);
}

static const char *
verified(int64_t after)
{
	struct act_how how = { .now = NOW + after };
	struct buf receipt = buf_new(256);

	told[0] = '\0';
	ck_assert_ok(
	    remedy_verify(store, &how, &proof, tell, NULL, &receipt, &e));
	buf_free(&receipt);
	return told;
}

/* Two ways to dba, a plan at ago(5), and no pull since. */
static void
planned(void)
{
	facts_sql(store,
	    "UPDATE pull SET started = ago(9);"
	    "INSERT INTO acct (id, name) VALUES (11, 'ann'), (12, 'bob');"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba'), (91, 'inner');"
	    "INSERT INTO holds (member, grp) VALUES (11, 90), (11, 91), "
	    "(91, 90);"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, 90, 'revoke', ago(6)), (2, 12, NULL, 'disable', ago(6));"
	    "INSERT INTO act VALUES (103, ago(5), 'remedy', NULL, '', '', "
	    "x'0000000000000000000000000000000000000000000000000000000000000000"
	    "');"
	    "INSERT INTO remedy VALUES "
	    "(103, 1, 11, 90, '', 'remove-right', 'high', ago(1), '', '{}', 1, "
	    "1, "
	    "NULL), (103, 2, 12, NULL, '', 'disable', 'high', ago(1), '', "
	    "'{}', 1, "
	    "2, NULL)");
}

static void
pulled(const char *when, int complete)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO pull (source, started, mode, state, complete, scope, "
	    "program) VALUES (1, %s, 'full', 'applied', %d, '', 't')",
	    when, complete);
	facts_sql(store, sql);
}

static void
leaves(int member, int group)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE edge SET until = (SELECT max(id) FROM pull) "
	    "WHERE member = %d AND grp = %d",
	    member, group);
	facts_sql(store, sql);
}

START_TEST(without_a_newer_complete_pull_nothing_is_proven)
{
	planned();
	leaves(11, 90);
	leaves(11, 91);
	(void)verified(0);
	ck_assert_uint_eq(proof.waiting, 2);
	pulled("ago(2)", 0);
	(void)verified(0);
	ck_assert_uint_eq(proof.waiting, 2);
	ck_assert_uint_eq(proof.proven, 0);
	pulled("ago(1)", 1);
	(void)verified(0);
	ck_assert_uint_eq(proof.waiting, 0);
	ck_assert_uint_eq(proof.proven, 1);
	ck_assert_uint_eq(proof.open, 1);
}
END_TEST

START_TEST(it_stays_open_while_any_path_leads_there_and_names_it)
{
	planned();
	pulled("ago(2)", 1);
	leaves(11, 90);
	ck_assert_str_eq(verified(0),
	    "1 open inner > dba\n"
	    "2 open the account is enabled\n");
	/* A ticket is no proof. */
	facts_sql(store,
	    "INSERT INTO act SELECT max(id) + 1, ago(0), 'remedy-event', NULL, "
	    "'', '', x'0000000000000000000000000000000000000000000000000000000"
	    "000000000' FROM act;"
	    "INSERT INTO remedy_event SELECT max(id), 1, 'ticket', NULL, NULL, "
	    "'T-1 closed' FROM act");
	ck_assert_ptr_nonnull(strstr(verified(1), "1 open inner > dba\n"));
	leaves(11, 91);
	(void)verified(2);
	ck_assert_uint_eq(proof.proven, 1);
	/* The same again says nothing new, and writes nothing. */
	(void)verified(3);
	ck_assert_uint_eq(proof.proven, 0);
	ck_assert_uint_eq(proof.still, 1);
}
END_TEST

START_TEST(a_primary_group_is_a_path_too)
{
	planned();
	pulled("ago(2)", 1);
	leaves(11, 90);
	leaves(11, 91);
	facts_sql(
	    store, "INSERT INTO holds (member, grp, how) VALUES (11, 91, 2)");
	ck_assert_ptr_nonnull(
	    strstr(verified(0), "1 open (primary) inner > dba\n"));
}
END_TEST

START_TEST(what_comes_back_is_told_unless_it_was_approved_anew)
{
	planned();
	pulled("ago(2)", 1);
	leaves(11, 90);
	leaves(11, 91);
	(void)verified(0);
	facts_sql(store,
	    "INSERT INTO edge VALUES (90, 11, 0, 99, 9223372036854775807, "
	    "NULL)");
	ck_assert_ptr_nonnull(strstr(verified(1), "1 back dba\n"));
	ck_assert_uint_eq(proof.back, 1);
	facts_sql(store, "DELETE FROM edge WHERE since = 99");
	(void)verified(2);
	ck_assert_uint_eq(proof.proven, 1);
	facts_sql(store,
	    "INSERT INTO edge VALUES (90, 11, 0, 99, 9223372036854775807, "
	    "NULL);"
	    "INSERT INTO register_import VALUES (1, ago(1), 'a.csv', x'00', "
	    "'approvals', 1);"
	    "INSERT INTO approval VALUES ('T9', 'E1', 'E2', 'ann', 'dba', "
	    "ago(1), ago(-30), 1, 9223372036854775807)");
	(void)verified(3);
	ck_assert_uint_eq(proof.back, 0);
	ck_assert_uint_eq(proof.still, 1);
}
END_TEST

START_TEST(who_can_log_in_is_open_until_disabled_or_gone)
{
	planned();
	pulled("ago(2)", 1);
	facts_sql(
	    store, "UPDATE account_fact SET enabled = NULL WHERE object = 12");
	ck_assert_ptr_nonnull(
	    strstr(verified(0), "2 open nothing tells whether"));
	facts_sql(
	    store, "UPDATE account_fact SET enabled = 0 WHERE object = 12");
	(void)verified(1);
	ck_assert_uint_eq(proof.proven, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_remedy");
	TCase *c = tcase_create("remedy");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(
	    c, a_shell_gives_each_hostile_word_back, 0, (int)HOSTILE);
	tcase_add_test(c, powershell_closes_no_string_early);
	tcase_add_test(c, ldif_is_in_base64_where_the_rfc_wants_it);
	tcase_add_test(c, a_cell_is_no_formula);
	tcase_add_test(c, an_undo_takes_away_what_the_change_put);
	tcase_add_test(c, a_product_disables_its_own_way);
	tcase_add_test(c, a_local_account_is_still_the_one_that_was_read);
	tcase_add_test(c, a_membership_ends_where_the_group_names_it);
	tcase_add_test(c, a_deletion_says_that_it_can_t_be_undone);
	tcase_add_test(c, decisions_become_stages);
	tcase_add_test(
	    c, a_deletion_is_offered_thirty_days_after_it_was_disabled);
	tcase_add_test(c, what_is_planned_is_not_planned_twice);
	tcase_add_test(c, a_plan_that_was_refused_is_planned_again);
	tcase_add_test(c, a_leaver_is_disabled_within_three_days);
	tcase_add_test(c, what_would_break_is_told);
	tcase_add_test(c, a_nested_way_is_told_and_not_cut_in_silence);
	tcase_add_test(c, without_a_newer_complete_pull_nothing_is_proven);
	tcase_add_test(
	    c, it_stays_open_while_any_path_leads_there_and_names_it);
	tcase_add_test(c, a_primary_group_is_a_path_too);
	tcase_add_test(c, what_comes_back_is_told_unless_it_was_approved_anew);
	tcase_add_test(c, who_can_log_in_is_open_until_disabled_or_gone);
	suite_add_tcase(s, c);
	return unit_run(s);
}
