/*
 * Refreshes: syncrepl (RFC 4533) and DirSync (MS-ADTS 3.1.1.3.4.1.3).
 */
#include "review/directory_sync.h"

#include <string.h>

#include "review/directory_handle.h"

/* The choice of syncInfoValue that counts (RFC 4533 section 2.5). */
#define INFO_ID_SET 0xa3u

#define TAG_OCTETS 0x04u
#define TAG_BOOL   0x01u

/* A server may name each of a lot of entries, but not without end. */
#define UUIDS_MAX 100000000

#define DIRSYNC_BYTES (1024 * 1024) /* of an answer, as a wish */

struct refresh {
	struct exchange exchange;
	const struct sync_reader *reader;
	struct sync_result *result;
	unsigned char uuid[DIRECTORY_UUID_SIZE]; /* of the entry at hand */
	int64_t uuids;
};

void
sync_result_free(struct sync_result *r)
{
	buf_free(&r->cookie);
}

static void
keep_cookie(struct sync_result *r, const struct berval *cookie)
{
	buf_clear(&r->cookie);
	buf_put(&r->cookie, cookie->bv_val, cookie->bv_len);
}

static void
malformed(struct exchange *x, const char *what)
{
	x->directory->dead = true;
	exchange_incomplete(x, "%s is not well-formed", what);
}

/* What is neither entry nor result: there is an end to our patience. */
static void
count_other(struct exchange *x)
{
	if (++x->others <= DIRECTORY_OTHERS_MAX)
		return;
	x->directory->dead = true;
	exchange_incomplete(x, "the server does not end");
}

/* ---- syncrepl ---- */

/* SEQUENCE { mode ENUMERATED, cookie OCTET STRING OPTIONAL } */
static int
request_control(const struct buf *cookie, LDAPControl **out)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval value = { 0, NULL };
	int code = LDAP_NO_MEMORY;

	if (ber == NULL)
		return code;
	if (ber_printf(ber, "{e", LDAP_SYNC_REFRESH_ONLY) != -1 &&
	    (cookie == NULL || cookie->length == 0 ||
	        ber_printf(ber, "o", cookie->data, (ber_len_t)cookie->length) !=
	            -1) &&
	    ber_printf(ber, "N}") != -1 && ber_flatten2(ber, &value, 0) != -1)
		code =
		    ldap_control_create(LDAP_CONTROL_SYNC, 1, &value, 1, out);
	ber_free(ber, 1);
	return code;
}

/* SEQUENCE { state ENUMERATED, entryUUID, cookie OPTIONAL } */
static int
read_state(struct refresh *r, LDAPMessage *m)
{
	LDAPControl **controls = NULL, *control;
	struct berval uuid = { 0, NULL };
	BerElement *ber = NULL;
	ber_int_t state = -1;

	if (ldap_get_entry_controls(r->exchange.directory->ld, m, &controls) !=
	    LDAP_SUCCESS)
		return -1;
	control = ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL);
	if (control != NULL)
		ber = ber_init(&control->ldctl_value);
	if (ber == NULL || ber_scanf(ber, "{em", &state, &uuid) == LBER_ERROR ||
	    uuid.bv_len != DIRECTORY_UUID_SIZE)
		state = -1;
	else
		memcpy(r->uuid, uuid.bv_val, sizeof(r->uuid));
	ber_free(ber, 1);
	ldap_controls_free(controls);
	return state;
}

static int
hear_changed(void *context, const struct entry *entry, struct err *e)
{
	struct refresh *r = context;

	return r->reader->changed(r->reader->context, r->uuid, entry, e);
}

static int
take_entry(struct refresh *r, LDAPMessage *m, struct err *e)
{
	switch (read_state(r, m)) {
	case LDAP_SYNC_PRESENT:
		count_other(&r->exchange);
		return r->reader->present(r->reader->context, r->uuid, e);
	case LDAP_SYNC_ADD:
	case LDAP_SYNC_MODIFY:
		return exchange_entry(&r->exchange, m, e);
	case LDAP_SYNC_DELETE:
		count_other(&r->exchange);
		return r->reader->deleted(r->reader->context, r->uuid, e);
	default:
		malformed(&r->exchange, "an entry's sync state");
		return 0;
	}
}

