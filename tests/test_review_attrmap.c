#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "review/attrmap.h"
#include "tests/review_sink.h"

#define NOW      INT64_C(1795531498) /* 2026-11-24T14:44:58Z */
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* An entry of "name: value" lines, values of one attribute side by side. */
#define LINES_MAX 64

struct built {
	struct entry entry;
	struct entry_attribute attributes[LINES_MAX];
	struct entry_value values[LINES_MAX];
	char text[8192];
};

static struct entry *
build(struct built *b, const char *text)
{
	char *line, *rest;
	size_t count = 0;

	memset(b, 0, sizeof(*b));
	ck_assert_uint_lt(strlen(text), sizeof(b->text));
	strcpy(b->text, text);
	for (line = strtok_r(b->text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *value = strstr(line, ": ");
		struct entry_attribute *a = b->attributes + b->entry.count;

		ck_assert_ptr_nonnull(value);
		*value = '\0';
		value += 2;
		if (strcmp(line, "dn") == 0) {
			b->entry.dn = value;
			continue;
		}
		if (b->entry.count > 0 && strcmp(a[-1].name, line) == 0) {
			a[-1].count++;
		} else {
			char *semicolon = strchr(line, ';');

			if (semicolon != NULL) {
				*semicolon = '\0';
				a->options = semicolon + 1;
			}
			a->name = line;
			a->values = &b->values[count];
			a->count = 1;
			b->entry.count++;
		}
		b->values[count].data = value;
		b->values[count++].length = strlen(value);
	}
	b->entry.attributes = b->attributes;
	return &b->entry;
}

struct session {
	struct text_sink text;
	struct attrmap_run *run;
	struct source_settings settings;
	struct err e;
};

static void
begin(struct session *s, enum source_product product, const char *server)
{
	memset(s, 0, sizeof(*s));
	s->text = text_sink_new(NOW);
	ck_assert_int_eq(attrmap_begin(&s->run, attrmap_of(product),
	                     &s->settings, server, &s->text.sink, &s->e),
	    0);
}

static void
read_entry(struct session *s, const char *text)
{
	struct built b;

	ck_assert_msg(attrmap_entry(s->run, build(&b, text), &s->e) == 0, "%s",
	    s->e.text);
}

static void
end(struct session *s)
{
	attrmap_free(&s->run);
	buf_free(&s->text.lines);
}

static void
must_say(struct session *s, const char *line)
{
	ck_assert_msg(text_sink_has(&s->text, line), "%s\nis not in\n%s", line,
	    buf_string(&s->text.lines));
}

/* How many lines begin so. */
static int
lines(struct session *s, const char *start)
{
	const char *at = buf_string(&s->text.lines);
	int count = 0;

	for (; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1)
		count += strncmp(at, start, strlen(start)) == 0;
	return count;
}

#define LDAP "ldap://a.example.org"

/* ---- OpenLDAP ---- */

#define KEY "uuid:01020304-0506-0708-090a-0b0c0d0e0f00"
#define WANG                                                                   \
	"dn: uid=wang,ou=people,dc=example,dc=org\n"                           \
	"objectClass: top\nobjectClass: inetOrgPerson\n"                       \
	"objectClass: posixAccount\nuid: wang\n"                               \
	"entryUUID: 01020304-0506-0708-090A-0B0C0D0E0F00\n"
#define WANG_IS                                                                \
	"account " KEY " name=wang "                                           \
	"dn=uid=wang,ou=people,dc=example,dc=org"

START_TEST(an_openldap_account_is_read)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s,
	    WANG "cn: Wang Xiao-Ming\nmail: w@example.org\n"
	         "mail: w2@example.org\ntelephoneNumber: 1\nmobile: 2\n"
	         "employeeNumber: A0017\ndepartmentNumber: Ops\n"
	         "uidNumber: 10017\ngidNumber: 100\n"
	         "loginShell: /bin/bash\nhomeDirectory: /home/wang\n"
	         "createTimestamp: 20200101000000Z\n"
	         "pwdChangedTime: 20261001000000Z\n"
	         "pwdLastSuccess: 20261124144458.123456Z\n"
	         "memberOf: cn=x,dc=example,dc=org\n");
	must_say(&s,
	    WANG_IS " display=Wang Xiao-Ming mail=w@example.org phone=1 "
	            "employee=A0017 department=Ops shell=/bin/bash "
	            "home=/home/wang uid=10017 gid=100 "
	            "enabled=yes locked=no created=1577836800 "
	            "password_set=1790812800 login_shell=yes");
	must_say(&s, "value " KEY " mail=w2@example.org");
	must_say(&s, "value " KEY " phone=2");
	must_say(&s,
	    "usage " KEY " pwdLastSuccess=1795531498 resolution=0 "
	    "server=" LDAP " raw=20261124144458.123456Z");
	must_say(&s, "member gid:100 " KEY " primary");
	ck_assert_int_eq(attrmap_counts(s.run)->accounts, 1);
	ck_assert_int_eq(attrmap_counts(s.run)->invalid, 0);
	end(&s);
}
END_TEST

