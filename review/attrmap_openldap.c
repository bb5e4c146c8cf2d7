/*
 * OpenLDAP, and any generic server: RFC 2307 and 2798, slapo-ppolicy(5),
 * lastbind, sudoers.ldap(5).
 */
#include <stdio.h>
#include <string.h>

#include "review/attrmap_table.h"

/* Operational attributes are named, since "*" would not bring them. */
static const char *const account_attributes[] = { "objectClass", "entryUUID",
	"uid", "cn", "displayName", "mail", "telephoneNumber", "mobile",
	"employeeNumber", "departmentNumber", "ou", "title", "o", "manager",
	"owner", "description", "krbPrincipalName", "loginShell",
	"homeDirectory", "uidNumber", "gidNumber", "createTimestamp",
	"shadowLastChange", "shadowMax", "shadowInactive", "shadowExpire",
	"pwdChangedTime", "pwdAccountLockedTime", "pwdReset", "pwdStartTime",
	"pwdEndTime", "pwdPolicySubentry", "pwdLastSuccess", "authTimestamp",
	"sshPublicKey", "host", "employeeType", "l", NULL };
static const char *const group_attributes[] = { "objectClass", "entryUUID",
	"cn", "description", "gidNumber", "owner", "mail", "createTimestamp",
	"member", "uniqueMember", "memberUid", "roleOccupant", "memberURL",
	NULL };
static const char *const policy_attributes[] = { "objectClass", "cn",
	"pwdMinLength", "pwdInHistory", "pwdMaxAge", "pwdMinAge", "pwdLockout",
	"pwdMaxFailure", "pwdLockoutDuration", "pwdFailureCountInterval",
	"pwdMustChange", "pwdMaxIdle", "pwdCheckQuality", NULL };
static const char *const default_attributes[] = { "objectClass",
	"olcPPolicyDefault", NULL };
static const char *const sudo_attributes[] = { "objectClass", "entryUUID", "cn",
	"description", "createTimestamp", "sudoUser", "sudoHost", "sudoCommand",
	"sudoRunAsUser", "sudoRunAsGroup", "sudoRunAs", "sudoOption",
	"sudoNotBefore", "sudoNotAfter", "sudoOrder", NULL };

