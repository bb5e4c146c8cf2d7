/*
 * ldif:FILE, or ldif:- for standard input: what slapcat(8), db2ldif(8),
 * ldapsearch(1) or ldifde write of any of the products.
 *
 * The ledger's digest is ldif_digest's: of the file without passwords.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "review/attrmap.h"
#include "review/ldif.h"
#include "review/ledger.h"
#include "review/source.h"

#define UNTOLD_MAX     1000u /* entries before one gives the product away */
#define PROGRESS_EVERY 10000 /* entries */

struct run {
	const struct source_settings *settings;
	struct sink *sink;
	struct ldif *ldif;
	struct ledger ledger;
	struct attrmap_run *map;
	/* Kept until it is clear whose they are. */
	struct entry *untold[UNTOLD_MAX];
	size_t untold_count;
	bool broken; /* the rest of the file can't be read */
};

static int
read_entry(struct run *r, const struct entry *entry, struct err *e)
{
	if (r->settings->base[0] != '\0' &&
	    !dn_is_below(entry->dn, r->settings->base))
		return 0;
	return attrmap_entry(r->map, entry, e);
}

static int
begin(struct run *r, enum source_product product, struct err *e)
{
	const struct attrmap *map = attrmap_of(product);

	ledger_remark(&r->ledger, "read as %s", attrmap_product(map));
	if (attrmap_begin(&r->map, map, r->settings, "", r->sink, e) == -1)
		return -1;
	for (size_t i = 0; i < r->untold_count; i++)
		if (read_entry(r, r->untold[i], e) == -1)
			return -1;
	return 0;
}

static int
keep_untold(struct run *r, const struct entry *entry, struct err *e)
{
	enum source_product told = (enum source_product)r->settings->product;
	struct entry *copy = entry_copy(entry);

	if (copy == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->untold[r->untold_count++] = copy;
	if (told == PRODUCT_AUTO)
		told = attrmap_tell(entry);
	if (told == PRODUCT_AUTO && r->untold_count == UNTOLD_MAX)
		told = PRODUCT_OPENLDAP;
	return told == PRODUCT_AUTO ? 0 : begin(r, told, e);
}

static void
tell_progress(struct run *r)
{
	const struct ldif_report *report = ldif_report(r->ldif);

	if (r->sink->progress != NULL && report->entries % PROGRESS_EVERY == 0)
		r->sink->progress(
		    r->sink, "bytes", report->bytes, report->total);
}

/* What can't be read ends the file, and what came before it stands. */
static int
read_entries(struct run *r, struct err *e)
{
	struct err why = { 0 };
	struct entry entry;
	int found;

	while ((found = ldif_next(r->ldif, &entry, &why)) == 1) {
		if ((r->map == NULL ? keep_untold(r, &entry, e)
		                    : read_entry(r, &entry, e)) == -1)
			return -1;
		tell_progress(r);
	}
	if (found == -1) {
		if (ldif_report(r->ldif)->entries == 0) {
			*e = why;
			return -1;
		}
		r->broken = true;
		ledger_incomplete(&r->ledger, "%s", why.text);
	}
	/* Nothing gave it away: the generic one. */
	if (r->map == NULL)
		return begin(r, PRODUCT_OPENLDAP, e);
	return 0;
}

/* Once more for groups whose URL came after accounts that it names. */
static int
read_again(struct run *r, struct err *e)
{
	struct entry entry;
	int found;

	if (r->broken || !attrmap_wants_again(r->map) ||
	    !ldif_can_rewind(r->ldif))
		return 0;
	if (ldif_rewind(r->ldif, e) == -1)
		return -1;
	while ((found = ldif_next(r->ldif, &entry, e)) == 1)
		if ((r->settings->base[0] == '\0' ||
		        dn_is_below(entry.dn, r->settings->base)) &&
		    attrmap_again(r->map, &entry, e) == -1)
			return -1;
	return found;
}

static void
judge_report(struct run *r, const struct ldif_report *report)
{
	struct query *q = &r->ledger.query;

	q->entries = report->entries;
	q->values = report->values;
	q->referrals = report->referrals;
	q->pages = report->results;
	q->result = report->result;
	if (report->result != 0)
		ledger_incomplete(&r->ledger,
		    "its search ended with result %lld %s",
		    (long long)report->result, report->result_text);
	if (report->page_open)
		ledger_incomplete(&r->ledger, "its last page was not the last");
	if (report->secrets > 0)
		ledger_remark(&r->ledger, "%lld password values passed over",
		    (long long)report->secrets);
}

static void
judge_counts(struct run *r)
{
	const struct attrmap_counts *c = attrmap_counts(r->map);

	r->ledger.query.invalid = c->invalid;
	if (c->passed_over > 0)
		ledger_remark(&r->ledger,
		    "%lld entries are neither account nor right",
		    (long long)c->passed_over);
}

static int
deliver_seen(struct run *r, struct err *e)
{
	static const char *const kinds[] = { "policies", "accounts", "groups",
		"rights" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (attrmap_seen(r->map, kinds[i], e) == -1)
			return -1;
	return 0;
}

static int
deliver(struct run *r, struct err *e)
{
	struct ldif_report report;

	if (read_entries(r, e) == -1)
		return -1;
	report = *ldif_report(r->ldif);
	if (ldif_digest(r->ldif, r->ledger.query.digest, e) == -1 ||
	    read_again(r, e) == -1 || attrmap_finish(r->map, e) == -1)
		return -1;
	judge_report(r, &report);
	judge_counts(r);
	return deliver_seen(r, e);
}

static int
pull(const struct source_settings *settings, struct sink *sink, struct err *e)
{
	const char *path = settings->url + strlen("ldif:");
	struct run *r = calloc(1, sizeof(*r));
	int result = -1;

	if (r == NULL)
		return err_sys(e, ENOMEM, "%s", settings->url);
	r->settings = settings;
	r->sink = sink;
	r->ledger = ledger_open("entries", path);
	sink->mode = SINK_FULL;
	sink->one_state = true;
	if (ldif_open(&r->ldif, path, e) == -1 || deliver(r, e) == -1)
		goto out;
	result = ledger_close(&r->ledger, sink, e);
out:
	ledger_free(&r->ledger);
	for (size_t i = 0; i < r->untold_count; i++)
		free(r->untold[i]);
	attrmap_free(&r->map);
	ldif_close(&r->ldif);
	free(r);
	return result;
}

const struct source_type source_ldif = {
	.scheme = "ldif",
	.summary = "an LDIF file of OpenLDAP, AD, 389-DS or FreeIPA",
	.pull = pull,
};