#define POLICY(name, lines)                                                    \
	"dn: cn=" name ",ou=policies,dc=example,dc=org\n"                      \
	"objectClass: device\nobjectClass: pwdPolicy\ncn: " name "\n" lines
#define UNDER(name)                                                            \
	"pwdPolicySubentry: cn=" name ", ou=policies,dc=Example,dc=org\n"
#define POLICY_OF(name) " policy=cn=" name ", ou=policies,dc=Example,dc=org"

/* Whether an account is enabled and locked, by what the entry says. */
START_TEST(openldap_status_needs_the_policy)
{
	static const struct {
		const char *entry, *says;
	} rows[] = {
		{ "pwdAccountLockedTime: 000001010000Z\n" UNDER("hard"),
		    POLICY_OF("hard") " enabled=no reason=pwdAccountLockedTime "
		                      "000001010000Z locked=yes" },
		{ "pwdAccountLockedTime: 000001010000Z\n" UNDER("none"),
		    POLICY_OF(
		        "none") " enabled=yes locked=no\nvalue " KEY
		                " raw:pwdAccountLockedTime=000001010000Z" },
		{ "pwdAccountLockedTime: 000001010000Z\n",
		    " reason=pwdAccountLockedTime, and the policy "
		    "can't be read\nvalue " KEY " raw:pwdAccountLockedTime="
		    "000001010000Z" },
		/* 10 minutes ago: for ever, for 15 minutes, for 5. */
		{ "pwdAccountLockedTime: 20261124143458Z\n" UNDER("hard"),
		    POLICY_OF("hard") " enabled=yes locked=yes" },
		{ "pwdAccountLockedTime: 20261124143458Z\n" UNDER("15min"),
		    POLICY_OF("15min") " enabled=yes locked=yes" },
		{ "pwdAccountLockedTime: 20261124143458Z\n" UNDER("5min"),
		    POLICY_OF("5min") " enabled=yes locked=no" },
		{ "pwdStartTime: 20270101000000Z\n",
		    " enabled=no reason=pwdStartTime in the future locked=no" },
		{ "pwdEndTime: 20261124144458Z\n",
		    " enabled=no reason=pwdEndTime reached locked=no "
		    "expires=1795531498" },
		{ "pwdEndTime: 20261124144459Z\n",
		    " enabled=yes locked=no expires=1795531499" },
		{ "pwdStartTime: 20260201000000Z\npwdEndTime: "
		  "20260101000000Z\n",
		    " enabled=no reason=pwdStartTime after pwdEndTime "
		    "locked=no "
		    "expires=1767225600" },
		{ "pwdReset: TRUE\n",
		    " enabled=yes locked=no password_must_change=yes" },
		{ "shadowExpire: 1\n",
		    " enabled=no reason=shadowExpire 1 locked=no "
		    "expires=86400" },
		{ "shadowExpire: -1\n",
		    " enabled=yes locked=no expires=never" },
		{ "shadowExpire: 0\n",
		    " enabled=yes locked=no\nvalue " KEY
		    " raw:shadowExpire=0" },
		{ "shadowExpire: 29999\n",
		    " enabled=yes locked=no expires=2591913600" },
		{ "shadowLastChange: 0\n",
		    " enabled=yes locked=no password_set=never "
		    "password_must_change=yes" },
		{ "shadowLastChange: 20000\nshadowMax: 99999\n",
		    " enabled=yes locked=no password_set=1728000000 "
		    "password_never_expires=yes" },
		{ "shadowLastChange: 0\npwdChangedTime: 20261001000000Z\n"
		  "shadowMax: 90\n",
		    " enabled=yes locked=no password_set=1790812800 "
		    "password_never_expires=no" },
		{ "loginShell: /usr/sbin/nologin\n",
		    " shell=/usr/sbin/nologin enabled=yes locked=no "
		    "login_shell=no" },
	};
	char line[1024];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;

		begin(&s, PRODUCT_OPENLDAP, LDAP);
		read_entry(&s, POLICY("hard", "pwdLockout: TRUE\n"));
		read_entry(&s, POLICY("none", "pwdMaxAge: 0\n"));
		read_entry(&s,
		    POLICY("15min",
		        "pwdLockout: TRUE\npwdLockoutDuration: 900\n"));
		read_entry(&s,
		    POLICY(
		        "5min", "pwdLockout: TRUE\npwdLockoutDuration: 300\n"));
		snprintf(line, sizeof(line), WANG "%s", rows[i].entry);
		read_entry(&s, line);
		snprintf(line, sizeof(line), WANG_IS "%s", rows[i].says);
		must_say(&s, line);
		end(&s);
	}
}
END_TEST

