/*
 * How each product writes what ends an account or a membership, and what
 * undoes it. A change names the old value that it takes away, and so does its
 * undo: who comes later makes it fail, and is not overwritten.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "review/quote.h"
#include "review/remedy.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define AD_DISABLED 0x2 /* MS-ADTS 2.2.16 */
#define DAY         86400
#define LOCKED      "000001010000Z" /* slapo-ppolicy(5): until unlocked */

const char *const remedy_action_names[REMEDY_ACTIONS] = { "deny-login",
	"disable", "remove-right", "modify", "delete" };

const char *
remedy_action_title(const char *name)
{
	static const char *const titles[REMEDY_ACTIONS] = { N_("deny login"),
		N_("disable"), N_("remove the right"), N_("modify"),
		N_("delete") };

	for (size_t i = 0; i < REMEDY_ACTIONS; i++)
		if (strcmp(remedy_action_names[i], name) == 0)
			return _(titles[i]);
	return name;
}

/* ---- The text ---- */

struct remedy_text
remedy_text_new(void)
{
	return (struct remedy_text){ .form = "ticket",
		.change = buf_new(REMEDY_PLAN_MAX),
		.undo = buf_new(REMEDY_PLAN_MAX),
		.powershell = buf_new(REMEDY_PLAN_MAX),
		.powershell_undo = buf_new(REMEDY_PLAN_MAX),
		.notes = buf_new(REMEDY_PLAN_MAX) };
}

void
remedy_text_free(struct remedy_text *t)
{
	buf_free(&t->change);
	buf_free(&t->undo);
	buf_free(&t->powershell);
	buf_free(&t->powershell_undo);
	buf_free(&t->notes);
}

