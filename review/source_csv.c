/*
 * csv:FILE: accounts of applications, databases, network devices and doors,
 * one a row; rows that differ in their roles alone are one account.
 */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/csv.h"
#include "review/known.h"
#include "review/ledger.h"
#include "review/pool.h"
#include "review/source.h"
#include "schema/base/buf.h"

#define DAY        INT64_C(86400)
#define NAME_LIMIT 1024u    /* bytes of a key or a role */
#define ROLES_MAX  1000000u /* different ones */
#define VALUES_MAX 64u      /* of one account */

enum field {
	/* In the order in which they may claim a column. */
	F_KEY,
	F_NAME,
	F_DISPLAY,
	F_MAIL,
	F_PHONE,
	F_EMPLOYEE,
	F_DEPARTMENT,
	F_TITLE,
	F_COMPANY,
	F_MANAGER,
	F_OWNER,
	F_DESCRIPTION,
	F_HOST,
	F_ENABLED,
	F_LOCKED,
	F_CREATED,
	F_EXPIRES,
	F_LAST_LOGIN,
	F_PASSWORD_SET,
	F_KIND,
	F_MFA,
	F_PRIVILEGED,
	F_ROLES,
	FIELDS
};

static const struct csv_field fields[FIELDS] = {
	[F_KEY] = { "key", "guid|uuid|account key", 0 },
	[F_NAME] = { "name",
	    "account|account name|user name|login|login name|user|user id|"
	    "uid|帳號|帳號名稱|使用者帳號|登入帳號|使用者代號|使用者識別碼|"
	    "卡號",
	    1 },
	[F_DISPLAY] = { "display",
	    "display name|full name|姓名|使用者姓名|顯示名稱|使用者名稱|name",
	    0 },
	[F_MAIL] = { "mail", "email|e-mail|電子郵件|電子郵件信箱|信箱", 0 },
	[F_PHONE] = { "phone", "telephone|電話|分機|行動電話", 0 },
	[F_EMPLOYEE] = { "employee",
	    "employee number|employee no|employee id|staff no|員工編號|"
	    "員工代號|員編|工號",
	    0 },
	[F_DEPARTMENT] = { "department", "dept|部門|單位|部門名稱|所屬單位",
	    0 },
	[F_TITLE] = { "title", "job title|職稱", 0 },
	[F_COMPANY] = { "company", "vendor|公司|廠商|委外廠商", 0 },
	[F_MANAGER] = { "manager", "supervisor|主管|直屬主管|權責主管", 0 },
	[F_OWNER] = { "owner", "account owner|負責人|保管人|帳號負責人", 0 },
	[F_DESCRIPTION] = { "description", "remark|note|說明|備註|用途", 0 },
	[F_HOST] = { "host", "system|server|主機|系統", 0 },
	[F_ENABLED] = { "enabled",
	    "active|status|account status|state|狀態|帳號狀態|啟用|是否啟用",
	    0 },
	[F_LOCKED] = { "locked", "account locked|鎖定|是否鎖定", 0 },
	[F_CREATED] = { "created",
	    "created at|creation date|create date|建立日期|建立時間|"
	    "帳號建立日|申請日期|開通日期",
	    0 },
	[F_EXPIRES] = { "expires",
	    "expiry|expiry date|expires at|expiration date|valid until|"
	    "到期日|有效期限|到期日期|失效日期|使用期限",
	    0 },
	[F_LAST_LOGIN] = { "last_login",
	    "last logon|last login time|last used|last seen|最後登入|"
	    "最後登入時間|最後登入日期|最近登入|最近登入時間|最後使用時間",
	    0 },
	[F_PASSWORD_SET] = { "password_set",
	    "password changed|password last set|password change date|"
	    "密碼變更日期|密碼變更時間|最後變更密碼|密碼更新日期",
	    0 },
	[F_KIND] = { "kind", "type|account type|帳號類型|帳號類別|類型", 0 },
	[F_MFA] = { "mfa", "multi factor|otp|多因子|多因子驗證", 0 },
	[F_PRIVILEGED] = { "privileged",
	    "admin|administrator|特權|特權帳號|最高權限|是否特權", 0 },
	[F_ROLES] = { "roles",
	    "role|groups|group|權限|角色|群組|權限群組|職權|存取權限", 0 },
};

struct role {
	char *name;
	bool privileged;
};

