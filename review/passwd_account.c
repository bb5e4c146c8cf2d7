#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/passwd.h"
#include "schema/base/enc.h"

#define DAY            INT64_C(86400) /* s */
#define DAYS_FOR_EVER  99999          /* shadow(5): by custom, never */
#define ACCOUNTS_MAX   2000000u       /* of one host */
#define SYSTEM_UID_MAX 999            /* login.defs(5): SYS_UID_MAX */

/* ---- Reading ---- */

static struct passwd_account *
account_new(struct passwd_host *h, struct err *e)
{
	size_t count = h->account_count;

	if (count == ACCOUNTS_MAX) {
		err_set(e, ERR_LIMIT, "%s: more than %u accounts", h->name,
		    ACCOUNTS_MAX);
		return NULL;
	}
	/* Grown at each power of two. */
	if ((count & (count - 1)) == 0) {
		size_t room = count == 0 ? 1 : 2 * count;
		struct passwd_account *wider =
		    realloc(h->accounts, room * sizeof(*wider));

		if (wider == NULL) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		h->accounts = wider;
	}
	h->account_count++;
	memset(&h->accounts[count], 0, sizeof(h->accounts[count]));
	return &h->accounts[count];
}

struct passwd_account *
passwd_account_find(struct passwd_host *h, const char *name)
{
	int64_t number = known_number(&h->names, name);

	return number == 0 ? NULL : &h->accounts[number - 1];
}

static char *
key_of(struct passwd_host *h, const char *name, int64_t again)
{
	char key[2048];
	int length;

	/* The second line of a name is found by its number alone. */
	if (again == 0)
		length =
		    snprintf(key, sizeof(key), "host:%s/%s", h->name, name);
	else
		length = snprintf(key, sizeof(key), "host:%s/%s/%" PRId64,
		    h->name, name, again);
	if (length < 0 || (size_t)length >= sizeof(key))
		h->pool.failed = true;
	return pool_text(&h->pool, key, strlen(key));
}

static int
read_passwd(struct passwd_host *h, struct err *e)
{
	char *rest = (char *)h->passwd.data;
	char *text;
	int64_t number = 0;

	while ((text = passwd_next_line(&rest)) != NULL) {
		struct passwd_line line;
		struct passwd_account *account;
		struct known_entry *first;
		const char *wrong;

		number++;
		if (text[0] == '\0' || text[0] == '#')
			continue;
		h->ledger.query.entries++;
		if ((wrong = passwd_line(text, &line)) != NULL) {
			ledger_skipped(&h->ledger,
			    "etc/passwd: line %" PRId64 ": %s", number, wrong);
			continue;
		}
		if ((first = known_find(&h->names, line.name, e)) == NULL)
			return -1;
		if (first->number != 0)
			ledger_remark(&h->ledger,
			    "etc/passwd: line %" PRId64 ": %s is there already",
			    number, line.name);
		if ((account = account_new(h, e)) == NULL)
			return -1;
		account->line = line;
		account->has_keys = TRI_UNKNOWN;
		account->key =
		    key_of(h, line.name, first->number == 0 ? 0 : number);
		if (first->number == 0)
			first->number = (int64_t)h->account_count;
	}
	return 0;
}

static void
read_shadow(struct passwd_host *h, char *rest)
{
	char *text;
	int64_t number = 0;

	while ((text = passwd_next_line(&rest)) != NULL) {
		struct shadow_line line;
		struct passwd_account *account;
		const char *wrong;

		number++;
		if (text[0] == '\0' || text[0] == '#' ||
		    ((text[0] == '+' || text[0] == '-') &&
		        strspn(text + 1, ":") == strlen(text + 1)))
			continue;
		if ((wrong = shadow_line(text, &line)) != NULL) {
			ledger_skipped(&h->ledger,
			    "etc/shadow: line %" PRId64 ": %s", number, wrong);
			continue;
		}
		account = passwd_account_find(h, line.name);
		if (account == NULL) {
			ledger_remark(&h->ledger,
			    "etc/shadow: line %" PRId64 ": %s is no account",
			    number, line.name);
		} else if (!account->has_shadow) {
			account->has_shadow = true;
			account->shadow = line;
			/* Its name dies with the file. */
			account->shadow.name = account->line.name;
			h->seen_shadow++;
		}
	}
}

int
passwd_accounts_read(struct passwd_host *h, struct err *e)
{
	struct buf shadow = buf_new(PASSWD_FILE_MAX);
	enum passwd_got got;

	got = passwd_read(h, "etc/passwd", &h->passwd);
	if (got == PASSWD_MISSING)
		ledger_incomplete(&h->ledger, "etc/passwd is not there");
	if (got != PASSWD_GOT)
		return 0;
	buf_put_byte(&h->passwd, '\0');
	if (buf_status(&h->passwd, e) == -1 || read_passwd(h, e) == -1)
		return -1;
	got = passwd_read(h, "etc/shadow", &shadow);
	h->shadow_read = got == PASSWD_GOT;
	h->seen_shadow = h->shadow_read ? 0 : -1;
	buf_put_byte(&shadow, '\0');
	if (got == PASSWD_GOT && shadow.failed == ERR_NONE)
		read_shadow(h, (char *)shadow.data);
	else if (got != PASSWD_UNREADABLE)
		ledger_incomplete(&h->ledger, "etc/shadow is not there");
	buf_free(&shadow);
	return 0;
}

