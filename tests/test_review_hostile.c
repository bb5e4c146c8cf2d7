/*
 * A directory that means harm, and what the reader (directory.h) makes of it:
 * nothing lost without being said, nothing invented, an end in every case.
 * The server is a process of its own for each case, on loopback.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <lber.h>
#include <ldap.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "review/directory.h"
#include "schema/base/buf.h"
#include "unit.h"

#define BASE     "dc=hostile,dc=test"
#define PEOPLE   5u
#define MEMBERS  7u
#define MEGABYTE (1024u * 1024)
#define REQUEST  65536u /* bytes */

enum harm {
	HONEST = 0,
	UNBIND_AT_ONCE,
	SILENT,          /* a search has no answer */
	GARBAGE,         /* bytes that are not BER */
	NEGATIVE_LENGTH, /* BER whose length is absurd */
	WRONG_ID,        /* entries of a request nobody made */
	NOTICE,          /* of disconnection, RFC 4511 section 4.4.1 */
	BAD_UTF8,
	NUL_IN_VALUE,
	NO_VALUES,     /* an attribute with an empty set */
	REFERRALS,     /* between entries */
	REFERRED,      /* the whole answer is elsewhere */
	LOST_COOKIE,   /* "unwilling" at the second page */
	SAME_COOKIE,   /* for ever, with nothing in it */
	CHANGED_PAGES, /* a page bigger than was asked for */
	ENDLESS,       /* entries without end */
	HUGE_VALUE,    /* 100 MB */
	RANGES,        /* member;range= though nobody asked */
	RANGE_STUCK,   /* the same range again and again */
	RANGE_GAP,     /* one that leaves some out */
	RANGE_EMPTY,   /* one with nothing, not the last */
	RANGE_NUMBERS, /* numbers beyond every bound */
	RANGE_GONE,    /* the group is gone at the second */
	LIMIT_UNPAGED, /* MaxPageSize: rc 4 after a page */
	TWO_DONES,     /* a result more than there were searches */
	DONE_WITHOUT_CONTROL,
	BAD_COOKIE_CONTROL, /* whose value is not BER */
};

struct behaviour {
	enum harm harm;
	int result;       /* of each search, once `after` entries are sent */
	unsigned after;   /* entries */
	bool reset;       /* then the connection, instead of a result */
	long truncate_at; /* bytes of all answers; -1: none */
};

/* ---- The server ---- */

struct server {
	int connection;
	struct behaviour how;
	long sent;
	unsigned rounds; /* of what would never end */
};

static void
send_bytes(struct server *s, const void *bytes, size_t length)
{
	const char *at = bytes;
	bool last = false;

	if (s->how.truncate_at >= 0 &&
	    s->sent + (long)length >= s->how.truncate_at) {
		length = (size_t)(s->how.truncate_at - s->sent);
		last = true;
	}
	s->sent += (long)length;
	while (length > 0) {
		ssize_t n = send(s->connection, at, length, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(0);
		at += n;
		length -= (size_t)n;
	}
	if (last)
		_exit(0);
}

static void
send_ber(struct server *s, BerElement *ber)
{
	struct berval bytes;

	if (ber_flatten2(ber, &bytes, 0) == -1)
		_exit(1);
	send_bytes(s, bytes.bv_val, bytes.bv_len);
	ber_free(ber, 1);
}

static BerElement *
new_ber(void)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);

	if (ber == NULL)
		_exit(1);
	return ber;
}

static void
reset_connection(struct server *s)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(
	    s->connection, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	(void)close(s->connection);
	_exit(0);
}