START_TEST(a_locked_account_of_a_file_waits_for_its_policy)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, "");
	read_entry(&s, WANG "pwdAccountLockedTime: 000001010000Z\n" UNDER("p"));
	ck_assert_str_eq(buf_string(&s.text.lines), "");
	read_entry(&s, POLICY("p", "pwdLockout: TRUE\n"));
	ck_assert_int_eq(attrmap_finish(s.run, &s.e), 0);
	must_say(&s,
	    WANG_IS POLICY_OF("p") " enabled=no reason=pwdAccountLockedTime "
	                           "000001010000Z locked=yes");
	ck_assert_int_eq(attrmap_counts(s.run)->accounts, 1);
	end(&s);
}
END_TEST

START_TEST(a_named_policy_that_is_missing_locks_nobody)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, "");
	read_entry(&s, WANG "pwdAccountLockedTime: 000001010000Z\n" UNDER("p"));
	ck_assert_int_eq(attrmap_finish(s.run, &s.e), 0);
	must_say(&s,
	    WANG_IS POLICY_OF("p") " enabled=yes locked=no\n"
	                           "value " KEY
	                           " raw:pwdAccountLockedTime=000001010000Z");
	end(&s);
}
END_TEST

START_TEST(the_default_policy_is_named_by_the_configuration)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s,
	    "dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config\n"
	    "objectClass: olcOverlayConfig\nobjectClass: olcPPolicyConfig\n"
	    "olcPPolicyDefault: cn=p,ou=policies,dc=example,dc=org\n");
	read_entry(&s,
	    POLICY("p",
	        "pwdLockout: TRUE\npwdMinLength: 14\npwdInHistory: 5\n"
	        "pwdMaxAge: 7776000\npwdMaxFailure: 5\n"
	        "pwdLockoutDuration: 900\npwdMustChange: TRUE\n"
	        "pwdMaxIdle: 0\n"));
	must_say(&s,
	    "policy cn=p,ou=policies,dc=example,dc=org ppolicy name=p "
	    "default min_length=14 history=5 max_age=7776000 "
	    "lockout_attempts=5 "
	    "lockout_duration=900 first_use_change=yes idle_disable=never");
	read_entry(&s, WANG "pwdAccountLockedTime: 000001010000Z\n");
	must_say(&s,
	    WANG_IS
	    " enabled=no reason=pwdAccountLockedTime 000001010000Z locked=yes");
	end(&s);
}
END_TEST

