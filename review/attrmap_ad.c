/*
 * Active Directory, and Samba as its domain controller: MS-ADTS, MS-ADA1 to 3.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_table.h"

static const char *const domain_attributes[] = { "objectClass", "objectGUID",
	"objectSid", "minPwdLength", "pwdHistoryLength", "maxPwdAge",
	"minPwdAge", "lockoutThreshold", "lockoutDuration",
	"lockOutObservationWindow", "pwdProperties",
	"msDS-LogonTimeSyncInterval", NULL };
static const char *const pso_attributes[] = { "objectClass", "cn",
	"msDS-PasswordSettingsPrecedence", "msDS-MinimumPasswordLength",
	"msDS-PasswordHistoryLength", "msDS-MaximumPasswordAge",
	"msDS-MinimumPasswordAge", "msDS-LockoutThreshold",
	"msDS-LockoutDuration", "msDS-LockoutObservationWindow",
	"msDS-PasswordComplexityEnabled",
	"msDS-PasswordReversibleEncryptionEnabled", "msDS-PSOAppliesTo", NULL };
static const char *const account_attributes[] = { "objectClass", "objectGUID",
	"objectSid", "sAMAccountName", "sAMAccountType", "cn", "displayName",
	"mail", "telephoneNumber", "mobile", "employeeID", "employeeNumber",
	"department", "title", "company", "manager", "managedBy", "description",
	"userPrincipalName", "loginShell", "unixHomeDirectory", "homeDirectory",
	"uidNumber", "gidNumber", "primaryGroupID", "userAccountControl",
	"msDS-User-Account-Control-Computed",
	"msDS-UserPasswordExpiryTimeComputed", "whenCreated", "accountExpires",
	"lockoutTime", "pwdLastSet", "lastLogon", "lastLogonTimestamp",
	"adminCount", "servicePrincipalName", "sIDHistory",
	"msDS-AllowedToDelegateTo", "logonHours", "userWorkstations",
	"sshPublicKey", "altSecurityIdentities", "isDeleted", NULL };
static const char *const group_attributes[] = { "objectClass", "objectGUID",
	"objectSid", "sAMAccountName", "cn", "description", "managedBy", "mail",
	"gidNumber", "whenCreated", "member", "isDeleted", NULL };
static const char *const foreign_attributes[] = { "objectClass", "objectGUID",
	"objectSid", "cn", "whenCreated", NULL };
static const char *const right_attributes[] = { "objectClass", "objectGUID",
	"nTSecurityDescriptor", NULL };
static const char *const sudo_attributes[] = { "objectClass", "objectGUID",
	"cn", "description", "whenCreated", "sudoUser", "sudoHost",
	"sudoCommand", "sudoRunAsUser", "sudoRunAsGroup", "sudoRunAs",
	"sudoOption", "sudoNotBefore", "sudoNotAfter", "sudoOrder", NULL };

static const struct attrmap_query queries[] = {
	{ .what = "policies",
	    .filter = "(objectClass=*)",
	    .base = "{base}",
	    .scope = 0,
	    .attributes = domain_attributes },
	{ .what = "policies",
	    .filter = "(objectClass=msDS-PasswordSettings)",
	    .base = "CN=Password Settings Container,CN=System,{base}",
	    .scope = 1,
	    .attributes = pso_attributes,
	    .optional = true },
	/* Persons, machines, managed services and trusts, all indexed. */
	{ .what = "accounts",
	    .filter = "(|(sAMAccountType=805306368)(sAMAccountType=805306369)"
	              "(sAMAccountType=805306370))",
	    .base = "",
	    .scope = 2,
	    .attributes = account_attributes },
	{ .what = "accounts",
	    .filter = "(objectClass=foreignSecurityPrincipal)",
	    .base = "CN=ForeignSecurityPrincipals,{base}",
	    .scope = 1,
	    .attributes = foreign_attributes,
	    .optional = true },
	{ .what = "groups",
	    .filter = "(objectCategory=group)",
	    .base = "",
	    .scope = 2,
	    .attributes = group_attributes },
	{ .what = "rights",
	    .filter = "(objectClass=*)",
	    .base = "{base}",
	    .scope = 0,
	    .attributes = right_attributes,
	    .descriptor = true },
	{ .what = "rights",
	    .filter = "(objectClass=*)",
	    .base = "CN=AdminSDHolder,CN=System,{base}",
	    .scope = 0,
	    .attributes = right_attributes,
	    .descriptor = true },
	{ .what = "rights",
	    .filter = "(objectClass=sudoRole)",
	    .base = "",
	    .scope = 2,
	    .attributes = sudo_attributes,
	    .optional = true },
	{ .what = NULL },
};

