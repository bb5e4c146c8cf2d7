/*
 * FreeIPA: 389-DS with MIT Kerberos's attributes, and rules of who may log in
 * where and become whom. Read from its source and documents, not tested on the
 * real product.
 */
#include <string.h>
#include <strings.h>

#include "review/attrmap_table.h"

static const char *const account_attributes[] = { "objectClass", "ipaUniqueID",
	"nsUniqueId", "uid", "fqdn", "cn", "displayName", "mail",
	"telephoneNumber", "mobile", "employeeNumber", "departmentNumber", "ou",
	"title", "o", "manager", "managedBy", "description", "krbPrincipalName",
	"loginShell", "homeDirectory", "uidNumber", "gidNumber",
	"createTimestamp", "krbLastPwdChange", "nsAccountLock",
	"krbPrincipalExpiration", "krbPasswordExpiration",
	"krbLastSuccessfulAuth", "krbPwdPolicyReference", "ipaUserAuthType",
	"ipaSshPubKey", "ipaNTSecurityIdentifier", NULL };
static const char *const group_attributes[] = { "objectClass", "ipaUniqueID",
	"nsUniqueId", "cn", "description", "gidNumber", "managedBy", "mail",
	"createTimestamp", "ipaNTSecurityIdentifier", "member",
	"ipaExternalMember", NULL };
static const char *const policy_attributes[] = { "objectClass", "cn",
	"krbPwdMinLength", "krbPwdHistoryLength", "krbMaxPwdLife",
	"krbMinPwdLife", "krbPwdMaxFailure", "krbPwdLockoutDuration",
	"krbPwdFailureCountInterval", "krbPwdMinDiffChars", "ipaPwdDictCheck",
	NULL };
static const char *const right_attributes[] = { "objectClass", "ipaUniqueID",
	"nsUniqueId", "cn", "description", "createTimestamp", "ipaEnabledFlag",
	"accessRuleType", "memberUser", "userCategory", "externalUser",
	"memberHost", "hostCategory", "externalHost", "memberService",
	"serviceCategory", "memberAllowCmd", "memberDenyCmd", "cmdCategory",
	"ipaSudoOpt", "ipaSudoRunAs", "ipaSudoRunAsUserCategory",
	"ipaSudoRunAsExtUser", NULL };

static const char *const config_attributes[] = { "objectClass",
	"ipaConfigString", NULL };

static const struct attrmap_query queries[] = {
	{ .what = "policies",
	    .filter = "(objectClass=ipaGuiConfig)",
	    .base = "cn=ipaConfig,cn=etc,{base}",
	    .scope = 0,
	    .attributes = config_attributes,
	    .optional = true },
	{ .what = "policies",
	    .filter = "(objectClass=krbPwdPolicy)",
	    .base = "cn=kerberos,{base}",
	    .scope = 2,
	    .attributes = policy_attributes },
	{ .what = "accounts",
	    .filter = "(|(objectClass=posixAccount)(objectClass=person))",
	    .base = "cn=users,cn=accounts,{base}",
	    .scope = 2,
	    .attributes = account_attributes },
	{ .what = "accounts",
	    .filter = "(objectClass=ipaHost)",
	    .base = "cn=computers,cn=accounts,{base}",
	    .scope = 2,
	    .attributes = account_attributes },
	{ .what = "accounts",
	    .filter = "(|(objectClass=account)"
	              "(objectClass=simpleSecurityObject))",
	    .base = "cn=sysaccounts,cn=etc,{base}",
	    .scope = 2,
	    .attributes = account_attributes,
	    .optional = true },
	{ .what = "groups",
	    .filter = "(|(objectClass=ipaUserGroup)(objectClass=groupOfNames))",
	    .base = "cn=accounts,{base}",
	    .scope = 2,
	    .attributes = group_attributes },
	/* Privileges and permissions of its own administration. */
	{ .what = "groups",
	    .filter = "(objectClass=groupOfNames)",
	    .base = "cn=pbac,{base}",
	    .scope = 2,
	    .attributes = group_attributes,
	    .optional = true },
	{ .what = "rights",
	    .filter = "(objectClass=ipaSudoRule)",
	    .base = "cn=sudorules,cn=sudo,{base}",
	    .scope = 2,
	    .attributes = right_attributes },
	{ .what = "rights",
	    .filter = "(objectClass=ipaHBACRule)",
	    .base = "cn=hbac,{base}",
	    .scope = 2,
	    .attributes = right_attributes },
	{ .what = NULL },
};

