#include "pamod/state_record.h"

#include <string.h>

#include "schema/base/digest.h"
#include "schema/base/secret.h"

#define DIGEST  DIGEST_SHA256_LENGTH
#define CHECKED (RECORD_SLOT - DIGEST) /* what the checksum is over */
#define NO_FIELD                                                               \
	{                                                                      \
		.size = 0                                                      \
	}

/* One table says how a struct is read and how it is written. */
enum kind {
	NUMBER, /* little-endian, of 1, 2, 4 or 8 bytes; signed ones too */
	FLAG,   /* a bool, as one byte */
	TEXT,   /* a string, zeros behind it */
	BYTES,
	ROWS /* structs, whose first field is their key: if zero, all is */
};

struct field {
	enum kind kind;
	size_t offset;
	size_t size; /* of one */
	size_t count;
	const struct field *row; /* ROWS: its fields; ends with size 0 */
};

#define FIELD(struct_, kind_, field_)                                          \
	{                                                                      \
		.kind = (kind_), .offset = offsetof(struct struct_, field_),   \
		.size = sizeof(((struct struct_ *)0)->field_), .count = 1      \
	}
#define MANY(struct_, kind_, field_, row_)                                     \
	{                                                                      \
		.kind = (kind_), .offset = offsetof(struct struct_, field_),   \
		.size = sizeof(*((struct struct_ *)0)->field_),                \
		.count = sizeof(((struct struct_ *)0)->field_) /               \
		    sizeof(*((struct struct_ *)0)->field_),                    \
		.row = (row_)                                                  \
	}
#define ONE_ROW(struct_, field_, row_)                                         \
	{                                                                      \
		.kind = ROWS, .offset = offsetof(struct struct_, field_),      \
		.size = sizeof(((struct struct_ *)0)->field_), .count = 1,     \
		.row = (row_)                                                  \
	}

static const struct field factor_fields[] = {
	FIELD(state_factor, NUMBER, id),
	FIELD(state_factor, TEXT, type),
	FIELD(state_factor, TEXT, label),
	FIELD(state_factor, FLAG, confirmed),
	FIELD(state_factor, FLAG, suspended),
	FIELD(state_factor, NUMBER, created),
	FIELD(state_factor, NUMBER, last_used),
	FIELD(state_factor, NUMBER, algorithm),
	FIELD(state_factor, NUMBER, digits),
	FIELD(state_factor, NUMBER, period),
	FIELD(state_factor, NUMBER, drift),
	FIELD(state_factor, NUMBER, counter),
	FIELD(state_factor, NUMBER, data_length),
	FIELD(state_factor, BYTES, data),
	NO_FIELD,
};

static const struct field recovery_fields[] = {
	FIELD(state_recovery, NUMBER, made),
	FIELD(state_recovery, TEXT, setting),
	FIELD(state_recovery, NUMBER, count),
	FIELD(state_recovery, NUMBER, used),
	MANY(state_recovery, BYTES, digest, NULL),
	NO_FIELD,
};

static const struct field source_fields[] = {
	FIELD(state_source, TEXT, source),
	FIELD(state_source, NUMBER, failures),
	FIELD(state_source, NUMBER, last_failure),
	FIELD(state_source, NUMBER, last_success),
	FIELD(state_source, NUMBER, failure_uptime),
	NO_FIELD,
};

static const struct field attempt_fields[] = {
	FIELD(state_attempt, NUMBER, id),
	FIELD(state_attempt, NUMBER, pid),
	FIELD(state_attempt, NUMBER, pid_start),
	FIELD(state_attempt, BYTES, boot),
	FIELD(state_attempt, NUMBER, begun),
	FIELD(state_attempt, NUMBER, answered),
	FIELD(state_attempt, TEXT, service),
	FIELD(state_attempt, TEXT, source),
	NO_FIELD,
};

static const struct field stamp_fields[] = {
	FIELD(record_stamp, NUMBER, sequence),
	FIELD(record_stamp, BYTES, boot),
	NO_FIELD,
};

static const struct field user_fields[] = {
	FIELD(state_user, TEXT, name),
	FIELD(state_user, NUMBER, uid),
	FIELD(state_user, NUMBER, created),
	FIELD(state_user, NUMBER, enroll_deadline),
	FIELD(state_user, NUMBER, must_change),
	FIELD(state_user, NUMBER, password_changed),
	FIELD(state_user, NUMBER, next_factor_id),
	MANY(state_user, ROWS, factors, factor_fields),
	ONE_ROW(state_user, recovery, recovery_fields),
	FIELD(state_user, NUMBER, ticket_expires),
	FIELD(state_user, BYTES, ticket_digest),
	FIELD(state_user, NUMBER, exempt_until),
	FIELD(state_user, TEXT, exempt_approver),
	FIELD(state_user, NUMBER, failures),
	FIELD(state_user, NUMBER, last_failure),
	FIELD(state_user, NUMBER, failure_uptime),
	FIELD(state_user, NUMBER, locked),
	FIELD(state_user, NUMBER, locked_since),
	FIELD(state_user, NUMBER, failures_since_login),
	FIELD(state_user, NUMBER, last_login),
	FIELD(state_user, TEXT, last_source),
	FIELD(state_user, TEXT, last_service),
	MANY(state_user, ROWS, sources, source_fields),
	ONE_ROW(state_user, overflow, source_fields),
	FIELD(state_user, NUMBER, next_attempt_id),
	MANY(state_user, ROWS, attempts, attempt_fields),
	FIELD(state_user, NUMBER, history_count),
	MANY(state_user, TEXT, history, NULL),
	NO_FIELD,
};

