/*
 * reeve evidence list: the packs that were made.
 */
#include "review/evidence.h"
#include "review/pack_value.h"
#include "review/store.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command_word evidence_command_list;

static const struct list_column columns[] = {
	{ "pack", N_("Pack"), 5 },
	{ "kind", N_("Kind"), 9 },
	{ "from", N_("From"), 20 },
	{ "to", N_("To"), 20 },
	{ "made", N_("Made"), 20 },
	{ "by", N_("By"), 12 },
	{ "scope", N_("Only"), 10 },
	{ "manifest", N_("SHA-256 of manifest.xml"), 64 },
	{ "folder", N_("Folder"), 0 },
	{ NULL, NULL, 0 },
};

static void
put_pack(struct statement *s, struct list *l)
{
	char from[PACK_TIME_SIZE], to[PACK_TIME_SIZE], made[PACK_TIME_SIZE];
	struct buf digest = buf_new(256);
	const void *bytes;
	size_t length;

	bytes = column_blob(s, 6, &length);
	enc_hex(&digest, bytes, length);
	list_row(l,
	    (const char *const[]){ column_text(s, 0), column_text(s, 1),
	        pack_time(column_int(s, 2), from),
	        pack_time(column_int(s, 3), to),
	        pack_time(column_int(s, 7), made), column_text(s, 8),
	        column_text(s, 4), buf_string(&digest), column_text(s, 5) });
	buf_free(&digest);
}

static int
print_packs(struct command_context *c, struct store *store, struct err *e)
{
	struct statement *s;
	struct list *l = NULL;
	struct err failed = { .code = ERR_NONE };
	int more;

	if (list_begin(&l, c, "packs", columns, e) == -1)
		return -1;
	s = store_use(store, "evidence_list", e);
	while ((more = store_step(s, e)) == 1)
		put_pack(s, l);
	store_done(s);
	if (list_end(&l, &failed) == -1 && more == 0) {
		*e = failed;
		return -1;
	}
	return more;
}

static int
run_list(struct command_context *c, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int status = -1;

	(void)argv;
	if (argc != 1)
		return evidence_usage(
		    c, &evidence_command_list, "%s", _("it has no arguments"));
	if (store_open(&store, command_database(c), STORE_READ, &e) == 0)
		status = print_packs(c, store, &e);
	store_close(&store);
	return status == -1 ? evidence_fail(c, "list", &e) : STATUS_DONE;
}

const struct command_word evidence_command_list = {
	.name = "list",
	.arguments = "",
	.summary = N_("packs that were made, and their digests"),
	.help = N_("Example: reeve --format csv evidence list\n"),
	.run = run_list,
};