void
remedy_note(struct remedy_text *t, const char *format, ...)
{
	char line[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	quote_comment(&t->notes, line);
	buf_put_byte(&t->notes, '\n');
}

static void
put_member(struct buf *b, const char *name, struct buf *text)
{
	if (text->length == 0)
		return;
	buf_printf(b, ",\"%s\":", name);
	enc_json_string(b, (const char *)text->data, text->length);
}

int
remedy_text_json(const struct remedy_text *t, const char *reason,
    struct buf *out, struct err *e)
{
	struct remedy_text copy = *t;

	buf_printf(out, "{\"form\":\"%s\",\"reason\":", t->form);
	enc_json_string(out, reason, strlen(reason));
	put_member(out, "change", &copy.change);
	put_member(out, "undo", &copy.undo);
	put_member(out, "powershell", &copy.powershell);
	put_member(out, "powershell_undo", &copy.powershell_undo);
	put_member(out, "notes", &copy.notes);
	buf_put_byte(out, '}');
	if (buf_status(&copy.change, e) == -1 ||
	    buf_status(&copy.undo, e) == -1 ||
	    buf_status(&copy.powershell, e) == -1 ||
	    buf_status(&copy.powershell_undo, e) == -1 ||
	    buf_status(&copy.notes, e) == -1)
		return -1;
	return buf_status(out, e);
}

static void
ticket(struct remedy_text *t, const char *words)
{
	if (t->change.length > 0)
		buf_put_string(&t->change, "; ");
	quote_comment(&t->change, words);
}

/* ---- LDIF ---- */

struct swap {
	const char *dn, *attribute;
	const char *old, *new; /* NULL: no value */
};

static void
put_swap(struct buf *b, const char *dn, const char *attribute, const char *old,
    const char *new)
{
	quote_ldif(b, "dn", dn, strlen(dn));
	buf_put_string(b, "changetype: modify\n");
	if (old != NULL) {
		buf_printf(b, "delete: %s\n", attribute);
		quote_ldif(b, attribute, old, strlen(old));
		buf_put_string(b, "-\n");
	}
	if (new != NULL) {
		buf_printf(b, "add: %s\n", attribute);
		quote_ldif(b, attribute, new, strlen(new));
		buf_put_string(b, "-\n");
	}
	buf_put_byte(b, '\n');
}

static void
swap_value(struct remedy_text *t, const struct swap *s)
{
	t->form = "ldif";
	put_swap(&t->change, s->dn, s->attribute, s->old, s->new);
	put_swap(&t->undo, s->dn, s->attribute, s->new, s->old);
}

/* The entry's one value, or NULL. */
static const char *
value_of(const struct entry *entry, const char *attribute)
{
	const struct entry_attribute *a =
	    entry == NULL ? NULL : entry_find(entry, attribute);

	return a == NULL || a->count == 0 ? NULL : a->values[0].data;
}

/* ---- Active Directory ---- */

static void
put_guarded(struct buf *b, const char *dn, int64_t old, int64_t new)
{
	buf_put_string(b, "$o = Get-ADObject -Identity ");
	quote_powershell(b, dn);
	buf_printf(b,
	    " -Properties userAccountControl\n"
	    "if ($o.userAccountControl -ne %lld) { throw 'changed since it was "
	    "planned' }\n"
	    "Set-ADObject -Identity $o.ObjectGUID -Replace "
	    "@{userAccountControl=%lld}\n",
	    (long long)old, (long long)new);
}

static void
disable_ad(struct remedy_text *t, const struct remedy_subject *s,
    const struct entry *entry)
{
	const char *seen = value_of(entry, "userAccountControl");
	char old[24], new[24];
	int64_t control = s->control;
	uint64_t read;
	struct err ignored;

	if (seen != NULL &&
	    enc_number(seen, strlen(seen), INT32_MAX, &read, &ignored) == 0)
		control = (int64_t)read;
	if (control == FACT_UNKNOWN) {
		ticket(t,
		    _("disable the account: its userAccountControl can't "
		      "be read"));
		return;
	}
	if ((control & AD_DISABLED) != 0) {
		remedy_note(t, _("it is disabled already"));
		return;
	}
	(void)snprintf(old, sizeof(old), "%lld", (long long)control);
	(void)snprintf(
	    new, sizeof(new), "%lld", (long long)(control | AD_DISABLED));
	swap_value(t, &(struct swap){ s->dn, "userAccountControl", old, new });
	put_guarded(&t->powershell, s->dn, control, control | AD_DISABLED);
	put_guarded(&t->powershell_undo, s->dn, control | AD_DISABLED, control);
}

/* ---- 389-DS, FreeIPA ---- */

static void
disable_389ds(struct remedy_text *t, const struct remedy_subject *s,
    const struct entry *entry)
{
	const char *seen = value_of(entry, "nsAccountLock");

	if (seen != NULL && strcasecmp(seen, "true") == 0) {
		remedy_note(t, _("it is disabled already"));
		return;
	}
	swap_value(t, &(struct swap){ s->dn, "nsAccountLock", seen, "true" });
}

/* ---- OpenLDAP ---- */

/* The lock counts only under a policy; shadow(5) only on hosts that ask it. */
static void
disable_openldap(struct remedy_text *t, const struct remedy_subject *s,
    const struct entry *entry)
{
	const char *lock = value_of(entry, "pwdAccountLockedTime");
	const char *expire = value_of(entry, "shadowExpire");

	if (s->locks) {
		if (lock != NULL && strcmp(lock, LOCKED) == 0)
			remedy_note(t, _("it is disabled already"));
		else
			swap_value(t,
			    &(struct swap){
			        s->dn, "pwdAccountLockedTime", lock, LOCKED });
		return;
	}
	if (entry != NULL && entry_has(entry, "objectClass", "shadowAccount")) {
		remedy_note(t,
		    _("no password policy with pwdLockout holds for it: "
		      "shadowExpire keeps it from hosts, not from binding"));
		if (expire != NULL && strcmp(expire, "1") == 0)
			remedy_note(t, _("it is disabled already"));
		else
			swap_value(t,
			    &(struct swap){
			        s->dn, "shadowExpire", expire, "1" });
		return;
	}
	ticket(t,
	    _("disable the account: no password policy with pwdLockout "
	      "holds for it, and it is no shadowAccount"));
}

/* ---- Local accounts: bash ---- */

/* The account is still the one that was read: its number says so. */
static void
put_same(struct buf *b, const struct remedy_subject *s)
{
	if (s->uid == FACT_UNKNOWN)
		return;
	buf_put_string(b, "same ");
	quote_shell(b, s->name);
	buf_printf(b, " %lld\n", (long long)s->uid);
}

static void
put_expiry(struct buf *b, int64_t expires)
{
	struct buf day = buf_new(64);

	buf_put_string(b, "--expiredate ");
	if (expires == FACT_UNKNOWN || expires == FACT_NEVER) {
		buf_put_string(b, "''");
	} else {
		enc_time(&day, expires * INT64_C(1000000000));
		buf_printf(b, "%.10s", buf_string(&day));
	}
	buf_free(&day);
}

static void
disable_local(struct remedy_text *t, const struct remedy_subject *s,
    const struct entry *entry)
{
	bool locked = s->password_locked == TRI_YES;

	(void)entry;
	t->form = "shell";
	put_same(&t->change, s);
	buf_printf(&t->change, "usermod %s--expiredate 1 -- ",
	    locked ? "" : "--lock ");
	quote_shell(&t->change, s->name);
	buf_put_byte(&t->change, '\n');
	put_same(&t->undo, s);
	buf_printf(&t->undo, "usermod %s", locked ? "" : "--unlock ");
	put_expiry(&t->undo, s->expires);
	buf_put_string(&t->undo, " -- ");
	quote_shell(&t->undo, s->name);
	buf_put_byte(&t->undo, '\n');
}

static void
leave_local(struct remedy_text *t, const struct remedy_subject *s,
    const struct remedy_right *r)
{
	static const char *const verbs[] = { "--delete=", "--add=" };

	t->form = "shell";
	for (int undo = 0; undo < 2; undo++) {
		struct buf *b = undo == 0 ? &t->change : &t->undo;

		put_same(b, s);
		buf_printf(b, "gpasswd %s", verbs[undo]);
		quote_shell(b, s->name);
		buf_put_string(b, " -- ");
		quote_shell(b, r->name);
		buf_put_byte(b, '\n');
	}
}

/* Nobody edits sudoers by a script: the line is shown, visudo(8) checks. */
static void
leave_sudoers(struct remedy_text *t, const struct remedy_subject *s,
    const struct remedy_right *r)
{
	struct buf line = buf_new(REMEDY_PLAN_MAX);

	buf_printf(&line, _("with visudo take %s out of: %s"), s->name,
	    r->detail != NULL     ? r->detail
	        : r->name != NULL ? r->name
	                          : "");
	t->form = "shell";
	buf_put_string(&t->change, "# ");
	quote_comment(&t->change, buf_string(&line));
	buf_put_byte(&t->change, '\n');
	buf_free(&line);
}

/* ---- Which product ---- */

enum form { FORM_TICKET = 0, FORM_AD, FORM_389DS, FORM_OPENLDAP, FORM_LOCAL };

static enum form
form_of(const struct remedy_subject *s)
{
	static const struct {
		const char *product;
		enum form form;
	} forms[] = {
		{ "ad", FORM_AD },
		{ "389ds", FORM_389DS },
		{ "freeipa", FORM_389DS },
		{ "openldap", FORM_OPENLDAP },
	};

	if (s->url != NULL && strncmp(s->url, "passwd:", 7) == 0)
		return FORM_LOCAL;
	if (s->dn == NULL || s->product == NULL)
		return FORM_TICKET;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].product, s->product) == 0)
			return forms[i].form;
	return FORM_TICKET;
}