/* cookie NULL: without the control of RFC 2696. */
static void
send_done(struct server *s, int id, int result, const char *cookie)
{
	BerElement *ber = new_ber();
	BerElement *inner = new_ber();
	struct berval value = { 0, NULL };
	char not_ber[] = "\x30\x7f\x01\x01";

	if (cookie != NULL) {
		ber_printf(inner, "{is}", 0, cookie);
		ber_flatten2(inner, &value, 0);
	}
	if (s->how.harm == BAD_COOKIE_CONTROL)
		value = (struct berval){ 4, not_ber };
	if (result == LDAP_REFERRAL)
		ber_printf(ber, "{it{esst{s}}}", id, LDAP_RES_SEARCH_RESULT,
		    result, "", "", LDAP_TAG_REFERRAL,
		    "ldap://elsewhere.test/" BASE);
	else if (value.bv_val == NULL)
		ber_printf(ber, "{it{ess}}", id, LDAP_RES_SEARCH_RESULT, result,
		    "", result == 0 ? "" : "as the test says");
	else
		ber_printf(ber, "{it{ess}t{{sO}}}", id, LDAP_RES_SEARCH_RESULT,
		    result, "", "", LDAP_TAG_CONTROLS,
		    LDAP_CONTROL_PAGEDRESULTS, &value);
	send_ber(s, ber);
	ber_free(inner, 1);
}

static BerElement *
begin_entry(int id, const char *dn)
{
	BerElement *ber = new_ber();

	ber_printf(ber, "{it{s{", id, LDAP_RES_SEARCH_ENTRY, dn);
	return ber;
}

static void
end_entry(struct server *s, BerElement *ber)
{
	ber_printf(ber, "}}}");
	send_ber(s, ber);
}

static void
put_value(BerElement *ber, const char *name, const void *value, size_t length)
{
	struct berval v = { length, (char *)(uintptr_t)value };

	ber_printf(ber, "{s[O]}", name, &v);
}

static void
send_huge(struct server *s, int id)
{
	size_t length = 100 * MEGABYTE;
	char *value = malloc(length);
	BerElement *ber = begin_entry(id, "cn=huge," BASE);

	if (value == NULL)
		_exit(1);
	memset(value, 'x', length);
	put_value(ber, "description", value, length);
	end_entry(s, ber);
	free(value);
}

static void
send_person(struct server *s, int id, unsigned n)
{
	BerElement *ber;
	char dn[64];
	char cn[16];

	(void)snprintf(cn, sizeof(cn), "u%u", n);
	(void)snprintf(dn, sizeof(dn), "cn=%s," BASE, cn);
	ber = begin_entry(s->how.harm == WRONG_ID ? id + 1000 : id, dn);
	put_value(ber, "cn", cn, strlen(cn));
	if (s->how.harm == BAD_UTF8)
		put_value(ber, "description", "\xff\xfe\xc0\xaf", 4);
	if (s->how.harm == NUL_IN_VALUE)
		put_value(ber, "description", "a\0b", 3);
	if (s->how.harm == NO_VALUES)
		ber_printf(ber, "{s[]}", "description");
	end_entry(s, ber);
}

static void
put_members(BerElement *ber, unsigned from, unsigned to)
{
	char dn[64];

	for (unsigned n = from; n <= to && n < MEMBERS; n++) {
		(void)snprintf(dn, sizeof(dn), "cn=m%u," BASE, n);
		ber_printf(ber, "s", dn);
	}
}

/* The group, or five of its members from a place on. */
static void
send_group(struct server *s, int id, unsigned from)
{
	BerElement *ber = begin_entry(id, "cn=big," BASE);
	unsigned to = from + 4;
	char name[64] = "member";

	put_value(ber, "cn", "big", 3);
	if (s->how.harm >= RANGES && s->how.harm <= RANGE_GONE) {
		if (s->how.harm == RANGE_STUCK)
			to = (from = 0) + 4;
		if (s->how.harm == RANGE_GAP && from > 0)
			to = ++from + 4;
		if (s->how.harm == RANGE_NUMBERS && from > 0)
			(void)snprintf(name, sizeof(name),
			    "member;range=%u-99999999999999999999", from);
		else if (to + 1 >= MEMBERS)
			(void)snprintf(
			    name, sizeof(name), "member;range=%u-*", from);
		else
			(void)snprintf(
			    name, sizeof(name), "member;range=%u-%u", from, to);
		ber_printf(ber, "{s[]}", "member");
		if (s->how.harm == RANGE_EMPTY && from > 0)
			from = to + 1;
	} else {
		to = MEMBERS;
	}
	ber_printf(ber, "{s[", name);
	put_members(ber, from, to);
	ber_printf(ber, "]}");
	end_entry(s, ber);
}

static void
send_reference(struct server *s, int id)
{
	BerElement *ber = new_ber();

	ber_printf(ber, "{it{s}}", id, LDAP_RES_SEARCH_REFERENCE,
	    "ldap://elsewhere.test/ou=there," BASE);
	send_ber(s, ber);
}