static bool
more_values(struct passwd_host *h, struct passwd_account *a)
{
	size_t room = a->value_room == 0 ? 2 : 2 * a->value_room;
	struct value *wider = pool_take(&h->pool, room * sizeof(*wider));

	if (wider == NULL)
		return false;
	if (a->value_count > 0)
		memcpy(wider, a->values, a->value_count * sizeof(*wider));
	a->values = wider;
	a->value_room = room;
	return true;
}

void
passwd_value(struct passwd_host *h, struct passwd_account *a,
    const char *attribute, const char *value, size_t length)
{
	if (!enc_is_utf8(value, length)) {
		ledger_invalid(
		    &h->ledger, "%s: %s: not UTF-8", a->line.name, attribute);
		return;
	}
	if (a->value_count == PASSWD_VALUES_MAX) {
		ledger_incomplete(&h->ledger, "%s: more than %u values",
		    a->line.name, PASSWD_VALUES_MAX);
		return;
	}
	if (a->value_count == a->value_room && !more_values(h, a))
		return; /* the pool remembers */
	a->values[a->value_count++] = (struct value){
		.attribute = attribute,
		.value = pool_text(&h->pool, value, length),
	};
}

void
passwd_usage(
    struct passwd_host *h, struct passwd_account *a, const struct usage *usage)
{
	if (a->usage_count == PASSWD_USAGES_MAX)
		return;
	a->usages[a->usage_count] = *usage;
	a->usages[a->usage_count].server = h->name;
	if (usage->raw != NULL)
		a->usages[a->usage_count].raw =
		    pool_text(&h->pool, usage->raw, strlen(usage->raw));
	a->usage_count++;
}

/* ---- What it comes to ---- */

static const char *const no_shells[] = { "nologin", "false", "true", "sync",
	"halt", "shutdown" };

static bool
is_login_shell(const char *shell)
{
	const char *slash = strrchr(shell, '/');
	const char *name = slash == NULL ? shell : slash + 1;

	for (size_t i = 0; i < sizeof(no_shells) / sizeof(*no_shells); i++)
		if (strcmp(name, no_shells[i]) == 0)
			return false;
	return true; /* none at all is /bin/sh */
}

/* Of the two files the one that decides; FALSE: it is not there. */
static bool
password_of(const struct passwd_account *a, struct password *out)
{
	*out = a->line.password;
	if (out->state != PASSWORD_ELSEWHERE)
		return true;
	*out = a->shadow.password;
	return a->has_shadow;
}

static void
fill_password(
    struct passwd_host *h, struct passwd_account *a, struct account *out)
{
	struct password password;

	if (!password_of(a, &password)) {
		/* Nothing can match what a whole file doesn't have. */
		if (h->shadow_read && !a->line.nis) {
			out->flags[FLAG_PASSWORD_LOCKED] = TRI_YES;
			out->flags[FLAG_EMPTY_PASSWORD] = TRI_NO;
		}
		return;
	}
	if (a->line.nis)
		return;
	out->flags[FLAG_PASSWORD_LOCKED] =
	    password.state == PASSWORD_LOCKED ? TRI_YES : TRI_NO;
	out->flags[FLAG_EMPTY_PASSWORD] =
	    password.state == PASSWORD_EMPTY ? TRI_YES : TRI_NO;
	out->flags[FLAG_DES] =
	    strcmp(password.scheme, "des") == 0 ? TRI_YES : TRI_NO;
	if (password.scheme[0] != '\0')
		passwd_value(h, a, "password-scheme", password.scheme,
		    strlen(password.scheme));
}

static bool
is_for_ever(int64_t days)
{
	return days == FACT_UNKNOWN || days >= DAYS_FOR_EVER;
}

static void
fill_aging(const struct passwd_account *a, struct account *out)
{
	const struct shadow_line *s = &a->shadow;

	if (!a->has_shadow)
		return;
	out->expires =
	    s->expires == FACT_UNKNOWN ? FACT_NEVER : s->expires * DAY;
	if (s->changed == 0)
		out->password_set = FACT_NEVER;
	else if (s->changed != FACT_UNKNOWN)
		out->password_set = s->changed * DAY;
	out->flags[FLAG_PASSWORD_MUST_CHANGE] =
	    s->changed == 0 ? TRI_YES : TRI_NO;
	out->flags[FLAG_PASSWORD_NEVER_EXPIRES] =
	    s->changed == FACT_UNKNOWN || is_for_ever(s->max) ? TRI_YES
	                                                      : TRI_NO;
	if (s->changed == FACT_UNKNOWN || is_for_ever(s->max))
		out->password_expires = FACT_NEVER;
	else
		out->password_expires = (s->changed + s->max) * DAY;
}