/* A computer is a user too, and a managed service is a computer. */
static const struct class_row classes[] = {
	{ "msDS-GroupManagedServiceAccount", make_account,
	    ACCOUNT_MANAGED_SERVICE, NULL },
	{ "msDS-ManagedServiceAccount", make_account, ACCOUNT_MANAGED_SERVICE,
	    NULL },
	{ "computer", make_account, ACCOUNT_MACHINE, NULL },
	{ "user", make_account, ACCOUNT_USER, NULL },
	{ "group", make_group, GROUP_GROUP, NULL },
	{ "foreignSecurityPrincipal", make_foreign, ACCOUNT_FOREIGN, NULL },
	{ "msDS-PasswordSettings", make_policy, 0, "ad-pso" },
	{ "sudoRole", make_sudo, GROUP_SUDO, NULL },
	{ "domainDNS", make_ad_domain, 0, "ad-domain" },
	{ "container", make_ad_container, 0, NULL },
	{ .name = NULL },
};

static attr_read read_last_logon, read_last_logon_timestamp, read_created,
    read_password_set, read_password_expiry, read_sid_history, read_hours;

static const struct attr_row accounts[] = {
	{ "cn", read_text, AT(account.display), NULL, 0 },
	{ "displayName", read_text, AT(account.display), NULL, 0 },
	{ "sAMAccountName", read_text, AT(account.name), NULL, 0 },
	{ "sAMAccountType", read_integer, AT(account_type), NULL, 0 },
	{ "objectSid", read_sid, AT(account.sid), NULL, 0 },
	{ "mail", read_texts, AT(account.mail), "mail", 0 },
	{ "telephoneNumber", read_texts, AT(account.phone), "phone", 0 },
	{ "mobile", read_texts, AT(account.phone), "phone", 0 },
	{ "employeeID", read_text, AT(account.employee), NULL, 0 },
	{ "employeeNumber", read_text, AT(account.employee), NULL, 0 },
	{ "department", read_text, AT(account.department), NULL, 0 },
	{ "title", read_text, AT(account.title), NULL, 0 },
	{ "company", read_text, AT(account.company), NULL, 0 },
	{ "manager", read_text, AT(account.manager), NULL, 0 },
	{ "managedBy", read_text, AT(account.owner), NULL, 0 },
	{ "description", read_text, AT(account.description), NULL, 0 },
	{ "userPrincipalName", read_text, AT(account.principal), NULL, 0 },
	{ "loginShell", read_login_shell, AT(account.shell), NULL, 0 },
	{ "homeDirectory", read_text, AT(account.home), NULL, 0 },
	{ "unixHomeDirectory", read_text, AT(account.home), NULL, 0 },
	{ "uidNumber", read_integer, AT(account.uid_number), NULL, 0 },
	{ "gidNumber", read_gid, AT(account.gid_number), NULL, REF_GID },
	{ "primaryGroupID", read_gid, AT(account.primary_rid), NULL, REF_RID },
	{ "userAccountControl", read_integer, AT(account.control), NULL, 0 },
	{ "msDS-User-Account-Control-Computed", read_integer, AT(computed),
	    NULL, 0 },
	{ "msDS-UserPasswordExpiryTimeComputed", read_password_expiry,
	    AT(account.password_expires), NULL, 0 },
	{ "whenCreated", read_created, AT(account.created), NULL, 0 },
	{ "accountExpires", read_filetime, AT(account.expires), NULL, 0 },
	{ "lockoutTime", read_filetime, AT(locked_at), NULL, 0 },
	{ "pwdLastSet", read_password_set, AT(account.password_set), NULL, 0 },
	{ "lastLogon", read_last_logon, 0, NULL, 0 },
	{ "lastLogonTimestamp", read_last_logon_timestamp, 0, NULL, 0 },
	{ "adminCount", read_integer, AT(admin_count), NULL, 0 },
	{ "servicePrincipalName", read_values, 0, "spn", 0 },
	{ "sIDHistory", read_sid_history, 0, "sid-history", 0 },
	{ "msDS-AllowedToDelegateTo", read_values, 0, "delegate-to", 0 },
	{ "logonHours", read_hours, AT(hours), NULL, 0 },
	{ "userWorkstations", read_text, AT(workstations), NULL, 0 },
	{ "sshPublicKey", read_keys, 0, "ssh-key", 0 },
	{ "altSecurityIdentities", read_values, 0, "raw:altSecurityIdentities",
	    0 },
	{ "isDeleted", read_boolean, AT(deleted), NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row groups[] = {
	{ "cn", read_text, AT(group.name), NULL, 0 },
	{ "sAMAccountName", read_text, AT(group.name), NULL, 0 },
	{ "description", read_text, AT(group.description), NULL, 0 },
	{ "managedBy", read_text, AT(group.owner), NULL, 0 },
	{ "mail", read_text, AT(group.mail), NULL, 0 },
	{ "objectSid", read_sid, AT(group.sid), NULL, 0 },
	{ "gidNumber", read_integer, AT(group.gid_number), NULL, 0 },
	{ "whenCreated", read_created, AT(group.created), NULL, 0 },
	{ "isDeleted", read_boolean, AT(deleted), NULL, 0 },
	{ .name = NULL },
};

static const struct member_row members[] = {
	{ "member", REF_DN, EDGE_MEMBER },
	{ .name = NULL },
};

static const struct attr_row policies[] = {
	{ "minPwdLength", read_amount, AT(policy.min_length), NULL, 0 },
	{ "pwdHistoryLength", read_amount, AT(policy.history), NULL, 0 },
	{ "maxPwdAge", read_ticks, AT(policy.max_age), NULL, 1 },
	{ "minPwdAge", read_ticks, AT(policy.min_age), NULL, 0 },
	{ "lockoutThreshold", read_amount, AT(policy.lockout_attempts), NULL,
	    1 },
	{ "lockoutDuration", read_ticks, AT(policy.lockout_duration), NULL, 1 },
	{ "lockOutObservationWindow", read_ticks, AT(policy.lockout_window),
	    NULL, 0 },
	{ "pwdProperties", read_integer, AT(properties), NULL, 0 },
	{ "msDS-LogonTimeSyncInterval", read_integer, AT(sync_days), NULL, 0 },
	{ "cn", read_text, AT(policy.name), NULL, 0 },
	{ "msDS-PasswordSettingsPrecedence", read_amount, AT(policy.precedence),
	    NULL, 0 },
	{ "msDS-MinimumPasswordLength", read_amount, AT(policy.min_length),
	    NULL, 0 },
	{ "msDS-PasswordHistoryLength", read_amount, AT(policy.history), NULL,
	    0 },
	{ "msDS-MaximumPasswordAge", read_ticks, AT(policy.max_age), NULL, 1 },
	{ "msDS-MinimumPasswordAge", read_ticks, AT(policy.min_age), NULL, 0 },
	{ "msDS-LockoutThreshold", read_amount, AT(policy.lockout_attempts),
	    NULL, 1 },
	{ "msDS-LockoutDuration", read_ticks, AT(policy.lockout_duration), NULL,
	    1 },
	{ "msDS-LockoutObservationWindow", read_ticks,
	    AT(policy.lockout_window), NULL, 0 },
	{ "msDS-PasswordComplexityEnabled", read_tri, AT(policy.complexity),
	    NULL, 0 },
	{ "msDS-PasswordReversibleEncryptionEnabled", read_tri,
	    AT(policy.reversible), NULL, 0 },
	{ "msDS-PSOAppliesTo", read_targets, 0, NULL, 0 },
	{ .name = NULL },
};

static const struct attr_row rights[] = {
	{ "cn", read_text, AT(group.name), NULL, 0 },
	{ "description", read_text, AT(group.description), NULL, 0 },
	{ "whenCreated", read_created, AT(group.created), NULL, 0 },
	{ "sudoNotBefore", read_time, AT(starts), NULL, 0 },
	{ "sudoNotAfter", read_time, AT(ends), NULL, 0 },
	{ .name = NULL },
};

/* ---- readers of our own ---- */

static bool
ticks_of(
    struct attrmap_run *run, const struct entry_attribute *a, int64_t *ticks)
{
	if (a->count == 0)
		return false;
	if (decode_integer(a->values[0].data, a->values[0].length, ticks) &&
	    *ticks >= 0)
		return true;
	run_invalid(run, a, &a->values[0]);
	return false;
}

static void
add_logon(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a, const char *server, int64_t resolution)
{
	struct usage u = {
		.attribute = row->name,
		.server = server,
		.resolution = resolution,
	};
	int64_t ticks;

	/* 0 says that this controller saw no logon, not that none was. */
	if (!ticks_of(run, a, &ticks) || ticks == 0 || ticks == FILETIME_MAX)
		return;
	filetime_time(ticks, &u.when);
	u.raw = a->values[0].data;
	run_add_usage(run, &u);
}

/* Of each controller by itself: never replicated. */
static void
read_last_logon(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	add_logon(run, row, a, run_server(run), 0);
}

/* Replicated, and refreshed only when it is old enough. */
static void
read_last_logon_timestamp(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t lag = run_domain(run)->sync_seconds;

	/* An interval of 0 switches it off, and what stands there is old. */
	if (lag > 0)
		add_logon(run, row, a, "", lag);
}

/* 1601-01-01, in either spelling, is what some objects of the system have. */
static void
read_created(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	int64_t when;

	if (a->count == 0)
		return;
	if (!decode_time(a->values[0].data, a->values[0].length, &when))
		run_invalid(run, a, &a->values[0]);
	else if (when > 0)
		memcpy(
		    (char *)run_reading(run) + row->where, &when, sizeof(when));
}

/* 0: must change, and the date is lost. */
static void
read_password_set(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	struct account *account = &run_reading(run)->account;
	int64_t ticks;

	(void)row;
	if (!ticks_of(run, a, &ticks))
		return;
	if (ticks == 0)
		account->password_set = FACT_NEVER;
	else
		filetime_time(ticks, &account->password_set);
}

/* MS-ADTS 3.1.1.4.5.33: 0 is "must change", the greatest is "never". */
static void
read_password_expiry(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	struct account *account = &run_reading(run)->account;
	int64_t ticks;

	(void)row;
	if (!ticks_of(run, a, &ticks) || ticks == 0)
		return;
	if (ticks == FILETIME_MAX)
		account->password_expires = FACT_NEVER;
	else
		filetime_time(ticks, &account->password_expires);
}

static void
read_sid_history(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	struct reading *r = run_reading(run);
	char sid[SID_TEXT_SIZE];

	for (size_t i = 0; i < a->count; i++) {
		const struct entry_value *v = &a->values[i];
		struct member m = {
			.group = { REF_SID, NULL, NULL },
			.member = { REF_KEY, r->key, NULL },
			.how = EDGE_SID_HISTORY,
			.acquired = FACT_UNKNOWN,
		};

		if (!decode_sid(v->data, v->length, sid)) {
			run_invalid(run, a, v);
			continue;
		}
		m.group.text = run_keep(run, sid, strlen(sid));
		if (m.group.text == NULL)
			return;
		run_add_value(run, row->label, m.group.text);
		run_add_edge(run, &m);
	}
}

/* 21 bytes, a bit an hour of the week; all set is no restriction. */
static void
read_hours(struct attrmap_run *run, const struct attr_row *row,
    const struct entry_attribute *a)
{
	char hex[2 * 21 + 1];
	bool always = true;

	(void)row;
	if (a->count == 0 || a->values[0].length == 0)
		return;
	if (a->values[0].length != 21) {
		run_invalid(run, a, &a->values[0]);
		return;
	}
	for (size_t i = 0; i < 21; i++) {
		unsigned byte = (unsigned char)a->values[0].data[i];

		always = always && byte == 0xff;
		snprintf(hex + 2 * i, 3, "%02x", byte);
	}
	if (!always)
		run_reading(run)->hours = run_keep(run, hex, 42);
}

/* ---- what the attributes together say ---- */

static const struct {
	int64_t bit;
	enum account_flag flag;
} control_flags[] = {
	{ UAC_PASSWORD_NOT_REQUIRED, FLAG_PASSWORD_NOT_REQUIRED },
	{ UAC_REVERSIBLE, FLAG_REVERSIBLE },
	{ UAC_NEVER_EXPIRES, FLAG_PASSWORD_NEVER_EXPIRES },
	{ UAC_SMARTCARD, FLAG_SMARTCARD_REQUIRED },
	{ UAC_UNCONSTRAINED_DELEGATION, FLAG_UNCONSTRAINED_DELEGATION },
	{ UAC_NOT_DELEGATED, FLAG_NOT_DELEGATED },
	{ UAC_DES, FLAG_DES },
	{ UAC_NO_PREAUTH, FLAG_NO_PREAUTH },
	{ UAC_PROTOCOL_TRANSITION, FLAG_PROTOCOL_TRANSITION },
};

static void
judge_control(struct account *a)
{
	for (size_t i = 0; i < sizeof(control_flags) / sizeof(*control_flags);
	     i++)
		a->flags[control_flags[i].flag] =
		    (a->control & control_flags[i].bit) != 0 ? TRI_YES : TRI_NO;
	/* A smart card is a second factor; its absence says nothing. */
	if ((a->control & UAC_SMARTCARD) != 0)
		a->flags[FLAG_MFA] = TRI_YES;
	if ((a->control & UAC_INTERDOMAIN_TRUST) != 0)
		a->kind = ACCOUNT_TRUST;
	else if (a->kind == ACCOUNT_USER &&
	    (a->control & (UAC_WORKSTATION | UAC_SERVER)) != 0)
		a->kind = ACCOUNT_MACHINE;
	if ((a->control & UAC_DISABLED) != 0) {
		a->enabled = TRI_NO;
		a->status_reason = "userAccountControl 0x2";
	} else {
		a->enabled = TRI_YES;
	}
}

/* lockoutTime alone does not say that it holds still. */
static void
judge_lock(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;
	int64_t lasts = run_domain(run)->lockout_duration;

	if (r->computed != FACT_UNKNOWN)
		a->locked = (r->computed & UAC_LOCKOUT) != 0 ? TRI_YES : TRI_NO;
	else if (r->locked_at == FACT_UNKNOWN || r->locked_at == FACT_NEVER)
		a->locked = TRI_NO;
	else if (lasts == FACT_UNKNOWN)
		a->locked = TRI_UNKNOWN;
	else
		a->locked =
		    lasts == FACT_NEVER || r->locked_at > run_now(run) - lasts
		    ? TRI_YES
		    : TRI_NO;
}

static void
judge_must_change(struct attrmap_run *run)
{
	struct account *a = &run_reading(run)->account;

	if (a->password_set == FACT_UNKNOWN || a->control == FACT_UNKNOWN)
		return;
	/* These two bits are stronger than pwdLastSet 0. */
	a->flags[FLAG_PASSWORD_MUST_CHANGE] = a->password_set == FACT_NEVER &&
	        (a->control & (UAC_NEVER_EXPIRES | UAC_SMARTCARD)) == 0
	    ? TRI_YES
	    : TRI_NO;
}

static void
judge_conditions(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);

	if (r->hours == NULL && r->workstations == NULL)
		return;
	r->account.conditions = run_keepf(run, "%s%s%s%s%s",
	    r->workstations == NULL ? "" : "userWorkstations ",
	    r->workstations == NULL ? "" : r->workstations,
	    r->workstations == NULL || r->hours == NULL ? "" : "; ",
	    r->hours == NULL ? "" : "logonHours ",
	    r->hours == NULL ? "" : r->hours);
}

static void
judge_account(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct account *a = &r->account;

	if (a->control != FACT_UNKNOWN)
		judge_control(a);
	if (r->account_type == 805306370)
		a->kind = ACCOUNT_TRUST;
	judge_lock(run);
	judge_must_change(run);
	judge_conditions(run);
	if (a->flags[FLAG_ADMIN_COUNT] == TRI_UNKNOWN)
		a->flags[FLAG_ADMIN_COUNT] =
		    r->admin_count != FACT_UNKNOWN && r->admin_count > 0
		    ? TRI_YES
		    : TRI_NO;
	if (a->expires != FACT_UNKNOWN && a->expires <= run_now(run) &&
	    a->enabled != TRI_NO) {
		a->enabled = TRI_NO;
		a->status_reason = "accountExpires reached";
	}
	a->deleted = r->deleted == 1;
	if (a->deleted) {
		a->enabled = TRI_NO;
		a->status_reason = "isDeleted";
	}
}

static void
judge_group(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);

	if (r->group.sid != NULL)
		sid_rid(r->group.sid, &r->group.rid);
	r->group.deleted = r->deleted == 1;
}

