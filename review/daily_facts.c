#include "review/daily_internal.h"

#include <stdio.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/enc.h"

#define FACTS_MAX  (16u * 1024 * 1024) /* bytes of one record's */
#define HOSTS_TEXT 400u

/* The record that is being made. */
struct making {
	struct daily *daily;
	struct daily_record *record;
	struct buf *out; /* its facts */
	const char *host;
	int64_t from, to; /* s since 1970 */
	bool works;       /* a working day */
	bool core;
	daily_alert_fn *alert;
	void *context;
	/* Arrays that are filled side by side. */
	struct buf unknown_sources, idle, service, sessions;
	size_t unknown_count, idle_count, service_count, session_count;
	int64_t scheduled;
};

/* ---- Writing ---- */

void
daily_put_text(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "\"%s\":", name);
	enc_json_string(b, value, strlen(value));
}

void
daily_put_time(struct buf *b, const char *name, int64_t at)
{
	struct buf time = buf_new(64);

	enc_time(&time, at * CLOCK_NS_PER_SECOND);
	/* Whole seconds: 19 bytes, then the fraction. */
	buf_printf(b, "\"%s\":\"%.19sZ\"", name, buf_string(&time));
	buf_free(&time);
}

static void
put_number(struct buf *b, const char *name, int64_t value)
{
	buf_printf(b, ",\"%s\":%lld", name, (long long)value);
}

void
daily_mask_text(const char *mask, struct buf *b)
{
	const char *length = strchr(mask, ' ');
	const char *first = length == NULL ? NULL : strchr(length + 1, ' ');

	if (strcmp(mask, USE_MASK_MORE) == 0)
		buf_put_string(b, "(+)");
	else if (first == NULL)
		buf_put_string(b, "(?)");
	else
		buf_printf(b, "%s..(%.*s)#%.6s", first + 1,
		    (int)(first - length - 1), length + 1, mask);
}

static void
begin_item(struct buf *array, size_t *count)
{
	buf_put_string(array, (*count)++ == 0 ? "{" : ",{");
}

static int
say_alert(struct making *m, const char *rule, const char *subject, int64_t at,
    int64_t last, int64_t count, struct err *e)
{
	const struct daily_alert a = { .rule = rule,
		.subject = subject,
		.at = at,
		.last = last,
		.hosts = m->host,
		.count = count,
		.names = 1 };

	return m->alert == NULL ? 0 : m->alert(m->context, &a, e);
}

/* "alice from 10.0.0.1", of one day: told once a day. */
static int
alert_login(struct making *m, const char *rule, const char *account,
    const char *origin, int64_t last, int64_t count, struct err *e)
{
	char subject[700];

	(void)snprintf(subject, sizeof(subject), "%s@%s%s%s", account, m->host,
	    origin[0] == '\0' ? "" : " < ", origin);
	return say_alert(m, rule, subject, m->from, last, count, e);
}

/* ---- Counts ---- */

static struct statement *
ask(struct making *m, const char *name, struct err *e)
{
	struct statement *s = store_use(m->daily->store, name, e);

	bind_text(s, ":host", m->host);
	bind_int(s, ":from", m->from);
	bind_int(s, ":to", m->to);
	return s;
}

static int
put_classes(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_classes", e);
	struct buf classes = buf_new(4096);
	int64_t directory = 0;
	int more;

	while ((more = store_step(s, e)) == 1) {
		const char *class = column_text(s, 0);
		int64_t count = column_int(s, 1);

		if (strcmp(class, "success") == 0)
			m->record->logins = count;
		else if (strcmp(class, "directory") == 0)
			directory = count;
		else {
			m->record->failed += count;
			put_number(&classes, class, count);
			if (strcmp(class, "unknown") == 0)
				m->record->unknown = count;
		}
	}
	store_done(s);
	buf_printf(m->out, "\"failed\":{\"total\":%lld%s}",
	    (long long)m->record->failed, buf_string(&classes));
	put_number(m->out, "directory", directory);
	put_number(m->out, "logins", m->record->logins);
	buf_free(&classes);
	return more;
}

