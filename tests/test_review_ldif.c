#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/ldif.h"
#include "review/source.h"
#include "tests/review_sink.h"
#include "unit.h"

#define NOW      INT64_C(1795531498) /* 2026-11-24T14:44:58Z */
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct err e;

/* ---- the syntax ---- */

static void
put_entry(struct buf *b, const struct entry *entry)
{
	buf_printf(b, "[%s]", entry->dn);
	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];

		buf_printf(b, " %s%s%s=", a->name,
		    a->options == NULL ? "" : ";",
		    a->options == NULL ? "" : a->options);
		for (size_t v = 0; v < a->count; v++) {
			buf_put_string(b, v == 0 ? "" : "|");
			buf_put(b, a->values[v].data, a->values[v].length);
			ck_assert_int_eq(
			    a->values[v].data[a->values[v].length], '\0');
		}
	}
}

/* All entries of a text, or the error. */
static void
read_all(struct ldif *l, struct buf *b)
{
	struct entry entry;
	int found;

	while ((found = ldif_next(l, &entry, &e)) == 1)
		put_entry(b, &entry);
	if (found == -1)
		buf_printf(b, "!%s", e.text);
}

#define A "dn: cn=a\ncn: a\n"

START_TEST(ldif_is_read_as_rfc_2849_says)
{
	static const struct {
		const char *text, *read;
	} rows[] = {
		{ "", "" },
		{ "\n\n\r\n", "" },
		{ "version: 1\n", "" },
		{ A, "[cn=a] cn=a" },
		{ "version: 1\n\n" A, "[cn=a] cn=a" },
		{ "version: 1\n" A, "[cn=a] cn=a" },
		{ "\xef\xbb\xbfversion: 1\n" A, "[cn=a] cn=a" },
		{ "dn: cn=a\r\ncn: a\r\n\r\ndn: cn=b\r\ncn: b\r\n",
		    "[cn=a] cn=a[cn=b] cn=b" },
		{ "dn: cn=a\ncn: a", "[cn=a] cn=a" },
		{ A "\n\n\n" A, "[cn=a] cn=a[cn=a] cn=a" },
		/* folding */
		{ "dn: cn\n =a\ncn: a b\n  c\n d\n", "[cn=a] cn=a b cd" },
		{ "dn: cn=a\r\ncn: a\r\n b\r\n", "[cn=a] cn=ab" },
		{ "dn: cn=a\nc\n n: a\n", "[cn=a] cn=a" },
		{ "dn: cn=a\ncn: a\n ", "[cn=a] cn=a" },
		/* comments, folded ones too */
		{ "# x\n# y\n z\n\n" A, "[cn=a] cn=a" },
		{ "dn: cn=a\n# cn: b\n  c\ncn: a\n#\n", "[cn=a] cn=a" },
		{ A "\n# x\n y\n", "[cn=a] cn=a" },
		/* base64 */
		{ "dn:: Y249YQ==\ncn:: YQ==\n", "[cn=a] cn=a" },
		{ "dn: cn=a\ncn::   YQ==\nsn::\n", "[cn=a] cn=a sn=" },
		{ "dn: cn=a\ncn:: Y\n Q\n ==\n", "[cn=a] cn=a" },
		/* blanks, empty values, odd ones */
		{ "dn:cn=a\ncn:a\nsn:\n", "[cn=a] cn=a sn=" },
		{ "dn: cn=a\ncn:    a \n", "[cn=a] cn=a " },
		{ "dn: cn=a\ncn: a: b < c\n", "[cn=a] cn=a: b < c" },
		{ "dn:\ncn: root\n", "[] cn=root" },
		{ "dn: cn=\xe7\x8e\x8b\ncn: \xe7\x8e\x8b\n",
		    "[cn=\xe7\x8e\x8b] cn=\xe7\x8e\x8b" },
		/* options, and values that are apart in the file */
		{ "dn: cn=a\nmember;range=0-1: x\nmember;range=0-1: y\n"
		  "member: z\n",
		    "[cn=a] member;range=0-1=x|y member=z" },
		{ "dn: cn=a\nou: 1\ncn: a\nOU: 2\nsn: s\nou: 3\ncn: b\n",
		    "[cn=a] ou=1|2|3 cn=a|b sn=s" },
		{ "dn: cn=a\n1.2.840.113556.1.4.8: 512\n",
		    "[cn=a] 1.2.840.113556.1.4.8=512" },
		/* ldifde's way */
		{ "dn: cn=a\nchangetype: add\ncn: a\n", "[cn=a] cn=a" },
		/* what stands for a password is not there */
		{ "dn: cn=a\nuserPassword: {SSHA}\n x\ncn: a\n"
		  "userPassword;x-a:: YQ==\nUNICODEPWD: x\n",
		    "[cn=a] cn=a" },
		/* ldapsearch's */
		{ "# extended LDIF\n#\n# LDAPv3\n\n# a\n" A
		  "\n# search result\nsearch: 2\nresult: 0 Success\n\n"
		  "# numResponses: 2\n# numEntries: 1\n",
		    "[cn=a] cn=a" },
		{ A "\n# search reference\nref: ldap://x/CN=y??sub\n\n" A,
		    "[cn=a] cn=a[cn=a] cn=a" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = buf_new(4096);
		struct ldif *l;

		ck_assert_int_eq(
		    ldif_of(&l, "f", rows[i].text, strlen(rows[i].text), &e),
		    0);
		read_all(l, &b);
		ck_assert_msg(strcmp(buf_string(&b), rows[i].read) == 0,
		    "%s\nwas read as %s", rows[i].text, buf_string(&b));
		ldif_close(&l);
		buf_free(&b);
	}
}
END_TEST

START_TEST(bad_ldif_is_refused_with_its_line)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "version: 2\n" A, "f:1: LDIF of another version than 1" },
		{ "cn: a\n", "f:1: an entry begins with \"dn:\"" },
		{ A "\nversion: 1\n", "f:4: an entry begins with \"dn:\"" },
		{ A "x\n", "f:3: not \"attribute: value\"" },
		{ A "x y: z\n", "f:3: not \"attribute: value\"" },
		{ A ": z\n", "f:3: not \"attribute: value\"" },
		{ A "-\n", "f:3: a change record: only entries are read" },
		{ " x\n", "f:1: a folded line continues nothing" },
		{ A "\n x\n" A, "f:4: a folded line continues nothing" },
		{ A "jpegPhoto:< file:///etc/shadow\n",
		    "f:3: a value from a file or URL (\":<\") is refused" },
		{ "dn: cn=a\nchangetype: modify\nadd: cn\ncn: a\n-\n",
		    "f:2: a change record (changetype): only entries are "
		    "read" },
		{ "dn: cn=a\nchangetype: delete\n",
		    "f:2: a change record (changetype): only entries are "
		    "read" },
		{ "dn: cn=a\ncontrol: 1.2 true\nchangetype: add\n",
		    "f:2: a change record (control): only entries are "
		    "read" },
		{ A A,
		    "f:3: a second dn: a blank line between entries is "
		    "missing" },
		{ A "sn:: !\n", "f:3: not base64" },
		{ A "sn:: YQ=\n", "f:3: not base64" },
		{ A "sn:: YQ== \n", "f:3: not base64" },
		{ A "sn: \xff\n",
		    "f:3: neither UTF-8 nor base64 (RFC 2849: base64)" },
		{ A "sn: a\rb\n",
		    "f:3: a carriage return inside a line (RFC 2849: "
		    "base64)" },
		{ "dn:: /w==\n", "f:1: a dn that is not UTF-8" },
		{ "dn:: Y249AGE=\n", "f:1: a dn that is not UTF-8" },
		{ "\n# x\n\ndn: cn=a\n# y\n  z\ncn: a\n b\n?\n",
		    "f:9: not \"attribute: value\"" },
		{ "\xff\xfe"
		  "d\0",
		    "f: UTF-16; iconv -f UTF-16 -t UTF-8 makes it UTF-8" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = buf_new(4096);
		const char *error;
		struct ldif *l;

		ck_assert_int_eq(
		    ldif_of(&l, "f", rows[i].text, strlen(rows[i].text), &e),
		    0);
		read_all(l, &b);
		error = strchr(buf_string(&b), '!');
		ck_assert_msg(
		    error != NULL && strcmp(error + 1, rows[i].error) == 0,
		    "%s\nsays %s", rows[i].text, buf_string(&b));
		ldif_close(&l);
		buf_free(&b);
	}
}
END_TEST

