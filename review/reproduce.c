#include "review/reproduce.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* How products spell what a topic is about. */
static const struct spelling {
	const char *topic;
	const char *product; /* NULL: all others */
	const char *attributes;
} spellings[] = {
	{ "use", "ad", "lastLogonTimestamp lastLogon" },
	{ "use", "389ds", "lastLoginTime" },
	{ "use", "freeipa", "krbLastSuccessfulAuth" },
	{ "use", NULL, "authTimestamp pwdLastSuccess" },
	{ "created", "ad", "whenCreated" },
	{ "created", NULL, "createTimestamp" },
	{ "enabled", "ad",
	    "userAccountControl msDS-User-Account-Control-Computed "
	    "accountExpires" },
	{ "enabled", "389ds", "nsAccountLock" },
	{ "enabled", "freeipa", "nsAccountLock krbPrincipalExpiration" },
	{ "enabled", NULL,
	    "pwdAccountLockedTime pwdStartTime pwdEndTime shadowExpire" },
	{ "password", "ad", "pwdLastSet userAccountControl" },
	{ "password", "389ds",
	    "pwdUpdateTime passwordExpirationTime passwordAllowChangeTime" },
	{ "password", "freeipa", "krbLastPwdChange krbPasswordExpiration" },
	{ "password", NULL,
	    "pwdChangedTime pwdReset shadowLastChange shadowMax" },
	{ "privilege", "ad", "memberOf primaryGroupID sIDHistory adminCount" },
	{ "privilege", NULL, "memberOf gidNumber" },
	{ "members", "ad", "member" },
	{ "members", NULL, "member uniqueMember memberUid memberURL sudoUser" },
	{ "policy", "ad", "msDS-ResultantPSO" },
	{ "policy", NULL, "pwdPolicySubentry" },
	{ "identity", "ad", "employeeID employeeNumber mail department title" },
	{ "identity", NULL, "employeeNumber mail departmentNumber title" },
	{ "owner", "ad", "managedBy manager info" },
	{ "owner", NULL, "owner manager seeAlso" },
};
#define SPELLINGS (sizeof(spellings) / sizeof(spellings[0]))

static bool
is_directory(const char *url)
{
	return strncmp(url, "ldap://", 7) == 0 ||
	    strncmp(url, "ldaps://", 8) == 0 ||
	    strncmp(url, "ldapi://", 8) == 0;
}

/* A shell takes it as one word, whatever is in it. */
static void
put_word(struct buf *b, const char *text)
{
	buf_put_byte(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_put_string(b, "'\\''");
		else
			buf_put_byte(b, (unsigned char)*text);
	}
	buf_put_byte(b, '\'');
}

/* RFC 4514 section 2.4 lets any byte of a value be written as \XX. */
static void
put_dn(struct buf *b, const char *dn)
{
	struct buf plain = buf_new(b->limit);

	for (const char *p = dn; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p))
			buf_printf(&plain, "\\%02X", (unsigned char)*p);
		else
			buf_put_byte(&plain, (unsigned char)*p);
	}
	put_word(b, buf_string(&plain));
	buf_free(&plain);
}

static const char *
spelling_of(const char *topic, size_t length, const char *product)
{
	for (size_t i = 0; i < SPELLINGS; i++) {
		const struct spelling *s = &spellings[i];

		if (strlen(s->topic) == length &&
		    strncmp(s->topic, topic, length) == 0 &&
		    (s->product == NULL ||
		        (product != NULL && strcmp(s->product, product) == 0)))
			return s->attributes;
	}
	return NULL;
}

void
reproduce_command(
    struct buf *b, const struct reproduce_subject *subject, const char *topics)
{
	if (subject->url == NULL)
		return;
	if (!is_directory(subject->url) || subject->dn == NULL) {
		buf_printf(b, "%s: %s", subject->url,
		    subject->dn != NULL ? subject->dn : subject->key);
		return;
	}
	buf_put_string(b, "ldapsearch -LLL -o ldif-wrap=no -H ");
	put_word(b, subject->url);
	if (strncmp(subject->url, "ldap://", 7) == 0)
		buf_put_string(b, " -ZZ");
	buf_put_string(b, " -b ");
	put_dn(b, subject->dn);
	buf_put_string(b, " -s base '(objectClass=*)'");
	for (const char *p = topics + strspn(topics, " "); *p != '\0';) {
		size_t length = strcspn(p, " ");
		const char *names = spelling_of(p, length, subject->product);

		if (names != NULL)
			buf_printf(b, " %s", names);
		p += length;
		p += strspn(p, " ");
	}
}