static int
put_distinct(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_elsewhere", e);
	int there = store_step(s, e);

	if (there == 1)
		put_number(m->out, "elsewhere", column_int(s, 0));
	store_done(s);
	if (there != 1)
		return -1;
	s = ask(m, "daily_distinct", e);
	if ((there = store_step(s, e)) == 1) {
		put_number(m->out, "sources", column_int(s, 0));
		put_number(m->out, "accounts", column_int(s, 1));
	}
	store_done(s);
	return there == 1 ? 0 : -1;
}

static int
put_top_origins(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_top_origins", e);
	size_t count = 0;
	int more;

	bind_int(s, ":limit", DAILY_TOP);
	buf_put_string(m->out, ",\"top_sources\":[");
	while ((more = store_step(s, e)) == 1) {
		begin_item(m->out, &count);
		daily_put_text(m->out, "origin", column_text(s, 0));
		put_number(m->out, "count", column_int(s, 1));
		put_number(m->out, "names", column_int(s, 2));
		buf_put_byte(m->out, '}');
	}
	buf_put_byte(m->out, ']');
	store_done(s);
	return more;
}

static int
put_top_names(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_top_names", e);
	size_t count = 0;
	int more;

	bind_int(s, ":limit", DAILY_TOP);
	buf_put_string(m->out, ",\"top_accounts\":[");
	while ((more = store_step(s, e)) == 1) {
		struct buf name = buf_new(512);

		if (column_text(s, 0)[0] != '\0')
			buf_put_string(&name, column_text(s, 0));
		else
			daily_mask_text(column_text(s, 1), &name);
		begin_item(m->out, &count);
		daily_put_text(m->out, "name", buf_string(&name));
		put_number(m->out, "count", column_int(s, 2));
		buf_put_byte(m->out, '}');
		buf_free(&name);
	}
	buf_put_byte(m->out, ']');
	store_done(s);
	return more;
}

/* ---- Rules ---- */

static void
put_burst(
    struct making *m, const struct daily_burst *b, int64_t here, size_t *count)
{
	begin_item(m->out, count);
	daily_put_text(m->out, "rule", b->rule);
	buf_put_byte(m->out, ',');
	daily_put_text(m->out, "subject", b->subject);
	buf_put_byte(m->out, ',');
	daily_put_time(m->out, "first", b->first);
	buf_put_byte(m->out, ',');
	daily_put_time(m->out, "last", b->last);
	put_number(m->out, "attempts", b->attempts);
	put_number(m->out, "here", here);
	put_number(m->out, "names", b->names);
	put_number(m->out, "hosts", (int64_t)b->host_count);
	buf_put_byte(m->out, '}');
}

static int
put_rules(struct making *m, struct err *e)
{
	const struct daily_bursts *all = &m->daily->bursts;
	size_t count = 0;

	if (daily_bursts_of(m->daily, m->record->day, e) == -1)
		return -1;
	buf_put_string(m->out, ",\"rules\":[");
	for (size_t i = 0; i < all->count; i++) {
		const struct daily_burst *b = &all->items[i];
		int64_t here = 0;

		for (size_t j = 0; j < b->host_count; j++)
			if (strcmp(b->hosts[j].host, m->host) == 0)
				here += b->hosts[j].count;
		if (here > 0)
			put_burst(m, b, here, &count);
	}
	m->record->rules = (int64_t)count;
	buf_printf(m->out, "]%s", all->more ? ",\"more_rules\":true" : "");
	return 0;
}

/* ---- Addresses that others warn of ---- */