START_TEST(a_nul_in_a_line_is_refused_and_in_base64_it_is_a_byte)
{
	static const char bad[] = "dn: cn=a\ncn: a\0b\n";
	static const char good[] = "dn: cn=a\ncn:: YQBi\n";
	struct entry entry;
	struct ldif *l;

	ck_assert_int_eq(ldif_of(&l, "f", bad, sizeof(bad) - 1, &e), 0);
	ck_assert_int_eq(ldif_next(l, &entry, &e), -1);
	ldif_close(&l);
	ck_assert_int_eq(ldif_of(&l, "f", good, sizeof(good) - 1, &e), 0);
	ck_assert_int_eq(ldif_next(l, &entry, &e), 1);
	ck_assert_uint_eq(entry.attributes[0].values[0].length, 3);
	ck_assert_mem_eq(entry.attributes[0].values[0].data, "a\0b", 4);
	ldif_close(&l);
}
END_TEST

/* Through a pipe, so that reads end anywhere. */
START_TEST(an_entry_larger_than_the_first_read_is_whole)
{
	struct buf text = buf_new(64u << 20), b = buf_new(64u << 20);
	struct entry entry;
	struct ldif *l;
	char path[] = "/tmp/ldif.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	for (int n = 0; n < 3; n++) {
		buf_printf(&text, "dn: cn=group%d\n", n);
		for (int i = 0; i < 60000; i++)
			buf_printf(&text, "member: uid=u%06d,dc=x\n", i);
		buf_put_byte(&text, '\n');
	}
	ck_assert_int_eq(
	    write(fd, text.data, text.length), (ssize_t)text.length);
	close(fd);
	ck_assert_int_eq(ldif_open(&l, path, &e), 0);
	for (int n = 0; n < 3; n++) {
		ck_assert_int_eq(ldif_next(l, &entry, &e), 1);
		ck_assert_int_eq(entry.dn[8], '0' + n);
		ck_assert_uint_eq(entry.count, 1);
		ck_assert_uint_eq(entry.attributes[0].count, 60000);
		ck_assert_str_eq(
		    entry.attributes[0].values[59999].data, "uid=u059999,dc=x");
	}
	ck_assert_int_eq(ldif_next(l, &entry, &e), 0);
	ck_assert_int_eq(ldif_report(l)->total, (int64_t)text.length);
	ck_assert_int_eq(ldif_report(l)->bytes, (int64_t)text.length);
	ldif_close(&l);
	unlink(path);
	buf_free(&text);
	buf_free(&b);
}
END_TEST

