#include "pamod/throttle.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/base/file.h"

#define MS_PER_SECOND INT64_C(1000)
#define SECONDS_A_DAY INT64_C(86400)
#define OVERFLOW_NAME "overflow" /* no address is spelt so */
#define PROBES        8u
#define KEY_BYTES     16u

/*
 * Since then, in ms. An uptime later than now can't be of this boot: it is
 * taken for its start, so that nothing waits for a time that may never come.
 */
static int64_t
elapsed(int64_t then, int64_t now)
{
	return then < 0 || then > now ? now : now - then;
}

/* What is left of a wait, in ms. */
static int64_t
left(int64_t wait_seconds, int64_t then, int64_t now)
{
	int64_t passed = elapsed(then, now);
	int64_t wait = wait_seconds * MS_PER_SECOND;

	return wait > passed ? wait - passed : 0;
}

/* 1 s after the last free failure, then twice as long with each. */
static int64_t
backoff_seconds(uint32_t failures, int64_t free, int64_t longest)
{
	int64_t over = (int64_t)failures - free;

	if (over < 0)
		return 0;
	if (over > 30 || INT64_C(1) << over > longest)
		return longest;
	return INT64_C(1) << over;
}

static int64_t
source_left(const struct state_source *s, const struct throttle_rules *rules,
    int64_t uptime)
{
	return left(
	    backoff_seconds(s->failures, rules->attempts, rules->lock_seconds),
	    s->failure_uptime, uptime);
}

static bool
is_known(const struct state_source *s, const struct throttle_rules *rules,
    int64_t now)
{
	/* A success in the future: the clock was set back since. */
	return s->source[0] != '\0' && s->last_success != 0 &&
	    now - s->last_success <= rules->known_days * SECONDS_A_DAY &&
	    rules->known_days > 0;
}

/* A place is an index into sources, or OVERFLOW. */
#define OVERFLOW STATE_SOURCES_MAX
#define LOCAL    (STATE_SOURCES_MAX - 1)

static struct state_source *
source_at(struct state_user *u, size_t place)
{
	return place == OVERFLOW ? &u->overflow : &u->sources[place];
}

static size_t
find_source(const struct state_user *u, const char *source)
{
	for (size_t i = 0; i < STATE_SOURCES_MAX; i++)
		if (strcmp(u->sources[i].source, source) == 0)
			return i;
	return OVERFLOW;
}

/*
 * The host itself: its console, sudo and su, which name no address. It has
 * the last place to itself, so that strangers can't push it out, and does not
 * wait for what they did; who guesses there waits for that.
 */
static bool
is_local(const char *source)
{
	return strcmp(source, THROTTLE_LOCAL) == 0;
}

/*
 * Where this source is counted: its own place; an empty one; the longest idle
 * one whose back-off has ended and which is not known, so that strangers
 * can't push out the places from which the user comes; else the overflow.
 */
static size_t
find_place(const struct state_user *u, const char *source,
    const struct throttle_rules *rules, int64_t now)
{
	size_t best = find_source(u, source);
	int64_t longest = -1;

	if (best != OVERFLOW)
		return best;
	if (is_local(source))
		return LOCAL;
	for (size_t i = 0; i < LOCAL; i++) {
		const struct state_source *s = &u->sources[i];
		int64_t idle = elapsed(s->failure_uptime, u->uptime);

		if (s->source[0] == '\0')
			return i;
		if (idle > longest && !is_known(s, rules, now) &&
		    source_left(s, rules, u->uptime) == 0) {
			best = i;
			longest = idle;
		}
	}
	return best;
}

/* In ms. */
static int64_t
backoff_left(const struct state_user *u, const char *source,
    const struct throttle_rules *rules, int64_t now)
{
	size_t place = find_place(u, source, rules, now);
	int64_t wide = left(backoff_seconds(u->failures, rules->user_attempts,
	                        rules->lock_seconds),
	    u->failure_uptime, u->uptime);
	const struct state_source *s;
	int64_t own;

	if (place == OVERFLOW)
		own = source_left(&u->overflow, rules, u->uptime);
	else {
		s = &u->sources[place];
		if (is_local(source))
			wide = 0;
		if (strcmp(s->source, source) != 0)
			return wide; /* to be taken over */
		own = source_left(s, rules, u->uptime);
		if (is_known(s, rules, now))
			return own;
	}
	return own > wide ? own : wide;
}

/* In ms, of a hard lock. */
static int64_t
lock_left(const struct state_user *u, const struct throttle_rules *rules)
{
	if ((int64_t)u->failures < rules->attempts)
		return 0;
	return left(rules->lock_seconds, u->failure_uptime, u->uptime);
}

static void
count_up(uint32_t *failures)
{
	if (*failures < UINT32_MAX)
		(*failures)++;
}

static void
count_down(uint32_t *failures)
{
	if (*failures > 0)
		(*failures)--;
}