enum { COMPLEX = 1, CLEARTEXT = 16 }; /* pwdProperties, MS-SAMR 2.2.1.3 */

static void
judge_policy(struct attrmap_run *run)
{
	struct reading *r = run_reading(run);
	struct policy *p = &r->policy;

	p->is_default = strcmp(p->form, "ad-domain") == 0;
	if (r->properties == FACT_UNKNOWN)
		return;
	p->complexity = (r->properties & COMPLEX) != 0 ? TRI_YES : TRI_NO;
	p->reversible = (r->properties & CLEARTEXT) != 0 ? TRI_YES : TRI_NO;
}

/* ---- foreign principals ---- */

int
make_foreign(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	const struct entry_attribute *a = run_find(run, "objectSid");
	char sid[SID_TEXT_SIZE];

	/* What everybody knows is no principal of another domain. */
	if (a != NULL && a->count > 0 &&
	    decode_sid(a->values[0].data, a->values[0].length, sid) &&
	    sid_well_known(sid) != NULL)
		return 0;
	return make_account(run, class, e);
}

/* ---- the domain, and rights that are power by themselves ---- */

/* DS-Replication-Get-Changes-All (MS-ADTS 5.1.3.2.1). */
#define GET_CHANGES_ALL "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"

/* What an entry of a descriptor grants on its object. */
static bool
grants_all(const struct ace *ace)
{
	return ace->object[0] == '\0' &&
	    ((ace->mask & ACE_GENERIC_ALL) != 0 ||
	        (ace->mask & ACE_FULL_CONTROL) == ACE_FULL_CONTROL);
}