static void
digest_of(const char *text, unsigned char out[32])
{
	struct buf b = buf_new(65536);
	struct ldif *l;

	ck_assert_int_eq(ldif_of(&l, "f", text, strlen(text), &e), 0);
	read_all(l, &b);
	ck_assert_int_eq(ldif_digest(l, out, &e), 0);
	ldif_close(&l);
	buf_free(&b);
}

START_TEST(a_digest_tells_nothing_of_a_password)
{
	static const char *const same[] = {
		"dn: cn=a\nuserPassword: {SSHA}x\ncn: a\n\n",
		"dn: cn=a\nuserPassword: {SSHA}other\n and\n more\ncn: a\n\n",
		"dn: cn=a\nuserPassword:: e1NTSEF9eA==\ncn: a\n\n",
	};
	static const char *const others[] = {
		"dn: cn=a\nuserpassword: {SSHA}x\ncn: a\n\n",
		"dn: cn=a\ncn: a\n\n",
		"dn: cn=a\nuserPassword: {SSHA}x\ncn: b\n\n",
		"dn: cn=a\nuserPassword: {SSHA}x\ncn: a\n",
		"dn: cn=a\nuserPassword: {SSHA}x\ncn: a\n\n#\n",
	};
	unsigned char first[32], other[32];

	digest_of(same[0], first);
	for (size_t i = 1; i < COUNT(same); i++) {
		digest_of(same[i], other);
		ck_assert_mem_eq(first, other, 32);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		digest_of(others[i], other);
		ck_assert_mem_ne(first, other, 32);
	}
}
END_TEST

