#include "pamod/blocklist_pile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/file.h"

#define PART_BITS 6u
#define PARTS     (1u << PART_BITS)
#define WAITING   8192u /* keys in memory for each part */

struct part {
	int fd;
	uint64_t count; /* of them in the file */
	size_t waiting;
	uint64_t keys[WAITING];
};

struct pile {
	uint64_t count;
	struct part parts[PARTS];
};

int
pile_new(struct pile **out, int dir, struct err *e)
{
	struct pile *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (p == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < PARTS; i++)
		p->parts[i].fd = -1;
	for (size_t i = 0; i < PARTS; i++) {
		p->parts[i].fd =
		    openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		if (p->parts[i].fd == -1) {
			err_sys(e, errno, "temporary file");
			pile_free(&p);
			return -1;
		}
	}
	*out = p;
	return 0;
}

void
pile_free(struct pile **p)
{
	if (*p == NULL)
		return;
	for (size_t i = 0; i < PARTS; i++)
		file_close(&(*p)->parts[i].fd);
	free(*p);
	*p = NULL;
}

uint64_t
pile_count(const struct pile *p)
{
	return p->count;
}

static int
write_waiting(struct part *part, struct err *e)
{
	if (part->count + part->waiting > PILE_PART_MAX)
		return err_set(e, ERR_LIMIT, "more than %llu keys alike",
		    (unsigned long long)PILE_PART_MAX);
	if (file_put(part->fd, part->keys, part->waiting * sizeof(uint64_t),
	        (off_t)(part->count * sizeof(uint64_t)), e) == -1)
		return err_in(e, "temporary file");
	part->count += part->waiting;
	part->waiting = 0;
	return 0;
}

int
pile_put(struct pile *p, uint64_t key, struct err *e)
{
	struct part *part = &p->parts[key >> (64 - PART_BITS)];

	if (part->waiting == WAITING && write_waiting(part, e) == -1)
		return -1;
	part->keys[part->waiting++] = key;
	p->count++;
	return 0;
}

/* Least byte first, between two arrays: an even number of turns. */
static void
sort(uint64_t *keys, uint64_t *other, size_t count)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t places[257] = { 0 };
		uint64_t *from = shift % 16 == 0 ? keys : other;
		uint64_t *to = shift % 16 == 0 ? other : keys;

		for (size_t i = 0; i < count; i++)
			places[(from[i] >> shift & 0xff) + 1]++;
		for (size_t i = 1; i < 256; i++)
			places[i] += places[i - 1];
		for (size_t i = 0; i < count; i++)
			to[places[from[i] >> shift & 0xff]++] = from[i];
	}
}

static int
take_part(struct part *part, uint64_t *keys, uint64_t *other,
    int (*each)(void *, uint64_t, struct err *), void *context, struct err *e)
{
	if (file_get(part->fd, keys, part->count * sizeof(uint64_t), 0, e) ==
	    -1)
		return err_in(e, "temporary file");
	sort(keys, other, part->count);
	for (size_t i = 0; i < part->count; i++)
		if (each(context, keys[i], e) == -1)
			return -1;
	return 0;
}

int
pile_sorted(struct pile *p, int (*each)(void *, uint64_t, struct err *),
    void *context, struct err *e)
{
	uint64_t *keys = NULL;
	uint64_t *other = NULL;
	size_t most = 1;
	int result = -1;

	for (size_t i = 0; i < PARTS; i++) {
		if (write_waiting(&p->parts[i], e) == -1)
			return -1;
		if (p->parts[i].count > most)
			most = p->parts[i].count;
	}
	keys = calloc(most, sizeof(*keys));
	other = calloc(most, sizeof(*other));
	if (keys == NULL || other == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < PARTS; i++)
		if (take_part(&p->parts[i], keys, other, each, context, e) ==
		    -1)
			goto out;
	result = 0;
out:
	free(keys);
	free(other);
	return result;
}
