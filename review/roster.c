#include "review/roster.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "review/employee.h"
#include "schema/base/enc.h"
#include "schema/message.h"

static const char *const roles[] = { "officer", "reviewer", "auditor" };

/*
 * One line that can't act on a terminal, without what allowed_signers of
 * ssh-keygen(1) takes for syntax.
 */
static bool
is_plain(const char *text, size_t limit)
{
	struct buf json = buf_new(8 * limit);
	size_t length = strlen(text);
	bool plain;

	if (length == 0 || length >= limit || text[0] == ' ' ||
	    text[0] == '#' || text[length - 1] == ' ' ||
	    strpbrk(text, ",\"\\*?!") != NULL)
		return false;
	enc_json_string(&json, text, length);
	plain = json.length == length + 2 &&
	    memcmp(json.data + 1, text, length) == 0;
	buf_free(&json);
	return plain;
}

static int
check_words(const struct newcomer *n, struct err *e)
{
	const struct signer *s = NULL;
	bool known = false;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		known = known || strcmp(roles[i], n->role) == 0;
	if (!known)
		return err_set(e, ERR_USAGE,
		    _("%s: no such role; officer, reviewer or auditor"),
		    n->role);
	if (!is_plain(n->name, sizeof(s->name)))
		return err_set(e, ERR_USAGE,
		    _("a name is one line of at most 127 bytes, without "
		      "quotes, commas and * ? ! \\"));
	if (n->employee != NULL && n->employee[0] != '\0' &&
	    !is_plain(n->employee, sizeof(s->employee)))
		return err_set(e, ERR_USAGE,
		    _("an employee number has at most 63 bytes, none of them "
		      "special"));
	return 0;
}

/* Nobody has that key or that name. */
static int
check_new(struct store *store, const struct newcomer *n,
    const char *fingerprint, int64_t *count, struct err *e)
{
	struct statement *st = store_use(store, "signer_twin", e);
	int found;

	bind_text(st, ":name", n->name);
	bind_text(st, ":fingerprint", fingerprint);
	found = store_step(st, e);
	if (found == 1)
		found = err_set(e, ERR_ACCESS,
		    column_int(st, 1) != 0
		        ? _("that key is %s's already")
		        : _("%s is enrolled already, with another key: choose "
		            "a name that tells the two apart"),
		    column_text(st, 0));
	store_done(st);
	if (found == -1)
		return -1;
	st = store_use(store, "signer_count", e);
	if ((found = store_step(st, e)) == 1)
		*count = column_int(st, 0);
	store_done(st);
	return found == 1 ? 0 : -1;
}

static int
insert(struct store *store, const struct newcomer *n, const struct signer *s,
    const char *key, int64_t act, struct err *e)
{
	struct statement *st = store_use(store, "signer_add", e);

	bind_int(st, ":act", act);
	bind_text(st, ":name", n->name);
	bind_text(st, ":employee", s->employee[0] == '\0' ? NULL : s->employee);
	bind_text(st, ":role", n->role);
	bind_text(st, ":key", key);
	bind_text(st, ":fingerprint", s->fingerprint);
	bind_text(st, ":grounds", n->grounds == NULL ? "" : n->grounds);
	return store_run(st, e);
}

int
roster_add(struct store *store, const struct newcomer *n,
    const struct act_how *how, bool *waits, struct buf *receipt, struct err *e)
{
	struct signer self = { 0 };
	struct buf key = buf_new(SSHKEY_LINE_MAX);
	struct act *act = NULL;
	int64_t count = 0;
	int result = -1;

	if (check_words(n, e) == -1 ||
	    sshkey_read(n->key, strlen(n->key), &key, self.fingerprint, e) ==
	        -1 ||
	    check_new(store, n, self.fingerprint, &count, e) == -1)
		goto out;
	(void)snprintf(self.name, sizeof(self.name), "%s", n->name);
	(void)snprintf(self.role, sizeof(self.role), "%s", n->role);
	if (employee_find(store, n->employee == NULL ? "" : n->employee,
	        self.employee, e) == -1)
		goto out;
	*waits = count >= 2;
	if (!*waits && strcmp(n->role, "officer") != 0) {
		err_set(e, ERR_USAGE, _("the first two are officers"));
		goto out;
	}
	if ((*waits ? act_begin(&act, store, "person", how, e)
	            : act_begin_self(&act, store, &self, how, e)) == 0 &&
	    insert(store, n, &self, buf_string(&key), act_number(act), e) == 0)
		result = act_commit(&act, receipt, e);
	act_cancel(&act);
out:
	buf_free(&key);
	return result;
}

/* Two who can approve must be left, or nothing could be approved any more. */
static int
check_left(struct store *store, const char *name, struct err *e)
{
	struct statement *st = store_use(store, "signer_officers_beside", e);
	int64_t left = 0;
	int found;

	bind_text(st, ":name", name);
	if ((found = store_step(st, e)) == 1)
		left = column_int(st, 0);
	store_done(st);
	if (found == 1 && left < 2)
		return err_set(e, ERR_USAGE,
		    _("without %s fewer than two officers would be left, and "
		      "nothing could be approved: enrol another first"),
		    name);
	return found == 1 ? 0 : -1;
}

int
roster_end(struct store *store, const char *name, const char *reason,
    const struct act_how *how, struct buf *receipt, struct err *e)
{
	struct statement *st;
	struct act *act = NULL;
	int64_t id = 0;
	int found;

	if (act_begin(&act, store, "person-end", how, e) == -1)
		return -1;
	st = store_use(store, "signer_named", e);
	bind_text(st, ":name", name);
	if ((found = store_step(st, e)) == 1)
		id = column_int(st, 0);
	store_done(st);
	if (found == 0)
		err_set(e, ERR_USAGE, _("nobody called %s is enrolled"), name);
	if (found == 1 && check_left(store, name, e) == 0) {
		st = store_use(store, "signer_end_add", e);
		bind_int(st, ":act", act_number(act));
		bind_int(st, ":signer", id);
		bind_text(st, ":reason", reason);
		if (store_run(st, e) == 0)
			return act_commit(&act, receipt, e);
	}
	act_cancel(&act);
	return -1;
}