/* SET OF UUID, of deleted or of present entries */
static int
take_set(struct refresh *r, BerElement *ber, bool deleted, struct err *e)
{
	struct berval uuid;
	ber_len_t length;
	char *last = NULL;
	int result = 0;

	for (ber_tag_t tag = ber_first_element(ber, &length, &last);
	     tag != LBER_DEFAULT && result == 0;
	     tag = ber_next_element(ber, &length, last)) {
		if (ber_scanf(ber, "m", &uuid) == LBER_ERROR ||
		    uuid.bv_len != DIRECTORY_UUID_SIZE ||
		    ++r->uuids > UUIDS_MAX) {
			malformed(&r->exchange, "a set of UUIDs");
			return 0;
		}
		memcpy(r->uuid, uuid.bv_val, sizeof(r->uuid));
		result = (deleted ? r->reader->deleted : r->reader->present)(
		    r->reader->context, r->uuid, e);
	}
	if (last == NULL)
		malformed(&r->exchange, "a set of UUIDs");
	return result;
}

/* [3] SEQUENCE { cookie OPTIONAL, refreshDeletes DEFAULT FALSE, SET } */
static int
take_id_set(struct refresh *r, BerElement *ber, struct err *e)
{
	struct berval cookie;
	ber_len_t length;
	ber_int_t deletes = 0;

	if (ber_skip_tag(ber, &length) != INFO_ID_SET)
		goto bad;
	if (ber_peek_tag(ber, &length) == TAG_OCTETS &&
	    ber_scanf(ber, "m", &cookie) == LBER_ERROR)
		goto bad;
	if (ber_peek_tag(ber, &length) == TAG_BOOL &&
	    ber_scanf(ber, "b", &deletes) == LBER_ERROR)
		goto bad;
	return take_set(r, ber, deletes != 0, e);
bad:
	malformed(&r->exchange, "a set of UUIDs");
	return 0;
}

/* Cookies on the way are not kept: the one at the end counts. */
static int
take_info(struct refresh *r, LDAPMessage *m, struct err *e)
{
	struct exchange *x = &r->exchange;
	struct berval *value = NULL;
	char *oid = NULL;
	BerElement *ber = NULL;
	ber_len_t length;
	int result = 0;

	if (ldap_parse_intermediate(
	        x->directory->ld, m, &oid, &value, NULL, 0) != LDAP_SUCCESS)
		malformed(x, "an intermediate answer");
	else if (oid != NULL && strcmp(oid, LDAP_SYNC_INFO) == 0) {
		if (value == NULL || (ber = ber_init(value)) == NULL)
			malformed(x, "a sync info");
		else if (ber_peek_tag(ber, &length) == INFO_ID_SET)
			result = take_id_set(r, ber, e);
	}
	count_other(x);
	ber_free(ber, 1);
	ber_bvfree(value);
	ldap_memfree(oid);
	return result;
}

/* SEQUENCE { cookie OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE } */
static bool
read_done(LDAPControl *control, struct sync_result *result)
{
	BerElement *ber = ber_init(&control->ldctl_value);
	struct berval cookie = { 0, NULL };
	ber_len_t length;
	ber_int_t deletes = 0;
	bool good = false;

	if (ber == NULL || ber_skip_tag(ber, &length) == LBER_DEFAULT)
		goto out;
	if (ber_peek_tag(ber, &length) == TAG_OCTETS &&
	    (ber_scanf(ber, "m", &cookie) == LBER_ERROR ||
	        cookie.bv_len > DIRECTORY_COOKIE_MAX))
		goto out;
	if (ber_peek_tag(ber, &length) == TAG_BOOL &&
	    ber_scanf(ber, "b", &deletes) == LBER_ERROR)
		goto out;
	result->absent_is_gone = deletes == 0;
	keep_cookie(result, &cookie);
	good = true;
out:
	ber_free(ber, 1);
	return good;
}

