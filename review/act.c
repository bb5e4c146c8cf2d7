#include "review/act_internal.h"

#include <stdlib.h>
#include <string.h>

#include "review/employee.h"
#include "review/signer.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define PATH_SIZE 4096u
#define NO_LIMIT  INT64_MAX /* as of now: after every act */

struct act {
	struct store *store;
	const struct act_kind *kind;
	struct act_how how;
	struct buf key; /* file */
	struct signer signer;
	struct buf key_line; /* as enrolled */
	int64_t id, at;
	unsigned char previous[DIGEST_SHA256_LENGTH];
	unsigned char digest[DIGEST_SHA256_LENGTH]; /* once finished */
	bool rehearsal;
	bool self; /* enrols itself */
};

struct act_how
act_how(const struct command_context *c)
{
	return (struct act_how){
		.now = c->now, .now_given = c->now_given, .key = c->key
	};
}

/* ---- Persons ---- */

static void
copy_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

int
signer_find_at(struct store *store, const char *fingerprint, int64_t act,
    struct signer *s, struct buf *key, struct err *e)
{
	struct statement *st = store_use(store, "signer_valid", e);
	int found;

	memset(s, 0, sizeof(*s));
	bind_text(st, ":fingerprint", fingerprint);
	bind_int(st, ":act", act);
	found = store_step(st, e);
	if (found == 1) {
		s->id = column_int(st, 0);
		copy_text(s->name, sizeof(s->name), column_text(st, 1));
		copy_text(s->employee, sizeof(s->employee), column_text(st, 2));
		copy_text(s->role, sizeof(s->role), column_text(st, 3));
		copy_text(
		    s->fingerprint, sizeof(s->fingerprint), column_text(st, 4));
		if (key != NULL)
			buf_put_string(key, column_text(st, 5));
	}
	store_done(st);
	return found;
}

/* Some enrol before there are personnel data, which may spell them otherwise. */
static int
spell(struct store *store, struct signer *s, struct err *e)
{
	char number[EMPLOYEE_SIZE];

	if (employee_find(store, s->employee, number, e) == -1)
		return -1;
	copy_text(s->employee, sizeof(s->employee), number);
	return 0;
}

int
signer_find(struct store *store, const char *fingerprint, struct signer *s,
    struct err *e)
{
	int found = signer_find_at(store, fingerprint, NO_LIMIT, s, NULL, e);

	return found == 1 && spell(store, s, e) == -1 ? -1 : found;
}

static int
count_signers(struct store *store, int64_t *count, struct err *e)
{
	struct statement *st = store_use(store, "signer_count", e);
	int found = store_step(st, e);

	if (found == 1)
		*count = column_int(st, 0);
	store_done(st);
	return found == 1 ? 0 : -1;
}

/* Why that key may not sign, and what to do about it. */
static int
explain_stranger(struct store *store, const char *fingerprint, struct err *e)
{
	struct statement *st = store_use(store, "signer_any", e);
	char name[sizeof(((struct signer *)NULL)->name)] = "";
	bool ended = false, refused = false;
	int64_t act = 0;
	int found;

	bind_text(st, ":fingerprint", fingerprint);
	if ((found = store_step(st, e)) == 1) {
		copy_text(name, sizeof(name), column_text(st, 0));
		act = column_int(st, 1);
		ended = column_int(st, 2) != 0;
		refused = column_int(st, 3) != 0;
	}
	store_done(st);
	if (found == -1)
		return -1;
	if (found == 0)
		return err_set(e, ERR_ACCESS,
		    _("%s is nobody's key here; whoever is enrolled runs: "
		      "reeve person add NAME --pub FILE"),
		    fingerprint);
	if (ended || refused)
		return err_set(e, ERR_ACCESS,
		    _("%s's key may not sign any more, or was refused"), name);
	return err_set(e, ERR_ACCESS,
	    _("%s's key counts once a second person runs: reeve approve %lld"),
	    name, (long long)act);
}

