#include "review/pool.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE (64u * 1024)
#define ALIGNMENT  sizeof(max_align_t)

struct pool_chunk {
	struct pool_chunk *next;
	size_t size;
	max_align_t bytes[];
};

static char nothing[1]; /* never written to: always "" */

struct pool
pool_new(size_t limit)
{
	return (struct pool){ .limit = limit };
}

void
pool_free(struct pool *p)
{
	while (p->chunks != NULL) {
		struct pool_chunk *next = p->chunks->next;

		free(p->chunks);
		p->chunks = next;
	}
	*p = (struct pool){ .limit = p->limit };
}

void *
pool_take(struct pool *p, size_t size)
{
	char *taken;

	if (p->failed || size > p->limit - p->total) {
		p->failed = true;
		return NULL;
	}
	p->total += size;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (p->chunks == NULL || size > p->left) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		struct pool_chunk *chunk = calloc(1, sizeof(*chunk) + room);

		if (chunk == NULL) {
			p->failed = true;
			return NULL;
		}
		chunk->size = p->left = room;
		chunk->next = p->chunks;
		p->chunks = chunk;
	}
	taken = (char *)p->chunks->bytes + (p->chunks->size - p->left);
	p->left -= size;
	return taken;
}

char *
pool_text(struct pool *p, const char *text, size_t length)
{
	char *copy = pool_take(p, length + 1);

	if (copy == NULL)
		return nothing;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
