#include <stdio.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/pack_internal.h"

#define NUMBER_SIZE 24

/* One table's rows of one act, as they are written. */
struct writing {
	struct pack_making *making;
	char act[NUMBER_SIZE];
	const char *table;
};

static int
write_row(
    void *context, int64_t row, const char *text, size_t length, struct err *e)
{
	struct writing *w = context;
	char number[NUMBER_SIZE];
	const char *const values[] = { w->act, w->table, number, text };

	(void)length;
	(void)snprintf(number, sizeof(number), "%lld", (long long)row + 1);
	return pack_row(w->making->writer, values, e);
}

static int
write_act(struct pack_making *m, int64_t act, const struct act_kind *kind,
    struct err *e)
{
	struct writing w = { .making = m };
	struct act_digest ignored;

	(void)snprintf(w.act, sizeof(w.act), "%lld", (long long)act);
	for (size_t i = 0; i < ACT_TABLES && kind->tables[i] != NULL; i++) {
		w.table = kind->tables[i];
		if (act_digest_rows(m->store, w.table, act, &ignored, write_row,
		        &w, e) == -1)
			return err_in(e, "act %lld", (long long)act);
	}
	return 0;
}

/* Read by whoever reads the pack, in either language. */
static int
say_withheld(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_withheld", e);
	int more = store_step(s, e);
	int64_t codes = more == 1 ? column_int(s, 0) : 0;
	int64_t size = more == 1 ? column_int(s, 1) : 0;

	store_done(s);
	if (codes > 0)
		(void)snprintf(m->withheld, sizeof(m->withheld),
		    "%lld acts: worksheet keys, while their review is open "
		    "(審查作業未結束，不含審查表驗證金鑰)%s",
		    (long long)codes, size > 0 ? "; " : "");
	if (size > 0)
		(void)snprintf(m->withheld + strlen(m->withheld),
		    sizeof(m->withheld) - strlen(m->withheld),
		    "%lld acts: rows longer than a part takes "
		    "(資料列超過長度上限)",
		    (long long)size);
	return more == -1 ? -1 : 0;
}

int
pack_write_signed(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_included", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		const struct act_kind *kind = act_kind_find(column_text(s, 1));

		/* One of a later program: it has no rows that we know. */
		if (kind != NULL &&
		    write_act(m, column_int(s, 0), kind, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(s);
	return more == 0 ? say_withheld(m, e) : -1;
}
