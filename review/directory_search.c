/*
 * A search, read to its end or said not to be: pages (RFC 2696), ranges of
 * attributes (MS-ADTS 3.1.1.3.1.3.3), references, result codes, and the line
 * of the ledger that tells of it.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/directory_handle.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"

#define OID_SD_FLAGS "1.2.840.113556.1.4.801"
/* OWNER, GROUP and DACL: not the SACL, which readers may not see. */
#define SD_FLAGS 7

/* An attribute of which only the first values came. */
struct pending {
	char *dn;
	char *name;
	char *key;
	int64_t next;
};

#define PENDING_MAX 1000000u

/* Of one page, at most so much waits; the rest is read as it comes. */
#define HELD_MAX   1024u
#define HELD_BYTES (8u << 20)

static const struct {
	int code;
	const char *text;
} result_texts[] = {
	{ LDAP_TIMELIMIT_EXCEEDED, "the server's time limit ended the search" },
	{ LDAP_SIZELIMIT_EXCEEDED,
	    "the server's size limit ended the search: the reader needs "
	    "unlimited entries (OpenLDAP: limits ... size=unlimited "
	    "size.prtotal=unlimited)" },
	{ LDAP_ADMINLIMIT_EXCEEDED,
	    "a limit of the server's ended the search (389-DS: "
	    "nsLookThroughLimit and nsIDListScanLimit of the reader)" },
	{ LDAP_REFERRAL, "all of it is on another server" },
	{ LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
	    "the server does not know a control that is needed" },
	{ LDAP_NO_SUCH_OBJECT, "the base is not there, or hidden from us" },
	{ LDAP_INSUFFICIENT_ACCESS, "the reader may not read it" },
	{ LDAP_BUSY, "the server was too busy" },
	{ LDAP_UNAVAILABLE, "the server is going down" },
	{ LDAP_UNWILLING_TO_PERFORM, "the server is unwilling" },
	{ LDAP_OTHER, "the server failed" },
};

void
directory_result_text(int code, const char *diagnostic, char *out, size_t size)
{
	const char *text = ldap_err2string(code);

	for (size_t i = 0; i < sizeof(result_texts) / sizeof(result_texts[0]);
	     i++)
		if (result_texts[i].code == code)
			text = result_texts[i].text;
	(void)snprintf(out, size, "%s (result %d)%s%s", text, code,
	    diagnostic == NULL || diagnostic[0] == '\0' ? "" : ": ",
	    diagnostic == NULL ? "" : diagnostic);
}

/* ---- The line of the ledger ---- */

static int64_t
boot_ns(const struct directory *d)
{
	struct moment now;
	struct err ignored;

	return clock_read(&d->clock, &now, &ignored) == -1 ? 0 : now.boot_ns;
}

static void
list_attributes(const char *const *attributes, char *out, size_t size)
{
	size_t length = 0;

	out[0] = '\0';
	for (; attributes != NULL && *attributes != NULL; attributes++) {
		int n = snprintf(out + length, size - length, "%s%s",
		    length == 0 ? "" : " ", *attributes);

		if (n < 0 || (size_t)n >= size - length)
			return;
		length += (size_t)n;
	}
}