static const struct class_row classes[] = {
	{ "ipaSudoRule", make_ipa_rule, GROUP_SUDO, NULL },
	{ "ipaHBACRule", make_ipa_rule, GROUP_ACCESS, NULL },
	{ "krbPwdPolicy", make_policy, 0, "ipa" },
	{ "ipaGuiConfig", make_ipa_config, 0, NULL },
	{ "ipaHost", make_account, ACCOUNT_MACHINE, NULL },
	{ "ipaUserGroup", make_group, GROUP_GROUP, NULL },
	{ "groupOfNames", make_group, GROUP_GROUP, NULL },
	{ "posixAccount", make_account, ACCOUNT_USER, NULL },
	{ "inetOrgPerson", make_account, ACCOUNT_USER, NULL },
	{ "person", make_account, ACCOUNT_USER, NULL },
	{ "simpleSecurityObject", make_account, ACCOUNT_USER, NULL },
	{ .name = NULL },
};

static attr_read read_auth_type;

static const struct attr_row accounts[] = {
	{ "cn", read_text, AT(account.display), NULL, 0 },
	{ "displayName", read_text, AT(account.display), NULL, 0 },
	{ "fqdn", read_text, AT(account.name), NULL, 0 },
	PERSON_ROWS,
	{ "managedBy", read_text, AT(account.owner), NULL, 0 },
	POSIX_ROWS,
	{ "krbLastPwdChange", read_time, AT(account.password_set), NULL, 0 },
	{ "nsAccountLock", read_boolean, AT(account_lock), NULL, 0 },
	{ "krbPrincipalExpiration", read_time, AT(account.expires), NULL, 0 },
	{ "krbPasswordExpiration", read_time, AT(account.password_expires),
	    NULL, 0 },
	{ "krbLastSuccessfulAuth", read_usage, 0, NULL, 0 },
	{ "krbPwdPolicyReference", read_text, AT(account.policy), NULL, 0 },
	{ "ipaUserAuthType", read_auth_type, 0, NULL, 0 },
	{ "ipaSshPubKey", read_keys, 0, "ssh-key", 0 },
	{ "ipaNTSecurityIdentifier", read_sid, AT(account.sid), NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row groups[] = {
	{ "cn", read_text, AT(group.name), NULL, 0 },
	{ "description", read_text, AT(group.description), NULL, 0 },
	{ "managedBy", read_text, AT(group.owner), NULL, 0 },
	{ "mail", read_text, AT(group.mail), NULL, 0 },
	{ "gidNumber", read_integer, AT(group.gid_number), NULL, 0 },
	{ "ipaNTSecurityIdentifier", read_sid, AT(group.sid), NULL, 0 },
	{ "createTimestamp", read_time, AT(group.created), NULL, 0 },
	{ .name = NULL },
};

static const struct member_row members[] = {
	{ "member", REF_DN, EDGE_MEMBER },
	/* SIDs of a trusted AD domain. */
	{ "ipaExternalMember", REF_SID, EDGE_FOREIGN },
	{ .name = NULL },
};

static const struct attr_row policies[] = {
	{ "cn", read_text, AT(policy.name), NULL, 0 },
	{ "krbPwdMinLength", read_amount, AT(policy.min_length), NULL, 0 },
	{ "krbPwdHistoryLength", read_amount, AT(policy.history), NULL, 0 },
	{ "krbMaxPwdLife", read_amount, AT(policy.max_age), NULL, 1 },
	{ "krbMinPwdLife", read_amount, AT(policy.min_age), NULL, 0 },
	{ "krbPwdMaxFailure", read_amount, AT(policy.lockout_attempts), NULL,
	    1 },
	{ "krbPwdLockoutDuration", read_amount, AT(policy.lockout_duration),
	    NULL, 1 },
	{ "krbPwdFailureCountInterval", read_amount, AT(policy.lockout_window),
	    NULL, 0 },
	{ "krbPwdMinDiffChars", read_amount, AT(policy.min_classes), NULL, 0 },
	{ "ipaPwdDictCheck", read_tri, AT(policy.blocklist), NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row rights[] = {
	{ "cn", read_text, AT(group.name), NULL, 0 },
	{ "description", read_text, AT(group.description), NULL, 0 },
	{ "createTimestamp", read_time, AT(group.created), NULL, 0 },
	{ "ipaEnabledFlag", read_boolean, AT(enabled_flag), NULL, 0 },
	{ .name = NULL },
};

/* All but "password" and "hardened" ask for something beside the password. */
static void
read_auth_type(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	enum tri *mfa = &run_reading(run)->account.flags[FLAG_MFA];

	(void)row;
	for (size_t i = 0; i < a->count; i++) {
		const char *type = run_text(run, a, &a->values[i]);

		if (type == NULL)
			continue;
		run_add_value(run, "raw:ipaUserAuthType", type);
		/* One way in without a second factor is enough to be none. */
		if (strcasecmp(type, "password") == 0 ||
		    strcasecmp(type, "hardened") == 0)
			*mfa = TRI_NO;
		else if (*mfa == TRI_UNKNOWN)
			*mfa = TRI_YES;
	}
}

static bool
is_kept_aside(const char *dn)
{
	return strcasestr(dn, ",cn=deleted users,cn=accounts,") != NULL ||
	    strcasestr(dn, ",cn=staged users,cn=accounts,") != NULL;
}

static void
judge_account(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;

	a->enabled = TRI_YES;
	a->deleted = is_kept_aside(r->entry->dn);
	if (a->deleted)
		run_disable(run, "a preserved or staged user");
	if (r->account_lock == 1)
		run_disable(run, "nsAccountLock true");
	if (a->expires != FACT_UNKNOWN && a->expires <= run_now(run))
		run_disable(run, "krbPrincipalExpiration reached");
	/* A password that an administrator set expires at once. */
	if (a->password_set != FACT_UNKNOWN &&
	    a->password_expires != FACT_UNKNOWN)
		a->flags[FLAG_PASSWORD_MUST_CHANGE] =
		    a->password_set == a->password_expires ? TRI_YES : TRI_NO;
}

/* A policy of the name of a group is that group's. */
static void
judge_policy(struct attrmap_run *run)
{
	struct policy *p = &run_reading(run)->policy;

	p->is_default =
	    p->name != NULL && strcasecmp(p->name, "global_policy") == 0;
	if (!p->is_default && p->name != NULL)
		run_add_target(run, REF_GROUP_NAME, p->name);
}

/* Last successes are switched off as it comes, and say nothing then. */
int
make_ipa_config(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	(void)class;
	(void)e;
	if (entry_has(run_reading(run)->entry, "ipaConfigString",
	        "KDC:Disable Last Success"))
		run_never_recorded(run, "krbLastSuccessfulAuth");
	return 0;
}

const struct attrmap attrmap_freeipa = {
	.name = "freeipa",
	.ipa = "ipaUniqueID",
	.nsuniqueid = "nsUniqueId",
	.queries = queries,
	.classes = classes,
	.accounts = accounts,
	.groups = groups,
	.policies = policies,
	.rights = rights,
	.members = members,
	.judge_account = judge_account,
	.judge_policy = judge_policy,
};