static bool
grants_replication(const struct ace *ace)
{
	return grants_all(ace) ||
	    ((ace->mask & ACE_CONTROL_ACCESS) != 0 &&
	        (ace->object[0] == '\0' ||
	            strcmp(ace->object, GET_CHANGES_ALL) == 0));
}

static bool
grants_ownership(const struct ace *ace)
{
	return grants_all(ace) ||
	    (ace->mask & (ACE_WRITE_DACL | ACE_WRITE_OWNER)) != 0;
}

static bool
grants_writing(const struct ace *ace)
{
	return grants_ownership(ace) || (ace->mask & ACE_GENERIC_WRITE) != 0 ||
	    ((ace->mask & ACE_WRITE_PROPERTY) != 0 && ace->object[0] == '\0');
}

static const struct control {
	const char *name;
	const char *description;
	bool (*grants)(const struct ace *);
	bool of_holder; /* AdminSDHolder's; else the domain root's */
	bool owner;     /* its owner has the right, too */
} controls[] = {
	{ "DCSync",
	    "may read every password hash of the domain: "
	    "DS-Replication-Get-Changes-All",
	    grants_replication, false, false },
	{ "Domain root control",
	    "may change the rights on the domain: WRITE_DAC, WRITE_OWNER",
	    grants_ownership, false, true },
	{ "AdminSDHolder control",
	    "may change the rights on every protected account and group",
	    grants_writing, true, true },
};