static int
explain_no_key(const struct act *a, int64_t signers, struct err *e)
{
	if (signers == 0)
		return err_set(e, ERR_ACCESS,
		    _("this needs a person's signature, and nobody is "
		      "enrolled yet; run: reeve person add NAME"));
	return err_set(e, ERR_ACCESS,
	    _("%s: is not there; name your key with --key, or make one: reeve "
	      "person add NAME"),
	    a->key.data == NULL ? "" : (const char *)a->key.data);
}

static int
check_role(const struct act *a, struct err *e)
{
	const char *wanted = a->how.roles == NULL ? "officer" : a->how.roles;

	if (act_role_in(wanted, a->signer.role) &&
	    act_role_in(a->kind->roles, a->signer.role))
		return 0;
	return err_set(e, ERR_ACCESS,
	    _("%s is enrolled as %s; this is for: %s"), a->signer.name,
	    a->signer.role, wanted);
}

static int
find_signer(struct act *a, struct err *e)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct buf line = buf_new(SSHKEY_LINE_MAX);
	int64_t signers = 0;
	int found = -1;

	if (act_check_head(a->store, e) == -1 ||
	    count_signers(a->store, &signers, e) == -1 ||
	    signer_key_file(a->how.key, &a->key, e) == -1)
		goto out;
	(void)buf_string(&a->key);
	if (signers == 0) {
		explain_no_key(a, signers, e);
		goto out;
	}
	if (signer_public(buf_string(&a->key), &line, fingerprint, e) == -1) {
		if (e->code == ERR_MISSING)
			explain_no_key(a, signers, e);
		goto out;
	}
	found = signer_find_at(
	    a->store, fingerprint, NO_LIMIT, &a->signer, &a->key_line, e);
	if (found == 0)
		found = explain_stranger(a->store, fingerprint, e);
	else if (found == 1 && (found = check_role(a, e)) != -1 &&
	    spell(a->store, &a->signer, e) == -1)
		found = -1;
out:
	buf_free(&line);
	return found;
}

/* ---- Beginning ---- */

static int
find_head(struct act *a, struct err *e)
{
	struct statement *st = store_use(a->store, "act_newest", e);
	int found = store_step(st, e), result = -1;
	int64_t newest = 0;
	size_t length = 0;

	if (found == 1) {
		const void *digest = column_blob(st, 1, &length);

		a->id = column_int(st, 0) + 1;
		newest = column_int(st, 2);
		if (digest != NULL && length == sizeof(a->previous))
			memcpy(a->previous, digest, length);
		result = 0;
	}
	if (result == 0 && a->id > 1 && length != sizeof(a->previous))
		result = err_set(e, ERR_TAMPERED,
		    "act %lld has no digest; see reeve verify",
		    (long long)a->id - 1);
	store_done(st);
	if (result == 0 && a->at < newest)
		return err_set(e, ERR_CONFIG,
		    _("the clock is %lld s behind the newest record; set it, "
		      "and try again"),
		    (long long)(newest - a->at));
	return result;
}

static int
find_rehearsal(struct act *a, struct err *e)
{
	struct statement *st = store_use(a->store, "setting_get", e);
	int found;

	bind_text(st, ":name", "rehearsal");
	found = store_step(st, e);
	store_done(st);
	a->rehearsal = found == 1;
	if (found == 0 && a->how.now_given)
		return err_set(e, ERR_USAGE,
		    "--now: only in a database made by reeve init --rehearsal");
	return found == -1 ? -1 : 0;
}

void
act_cancel(struct act **a)
{
	if (*a == NULL)
		return;
	store_rollback((*a)->store);
	buf_free(&(*a)->key);
	buf_free(&(*a)->key_line);
	free(*a);
	*a = NULL;
}

/* In its transaction; NULL: failed. */
static struct act *
start(struct store *store, const char *kind, const struct act_how *how,
    struct err *e)
{
	const struct act_kind *known = act_kind_find(kind);
	struct act *a;