START_TEST(openldap_groups_name_members_in_all_ways)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s,
	    "dn: cn=ops,ou=groups,dc=example,dc=org\n"
	    "objectClass: groupOfNames\nobjectClass: posixGroup\ncn: ops\n"
	    "gidNumber: 100\n"
	    "member: uid=wang,ou=people,dc=example,dc=org\n"
	    "member: \n"
	    "uniqueMember: uid=chen,ou=people,dc=example,dc=org#'0101'B\n"
	    "memberUid: lin\n");
	must_say(&s,
	    "group dn:cn=ops,ou=groups,dc=example,dc=org group name=ops "
	    "dn=cn=ops,ou=groups,dc=example,dc=org gid=100");
	must_say(&s,
	    "member dn:cn=ops,ou=groups,dc=example,dc=org "
	    "dn:uid=wang,ou=people,dc=example,dc=org member");
	must_say(&s,
	    "member dn:cn=ops,ou=groups,dc=example,dc=org "
	    "dn:uid=chen,ou=people,dc=example,dc=org member");
	must_say(&s,
	    "member dn:cn=ops,ou=groups,dc=example,dc=org "
	    "account:lin name");
	ck_assert_int_eq(lines(&s, "member "), 3);
	end(&s);
}
END_TEST

START_TEST(a_sudo_role_is_a_right)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s,
	    "dn: cn=all,ou=sudoers,dc=example,dc=org\n"
	    "objectClass: sudoRole\ncn: all\nsudoUser: wang\n"
	    "sudoUser: %wheel\nsudoUser: #1001\nsudoUser: %#27\n"
	    "sudoUser: !lin\nsudoUser: ALL\nsudoHost: ALL\n"
	    "sudoCommand: ALL\n");
	must_say(&s,
	    "group dn:cn=all,ou=sudoers,dc=example,dc=org sudo name=all "
	    "dn=cn=all,ou=sudoers,dc=example,dc=org privileged=yes "
	    "detail=sudoUser=wang, %wheel, #1001, %#27, !lin, ALL; "
	    "sudoHost=ALL; sudoCommand=ALL");
#define ALL_RULE "member dn:cn=all,ou=sudoers,dc=example,dc=org "
	must_say(&s, ALL_RULE "account:wang rule");
	must_say(&s, ALL_RULE "group:wheel rule");
	must_say(&s, ALL_RULE "uid:1001 rule");
	must_say(&s, ALL_RULE "gid:27 rule");
	must_say(&s, ALL_RULE "every:ALL rule");
	ck_assert_int_eq(lines(&s, "member "), 5);
	read_entry(&s,
	    "dn: cn=defaults,ou=sudoers,dc=example,dc=org\n"
	    "objectClass: sudoRole\ncn: defaults\nsudoOption: !lecture\n");
	ck_assert_int_eq(lines(&s, "group "), 1);
	end(&s);
}
END_TEST

START_TEST(sudo_is_privileged_when_it_gives_a_shell_as_root)
{
	static const struct {
		const char *lines;
		bool privileged;
	} rows[] = {
		{ "sudoCommand: ALL\n", true },
		{ "sudoCommand: /bin/sh\n", true },
		{ "sudoCommand: /usr/bin/su -\n", true },
		{ "sudoCommand: /usr/bin/\n", true },
		{ "sudoCommand: /bin/*\n", true },
		{ "sudoCommand: sha256:AAAA /bin/bash\n", true },
		{ "sudoCommand: /bin/ls\n", false },
		{ "sudoCommand: !/bin/sh\n", false },
		{ "sudoCommand: /usr/bin/sharp\n", false },
		{ "sudoCommand: ALL\nsudoRunAsUser: db\n", false },
		{ "sudoCommand: ALL\nsudoRunAsUser: root\n", true },
		{ "sudoCommand: ALL\nsudoRunAsUser: ALL\n", true },
		{ "sudoCommand: ALL\nsudoRunAsGroup: adm\n", false },
		{ "", false },
	};
	char text[512];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		bool privileged;

		begin(&s, PRODUCT_OPENLDAP, LDAP);
		snprintf(text, sizeof(text),
		    "dn: cn=r,dc=x\nobjectClass: sudoRole\nsudoUser: w\n%s",
		    rows[i].lines);
		read_entry(&s, text);
		privileged = strstr(buf_string(&s.text.lines),
		                 " privileged=yes") != NULL;
		ck_assert_msg(
		    privileged == rows[i].privileged, "%s", rows[i].lines);
		end(&s);
	}
}
END_TEST