struct run {
	const struct source_settings *settings;
	struct sink *sink;
	struct csv *csv;
	struct csv_dates dates;
	struct ledger ledger;
	size_t place[FIELDS];
	int64_t carried[FIELDS]; /* accounts with something in that field */
	struct known accounts;
	struct known known_roles;
	struct role *roles;
	size_t role_count;
	size_t role_room;
	struct pool cuts;           /* of this row */
	char name[NAME_LIMIT + 16]; /* the account's key */
};

static const char *
at(const struct run *r, enum field field)
{
	return csv_at(r->csv, r->place[field]);
}

/* NULL where the cell is empty: not recorded. Cut where it is too long. */
static const char *
text_at(struct run *r, enum field field)
{
	const char *text = at(r, field);
	size_t length = strlen(text);

	if (length > FACT_TEXT_MAX)
		return pool_text(&r->cuts, text, fact_cut(text, length));
	return length == 0 ? NULL : text;
}

static void
invalid(struct run *r, enum field field, const char *why)
{
	ledger_invalid(&r->ledger, "line %lld: %s: %s",
	    (long long)csv_line(r->csv), fields[field].name, why);
}

/* ---- Words ---- */

struct word {
	const char *word;
	int means;
};

static const struct word yes_and_no[] = {
	{ "1", TRI_YES },
	{ "yes", TRI_YES },
	{ "y", TRI_YES },
	{ "true", TRI_YES },
	{ "t", TRI_YES },
	{ "on", TRI_YES },
	{ "enabled", TRI_YES },
	{ "enable", TRI_YES },
	{ "active", TRI_YES },
	{ "open", TRI_YES },
	{ "valid", TRI_YES },
	{ "是", TRI_YES },
	{ "有", TRI_YES },
	{ "啟用", TRI_YES },
	{ "已啟用", TRI_YES },
	{ "啟用中", TRI_YES },
	{ "使用中", TRI_YES },
	{ "有效", TRI_YES },
	{ "正常", TRI_YES },
	{ "生效", TRI_YES },
	{ "0", TRI_NO },
	{ "no", TRI_NO },
	{ "n", TRI_NO },
	{ "false", TRI_NO },
	{ "f", TRI_NO },
	{ "off", TRI_NO },
	{ "disabled", TRI_NO },
	{ "disable", TRI_NO },
	{ "inactive", TRI_NO },
	{ "closed", TRI_NO },
	{ "invalid", TRI_NO },
	{ "suspended", TRI_NO },
	{ "locked", TRI_NO },
	{ "revoked", TRI_NO },
	{ "deleted", TRI_NO },
	{ "否", TRI_NO },
	{ "無", TRI_NO },
	{ "停用", TRI_NO },
	{ "已停用", TRI_NO },
	{ "停用中", TRI_NO },
	{ "未啟用", TRI_NO },
	{ "無效", TRI_NO },
	{ "失效", TRI_NO },
	{ "暫停", TRI_NO },
	{ "鎖定", TRI_NO },
	{ "凍結", TRI_NO },
	{ "註銷", TRI_NO },
	{ "已刪除", TRI_NO },
	{ NULL, 0 },
};

/* What they mean of "locked"; else as above. */
static const struct word locked_words[] = {
	{ "locked", TRI_YES },
	{ "鎖定", TRI_YES },
	{ "已鎖定", TRI_YES },
	{ "unlocked", TRI_NO },
	{ "未鎖定", TRI_NO },
	{ NULL, 0 },
};

static const struct word never_words[] = {
	{ "never", true },
	{ "none", true },
	{ "-", true },
	{ "無", true },
	{ "永久", true },
	{ "永不", true },
	{ "無期限", true },
	{ "從未", true },
	{ "從未登入", true },
	{ "未曾登入", true },
	{ "未登入", true },
	{ NULL, 0 },
};

/* Others are users', and spelt out in a value. */
static const struct word kinds[] = {
	{ "machine", ACCOUNT_MACHINE },
	{ "device", ACCOUNT_MACHINE },
	{ "設備", ACCOUNT_MACHINE },
	{ "managed-service", ACCOUNT_MANAGED_SERVICE },
	{ "trust", ACCOUNT_TRUST },
	{ "foreign", ACCOUNT_FOREIGN },
	{ NULL, 0 },
};

static const struct word *
find_word(const struct word *words, const char *text)
{
	for (; words->word != NULL; words++)
		if (strcasecmp(words->word, text) == 0)
			return words;
	return NULL;
}