static int
put_listed(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_origins", e);
	unsigned char address[NETWORK_BYTES];
	size_t count = 0;
	int more;

	buf_put_string(m->out, ",\"listed\":[");
	while ((more = store_step(s, e)) == 1) {
		const char *origin = column_text(s, 0), *list;

		if (!network_address(origin, address) ||
		    (list = listed_find(m->daily->listed, address)) == NULL ||
		    count >= DAILY_ITEMS_MAX)
			continue;
		begin_item(m->out, &count);
		daily_put_text(m->out, "origin", origin);
		buf_put_byte(m->out, ',');
		daily_put_text(m->out, "list", list);
		put_number(m->out, "count", column_int(s, 1));
		put_number(m->out, "logins", column_int(s, 2));
		buf_put_byte(m->out, '}');
		if (say_alert(m, "listed-source", origin, m->from, m->to,
		        column_int(s, 1) + column_int(s, 2), e) == -1) {
			more = -1;
			break;
		}
	}
	buf_put_byte(m->out, ']');
	store_done(s);
	return more;
}

/* ---- Logins ---- */

/* One account's logins of one origin, service and key; copied, since more is
 * asked of the store before it is told. */
struct login {
	char account[320], service[80], origin[320], key[80];
	int64_t count, first, last;
	int64_t object; /* 0: nobody knows whose it is */
	bool privileged, program;
};

static int64_t
find_object(struct making *m, const char *name, int64_t *object, struct err *e)
{
	struct statement *s = store_use(m->daily->store, "daily_object", e);
	int there;

	*object = 0;
	bind_text(s, ":host", m->host);
	bind_text(s, ":name", name);
	if ((there = store_step(s, e)) == 1)
		*object = column_int(s, 0);
	store_done(s);
	return there == -1 ? -1 : 0;
}

static int
know_account(struct making *m, struct login *l, struct err *e)
{
	struct statement *s;
	int there;

	if (find_object(m, l->account, &l->object, e) == -1)
		return -1;
	s = store_use(m->daily->store, "daily_account_get", e);
	bind_int(s, ":object", l->object);
	if ((there = store_step(s, e)) == 1) {
		l->privileged = column_int(s, 0) != 0;
		l->program = column_int(s, 1) != 0;
	}
	store_done(s);
	/* Who root is needs no directory. */
	if (strcmp(l->account, "root") == 0)
		l->privileged = true;
	return there == -1 ? -1 : 0;
}

static void
put_login(struct buf *array, size_t *count, const struct login *l)
{
	begin_item(array, count);
	daily_put_text(array, "account", l->account);
	buf_put_byte(array, ',');
	daily_put_text(array, "service", l->service);
	buf_put_byte(array, ',');
	daily_put_text(array, "origin", l->origin);
	put_number(array, "count", l->count);
	buf_put_byte(array, ',');
	daily_put_time(array, "first", l->first);
	buf_put_byte(array, ',');
	daily_put_time(array, "last", l->last);
}

static void
bind_account(struct statement *s, const struct making *m, const struct login *l)
{
	bind_text(s, ":host", m->host);
	bind_text(s, ":name", l->account);
	bind_int(s, ":object", l->object == 0 ? -1 : l->object);
	bind_int(s, ":from", m->from);
}

static bool
is_trusted(const struct daily *d, const unsigned char *address)
{
	for (size_t i = 0; i < d->trusted_count; i++)
		if (network_has(&d->trusted[i], address))
			return true;
	return false;
}

static int
judge_source(struct making *m, const struct login *l, struct err *e)
{
	unsigned char address[NETWORK_BYTES];
	struct statement *s;
	int there;

	if (!network_address(l->origin, address) ||
	    is_trusted(m->daily, address))
		return 0;
	s = store_use(m->daily->store, "daily_source_known", e);
	bind_account(s, m, l);
	bind_text(s, ":origin", l->origin);
	bind_int(
	    s, ":since", m->from - m->daily->limits.lookback * DAY_SECONDS_);
	there = store_step(s, e);
	store_done(s);
	if (there != 0)
		return there == -1 ? -1 : 0;
	if (m->unknown_count < DAILY_ITEMS_MAX) {
		put_login(&m->unknown_sources, &m->unknown_count, l);
		buf_put_byte(&m->unknown_sources, '}');
	}
	return alert_login(
	    m, "unknown-source", l->account, l->origin, l->last, l->count, e);
}

