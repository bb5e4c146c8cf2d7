#include "review/record.h"

#include <stdio.h>
#include <string.h>

enum form { TEXT, NUMBER, TRI, YES, ACCOUNT_KIND, GROUP_KIND };

struct column {
	const char *name; /* of the table, and of the parameter after ':' */
	enum form form;
	size_t offset;
};

#define A(field, form)                                                         \
	{                                                                      \
#field, form, offsetof(struct account, field)                  \
	}
#define G(field, form)                                                         \
	{                                                                      \
#field, form, offsetof(struct group, field)                    \
	}
#define P(field, form)                                                         \
	{                                                                      \
#field, form, offsetof(struct policy, field)                   \
	}
#define FLAG(flag, name)                                                       \
	{                                                                      \
		name, TRI,                                                     \
		    offsetof(struct account, flags) +                          \
		    (flag) * sizeof(enum tri)                                  \
	}
#define END                                                                    \
	{                                                                      \
		NULL, TEXT, 0                                                  \
	}

static const struct column account_columns[] = {
	A(kind, ACCOUNT_KIND),
	A(name, TEXT),
	A(dn, TEXT),
	A(host, TEXT),
	A(display, TEXT),
	A(mail, TEXT),
	A(phone, TEXT),
	A(employee, TEXT),
	A(department, TEXT),
	A(title, TEXT),
	A(company, TEXT),
	A(manager, TEXT),
	A(owner, TEXT),
	A(description, TEXT),
	A(principal, TEXT),
	A(sid, TEXT),
	A(shell, TEXT),
	A(home, TEXT),
	A(policy, TEXT),
	A(conditions, TEXT),
	A(uid_number, NUMBER),
	A(gid_number, NUMBER),
	A(primary_rid, NUMBER),
	A(control, NUMBER),
	A(enabled, TRI),
	A(status_reason, TEXT),
	A(locked, TRI),
	A(created, NUMBER),
	A(expires, NUMBER),
	A(password_set, NUMBER),
	A(password_expires, NUMBER),
	FLAG(FLAG_PASSWORD_NOT_REQUIRED, "password_not_required"),
	FLAG(FLAG_EMPTY_PASSWORD, "empty_password"),
	FLAG(FLAG_REVERSIBLE, "reversible"),
	FLAG(FLAG_DES, "des"),
	FLAG(FLAG_NO_PREAUTH, "no_preauth"),
	FLAG(FLAG_PASSWORD_NEVER_EXPIRES, "password_never_expires"),
	FLAG(FLAG_PASSWORD_MUST_CHANGE, "password_must_change"),
	FLAG(FLAG_SMARTCARD_REQUIRED, "smartcard_required"),
	FLAG(FLAG_UNCONSTRAINED_DELEGATION, "unconstrained_delegation"),
	FLAG(FLAG_PROTOCOL_TRANSITION, "protocol_transition"),
	FLAG(FLAG_NOT_DELEGATED, "not_delegated"),
	FLAG(FLAG_ADMIN_COUNT, "admin_count"),
	FLAG(FLAG_PASSWORD_LOCKED, "password_locked"),
	FLAG(FLAG_LOGIN_SHELL, "login_shell"),
	FLAG(FLAG_HAS_KEYS, "has_keys"),
	FLAG(FLAG_MFA, "mfa"),
	FLAG(FLAG_NIS, "nis"),
	END,
};

static const struct column group_columns[] = {
	G(kind, GROUP_KIND),
	G(name, TEXT),
	G(dn, TEXT),
	G(host, TEXT),
	G(description, TEXT),
	G(owner, TEXT),
	G(mail, TEXT),
	G(sid, TEXT),
	G(gid_number, NUMBER),
	G(rid, NUMBER),
	G(created, NUMBER),
	G(privileged, TRI),
	G(detail, TEXT),
	G(members_incomplete, YES),
	END,
};

