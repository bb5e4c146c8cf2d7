/*
 * 389 Directory Server: its own account lock, password policies in cn=config
 * and beside subtrees, roles, the account policy plug-in's lastLoginTime.
 */
#include <string.h>

#include "review/attrmap_table.h"

static const char *const account_attributes[] = { "objectClass", "nsUniqueId",
	"uid", "cn", "displayName", "mail", "telephoneNumber", "mobile",
	"employeeNumber", "departmentNumber", "ou", "title", "o", "manager",
	"owner", "description", "krbPrincipalName", "loginShell",
	"homeDirectory", "uidNumber", "gidNumber", "createTimestamp",
	"shadowLastChange", "shadowMax", "shadowInactive", "shadowExpire",
	"pwdUpdateTime", "nsAccountLock", "pwdReset", "accountUnlockTime",
	"passwordExpirationTime", "pwdpolicysubentry", "lastLoginTime",
	"nsRoleDN", "nsSshPublicKey", "sshPublicKey", "host", NULL };
static const char *const group_attributes[] = { "objectClass", "nsUniqueId",
	"cn", "description", "gidNumber", "owner", "mail", "createTimestamp",
	"member", "uniqueMember", "memberUid", "roleOccupant", "memberURL",
	NULL };
static const char *const policy_attributes[] = { "objectClass", "cn",
	"passwordMinLength", "passwordHistory", "passwordInHistory",
	"passwordExp", "passwordMaxAge", "passwordMinAge", "passwordLockout",
	"passwordMaxFailure", "passwordUnlock", "passwordLockoutDuration",
	"passwordResetFailureCount", "passwordMustChange",
	"passwordCheckSyntax", "passwordMinCategories", "passwordMinAlphas",
	"passwordMinDigits", "passwordMinSpecials", "passwordDictCheck", NULL };
static const char *const sudo_attributes[] = { "objectClass", "nsUniqueId",
	"cn", "description", "createTimestamp", "sudoUser", "sudoHost",
	"sudoCommand", "sudoRunAsUser", "sudoRunAsGroup", "sudoRunAs",
	"sudoOption", "sudoNotBefore", "sudoNotAfter", "sudoOrder", NULL };

static const struct attrmap_query queries[] = {
	{ .what = "policies",
	    .filter = "(objectClass=*)",
	    .base = "cn=config",
	    .scope = 0,
	    .attributes = policy_attributes,
	    .optional = true },
	/* Policies are LDAP subentries, which only this asks for. */
	{ .what = "policies",
	    .filter = "(&(objectClass=passwordPolicy)(|(objectClass=*)"
	              "(objectClass=ldapsubentry)))",
	    .base = "",
	    .scope = 2,
	    .attributes = policy_attributes },
	{ .what = "dynamic",
	    .filter = "(objectClass=groupOfURLs)",
	    .base = "",
	    .scope = 2,
	    .attributes = group_attributes },
	{ .what = "accounts",
	    .filter = "(|(objectClass=person)(objectClass=inetOrgPerson)"
	              "(objectClass=posixAccount)(objectClass=account)"
	              "(objectClass=simpleSecurityObject)"
	              "(objectClass=nsAccount))",
	    .base = "",
	    .scope = 2,
	    .attributes = account_attributes },
	{ .what = "groups",
	    .filter = "(|(objectClass=groupOfNames)"
	              "(objectClass=groupOfUniqueNames)"
	              "(objectClass=posixGroup)(roleOccupant=*)"
	              "(&(objectClass=nsManagedRoleDefinition)"
	              "(objectClass=ldapsubentry)))",
	    .base = "",
	    .scope = 2,
	    .attributes = group_attributes },
	{ .what = "rights",
	    .filter = "(objectClass=sudoRole)",
	    .base = "",
	    .scope = 2,
	    .attributes = sudo_attributes,
	    .optional = true },
	{ .what = NULL },
};

static const struct class_row classes[] = {
	{ "sudoRole", make_sudo, GROUP_SUDO, NULL },
	{ "passwordPolicy", make_policy, 0, "389ds" },
	{ "nsslapdConfig", make_policy, 0, "389ds" },
	{ "groupOfNames", make_group, GROUP_GROUP, NULL },
	{ "groupOfUniqueNames", make_group, GROUP_GROUP, NULL },
	{ "posixGroup", make_group, GROUP_GROUP, NULL },
	{ "groupOfURLs", make_group, GROUP_GROUP, NULL },
	{ "nsManagedRoleDefinition", make_group, GROUP_ROLE, NULL },
	{ "posixAccount", make_account, ACCOUNT_USER, NULL },
	{ "inetOrgPerson", make_account, ACCOUNT_USER, NULL },
	{ "organizationalPerson", make_account, ACCOUNT_USER, NULL },
	{ "person", make_account, ACCOUNT_USER, NULL },
	{ "nsAccount", make_account, ACCOUNT_USER, NULL },
	{ "account", make_account, ACCOUNT_USER, NULL },
	{ "simpleSecurityObject", make_account, ACCOUNT_USER, NULL },
	{ "organizationalRole", make_role, GROUP_ROLE, NULL },
	{ .name = NULL },
};

static attr_read read_expiration;

