#include "review/authlog.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schema/base/enc.h"

#define DAY_SECONDS 86400
#define YEARS_BACK  9 /* so that there is a 29 February, even about 2100 */

/* A part of a line that is being eaten from both ends. */
struct span {
	const char *at;
	size_t length;
};

static struct span
span_of(const char *at, size_t length)
{
	struct span s = { at, length };

	return s;
}

static bool
take_start(struct span *s, const char *text)
{
	size_t length = strlen(text);

	if (s->length < length || memcmp(s->at, text, length) != 0)
		return false;
	s->at += length;
	s->length -= length;
	return true;
}

static bool
take_end(struct span *s, const char *text)
{
	size_t length = strlen(text);

	if (s->length < length ||
	    memcmp(s->at + s->length - length, text, length) != 0)
		return false;
	s->length -= length;
	return true;
}

/* What is before the first mark becomes *before, what is behind stays. */
static bool
split_first(struct span *s, const char *mark, struct span *before)
{
	size_t length = strlen(mark);
	const char *found = memmem(s->at, s->length, mark, length);

	if (found == NULL)
		return false;
	*before = span_of(s->at, (size_t)(found - s->at));
	s->length -= before->length + length;
	s->at = found + length;
	return true;
}

/* What is behind the last mark becomes *behind, what is before stays. */
static bool
split_last(struct span *s, const char *mark, struct span *behind)
{
	size_t length = strlen(mark);

	if (s->length < length)
		return false;
	for (size_t i = s->length - length + 1; i-- > 0;)
		if (memcmp(s->at + i, mark, length) == 0) {
			*behind =
			    span_of(s->at + i + length, s->length - i - length);
			s->length = i;
			return true;
		}
	return false;
}

static size_t
count_of(struct span s, const char *mark)
{
	struct span before;
	size_t count = 0;

	while (split_first(&s, mark, &before))
		count++;
	return count;
}

static bool
span_is(struct span s, const char *text)
{
	return take_start(&s, text) && s.length == 0;
}

/* Text that may be stored and shown. */
static bool
copy(char *out, size_t size, struct span s)
{
	if (s.length >= size || !enc_is_utf8(s.at, s.length))
		return false;
	for (size_t i = 0; i < s.length; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
			return false;
	memcpy(out, s.at, s.length);
	out[s.length] = '\0';
	return true;
}

static bool
number_of(struct span s, int64_t max, int64_t *number)
{
	*number = 0;
	if (s.length == 0 || s.length > 10)
		return false;
	for (size_t i = 0; i < s.length; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		*number = *number * 10 + (s.at[i] - '0');
	}
	return *number <= max;
}

/* ---- sshd ---- */

/* Somebody's typing: kept for as long as it takes to count it. */
static void
set_typed(struct authlog_event *event, struct span s)
{
	size_t kept =
	    s.length < sizeof(event->typed) ? s.length : sizeof(event->typed);

	event->nobody = true;
	event->why = AUTHLOG_NO_ACCOUNT;
	memcpy(event->typed, s.at, kept);
	event->typed_length = s.length;
}

/* An address, or what sshd says when it knows none. */
static bool
take_origin(struct span s, struct authlog_event *event)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[AUTHLOG_TEXT_MAX + 1];
	struct span bare = s, scope;

	if (span_is(s, "UNKNOWN"))
		return true;
	if (!copy(event->origin, sizeof(event->origin), s))
		return false;
	(void)split_last(&bare, "%", &scope);
	return copy(text, sizeof(text), bare) &&
	    (inet_pton(AF_INET, text, address) == 1 ||
	        inet_pton(AF_INET6, text, address) == 1);
}

/* "... MARK ADDRESS port N" at the end; what is before stays. */
static bool
take_peer(struct span *s, const char *mark, struct authlog_event *event)
{
	struct span port, origin;

	return split_last(s, " port ", &port) &&
	    number_of(port, 65535, &event->port) &&
	    split_last(s, mark, &origin) && take_origin(origin, event);
}