/* ---- what is the same everywhere ---- */

START_TEST(a_bad_value_is_counted_and_kept_as_spelt)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s,
	    WANG "uidNumber: ten\npwdChangedTime: yesterday\n"
	         "cn: \xff\xfe\nmail: good@example.org\n");
	must_say(&s, WANG_IS " mail=good@example.org enabled=yes locked=no");
	must_say(&s, "value " KEY " raw:uidNumber=ten");
	must_say(&s, "value " KEY " raw:pwdChangedTime=yesterday");
	ck_assert_int_eq(attrmap_counts(s.run)->invalid, 3);
	end(&s);
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
	static char text[3 * FACT_TEXT_MAX];
	struct entry_value class = { "person", 6 };
	struct entry_value value = { text, 0 };
	struct entry_attribute attributes[] = {
		{ "objectClass", NULL, &class, 1 },
		{ "description", NULL, &value, 1 },
	};
	struct entry entry = { "cn=x,dc=y", attributes, 2 };
	struct session s;
	const char *said;

	for (size_t i = 0; i < FACT_TEXT_MAX; i++)
		strcpy(text + i * 2, "\xc3\xa9");
	text[0] = 'x'; /* so that the bound falls into a character */
	memmove(text + 1, text + 2, 2 * FACT_TEXT_MAX - 1);
	value.length = strlen(text);
	begin(&s, PRODUCT_OPENLDAP, LDAP);
	ck_assert_int_eq(attrmap_entry(s.run, &entry, &s.e), 0);
	said = strstr(buf_string(&s.text.lines), "description=x");
	ck_assert_ptr_nonnull(said);
	said += strlen("description=");
	ck_assert_uint_eq(strcspn(said, " \n"), FACT_TEXT_MAX - 1);
	end(&s);
}
END_TEST

START_TEST(what_is_nothing_of_ours_is_passed_over)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	read_entry(&s, "dn: dc=example\nobjectClass: dcObject\ndc: example\n");
	read_entry(&s, "dn: ou=people\nobjectClass: organizationalUnit\n");
	read_entry(&s, "dn: cn=r\nobjectClass: organizationalRole\n");
	read_entry(&s, "dn: cn=x\ncn: x\n");
	ck_assert_str_eq(buf_string(&s.text.lines), "");
	ck_assert_int_eq(attrmap_counts(s.run)->passed_over, 4);
	end(&s);
}
END_TEST