static void
take_done(struct refresh *r, LDAPMessage *m)
{
	struct exchange *x = &r->exchange;
	LDAPControl **controls = NULL, *control;
	int code = exchange_result(x, m, &controls);

	r->result->refused = code == LDAP_SYNC_REFRESH_REQUIRED ||
	    code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION ||
	    code == LDAP_PROTOCOL_ERROR || code == LDAP_UNWILLING_TO_PERFORM;
	control = ldap_control_find(LDAP_CONTROL_SYNC_DONE, controls, NULL);
	if (code == LDAP_SUCCESS && control == NULL)
		exchange_incomplete(x, "the refresh ends without its control");
	else if (code == LDAP_SUCCESS && !read_done(control, r->result))
		malformed(x, "the end of the refresh");
	ldap_controls_free(controls);
}

/* Answers until the result, each to its function. */
static int
read_refresh(struct refresh *r, int id, struct err *e)
{
	struct exchange *x = &r->exchange;
	struct directory *d = x->directory;
	LDAPMessage *m = NULL;
	int type = 0, result = 0;

	while (result == 0 && !d->dead && type != LDAP_RES_SEARCH_RESULT) {
		type = directory_next(d, id, &m, e);
		if (type == -1) {
			exchange_incomplete(x, "%s", e->text);
			return 0;
		}
		if (type == LDAP_RES_SEARCH_ENTRY)
			result = take_entry(r, m, e);
		else if (type == LDAP_RES_INTERMEDIATE)
			result = take_info(r, m, e);
		else if (type == LDAP_RES_SEARCH_RESULT)
			take_done(r, m);
		else {
			exchange_reference(x, m);
			count_other(x);
		}
		ldap_msgfree(m);
	}
	return result;
}

int
directory_syncrepl(struct directory *d, const struct directory_search *s,
    const struct buf *cookie, const struct sync_reader *reader,
    struct sync_result *result, struct directory_answer *answer, struct err *e)
{
	struct refresh r = { .reader = reader, .result = result };
	struct directory_reader entries = { .entry = hear_changed,
		.context = &r };
	LDAPControl *controls[2] = { NULL, NULL };
	int id = -1, status;

	*result = (struct sync_result){ .refused = false };
	result->cookie = buf_new(DIRECTORY_COOKIE_MAX);
	status = exchange_begin(&r.exchange, d, s, &entries, answer, e);
	if (status == 0 && !d->dead) {
		if (request_control(cookie, &controls[0]) != LDAP_SUCCESS)
			exchange_incomplete(&r.exchange, "no memory");
		else
			id = exchange_send(&r.exchange, s->base, (int)s->scope,
			    s->filter, s->attributes, controls);
		if (id != -1)
			status = read_refresh(&r, id, e);
	}
	if (controls[0] != NULL)
		ldap_control_free(controls[0]);
	status = exchange_end(&r.exchange, status);
	if (status == -1 || !answer->query.complete) {
		result->absent_is_gone = false;
		buf_clear(&result->cookie);
	}
	return status;
}

/* ---- DirSync ---- */

static int
dirsync_control(struct directory *d, unsigned flags, const struct buf *cookie,
    LDAPControl **out)
{
	char empty[] = "";
	struct berval old = { cookie->length,
		cookie->data == NULL ? empty : (char *)cookie->data };
	int bits = LDAP_CONTROL_X_DIRSYNC_ANCESTORS_FIRST;

	if ((flags & DIRSYNC_OBJECT_SECURITY) != 0)
		bits |= LDAP_CONTROL_X_DIRSYNC_OBJECT_SECURITY;
	if ((flags & DIRSYNC_INCREMENTAL_VALUES) != 0)
		bits |= (int)LDAP_CONTROL_X_DIRSYNC_INCREMENTAL_VALUES;
	return ldap_create_dirsync_control(
	    d->ld, bits, DIRSYNC_BYTES, &old, out);
}