/*
 * Where a slot is written to, or, if it is there already, compared with: this
 * is done at every login.
 */
struct out {
	unsigned char *to;         /* NULL: it is compared */
	const unsigned char *with; /* what it should be then */
	size_t left;               /* bytes */
	enum err_code failed;
	bool differs;
};

static void
put_bytes(struct out *o, const void *bytes, size_t size)
{
	if (size > o->left) {
		o->failed = ERR_LIMIT;
		return;
	}
	o->left -= size;
	if (o->to != NULL) {
		memcpy(o->to, bytes, size);
		o->to += size;
	} else {
		o->differs = o->differs || memcmp(o->with, bytes, size) != 0;
		o->with += size;
	}
}

static uint64_t
number_at(const unsigned char *at, size_t size)
{
	union {
		uint8_t n1;
		uint16_t n2;
		uint32_t n4;
		uint64_t n8;
	} u = { .n8 = 0 };

	memcpy(&u, at, size);
	return size == 1 ? u.n1 : size == 2 ? u.n2 : size == 4 ? u.n4 : u.n8;
}

static void
put_number(struct out *o, const unsigned char *at, size_t size)
{
	uint64_t value = number_at(at, size);

	unsigned char bytes[8];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
	put_bytes(o, bytes, size);
}

static void
take_number(struct cursor *c, unsigned char *at, size_t size)
{
	uint8_t n1;
	uint16_t n2;
	uint32_t n4;
	uint64_t n8;

	switch (size) {
	case 1:
		n1 = cursor_byte(c);
		memcpy(at, &n1, size);
		break;
	case 2:
		n2 = cursor_u16(c);
		memcpy(at, &n2, size);
		break;
	case 4:
		n4 = cursor_u32(c);
		memcpy(at, &n4, size);
		break;
	default:
		n8 = cursor_u64(c);
		memcpy(at, &n8, size);
		break;
	}
}

static void put_fields(
    struct out *, const unsigned char *, const struct field *);
static void take_fields(struct cursor *, unsigned char *, const struct field *);

static void
put_zeros(struct out *o, size_t count)
{
	static const unsigned char zeros[256];

	for (size_t part; count > 0 && o->failed == ERR_NONE; count -= part) {
		part = count < sizeof(zeros) ? count : sizeof(zeros);
		put_bytes(o, zeros, part);
	}
}

static void
put_text(struct out *o, const unsigned char *at, size_t size)
{
	size_t length = strnlen((const char *)at, size);

	if (length == size)
		o->failed = ERR_FORMAT; /* nothing closes it */
	put_bytes(o, at, length);
	put_zeros(o, size - length);
}

static void
put_one(struct out *o, const unsigned char *at, const struct field *f)
{
	unsigned char flag;

	switch (f->kind) {
	case NUMBER:
		put_number(o, at, f->size);
		break;
	case FLAG:
		flag = *(const bool *)at ? 1 : 0;
		put_bytes(o, &flag, 1);
		break;
	case TEXT:
		put_text(o, at, f->size);
		break;
	case BYTES:
		put_bytes(o, at, f->size);
		break;
	case ROWS:
		put_fields(o, at, f->row);
		break;
	}
}

static void
put_fields(struct out *o, const unsigned char *from, const struct field *f)
{
	for (; f->size != 0; f++)
		for (size_t i = 0; i < f->count; i++)
			put_one(o, from + f->offset + i * f->size, f);
}

static void
take_one(struct cursor *c, unsigned char *at, const struct field *f)
{
	switch (f->kind) {
	case NUMBER:
		take_number(c, at, f->size);
		break;
	case FLAG:
		*(bool *)at = cursor_byte(c) != 0;
		break;
	case TEXT:
		cursor_copy(c, at, f->size);
		if (memchr(at, '\0', f->size) == NULL)
			c->failed = true;
		break;
	case BYTES:
		cursor_copy(c, at, f->size);
		break;
	case ROWS:
		take_fields(c, at, f->row);
		break;
	}
}

static void
take_fields(struct cursor *c, unsigned char *to, const struct field *f)
{
	for (; f->size != 0; f++)
		for (size_t i = 0; i < f->count; i++)
			take_one(c, to + f->offset + i * f->size, f);
}