static bool
is_fingerprint(struct span s)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

	if (!take_start(&s, "SHA256:") || s.length != 43)
		return false;
	for (size_t i = 0; i < s.length; i++)
		if (memchr(base64, s.at[i], sizeof(base64) - 1) == NULL)
			return false;
	return true;
}

static bool
is_key_type(struct span s)
{
	for (size_t i = 0; i < s.length; i++)
		if (!(s.at[i] >= 'A' && s.at[i] <= 'Z') &&
		    !(s.at[i] >= '0' && s.at[i] <= '9') && s.at[i] != '-')
			return false;
	return s.length > 0;
}

/*
 * "... ssh2: TYPE-CERT SHA256:... ID text (serial N) CA TYPE SHA256:...": the
 * name before and the id behind are both somebody's, so there must be just one
 * place where the one may end and the other begin.
 */
static bool
take_certificate(struct span *s, struct authlog_event *event)
{
	static const char mark[] = " ssh2: ";
	const size_t length = sizeof(mark) - 1;
	struct span found = { NULL, 0 };

	for (size_t i = 0; i + length <= s->length; i++) {
		struct span before = span_of(s->at, i), name = before, type;
		struct span rest =
		    span_of(s->at + i + length, s->length - i - length);
		struct span print;
		struct authlog_event scratch = { .port = -1 };

		if (memcmp(s->at + i, mark, length) != 0 ||
		    !split_first(&rest, " ", &type) ||
		    !take_end(&type, "-CERT") || !is_key_type(type) ||
		    !split_first(&rest, " ", &print) ||
		    !is_fingerprint(print) || !take_start(&rest, "ID ") ||
		    !take_peer(&name, " from ", &scratch))
			continue;
		if (found.at != NULL)
			return false;
		found = before;
		(void)copy(event->key, sizeof(event->key), print);
	}
	if (found.at == NULL)
		return false;
	*s = found;
	return true;
}

/* " ssh2" or " ssh2: TYPE SHA256:..." at the end. */
static bool
take_key(struct span *s, struct authlog_event *event)
{
	struct span rest = *s, print, type;

	if (take_end(s, " ssh2"))
		return true;
	if (!split_last(&rest, " ", &print) || !is_fingerprint(print) ||
	    !split_last(&rest, " ", &type) || !is_key_type(type))
		return false;
	if (!take_end(&rest, " ssh2:"))
		return take_certificate(s, event);
	*s = rest;
	return copy(event->key, sizeof(event->key), print);
}

/* "METHOD for [invalid user ]NAME from ADDRESS port N ssh2[: KEY]". */
static int
sshd_outcome(struct span s, struct authlog_event *event)
{
	struct span method;

	if (!split_first(&s, " ", &method) || !take_start(&s, "for ") ||
	    !take_key(&s, event) || !take_peer(&s, " from ", event))
		return -1;
	/* Every client begins with "none", to hear which methods there are. */
	if (event->kind == AUTHLOG_FAILED && span_is(method, "none"))
		return 0;
	if (event->kind == AUTHLOG_FAILED && take_start(&s, "invalid user ")) {
		set_typed(event, s);
		return 1;
	}
	if (s.length == 0 || !copy(event->user, sizeof(event->user), s))
		return -1;
	return 1;
}

/* "NAME from ADDRESS port N": somebody's typing, which may be a password. */
static int
sshd_invalid(struct span s, struct authlog_event *event)
{
	if (!take_peer(&s, " from ", event))
		return -1;
	set_typed(event, s);
	return 1;
}