	if (known == NULL) {
		err_set(e, ERR_FORMAT, "no act is a \"%s\"", kind);
		return NULL;
	}
	if (how->by_program && !known->program) {
		err_set(
		    e, ERR_ACCESS, "the program alone can't say \"%s\"", kind);
		return NULL;
	}
	if ((a = calloc(1, sizeof(*a))) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	a->store = store;
	a->kind = known;
	a->how = *how;
	a->at = how->now;
	a->key = buf_new(PATH_SIZE);
	a->key_line = buf_new(SSHKEY_LINE_MAX);
	if (store_begin(store, e) == -1) {
		free(a);
		return NULL;
	}
	if (find_rehearsal(a, e) == -1 || find_head(a, e) == -1)
		act_cancel(&a);
	return a;
}

int
act_begin(struct act **out, struct store *store, const char *kind,
    const struct act_how *how, struct err *e)
{
	struct act *a = start(store, kind, how, e);

	*out = NULL;
	if (a == NULL)
		return -1;
	if (!how->by_program && find_signer(a, e) == -1) {
		act_cancel(&a);
		return -1;
	}
	*out = a;
	return 0;
}

/* The key that is enrolled must be the one that signs. */
static int
take_self(struct act *a, const struct signer *self, struct err *e)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	int64_t signers;

	if (count_signers(a->store, &signers, e) == -1)
		return -1;
	if (signers >= 2)
		return err_set(e, ERR_ACCESS,
		    _("two persons are enrolled: they enrol all others"));
	if (signer_key_file(a->how.key, &a->key, e) == -1 ||
	    signer_public(buf_string(&a->key), &a->key_line, fingerprint, e) ==
	        -1)
		return -1;
	if (strcmp(fingerprint, self->fingerprint) != 0)
		return err_set(e, ERR_ACCESS,
		    _("%s: whoever enrols themselves signs with that key"),
		    buf_string(&a->key));
	a->signer = *self;
	a->signer.id = signers + 1; /* signer_add gives it the same */
	a->self = true;
	return 0;
}

int
act_begin_self(struct act **out, struct store *store, const struct signer *self,
    const struct act_how *how, struct err *e)
{
	struct act *a = start(store, "person", how, e);

	*out = NULL;
	if (a == NULL)
		return -1;
	if (take_self(a, self, e) == -1) {
		act_cancel(&a);
		return -1;
	}
	*out = a;
	return 0;
}

int64_t
act_number(const struct act *a)
{
	return a->id;
}

int64_t
act_at(const struct act *a)
{
	return a->at;
}

const struct signer *
act_signer(const struct act *a)
{
	return a->how.by_program ? NULL : &a->signer;
}

/* ---- Digests and text ---- */

int
act_make_digest(const char *text, const char *signature,
    unsigned char out[DIGEST_SHA256_LENGTH], struct err *e)
{
	struct buf b = buf_new(ACT_TEXT_MAX + SSHSIG_TEXT_MAX);
	int result = -1;

	buf_put_string(&b, text);
	buf_put_byte(&b, '\n');
	buf_put_string(&b, signature);
	if (buf_status(&b, e) == 0)
		result = digest_sha256(b.data, b.length, out, e);
	buf_free(&b);
	return result;
}

int
act_row_sum(const char *text, size_t length, unsigned char out[ACT_AID_SIZE],
    struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (digest_sha256(text, length, digest, e) == -1)
		return -1;
	memcpy(out, digest, ACT_AID_SIZE);
	return 0;
}

