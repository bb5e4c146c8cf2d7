#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_table.h"
#include "tests/review_sink.h"
#include "unit.h"

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
	memcpy(b->text, text, strlen(text) + 1);
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
	ck_assert_str_eq(
	    buf_string(&s.text.lines), "remember product=openldap\n");
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
	    "detail=as good as root by ALL; sudoUser=wang, %wheel, #1001, "
	    "%#27, !lin, ALL; "
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

START_TEST(the_default_policy_may_be_configured)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	attrmap_free(&s.run);
	snprintf(s.settings.default_policy, sizeof(s.settings.default_policy),
	    "%s", "cn=p,ou=policies,dc=example,dc=org");
	ck_assert_int_eq(attrmap_begin(&s.run, attrmap_of(PRODUCT_OPENLDAP),
	                     &s.settings, LDAP, &s.text.sink, &s.e),
	    0);
	read_entry(&s, POLICY("p", "pwdLockout: TRUE\n"));
	read_entry(&s, WANG "pwdAccountLockedTime: 000001010000Z\n");
	must_say(&s,
	    WANG_IS " enabled=no reason=pwdAccountLockedTime 000001010000Z "
	            "locked=yes");
	end(&s);
}
END_TEST

/* ---- dynamic groups ---- */

#define DYNAMIC(url)                                                           \
	"dn: cn=dyn,dc=example,dc=org\nobjectClass: groupOfURLs\n"             \
	"memberURL: " url "\n"
#define PERSON                                                                 \
	"dn: uid=lin,ou=people,dc=example,dc=org\nobjectClass: person\n"       \
	"uid: lin\nou: Ops\ntitle: Senior * Engineer\n"