/* "NAME[ from HOST] not allowed because REASON". HOST may be a name. */
static int
sshd_denied(struct span s, struct authlog_event *event)
{
	struct span reason, host;

	if (!split_last(&s, " not allowed because ", &reason))
		return 0;
	if (split_last(&s, " from ", &host) && !take_origin(host, event))
		event->origin[0] = '\0';
	if (s.length == 0 || !copy(event->user, sizeof(event->user), s))
		return -1;
	event->why = span_is(reason, "account is locked") ? AUTHLOG_DISABLED
	                                                  : AUTHLOG_REFUSED;
	return 1;
}

/* "NAME by PAM account configuration": its password was right. */
static int
sshd_refused(struct span s, struct authlog_event *event)
{
	event->why = AUTHLOG_REFUSED;
	return take_end(&s, " by PAM account configuration") && s.length > 0 &&
	        copy(event->user, sizeof(event->user), s)
	    ? 1
	    : -1;
}

/* "NAME ADDRESS port N" of a login that was one. */
static int
sshd_gone(struct span s, struct authlog_event *event)
{
	if (!take_peer(&s, " ", event) ||
	    !copy(event->user, sizeof(event->user), s))
		return -1;
	return 1;
}

/* ---- sudo, su, login ---- */

/* A name that may have "(uid=N)" behind it. */
static void
drop_uid(struct span *s)
{
	struct span before = *s, uid;
	int64_t number;

	if (take_end(&before, ")") && split_last(&before, "(uid=", &uid) &&
	    number_of(uid, UINT32_MAX, &number))
		*s = before;
}

static int
pam_opened(struct span s, struct authlog_event *event)
{
	struct span by = { NULL, 0 };

	if (split_last(&s, " by ", &by)) {
		drop_uid(&by);
		if (!copy(event->by, sizeof(event->by), by))
			return -1;
	}
	drop_uid(&s);
	if (s.length == 0 || !copy(event->user, sizeof(event->user), s))
		return -1;
	return 1;
}

static int
pam_closed(struct span s, struct authlog_event *event)
{
	if (s.length == 0 || !copy(event->user, sizeof(event->user), s))
		return -1;
	return 1;
}

/* "[TTY=... ; ]PWD=... ; USER=... ; COMMAND=..." */
static bool
sudo_target(struct span s, struct span *target)
{
	struct span before;

	return count_of(s, " ; USER=") == 1 &&
	    split_first(&s, " ; USER=", &before) &&
	    split_first(&s, " ; ", target) && target->length > 0;
}

static bool
sudo_begins(struct span s)
{
	return take_start(&s, "TTY=") || take_start(&s, "PWD=") ||
	    take_start(&s, "HOST=");
}

/* What texts say of why, by a part of them; the first that is there. */
struct why_text {
	const char *part;
	enum authlog_class why;
};

static enum authlog_class
why_of(const struct why_text *texts, struct span s)
{
	for (; texts->part != NULL; texts++)
		if (memmem(s.at, s.length, texts->part, strlen(texts->part)) !=
		    NULL)
			return texts->why;
	return texts->why;
}

static const struct why_text sudo_reasons[] = {
	{ "account validation failure", AUTHLOG_LOCKED },
	{ "NOT in sudoers", AUTHLOG_REFUSED },
	{ "not in sudoers", AUTHLOG_REFUSED },
	{ "not allowed", AUTHLOG_REFUSED },
	{ "ccount or password is expired", AUTHLOG_PASSWORD },
	{ "assword expired", AUTHLOG_PASSWORD },
	{ NULL, AUTHLOG_SECRET },
};

/* pam_strerror(3), as login prints it. */
static const struct why_text pam_texts[] = {
	{ "User not known", AUTHLOG_NO_ACCOUNT },
	{ "cannot retrieve authentication info", AUTHLOG_DIRECTORY },
	{ "account has expired", AUTHLOG_DISABLED },
	{ "token is no longer valid", AUTHLOG_PASSWORD },
	{ "token expired", AUTHLOG_PASSWORD },
	{ "Permission denied", AUTHLOG_REFUSED },
	{ "maximum number of", AUTHLOG_LOCKED },
	{ NULL, AUTHLOG_SECRET },
};