void
remedy_disable(struct remedy_text *t, const struct remedy_subject *s,
    const struct entry *entry)
{
	static void (*const disable[])(struct remedy_text *,
	    const struct remedy_subject *, const struct entry *) = {
		[FORM_AD] = disable_ad,
		[FORM_389DS] = disable_389ds,
		[FORM_OPENLDAP] = disable_openldap,
		[FORM_LOCAL] = disable_local,
	};
	enum form form = form_of(s);

	if (form == FORM_TICKET)
		ticket(t, _("disable the account"));
	else
		disable[form](t, s, entry);
}

void
remedy_delete(struct remedy_text *t, const struct remedy_subject *s)
{
	enum form form = form_of(s);

	if (form == FORM_TICKET) {
		ticket(t, _("delete the account"));
	} else if (form == FORM_LOCAL) {
		t->form = "shell";
		put_same(&t->change, s);
		buf_put_string(&t->change, "userdel -- ");
		quote_shell(&t->change, s->name);
		buf_put_byte(&t->change, '\n');
	} else {
		t->form = "ldif";
		quote_ldif(&t->change, "dn", s->dn, strlen(s->dn));
		buf_put_string(&t->change, "changetype: delete\n\n");
		if (form == FORM_AD) {
			buf_put_string(
			    &t->powershell, "Remove-ADObject -Identity ");
			quote_powershell(&t->powershell, s->dn);
			buf_put_byte(&t->powershell, '\n');
		}
	}
	remedy_note(t, _("irreversible: there is no undo"));
}

