#include "review/daily_internal.h"

#include <string.h>

#include "schema/message.h"

#define DISPOSITION_MAX 2000u /* bytes */

/* The act that is being made. */
struct signing {
	struct store *store;
	struct act *act;
	const struct daily_signing *wanted;
	int64_t records, late;
};

/* Nobody examines what they did themselves. */
static int
refuse_users(struct signing *s, int64_t day, const char *source,
    int64_t version, struct err *e)
{
	const struct signer *who = act_signer(s->act);
	struct statement *st = store_use(s->store, "daily_user", e);
	char text[DAY_TEXT], account[256];
	int there;

	bind_int(st, ":day", day);
	bind_text(st, ":source", source);
	bind_int(st, ":version", version);
	bind_text(st, ":key", who->fingerprint);
	bind_text(st, ":name", who->name);
	bind_text(st, ":employee", who->employee);
	if ((there = store_step(st, e)) == 1)
		(void)snprintf(
		    account, sizeof(account), "%s", column_text(st, 0));
	store_done(st);
	if (there == 1)
		return err_set(e, ERR_ACCESS,
		    _("%s, %s: %s used %s in it, so another person must "
		      "examine it"),
		    day_text(day, text), source, who->name, account);
	return there;
}

static int
add_row(struct signing *s, int64_t day, const char *source, int64_t version,
    int64_t due, struct err *e)
{
	bool late = act_at(s->act) > due;
	struct statement *st;

	if (refuse_users(s, day, source, version, e) == -1)
		return -1;
	st = store_use(s->store, "daily_sign_add", e);
	bind_int(st, ":act", act_number(s->act));
	bind_int(st, ":day", day);
	bind_text(st, ":source", source);
	bind_int(st, ":version", version);
	bind_text(st, ":disposition", s->wanted->disposition);
	bind_int(st, ":late", late);
	s->records++;
	s->late += late;
	return store_run(st, e);
}

static int
check_version(struct signing *s, int64_t day, const char *source,
    int64_t newest, bool is_signed, struct err *e)
{
	char text[DAY_TEXT];

	(void)day_text(day, text);
	if (s->wanted->version != 0 && s->wanted->version != newest)
		return err_set(e, ERR_USAGE,
		    _("%s, %s: version %lld is not the newest, which is %lld; "
		      "read it first"),
		    text, source, (long long)s->wanted->version,
		    (long long)newest);
	if (is_signed && s->wanted->source != NULL)
		return err_set(e, ERR_USAGE,
		    _("%s, %s: version %lld is signed already"), text, source,
		    (long long)newest);
	return 0;
}

static int
sign_day(struct signing *s, int64_t day, struct err *e)
{
	struct statement *st = store_use(s->store, "daily_of_day", e);
	char text[DAY_TEXT];
	int64_t found = 0;
	int more;

	bind_int(st, ":day", day);
	bind_text(st, ":source", s->wanted->source);
	while ((more = store_step(st, e)) == 1) {
		char source[320];
		int64_t version = column_int(st, 1), due = column_int(st, 4);
		bool is_signed = column_int(st, 6) >= version;

		found++;
		(void)snprintf(
		    source, sizeof(source), "%s", column_text(st, 0));
		if (check_version(s, day, source, version, is_signed, e) ==
		        -1 ||
		    (!is_signed &&
		        add_row(s, day, source, version, due, e) == -1)) {
			more = -1;
			break;
		}
	}
	store_done(st);
	if (more == 0 && found == 0)
		return err_set(e, ERR_USAGE,
		    _("%s: there is no record of it; reeve daily makes them"),
		    day_text(day, text));
	return more;
}

int
daily_sign(struct store *store, const struct daily_signing *wanted,
    const struct act_how *how, int64_t *records, int64_t *late,
    struct buf *receipt, struct err *e)
{
	struct signing s = { .store = store, .wanted = wanted };

	*records = *late = 0;
	if (strlen(wanted->disposition) > DISPOSITION_MAX)
		return err_set(e, ERR_USAGE,
		    _("--disposition: at most %u bytes"), DISPOSITION_MAX);
	if (act_begin(&s.act, store, "daily-sign", how, e) == -1)
		return -1;
	for (size_t i = 0; i < wanted->count; i++)
		if (sign_day(&s, wanted->days[i], e) == -1) {
			act_cancel(&s.act);
			return -1;
		}
	if (s.records == 0) {
		act_cancel(&s.act);
		return err_set(e, ERR_USAGE, _("all of it is signed already"));
	}
	if (act_commit(&s.act, receipt, e) == -1)
		return -1;
	*records = s.records;
	*late = s.late;
	return 0;
}
