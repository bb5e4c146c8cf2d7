/*
 * An LDIF file, then what each product's map makes of its entries. The first
 * byte chooses the product. Whatever is delivered is well-formed text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/attrmap.h"
#include "review/ldif.h"
#include "schema/base/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
must_be_text(const char *text)
{
	must(text == NULL ||
	    (strlen(text) <= FACT_TEXT_MAX && enc_is_utf8(text, strlen(text))));
}

static int
account(struct sink *s, const struct account *a, struct err *e)
{
	(void)s;
	(void)e;
	must(a->key != NULL && a->key[0] != '\0');
	must_be_text(a->name);
	must_be_text(a->display);
	must_be_text(a->mail);
	must_be_text(a->description);
	must_be_text(a->status_reason);
	must_be_text(a->conditions);
	for (size_t i = 0; i < a->value_count; i++) {
		must_be_text(a->values[i].attribute);
		must_be_text(a->values[i].value);
	}
	for (size_t i = 0; i < a->usage_count; i++)
		must_be_text(a->usages[i].raw);
	return 0;
}

static int
group(struct sink *s, const struct group *g, struct err *e)
{
	(void)s;
	(void)e;
	must(g->key != NULL && g->key[0] != '\0');
	must_be_text(g->name);
	must_be_text(g->detail);
	return 0;
}

static int
member(struct sink *s, const struct member *m, struct err *e)
{
	(void)s;
	(void)e;
	must(m->group.text != NULL && m->member.text != NULL);
	must_be_text(m->member.text);
	return 0;
}

static int
policy(struct sink *s, const struct policy *p, struct err *e)
{
	(void)s;
	(void)e;
	must(p->key != NULL);
	must_be_text(p->name);
	for (size_t i = 0; i < p->target_count; i++)
		must_be_text(p->targets[i].text);
	return 0;
}

static int
seen(struct sink *s, const struct attribute_seen *a, struct err *e)
{
	(void)s;
	(void)e;
	must(a->attribute != NULL);
	return 0;
}

static void
read_entries(struct ldif *l, struct attrmap_run *run)
{
	char key[ATTRMAP_KEY_SIZE];
	struct entry entry;
	struct err e;

	while (ldif_next(l, &entry, &e) == 1) {
		must(enc_is_utf8(entry.dn, strlen(entry.dn)));
		for (size_t i = 0; i < entry.count; i++)
			must(entry.attributes[i].count > 0);
		attrmap_tell(&entry);
		must(attrmap_key(run, &entry, key, sizeof(key), &e) == 0);
		must(attrmap_entry(run, &entry, &e) == 0);
	}
	if (ldif_rewind(l, &e) == 0)
		while (ldif_next(l, &entry, &e) == 1)
			must(attrmap_again(run, &entry, &e) == 0);
	must(attrmap_finish(run, &e) == 0);
	must(attrmap_seen(run, "accounts", &e) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct source_settings settings;
	struct sink sink = { .account = account,
		.group = group,
		.member = member,
		.policy = policy,
		.seen = seen,
		.now = 1795531498 };
	enum source_product product;
	struct attrmap_run *run;
	unsigned char digest[32];
	struct ldif *l;
	struct err e;

	if (size == 0)
		return 0;
	product = (enum source_product)(PRODUCT_OPENLDAP + data[0] % 4);
	if (ldif_of(&l, "f", data + 1, size - 1, &e) == -1)
		return 0;
	must(attrmap_begin(&run, attrmap_of(product), &settings,
	         data[0] & 4 ? "ldap://a" : "", &sink, &e) == 0);
	read_entries(l, run);
	must(ldif_digest(l, digest, &e) == 0);
	attrmap_free(&run);
	ldif_close(&l);
	return 0;
}