/* "3 incorrect password attempts", "user NOT in sudoers". */
static int64_t
sudo_failures(struct span reason)
{
	struct span number;
	int64_t count;

	if (split_first(&reason, " incorrect password", &number) &&
	    number_of(number, 1000, &count) && count > 0)
		return count;
	return 1;
}

/*
 * "  NAME : [REASON ; ]TTY=... ; PWD=... ; USER=... ; COMMAND=...". The
 * working directory is somebody's choice, so a second " ; USER=" leaves the
 * account open; PAM's next line has it.
 */
static int
sudo_use(struct span s, struct authlog_event *event)
{
	struct span name, reason, target;

	while (take_start(&s, " "))
		;
	if (!split_first(&s, " : ", &name))
		return 0;
	if (take_start(&s, "(command continued)"))
		return 0;
	event->kind = AUTHLOG_LOGIN;
	if (!sudo_begins(s)) {
		if (!split_first(&s, " ; ", &reason) || !sudo_begins(s))
			return 0;
		event->kind = AUTHLOG_FAILED;
		event->count = sudo_failures(reason);
		event->why = why_of(sudo_reasons, reason);
	}
	if (name.length == 0 || !copy(event->by, sizeof(event->by), name))
		return -1;
	if (!sudo_target(s, &target)) {
		event->ambiguous = true;
		return 1;
	}
	/* Asking what one may do is no use of the account. */
	if (take_end(&s, " ; COMMAND=list") ||
	    take_end(&s, " ; COMMAND=validate"))
		return 0;
	return copy(event->user, sizeof(event->user), target) ? 1 : -1;
}

/* "(to NAME) BY on TTY" */
static int
su_use(struct span s, struct authlog_event *event)
{
	struct span tty, by;

	if (!split_last(&s, " on ", &tty) || !split_last(&s, ") ", &by) ||
	    s.length == 0 || by.length == 0 ||
	    !copy(event->user, sizeof(event->user), s) ||
	    !copy(event->by, sizeof(event->by), by))
		return -1;
	return 1;
}

/*
 * "(N)[ on 'TTY'| from 'HOST'] FOR 'NAME', REASON" of shadow's login, and
 * "N FROM HOST FOR NAME, REASON" of util-linux's.
 */
static int
login_failed(struct span s, struct authlog_event *event)
{
	struct span reason, name = { NULL, 0 }, before;

	if (!split_last(&s, ", ", &reason) ||
	    !split_first(&s, " FOR ", &before))
		return -1;
	name = s;
	event->why = why_of(pam_texts, reason);
	if (take_start(&name, "'") && !take_end(&name, "'"))
		return -1;
	if (span_is(name, "UNKNOWN") || span_is(name, "(unknown)")) {
		set_typed(event, span_of("", 0));
		return 1;
	}
	if (event->why == AUTHLOG_NO_ACCOUNT) {
		set_typed(event, name);
		return 1;
	}
	return copy(event->user, sizeof(event->user), name) ? 1 : -1;
}

/* ---- What PAM's modules say beside ---- */

/* The results of pam_sss, by the number of Linux-PAM. */
static const struct {
	int64_t number;
	enum authlog_class why;
} pam_results[] = {
	{ 6, AUTHLOG_REFUSED },     /* PAM_PERM_DENIED */
	{ 9, AUTHLOG_DIRECTORY },   /* PAM_AUTHINFO_UNAVAIL */
	{ 10, AUTHLOG_NO_ACCOUNT }, /* PAM_USER_UNKNOWN */
	{ 11, AUTHLOG_LOCKED },     /* PAM_MAXTRIES */
	{ 12, AUTHLOG_PASSWORD },   /* PAM_NEW_AUTHTOK_REQD */
	{ 13, AUTHLOG_DISABLED },   /* PAM_ACCT_EXPIRED */
};