static enum tri
tri_at(struct run *r, enum field field, const struct word *first)
{
	const char *text = at(r, field);
	const struct word *word = NULL;

	if (text[0] == '\0')
		return TRI_UNKNOWN;
	if (first != NULL)
		word = find_word(first, text);
	if (word == NULL)
		word = find_word(yes_and_no, text);
	if (word == NULL) {
		invalid(r, field, "neither yes nor no");
		return TRI_UNKNOWN;
	}
	return (enum tri)word->means;
}

static int64_t
time_at(struct run *r, enum field field, bool may_be_never)
{
	const char *text = at(r, field);
	struct err why = { 0 };
	int64_t when;

	if (text[0] == '\0')
		return FACT_UNKNOWN;
	if (may_be_never &&
	    (find_word(never_words, text) != NULL ||
	        strncmp(text, "9999", 4) == 0))
		return FACT_NEVER;
	if (csv_date(&r->dates, text, &when, &why) == 0)
		return when;
	invalid(r, field, why.text);
	return FACT_UNKNOWN;
}

/* ---- Roles ---- */

static int
remember_role(struct run *r, const char *name, bool privileged, struct err *e)
{
	struct known_entry *entry = known_find(&r->known_roles, name, e);

	if (entry == NULL)
		return -1;
	if (entry->number == 0) {
		if (r->role_count == ROLES_MAX)
			return err_set(
			    e, ERR_LIMIT, "more than %u roles", ROLES_MAX);
		if (r->role_count == r->role_room) {
			size_t room = r->role_room == 0 ? 64 : 2 * r->role_room;
			struct role *wider =
			    realloc(r->roles, room * sizeof(*wider));

			if (wider == NULL)
				return err_set(e, ERR_MEMORY, "out of memory");
			r->roles = wider;
			r->role_room = room;
		}
		if ((r->roles[r->role_count].name = strdup(name)) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		r->roles[r->role_count].privileged = false;
		entry->number = (int64_t)++r->role_count;
	}
	if (privileged)
		r->roles[entry->number - 1].privileged = true;
	return 0;
}

static int
hold_role(struct run *r, const char *name, bool privileged, struct err *e)
{
	char key[NAME_LIMIT + 16] = "role:";
	const struct member member = {
		.group = { .form = REF_KEY, .text = key },
		.member = { .form = REF_KEY, .text = r->name },
		.how = EDGE_MEMBER,
		.acquired = FACT_UNKNOWN,
	};

	if (strlen(name) > NAME_LIMIT) {
		ledger_skipped(&r->ledger,
		    "line %lld: a role of more than %u bytes",
		    (long long)csv_line(r->csv), NAME_LIMIT);
		return 0;
	}
	(void)strcat(key, name);
	if (remember_role(r, name, privileged, e) == -1)
		return -1;
	r->ledger.query.values++;
	return r->sink->member(r->sink, &member, e);
}

/* Cuts at ';' and '|' and gives each part, without blanks, in turn. */
static char *
next_part(char **rest)
{
	char *part = *rest + strspn(*rest, " ;|\n\r\t");
	size_t length = strcspn(part, ";|");

	if (part[0] == '\0')
		return NULL;
	*rest = part + length;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	while (length > 0 && strchr(" \n\r\t", part[length - 1]) != NULL)
		part[--length] = '\0';
	return part;
}

static int
hold_roles(struct run *r, struct err *e)
{
	char *copy = strdup(at(r, F_ROLES));
	char *rest = copy;
	char *part;
	int result = 0;

	if (copy == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	while (result == 0 && (part = next_part(&rest)) != NULL) {
		bool privileged = part[0] == '*' && part[1] != '\0';

		result =
		    hold_role(r, part + (privileged ? 1 : 0), privileged, e);
	}
	free(copy);
	if (result == 0 && tri_at(r, F_PRIVILEGED, NULL) == TRI_YES)
		result = hold_role(r, "(privileged)", true, e);
	return result;
}

static int
deliver_roles(struct run *r, struct err *e)
{
	char key[NAME_LIMIT + 16];

	for (size_t i = 0; i < r->role_count; i++) {
		struct group group;

		group_init(&group);
		(void)stpcpy(stpcpy(key, "role:"), r->roles[i].name);
		group.key = key;
		group.kind = GROUP_ROLE;
		group.name = r->roles[i].name;
		if (r->roles[i].privileged) {
			group.privileged = TRI_YES;
			group.detail = "stated as privileged in the file";
		}
		if (r->sink->group(r->sink, &group, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- Rows ---- */

static void
fill_texts(struct run *r, struct account *a)
{
	a->key = r->name;
	a->name = text_at(r, F_NAME);
	a->display = text_at(r, F_DISPLAY);
	a->phone = text_at(r, F_PHONE);
	a->employee = text_at(r, F_EMPLOYEE);
	a->department = text_at(r, F_DEPARTMENT);
	a->title = text_at(r, F_TITLE);
	a->company = text_at(r, F_COMPANY);
	a->manager = text_at(r, F_MANAGER);
	a->owner = text_at(r, F_OWNER);
	a->description = text_at(r, F_DESCRIPTION);
	a->host = text_at(r, F_HOST);
}

static void
fill_state(struct run *r, struct account *a)
{
	const struct word *kind = find_word(kinds, at(r, F_KIND));

	if (kind != NULL)
		a->kind = (enum account_kind)kind->means;
	a->enabled = tri_at(r, F_ENABLED, NULL);
	a->status_reason = text_at(r, F_ENABLED);
	a->locked = tri_at(r, F_LOCKED, locked_words);
	a->created = time_at(r, F_CREATED, false);
	a->expires = time_at(r, F_EXPIRES, true);
	a->password_set = time_at(r, F_PASSWORD_SET, false);
	a->flags[FLAG_MFA] = tri_at(r, F_MFA, NULL);
}

static bool
is_day(const char *text)
{
	return strpbrk(text, ":T") == NULL;
}

static size_t
fill_usage(struct run *r, struct usage *usage)
{
	const char *text = at(r, F_LAST_LOGIN);
	int64_t when = time_at(r, F_LAST_LOGIN, true);

	if (when == FACT_UNKNOWN)
		return 0;
	*usage = (struct usage){
		.attribute = fields[F_LAST_LOGIN].name,
		.server = "",
		.when = when,
		/* Of a day, the time may be its last second. */
		.resolution = when != FACT_NEVER && is_day(text) ? DAY - 1 : 0,
		.raw = text,
	};
	return 1;
}

/* Further mails, and the kind as it is spelt. The copy owns the texts. */
static size_t
fill_values(struct run *r, struct account *a, char *mails,
    struct value values[VALUES_MAX])
{
	size_t count = 0;
	char *part;

	if ((a->mail = next_part(&mails)) != NULL)
		while (count < VALUES_MAX - 1 &&
		    (part = next_part(&mails)) != NULL)
			values[count++] = (struct value){ "mail", part };
	if (at(r, F_KIND)[0] != '\0')
		values[count++] = (struct value){ "kind", at(r, F_KIND) };
	return count;
}

static int
deliver_account(struct run *r, struct err *e)
{
	struct account account;
	struct usage usage;
	struct value values[VALUES_MAX];
	char *mails = strdup(at(r, F_MAIL));
	int result;

	if (mails == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	account_init(&account);
	fill_texts(r, &account);
	fill_state(r, &account);
	account.usages = &usage;
	account.usage_count = fill_usage(r, &usage);
	account.values = values;
	account.value_count = fill_values(r, &account, mails, values);
	for (size_t i = 0; i < FIELDS; i++)
		if (at(r, (enum field)i)[0] != '\0') {
			r->carried[i]++;
			r->ledger.query.values++;
		}
	result = r->cuts.failed ? err_set(e, ERR_MEMORY, "out of memory")
	                        : r->sink->account(r->sink, &account, e);
	pool_free(&r->cuts);
	free(mails);
	return result;
}

/* Of all that a row says but its roles. */
static void
digest_facts(const struct run *r, unsigned char out[16])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct buf facts = buf_new(CSV_ROW_MAX + FIELDS);

	for (size_t i = 0; i < F_PRIVILEGED; i++) {
		buf_put_string(&facts, at(r, (enum field)i));
		buf_put_byte(&facts, '\0');
	}
	(void)SHA256(facts.data, facts.length, digest);
	memcpy(out, digest, 16);
	buf_free(&facts);
}

static void
skip(struct run *r, const char *why)
{
	ledger_skipped(
	    &r->ledger, "line %lld: %s", (long long)csv_line(r->csv), why);
}

/* 1: r->name is the row's key; 0: it has none, and is skipped. */
static int
name_row(struct run *r)
{
	const char *key = at(r, F_KEY);
	const char *name = at(r, F_NAME);
	const char *prefix = key[0] != '\0' ? "key:" : "name:";
	const char *text = key[0] != '\0' ? key : name;

	if (name[0] == '\0')
		skip(r, "no account name");
	else if (strlen(text) > NAME_LIMIT)
		skip(r, "an account name of more than 1024 bytes");
	else {
		(void)stpcpy(stpcpy(r->name, prefix), text);
		return 1;
	}
	return 0;
}

static int
take_row(struct run *r, struct err *e)
{
	unsigned char facts[16];
	struct known_entry *entry;

	r->ledger.query.entries++;
	if (name_row(r) == 0)
		return 0;
	if ((entry = known_find(&r->accounts, r->name, e)) == NULL)
		return -1;
	digest_facts(r, facts);
	if (entry->number == 0) {
		entry->number = csv_line(r->csv);
		memcpy(entry->facts, facts, sizeof(facts));
		if (deliver_account(r, e) == -1)
			return -1;
	} else if (memcmp(entry->facts, facts, sizeof(facts)) != 0) {
		ledger_skipped(&r->ledger,
		    "line %lld: the account of line %lld, with other facts",
		    (long long)csv_line(r->csv), (long long)entry->number);
		return 0;
	}
	return hold_roles(r, e);
}

static int
take_rows(struct run *r, struct err *e)
{
	struct err why = { 0 };
	enum csv_row got;

	while ((got = csv_next(r->csv, &why)) != CSV_END) {
		if (got == CSV_FAILED) {
			ledger_incomplete(&r->ledger, "%s", why.text);
			return 0;
		}
		if (got == CSV_BAD) {
			r->ledger.query.entries++;
			ledger_skipped(&r->ledger, "%s", why.text);
			continue;
		}
		if (take_row(r, e) == -1)
			return -1;
		if (r->sink->progress != NULL &&
		    r->ledger.query.entries % 10000 == 0)
			r->sink->progress(
			    r->sink, "accounts", r->ledger.query.entries, 0);
	}
	return 0;
}

/* ---- The source ---- */

static int
deliver_seen(struct run *r, struct err *e)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct attribute_seen seen = {
			.server = "",
			.what = "accounts",
			.attribute = fields[i].name,
			.entries = r->carried[i],
			.recorded =
			    r->place[i] == CSV_NOWHERE ? TRI_NO : TRI_YES,
		};

		if (r->sink->seen(r->sink, &seen, e) == -1)
			return -1;
	}
	return 0;
}

static void
name_columns(struct run *r)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (r->place[i] != CSV_NOWHERE)
			ledger_attribute(&r->ledger, "%s=%s", fields[i].name,
			    csv_column(r->csv, r->place[i]));
}

static int
deliver(struct run *r, struct err *e)
{
	name_columns(r);
	if (take_rows(r, e) == -1 || deliver_roles(r, e) == -1 ||
	    deliver_seen(r, e) == -1 ||
	    csv_digest(r->csv, r->ledger.query.digest, e) == -1)
		return -1;
	return ledger_close(&r->ledger, r->sink, e);
}

static int
pull(const struct source_settings *settings, struct sink *sink, struct err *e)
{
	const struct csv_form form = { settings->delimiter,
		settings->encoding };
	const char *path = settings->url + strlen("csv:");
	struct run *r = calloc(1, sizeof(*r));
	int result = -1;

	if (r == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->settings = settings;
	r->cuts = pool_new(FIELDS * (FACT_TEXT_MAX + 1));
	r->sink = sink;
	r->dates.format = settings->date_format;
	r->ledger = ledger_open("accounts", path);
	sink->mode = SINK_FULL;
	if (csv_zone(settings->time_zone, &r->dates.offset, e) == 0 &&
	    csv_open(&r->csv, path, &form, e) == 0) {
		if (csv_map(r->csv, fields, FIELDS, &settings->columns,
		        r->place, e) == -1)
			(void)err_in(e, "%s", path);
		else
			result = deliver(r, e);
	}
	for (size_t i = 0; i < r->role_count; i++)
		free(r->roles[i].name);
	free(r->roles);
	known_free(&r->accounts);
	known_free(&r->known_roles);
	ledger_free(&r->ledger);
	csv_free(&r->csv);
	free(r);
	return result;
}

const struct source_type source_csv = {
	.scheme = "csv",
	.summary = "a table of accounts, RFC 4180; see review.conf(5)",
	.pull = pull,
};