struct request {
	int id;
	bool root;      /* asks the root DSE */
	bool group;     /* a base search: more of a range */
	unsigned range; /* from where */
	bool paged;
	unsigned page;
	unsigned cookie; /* entries sent so far */
};

/* Entry number n of the whole answer: the people, then the group. */
static void
send_entry(struct server *s, const struct request *r, unsigned n)
{
	if (s->how.reset && n == s->how.after)
		reset_connection(s);
	if (s->how.harm == REFERRALS && n == 2)
		send_reference(s, r->id);
	if (n < PEOPLE)
		send_person(s, r->id, n);
	else
		send_group(s, r->id, 0);
}

static void
send_endless(struct server *s, int id)
{
	for (unsigned n = 0;; n++)
		send_person(s, id, n);
}

static void
answer_search(struct server *s, const struct request *r)
{
	unsigned total = PEOPLE + 1;
	unsigned n = r->cookie;
	unsigned end = r->paged && r->page > 0 && n + r->page < total
	    ? n + r->page
	    : total;
	char cookie[16] = "";

	switch (s->how.harm) {
	case SILENT:
		for (;;)
			(void)pause();
	case GARBAGE:
		send_bytes(s, "\xff\x00\x80\x7f garbage", 12);
		return;
	case NEGATIVE_LENGTH:
		send_bytes(s, "\x30\x84\xff\xff\xff\xff\x02\x01", 8);
		return;
	case ENDLESS:
		send_endless(s, r->id);
		return;
	case HUGE_VALUE:
		send_huge(s, r->id);
		break;
	case LOST_COOKIE:
		if (n > 0) {
			send_done(s, r->id, LDAP_UNWILLING_TO_PERFORM, NULL);
			return;
		}
		break;
	case SAME_COOKIE:
		send_done(s, r->id, 0, "same");
		return;
	case CHANGED_PAGES:
		end = total;
		break;
	case REFERRED:
		send_done(s, r->id, LDAP_REFERRAL, NULL);
		return;
	case LIMIT_UNPAGED:
		if (!r->paged) {
			send_person(s, r->id, 0);
			send_done(s, r->id, LDAP_SIZELIMIT_EXCEEDED, NULL);
			return;
		}
		break;
	default:
		break;
	}
	for (; n < end; n++) {
		if (s->how.result != 0 && n == s->how.after) {
			send_done(s, r->id, s->how.result, NULL);
			return;
		}
		if (s->how.harm == NOTICE && n == 3) {
			BerElement *ber = new_ber();

			ber_printf(ber, "{it{esstsN}}", 0, LDAP_RES_EXTENDED,
			    LDAP_UNAVAILABLE, "", "going away",
			    LDAP_TAG_EXOP_RES_OID,
			    LDAP_NOTICE_OF_DISCONNECTION);
			send_ber(s, ber);
			_exit(0);
		}
		send_entry(s, r, n);
	}
	if (n < total)
		(void)snprintf(cookie, sizeof(cookie), "%u", n);
	send_done(s, r->id, 0,
	    r->paged && s->how.harm != DONE_WITHOUT_CONTROL ? cookie : NULL);
	if (s->how.harm == TWO_DONES)
		send_done(s, r->id, 0, NULL);
}

static void
answer_range(struct server *s, const struct request *r)
{
	if (s->how.harm == RANGE_GONE) {
		send_done(s, r->id, LDAP_NO_SUCH_OBJECT, NULL);
		return;
	}
	if (s->rounds++ > 1000)
		_exit(0); /* the reader's fault: it would never end */
	send_group(s, r->id, r->range);
	send_done(s, r->id, 0, NULL);
}

static void
answer_root(struct server *s, int id)
{
	BerElement *ber = begin_entry(id, "");

	put_value(ber, "namingContexts", BASE, strlen(BASE));
	put_value(ber, "supportedLDAPVersion", "3", 1);
	put_value(ber, "supportedControl", LDAP_CONTROL_PAGEDRESULTS,
	    strlen(LDAP_CONTROL_PAGEDRESULTS));
	end_entry(s, ber);
	send_done(s, id, 0, NULL);
}