static const struct attrmap_query queries[] = {
	{ .what = "policies",
	    .filter = "(objectClass=olcPPolicyConfig)",
	    .base = "cn=config",
	    .scope = 2,
	    .attributes = default_attributes,
	    .optional = true },
	{ .what = "policies",
	    .filter = "(objectClass=pwdPolicy)",
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
	              "(objectClass=shadowAccount)"
	              "(objectClass=simpleSecurityObject))",
	    .base = "",
	    .scope = 2,
	    .attributes = account_attributes },
	{ .what = "groups",
	    .filter = "(|(objectClass=groupOfNames)"
	              "(objectClass=groupOfUniqueNames)"
	              "(objectClass=groupOfMembers)(objectClass=posixGroup)"
	              "(roleOccupant=*))",
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

/* Groups first: an entry that is both is a group that somebody can bind as. */
static const struct class_row classes[] = {
	{ "sudoRole", make_sudo, GROUP_SUDO, NULL },
	{ "olcPPolicyConfig", make_ppolicy_default, 0, NULL },
	{ "groupOfNames", make_group, GROUP_GROUP, NULL },
	{ "groupOfUniqueNames", make_group, GROUP_GROUP, NULL },
	{ "groupOfMembers", make_group, GROUP_GROUP, NULL },
	{ "posixGroup", make_group, GROUP_GROUP, NULL },
	{ "groupOfURLs", make_group, GROUP_GROUP, NULL },
	{ "posixAccount", make_account, ACCOUNT_USER, NULL },
	{ "inetOrgPerson", make_account, ACCOUNT_USER, NULL },
	{ "organizationalPerson", make_account, ACCOUNT_USER, NULL },
	{ "person", make_account, ACCOUNT_USER, NULL },
	{ "account", make_account, ACCOUNT_USER, NULL },
	{ "shadowAccount", make_account, ACCOUNT_USER, NULL },
	{ "simpleSecurityObject", make_account, ACCOUNT_USER, NULL },
	{ "pwdPolicy", make_policy, 0, "ppolicy" },
	{ "organizationalRole", make_role, GROUP_ROLE, NULL },
	{ .name = NULL },
};

static const struct attr_row accounts[] = {
	{ "cn", read_text, AT(account.display), NULL, 0 },
	{ "displayName", read_text, AT(account.display), NULL, 0 },
	PERSON_ROWS,
	{ "owner", read_text, AT(account.owner), NULL, 0 },
	POSIX_ROWS,
	SHADOW_ROWS,
	{ "pwdChangedTime", read_time, AT(account.password_set), NULL, 0 },
	{ "pwdAccountLockedTime", read_locked_time, AT(locked_at), NULL, 0 },
	{ "pwdReset", read_flag, FLAG_PASSWORD_MUST_CHANGE, NULL, 0 },
	{ "pwdStartTime", read_time, AT(starts), NULL, 0 },
	{ "pwdEndTime", read_time, AT(ends), NULL, 0 },
	{ "pwdPolicySubentry", read_text, AT(account.policy), NULL, 0 },
	{ "pwdLastSuccess", read_usage, 0, NULL, 0 },
	{ "authTimestamp", read_usage, 0, NULL, 0 },
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
	{ "pwdMinLength", read_amount, AT(policy.min_length), NULL, 0 },
	{ "pwdInHistory", read_amount, AT(policy.history), NULL, 0 },
	{ "pwdMaxAge", read_amount, AT(policy.max_age), NULL, 1 },
	{ "pwdMinAge", read_amount, AT(policy.min_age), NULL, 0 },
	{ "pwdLockout", read_boolean, AT(ppolicy_lockout), NULL, 0 },
	{ "pwdMaxFailure", read_amount, AT(policy.lockout_attempts), NULL, 1 },
	{ "pwdLockoutDuration", read_amount, AT(policy.lockout_duration), NULL,
	    1 },
	{ "pwdFailureCountInterval", read_amount, AT(policy.lockout_window),
	    NULL, 1 },
	{ "pwdMustChange", read_tri, AT(policy.first_use_change), NULL, 0 },
	{ "pwdMaxIdle", read_amount, AT(policy.idle_disable), NULL, 1 },
	{ .name = NULL },
};

static const struct attr_row rights[] = {
	SUDO_ROWS,
	{ .name = NULL },
};

/* ---- what the attributes together say ---- */

/* shadow(5): days; 0 of the expiry is ambiguous, so it is told as spelt. */
void
judge_shadow(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;
	const struct entry_attribute *last = run_find(run, "shadowLastChange");

	/* pwdChangedTime is the better witness, where there is one. */
	if (last != NULL && run_find(run, "pwdChangedTime") == NULL &&
	    a->password_set != FACT_UNKNOWN) {
		if (a->password_set == 0) {
			a->flags[FLAG_PASSWORD_MUST_CHANGE] = TRI_YES;
			a->password_set = FACT_NEVER;
		} else {
			a->password_set *= DECODE_DAY;
		}
	}
	if (run_find(run, "shadowMax") != NULL)
		a->flags[FLAG_PASSWORD_NEVER_EXPIRES] =
		    r->shadow_max == FACT_UNKNOWN || r->shadow_max >= 99999
		    ? TRI_YES
		    : TRI_NO;
	if (r->shadow_expire == 0) {
		run_add_value(run, "raw:shadowExpire", "0");
	} else if (r->shadow_expire != FACT_UNKNOWN) {
		a->expires = r->shadow_expire * DECODE_DAY;
		if (a->expires <= run_now(run))
			run_disable(run,
			    run_keepf(run, "shadowExpire %lld",
			        (long long)r->shadow_expire));
	} else if (run_find(run, "shadowExpire") != NULL) {
		a->expires = FACT_NEVER;
	}
}

/* slapo-ppolicy(5): a start after the end is the documented way to disable. */
static void
judge_period(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;

	if (r->ends != FACT_UNKNOWN)
		a->expires = r->ends;
	if (r->starts != FACT_UNKNOWN && r->ends != FACT_UNKNOWN &&
	    r->starts > r->ends)
		run_disable(run, "pwdStartTime after pwdEndTime");
	if (r->starts != FACT_UNKNOWN && r->starts > run_now(run))
		run_disable(run, "pwdStartTime in the future");
	if (r->ends != FACT_UNKNOWN && r->ends <= run_now(run))
		run_disable(run, "pwdEndTime reached");
}

/* A lock holds only under a policy that has pwdLockout TRUE. */
static void
judge_lock(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;
	const struct known_policy *p = run_policy(run, a->policy);
	enum tri lockout = p == NULL ? TRI_UNKNOWN : p->lockout;

	if (r->locked_at == FACT_UNKNOWN) {
		a->locked = TRI_NO;
		return;
	}
	/* A policy that is named and not there is none, so nothing locks. */
	if (p == NULL && a->policy != NULL && run_is_finishing(run) &&
	    run_is_file(run))
		lockout = TRI_NO;
	a->locked = lockout;
	if (lockout == TRI_UNKNOWN) {
		run_add_value(run, "raw:pwdAccountLockedTime", r->lock_raw);
		if (r->locked_at == FACT_NEVER && a->enabled != TRI_NO) {
			a->enabled = TRI_UNKNOWN;
			a->status_reason = "pwdAccountLockedTime, and the "
			                   "policy can't be read";
		}
		return;
	}
	if (lockout == TRI_NO) {
		run_add_value(run, "raw:pwdAccountLockedTime", r->lock_raw);
		return;
	}
	if (r->locked_at == FACT_NEVER) {
		run_disable(run,
		    run_keepf(run, "pwdAccountLockedTime %s", r->lock_raw));
		return;
	}
	if (p->lockout_duration == FACT_UNKNOWN)
		a->locked = TRI_UNKNOWN;
	else if (p->lockout_duration != FACT_NEVER &&
	    r->locked_at <= run_now(run) - p->lockout_duration)
		a->locked = TRI_NO;
}

static void
judge_account(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;
	size_t length = a->name == NULL ? 0 : strlen(a->name);

	if (length > 1 && a->name[length - 1] == '$')
		a->kind = ACCOUNT_MACHINE;
	a->enabled = TRI_YES;
	judge_period(run);
	judge_shadow(run);
	judge_lock(run);
	if (r->hosts != NULL)
		a->conditions = run_keepf(run, "host: %s", r->hosts);
}

/* A locked account in a file, whose policy may still come. */
static bool
waits(struct attrmap_run *run)
{
	const struct entry_attribute *named;
	const char *dn = NULL;

	if (!run_is_file(run) || run_find(run, "pwdAccountLockedTime") == NULL)
		return false;
	named = run_find(run, "pwdPolicySubentry");
	if (named != NULL && named->count > 0)
		dn = named->values[0].data;
	return run_policy(run, dn) == NULL;
}

static void
judge_policy(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct policy *p = &r->policy;
	const struct known_policy *known;
	struct known_policy k = {
		/* Not stated is FALSE (slapo-ppolicy(5)). */
		.lockout = r->ppolicy_lockout == 1 ? TRI_YES : TRI_NO,
		.lockout_duration = p->lockout_duration,
	};

	if (r->ppolicy_lockout != 1)
		p->lockout_attempts = FACT_NEVER;
	/* 0 and not stated: until an administrator resets it. */
	if (k.lockout_duration == FACT_UNKNOWN)
		k.lockout_duration = FACT_NEVER;
	p->lockout_duration = k.lockout_duration;
	if (p->max_age == FACT_UNKNOWN)
		p->max_age = FACT_NEVER;
	k.dn = run_keep(run, r->entry->dn, strlen(r->entry->dn));
	if (k.dn != NULL)
		run_learn_policy(run, &k);
	known = run_policy(run, NULL);
	p->is_default = known != NULL && dn_equal(known->dn, r->entry->dn);
}

int
make_ppolicy_default(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	const struct entry_attribute *a = run_find(run, "olcPPolicyDefault");

	(void)class;
	(void)e;
	if (a != NULL && a->count > 0)
		run_learn_default(run, a->values[0].data);
	return 0;
}

const struct attrmap attrmap_openldap = {
	.name = "openldap",
	.uuid = "entryUUID",
	.queries = queries,
	.classes = classes,
	.accounts = accounts,
	.groups = groups,
	.policies = policies,
	.rights = rights,
	.members = members,
	.judge_account = judge_account,
	.judge_policy = judge_policy,
	.waits = waits,
};
