#include <stdlib.h>
#include <string.h>

#include "review/report_internal.h"

/* Of each column: its length + 1 in four bytes, then it and a NUL; or 0. */
#define HEAD sizeof(uint32_t)

void
report_pick_free(struct report_pick *p)
{
	free(p->at);
	memset(p, 0, sizeof(*p));
}

int
report_rows_new(struct report_rows *r, const char *folder, struct err *e)
{
	memset(r, 0, sizeof(*r));
	return scratch_new(&r->scratch, folder, e);
}

void
report_rows_free(struct report_rows *r)
{
	scratch_free(&r->scratch);
}

void
report_rows_next(struct report_rows *r)
{
	r->kept = false;
}

static int
put_row(struct report_rows *r, const struct pack_row *row, struct err *e)
{
	struct buf b = buf_new(SCRATCH_PIECE);
	int result;

	for (size_t i = 0; i < row->class->count; i++) {
		const char *value = row->values[i];
		uint32_t length =
		    value == NULL ? 0 : (uint32_t)strlen(value) + 1;

		buf_put(&b, &length, HEAD);
		if (value != NULL)
			buf_put(&b, value, length);
	}
	result = buf_status(&b, e);
	if (result == 0)
		result = scratch_put(r->scratch, b.data, b.length, &r->at, e);
	buf_free(&b);
	r->kept = result == 0;
	return result;
}

static int
make_room(struct report_pick *p, struct err *e)
{
	size_t room = p->room == 0 ? 64 : 2 * p->room;
	uint64_t *more;

	if (p->count < p->room)
		return 0;
	if ((more = realloc(p->at, room * sizeof(*more))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->at = more;
	p->room = room;
	return 0;
}

int
report_keep(struct report_rows *r, struct report_pick *p,
    const struct pack_row *row, struct err *e)
{
	p->total++;
	if (p->count == p->limit)
		return 0;
	if (make_room(p, e) == -1 || (!r->kept && put_row(r, row, e) == -1))
		return -1;
	p->at[p->count++] = r->at;
	return 0;
}

int
report_pick_append(
    struct report_pick *p, const struct report_pick *more, struct err *e)
{
	p->total += more->total;
	for (size_t i = 0; i < more->count && p->count < p->limit; i++) {
		if (make_room(p, e) == -1)
			return -1;
		p->at[p->count++] = more->at[i];
	}
	return 0;
}

int
report_kept(struct report_rows *r, const struct report_pick *p, size_t i,
    struct pack_row *row, struct err *e)
{
	const unsigned char *piece;
	size_t length, at = 0;

	memset(row, 0, sizeof(*row));
	row->class = p->class;
	piece = scratch_get(r->scratch, p->at[i], &length, e);
	if (piece == NULL)
		return -1;
	for (size_t column = 0; column < p->class->count; column++) {
		uint32_t bytes;

		if (length - at < HEAD)
			return err_set(e, ERR_FORMAT, "a row put aside");
		memcpy(&bytes, piece + at, HEAD);
		at += HEAD;
		if (bytes > length - at)
			return err_set(e, ERR_FORMAT, "a row put aside");
		if (bytes > 0)
			row->values[column] = (const char *)piece + at;
		at += bytes;
	}
	return 0;
}