int
exchange_begin(struct exchange *x, struct directory *d,
    const struct directory_search *search,
    const struct directory_reader *reader, struct directory_answer *answer,
    struct err *e)
{
	*x = (struct exchange){
		.directory = d,
		.search = search,
		.reader = reader,
		.answer = answer,
		.started_ns = boot_ns(d),
	};
	memset(answer, 0, sizeof(*answer));
	(void)snprintf(answer->base, sizeof(answer->base), "%s", search->base);
	list_attributes(
	    search->attributes, answer->attributes, sizeof(answer->attributes));
	answer->query = (struct query){
		.what = search->what,
		.server = d->url,
		.base = answer->base,
		.filter = search->filter,
		.attributes = answer->attributes,
		.identity = d->identity,
		.tls = d->tls,
		.complete = true,
	};
	x->digest = EVP_MD_CTX_new();
	if (x->digest == NULL ||
	    EVP_DigestInit_ex(x->digest, EVP_sha256(), NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256 is not to be had");
	if (d->dead)
		exchange_incomplete(x, "the connection was lost before");
	return 0;
}

static void
pending_free(struct pending *p)
{
	free(p->dn);
	free(p->name);
	free(p->key);
}

static void
pending_drop(struct exchange *x)
{
	for (size_t i = 0; i < x->pending_count; i++)
		pending_free(&x->pending[i]);
	x->pending_count = 0;
}

int
exchange_end(struct exchange *x, int status)
{
	struct query *q = &x->answer->query;
	unsigned length = 0;

	q->ranges_open += (int64_t)x->pending_count;
	if (q->ranges_open > 0)
		exchange_incomplete(x,
		    "%lld ranges of values were not read "
		    "to their end",
		    (long long)q->ranges_open);
	if (x->invalid_names > 0)
		exchange_incomplete(x,
		    "%lld entries have a DN that is not "
		    "UTF-8 and were passed over",
		    (long long)x->invalid_names);
	if (x->digest != NULL)
		(void)EVP_DigestFinal_ex(x->digest, q->digest, &length);
	EVP_MD_CTX_free(x->digest);
	pending_drop(x);
	free(x->pending);
	x->pending = NULL;
	q->milliseconds = (boot_ns(x->directory) - x->started_ns) / 1000000;
	if (x->answer->diagnostic[0] != '\0')
		q->diagnostic = x->answer->diagnostic;
	if (!q->complete)
		q->incomplete = x->answer->reason;
	return status;
}

void
exchange_incomplete(struct exchange *x, const char *format, ...)
{
	struct directory_answer *a = x->answer;
	va_list arguments;
	int n;

	if (!a->query.complete)
		return;
	a->query.complete = false;
	va_start(arguments, format);
	n = vsnprintf(a->reason, sizeof(a->reason), format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < sizeof(a->reason) && a->query.entries > 0)
		(void)snprintf(a->reason + n, sizeof(a->reason) - (size_t)n,
		    ", after %lld entries", (long long)a->query.entries);
}

/* ---- One operation ---- */

static size_t
count_of(const char *const *attributes)
{
	size_t n = 0;

	while (attributes != NULL && attributes[n] != NULL)
		n++;
	return n;
}

int
exchange_send(struct exchange *x, const char *base, int scope,
    const char *filter, const char *const *attributes, LDAPControl **controls)
{
	size_t count = count_of(attributes);
	char **copy = NULL;
	int id = -1, code = LDAP_NO_MEMORY;

	if (count > 0) {
		/* libldap takes them as its own and leaves them alone. */
		copy = calloc(count + 1, sizeof(*copy));
		if (copy != NULL)
			memcpy(copy, attributes, count * sizeof(*copy));
	}
	if (count == 0 || copy != NULL)
		code = ldap_search_ext(x->directory->ld, base, scope, filter,
		    copy, 0, controls, NULL, NULL, LDAP_NO_LIMIT, &id);
	free(copy);
	if (code == LDAP_SUCCESS)
		return id;
	if (code == LDAP_SERVER_DOWN)
		x->directory->dead = true;
	exchange_incomplete(
	    x, "the search can't be sent: %s", ldap_err2string(code));
	return -1;
}

/* ---- Ranges ---- */

/* "range=FIRST-LAST", LAST -1 for "*". */
static bool
parse_range(const char *options, int64_t *first, int64_t *last)
{
	const char *at = options == NULL ? NULL : strcasestr(options, "range=");
	unsigned long long low, high;
	char *end;

	if (at == NULL || (at != options && at[-1] != ';'))
		return false;
	at += strlen("range=");
	if (!isdigit((unsigned char)*at))
		return false;
	low = strtoull(at, &end, 10);
	if (*end != '-' || low > INT32_MAX)
		return false;
	at = end + 1;
	*first = (int64_t)low;
	*last = -1;
	if (at[0] == '*')
		return at[1] == '\0' || at[1] == ';';
	if (!isdigit((unsigned char)*at))
		return false;
	high = strtoull(at, &end, 10);
	*last = (int64_t)high;
	return (*end == '\0' || *end == ';') && high >= low && high < INT32_MAX;
}

static int
pending_add(struct exchange *x, const struct entry *entry,
    const struct entry_attribute *a, int64_t next, struct err *e)
{
	struct pending *p;
	char key[DIRECTORY_KEY_MAX];

	if (x->pending_count == x->pending_room) {
		size_t room = x->pending_room == 0 ? 64 : x->pending_room * 2;

		if (room > PENDING_MAX)
			return err_set(e, ERR_LIMIT, "too many ranges");
		p = reallocarray(x->pending, room, sizeof(*p));
		if (p == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		x->pending = p;
		x->pending_room = room;
	}
	if (x->reader->key(x->reader->context, entry, key, sizeof(key), e) ==
	    -1)
		return -1;
	p = &x->pending[x->pending_count++]; /* pending_drop frees it */
	*p = (struct pending){
		.dn = strdup(entry->dn),
		.name = strdup(a->name),
		.key = strdup(key),
		.next = next,
	};
	if (p->dn == NULL || p->name == NULL || p->key == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

/* Of a new entry: what came in part is remembered. */
static int
note_ranges(struct exchange *x, const struct entry *entry, struct err *e)
{
	int64_t first, last;

	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];

		if (!parse_range(a->options, &first, &last))
			continue;
		if (first != 0) {
			exchange_incomplete(x, "%s of %s begins at value %lld",
			    a->name, entry->dn, (long long)first);
			continue;
		}
		if (last == -1) {
			x->answer->query.ranges++;
			continue;
		}
		if (x->reader->key == NULL || x->reader->more == NULL) {
			x->answer->query.ranges_open++;
			continue;
		}
		if (pending_add(x, entry, a, last + 1, e) == -1)
			return -1;
	}
	return 0;
}

/*
 * The asked-for range in that answer: given to the reader, and *next is where
 * to go on, or -1 at the end.
 */
static int
take_range(struct exchange *x, const struct pending *p,
    const struct entry *entry, int64_t *next, struct err *e)
{
	int64_t first = 0, last = 0;

	*next = p->next;
	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];

		if (strcasecmp(a->name, p->name) != 0 || a->count == 0 ||
		    !parse_range(a->options, &first, &last))
			continue;
		if (first != p->next)
			return 0;
		x->answer->query.values += (int64_t)a->count;
		*next = last == -1 ? -1 : last + 1;
		return x->reader->more(x->reader->context, p->key, a, e);
	}
	/* Members were removed meanwhile: AD then gives nothing, or an error. */
	return 0;
}

static int
ask_range(
    struct exchange *x, const struct pending *p, int64_t *next, struct err *e)
{
	char name[300];
	const char *const attributes[] = { name, NULL };
	struct directory *d = x->directory;
	struct entry_bytes bytes;
	LDAPMessage *m = NULL;
	int id, type, result = 0;