START_TEST(an_ldap_entry_gives_its_product_away)
{
	static const struct {
		const char *entry;
		enum source_product product;
	} rows[] = {
		{ "dn: \nsupportedCapabilities: 1.2.840.113556.1.4.800\n",
		    PRODUCT_AD },
		{ "dn: \nvendorName: 389 Project\n", PRODUCT_389DS },
		{ "dn: \nvendorName: 389 Project\n"
		  "supportedExtension: 2.16.840.1.113730.3.8.10.1\n",
		    PRODUCT_FREEIPA },
		{ "dn: \nobjectClass: top\nobjectClass: OpenLDAProotDSE\n",
		    PRODUCT_OPENLDAP },
		{ "dn: dc=x\nobjectClass: domain\ninfo: IPA V2.0\n"
		  "nsUniqueId: 1\n",
		    PRODUCT_FREEIPA },
		{ "dn: dc=x\nnsuniqueid: 1\n", PRODUCT_389DS },
		{ "dn: dc=x\nentryCSN: 1\nentryUUID: 1\n", PRODUCT_OPENLDAP },
		{ "dn: dc=x\nobjectGUID: 1\n", PRODUCT_AD },
		{ "dn: dc=x\nobjectClass: person\ncn: x\n", PRODUCT_AUTO },
	};
	struct built b;

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(
		    attrmap_tell(build(&b, rows[i].entry)) == rows[i].product,
		    "%s", rows[i].entry);
	ck_assert_ptr_null(attrmap_of(PRODUCT_AUTO));
	ck_assert_str_eq(attrmap_product(attrmap_of(PRODUCT_AD)), "ad");
}
END_TEST

START_TEST(every_attribute_of_a_row_is_asked_for_and_none_is_a_secret)
{
	for (int p = PRODUCT_OPENLDAP; p <= PRODUCT_FREEIPA; p++) {
		const struct attrmap_query *q =
		    attrmap_queries(attrmap_of((enum source_product)p));

		for (; q->what != NULL; q++) {
			const char *const *a = q->attributes;
			bool policies = strcmp(q->what, "policies") == 0;

			ck_assert_str_eq(a[0], "objectClass");
			for (; *a != NULL; a++) {
				/* The name of a switch in cn=config. */
				if (policies &&
				    strcmp(*a, "passwordHistory") == 0)
					continue;
				ck_assert_msg(
				    !entry_is_secret(*a, strlen(*a)), "%s", *a);
				ck_assert_str_ne(*a, "memberOf");
			}
		}
	}
}
END_TEST

START_TEST(names_are_compared_as_names)
{
	static const struct {
		const char *a, *b;
		bool equal, below;
	} rows[] = {
		{ "cn=a,dc=x", "CN=A,DC=X", true, true },
		{ "cn=a , dc = x", "cn=a,dc=x", true, true },
		{ "cn=a b,dc=x", "cn=a  b,dc=x", false, false },
		{ "cn=a\\,b,dc=x", "dc=x", false, true },
		{ "cn=a\\,dc=x", "dc=x", false, false },
		{ "cn=a,dc=xx", "dc=x", false, false },
		{ "dc=x", "cn=a,dc=x", false, false },
		{ "cn=a,ou=b,dc=x", "OU=B, dc=x", false, true },
		{ "cn=a", "", false, true },
		{ "", "", true, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(dn_equal(rows[i].a, rows[i].b) == rows[i].equal,
		    "%s = %s", rows[i].a, rows[i].b);
		ck_assert_msg(
		    dn_is_below(rows[i].a, rows[i].b) == rows[i].below,
		    "%s below %s", rows[i].a, rows[i].b);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_attrmap");
	TCase *tests = tcase_create("review_attrmap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, an_openldap_account_is_read);
	tcase_add_test(tests, openldap_status_needs_the_policy);
	tcase_add_test(tests, a_locked_account_of_a_file_waits_for_its_policy);
	tcase_add_test(tests, a_named_policy_that_is_missing_locks_nobody);
	tcase_add_test(tests, the_default_policy_is_named_by_the_configuration);
	tcase_add_test(tests, openldap_groups_name_members_in_all_ways);
	tcase_add_test(tests, a_sudo_role_is_a_right);
	tcase_add_test(tests, sudo_is_privileged_when_it_gives_a_shell_as_root);
	tcase_add_test(tests, a_bad_value_is_counted_and_kept_as_spelt);
	tcase_add_test(tests, a_long_text_is_cut_between_characters);
	tcase_add_test(tests, what_is_nothing_of_ours_is_passed_over);
	tcase_add_test(tests, an_ldap_entry_gives_its_product_away);
	tcase_add_test(
	    tests, every_attribute_of_a_row_is_asked_for_and_none_is_a_secret);
	tcase_add_test(tests, names_are_compared_as_names);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