static int
judge_idle(struct making *m, const struct login *l, struct err *e)
{
	struct statement *s = store_use(m->daily->store, "daily_last_use", e);
	int64_t last = FACT_UNKNOWN, days;
	int there;

	bind_account(s, m, l);
	if ((there = store_step(s, e)) == 1)
		last = column_fact(s, 0);
	store_done(s);
	if (there != 1 || last == FACT_UNKNOWN)
		return there == -1 ? -1 : 0;
	days = (l->first - last) / DAY_SECONDS_;
	if (days < m->daily->limits.idle)
		return 0;
	if (m->idle_count < DAILY_ITEMS_MAX) {
		put_login(&m->idle, &m->idle_count, l);
		put_number(&m->idle, "days", days);
		buf_put_byte(&m->idle, '}');
	}
	return alert_login(
	    m, "idle-account", l->account, "", l->last, l->count, e);
}

/* By a person's way of logging in; programs have keys. */
static int
judge_program(struct making *m, const struct login *l, struct err *e)
{
	bool person = strcmp(l->service, "login") == 0 ||
	    strcmp(l->service, "su") == 0 ||
	    (strcmp(l->service, "sshd") == 0 && l->key[0] == '\0');

	if (!l->program || !person)
		return 0;
	if (m->service_count < DAILY_ITEMS_MAX) {
		put_login(&m->service, &m->service_count, l);
		buf_put_byte(&m->service, '}');
	}
	return alert_login(
	    m, "service-account", l->account, l->origin, l->last, l->count, e);
}

/* The employees that an account may be of; all candidates. */
static int
put_employees(struct making *m, int64_t object, size_t *count, struct err *e)
{
	struct statement *s = store_use(m->daily->store, "daily_employees", e);
	int more;

	bind_int(s, ":object", object);
	while ((more = store_step(s, e)) == 1) {
		const char *employee = column_text(s, 0);

		buf_put_string(&m->sessions, (*count)++ == 0 ? "" : ",");
		enc_json_string(&m->sessions, employee, strlen(employee));
	}
	store_done(s);
	return more;
}

/* The ticket that approved it beforehand, if there is one. */
static int
put_ticket(
    struct making *m, const struct login *l, const char *by, struct err *e)
{
	struct statement *s = store_use(m->daily->store, "daily_ticket", e);
	int there;

	bind_text(s, ":account", l->account);
	bind_text(s, ":by", by);
	bind_int(s, ":first", l->first);
	bind_int(s, ":last", l->last);
	buf_put_byte(&m->sessions, ',');
	there = store_step(s, e);
	daily_put_text(
	    &m->sessions, "ticket", there == 1 ? column_text(s, 0) : "");
	store_done(s);
	return there == -1 ? -1 : 0;
}

static bool
is_scheduled(const char *service)
{
	return strcmp(service, "cron") == 0 || strcmp(service, "crond") == 0 ||
	    strcmp(service, "atd") == 0 || strcmp(service, "systemd-user") == 0;
}