static int
each_row(struct statement *st, EVP_MD_CTX *c, int64_t *rows, act_row_fn *row,
    void *context, struct err *e)
{
	int more;

	*rows = 0;
	while ((more = store_step(st, e)) == 1) {
		const char *text = column_text(st, 0);
		size_t length = column_length(st, 0);

		if (text == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		if (EVP_DigestUpdate(c, text, length) != 1 ||
		    EVP_DigestUpdate(c, "\n", 1) != 1)
			return err_set(e, ERR_CRYPTO, "SHA-256");
		if (row != NULL && row(context, *rows, text, length, e) == -1)
			return -1;
		(*rows)++;
	}
	return more;
}

int
act_digest_rows(struct store *store, const char *table, int64_t act,
    struct act_digest *d, act_row_fn *row, void *context, struct err *e)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	struct statement *st;
	char name[64];
	int result = -1;

	(void)snprintf(name, sizeof(name), "act_rows_%s", table);
	st = store_use(store, name, e);
	bind_int(st, ":act", act);
	if (c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256");
	else if (each_row(st, c, &d->rows, row, context, e) == 0) {
		if (EVP_DigestFinal_ex(c, d->bytes, NULL) == 1)
			result = 0;
		else
			err_set(e, ERR_CRYPTO, "SHA-256");
	}
	store_done(st);
	EVP_MD_CTX_free(c);
	return result;
}

void
act_put_part(struct buf *b, const struct act_head *h, enum act_part part)
{
	struct buf time = buf_new(64);

	switch (part) {
	case ACT_PART_ACT:
		buf_printf(b, "\"act\":%lld", (long long)h->id);
		break;
	case ACT_PART_PREVIOUS:
		buf_put_string(b, "\"previous\":\"");
		enc_hex(b, h->previous, DIGEST_SHA256_LENGTH);
		buf_put_byte(b, '"');
		break;
	case ACT_PART_AT: /* whole seconds: 19 bytes, then the fraction */
		enc_time(&time, h->at * CLOCK_NS_PER_SECOND);
		buf_printf(b, "\"at\":\"%.19sZ\"", buf_string(&time));
		if (time.failed != ERR_NONE)
			b->failed = time.failed;
		break;
	case ACT_PART_KIND:
		buf_printf(b, "\"kind\":\"%s\"", h->kind);
		break;
	case ACT_PART_SIGNER:
		if (h->signer == NULL)
			buf_put_string(b, "\"signer\":null");
		else
			buf_printf(b, "\"signer\":\"%s\"", h->signer);
		break;
	case ACT_PART_REHEARSAL:
		buf_printf(
		    b, "\"rehearsal\":%s", h->rehearsal ? "true" : "false");
		break;
	case ACT_PARTS:
		break;
	}
	buf_free(&time);
}

void
act_put_table(struct buf *b, const char *table, const struct act_digest *d)
{
	buf_printf(b, "{\"table\":\"%s\",\"rows\":%lld,\"digest\":\"", table,
	    (long long)d->rows);
	enc_hex(b, d->bytes, sizeof(d->bytes));
	buf_put_string(b, "\"}");
}

void
act_put_head(struct buf *b, const struct act_head *h)
{
	for (int part = 0; part < ACT_PARTS; part++) {
		buf_put_byte(b, part == 0 ? '{' : ',');
		act_put_part(b, h, (enum act_part)part);
	}
	buf_put_string(b, ",\"tables\":[");
}

/* ---- The aid that names rows ---- */

struct aid {
	struct store *store;
	const char *table;
	int64_t act, part;
	size_t length;
	unsigned char sums[ACT_AID_PART * ACT_AID_SIZE];
};

static int
aid_flush(struct aid *a, struct err *e)
{
	struct statement *st;

	if (a->length == 0)
		return 0;
	st = store_use(a->store, "act_aid_add", e);
	bind_int(st, ":act", a->act);
	bind_text(st, ":table", a->table);
	bind_int(st, ":part", a->part);
	bind_blob(st, ":sums", a->sums, a->length);
	a->length = 0;
	a->part++;
	return store_run(st, e);
}

static int
aid_row(
    void *context, int64_t row, const char *text, size_t length, struct err *e)
{
	struct aid *a = context;

	(void)row;
	if (a->length == sizeof(a->sums) && aid_flush(a, e) == -1)
		return -1;
	if (act_row_sum(text, length, a->sums + a->length, e) == -1)
		return -1;
	a->length += ACT_AID_SIZE;
	return 0;
}

/* ---- Ending ---- */

static int
put_tables(const struct act *a, struct buf *text, struct err *e)
{
	for (size_t i = 0; i < ACT_TABLES && a->kind->tables[i] != NULL; i++) {
		struct aid aid = { .store = a->store,
			.table = a->kind->tables[i],
			.act = a->id };
		struct act_digest d;

		if (act_digest_rows(a->store, aid.table, a->id, &d, aid_row,
		        &aid, e) == -1 ||
		    aid_flush(&aid, e) == -1)
			return -1;
		if (i > 0)
			buf_put_byte(text, ',');
		act_put_table(text, aid.table, &d);
	}
	buf_put_string(text, "]}");
	return buf_status(text, e);
}

/* What came back must be that person's, over just that text. */
static int
check_signature(const struct act *a, const struct buf *text,
    const struct buf *signature, struct err *e)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct sshsig s;
	int result = -1;

	if (sshsig_read(
	        &s, (const char *)signature->data, signature->length, e) == -1)
		return -1;
	if (sshsig_fingerprint(&s, fingerprint, e) == -1)
		;
	else if (strcmp(fingerprint, a->signer.fingerprint) != 0)
		err_set(e, ERR_ACCESS,
		    _("signed with another key (%s) than %s's"), fingerprint,
		    a->signer.name);
	else
		result = sshsig_verify(
		    &s, ACT_NAMESPACE, text->data, text->length, e);
	sshsig_free(&s);
	return result;
}