/* "received for user NAME: N (TEXT)", from sssd. */
static int
sss_result(struct span s, struct authlog_event *event)
{
	struct span behind, number;
	int64_t result;

	if (!split_last(&s, ": ", &behind) ||
	    !split_first(&behind, " (", &number) ||
	    !number_of(number, 1000, &result))
		return -1;
	for (size_t i = 0; i < sizeof(pam_results) / sizeof(pam_results[0]);
	     i++)
		if (pam_results[i].number == result) {
			event->why = pam_results[i].why;
			return 1;
		}
	return 0;
}

static int
hint_locked(struct span s, struct authlog_event *event)
{
	event->why = AUTHLOG_LOCKED;
	return take_end(&s, "account temporarily locked") ? 1 : 0;
}

static int
hint_expired(struct span s, struct authlog_event *event)
{
	event->why = AUTHLOG_DISABLED;
	return take_end(&s, " has expired (account expired)") ? 1 : 0;
}

static const struct {
	const char *module, *start;
	int (*read)(struct span, struct authlog_event *);
} hints[] = {
	{ "pam_sss(", "received for user ", sss_result },
	{ "pam_faillock(", "Consecutive login failures for user ",
	    hint_locked },
	{ "pam_unix(", "account ", hint_expired },
};

/* "MODULE(SERVICE:auth): TEXT" or "...:account): TEXT". */
static int
read_hint(struct span s, struct authlog_event *event)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		struct span rest = s, service;

		if (!take_start(&rest, hints[i].module) ||
		    !split_first(&rest, "): ", &service) ||
		    memchr(service.at, ' ', service.length) != NULL ||
		    (!take_end(&service, ":auth") &&
		        !take_end(&service, ":account")) ||
		    !take_start(&rest, hints[i].start))
			continue;
		event->kind = AUTHLOG_HINT;
		/* One that can't be read tells nothing. */
		return hints[i].read(rest, event) == 1 ? 1 : 0;
	}
	return 0;
}

/* ---- Messages ---- */

/* Who writes, by the tag, and what it is called in facts. */
static const struct {
	const char *tag;
	const char *service;
} services[] = {
	{ "sshd", "sshd" },
	{ "sshd-session", "sshd" }, /* OpenSSH 9.8 and later */
	{ "sshd-auth", "sshd" },    /* OpenSSH 10 */
	{ "sudo", "sudo" },
	{ "su", "su" },
	{ "login", "login" },
	{ "gdm-password", "login" },
	{ "lightdm", "login" },
	{ "sddm", "login" },
	{ "xrdp-sesman", "login" },
	{ "cockpit-session", "login" },
};

/* A message by how it begins. PAM's is said by all of them. */
static const struct {
	const char *service; /* NULL: any */
	const char *start;
	enum authlog_kind kind;
	int (*read)(struct span, struct authlog_event *);
} messages[] = {
	{ "sshd", "Accepted ", AUTHLOG_LOGIN, sshd_outcome },
	{ "sshd", "Failed ", AUTHLOG_FAILED, sshd_outcome },
	{ "sshd", "Invalid user ", AUTHLOG_UNKNOWN, sshd_invalid },
	{ "sshd", "Disconnected from user ", AUTHLOG_GONE, sshd_gone },
	{ "sshd", "User ", AUTHLOG_DENIED, sshd_denied },
	{ "sshd", "fatal: Access denied for user ", AUTHLOG_DENIED,
	    sshd_refused },
	{ "sshd", "Access denied for user ", AUTHLOG_DENIED, sshd_refused },
	{ "su", "(to ", AUTHLOG_LOGIN, su_use },
	{ "su", "FAILED SU (to ", AUTHLOG_FAILED, su_use },
	{ "login", "FAILED LOGIN ", AUTHLOG_FAILED, login_failed },
	{ NULL, "session opened for user ", AUTHLOG_OPENED, pam_opened },
	{ NULL, "session closed for user ", AUTHLOG_CLOSED, pam_closed },
	{ "sudo", "", AUTHLOG_LOGIN, sudo_use },
};