/* S-1-5-18 and the like hold these by design and are nobody's account. */
static int
deliver_trustee(struct attrmap_run *run, const char *sid, struct err *e)
{
	if (sid_is_everyone(sid))
		return run_deliver_member(run, REF_EVERY, sid, EDGE_RULE, e);
	if (sid_well_known(sid) != NULL)
		return 0;
	return run_deliver_member(run, REF_SID, sid, EDGE_RULE, e);
}

static bool
is_grant(const struct control *c, const struct ace *ace)
{
	return (ace->type == ACE_ALLOW || ace->type == ACE_ALLOW_OBJECT) &&
	    (ace->flags & ACE_INHERIT_ONLY) == 0 && c->grants(ace);
}

/* Whether one of the first so many entries, or the owner, said so before. */
static bool
was_told(const struct control *c, struct descriptor d, unsigned count,
    const char *sid)
{
	struct ace ace;

	if (c->owner && strcmp(d.owner, sid) == 0)
		return true;
	while (count-- > 0 && descriptor_next(&d, &ace) == 1)
		if (is_grant(c, &ace) && strcmp(ace.trustee, sid) == 0)
			return true;
	return false;
}

static int
deliver_trustees(struct attrmap_run *run, const struct control *c,
    const struct descriptor *descriptor, struct err *e)
{
	struct descriptor d = *descriptor;
	struct ace ace;

	if (c->owner && d.owner[0] != '\0' &&
	    deliver_trustee(run, d.owner, e) == -1)
		return -1;
	for (unsigned i = 0; descriptor_next(&d, &ace) == 1; i++) {
		if (!is_grant(c, &ace) ||
		    was_told(c, *descriptor, i, ace.trustee))
			continue;
		if (deliver_trustee(run, ace.trustee, e) == -1)
			return -1;
	}
	return 0;
}