/* Every use of a highest-privilege account: to be examined. */
static int
keep_session(struct making *m, const struct login *l, struct err *e)
{
	unsigned char address[NETWORK_BYTES];
	bool by = l->origin[0] != '\0' && !network_address(l->origin, address);
	int64_t object;
	size_t count = 0;

	if (!l->privileged)
		return 0;
	if (is_scheduled(l->service)) {
		m->scheduled += l->count;
		return 0;
	}
	m->record->sessions += l->count;
	if (m->session_count == DAILY_SESSIONS_MAX) {
		m->record->state = "incomplete";
		m->record->reason = "too-many-sessions";
		return 0;
	}
	put_login(&m->sessions, &m->session_count, l);
	buf_put_byte(&m->sessions, ',');
	daily_put_text(&m->sessions, "by", by ? l->origin : "");
	if (put_ticket(m, l, by ? l->origin : "", e) == -1)
		return -1;
	buf_put_byte(&m->sessions, ',');
	daily_put_text(&m->sessions, "key", l->key);
	buf_put_string(&m->sessions, ",\"employees\":[");
	if (put_employees(m, l->object, &count, e) == -1 ||
	    (by &&
	        (find_object(m, l->origin, &object, e) == -1 ||
	            put_employees(m, object, &count, e) == -1)))
		return -1;
	buf_put_string(&m->sessions, "]}");
	return 0;
}

static int
judge_login(struct making *m, struct login *l, struct err *e)
{
	if (know_account(m, l, e) == -1 || judge_source(m, l, e) == -1 ||
	    judge_idle(m, l, e) == -1 || judge_program(m, l, e) == -1 ||
	    keep_session(m, l, e) == -1)
		return -1;
	return 0;
}