static void
read_paging(BerElement *ber, struct request *r)
{
	ber_len_t length;
	char *last;

	if (ber_peek_tag(ber, &length) != LDAP_TAG_CONTROLS)
		return;
	for (ber_tag_t tag = ber_first_element(ber, &length, &last);
	     tag != LBER_DEFAULT; tag = ber_next_element(ber, &length, last)) {
		struct berval oid;
		struct berval value = { 0, NULL };
		ber_int_t critical;

		if (ber_scanf(ber, "{m", &oid) == LBER_ERROR)
			return;
		if (ber_peek_tag(ber, &length) == LBER_BOOLEAN)
			(void)ber_scanf(ber, "b", &critical);
		if (ber_peek_tag(ber, &length) == LBER_OCTETSTRING)
			(void)ber_scanf(ber, "m", &value);
		(void)ber_scanf(ber, "}");
		if (strcmp(oid.bv_val, LDAP_CONTROL_PAGEDRESULTS) == 0) {
			BerElement *inner = ber_init(&value);
			struct berval cookie;
			ber_int_t size = 0;

			if (inner == NULL ||
			    ber_scanf(inner, "{im}", &size, &cookie) ==
			        LBER_ERROR)
				_exit(1);
			r->paged = true;
			r->page = (unsigned)size;
			r->cookie = (unsigned)strtoul(cookie.bv_val, NULL, 10);
			ber_free(inner, 1);
		}
	}
}

static void
answer(struct server *s, BerElement *ber)
{
	ber_int_t id;
	ber_len_t length;
	ber_tag_t tag;
	struct request r = { 0 };
	struct berval base;
	struct berval filter;
	ber_int_t scope, aliases, size, time, types;
	struct berval name;
	char *last;

	if (ber_scanf(ber, "i", &id) == LBER_ERROR)
		_exit(1);
	r.id = id;
	tag = ber_peek_tag(ber, &length);
	if (tag == LDAP_REQ_UNBIND)
		_exit(0);
	if (tag == LDAP_REQ_BIND) {
		BerElement *out = new_ber();

		ber_printf(out, "{it{ess}}", id, LDAP_RES_BIND, 0, "", "");
		send_ber(s, out);
		return;
	}
	if (tag == LDAP_REQ_EXTENDED) {
		BerElement *out = new_ber();

		ber_printf(out, "{it{ess}}", id, LDAP_RES_EXTENDED,
		    LDAP_PROTOCOL_ERROR, "", "none here");
		send_ber(s, out);
		return;
	}
	if (tag != LDAP_REQ_SEARCH) /* abandon */
		return;
	if (ber_scanf(ber, "{meeiib", &base, &scope, &aliases, &size, &time,
	        &types) == LBER_ERROR ||
	    ber_skip_element(ber, &filter) == LBER_ERROR)
		_exit(1);
	for (tag = ber_first_element(ber, &length, &last); tag != LBER_DEFAULT;
	     tag = ber_next_element(ber, &length, last)) {
		if (ber_scanf(ber, "m", &name) == LBER_ERROR)
			_exit(1);
		if (strncmp(name.bv_val, "member;range=", 13) == 0) {
			r.group = true;
			r.range = (unsigned)strtoul(name.bv_val + 13, NULL, 10);
		}
	}
	(void)ber_scanf(ber, "}");
	read_paging(ber, &r);
	if (base.bv_len == 0 && scope == LDAP_SCOPE_BASE)
		answer_root(s, id);
	else if (r.group)
		answer_range(s, &r);
	else
		answer_search(s, &r);
}