	*next = p->next;
	(void)snprintf(
	    name, sizeof(name), "%s;range=%lld-*", p->name, (long long)p->next);
	id = exchange_send(
	    x, p->dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, NULL);
	if (id == -1)
		return 0;
	while (result == 0) {
		type = directory_next(d, id, &m, e);
		if (type == -1) {
			exchange_incomplete(
			    x, "range of %s: %s", p->name, e->text);
			return 0;
		}
		if (type == LDAP_RES_SEARCH_RESULT) {
			(void)exchange_result(x, m, NULL);
			ldap_msgfree(m);
			return 0;
		}
		if (type == LDAP_RES_SEARCH_ENTRY && *next == p->next) {
			if (entry_open(d->ld, m, &bytes, e) == 0 &&
			    entry_read(&d->room, &bytes, true, x->digest, e) ==
			        0)
				result =
				    take_range(x, p, &d->room.entry, next, e);
			else {
				d->dead = true;
				exchange_incomplete(
				    x, "range of %s: %s", p->name, e->text);
			}
		} else if (++x->others > DIRECTORY_OTHERS_MAX) {
			d->dead = true;
			exchange_incomplete(x, "the server does not end");
		}
		ldap_msgfree(m);
		if (d->dead)
			return result;
	}
	return result;
}

int
exchange_ranges(struct exchange *x, struct err *e)
{
	int64_t next;

	while (x->pending_count > 0 && !x->directory->dead) {
		struct pending *p = &x->pending[x->pending_count - 1];

		if (ask_range(x, p, &next, e) == -1)
			return -1;
		if (next == -1)
			x->answer->query.ranges++;
		else if (next > p->next) {
			p->next = next;
			continue;
		} else
			x->answer->query.ranges_open++;
		pending_free(p);
		x->pending_count--;
	}
	return 0;
}

/* ---- What comes ---- */

static void
count_values(struct exchange *x, const struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		x->answer->query.values += (int64_t)entry->attributes[i].count;
}

static int
leave(struct exchange *x, const char *why)
{
	x->directory->dead = true;
	exchange_incomplete(x, "%s", why);
	return 1;
}

/* bytes NULL: it could not be opened. 1: nothing after it is to be read. */
static int
take_entry(struct exchange *x, const struct entry_bytes *bytes, struct err *e)
{
	struct entry_room *r = &x->directory->room;
	struct query *q = &x->answer->query;

	if (x->search->entry_limit > 0 && q->entries >= x->search->entry_limit)
		return leave(x, "more entries than entry_limit allows");
	if (bytes == NULL)
		return leave(x, "an entry is not well-formed");
	if (entry_read(r, bytes, x->keep_empty, x->digest, e) == -1) {
		(void)leave(x, e->text);
		return e->code == ERR_MEMORY ? -1 : 1;
	}
	q->entries++;
	count_values(x, &r->entry);
	if (!enc_is_utf8(r->entry.dn, r->dn_length)) {
		x->invalid_names++;
		q->invalid++;
		return 0;
	}
	if (x->reader->entry(x->reader->context, &r->entry, e) == -1 ||
	    (!x->keep_empty && note_ranges(x, &r->entry, e) == -1))
		return -1;
	if (x->reader->progress != NULL && q->entries % 1000 == 0)
		x->reader->progress(x->reader->context, q->entries);
	return 0;
}

int
exchange_entry(struct exchange *x, LDAPMessage *m, struct err *e)
{
	struct entry_bytes bytes;
	bool opened = entry_open(x->directory->ld, m, &bytes, e) == 0;

	return take_entry(x, opened ? &bytes : NULL, e) == -1 ? -1 : 0;
}

void
exchange_reference(struct exchange *x, LDAPMessage *m)
{
	struct directory_answer *a = x->answer;
	char **urls = NULL;

	a->query.referrals++;
	if (ldap_parse_reference(x->directory->ld, m, &urls, NULL, 0) !=
	    LDAP_SUCCESS)
		return;
	if (urls != NULL && urls[0] != NULL && a->diagnostic[0] == '\0' &&
	    enc_is_utf8(urls[0], strlen(urls[0])))
		(void)snprintf(a->diagnostic, sizeof(a->diagnostic),
		    "not followed: %s", urls[0]);
	ber_memvfree((void **)urls);
}

/* Not there, or so well hidden that it may as well not be. */
static bool
may_fail(const struct directory_search *s, int code)
{
	return s->optional &&
	    (code == LDAP_NO_SUCH_OBJECT || code == LDAP_INSUFFICIENT_ACCESS);
}

int
exchange_result(struct exchange *x, LDAPMessage *m, LDAPControl ***controls)
{
	struct directory_answer *a = x->answer;
	char *text = NULL, said[ERR_TEXT_SIZE], **urls = NULL;
	int code = LDAP_OTHER;

	if (controls != NULL)
		*controls = NULL;
	if (ldap_parse_result(x->directory->ld, m, &code, NULL, &text, &urls,
	        controls, 0) != LDAP_SUCCESS) {
		x->directory->dead = true;
		exchange_incomplete(x, "the result is not well-formed");
		return LDAP_DECODING_ERROR;
	}
	if (text != NULL && !enc_is_utf8(text, strlen(text)))
		text[0] = '\0';
	if (a->query.result == 0)
		a->query.result = code;
	if (text != NULL && text[0] != '\0')
		(void)snprintf(
		    a->diagnostic, sizeof(a->diagnostic), "%s", text);
	if (urls != NULL && urls[0] != NULL)
		a->query.referrals++;
	if (code != LDAP_SUCCESS && !may_fail(x->search, code)) {
		directory_result_text(code, text, said, sizeof(said));
		exchange_incomplete(x, "%s", said);
	}
	ldap_memfree(text);
	ber_memvfree((void **)urls);
	return code;
}

/* ---- Pages ---- */

/* Entries of a page that wait until the next page is asked for. */
struct held {
	LDAPMessage *message;
	struct entry_bytes bytes;
	bool opened;
};

struct paging {
	bool on;
	bool more;
	struct berval cookie;
	int64_t empty; /* pages without an entry, in a row */
	int ahead;     /* of the next page, which was asked for; -1 */
	struct held held[HELD_MAX];
	size_t held_count, held_bytes;
};

static int
make_controls(
    const struct exchange *x, struct berval *cookie, LDAPControl **out)
{
	struct directory *d = x->directory;
	/* SEQUENCE { INTEGER } of MS-ADTS 3.1.1.3.4.1.11 */
	static char sd_value[] = { 0x30, 0x03, 0x02, 0x01, SD_FLAGS };
	struct berval sd = { sizeof(sd_value), sd_value };
	struct berval nothing = { 0, NULL };
	int n = 0, code = LDAP_SUCCESS;

	if (cookie != NULL)
		code = ldap_create_page_control(d->ld,
		    (ber_int_t)x->search->page_size, cookie, 1, &out[n++]);
	if (code == LDAP_SUCCESS && x->search->descriptor)
		code = ldap_control_create(OID_SD_FLAGS, 1, &sd, 1, &out[n++]);
	if (code == LDAP_SUCCESS && x->search->deleted)
		code = ldap_control_create(
		    LDAP_CONTROL_X_SHOW_DELETED, 1, &nothing, 0, &out[n++]);
	return code;
}

static void
free_controls(LDAPControl **controls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (controls[i] != NULL)
			ldap_control_free(controls[i]);
}

/* cookie NULL: not in pages. */
static int
send_page(struct exchange *x, struct berval *cookie)
{
	const struct directory_search *s = x->search;
	LDAPControl *controls[4] = { NULL };
	int id = -1, code = make_controls(x, cookie, controls);

	if (code == LDAP_SUCCESS)
		id = exchange_send(x, s->base, (int)s->scope, s->filter,
		    s->attributes, controls);
	else
		exchange_incomplete(x, "controls: %s", ldap_err2string(code));
	free_controls(controls, 3);
	return id;
}

/* Where the next page is; a server that stands still is left. */
static void
take_cookie(struct exchange *x, struct paging *p, LDAPControl **controls,
    int64_t entries)
{
	LDAPControl *control =
	    ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	struct berval cookie = { 0, NULL };
	ber_int_t estimate = 0;
	bool same;

	p->more = false;
	if (control == NULL) {
		exchange_incomplete(x,
		    "a page came without its cookie: "
		    "whether more follows is not known");
		return;
	}
	if (ldap_parse_pageresponse_control(x->directory->ld, control,
	        &estimate, &cookie) != LDAP_SUCCESS ||
	    cookie.bv_len > DIRECTORY_COOKIE_MAX) {
		exchange_incomplete(x, "a page's cookie is not well-formed");
		ber_memfree(cookie.bv_val);
		return;
	}
	x->answer->query.pages++;
	same = cookie.bv_len > 0 && cookie.bv_len == p->cookie.bv_len &&
	    memcmp(cookie.bv_val, p->cookie.bv_val, cookie.bv_len) == 0;
	p->empty = entries == 0 ? p->empty + 1 : 0;
	if (entries == 0 && same)
		exchange_incomplete(
		    x, "the server gives the same cookie and no entries");
	else if (p->empty > DIRECTORY_EMPTY_PAGES)
		exchange_incomplete(x, "more than %d pages without an entry",
		    DIRECTORY_EMPTY_PAGES);
	else
		p->more = cookie.bv_len > 0;
	ber_memfree(p->cookie.bv_val);
	p->cookie = cookie;
}

static void
page_result(
    struct exchange *x, struct paging *p, LDAPMessage *m, int64_t before)
{
	LDAPControl **controls = NULL;
	int code = exchange_result(x, m, &controls);