static int
check_bounds(const struct state_user *u, struct err *e)
{
	if (u->history_count > STATE_HISTORY_MAX ||
	    u->recovery.count > STATE_RECOVERY_MAX)
		return err_set(e, ERR_FORMAT, "a count is out of bounds");
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		const struct state_factor *f = &u->factors[i];

		if (f->data_length > STATE_SEALED_MAX)
			return err_set(e, ERR_FORMAT,
			    "factor %u: a length is out of bounds",
			    (unsigned)f->id);
		for (size_t j = 0; j < i && f->id != 0; j++)
			if (u->factors[j].id == f->id)
				return err_set(e, ERR_FORMAT,
				    "factor %u is there twice",
				    (unsigned)f->id);
	}
	return 0;
}

/* Zeros where nothing is said. */
static void
clear_unused(struct state_user *u)
{
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *f = &u->factors[i];

		if (f->id == 0)
			secret_wipe(f, sizeof(*f));
		else
			secret_wipe(f->data + f->data_length,
			    sizeof(f->data) - f->data_length);
	}
	if (u->recovery.made == 0)
		secret_wipe(&u->recovery, sizeof(u->recovery));
	for (size_t i = u->recovery.count; i < STATE_RECOVERY_MAX; i++)
		secret_wipe(
		    u->recovery.digest[i], sizeof(u->recovery.digest[i]));
	for (size_t i = 0; i < STATE_SOURCES_MAX; i++)
		if (u->sources[i].source[0] == '\0')
			u->sources[i] = (struct state_source){ 0 };
	if (u->overflow.source[0] == '\0')
		u->overflow = (struct state_source){ 0 };
	for (size_t i = 0; i < STATE_ATTEMPTS_MAX; i++)
		if (u->attempts[i].id == 0)
			u->attempts[i] = (struct state_attempt){ 0 };
	for (size_t i = u->history_count; i < STATE_HISTORY_MAX; i++)
		secret_wipe(u->history[i], sizeof(u->history[i]));
}

/* The slot but for its checksum. */
static int
put_slot(struct out *o, const struct state_user *clean,
    const struct record_stamp *stamp, struct err *e)
{
	o->left = CHECKED;
	put_fields(o, (const unsigned char *)stamp, stamp_fields);
	put_fields(o, (const unsigned char *)clean, user_fields);
	put_zeros(o, o->left);
	if (o->failed != ERR_NONE)
		return err_set(e, o->failed,
		    o->failed == ERR_LIMIT ? "more than a slot holds"
		                           : "a text is not closed");
	return 0;
}

int
record_write(const struct state_user *user, const struct record_stamp *stamp,
    unsigned char *slot, struct err *e)
{
	struct state_user clean = *user;
	int result = -1;

	if (check_bounds(&clean, e) == -1)
		goto out;
	clear_unused(&clean);
	if (put_slot(&(struct out){ .to = slot }, &clean, stamp, e) == -1 ||
	    digest_sha256(slot, CHECKED, slot + CHECKED, e) == -1)
		goto out;
	result = 0;
out:
	secret_wipe(&clean, sizeof(clean));
	return result;
}

int
record_claim(
    const unsigned char *slot, struct record_stamp *stamp, struct err *e)
{
	struct cursor c = cursor_new(slot, RECORD_STAMP);

	stamp->sequence = cursor_u64(&c);
	cursor_copy(&c, stamp->boot, sizeof(stamp->boot));
	if (stamp->sequence == 0 || stamp->sequence > INT64_MAX)
		return err_set(e, ERR_FORMAT, "impossible sequence number");
	return 0;
}

int
record_check(
    const unsigned char *slot, struct record_stamp *stamp, struct err *e)
{
	unsigned char digest[DIGEST];

	if (digest_sha256(slot, CHECKED, digest, e) == -1)
		return -1;
	if (memcmp(digest, slot + CHECKED, DIGEST) != 0)
		return err_set(e, ERR_FORMAT, "wrong checksum");
	return record_claim(slot, stamp, e);
}

int
record_read(const unsigned char *slot, struct state_user *user, struct err *e)
{
	struct cursor c = cursor_new(slot, CHECKED);
	struct out same = { .with = slot };
	struct record_stamp stamp;
	int result = -1;

	*user = (struct state_user){ 0 };
	take_fields(&c, (unsigned char *)&stamp, stamp_fields);
	take_fields(&c, (unsigned char *)user, user_fields);
	if (c.failed) {
		err_set(e, ERR_FORMAT, "a text is not closed");
		goto out;
	}
	if (check_bounds(user, e) == -1)
		goto out;
	/* What would be written now finds all that has no business there. */
	clear_unused(user);
	if (put_slot(&same, user, &stamp, e) == -1)
		goto out;
	if (same.differs) {
		err_set(e, ERR_FORMAT, "bytes where there should be none");
		goto out;
	}
	result = 0;
out:
	if (result == -1)
		state_wipe(user);
	return result;
}