static void
serve(int listener, struct behaviour how)
{
	struct server s = { .how = how };
	Sockbuf *buffer = ber_sockbuf_alloc();
	ber_len_t most = REQUEST;
	int at_once = 1; /* 40 ms an answer else: RFC 896, RFC 1122 4.2.3.2 */

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	s.connection = accept(listener, NULL, NULL);
	if (s.connection == -1 || buffer == NULL || how.harm == UNBIND_AT_ONCE)
		_exit(0);
	(void)setsockopt(
	    s.connection, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
	ber_sockbuf_add_io(buffer, &ber_sockbuf_io_tcp,
	    LBER_SBIOD_LEVEL_PROVIDER, &s.connection);
	for (;;) {
		BerElement *ber = new_ber();
		ber_len_t length;

		if (ber_get_next(buffer, &length, ber) != LBER_SEQUENCE)
			_exit(0);
		answer(&s, ber);
		ber_free(ber, 1);
	}
}

/* ---- What the reader makes of it ---- */

struct reading {
	struct buf lines; /* "cn=u0,...\tcn=u0\n", a line a value */
	struct directory_answer answer;
	bool opened;
	int result;
	struct err e;
};

static void
note(struct reading *r, const char *dn, const struct entry_attribute *a)
{
	for (size_t i = 0; i < a->count; i++) {
		buf_printf(
		    &r->lines, "%s\t%s=%zu:", dn, a->name, a->values[i].length);
		if (a->values[i].length < 100)
			buf_put(
			    &r->lines, a->values[i].data, a->values[i].length);
		buf_put_byte(&r->lines, '\n');
	}
}

static int
on_entry(void *context, const struct entry *entry, struct err *e)
{
	struct reading *r = context;

	(void)e;
	for (size_t i = 0; i < entry->count; i++)
		note(r, entry->dn, &entry->attributes[i]);
	return 0;
}

static int
on_key(void *context, const struct entry *entry, char *out, size_t size,
    struct err *e)
{
	(void)context;
	(void)e;
	(void)snprintf(out, size, "%s", entry->dn);
	return 0;
}

static int
on_more(void *context, const char *key, const struct entry_attribute *a,
    struct err *e)
{
	(void)e;
	note(context, key, a);
	return 0;
}

static int
start(struct behaviour how, pid_t *child)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &length), 0);
	*child = fork();
	ck_assert_int_ge(*child, 0);
	if (*child == 0)
		serve(listener, how);
	(void)close(listener);
	return ntohs(address.sin_port);
}

/* Of the sanitizer, where there is one. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

static void
read_from(struct behaviour how, int64_t page_size, struct reading *r)
{
	static const char *const attributes[] = { "cn", "description", "member",
		NULL };
	static struct source_settings settings;
	struct directory_search search = { .what = "all",
		.base = BASE,
		.scope = SCOPE_SUBTREE,
		.filter = "(objectClass=*)",
		.attributes = attributes,
		.page_size = page_size,
		.entry_limit = 1000 };
	struct directory_reader reader = { on_entry, on_key, on_more, NULL, r };
	struct directory *d = NULL;
	pid_t child;
	int port = start(how, &child);

	memset(r, 0, sizeof(*r));
	r->lines = buf_new(8 * MEGABYTE);
	memset(&settings, 0, sizeof(settings));
	(void)snprintf(
	    settings.url, sizeof(settings.url), "ldap://127.0.0.1:%d", port);
	settings.tls = TLS_NONE;
	settings.auth = AUTH_ANONYMOUS;
	settings.page_size = page_size;
	settings.network_timeout = 5;
	settings.timeout = how.harm == SILENT ? 1 : 20;
	settings.entry_limit = 1000;
	r->result = -1;
	/* libldap 2.5 never frees, nor hands out, what comes with id 0. */
	if (how.harm == NOTICE && __lsan_disable != NULL)
		__lsan_disable();
	if (directory_open(&d, &settings, NULL, &r->e) == 0) {
		r->opened = true;
		r->result =
		    directory_search(d, &search, &reader, &r->answer, &r->e);
	}
	directory_close(&d);
	if (how.harm == NOTICE && __lsan_enable != NULL)
		__lsan_enable();
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	ck_assert_int_eq(buf_status(&r->lines, &r->e), 0);
}

/* All that an honest server would have given. */
static void
read_honest(struct reading *r)
{
	read_from((struct behaviour){ .truncate_at = -1 }, 3, r);
	ck_assert_msg(r->result == 0 && r->answer.query.complete, "%s %s",
	    r->e.text, r->answer.reason);
}