	p->more = false;
	if (code == LDAP_SUCCESS && p->on)
		take_cookie(x, p, controls, x->answer->query.entries - before);
	ldap_controls_free(controls);
}

/* Gives the reader what waits: all of it came before anything failed. */
static int
release(struct exchange *x, struct paging *p, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < p->held_count; i++) {
		struct held *h = &p->held[i];

		if (result == 0)
			result = take_entry(x, h->opened ? &h->bytes : NULL, e);
		ldap_msgfree(h->message);
	}
	p->held_count = p->held_bytes = 0;
	return result == -1 ? -1 : 0;
}

static int
hold(struct exchange *x, struct paging *p, LDAPMessage *m, struct err *e)
{
	struct held *h = &p->held[p->held_count++];

	h->message = m;
	h->opened = entry_open(x->directory->ld, m, &h->bytes, e) == 0;
	p->held_bytes += h->bytes.length;
	return !p->on || !h->opened || p->held_count == HELD_MAX ||
	        p->held_bytes > HELD_BYTES
	    ? release(x, p, e)
	    : 0;
}

/*
 * The server works on the next page while we read this one. Not where ranges
 * are to be closed first: libldap would keep all that comes meanwhile.
 */
static void
ask_ahead(struct exchange *x, struct paging *p, LDAPMessage *result)
{
	LDAP *ld = x->directory->ld;
	LDAPControl **controls = NULL, *control;
	struct berval cookie = { 0, NULL };
	ber_int_t estimate;
	int code;

	if (p->held_count > 0 && x->pending_count == 0 &&
	    ldap_parse_result(ld, result, &code, NULL, NULL, NULL, &controls,
	        0) == LDAP_SUCCESS &&
	    code == LDAP_SUCCESS &&
	    (control = ldap_control_find(
	         LDAP_CONTROL_PAGEDRESULTS, controls, NULL)) != NULL &&
	    ldap_parse_pageresponse_control(ld, control, &estimate, &cookie) ==
	        LDAP_SUCCESS &&
	    cookie.bv_len > 0 && cookie.bv_len <= DIRECTORY_COOKIE_MAX)
		p->ahead = send_page(x, &cookie);
	ber_memfree(cookie.bv_val);
	ldap_controls_free(controls);
}