START_TEST(without_passwords_a_digest_is_sha256_of_the_file)
{
	/* sha256sum(1) of the same bytes. */
	static const unsigned char abc[32] = {
		0x68,
		0xcc,
		0x31,
		0x12,
		0x77,
		0x89,
		0xc1,
		0x1d,
		0x50,
		0xde,
		0x4a,
		0xae,
		0x56,
		0x74,
		0x8d,
		0x23,
		0xe1,
		0x5b,
		0xa5,
		0x54,
		0x41,
		0x5d,
		0xe4,
		0xb3,
		0xea,
		0xf0,
		0x66,
		0xb0,
		0xa7,
		0xd1,
		0x13,
		0x33,
	};
	unsigned char digest[32];

	digest_of(A, digest);
	ck_assert_mem_eq(digest, abc, 32);
}
END_TEST

START_TEST(a_file_is_read_twice_with_one_digest)
{
	struct buf b = buf_new(4096);
	unsigned char first[32], second[32];
	struct ldif *l;

	ck_assert_int_eq(ldif_of(&l, "f", A, strlen(A), &e), 0);
	read_all(l, &b);
	ck_assert_int_eq(ldif_digest(l, first, &e), 0);
	ck_assert_int_eq(ldif_rewind(l, &e), 0);
	read_all(l, &b);
	ck_assert_int_eq(ldif_digest(l, second, &e), 0);
	ck_assert_str_eq(buf_string(&b), "[cn=a] cn=a[cn=a] cn=a");
	ck_assert_mem_eq(first, second, 32);
	ldif_close(&l);
	buf_free(&b);
}
END_TEST

START_TEST(what_ldapsearch_says_of_its_end_is_reported)
{
	static const char text[] =
	    A "\nref: ldap://x/\n\nsearch: 2\nresult: 4 Size limit exceeded\n"
	      "control: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\n"
	      "pagedresults: cookie=AAAA\n";
	struct buf b = buf_new(4096);
	struct ldif *l;

	ck_assert_int_eq(ldif_of(&l, "f", text, strlen(text), &e), 0);
	read_all(l, &b);
	ck_assert_int_eq(ldif_report(l)->entries, 1);
	ck_assert_int_eq(ldif_report(l)->referrals, 1);
	ck_assert_int_eq(ldif_report(l)->results, 1);
	ck_assert_int_eq(ldif_report(l)->result, 4);
	ck_assert_str_eq(ldif_report(l)->result_text, "Size limit exceeded");
	ck_assert(ldif_report(l)->page_open);
	ldif_close(&l);
	buf_free(&b);
}
END_TEST