/* Each line is one of the honest ones, and none comes twice. */
static void
invents_nothing(struct reading *r, struct reading *honest)
{
	const char *all = buf_string(&honest->lines);
	char *copy = strdup(buf_string(&r->lines));
	char *rest = copy;
	char line[300];

	ck_assert_ptr_nonnull(copy);
	for (char *each = strsep(&rest, "\n"); each != NULL && *each != '\0';
	     each = strsep(&rest, "\n")) {
		(void)snprintf(line, sizeof(line), "%s\n", each);
		ck_assert_msg(strstr(all, line) != NULL, "invented: %s", line);
		if (rest != NULL)
			ck_assert_msg(
			    strstr(rest, line) == NULL, "twice: %s", line);
	}
	free(copy);
}

static void
has_all(struct reading *r, struct reading *honest)
{
	invents_nothing(r, honest);
	ck_assert_uint_eq(r->lines.length, honest->lines.length);
}

START_TEST(an_honest_server_is_read_whole)
{
	struct reading r;

	for (int64_t page = 0; page <= 9; page++) {
		read_from((struct behaviour){ .truncate_at = -1 }, page, &r);
		ck_assert_int_eq(r.result, 0);
		ck_assert(r.answer.query.complete);
		ck_assert_int_eq(r.answer.query.entries, PEOPLE + 1);
		buf_free(&r.lines);
	}
}
END_TEST

/* What may be odd and loses nothing: all is there, and it is complete. */
static const struct behaviour odd[] = {
	{ .harm = RANGES, .truncate_at = -1 },
	{ .harm = CHANGED_PAGES, .truncate_at = -1 },
	{ .harm = NO_VALUES, .truncate_at = -1 },
	{ .harm = TWO_DONES, .truncate_at = -1 },
};

START_TEST(what_is_only_odd_loses_nothing)
{
	struct reading honest;
	struct reading r;

	read_honest(&honest);
	read_from(odd[_i], 3, &r);
	ck_assert_msg(r.result == 0, "%s", r.e.text);
	ck_assert_msg(r.answer.query.complete, "%s", r.answer.reason);
	has_all(&r, &honest);
	buf_free(&r.lines);
	buf_free(&honest.lines);
}
END_TEST

START_TEST(values_that_are_not_text_are_handed_on_with_their_length)
{
	static const enum harm harms[] = { BAD_UTF8, NUL_IN_VALUE };
	static const size_t lengths[] = { 4, 3 };
	char wanted[80];
	struct reading r;

	for (size_t i = 0; i < 2; i++) {
		read_from(
		    (struct behaviour){ .harm = harms[i], .truncate_at = -1 },
		    3, &r);
		ck_assert_int_eq(r.result, 0);
		(void)snprintf(wanted, sizeof(wanted),
		    "cn=u0," BASE "\tdescription=%zu:", lengths[i]);
		ck_assert_ptr_nonnull(
		    strstr((const char *)r.lines.data, wanted));
		buf_free(&r.lines);
	}
}
END_TEST

START_TEST(referrals_are_counted_and_not_chased)
{
	struct reading honest;
	struct reading r;

	read_honest(&honest);
	read_from(
	    (struct behaviour){ .harm = REFERRALS, .truncate_at = -1 }, 3, &r);
	ck_assert_int_eq(r.result, 0);
	ck_assert_int_eq(r.answer.query.referrals, 1);
	has_all(&r, &honest);
	buf_free(&r.lines);
	buf_free(&honest.lines);
}
END_TEST

/* What loses something: it is said, and why. */
static const struct behaviour losses[] = {
	{ .harm = UNBIND_AT_ONCE, .truncate_at = -1 },
	{ .harm = SILENT, .truncate_at = -1 },
	{ .harm = GARBAGE, .truncate_at = -1 },
	{ .harm = NEGATIVE_LENGTH, .truncate_at = -1 },
	{ .harm = NOTICE, .truncate_at = -1 },
	{ .harm = REFERRED, .truncate_at = -1 },
	{ .harm = LOST_COOKIE, .truncate_at = -1 },
	{ .harm = SAME_COOKIE, .truncate_at = -1 },
	{ .harm = ENDLESS, .truncate_at = -1 },
	{ .harm = RANGE_STUCK, .truncate_at = -1 },
	{ .harm = RANGE_GAP, .truncate_at = -1 },
	{ .harm = RANGE_EMPTY, .truncate_at = -1 },
	{ .harm = RANGE_NUMBERS, .truncate_at = -1 },
	{ .harm = RANGE_GONE, .truncate_at = -1 },
	{ .harm = DONE_WITHOUT_CONTROL, .truncate_at = -1 },
	{ .harm = BAD_COOKIE_CONTROL, .truncate_at = -1 },
	{ .harm = LIMIT_UNPAGED, .truncate_at = -1 },
	{ .result = LDAP_SIZELIMIT_EXCEEDED, .after = 4, .truncate_at = -1 },
	{ .result = LDAP_ADMINLIMIT_EXCEEDED, .after = 0, .truncate_at = -1 },
	{ .result = LDAP_BUSY, .after = 3, .truncate_at = -1 },
	{ .result = LDAP_UNAVAILABLE, .after = 4, .truncate_at = -1 },
	{ .result = LDAP_OTHER, .after = 5, .truncate_at = -1 },
	{ .reset = true, .after = 0, .truncate_at = -1 },
	{ .reset = true, .after = 4, .truncate_at = -1 },
	{ .reset = true, .after = 5, .truncate_at = -1 },
};