static struct state_source *
take_place(struct state_user *u, const char *source,
    const struct throttle_rules *rules, int64_t now)
{
	size_t place = find_place(u, source, rules, now);
	struct state_source *s = source_at(u, place);
	const char *name = place == OVERFLOW ? OVERFLOW_NAME : source;

	if (strcmp(s->source, name) != 0) {
		*s = (struct state_source){ 0 };
		memcpy(s->source, name, strlen(name) + 1);
	}
	/* Nobody's success ever resets it; quiet does. */
	if (place == OVERFLOW &&
	    left(rules->lock_seconds, s->failure_uptime, u->uptime) == 0)
		s->failures = 0;
	/* A success in the future would be known for ever. */
	if (s->last_success > now)
		s->last_success = now;
	return s;
}

static void
count_failure(struct state_user *u, struct state_source *place,
    const struct throttle_rules *rules, int64_t now)
{
	count_up(&place->failures);
	place->last_failure = now;
	place->failure_uptime = u->uptime;
	/* A hard lock that has ended: the count begins anew. */
	if (rules->style == THROTTLE_LOCK &&
	    (int64_t)u->failures >= rules->attempts)
		u->failures = 0;
	count_up(&u->failures);
	count_up(&u->failures_since_login);
	u->last_failure = now;
	u->failure_uptime = u->uptime;
	u->locked = rules->style == THROTTLE_LOCK &&
	    (int64_t)u->failures >= rules->attempts;
	u->locked_since = u->locked ? now : 0;
}

static bool
is_source(const char *source)
{
	return source[0] != '\0' && strlen(source) < STATE_SOURCE_MAX;
}

enum throttle_answer
throttle_reserve(struct state_user *u, const char *source,
    const struct throttle_rules *rules, int64_t now)
{
	if (!is_source(source) || throttle_wait(u, source, rules, now) > 0)
		return THROTTLE_REFUSE;
	count_failure(u, take_place(u, source, rules, now), rules, now);
	return THROTTLE_GO;
}

int64_t
throttle_wait(const struct state_user *u, const char *source,
    const struct throttle_rules *rules, int64_t now)
{
	int64_t ms = rules->style == THROTTLE_LOCK
	    ? lock_left(u, rules)
	    : backoff_left(u, source, rules, now);

	return (ms + MS_PER_SECOND - 1) / MS_PER_SECOND;
}

/* The place that a success takes: the one that will be missed least. */
static size_t
place_of_success(const struct state_user *u, const char *source)
{
	size_t found = find_source(u, source);
	const struct state_source *best = &u->sources[0];

	if (found != OVERFLOW)
		return found;
	if (is_local(source))
		return LOCAL;
	for (size_t i = 0; i < LOCAL; i++) {
		const struct state_source *s = &u->sources[i];

		if (s->source[0] == '\0')
			return i;
		if (s->failures != best->failures
		        ? s->failures < best->failures
		        : s->last_success < best->last_success)
			best = s;
	}
	return (size_t)(best - u->sources);
}

void
throttle_success(struct state_user *u, const char *source, int64_t now)
{
	struct state_source *s;

	if (!is_source(source))
		return;
	throttle_forgive(u, source);
	s = &u->sources[place_of_success(u, source)];
	*s = (struct state_source){ .last_success = now };
	memcpy(s->source, source, strlen(source) + 1);
	u->failures = 0;
	u->locked = 0;
	u->locked_since = 0;
}

void
throttle_forgive(struct state_user *u, const char *source)
{
	count_down(&source_at(u, find_source(u, source))->failures);
	count_down(&u->failures);
	count_down(&u->failures_since_login);
	u->locked = 0;
	u->locked_since = 0;
}

void
throttle_unlock(struct state_user *u)
{
	for (size_t i = 0; i < STATE_SOURCES_MAX; i++)
		u->sources[i].failures = 0;
	u->overflow = (struct state_source){ 0 };
	u->failures = 0;
	u->locked = 0;
	u->locked_since = 0;
}

static void
spell_ipv4(const struct in_addr *a, char *out)
{
	if (inet_ntop(AF_INET, a, out, STATE_SOURCE_MAX) == NULL)
		memcpy(out, "name", sizeof("name"));
}

static void
spell_ipv6(struct in6_addr *a, char *out)
{
	struct in_addr inner;

	if (IN6_IS_ADDR_V4MAPPED(a)) {
		memcpy(&inner, a->s6_addr + 12, sizeof(inner));
		spell_ipv4(&inner, out);
		return;
	}
	memset(a->s6_addr + 8, 0, 8);
	if (inet_ntop(AF_INET6, a, out, STATE_SOURCE_MAX - 3) == NULL)
		memcpy(out, "name", sizeof("name"));
	else
		memcpy(out + strlen(out), "/64", sizeof("/64"));
}

void
throttle_source(const char *rhost, char *out)
{
	char address[INET6_ADDRSTRLEN] = "";
	struct in_addr ipv4;
	struct in6_addr ipv6;
	size_t length;

	if (rhost == NULL || rhost[0] == '\0') {
		memcpy(out, THROTTLE_LOCAL, sizeof(THROTTLE_LOCAL));
		return;
	}
	length = strcspn(rhost, "%"); /* "fe80::1%eth0", RFC 4007 section 11 */
	if (length < sizeof(address))
		memcpy(address, rhost, length);
	if (rhost[length] == '\0' && inet_pton(AF_INET, address, &ipv4) == 1)
		spell_ipv4(&ipv4, out);
	else if (inet_pton(AF_INET6, address, &ipv6) == 1)
		spell_ipv6(&ipv6, out);
	else
		memcpy(out, "name", sizeof("name"));
}