static int
end_page(struct exchange *x, struct paging *p, LDAPMessage *m, int64_t before,
    struct err *e)
{
	int result;

	ask_ahead(x, p, m);
	result = release(x, p, e);
	if (result == 0 && !x->directory->dead)
		page_result(x, p, m, before);
	ldap_msgfree(m);
	return result;
}

static int
read_page(struct exchange *x, struct paging *p, struct err *e)
{
	struct directory *d = x->directory;
	int64_t before = x->answer->query.entries;
	LDAPMessage *m = NULL;
	int id = p->ahead, result = 0;

	if (id == -1)
		id = send_page(x, p->on ? &p->cookie : NULL);
	p->ahead = -1;
	p->more = false;
	if (id == -1)
		return 0;
	while (result == 0 && !d->dead) {
		struct err why = { .code = ERR_NONE };

		switch (directory_next(d, id, &m, &why)) {
		case -1:
			result = release(x, p, e);
			exchange_incomplete(x, "%s", why.text);
			return result;
		case LDAP_RES_SEARCH_RESULT:
			return end_page(x, p, m, before, e);
		case LDAP_RES_SEARCH_ENTRY:
			result = hold(x, p, m, e);
			continue;
		case LDAP_RES_SEARCH_REFERENCE:
			exchange_reference(x, m);
			break;
		default:
			break;
		}
		ldap_msgfree(m);
		if (++x->others > DIRECTORY_OTHERS_MAX) {
			result = release(x, p, e);
			(void)leave(x, "the server does not end");
		}
	}
	return result;
}

int
directory_search(struct directory *d, const struct directory_search *s,
    const struct directory_reader *reader, struct directory_answer *answer,
    struct err *e)
{
	struct exchange x;
	struct paging p = {
		.on = s->page_size > 0 &&
		    directory_offers(
		        d, "supportedControl", LDAP_CONTROL_PAGEDRESULTS),
		.more = true,
		.ahead = -1,
	};
	int result = exchange_begin(&x, d, s, reader, answer, e);

	while (result == 0 && p.more && !d->dead) {
		result = read_page(&x, &p, e);
		if (result == 0 && p.ahead == -1)
			result = exchange_ranges(&x, e);
	}
	/* What was asked for too early is not wanted after all. */
	if (p.ahead != -1 && !d->dead)
		(void)ldap_abandon_ext(d->ld, p.ahead, NULL, NULL);
	ber_memfree(p.cookie.bv_val);
	return exchange_end(&x, result);
}