START_TEST(a_missing_file_and_a_folder_are_told_apart)
{
	struct ldif *l;

	ck_assert_int_eq(ldif_open(&l, "/nonexistent.ldif", &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(ldif_open(&l, "/tmp", &e), -1);
	ck_assert_str_eq(e.text, "/tmp: it is a folder");
}
END_TEST

/* ---- the source ---- */

static struct text_sink
pull_text(const char *text, int expected)
{
	struct text_sink sink = text_sink_new(NOW);
	struct source_settings settings = { 0 };
	const struct source_type *type;
	char path[] = "/tmp/ldif.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	snprintf(settings.url, sizeof(settings.url), "ldif:%s", path);
	type = source_type(settings.url, &e);
	ck_assert_ptr_nonnull(type);
	ck_assert_int_eq(type->pull(&settings, &sink.sink, &e), expected);
	unlink(path);
	return sink;
}

static void
says(struct text_sink *sink, const char *line)
{
	ck_assert_msg(text_sink_has(sink, line), "%s\nis not in\n%s", line,
	    buf_string(&sink->lines));
}

static bool
has(struct text_sink *sink, const char *text)
{
	return strstr(buf_string(&sink->lines), text) != NULL;
}

/* What slapcat(8) writes, cut down. */
static const char slapcat[] =
    "dn: dc=example,dc=org\n"
    "objectClass: dcObject\n"
    "objectClass: organization\n"
    "o: Example\n"
    "dc: example\n"
    "structuralObjectClass: organization\n"
    "entryUUID: 3d3d3d3d-0000-103f-8000-000000000001\n"
    "entryCSN: 20261124080000.000000Z#000000#000#000000\n"
    "\n"
    "dn: uid=wang,ou=people,dc=example,dc=org\n"
    "objectClass: inetOrgPerson\n"
    "uid: wang\n"
    "cn:: 546L5bCP5piO\n"
    "sn: Wang\n"
    "userPassword:: e1NTSEF9c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n"
    "entryUUID: 3d3d3d3d-0000-103f-8000-000000000002\n"
    "createTimestamp: 20200101000000Z\n"
    "pwdChangedTime: 20261001000000Z\n"
    "pwdHistory: 20261001000000Z#1.3.6.1.4.1.1466.115.121.1.40#38#{SSHA}x\n"
    "pwdLastSuccess: 20261124080000.123456Z\n"
    "ou: ops\n"
    "\n"
    "dn: cn=dyn,ou=groups,dc=example,dc=org\n"
    "objectClass: groupOfURLs\n"
    "cn: dyn\n"
    "memberURL: ldap:///ou=people,dc=example,dc=org??sub?(&(objectClass=in\n"
    " etOrgPerson)(ou=ops))\n"
    "entryUUID: 3d3d3d3d-0000-103f-8000-000000000003\n"
    "\n";

#define UUID "uuid:3d3d3d3d-0000-103f-8000-00000000000"

START_TEST(an_openldap_file_is_pulled)
{
	struct text_sink sink = pull_text(slapcat, 0);

	says(&sink,
	    "account " UUID "2 name=wang "
	    "dn=uid=wang,ou=people,dc=example,dc=org "
	    "display=\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e department=ops "
	    "enabled=yes locked=no created=1577836800 "
	    "password_set=1790812800");
	says(&sink, "seen accounts pwdLastSuccess 1 recorded=yes");
	/* Its URL came after the account, so the file was read again. */
	says(&sink,
	    "group " UUID "3 group name=dyn "
	    "dn=cn=dyn,ou=groups,dc=example,dc=org");
	says(&sink, "member " UUID "3 " UUID "2 dynamic");
	ck_assert(!has(&sink, "SSHA"));
	ck_assert(!has(&sink, "e1NT"));
	ck_assert(has(&sink,
	    " entries=3 skipped=0 invalid=0 complete diagnostic=read as "
	    "openldap; 2 password values passed over; 1 entries are neither "
	    "account nor right"));
	buf_free(&sink.lines);
}
END_TEST

/* What ldapsearch -o ldif-wrap=no writes of a domain controller. */
static const char ad[] =
    "# extended LDIF\n#\n# LDAPv3\n\n# review.test\n"
    "dn: DC=review,DC=test\n"
    "objectClass: top\nobjectClass: domain\nobjectClass: domainDNS\n"
    "objectGUID:: BAMCAQYFCAcJCgsMDQ4PEA==\n"
    "objectSid:: AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA\n"
    "minPwdLength: 7\npwdHistoryLength: 24\nmaxPwdAge: -36288000000000\n"
    "minPwdAge: -864000000000\nlockoutThreshold: 0\n"
    "lockoutDuration: -18000000000\nlockOutObservationWindow: "
    "-18000000000\npwdProperties: 1\n"
    "\n# Administrator, Users, review.test\n"
    "dn: CN=Administrator,CN=Users,DC=review,DC=test\n"
    "objectClass: top\nobjectClass: person\n"
    "objectClass: organizationalPerson\nobjectClass: user\n"
    "cn: Administrator\n"
    "objectGUID:: AQAAAAAAAAAAAAAAAAAAAQ==\n"
    "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA9AEAAA==\n"
    "sAMAccountName: Administrator\nsAMAccountType: 805306368\n"
    "userAccountControl: 66048\nprimaryGroupID: 513\nadminCount: 1\n"
    "whenCreated: 20200101000000.0Z\naccountExpires: 9223372036854775807\n"
    "pwdLastSet: 134352864000000000\nlastLogon: 0\n"
    "lastLogonTimestamp: 134400050984818910\n"
    "\n# search reference\nref: "
    "ldap://review.test/CN=Configuration,DC=review,DC=test\n"
    "\n# search result\nsearch: 2\nresult: 0 Success\n";

START_TEST(an_ad_file_is_pulled)
{
	struct text_sink sink = pull_text(ad, 0);

	says(&sink,
	    "policy DC=review,DC=test ad-domain name=review default "
	    "min_length=7 history=24 max_age=3628800 min_age=86400 "
	    "lockout_attempts=never lockout_duration=1800 "
	    "lockout_window=1800 complexity=yes reversible=no");
	ck_assert(has(&sink,
	    "account guid:00000001-0000-0000-0000-000000000001 "
	    "name=Administrator "));
	ck_assert(has(&sink, " sid=S-1-5-21-1-2-3-500 "));
	says(&sink,
	    "usage guid:00000001-0000-0000-0000-000000000001 "
	    "lastLogonTimestamp=1795531498 resolution=1209600 "
	    "raw=134400050984818910");
	says(&sink,
	    "member rid:513 guid:00000001-0000-0000-0000-000000000001 "
	    "primary");
	/* ldapsearch does not ask for descriptors by itself. */
	ck_assert(has(&sink, "group control:DCSync control name=DCSync "));
	ck_assert(has(&sink, "could not be read incomplete\n"));
	buf_free(&sink.lines);
}
END_TEST

/* What db2ldif writes, cut down. */
static const char ds389[] =
    "version: 1\n\n# entry-id: 1\n"
    "dn: dc=example,dc=org\nobjectClass: top\nobjectClass: domain\n"
    "dc: example\nnsUniqueId: 0a0b0c0d-000011ef-80000000-00000001\n\n"
    "# entry-id: 2\n"
    "dn: uid=lin,ou=people,dc=example,dc=org\n"
    "uid: lin\ncn: Lin\nsn: Lin\n"
    "objectClass: top\nobjectClass: person\n"
    "objectClass: inetOrgPerson\n"
    "userPassword:: e1BCS0RGMi1TSEE1MTJ9MTAwMDAk\n"
    "nsAccountLock: true\npasswordExpirationTime: 19700101000000Z\n"
    "nsUniqueId: 0A0B0C0D-000011ef-80000000-00000002\n\n"
    "# entry-id: 3\n"
    "dn: cn=ops,ou=groups,dc=example,dc=org\n"
    "objectClass: groupOfUniqueNames\ncn: ops\n"
    "uniqueMember: uid=lin,ou=people,dc=example,dc=org\n"
    "nsUniqueId: 0a0b0c0d-000011ef-80000000-00000003\n\n";

#define NSUID "nsuid:0a0b0c0d-000011ef-80000000-0000000"

START_TEST(a_389ds_file_is_pulled)
{
	struct text_sink sink = pull_text(ds389, 0);

	says(&sink,
	    "account " NSUID "2 name=lin "
	    "dn=uid=lin,ou=people,dc=example,dc=org display=Lin enabled=no "
	    "reason=nsAccountLock true locked=no password_must_change=yes");
	says(&sink,
	    "member " NSUID "3 dn:uid=lin,ou=people,dc=example,dc=org "
	    "member");
	ck_assert(has(&sink, "read as 389ds; 1 password values"));
	buf_free(&sink.lines);
}
END_TEST

START_TEST(a_file_that_breaks_off_is_incomplete_and_what_came_stands)
{
	char text[sizeof(slapcat) + 64];
	struct text_sink sink;

	snprintf(text, sizeof(text), "%sdn: cn=x\njunk\n", slapcat);
	sink = pull_text(text, 0);
	ck_assert(has(&sink, "account " UUID "2 "));
	ck_assert(has(&sink, " incomplete why=/tmp/ldif."));
	ck_assert(has(&sink, ":31: not \"attribute: value\""));
	/* Not all accounts were judged by the URL. */
	says(&sink,
	    "group " UUID "3 group name=dyn "
	    "dn=cn=dyn,ou=groups,dc=example,dc=org incomplete");
	buf_free(&sink.lines);
}
END_TEST

START_TEST(a_search_that_met_a_limit_is_incomplete)
{
	char text[sizeof(slapcat) + 64];
	struct text_sink sink;

	snprintf(text, sizeof(text),
	    "%ssearch: 2\nresult: 4 Size limit exceeded\n", slapcat);
	sink = pull_text(text, 0);
	ck_assert(has(&sink,
	    " incomplete why=its search ended with result 4 Size limit "
	    "exceeded"));
	buf_free(&sink.lines);
}
END_TEST

START_TEST(a_file_without_an_entry_that_can_be_read_is_no_pull)
{
	struct text_sink sink = pull_text("hello\n", -1);

	ck_assert_ptr_nonnull(strstr(e.text, ":1: not \"attribute: value\""));
	ck_assert_str_eq(buf_string(&sink.lines), "");
	buf_free(&sink.lines);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_ldif");
	TCase *tests = tcase_create("review_ldif");

	tcase_add_test(tests, ldif_is_read_as_rfc_2849_says);
	tcase_add_test(tests, bad_ldif_is_refused_with_its_line);
	tcase_add_test(
	    tests, a_nul_in_a_line_is_refused_and_in_base64_it_is_a_byte);
	tcase_add_test(tests, an_entry_larger_than_the_first_read_is_whole);
	tcase_add_test(tests, a_digest_tells_nothing_of_a_password);
	tcase_add_test(tests, without_passwords_a_digest_is_sha256_of_the_file);
	tcase_add_test(tests, a_file_is_read_twice_with_one_digest);
	tcase_add_test(tests, what_ldapsearch_says_of_its_end_is_reported);
	tcase_add_test(tests, a_missing_file_and_a_folder_are_told_apart);
	tcase_add_test(tests, an_openldap_file_is_pulled);
	tcase_add_test(tests, an_ad_file_is_pulled);
	tcase_add_test(tests, a_389ds_file_is_pulled);
	tcase_add_test(
	    tests, a_file_that_breaks_off_is_incomplete_and_what_came_stands);
	tcase_add_test(tests, a_search_that_met_a_limit_is_incomplete);
	tcase_add_test(
	    tests, a_file_without_an_entry_that_can_be_read_is_no_pull);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