/* A row of the table for names that are not ours. */
struct row {
	unsigned char key[KEY_BYTES]; /* of the source; zeros: empty */
	uint32_t failures;
	uint32_t boot;  /* the first bytes of the boot id */
	int64_t uptime; /* of the last failure, ms */
};

static int
read_row(int fd, size_t i, uint32_t boot, struct row *row, struct err *e)
{
	unsigned char bytes[STATE_TABLE_ROW];
	struct cursor c;

	if (file_get(fd, bytes, sizeof(bytes), (off_t)(i * STATE_TABLE_ROW),
	        e) == -1)
		return -1;
	c = cursor_new(bytes, sizeof(bytes));
	cursor_copy(&c, row->key, sizeof(row->key));
	row->failures = cursor_u32(&c);
	row->boot = cursor_u32(&c);
	row->uptime = (int64_t)cursor_u64(&c);
	if (row->boot != boot)
		row->uptime = 0;
	return 0;
}

static int
write_row(int fd, size_t i, const struct row *row, struct err *e)
{
	struct buf b = buf_new(STATE_TABLE_ROW);
	int result;

	buf_put(&b, row->key, sizeof(row->key));
	buf_put_u32(&b, row->failures);
	buf_put_u32(&b, row->boot);
	buf_put_u64(&b, (uint64_t)row->uptime);
	result = buf_status(&b, e);
	if (result == 0)
		result = file_put(
		    fd, b.data, b.length, (off_t)(i * STATE_TABLE_ROW), e);
	buf_free(&b);
	return result;
}

static int64_t
row_left(
    const struct row *row, const struct throttle_rules *rules, int64_t uptime)
{
	int64_t wait = rules->style == THROTTLE_LOCK
	    ? ((int64_t)row->failures < rules->attempts ? 0
	                                                : rules->lock_seconds)
	    : backoff_seconds(
	          row->failures, rules->attempts, rules->lock_seconds);

	return left(wait, row->uptime, uptime);
}

/*
 * The source's row, or one that it may take over, or the overflow: a row is
 * free once it has been quiet for the longest wait.
 */
static int
find_row(int fd, const unsigned char *key, uint32_t boot, int64_t uptime,
    const struct throttle_rules *rules, size_t *place, struct row *row,
    struct err *e)
{
	size_t first = ((size_t)key[0] << 8 | key[1]) % STATE_TABLE_ROWS;

	*place = STATE_TABLE_ROWS;
	for (size_t probe = 0; probe < PROBES; probe++) {
		size_t i = (first + probe) % STATE_TABLE_ROWS;

		if (read_row(fd, i, boot, row, e) == -1)
			return -1;
		if (memcmp(row->key, key, KEY_BYTES) == 0) {
			*place = i;
			return 0;
		}
		if (*place == STATE_TABLE_ROWS &&
		    (row->failures == 0 ||
		        left(rules->lock_seconds, row->uptime, uptime) == 0))
			*place = i;
	}
	return read_row(fd, *place, boot, row, e);
}

static enum throttle_answer
reserve_row(struct state *state, int fd, const unsigned char *key,
    const struct throttle_rules *rules, struct err *e)
{
	uint32_t boot;
	int64_t uptime;
	size_t place;
	struct row row;

	memcpy(&boot, state_boot(state), sizeof(boot));
	if (state_uptime(state, &uptime, e) == -1 ||
	    find_row(fd, key, boot, uptime, rules, &place, &row, e) == -1)
		return THROTTLE_REFUSE;
	if (left(rules->lock_seconds, row.uptime, uptime) == 0)
		row.failures = 0;
	if (row_left(&row, rules, uptime) > 0)
		return THROTTLE_REFUSE;
	memcpy(row.key, key, KEY_BYTES);
	count_up(&row.failures);
	row.boot = boot;
	row.uptime = uptime;
	return write_row(fd, place, &row, e) == 0 ? THROTTLE_GO
	                                          : THROTTLE_REFUSE;
}

enum throttle_answer
throttle_reserve_unknown(struct state *state, const char *source,
    const struct throttle_rules *rules, struct err *e)
{
	struct file_rule rule = { .owner = 0, .forbidden = 077 };
	enum throttle_answer answer = THROTTLE_REFUSE;
	unsigned char key[32];
	int fd;

	e->code = ERR_NONE; /* REFUSE with that is a wait, not a fault */
	if (state_hash(state, "source", source, key, e) == -1)
		return THROTTLE_REFUSE;
	fd =
	    file_open_at(state_directory(state), STATE_TABLE, O_RDWR, &rule, e);
	if (fd != -1 && file_lock(fd, true, STATE_WAIT_MS, e) == 0)
		answer = reserve_row(state, fd, key, rules, e);
	file_close(&fd);
	return answer;
}