/* ---- Memberships ---- */

static void
leave_directory(struct remedy_text *t, const struct remedy_subject *s,
    const struct remedy_right *r, const char *attribute, const char *value)
{
	static const char *const verbs[] = { "-Remove", "-Add" };

	swap_value(t, &(struct swap){ r->dn, attribute, value, NULL });
	if (form_of(s) != FORM_AD)
		return;
	for (int undo = 0; undo < 2; undo++) {
		struct buf *b =
		    undo == 0 ? &t->powershell : &t->powershell_undo;

		buf_put_string(b, "Set-ADObject -Identity ");
		quote_powershell(b, r->dn);
		buf_printf(b, " %s @{%s=", verbs[undo], attribute);
		quote_powershell(b, value);
		buf_put_string(b, "}\n");
	}
}

/* What no file can do by itself; who does it reads why. */
static void
leave_by_hand(
    struct remedy_text *t, const struct remedy_right *r, enum edge_how how)
{
	struct buf words = buf_new(REMEDY_PLAN_MAX);
	const char *name = r->name != NULL ? r->name : r->key;

	if (how == EDGE_PRIMARY)
		buf_printf(&words,
		    _("%s is its primary group: give it another one"), name);
	else if (how == EDGE_SID_HISTORY)
		buf_printf(&words,
		    _("take the SID of %s out of its sIDHistory"), name);
	else if (how == EDGE_DYNAMIC)
		buf_printf(&words,
		    _("%s takes its members by a rule: change the rule, or "
		      "what it asks of the account"),
		    name);
	else
		buf_printf(&words, _("take it out of %s"), name);
	ticket(t, buf_string(&words));
	buf_free(&words);
}

static bool
is_named(enum edge_how how)
{
	return how == EDGE_MEMBER || how == EDGE_NAME || how == EDGE_RULE ||
	    how == EDGE_FOREIGN;
}

/* What holds such an edge in a directory, and as what; NULL: a person sees. */
static const char *
attribute_of(enum edge_how how, const struct remedy_subject *s, bool sudo,
    const char **value)
{
	*value = how == EDGE_MEMBER ? s->dn : s->name;
	switch (how) {
	case EDGE_MEMBER:
		return "member";
	case EDGE_NAME:
		return "memberUid";
	case EDGE_RULE:
		return sudo ? "sudoUser" : NULL;
	default:
		return NULL;
	}
}

void
remedy_leave(struct remedy_text *t, const struct remedy_subject *s,
    const struct remedy_right *r, enum edge_how how, const char *attribute,
    const char *value)
{
	enum form form = form_of(s);
	bool sudo = r->kind != NULL && strcmp(r->kind, "sudo") == 0;

	if (attribute == NULL)
		attribute = attribute_of(how, s, sudo, &value);
	if (form == FORM_LOCAL && sudo)
		leave_sudoers(t, s, r);
	else if (form == FORM_LOCAL && is_named(how) && r->name != NULL)
		leave_local(t, s, r);
	else if (form == FORM_TICKET || form == FORM_LOCAL || r->dn == NULL ||
	    !is_named(how) || attribute == NULL)
		leave_by_hand(t, r, how);
	else
		leave_directory(t, s, r, attribute, value);
}