static int
sign(struct act *a, struct buf *text, struct buf *signature, struct err *e)
{
	act_sign_fn *sign_text =
	    a->how.sign == NULL ? signer_sign : a->how.sign;

	if (a->how.by_program)
		return 0;
	if (sign_text(a->how.sign_context, buf_string(&a->key),
	        buf_string(text), text->length, signature, e) == -1)
		return -1;
	if (signature->length == 0)
		return err_set(e, ERR_FORMAT, _("no signature was made"));
	return check_signature(a, text, signature, e);
}

static int
insert(struct act *a, struct buf *text, struct buf *signature, struct err *e)
{
	struct statement *st;

	if (act_make_digest(
	        buf_string(text), buf_string(signature), a->digest, e) == -1)
		return -1;
	st = store_use(a->store, "act_add", e);
	bind_int(st, ":id", a->id);
	bind_int(st, ":at", a->at);
	bind_text(st, ":kind", a->kind->name);
	bind_fact(
	    st, ":signer", a->how.by_program ? FACT_UNKNOWN : a->signer.id);
	bind_text(st, ":text", buf_string(text));
	bind_text(st, ":signature", buf_string(signature));
	bind_blob(st, ":digest", a->digest, sizeof(a->digest));
	return store_run(st, e);
}

/* All but the commit. */
static int
finish(struct act *a, struct err *e)
{
	const struct act_head head = { .id = a->id,
		.at = a->at,
		.kind = a->kind->name,
		.signer = a->how.by_program ? NULL : a->signer.fingerprint,
		.previous = a->previous,
		.rehearsal = a->rehearsal };
	struct buf text = buf_new(ACT_TEXT_MAX);
	struct buf signature = buf_new(SSHSIG_TEXT_MAX);
	int result = -1;

	act_put_head(&text, &head);
	if (put_tables(a, &text, e) == 0 && sign(a, &text, &signature, e) == 0)
		result = insert(a, &text, &signature, e);
	buf_free(&text);
	buf_free(&signature);
	return result;
}

int
act_commit(struct act **a, struct buf *receipt, struct err *e)
{
	struct store *store = (*a)->store;
	int64_t id = (*a)->id;
	int result = -1;

	if (finish(*a, e) == 0 && store_commit(store, e) == 0) {
		if (receipt != NULL) {
			buf_printf(receipt, "act %lld ", (long long)id);
			enc_hex(receipt, (*a)->digest, sizeof((*a)->digest));
		}
		result = 0;
	}
	act_cancel(a); /* after a commit there is nothing to roll back */
	return result;
}

int
act_next(struct act **a, const char *kind, struct err *e)
{
	const struct act_kind *next = act_kind_find(kind);

	if (next == NULL)
		err_set(e, ERR_FORMAT, "no act is a \"%s\"", kind);
	else if ((*a)->how.by_program && !next->program)
		err_set(
		    e, ERR_ACCESS, "the program alone can't say \"%s\"", kind);
	else if (finish(*a, e) == 0) {
		(*a)->kind = next;
		(*a)->id++;
		(*a)->self = false;
		memcpy((*a)->previous, (*a)->digest, sizeof((*a)->previous));
		if ((*a)->how.by_program || check_role(*a, e) == 0)
			return 0;
	}
	act_cancel(a);
	return -1;
}