/* "DCSync: S-1-5-9 0x100 1131f6ad-..., ..." as evidence. */
static const char *
describe_trustees(
    struct attrmap_run *run, const struct control *c, struct descriptor d)
{
	char text[FACT_TEXT_MAX];
	size_t used = 0;
	struct ace ace;

	text[0] = '\0';
	if (d.owner[0] != '\0' && c->owner)
		used =
		    (size_t)snprintf(text, sizeof(text), "owner %s; ", d.owner);
	while (descriptor_next(&d, &ace) == 1 &&
	    sizeof(text) - used > SID_TEXT_SIZE + 64) {
		if ((ace.flags & ACE_INHERIT_ONLY) != 0 || !c->grants(&ace))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %#lx%s%s; ",
		    ace.type == ACE_DENY || ace.type == ACE_DENY_OBJECT
		        ? "denied: "
		        : "",
		    ace.trustee, (unsigned long)ace.mask,
		    ace.object[0] == '\0' ? "" : " ", ace.object);
	}
	return run_keep(run, text, strlen(text));
}

static int
deliver_control(struct attrmap_run *run, const struct control *c,
    const struct descriptor *d, const char *dn, struct err *e)
{
	struct group *g = &run_reading(run)->group;
	bool open;

	group_init(g);
	g->kind = GROUP_CONTROL;
	g->key = run_keepf(run, "control:%s", c->name);
	g->name = c->name;
	g->dn = NULL;
	g->description = c->description;
	g->privileged = d == NULL ? TRI_UNKNOWN : TRI_YES;
	g->members_incomplete = d == NULL;
	open = d != NULL && !d->has_dacl;
	if (d == NULL)
		g->detail = run_keepf(run,
		    "the nTSecurityDescriptor%s%s could not be read",
		    dn == NULL ? "" : " of ", dn == NULL ? "" : dn);
	else
		g->detail = open ? "no access list: everybody may do everything"
		                 : describe_trustees(run, c, *d);
	if (run_deliver_group(run, e) == -1)
		return -1;
	if (open)
		return run_deliver_member(
		    run, REF_EVERY, "S-1-1-0", EDGE_RULE, e);
	return d == NULL ? 0 : deliver_trustees(run, c, d, e);
}

