#include "review/confirmation.h"

#include <stdio.h>
#include <string.h>

#include "schema/message.h"

struct said { /* the newest that nobody refused */
	const char *what, *subject;
	const unsigned char *digest;
};

/* 1, 0, -1; who confirmed, as far as it went. */
static int
find(struct store *store, const struct said *s, struct confirmed *c,
    struct err *e)
{
	struct statement *st = store_use(store, "confirmation_find", e);
	int found;

	bind_text(st, ":what", s->what);
	bind_text(st, ":subject", s->subject);
	bind_blob(st, ":digest", s->digest, DIGEST_SHA256_LENGTH);
	if ((found = store_step(st, e)) == 1) {
		c->act = column_int(st, 0);
		c->done = !column_is_null(st, 2);
		if (c->done)
			(void)snprintf(c->by, sizeof(c->by),
			    "%s (act %lld), %s (act %lld)", column_text(st, 1),
			    (long long)c->act, column_text(st, 3),
			    (long long)column_int(st, 2));
	}
	store_done(st);
	return found;
}

static int
say_first(struct store *store, const struct said *s, const struct act_how *how,
    struct confirmed *c, struct buf *receipt, struct err *e)
{
	struct act *act;
	struct statement *st;

	if (act_begin(&act, store, "confirmation", how, e) == -1)
		return -1;
	c->act = act_number(act);
	st = store_use(store, "confirmation_add", e);
	bind_int(st, ":act", c->act);
	bind_text(st, ":what", s->what);
	bind_text(st, ":subject", s->subject);
	bind_blob(st, ":digest", s->digest, DIGEST_SHA256_LENGTH);
	if (store_run(st, e) == 0)
		return act_commit(&act, receipt, e);
	act_cancel(&act);
	return -1;
}

int
confirmation_say(struct store *store, const char *what, const char *subject,
    const unsigned char digest[DIGEST_SHA256_LENGTH], const struct act_how *how,
    struct confirmed *c, struct err *e)
{
	const struct said said = { what, subject, digest };
	struct buf receipt = buf_new(sizeof(c->receipt) - 1);
	int found, result = -1;

	memset(c, 0, sizeof(*c));
	if ((found = find(store, &said, c, e)) == -1)
		goto out;
	if (c->done) { /* as the rows say: were they signed? */
		found = act_check(store, "confirmation", c->act, e);
		goto out;
	}
	if (found == 0
	        ? say_first(store, &said, how, c, &receipt, e) == -1
	        : act_second(store, c->act, true, "", how, &receipt, e) == -1 ||
	            find(store, &said, c, e) == -1) {
		found = -1;
		goto out;
	}
	(void)snprintf(
	    c->receipt, sizeof(c->receipt), "%s", buf_string(&receipt));
out:
	result = found == -1 ? -1 : 0;
	buf_free(&receipt);
	return result;
}