static void
copy(char *out, size_t size, struct statement *s, int column)
{
	const char *text = column_text(s, column);

	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static int
judge_logins(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_logins", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		struct login l = { .object = 0 };

		copy(l.account, sizeof(l.account), s, 0);
		copy(l.service, sizeof(l.service), s, 1);
		copy(l.origin, sizeof(l.origin), s, 2);
		copy(l.key, sizeof(l.key), s, 3);
		l.count = column_int(s, 4);
		l.first = column_int(s, 5);
		l.last = column_int(s, 6);
		if (judge_login(m, &l, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(s);
	return more;
}

static int
put_off_hours(struct making *m, struct err *e)
{
	struct statement *s;
	size_t count = 0;
	int more = 0;

	buf_put_string(m->out, ",\"off_hours\":[");
	if (m->daily->opens == -1) {
		buf_put_byte(m->out, ']');
		return 0;
	}
	s = ask(m, "daily_off_hours", e);
	bind_int(s, ":works", m->works);
	bind_int(s, ":opens", m->from + m->daily->opens);
	bind_int(s, ":closes", m->from + m->daily->closes);
	while ((more = store_step(s, e)) == 1) {
		struct login l = { .object = 0 };

		copy(l.account, sizeof(l.account), s, 0);
		copy(l.service, sizeof(l.service), s, 1);
		copy(l.origin, sizeof(l.origin), s, 2);
		l.count = column_int(s, 3);
		l.first = column_int(s, 4);
		l.last = column_int(s, 5);
		if (know_account(m, &l, e) == -1) {
			more = -1;
			break;
		}
		if (l.program || is_scheduled(l.service) ||
		    count >= DAILY_ITEMS_MAX)
			continue;
		put_login(m->out, &count, &l);
		buf_put_byte(m->out, '}');
	}
	store_done(s);
	buf_put_byte(m->out, ']');
	return more;
}

/* ---- The whole ---- */

static void
put_array(struct making *m, const char *name, struct buf *array)
{
	buf_printf(m->out, ",\"%s\":[%s]", name, buf_string(array));
	if (array->failed != ERR_NONE)
		m->out->failed = array->failed;
}

static void
put_health(struct making *m, const struct daily_health *h)
{
	size_t count = 0;

	buf_put_string(m->out, ",\"silent\":[");
	for (size_t i = 0; i < h->count; i++) {
		begin_item(m->out, &count);
		daily_put_time(m->out, "first", h->silent[i][0]);
		buf_put_byte(m->out, ',');
		daily_put_time(m->out, "last", h->silent[i][1]);
		buf_put_byte(m->out, '}');
	}
	buf_put_byte(m->out, ']');
}

static void
put_limits(struct making *m)
{
	const struct daily_limits *l = &m->daily->limits;

	buf_printf(m->out,
	    ",\"limits\":{\"spray_accounts\":%lld,\"stuffing_unknown\":%lld,"
	    "\"bruteforce_failures\":%lld,\"attempt_minutes\":%lld,"
	    "\"source_lookback_days\":%lld,\"idle_flag_days\":%lld,"
	    "\"trail_gap_hours\":%lld}",
	    (long long)l->spray, (long long)l->stuffing,
	    (long long)l->bruteforce, (long long)l->window / 60,
	    (long long)l->lookback, (long long)l->idle,
	    (long long)l->gap / 3600);
}

static int
find_core(struct making *m, struct err *e)
{
	struct statement *s = store_use(m->daily->store, "daily_core", e);
	int there;

	bind_text(s, ":host", m->host);
	if ((there = store_step(s, e)) == 1)
		m->core = column_int(s, 0) != 0;
	store_done(s);
	buf_printf(m->out, ",\"core\":%s", m->core ? "true" : "false");
	return there == 1 ? 0 : -1;
}

static int
find_import(struct making *m, struct err *e)
{
	struct statement *s = ask(m, "daily_import", e);
	int there;

	bind_int(s, ":from", m->from - m->daily->limits.gap);
	bind_int(s, ":to", m->to + m->daily->limits.gap);
	if ((there = store_step(s, e)) == 1)
		m->record->import = column_int(s, 0);
	store_done(s);
	return there == 1 ? 0 : -1;
}

static int
make(struct making *m, struct err *e)
{
	struct daily_health health;

	buf_put_byte(m->out, '{');
	if (find_import(m, e) == -1 ||
	    daily_health_of(m->daily, m->host, m->from, m->to, &health, e) ==
	        -1)
		return -1;
	m->record->state = health.reason[0] == '\0' ? "complete" : "incomplete";
	m->record->reason = health.reason;
	if (put_classes(m, e) == -1 || find_core(m, e) == -1 ||
	    put_distinct(m, e) == -1 || put_top_origins(m, e) == -1 ||
	    put_top_names(m, e) == -1 || put_rules(m, e) == -1 ||
	    put_listed(m, e) == -1 || judge_logins(m, e) == -1 ||
	    put_off_hours(m, e) == -1)
		return -1;
	put_array(m, "unknown_sources", &m->unknown_sources);
	put_array(m, "idle", &m->idle);
	put_array(m, "service", &m->service);
	put_array(m, "sessions", &m->sessions);
	put_number(m->out, "scheduled", m->scheduled);
	put_health(m, &health);
	put_limits(m);
	put_number(m->out, "import", m->record->import);
	buf_put_byte(m->out, '}');
	return buf_status(m->out, e);
}

void
daily_record_clear(struct daily_record *r)
{
	buf_free(&r->facts);
}

int
daily_examine(struct daily *d, int64_t day, const char *source,
    struct daily_record *r, daily_alert_fn *alert, void *context, struct err *e)
{
	struct making m = { .daily = d,
		.record = r,
		.out = &r->facts,
		.host = r->source,
		.from = day_start(day, d->zone),
		.to = day_start(day + 1, d->zone),
		.alert = alert,
		.context = context,
		.unknown_sources = buf_new(FACTS_MAX),
		.idle = buf_new(FACTS_MAX),
		.service = buf_new(FACTS_MAX),
		.sessions = buf_new(FACTS_MAX) };
	int works = workday_is(d->store, day, e), result = -1;

	*r = (struct daily_record){ .day = day, .facts = buf_new(FACTS_MAX) };
	(void)snprintf(r->source, sizeof(r->source), "%s", source);
	m.works = works == 1;
	if (works != -1 && workday_due(d->store, day, d->zone, &r->due, e) == 0)
		result = make(&m, e);
	buf_free(&m.unknown_sources);
	buf_free(&m.idle);
	buf_free(&m.service);
	buf_free(&m.sessions);
	if (result == -1) {
		daily_record_clear(r);
		return err_in(e, "%s", source);
	}
	return 0;
}