START_TEST(what_was_not_read_to_its_end_is_said_to_be_incomplete)
{
	struct reading honest;
	struct reading r;

	read_honest(&honest);
	read_from(losses[_i], losses[_i].harm == LIMIT_UNPAGED ? 0 : 3, &r);
	if (r.result == 0) {
		ck_assert(!r.answer.query.complete);
		ck_assert_ptr_nonnull(r.answer.query.incomplete);
		ck_assert_int_gt((int)strlen(r.answer.query.incomplete), 8);
	} else {
		ck_assert_int_gt((int)strlen(r.e.text), 8);
	}
	if (losses[_i].harm != ENDLESS)
		invents_nothing(&r, &honest);
	buf_free(&r.lines);
	buf_free(&honest.lines);
}
END_TEST

START_TEST(answers_to_a_request_nobody_made_are_not_read)
{
	struct reading r;

	read_from(
	    (struct behaviour){ .harm = WRONG_ID, .truncate_at = -1 }, 0, &r);
	ck_assert_ptr_null(strstr(buf_string(&r.lines), "cn=u"));
	buf_free(&r.lines);
}
END_TEST

START_TEST(a_value_of_a_hundred_megabytes_is_bounded)
{
	struct reading r;

	read_from(
	    (struct behaviour){ .harm = HUGE_VALUE, .truncate_at = -1 }, 3, &r);
	/* Read or refused, but never half and silent. */
	if (r.result == 0 && r.answer.query.complete)
		ck_assert_ptr_nonnull(strstr(
		    (const char *)r.lines.data, "description=104857600:"));
	buf_free(&r.lines);
}
END_TEST

START_TEST(an_answer_cut_at_any_byte_is_never_complete)
{
	struct reading honest;
	struct reading r;
	bool complete = false;
	long at;

	read_honest(&honest);
	/* From the first byte until one is behind the last answer. */
	for (at = 0; !complete && at < 8192; at++) {
		read_from(
		    (struct behaviour){ .harm = RANGES, .truncate_at = at }, 3,
		    &r);
		complete = r.result == 0 && r.answer.query.complete;
		if (complete)
			has_all(&r, &honest);
		else
			invents_nothing(&r, &honest);
		buf_free(&r.lines);
	}
	ck_assert(complete);
	ck_assert_int_gt(at, 500);
	buf_free(&honest.lines);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tests = tcase_create("hostile");

	tcase_set_timeout(tests, 280);
	tcase_add_test(tests, an_honest_server_is_read_whole);
	tcase_add_loop_test(tests, what_is_only_odd_loses_nothing, 0,
	    (int)(sizeof(odd) / sizeof(odd[0])));
	tcase_add_test(
	    tests, values_that_are_not_text_are_handed_on_with_their_length);
	tcase_add_test(tests, referrals_are_counted_and_not_chased);
	tcase_add_loop_test(tests,
	    what_was_not_read_to_its_end_is_said_to_be_incomplete, 0,
	    (int)(sizeof(losses) / sizeof(losses[0])));
	tcase_add_test(tests, answers_to_a_request_nobody_made_are_not_read);
	tcase_add_test(tests, a_value_of_a_hundred_megabytes_is_bounded);
	tcase_add_test(tests, an_answer_cut_at_any_byte_is_never_complete);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
