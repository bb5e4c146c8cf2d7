/*
 * The parts of a pack: validated, counted again, in order.
 */
#include "review/pack_verify_internal.h"

#include <string.h>

#include "review/pack_value.h"
#include "schema/message.h"

#define SUMMARY_BYTES (64u << 20)
#define ID            "id"
#define COVERAGE      "coverage"

struct counting {
	struct pack_check *check;
	struct tallies *tallies;
	int id;                 /* the column that ascends; -1: none does */
	int64_t last;           /* of it */
	int64_t rows, complete; /* rows that say that they are */
};

static int
check_order(struct counting *c, const struct pack_row *row, struct err *e)
{
	int64_t id;

	if (c->id == -1)
		return 0;
	if (pack_uncount(row->values[c->id], &id, e) == -1)
		return -1;
	if (id <= c->last)
		return err_set(e, ERR_FORMAT,
		    _("row %lld is there twice, or out of order"),
		    (long long)id);
	c->last = id;
	return 0;
}

static int
count_row(void *context, const struct pack_row *row, struct err *e)
{
	struct counting *c = context;

	const char *complete = pack_value(row, "complete");

	c->check->verdict->rows++;
	c->rows++;
	c->complete += complete != NULL && strcmp(complete, "true") == 0;
	if (check_order(c, row, e) == -1)
		return -1;
	if (c->check->oscal != NULL && oscal_wants(row->class->name) &&
	    oscal_row(c->check->oscal, row, e) == -1)
		return -1;
	return c->tallies == NULL ? 0 : tallies_count(c->tallies, row, e);
}

/* A class's own id: what other classes call it by. */
static int
ascending(const struct pack_class *class)
{
	int id = pack_column_find(class, ID);

	return id != -1 && strcmp(class->columns[id].type, ID) == 0 ? id : -1;
}

static int
check_class(struct pack_check *c, struct tallies *tallies,
    const struct pack_class *class, struct err *e)
{
	struct counting counting = { .check = c,
		.tallies = tallies,
		.id = ascending(class),
		.last = -1 };

	if (manifest_class_find(c->manifest, class->name) == NULL) {
		pack_fault(c, "incomplete", EVIDENCE_MANIFEST, 0,
		    _("class %s is not there, also without rows"), class->name);
		return 0;
	}
	if (pack_each_row(c, class->name, true, count_row, &counting, e) == -1)
		return -1;
	if (strcmp(class->name, COVERAGE) == 0 &&
	    (counting.rows != c->manifest->places ||
	        counting.complete != c->manifest->covered))
		pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
		    _("class coverage has %lld places and %lld that were "
		      "read; the manifest says %lld and %lld"),
		    (long long)counting.rows, (long long)counting.complete,
		    (long long)c->manifest->places,
		    (long long)c->manifest->covered);
	return 0;
}

/* Parts beyond those that the classes say they have. */
static void
check_strays(struct pack_check *c)
{
	for (size_t i = 0; i < c->manifest->file_count; i++) {
		const struct manifest_file *f = &c->manifest->files[i];
		const struct manifest_class *class =
		    manifest_class_find(c->manifest, f->class);
		char name[EVIDENCE_NAME_MAX + 1];
		bool found = false;

		if (*f->class == '\0' &&
		    strncmp(f->name, PACK_PARTS, strlen(PACK_PARTS)) != 0)
			continue;
		for (int64_t n = 1; class != NULL && !found &&
		     n <= class->parts && n <= (int64_t)EVIDENCE_FILES;
		     n++) {
			pack_part_name(f->class, n, name, sizeof(name));
			found = strcmp(name, f->name) == 0;
		}
		if (!found)
			pack_fault(c, "altered", f->name, 0,
			    _("it is no part of a class that the manifest "
			      "has"));
	}
}

static int
read_summary(struct pack_check *c, struct tallies **tallies, struct err *e)
{
	const struct pack_entry *entry =
	    pack_folder_find(&c->folder, EVIDENCE_SUMMARY);
	struct buf bytes = buf_new(SUMMARY_BYTES);
	int result = 0;

	*tallies = NULL;
	if (entry == NULL)
		pack_fault(
		    c, "incomplete", EVIDENCE_SUMMARY, 0, _("it is not there"));
	else if (pack_entry_read(&c->folder, entry, &bytes, e) == -1 ||
	    tallies_read(tallies, c->schema, bytes.data, bytes.length,
	        c->manifest->sequence, e) == -1)
		result = pack_fault_of(c, EVIDENCE_SUMMARY, e);
	buf_free(&bytes);
	return result;
}

int
pack_check_parts(struct pack_check *c, struct err *e)
{
	const struct pack_class *class;
	struct tallies *tallies = NULL;
	int result = read_summary(c, &tallies, e);

	/* Another program may say the same in other words. */
	c->verdict->other_program =
	    strcmp(c->manifest->program, "reeve " REEVE_VERSION) != 0;
	if (result == 0 && !c->verdict->other_program)
		result = oscal_new(&c->oscal, e);
	for (size_t i = 0;
	     result == 0 && (class = pack_schema_at(c->schema, i)) != NULL; i++)
		result = check_class(c, tallies, class, e);
	if (result == 0)
		check_strays(c);
	if (result == 0 && tallies != NULL && tallies_compare(tallies, e) == -1)
		result = pack_fault_of(c, EVIDENCE_SUMMARY, e);
	tallies_free(&tallies);
	return result;
}