static const char *
service_of(const char *tag)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i].tag, tag) == 0)
			return services[i].service;
	return NULL;
}

/* "pam_unix(SERVICE:session): " */
static bool
take_pam(struct span *s)
{
	struct span service;

	return take_start(s, "pam_unix(") &&
	    split_first(s, ":session): ", &service) &&
	    memchr(service.at, ' ', service.length) == NULL;
}

/* rsyslog's "message repeated N times: [ TEXT]". */
static int64_t
take_repeated(struct span *s)
{
	struct span inside = *s, number;
	int64_t count;

	if (!take_start(&inside, "message repeated ") ||
	    !split_first(&inside, " times: [ ", &number) ||
	    !number_of(number, 1000000, &count) || count < 1 ||
	    !take_end(&inside, "]"))
		return 1;
	*s = inside;
	return count;
}

/* What the caller sets stays; the rest is as if nothing was read. */
static void
event_clear(struct authlog_event *event)
{
	event->count = 1;
	event->nobody = false;
	event->ambiguous = false;
	event->covered = false;
	event->why = AUTHLOG_SECRET;
	event->typed_length = 0;
	event->hash[0] = '\0';
	event->user[0] = '\0';
	event->by[0] = '\0';
	event->origin[0] = '\0';
	event->key[0] = '\0';
	event->port = -1;
}

int
authlog_message(const char *tag, const char *message, size_t length,
    struct authlog_event *event)
{
	const char *service = service_of(tag);
	struct span s = span_of(message, length);
	int64_t times;
	int result;
	bool pam;

	event_clear(event);
	if (service == NULL)
		return 0;
	(void)snprintf(event->service, sizeof(event->service), "%s", service);
	times = take_repeated(&s);
	(void)take_end(&s, " [preauth]");
	result = read_hint(s, event);
	if (result != 0)
		return result;
	pam = take_pam(&s);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (pam != (messages[i].service == NULL) ||
		    (!pam && strcmp(messages[i].service, service) != 0) ||
		    !take_start(&s, messages[i].start))
			continue;
		event->kind = messages[i].kind;
		result = messages[i].read(s, event);
		event->count *= times;
		return result;
	}
	return 0;
}

/* ---- Lines ---- */

