#include "review/fact.h"

#include <string.h>

const char *const account_flag_names[ACCOUNT_FLAGS] = {
	[FLAG_PASSWORD_NOT_REQUIRED] = "password_not_required",
	[FLAG_EMPTY_PASSWORD] = "empty_password",
	[FLAG_REVERSIBLE] = "reversible",
	[FLAG_DES] = "des",
	[FLAG_NO_PREAUTH] = "no_preauth",
	[FLAG_PASSWORD_NEVER_EXPIRES] = "password_never_expires",
	[FLAG_PASSWORD_MUST_CHANGE] = "password_must_change",
	[FLAG_SMARTCARD_REQUIRED] = "smartcard_required",
	[FLAG_UNCONSTRAINED_DELEGATION] = "unconstrained_delegation",
	[FLAG_PROTOCOL_TRANSITION] = "protocol_transition",
	[FLAG_NOT_DELEGATED] = "not_delegated",
	[FLAG_ADMIN_COUNT] = "admin_count",
	[FLAG_PASSWORD_LOCKED] = "password_locked",
	[FLAG_LOGIN_SHELL] = "login_shell",
	[FLAG_HAS_KEYS] = "has_keys",
	[FLAG_MFA] = "mfa",
	[FLAG_NIS] = "nis",
};

const char *const account_kind_names[ACCOUNT_KINDS] = {
	[ACCOUNT_USER] = "user",
	[ACCOUNT_MACHINE] = "machine",
	[ACCOUNT_MANAGED_SERVICE] = "managed-service",
	[ACCOUNT_TRUST] = "trust",
	[ACCOUNT_FOREIGN] = "foreign",
};

const char *const group_kind_names[GROUP_KINDS] = {
	[GROUP_GROUP] = "group",
	[GROUP_ROLE] = "role",
	[GROUP_SUDO] = "sudo",
	[GROUP_ACCESS] = "access",
	[GROUP_CONTROL] = "control",
};

const char *const edge_how_names[EDGE_HOWS] = {
	[EDGE_MEMBER] = "member",
	[EDGE_NAME] = "name",
	[EDGE_PRIMARY] = "primary",
	[EDGE_SID_HISTORY] = "sid-history",
	[EDGE_DYNAMIC] = "dynamic",
	[EDGE_RULE] = "rule",
	[EDGE_FOREIGN] = "foreign",
};

size_t
fact_cut(const char *text, size_t length)
{
	if (length <= FACT_TEXT_MAX)
		return length;
	length = FACT_TEXT_MAX;
	/* Not within a character: its further bytes are 10xxxxxx. */
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return length;
}

void
account_init(struct account *a)
{
	memset(a, 0, sizeof(*a));
	a->uid_number = a->gid_number = FACT_UNKNOWN;
	a->primary_rid = a->control = FACT_UNKNOWN;
	a->enabled = a->locked = TRI_UNKNOWN;
	a->created = a->expires = FACT_UNKNOWN;
	a->password_set = a->password_expires = FACT_UNKNOWN;
	for (size_t i = 0; i < ACCOUNT_FLAGS; i++)
		a->flags[i] = TRI_UNKNOWN;
}

void
group_init(struct group *g)
{
	memset(g, 0, sizeof(*g));
	g->gid_number = g->rid = g->created = FACT_UNKNOWN;
	g->privileged = TRI_UNKNOWN;
}

void
policy_init(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	p->precedence = p->min_length = p->history = FACT_UNKNOWN;
	p->max_age = p->min_age = FACT_UNKNOWN;
	p->lockout_attempts = p->lockout_duration = FACT_UNKNOWN;
	p->lockout_window = p->min_classes = p->idle_disable = FACT_UNKNOWN;
	p->complexity = p->needs_letter = p->needs_digit = TRI_UNKNOWN;
	p->needs_symbol = p->reversible = TRI_UNKNOWN;
	p->first_use_change = p->blocklist = TRI_UNKNOWN;
}