/* As pam_unix(8) sees the account on that day. */
static void
fill_enabled(const struct passwd_host *h, const struct passwd_account *a,
    struct account *out)
{
	const struct shadow_line *s = &a->shadow;
	int64_t today = h->sink->now / DAY;
	bool shell = is_login_shell(a->line.shell);

	if (a->line.nis)
		return; /* it names accounts that are not here */
	out->flags[FLAG_LOGIN_SHELL] = shell ? TRI_YES : TRI_NO;
	if (a->has_shadow && s->expires != FACT_UNKNOWN &&
	    s->expires <= today) {
		out->enabled = TRI_NO;
		out->status_reason = "shadow: the expiry date has passed";
	} else if (a->has_shadow && s->inactive != FACT_UNKNOWN &&
	    s->changed != FACT_UNKNOWN && s->changed != 0 &&
	    !is_for_ever(s->max) && today > s->changed + s->max + s->inactive) {
		out->enabled = TRI_NO;
		out->status_reason = "shadow: inactive since its password "
		                     "expired";
	} else if (shell || a->has_keys == TRI_YES) {
		/* Without the shadow file nobody knows whether it expired. */
		out->enabled = h->shadow_read ? TRI_YES : TRI_UNKNOWN;
		out->status_reason = shell ? "passwd: login shell"
		                           : "passwd: no shell, but keys";
	} else if (a->has_keys == TRI_NO ||
	    (a->line.uid > 0 && a->line.uid <= SYSTEM_UID_MAX)) {
		out->enabled = TRI_NO;
		out->status_reason = a->has_keys == TRI_NO
		    ? "passwd: no shell, no keys"
		    : "passwd: a system account without shell";
	} else {
		out->status_reason = "passwd: no shell; keys not collected";
	}
}

/* The n-th part between commas of what finger(1) shows, from the pool. */
static const char *
gecos(struct passwd_host *h, const struct passwd_account *a, size_t n)
{
	const char *part = a->line.gecos;
	size_t length;

	for (; n > 0 && part != NULL; n--)
		if ((part = strchr(part, ',')) != NULL)
			part++;
	if (part == NULL || (length = strcspn(part, ",")) == 0)
		return NULL;
	if (!enc_is_utf8(part, length)) {
		ledger_invalid(
		    &h->ledger, "%s: the comment is not UTF-8", a->line.name);
		return NULL;
	}
	return pool_text(&h->pool, part, length);
}

static const char *
path_text(
    struct passwd_host *h, const struct passwd_account *a, const char *path)
{
	if (path[0] == '\0')
		return NULL;
	if (enc_is_utf8(path, strlen(path)))
		return path;
	ledger_invalid(&h->ledger, "%s: a path is not UTF-8", a->line.name);
	return NULL;
}

static int
deliver_primary(
    struct passwd_host *h, const struct passwd_account *a, struct err *e)
{
	char gid[24];
	const struct member member = {
		.group = { REF_GID, gid, h->name },
		.member = { REF_KEY, a->key, NULL },
		.how = EDGE_PRIMARY,
		.acquired = FACT_UNKNOWN,
	};

	if (a->line.gid == FACT_UNKNOWN)
		return 0;
	(void)snprintf(gid, sizeof(gid), "%" PRId64, a->line.gid);
	return h->sink->member(h->sink, &member, e);
}

static int
deliver_one(struct passwd_host *h, struct passwd_account *a, struct err *e)
{
	struct account out;

	account_init(&out);
	out.key = a->key;
	out.name = a->line.name;
	out.host = h->name;
	out.display = gecos(h, a, 0);
	out.phone = gecos(h, a, 2);
	out.shell = path_text(h, a, a->line.shell);
	out.home = path_text(h, a, a->line.home);
	out.uid_number = a->line.uid;
	out.gid_number = a->line.gid;
	out.flags[FLAG_NIS] = a->line.nis ? TRI_YES : TRI_NO;
	out.flags[FLAG_HAS_KEYS] = a->has_keys;
	fill_password(h, a, &out);
	fill_aging(a, &out);
	fill_enabled(h, a, &out);
	out.values = a->values;
	out.value_count = a->value_count;
	out.usages = a->usages;
	out.usage_count = a->usage_count;
	h->ledger.query.values += (int64_t)(a->value_count + a->usage_count);
	if (h->pool.failed)
		return err_set(e, ERR_MEMORY, "%s: no memory", h->name);
	if (h->sink->account(h->sink, &out, e) == -1)
		return -1;
	return deliver_primary(h, a, e);
}

int
passwd_accounts_deliver(struct passwd_host *h, struct err *e)
{
	for (size_t i = 0; i < h->account_count; i++)
		if (deliver_one(h, &h->accounts[i], e) == -1)
			return -1;
	return 0;
}
