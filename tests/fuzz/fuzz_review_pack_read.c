/*
 * A part of a pack, as anybody may write it. What is taken with the schema is
 * taken without it, with as many rows; what the schema lets through has a class
 * and every required column.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "review/pack_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
take(void *context, const struct pack_row *row, struct err *e)
{
	int64_t *line = context;

	(void)e;
	/* Two rows may be on one line, but not out of order. */
	if (row->class == NULL || row->line < *line || row->line < 1)
		abort();
	for (size_t i = 0; i < row->class->count; i++)
		if (row->class->columns[i].required && row->values[i] == NULL)
			abort();
	*line = row->line;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pack_schema *schema;
	static struct pack_xsd *xsd;
	struct pack_reading reading = { .name = "part" };
	struct err e = { .code = ERR_NONE };
	int64_t rows, again, line = 0, line_again = 0;
	int fd = memfd_create("part", MFD_CLOEXEC), valid;

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (schema == NULL &&
	    (pack_schema_load(&schema, &e) == -1 ||
	        pack_xsd_new(&xsd, &e) == -1))
		abort();
	reading.schema = schema;
	reading.xsd = xsd;
	reading.validate = true;
	valid = pack_read(fd, &reading, take, &line, &rows, &e);
	reading.validate = false;
	if (pack_read(fd, &reading, take, &line_again, &again, &e) == -1) {
		if (valid == 0)
			abort();
	} else if (valid == 0 && rows != again)
		abort();
	(void)close(fd);
	return 0;
}