/* The cookie for the next round, if it moves on. */
static void
take_dirsync_cookie(struct exchange *x, struct sync_result *r,
    LDAPControl **controls, bool *more, int64_t entries)
{
	LDAPControl *control =
	    ldap_control_find(LDAP_CONTROL_X_DIRSYNC, controls, NULL);
	struct berval cookie = { 0, NULL };
	int go_on = 0;
	bool same;

	if (control == NULL ||
	    ldap_parse_dirsync_control(
	        x->directory->ld, control, &go_on, &cookie) != LDAP_SUCCESS ||
	    cookie.bv_len == 0 || cookie.bv_len > DIRECTORY_COOKIE_MAX) {
		exchange_incomplete(x, "an answer without a DirSync cookie");
		goto out;
	}
	same = cookie.bv_len == r->cookie.length &&
	    memcmp(cookie.bv_val, r->cookie.data, cookie.bv_len) == 0;
	if (go_on != 0 && same && entries == 0) {
		exchange_incomplete(
		    x, "the server gives the same cookie and no entries");
		goto out;
	}
	keep_cookie(r, &cookie);
	x->answer->query.pages++;
	*more = go_on != 0;
out:
	ber_memfree(cookie.bv_val);
}

static void
dirsync_result(struct exchange *x, struct sync_result *r, LDAPMessage *m,
    bool *more, int64_t entries)
{
	LDAPControl **controls = NULL;
	int code = exchange_result(x, m, &controls);

	if (code == LDAP_SUCCESS)
		take_dirsync_cookie(x, r, controls, more, entries);
	else
		r->refused = code != LDAP_BUSY && code != LDAP_UNAVAILABLE;
	ldap_controls_free(controls);
}

static int
dirsync_send(struct exchange *x, unsigned flags, const struct buf *cookie)
{
	const struct directory_search *s = x->search;
	LDAPControl *controls[2] = { NULL, NULL };
	int id = -1;

	if (dirsync_control(x->directory, flags, cookie, &controls[0]) ==
	    LDAP_SUCCESS)
		id = exchange_send(x, s->base, (int)s->scope, s->filter,
		    s->attributes, controls);
	else
		exchange_incomplete(x, "no memory");
	if (controls[0] != NULL)
		ldap_control_free(controls[0]);
	return id;
}

static int
dirsync_round(struct exchange *x, unsigned flags, struct sync_result *r,
    bool *more, struct err *e)
{
	struct directory *d = x->directory;
	int64_t before = x->answer->query.entries;
	LDAPMessage *m = NULL;
	int type = 0, result = 0, id = dirsync_send(x, flags, &r->cookie);

	*more = false;
	if (id == -1)
		return 0;
	while (result == 0 && !d->dead && type != LDAP_RES_SEARCH_RESULT) {
		type = directory_next(d, id, &m, e);
		if (type == -1) {
			exchange_incomplete(x, "%s", e->text);
			return 0;
		}
		if (type == LDAP_RES_SEARCH_ENTRY)
			result = exchange_entry(x, m, e);
		else if (type == LDAP_RES_SEARCH_RESULT)
			dirsync_result(
			    x, r, m, more, x->answer->query.entries - before);
		else {
			exchange_reference(x, m);
			count_other(x);
		}
		ldap_msgfree(m);
	}
	return result;
}

int
directory_dirsync(struct directory *d, const struct directory_search *s,
    unsigned flags, const struct buf *cookie,
    const struct directory_reader *reader, struct sync_result *result,
    struct directory_answer *answer, struct err *e)
{
	struct exchange x;
	bool more = true;
	int64_t empty = 0, before;
	int status;

	*result = (struct sync_result){ .refused = false };
	result->cookie = buf_new(DIRECTORY_COOKIE_MAX);
	if (cookie != NULL)
		buf_put(&result->cookie, cookie->data, cookie->length);
	status = exchange_begin(&x, d, s, reader, answer, e);
	x.keep_empty = true;
	while (status == 0 && more && !d->dead) {
		before = answer->query.entries;
		status = dirsync_round(&x, flags, result, &more, e);
		empty = answer->query.entries == before ? empty + 1 : 0;
		if (more && empty > DIRECTORY_EMPTY_PAGES) {
			exchange_incomplete(&x, "the server does not end");
			more = false;
		}
	}
	status = exchange_end(&x, status);
	if (status == -1 || !answer->query.complete)
		buf_clear(&result->cookie);
	return status;
}