/* The rights that the descriptor of that object is about. */
static int
deliver_controls(struct attrmap_run *run, bool of_holder, const char *dn,
    const struct entry_attribute *a, struct err *e)
{
	struct descriptor d;
	bool readable = a != NULL && a->count > 0 && a->values[0].length > 0;

	if (readable &&
	    !decode_descriptor(a->values[0].data, a->values[0].length, &d)) {
		run_invalid(run, a, &a->values[0]);
		readable = false;
	}
	for (size_t i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		if (controls[i].of_holder == of_holder &&
		    deliver_control(
		        run, &controls[i], readable ? &d : NULL, dn, e) == -1)
			return -1;
	return 0;
}

static int
deliver_domain_policy(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = run_reading(run);
	struct known_domain *domain = run_domain(run);

	if (make_policy(run, class, e) == -1)
		return -1;
	domain->lockout_duration = r->policy.lockout_duration;
	if (r->sync_days != FACT_UNKNOWN && r->sync_days >= 0 &&
	    r->sync_days <= 100000)
		domain->sync_seconds = r->sync_days * DECODE_DAY;
	if (domain->sync_seconds == 0)
		run_never_recorded(run, "lastLogonTimestamp");
	return 0;
}

/* A child domain's object is below the base and has its own pull. */
int
make_ad_domain(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = run_reading(run);
	const struct entry_attribute *a = run_find(run, "nTSecurityDescriptor");
	bool has_policy = run_find(run, "minPwdLength") != NULL ||
	    run_find(run, "maxPwdAge") != NULL;

	if (has_policy) {
		if (deliver_domain_policy(run, class, e) == -1)
			return -1;
	}
	/* A server is asked for the two apart. */
	if (a == NULL && has_policy)
		return 0;
	run_domain(run)->rights_seen = true;
	return deliver_controls(run, false, r->entry->dn, a, e);
}

int
make_ad_container(
    struct attrmap_run *run, const struct class_row *class, struct err *e)
{
	struct reading *r = run_reading(run);

	(void)class;
	if (strncasecmp(r->entry->dn, "CN=AdminSDHolder,CN=System,", 27) != 0)
		return 0;
	run_domain(run)->holder_seen = true;
	return deliver_controls(
	    run, true, r->entry->dn, run_find(run, "nTSecurityDescriptor"), e);
}

/* What was never seen is unknown, and said so. */
static int
finish(struct attrmap_run *run, struct err *e)
{
	if (run_is_changes(run))
		return 0;
	if (!run_domain(run)->rights_seen &&
	    deliver_controls(run, false, NULL, NULL, e) == -1)
		return -1;
	if (!run_domain(run)->holder_seen &&
	    deliver_controls(run, true, NULL, NULL, e) == -1)
		return -1;
	return 0;
}

const struct attrmap attrmap_ad = {
	.name = "ad",
	.guid = "objectGUID",
	.queries = queries,
	.classes = classes,
	.accounts = accounts,
	.groups = groups,
	.policies = policies,
	.rights = rights,
	.members = members,
	.judge_account = judge_account,
	.judge_group = judge_group,
	.judge_policy = judge_policy,
	.finish = finish,
};