static const struct attr_row accounts[] = {
	{ "cn", read_text, AT(account.display), NULL, 0 },
	{ "displayName", read_text, AT(account.display), NULL, 0 },
	PERSON_ROWS,
	{ "owner", read_text, AT(account.owner), NULL, 0 },
	POSIX_ROWS,
	SHADOW_ROWS,
	{ "pwdUpdateTime", read_time, AT(account.password_set), NULL, 0 },
	{ "nsAccountLock", read_boolean, AT(account_lock), NULL, 0 },
	{ "pwdReset", read_flag, FLAG_PASSWORD_MUST_CHANGE, NULL, 0 },
	{ "accountUnlockTime", read_time, AT(unlocks_at), NULL, 0 },
	{ "passwordExpirationTime", read_expiration,
	    AT(account.password_expires), NULL, 0 },
	{ "pwdpolicysubentry", read_text, AT(account.policy), NULL, 0 },
	{ "lastLoginTime", read_shared_usage, 0, NULL, 0 },
	{ "nsRoleDN", read_reference, 0, NULL, EDGE_MEMBER },
	{ "nsSshPublicKey", read_keys, 0, "ssh-key", 0 },
	{ "sshPublicKey", read_keys, 0, "ssh-key", 0 },
	{ "host", read_text, AT(hosts), NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row groups[] = {
	GROUP_ROWS,
	{ .name = NULL },
};

static const struct member_row members[] = {
	MEMBER_ROWS,
	{ .name = NULL },
};

static const struct attr_row policies[] = {
	{ "cn", read_text, AT(policy.name), NULL, 0 },
	{ "passwordMinLength", read_amount, AT(policy.min_length), NULL, 0 },
	{ "passwordHistory", read_switch, AT(keeps_history), NULL, 0 },
	{ "passwordInHistory", read_amount, AT(policy.history), NULL, 0 },
	{ "passwordExp", read_switch, AT(ppolicy_expires), NULL, 0 },
	{ "passwordMaxAge", read_amount, AT(policy.max_age), NULL, 0 },
	{ "passwordMinAge", read_amount, AT(policy.min_age), NULL, 0 },
	{ "passwordLockout", read_switch, AT(ppolicy_lockout), NULL, 0 },
	{ "passwordMaxFailure", read_amount, AT(policy.lockout_attempts), NULL,
	    1 },
	{ "passwordUnlock", read_switch, AT(ppolicy_unlock), NULL, 0 },
	{ "passwordLockoutDuration", read_amount, AT(policy.lockout_duration),
	    NULL, 1 },
	{ "passwordResetFailureCount", read_amount, AT(policy.lockout_window),
	    NULL, 0 },
	{ "passwordMustChange", read_tri, AT(policy.first_use_change), NULL,
	    0 },
	{ "passwordCheckSyntax", read_switch, AT(must_supply), NULL, 0 },
	{ "passwordMinCategories", read_amount, AT(policy.min_classes), NULL,
	    0 },
	{ "passwordMinAlphas", read_integer, AT(min_letters), NULL, 0 },
	{ "passwordMinDigits", read_integer, AT(min_digits), NULL, 0 },
	{ "passwordMinSpecials", read_integer, AT(min_symbols), NULL, 0 },
	{ "passwordDictCheck", read_tri, AT(policy.blocklist), NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row rights[] = {
	SUDO_ROWS,
	{ .name = NULL },
};

/*
 * 1970 is what a reset by an administrator leaves, with the date lost; the end
 * of 32-bit time is the server's spelling of never.
 */
static void
read_expiration(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	struct account *account = &run_reading(run)->account;
	int64_t when;

	(void)row;
	if (a->count == 0)
		return;
	if (!decode_time(a->values[0].data, a->values[0].length, &when))
		run_invalid(run, a, &a->values[0]);
	else if (when == 0)
		account->flags[FLAG_PASSWORD_MUST_CHANGE] = TRI_YES;
	else
		account->password_expires =
		    when == INT32_MAX ? FACT_NEVER : when;
}

/* The lock says when it ends; 1970 is until an administrator unlocks. */
static void
judge_account(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;

	a->enabled = TRI_YES;
	/* Computed: by itself, by a role, or by class of service. */
	if (r->account_lock == 1)
		run_disable(run, "nsAccountLock true");
	judge_shadow(run);
	a->locked = r->unlocks_at != FACT_UNKNOWN &&
	        (r->unlocks_at == 0 || r->unlocks_at > run_now(run))
	    ? TRI_YES
	    : TRI_NO;
	if (r->hosts != NULL)
		a->conditions = run_keepf(run, "host: %s", r->hosts);
}

static enum tri
wants(int64_t least)
{
	return least != FACT_UNKNOWN && least > 0 ? TRI_YES : TRI_NO;
}

/* Numbers stand there also where the switch beside them is off. */
static void
judge_policy(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct policy *p = &r->policy;

	p->is_default = dn_equal(r->entry->dn, "cn=config");
	if (r->keeps_history == 0)
		p->history = 0;
	else if (r->keeps_history == FACT_UNKNOWN)
		p->history = FACT_UNKNOWN;
	if (r->ppolicy_expires == 0)
		p->max_age = FACT_NEVER;
	if (r->ppolicy_lockout == 0)
		p->lockout_attempts = FACT_NEVER;
	if (r->ppolicy_unlock == 0)
		p->lockout_duration = FACT_NEVER;
	if (r->must_supply == 0) {
		/* Not even the length is looked at. */
		p->min_length = 0;
		p->min_classes = 0;
		p->blocklist = TRI_NO;
		r->min_letters = r->min_digits = r->min_symbols = 0;
	} else if (r->must_supply == FACT_UNKNOWN) {
		return;
	}
	p->needs_letter = wants(r->min_letters);
	p->needs_digit = wants(r->min_digits);
	p->needs_symbol = wants(r->min_symbols);
}

const struct attrmap attrmap_389ds = {
	.name = "389ds",
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