static const struct column policy_columns[] = {
	P(name, TEXT),
	P(form, TEXT),
	P(host, TEXT),
	P(precedence, NUMBER),
	P(is_default, YES),
	P(min_length, NUMBER),
	P(history, NUMBER),
	P(max_age, NUMBER),
	P(min_age, NUMBER),
	P(lockout_attempts, NUMBER),
	P(lockout_duration, NUMBER),
	P(lockout_window, NUMBER),
	P(complexity, TRI),
	P(min_classes, NUMBER),
	P(needs_letter, TRI),
	P(needs_digit, TRI),
	P(needs_symbol, TRI),
	P(reversible, TRI),
	P(first_use_change, TRI),
	P(blocklist, TRI),
	P(idle_disable, NUMBER),
	P(detail, TEXT),
	END,
};

static const struct column *const tables[RECORD_KINDS] = {
	[RECORD_ACCOUNT] = account_columns,
	[RECORD_GROUP] = group_columns,
	[RECORD_POLICY] = policy_columns,
};

_Static_assert(
    sizeof(account_columns) / sizeof(account_columns[0]) <= RECORD_COLUMNS_MAX,
    "more columns than places");
_Static_assert(sizeof(account_columns) / sizeof(account_columns[0]) ==
        31 + ACCOUNT_FLAGS + 1,
    "each flag of fact.h has its column");

/* What begins each value; a text's NUL is kept behind it. */
enum { MARK_NULL = 0, MARK_TEXT, MARK_NUMBER };

static void
put_text(struct buf *b, const char *text)
{
	size_t length;

	if (text == NULL) {
		buf_put_byte(b, MARK_NULL);
		return;
	}
	length = strnlen(text, FACT_TEXT_MAX);
	while (text[length] != '\0' && length > 0 &&
	    ((unsigned char)text[length] & 0xc0) == 0x80)
		length--; /* not within a character */
	buf_put_byte(b, MARK_TEXT);
	buf_put_u32(b, (uint32_t)length);
	buf_put(b, text, length);
	buf_put_byte(b, '\0');
}

static void
put_number(struct buf *b, int64_t number)
{
	if (number == FACT_UNKNOWN) {
		buf_put_byte(b, MARK_NULL);
		return;
	}
	buf_put_byte(b, MARK_NUMBER);
	buf_put_u64(b, (uint64_t)number);
}

static void
put_tri(struct buf *b, enum tri fact)
{
	put_number(b, fact == TRI_UNKNOWN ? FACT_UNKNOWN : fact);
}

static void
put_column(struct buf *b, enum form form, const void *field)
{
	switch (form) {
	case TEXT:
		put_text(b, *(const char *const *)field);
		break;
	case NUMBER:
		put_number(b, *(const int64_t *)field);
		break;
	case TRI:
		put_tri(b, *(const enum tri *)field);
		break;
	case YES:
		put_number(b, *(const bool *)field ? 1 : 0);
		break;
	case ACCOUNT_KIND:
		put_text(
		    b, account_kind_names[*(const enum account_kind *)field]);
		break;
	case GROUP_KIND:
		put_text(b, group_kind_names[*(const enum group_kind *)field]);
		break;
	}
}

void
record_put(struct buf *b, enum record_kind kind, const void *fact)
{
	for (const struct column *c = tables[kind]; c->name != NULL; c++)
		put_column(b, c->form, (const char *)fact + c->offset);
}

void
record_find(
    struct record_places *p, enum record_kind kind, struct statement *st)
{
	char parameter[64];
	size_t i = 0;

	p->kind = kind;
	for (const struct column *c = tables[kind]; c->name != NULL; c++) {
		(void)snprintf(parameter, sizeof(parameter), ":%s", c->name);
		p->places[i++] = bind_place(st, parameter);
	}
}

int
record_bind(const struct record_places *p, struct statement *st,
    struct cursor *bytes, struct err *e)
{
	size_t i = 0;

	for (const struct column *c = tables[p->kind]; c->name != NULL;
	     c++, i++) {
		uint32_t length;

		switch (cursor_byte(bytes)) {
		case MARK_NULL:
			bind_fact_at(st, p->places[i], FACT_UNKNOWN);
			break;
		case MARK_NUMBER:
			bind_int_at(
			    st, p->places[i], (int64_t)cursor_u64(bytes));
			break;
		default:
			length = cursor_u32(bytes);
			bind_text_at(st, p->places[i],
			    (const char *)cursor_take(
			        bytes, (size_t)length + 1),
			    length);
		}
	}
	return bytes->failed ? err_set(e, ERR_FORMAT, "a staged record is cut")
	                     : 0;
}