static int
digits(const char *text, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* s since 1970 of a date and time in UTC; -1 if there is no such. */
static int64_t
seconds_of(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second };
	time_t at;

	if (year < 1970 || year > 9999 || month < 0 || month > 11 || day < 1 ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return -1;
	at = timegm(&tm);
	return tm.tm_mon == month && at >= 0 ? (int64_t)at : -1;
}

/* "+08:00", "+0800" or "Z". */
static bool
take_zone(struct span *s, int64_t *zone)
{
	int hours, minutes;
	size_t colon;
	int sign;

	*zone = 0;
	if (take_start(s, "Z"))
		return true;
	if (s->length < 5 || (s->at[0] != '+' && s->at[0] != '-'))
		return false;
	sign = s->at[0] == '-' ? -1 : 1;
	colon = s->at[3] == ':' ? 1 : 0;
	if (s->length < 5 + colon)
		return false;
	hours = digits(s->at + 1, 2);
	minutes = digits(s->at + 3 + colon, 2);
	if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
		return false;
	*zone = sign * (hours * 3600 + minutes * 60);
	s->at += 5 + colon;
	s->length -= 5 + colon;
	return true;
}

/* "2026-11-24T08:15:30[.123456]+08:00 " */
static bool
take_iso_time(struct span *s, int64_t *at)
{
	const char *t = s->at;
	int64_t zone;

	if (s->length < 20 || t[4] != '-' || t[7] != '-' || t[10] != 'T' ||
	    t[13] != ':' || t[16] != ':')
		return false;
	*at = seconds_of(digits(t, 4), digits(t + 5, 2) - 1, digits(t + 8, 2),
	    digits(t + 11, 2), digits(t + 14, 2), digits(t + 17, 2));
	if (*at == -1)
		return false;
	s->at += 19;
	s->length -= 19;
	if (take_start(s, "."))
		while (s->length > 0 && s->at[0] >= '0' && s->at[0] <= '9')
			s->at++, s->length--;
	if (!take_zone(s, &zone) || !take_start(s, " "))
		return false;
	*at -= zone;
	return true;
}

/* The latest year that does not put it behind the clock. */
static int64_t
with_year(int month, int day, const int *time, const struct authlog_clock *c)
{
	time_t as_of = (time_t)(c->as_of + c->zone);
	struct tm tm;

	if (gmtime_r(&as_of, &tm) == NULL)
		return -1;
	for (int back = -1; back < YEARS_BACK; back++) {
		int64_t at = seconds_of(tm.tm_year + 1900 - back, month, day,
		    time[0], time[1], time[2]);

		if (at != -1 && at - c->zone <= c->as_of + DAY_SECONDS)
			return at - c->zone;
	}
	return -1;
}

/* "Nov 24 08:15:30 ", the day filled up with a blank. */
static bool
take_old_time(struct span *s, const struct authlog_clock *c, int64_t *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *t = s->at;
	int time[3], day, month = -1;

	if (s->length < 16 || t[3] != ' ' || t[6] != ' ' || t[9] != ':' ||
	    t[12] != ':' || t[15] != ' ')
		return false;
	for (int i = 0; i < 12; i++)
		if (memcmp(t, months + 3 * i, 3) == 0)
			month = i;
	day = t[4] == ' ' ? digits(t + 5, 1) : digits(t + 4, 2);
	for (size_t i = 0; i < 3; i++)
		time[i] = digits(t + 7 + 3 * i, 2);
	if (month == -1)
		return false;
	*at = with_year(month, day, time, c);
	s->at += 16;
	s->length -= 16;
	return *at != -1;
}

static bool
take_time(struct span *s, const struct authlog_clock *c, int64_t *at)
{
	return s->length > 0 && s->at[0] >= '0' && s->at[0] <= '9'
	    ? take_iso_time(s, at)
	    : take_old_time(s, c, at);
}

/* "TAG[PID]: " or "TAG: "; gdm's has a bracket of its own. */
static bool
take_tag(struct span *s, char *tag, size_t size, int64_t *pid)
{
	struct span before, number;

	*pid = -1;
	if (!split_first(s, ": ", &before) ||
	    memchr(before.at, ' ', before.length) != NULL)
		return false;
	if (take_end(&before, "]") && split_last(&before, "[", &number) &&
	    !number_of(number, INT32_MAX, pid))
		return false;
	(void)take_end(&before, "]");
	return before.length > 0 && copy(tag, size, before);
}

int
authlog_line(const char *line, size_t length, const struct authlog_clock *c,
    struct authlog_event *event)
{
	struct span s = span_of(line, length), host;
	char tag[AUTHLOG_TEXT_MAX + 1];

	if (length > AUTHLOG_LINE_MAX || !take_time(&s, c, &event->at) ||
	    !split_first(&s, " ", &host) ||
	    !copy(event->host, sizeof(event->host), host))
		return -1;
	/* Others may write what they like behind the host. */
	if (!take_tag(&s, tag, sizeof(tag), &event->pid))
		return 0;
	return authlog_message(tag, s.at, s.length, event);
}

bool
authlog_is_line(const char *line, size_t length)
{
	static const struct authlog_clock any = { .as_of =
		                                      INT64_C(4102444800) };
	struct span s = span_of(line, length);
	int64_t at;

	return take_time(&s, &any, &at);
}
