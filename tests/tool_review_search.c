/*
 * tool_review_search CONF SOURCE BASE SCOPE FILTER ATTRIBUTE...
 *
 * One search through review/directory.h, for the scripts: a line per value
 * ("dn attribute[;options] value", bytes that don't print as \xx) and the
 * line of the ledger. Exit status: 0 complete, 4 incomplete, 1 neither.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/config.h"
#include "review/directory.h"

static void
print_bytes(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\\' || !isprint(c))
			printf("\\%02x", c);
		else
			putchar(c);
	}
}

static void
print_attribute(const char *of, const struct entry_attribute *a)
{
	for (size_t i = 0; i < a->count; i++) {
		printf("%s %s%s%s ", of, a->name, a->options == NULL ? "" : ";",
		    a->options == NULL ? "" : a->options);
		print_bytes(a->values[i].data, a->values[i].length);
		putchar('\n');
	}
}

static int
entry(void *context, const struct entry *entry, struct err *e)
{
	(void)context;
	(void)e;
	for (size_t i = 0; i < entry->count; i++)
		print_attribute(entry->dn, &entry->attributes[i]);
	return 0;
}

static int
key(void *context, const struct entry *entry, char *out, size_t size,
    struct err *e)
{
	(void)context;
	(void)e;
	(void)snprintf(out, size, "%s", entry->dn);
	return 0;
}

static int
more(void *context, const char *of, const struct entry_attribute *a,
    struct err *e)
{
	(void)context;
	(void)e;
	print_attribute(of, a);
	return 0;
}

static void
print_query(const struct query *q)
{
	printf("ledger server=%s identity=%s tls=%s result=%" PRId64
	       " entries=%" PRId64 " values=%" PRId64 " pages=%" PRId64
	       " ranges=%" PRId64 " ranges_open=%" PRId64 " referrals=%" PRId64
	       " digest=",
	    q->server, q->identity, q->tls, q->result, q->entries, q->values,
	    q->pages, q->ranges, q->ranges_open, q->referrals);
	for (size_t i = 0; i < sizeof(q->digest); i++)
		printf("%02x", q->digest[i]);
	printf(" %s", q->complete ? "complete" : "incomplete: ");
	puts(q->complete ? "" : q->incomplete);
}

int
main(int argc, char **argv)
{
	static struct source_settings settings;
	static struct directory_answer answer;
	struct review_config *config = NULL;
	struct directory *d = NULL;
	struct directory_search search = { .what = "entries" };
	struct directory_reader reader = { entry, key, more, NULL, NULL };
	struct err e = { .code = ERR_NONE };
	int status = 1;

	if (argc < 6)
		return 2;
	search.base = argv[3];
	search.scope = (enum directory_scope)atoi(argv[4]);
	search.filter = argv[5];
	search.attributes = (const char *const *)argv + 6;
	config = config_load(argv[1], true, &e);
	if (config == NULL ||
	    config_source(config, argv[2], &settings, &e) == -1 ||
	    directory_open(&d, &settings, NULL, &e) == -1)
		goto out;
	search.page_size = settings.page_size;
	search.entry_limit = settings.entry_limit;
	if (directory_search(d, &search, &reader, &answer, &e) == -1)
		goto out;
	print_query(&answer.query);
	status = answer.query.complete ? 0 : 4;
out:
	if (status == 1)
		fprintf(stderr, "tool_review_search: %s\n", e.text);
	directory_close(&d);
	config_free(&config);
	return status;
}