START_TEST(a_url_is_evaluated_as_a_server_would)
{
	enum { IN, OUT, INCOMPLETE };
	static const struct {
		const char *entry;
		int says;
	} rows[] = {
		{ DYNAMIC("ldap:///dc=example,dc=org??sub?(uid=lin)"), IN },
		{ DYNAMIC("ldap:///dc=example,dc=org??sub?(UID=LIN)"), IN },
		{ DYNAMIC("ldap:///dc=example,dc=org??sub"), IN },
		{ DYNAMIC("LDAP:///DC=example,%20dc=org??SUB?(uid=*)"), IN },
		{ DYNAMIC("ldap:///ou=people,dc=example,dc=org??one?(uid=*)"),
		    IN },
		{ DYNAMIC("ldap:///dc=example,dc=org??one?(uid=lin)"), OUT },
		{ DYNAMIC("ldap:///ou=staff,dc=example,dc=org??sub?(uid=*)"),
		    OUT },
		{ DYNAMIC("ldap:///uid=lin,ou=people,dc=example,dc=org"), IN },
		{ DYNAMIC("ldap:///dc=example,dc=org"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?(&(ou=ops)(!(uid=wang)))"), IN },
		{ DYNAMIC("ldap:///dc=org??sub?(|(uid=wang)(uid=l*))"), IN },
		{ DYNAMIC("ldap:///dc=org??sub?(|(uid=wang)(uid=lin2))"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?(&)"), IN },
		{ DYNAMIC("ldap:///dc=org??sub?(|)"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?(title=sen*\\2a*eer)"), IN },
		{ DYNAMIC("ldap:///dc=org??sub?(title=*or*eng*)"), IN },
		{ DYNAMIC("ldap:///dc=org??sub?(title=*eng*or)"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?(uid=l*in*n)"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?(mail=*)"), OUT },
		{ DYNAMIC("ldap:///dc=org??sub?%28uid=lin%29"), IN },
		/* more than we do, or nothing we can see */
		{ DYNAMIC("ldap:///dc=org??sub?(uidNumber>=1000)"),
		    INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(uid~=lin)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(uid:dn:=lin)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org?mail?sub?(uid=lin)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(carLicense=1)"), INCOMPLETE },
		{ DYNAMIC("ldap://other/dc=org??sub?(uid=lin)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??tree?(uid=lin)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(uid=lin"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?uid=lin"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(!(a=b)(c=d))"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=org??sub?(!)"), INCOMPLETE },
		{ DYNAMIC("ldap:///dc=%zz??sub?(uid=lin)"), INCOMPLETE },
		{ DYNAMIC("http://example.org/"), INCOMPLETE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		bool in, incomplete;

		begin(&s, PRODUCT_OPENLDAP, LDAP);
		read_entry(&s, rows[i].entry);
		read_entry(&s, PERSON);
		in = lines(&s,
		         "member dn:cn=dyn,dc=example,dc=org "
		         "dn:uid=lin,ou=people,dc=example,dc=org dynamic") == 1;
		incomplete =
		    strstr(buf_string(&s.text.lines), " incomplete\n") != NULL;
		ck_assert_msg(in == (rows[i].says == IN) &&
		        incomplete == (rows[i].says == INCOMPLETE),
		    "%s: in: %d, incomplete: %d", rows[i].entry, in,
		    incomplete);
		end(&s);
	}
}
END_TEST

START_TEST(when_only_changes_come_one_that_fits_no_more_is_removed)
{
	struct session s;

	begin(&s, PRODUCT_OPENLDAP, LDAP);
	s.text.sink.mode = SINK_CHANGES;
	read_entry(&s, DYNAMIC("ldap:///dc=org??sub?(ou=sales)"));
	must_say(&s, "anew dn:cn=dyn,dc=example,dc=org");
	read_entry(&s, PERSON);
	must_say(&s,
	    "member dn:cn=dyn,dc=example,dc=org "
	    "dn:uid=lin,ou=people,dc=example,dc=org dynamic removed");
	end(&s);
}
END_TEST

/* ---- Active Directory ---- */

#define AD_KEY "guid:00000000-0000-0000-0000-000000000001"
#define AD_USER                                                                \
	"dn: CN=Wang,CN=Users,DC=x\nsAMAccountName: wang\n"                    \
	"objectGUID: 00000000-0000-0000-0000-000000000001\n"                   \
	"objectClass: top\nobjectClass: user\n"
#define AD_IS "account " AD_KEY " name=wang dn=CN=Wang,CN=Users,DC=x"
#define AD_DOMAIN                                                              \
	"dn: DC=x\nobjectClass: domainDNS\nminPwdLength: 7\n"                  \
	"lockoutThreshold: 5\nlockoutDuration: -18000000000\n"                 \
	"maxPwdAge: -9223372036854775808\npwdProperties: 16\n"

START_TEST(an_ad_account_says_how_it_stands)
{
	static const struct {
		const char *entry, *says;
	} rows[] = {
		{ "userAccountControl: 512\n",
		    AD_IS " control=512 enabled=yes locked=no "
		          "password_not_required=no reversible=no des=no "
		          "no_preauth=no password_never_expires=no "
		          "smartcard_required=no unconstrained_delegation=no "
		          "protocol_transition=no not_delegated=no "
		          "admin_count=no" },
		/* every bit that we read */
		{ "userAccountControl: 24969378\n",
		    AD_IS " control=24969378 enabled=no "
		          "reason=userAccountControl 0x2 locked=no "
		          "password_not_required=yes reversible=yes des=yes "
		          "no_preauth=yes password_never_expires=yes "
		          "smartcard_required=yes unconstrained_delegation=yes "
		          "protocol_transition=yes not_delegated=yes "
		          "admin_count=no mfa=yes" },
		{ "", AD_IS " locked=no admin_count=no" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		char text[1024];

		begin(&s, PRODUCT_AD, LDAP);
		snprintf(text, sizeof(text), AD_USER "%s", rows[i].entry);
		read_entry(&s, text);
		must_say(&s, rows[i].says);
		end(&s);
	}
}
END_TEST

/* What a few lines make of a line's words. */
START_TEST(ad_attributes_have_their_special_values)
{
	static const struct {
		const char *entry, *says;
	} rows[] = {
		{ "accountExpires: 0\n", " expires=never" },
		{ "accountExpires: 9223372036854775807\n", " expires=never" },
		{ "accountExpires: 134400050984818910\n"
		  "userAccountControl: 512\n",
		    " enabled=no reason=accountExpires reached" },
		{ "accountExpires: 134400050994818910\n"
		  "userAccountControl: 512\n",
		    " enabled=yes " },
		{ "accountExpires: -1\n", "raw:accountExpires=-1\n" },
		{ "pwdLastSet: 0\nuserAccountControl: 512\n",
		    " password_set=never " },
		{ "pwdLastSet: 0\nuserAccountControl: 512\n",
		    " password_must_change=yes" },
		{ "pwdLastSet: 0\nuserAccountControl: 66048\n",
		    " password_must_change=no" },
		{ "pwdLastSet: 134400050984818910\n"
		  "userAccountControl: 512\n",
		    " password_set=1795531498 " },
		{ "msDS-UserPasswordExpiryTimeComputed: "
		  "9223372036854775807\n",
		    " password_expires=never" },
		/* 10 minutes, and an hour ago, of a lock of 30 minutes */
		{ "lockoutTime: 134400044980000000\n", " locked=yes" },
		{ "lockoutTime: 134400014980000000\n", " locked=no" },
		{ "lockoutTime: 0\n", " locked=no" },
		{ "lockoutTime: 134400044980000000\n"
		  "msDS-User-Account-Control-Computed: 0\n",
		    " locked=no" },
		{ "msDS-User-Account-Control-Computed: 8388624\n",
		    " locked=yes" },
		{ "adminCount: 1\n", " admin_count=yes" },
		{ "whenCreated: 16010101000000.0Z\n", " locked=no admin" },
		{ "whenCreated: 20200101000000.0Z\n", " created=1577836800 " },
		{ "isDeleted: TRUE\n", " enabled=no reason=isDeleted" },
		{ "isDeleted: TRUE\n", " deleted\n" },
		{ "lastLogon: 134400050984818910\n",
		    "lastLogon=1795531498 resolution=0 server=" LDAP
		    " raw=134400050984818910" },
		{ "lastLogonTimestamp: 134400050984818910\n",
		    "lastLogonTimestamp=1795531498 resolution=1209600 raw=" },
		{ "sIDHistory: S-1-5-21-9-9-9-512\n",
		    "value " AD_KEY " sid-history=S-1-5-21-9-9-9-512\n" },
		{ "sIDHistory: S-1-5-21-9-9-9-512\n",
		    "member sid:S-1-5-21-9-9-9-512 " AD_KEY " sid-history\n" },
		{ "primaryGroupID: 512\n",
		    "member rid:512 " AD_KEY " primary\n" },
		{ "servicePrincipalName: http/a\n"
		  "servicePrincipalName: http/b\n",
		    "spn=http/a\nvalue " AD_KEY " spn=http/b\n" },
		{ "userWorkstations: PC1,PC2\n",
		    " conditions=userWorkstations PC1,PC2 " },
		{ "userAccountControl: 4096\n", "kind=machine" },
		{ "userAccountControl: 2080\n", "kind=trust" },
		{ "sAMAccountType: 805306370\n", "kind=trust" },
		{ "objectClass: computer\n", "kind=machine" },
		{ "objectClass: msDS-GroupManagedServiceAccount\n",
		    "kind=managed-service" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		char text[1024];

		begin(&s, PRODUCT_AD, LDAP);
		read_entry(&s, AD_DOMAIN);
		snprintf(text, sizeof(text), AD_USER "%s", rows[i].entry);
		read_entry(&s, text);
		ck_assert_msg(
		    strstr(buf_string(&s.text.lines), rows[i].says) != NULL,
		    "%sdoes not say \"%s\" but\n%s", rows[i].entry,
		    rows[i].says, buf_string(&s.text.lines));
		end(&s);
	}
}
END_TEST

START_TEST(a_logon_of_zero_is_no_logon)
{
	struct session s;

	begin(&s, PRODUCT_AD, LDAP);
	read_entry(&s,
	    AD_USER "lastLogon: 0\nlastLogonTimestamp: 0\n"
	            "badPasswordTime: 134400050984818910\n");
	ck_assert_int_eq(lines(&s, "usage "), 0);
	end(&s);
}
END_TEST

START_TEST(the_domain_says_how_old_a_logon_timestamp_gets)
{
	static const struct {
		const char *interval;
		const char *says; /* NULL: it is no witness */
	} rows[] = {
		{ "msDS-LogonTimeSyncInterval: 5\n", " resolution=432000 " },
		{ "msDS-LogonTimeSyncInterval: 0\n", NULL },
		{ "", " resolution=1209600 " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		char text[1024];

		begin(&s, PRODUCT_AD, LDAP);
		snprintf(text, sizeof(text), AD_DOMAIN "%s", rows[i].interval);
		read_entry(&s, text);
		read_entry(
		    &s, AD_USER "lastLogonTimestamp: 134400050984818910\n");
		if (rows[i].says == NULL)
			ck_assert_int_eq(lines(&s, "usage "), 0);
		else
			ck_assert_ptr_nonnull(
			    strstr(buf_string(&s.text.lines), rows[i].says));
		end(&s);
	}
}
END_TEST

START_TEST(ad_policies_are_read)
{
	struct session s;

	begin(&s, PRODUCT_AD, LDAP);
	read_entry(&s, AD_DOMAIN);
	must_say(&s,
	    "policy DC=x ad-domain name=x default min_length=7 max_age=never "
	    "lockout_attempts=5 lockout_duration=1800 complexity=no "
	    "reversible=yes");
	read_entry(&s,
	    "dn: CN=Admins,CN=Password Settings Container,CN=System,DC=x\n"
	    "objectClass: msDS-PasswordSettings\ncn: Admins\n"
	    "msDS-PasswordSettingsPrecedence: 10\n"
	    "msDS-MinimumPasswordLength: 16\n"
	    "msDS-MaximumPasswordAge: -36288000000000\n"
	    "msDS-LockoutDuration: -9223372036854775808\n"
	    "msDS-PasswordComplexityEnabled: TRUE\n"
	    "msDS-PasswordReversibleEncryptionEnabled: FALSE\n"
	    "msDS-PSOAppliesTo: CN=Domain Admins,CN=Users,DC=x\n"
	    "msDS-PSOAppliesTo: CN=Wang,CN=Users,DC=x\n");
	must_say(&s,
	    "policy CN=Admins,CN=Password Settings Container,CN=System,DC=x "
	    "ad-pso name=Admins precedence=10 min_length=16 max_age=3628800 "
	    "lockout_duration=never complexity=yes reversible=no "
	    "dn:CN=Domain Admins,CN=Users,DC=x dn:CN=Wang,CN=Users,DC=x");
	end(&s);
}
END_TEST

START_TEST(foreign_principals_are_told_from_well_known_ones)
{
	struct session s;

	begin(&s, PRODUCT_AD, LDAP);
	read_entry(&s,
	    "dn: CN=Admins,DC=x\nobjectClass: group\n"
	    "objectGUID: 00000000-0000-0000-0000-000000000002\n"
	    "sAMAccountName: Admins\nobjectSid: S-1-5-21-1-2-3-1105\n"
	    "member: CN=S-1-5-21-7-7-7-1104,CN=ForeignSecurityPrincipals,DC=x\n"
	    "member: CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x\n"
	    "member: <GUID=1>;<SID=2>;CN=Wang,CN=Users,DC=x\n");
#define ADMINS "guid:00000000-0000-0000-0000-000000000002"
	must_say(&s,
	    "group " ADMINS " group name=Admins dn=CN=Admins,DC=x "
	    "sid=S-1-5-21-1-2-3-1105 rid=1105");
	must_say(&s,
	    "member " ADMINS " dn:CN=S-1-5-21-7-7-7-1104,"
	    "CN=ForeignSecurityPrincipals,DC=x foreign");
	must_say(&s, "member " ADMINS " every:S-1-5-11 foreign");
	must_say(&s, "member " ADMINS " dn:CN=Wang,CN=Users,DC=x member");
	read_entry(&s,
	    "dn: CN=S-1-5-21-7-7-7-1104,CN=ForeignSecurityPrincipals,DC=x\n"
	    "objectClass: foreignSecurityPrincipal\n"
	    "objectGUID: 00000000-0000-0000-0000-000000000003\n"
	    "objectSid: S-1-5-21-7-7-7-1104\n");
	must_say(&s,
	    "account guid:00000000-0000-0000-0000-000000000003 kind=foreign "
	    "name=S-1-5-21-7-7-7-1104 dn=CN=S-1-5-21-7-7-7-1104,"
	    "CN=ForeignSecurityPrincipals,DC=x sid=S-1-5-21-7-7-7-1104 "
	    "locked=no admin_count=no");
	read_entry(&s,
	    "dn: CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x\n"
	    "objectClass: foreignSecurityPrincipal\n"
	    "objectSid: S-1-5-11\n");
	ck_assert_int_eq(attrmap_counts(s.run)->accounts, 1);
	end(&s);
}
END_TEST

/* Owner 1-2-3-512; it may all; 1104 may replicate; 1105 may on children. */
static const unsigned char domain_rights[] = { 1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 48, 0, 0, 0, /* owner: 28 bytes */
	1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,
	0, 2, 0, 0,               /* the list */
	4, 0, 200, 0, 5, 0, 0, 0, /* allow all */
	0, 0, 36, 0, 0xff, 1, 15, 0, 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0,
	0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0, /* allow replication */
	5, 0, 56, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0xad, 0xf6, 0x31, 0x11, 0x07, 0x9c,
	0xd1, 0x11, 0xf7, 0x9f, 0x00, 0xc0, 0x4f, 0xc2, 0xdc, 0xd2, 1, 5, 0, 0,
	0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x50, 4, 0,
	0, /* inherited by children alone */
	0, 10, 36, 0, 0xff, 1, 15, 0, 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0,
	0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x51, 4, 0, 0, /* everyone reads */
	0, 0, 20, 0, 0x14, 0, 2, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	0, /* the system */
	0, 0, 20, 0, 0xff, 1, 15, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
	/* padding of the list */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0 };

static void
read_rights(struct session *s, const char *class, const char *dn,
    const void *bytes, size_t length)
{
	struct entry_value class_value = { class, strlen(class) };
	struct entry_value rights = { bytes, length };
	struct entry_attribute attributes[] = {
		{ "objectClass", NULL, &class_value, 1 },
		{ "nTSecurityDescriptor", NULL, &rights, 1 },
	};
	struct entry entry = { dn, attributes, bytes == NULL ? 1 : 2 };

	ck_assert_int_eq(attrmap_entry(s->run, &entry, &s->e), 0);
}

START_TEST(who_may_replicate_a_domain_is_told)
{
	struct session s;

	begin(&s, PRODUCT_AD, LDAP);
	read_rights(
	    &s, "domainDNS", "DC=x", domain_rights, sizeof(domain_rights));
	must_say(&s, "member control:DCSync sid:S-1-5-21-1-2-3-512 rule");
	must_say(&s, "member control:DCSync sid:S-1-5-21-1-2-3-1104 rule");
	must_say(&s,
	    "member control:Domain root control sid:S-1-5-21-1-2-3-512 rule");
	ck_assert_int_eq(lines(&s, "member "), 3);
	must_say(&s,
	    "group control:DCSync control name=DCSync description=may read "
	    "every password hash of the domain: DS-Replication-Get-Changes-All "
	    "privileged=yes detail=S-1-5-21-1-2-3-512 0xf01ff; "
	    "S-1-5-21-1-2-3-1104 0x100 1131f6ad-9c07-11d1-f79f-00c04fc2dcd2; "
	    "S-1-5-18 0xf01ff; ");
	/* AdminSDHolder was not read, and that is said. */
	ck_assert_int_eq(attrmap_finish(s.run, &s.e), 0);
	must_say(&s,
	    "group control:AdminSDHolder control control name=AdminSDHolder "
	    "control description=may change the rights on every protected "
	    "account and group detail=the nTSecurityDescriptor could not be "
	    "read incomplete");
	ck_assert_int_eq(lines(&s, "group "), 3);
	end(&s);
}
END_TEST

START_TEST(rights_that_can_not_be_read_are_unknown)
{
	struct session s;

	begin(&s, PRODUCT_AD, LDAP);
	read_rights(&s, "domainDNS", "DC=x", NULL, 0);
	read_rights(&s, "container", "CN=AdminSDHolder,CN=System,DC=x",
	    domain_rights, 60);
	read_rights(&s, "container", "CN=System,DC=x", domain_rights,
	    sizeof(domain_rights));
	ck_assert_int_eq(attrmap_finish(s.run, &s.e), 0);
	ck_assert_int_eq(lines(&s, "group control:"), 3);
	ck_assert_int_eq(lines(&s, "member "), 0);
	ck_assert_ptr_null(strstr(buf_string(&s.text.lines), "privileged=yes"));
	ck_assert_int_eq(attrmap_counts(s.run)->invalid, 1);
	end(&s);
}
END_TEST

START_TEST(a_range_gives_members_beside_an_empty_attribute)
{
	struct session s;
	struct built b;

	begin(&s, PRODUCT_AD, LDAP);
	read_entry(&s,
	    "dn: CN=G,DC=x\nobjectClass: group\n"
	    "objectGUID: 00000000-0000-0000-0000-000000000002\n"
	    "member: \nmember;range=0-1: CN=a,DC=x\n"
	    "member;range=0-1: CN=b,DC=x\n");
	ck_assert_int_eq(lines(&s, "member "), 2);
	build(&b, "dn: x\nmember;range=2-*: CN=c,DC=x\n");
	ck_assert_int_eq(
	    attrmap_members(s.run, ADMINS, &b.attributes[0], false, &s.e), 0);
	must_say(&s, "member " ADMINS " dn:CN=c,DC=x member");
	build(&b, "dn: x\nmember;range=0-0: CN=d,DC=x\n");
	ck_assert_int_eq(
	    attrmap_members(s.run, ADMINS, &b.attributes[0], true, &s.e), 0);
	must_say(&s, "member " ADMINS " dn:CN=d,DC=x member removed");
	end(&s);
}
END_TEST

/* ---- 389-DS ---- */

#define NS_KEY "nsuid:00000001-00000002-00000003-00000004"
#define NS_USER                                                                \
	"dn: uid=lin,dc=x\nobjectClass: person\nuid: lin\n"                    \
	"nsUniqueId: 00000001-00000002-00000003-00000004\n"
#define NS_IS "account " NS_KEY " name=lin dn=uid=lin,dc=x"

START_TEST(a_389ds_account_says_how_it_stands)
{
	static const struct {
		const char *entry, *says;
	} rows[] = {
		{ "", NS_IS " enabled=yes locked=no" },
		{ "nsAccountLock: true\n",
		    NS_IS " enabled=no reason=nsAccountLock true locked=no" },
		{ "nsAccountLock: FALSE\n", NS_IS " enabled=yes locked=no" },
		{ "nsAccountLock: maybe\n",
		    NS_IS " enabled=yes locked=no\nvalue " NS_KEY
		          " raw:nsAccountLock=maybe" },
		{ "accountUnlockTime: 19700101000000Z\n",
		    NS_IS " enabled=yes locked=yes" },
		{ "accountUnlockTime: 20261124144459Z\n",
		    NS_IS " enabled=yes locked=yes" },
		{ "accountUnlockTime: 20261124144458Z\n",
		    NS_IS " enabled=yes locked=no" },
		{ "passwordExpirationTime: 19700101000000Z\npwdReset: TRUE\n",
		    NS_IS " enabled=yes locked=no password_must_change=yes" },
		{ "passwordExpirationTime: 20380119031407Z\n",
		    NS_IS " enabled=yes locked=no password_expires=never" },
		{ "passwordExpirationTime: 20261124144458Z\n",
		    NS_IS
		    " enabled=yes locked=no password_expires=1795531498" },
		{ "pwdUpdateTime: 20261124144458Z\n"
		  "lastLoginTime: 20261124144458Z\n",
		    NS_IS " enabled=yes locked=no password_set=1795531498\n"
		          "usage " NS_KEY " lastLoginTime=1795531498 "
		          "resolution=0 raw=20261124144458Z" },
		{ "nsRoleDN: cn=r,dc=x\n",
		    NS_IS " enabled=yes locked=no\nmember dn:cn=r,dc=x " NS_KEY
		          " member" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		char text[1024];

		begin(&s, PRODUCT_389DS, LDAP);
		snprintf(text, sizeof(text), NS_USER "%s", rows[i].entry);
		read_entry(&s, text);
		must_say(&s, rows[i].says);
		end(&s);
	}
}
END_TEST

START_TEST(a_389ds_policy_counts_only_what_is_switched_on)
{
	struct session s;

	begin(&s, PRODUCT_389DS, LDAP);
	read_entry(&s,
	    "dn: cn=config\nobjectClass: nsslapdConfig\ncn: config\n"
	    "passwordMinLength: 8\npasswordHistory: off\n"
	    "passwordInHistory: 6\npasswordExp: off\n"
	    "passwordMaxAge: 8640000\npasswordLockout: off\n"
	    "passwordMaxFailure: 3\npasswordCheckSyntax: off\n"
	    "passwordMinCategories: 3\npasswordUnlock: on\n"
	    "passwordLockoutDuration: 3600\npasswordMustChange: off\n");
	must_say(&s,
	    "policy cn=config 389ds name=config default min_length=0 "
	    "history=0 max_age=never lockout_attempts=never "
	    "lockout_duration=3600 min_classes=0 needs_letter=no "
	    "needs_digit=no needs_symbol=no first_use_change=no blocklist=no");
	read_entry(&s,
	    "dn: cn=p,cn=nsPwPolicyContainer,dc=x\n"
	    "objectClass: passwordPolicy\ncn: p\n"
	    "passwordMinLength: 14\npasswordHistory: on\n"
	    "passwordInHistory: 5\npasswordExp: on\n"
	    "passwordMaxAge: 7776000\npasswordLockout: on\n"
	    "passwordMaxFailure: 5\npasswordUnlock: off\n"
	    "passwordLockoutDuration: 3600\npasswordCheckSyntax: on\n"
	    "passwordMinCategories: 3\npasswordMinDigits: 1\n"
	    "passwordMinSpecials: 1\npasswordDictCheck: on\n");
	must_say(&s,
	    "policy cn=p,cn=nsPwPolicyContainer,dc=x 389ds name=p "
	    "min_length=14 history=5 max_age=7776000 lockout_attempts=5 "
	    "lockout_duration=never min_classes=3 needs_letter=no "
	    "needs_digit=yes needs_symbol=yes blocklist=yes");
	end(&s);
}
END_TEST

/* ---- FreeIPA ---- */

#define IPA_KEY "ipa:00000000-0000-0000-0000-000000000001"
#define IPA_USER                                                               \
	"dn: uid=lin,cn=users,cn=accounts,dc=x\nobjectClass: posixAccount\n"   \
	"uid: lin\nipaUniqueID: 00000000-0000-0000-0000-000000000001\n"
#define IPA_IS                                                                 \
	"account " IPA_KEY " name=lin dn=uid=lin,cn=users,cn=accounts,dc=x"

START_TEST(a_freeipa_account_says_how_it_stands)
{
	static const struct {
		const char *entry, *says;
	} rows[] = {
		{ "", IPA_IS " enabled=yes" },
		{ "nsAccountLock: TRUE\n",
		    IPA_IS " enabled=no reason=nsAccountLock true" },
		{ "krbPrincipalExpiration: 20261124144458Z\n",
		    IPA_IS " enabled=no reason=krbPrincipalExpiration reached "
		           "expires=1795531498" },
		{ "krbLastPwdChange: 20261001000000Z\n"
		  "krbPasswordExpiration: 20261001000000Z\n",
		    IPA_IS " enabled=yes password_set=1790812800 "
		           "password_expires=1790812800 "
		           "password_must_change=yes" },
		{ "krbLastSuccessfulAuth: 20261124144458Z\n",
		    IPA_IS " enabled=yes\nusage " IPA_KEY
		           " krbLastSuccessfulAuth=1795531498 resolution=0 "
		           "server=" LDAP " raw=20261124144458Z" },
		{ "ipaUserAuthType: otp\n",
		    IPA_IS " enabled=yes mfa=yes\nvalue " IPA_KEY
		           " raw:ipaUserAuthType=otp" },
		{ "ipaUserAuthType: otp\nipaUserAuthType: password\n",
		    IPA_IS " enabled=yes mfa=no" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session s;
		char text[1024];

		begin(&s, PRODUCT_FREEIPA, LDAP);
		snprintf(text, sizeof(text), IPA_USER "%s", rows[i].entry);
		read_entry(&s, text);
		must_say(&s, rows[i].says);
		end(&s);
	}
}
END_TEST

START_TEST(freeipa_rules_policies_and_users_kept_aside_are_read)
{
	struct session s;

	begin(&s, PRODUCT_FREEIPA, LDAP);
	read_entry(&s,
	    "dn: uid=old,cn=deleted users,cn=accounts,cn=provisioning,dc=x\n"
	    "objectClass: posixAccount\nuid: old\n");
	must_say(&s,
	    "account dn:uid=old,cn=deleted users,cn=accounts,cn=provisioning,"
	    "dc=x name=old dn=uid=old,cn=deleted users,cn=accounts,"
	    "cn=provisioning,dc=x enabled=no reason=a preserved or staged "
	    "user deleted");
	read_entry(&s,
	    "dn: ipaUniqueID=00000000-0000-0000-0000-000000000002,cn=hbac,"
	    "dc=x\nobjectClass: ipaHBACRule\ncn: allow_all\n"
	    "ipaUniqueID: 00000000-0000-0000-0000-000000000002\n"
	    "userCategory: all\nhostCategory: all\nipaEnabledFlag: FALSE\n"
	    "memberUser: cn=ops,cn=groups,cn=accounts,dc=x\n");
	must_say(&s,
	    "group ipa:00000000-0000-0000-0000-000000000002 access "
	    "name=allow_all dn=ipaUniqueID=00000000-0000-0000-0000-"
	    "000000000002,cn=hbac,dc=x privileged=no "
	    "detail=userCategory=all; hostCategory=all deleted");
	must_say(&s,
	    "member ipa:00000000-0000-0000-0000-000000000002 every:ALL rule");
	must_say(&s,
	    "member ipa:00000000-0000-0000-0000-000000000002 "
	    "dn:cn=ops,cn=groups,cn=accounts,dc=x rule");
	read_entry(&s,
	    "dn: cn=s,cn=sudorules,cn=sudo,dc=x\nobjectClass: ipaSudoRule\n"
	    "cn: s\nipaEnabledFlag: TRUE\ncmdCategory: all\n"
	    "externalUser: ext\n");
	must_say(&s,
	    "group dn:cn=s,cn=sudorules,cn=sudo,dc=x sudo name=s "
	    "dn=cn=s,cn=sudorules,cn=sudo,dc=x privileged=yes "
	    "detail=cmdCategory=all");
	must_say(
	    &s, "member dn:cn=s,cn=sudorules,cn=sudo,dc=x account:ext rule");
	read_entry(&s,
	    "dn: cn=global_policy,cn=X,cn=kerberos,dc=x\n"
	    "objectClass: krbPwdPolicy\ncn: global_policy\n"
	    "krbPwdMinLength: 8\nkrbMaxPwdLife: 7776000\n"
	    "krbPwdMaxFailure: 6\nkrbPwdLockoutDuration: 600\n");
	must_say(&s,
	    "policy cn=global_policy,cn=X,cn=kerberos,dc=x ipa "
	    "name=global_policy default min_length=8 max_age=7776000 "
	    "lockout_attempts=6 lockout_duration=600");
	read_entry(&s,
	    "dn: cn=ops,cn=X,cn=kerberos,dc=x\n"
	    "objectClass: krbPwdPolicy\ncn: ops\nkrbPwdMinLength: 14\n");
	must_say(&s,
	    "policy cn=ops,cn=X,cn=kerberos,dc=x ipa name=ops min_length=14 "
	    "group:ops");
	end(&s);
}
END_TEST

START_TEST(what_is_switched_off_is_said_to_be_not_recorded)
{
	struct session s;

	begin(&s, PRODUCT_FREEIPA, LDAP);
	read_entry(&s,
	    "dn: cn=ipaConfig,cn=etc,dc=x\nobjectClass: ipaGuiConfig\n"
	    "ipaConfigString: AllowNThash\n"
	    "ipaConfigString: KDC:Disable Last Success\n");
	read_entry(&s, IPA_USER);
	ck_assert_int_eq(attrmap_seen(s.run, "accounts", &s.e), 0);
	must_say(&s,
	    "seen accounts krbLastSuccessfulAuth 0 server=" LDAP
	    " recorded=no");
	must_say(&s, "seen accounts uid 1 server=" LDAP " recorded=yes");
	must_say(&s, "seen accounts mail 0 server=" LDAP);
	end(&s);
	begin(&s, PRODUCT_AD, LDAP);
	read_entry(&s, AD_DOMAIN "msDS-LogonTimeSyncInterval: 0\n");
	read_entry(&s, AD_USER "lastLogonTimestamp: 134400050984818910\n");
	ck_assert_int_eq(attrmap_seen(s.run, "accounts", &s.e), 0);
	must_say(&s,
	    "seen accounts lastLogonTimestamp 1 server=" LDAP " recorded=no");
	end(&s);
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
		memcpy(text + i * 2, "\xc3\xa9", 3);
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
	ck_assert_str_eq(
	    buf_string(&s.text.lines), "remember product=openldap\n");
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

static bool
is_asked(const struct attrmap *map, const char *what, const char *name)
{
	for (const struct attrmap_query *q = attrmap_queries(map);
	     q->what != NULL; q++)
		for (const char *const *a = q->attributes; *a != NULL; a++)
			if (strcmp(q->what, what) == 0 &&
			    strcasecmp(*a, name) == 0)
				return true;
	return false;
}

static void
all_are_asked(
    const struct attrmap *map, const char *what, const struct attr_row *rows)
{
	for (; rows->name != NULL; rows++)
		ck_assert_msg(is_asked(map, what, rows->name),
		    "%s: %s: %s is read and never asked for", map->name, what,
		    rows->name);
}

START_TEST(every_attribute_of_a_row_is_asked_for)
{
	for (int p = PRODUCT_OPENLDAP; p <= PRODUCT_FREEIPA; p++) {
		const struct attrmap *map = attrmap_of((enum source_product)p);

		all_are_asked(map, "accounts", map->accounts);
		all_are_asked(map, "groups", map->groups);
		all_are_asked(map, "policies", map->policies);
		all_are_asked(map, "rights", map->rights);
		for (const struct member_row *m = map->members; m->name != NULL;
		     m++)
			ck_assert_msg(is_asked(map, "groups", m->name),
			    "%s: %s", map->name, m->name);
	}
}
END_TEST

START_TEST(no_secret_is_asked_for)
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

	tcase_add_test(tests, an_openldap_account_is_read);
	tcase_add_test(tests, openldap_status_needs_the_policy);
	tcase_add_test(tests, a_locked_account_of_a_file_waits_for_its_policy);
	tcase_add_test(tests, a_named_policy_that_is_missing_locks_nobody);
	tcase_add_test(tests, the_default_policy_is_named_by_the_configuration);
	tcase_add_test(tests, openldap_groups_name_members_in_all_ways);
	tcase_add_test(tests, a_sudo_role_is_a_right);
	tcase_add_test(tests, sudo_is_privileged_when_it_gives_a_shell_as_root);
	tcase_add_test(tests, the_default_policy_may_be_configured);
	tcase_add_test(tests, a_url_is_evaluated_as_a_server_would);
	tcase_add_test(
	    tests, when_only_changes_come_one_that_fits_no_more_is_removed);
	tcase_add_test(tests, an_ad_account_says_how_it_stands);
	tcase_add_test(tests, ad_attributes_have_their_special_values);
	tcase_add_test(tests, a_logon_of_zero_is_no_logon);
	tcase_add_test(tests, the_domain_says_how_old_a_logon_timestamp_gets);
	tcase_add_test(tests, ad_policies_are_read);
	tcase_add_test(tests, foreign_principals_are_told_from_well_known_ones);
	tcase_add_test(tests, who_may_replicate_a_domain_is_told);
	tcase_add_test(tests, rights_that_can_not_be_read_are_unknown);
	tcase_add_test(tests, a_range_gives_members_beside_an_empty_attribute);
	tcase_add_test(tests, a_389ds_account_says_how_it_stands);
	tcase_add_test(tests, a_389ds_policy_counts_only_what_is_switched_on);
	tcase_add_test(tests, a_freeipa_account_says_how_it_stands);
	tcase_add_test(
	    tests, freeipa_rules_policies_and_users_kept_aside_are_read);
	tcase_add_test(tests, what_is_switched_off_is_said_to_be_not_recorded);
	tcase_add_test(tests, a_bad_value_is_counted_and_kept_as_spelt);
	tcase_add_test(tests, a_long_text_is_cut_between_characters);
	tcase_add_test(tests, what_is_nothing_of_ours_is_passed_over);
	tcase_add_test(tests, an_ldap_entry_gives_its_product_away);
	tcase_add_test(tests, every_attribute_of_a_row_is_asked_for);
	tcase_add_test(tests, no_secret_is_asked_for);
	tcase_add_test(tests, names_are_compared_as_names);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
