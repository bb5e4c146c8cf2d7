/*
 * A sudoers file of a host that may be anybody's. It includes itself once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/sudoers.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct input {
	const uint8_t *data;
	size_t size;
	int includes;
};

static void
include(void *context, struct sudoers *s, const char *path, bool is_dir)
{
	struct input *in = context;

	(void)is_dir;
	if (in->includes++ < 1)
		sudoers_read(s, path, (const char *)in->data, in->size);
}

static void
tell(void *context, const char *file, int64_t line, const char *what,
    bool harmless)
{
	(void)context;
	(void)harmless;
	if (line < 1 || file[0] == '\0' || what[0] == '\0')
		abort();
}

static int
take(void *context, const struct sudo_grant *g)
{
	(void)context;
	if (g->user_count == 0 || g->what == NULL || g->text == NULL ||
	    g->as_root != (g->why != NULL))
		abort();
	for (size_t i = 0; i < g->user_count; i++)
		if (g->users[i].text == NULL || g->users[i].form > SUDO_ALL)
			abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "web1", "web1.corp.example" };
	struct input in = { data, size, 0 };
	const struct sudoers_world world = { include, tell, &in };
	struct sudoers *s;
	struct err e = { 0 };

	if (size > 65536 || sudoers_new(&s, &world, &e) == -1)
		return 0;
	sudoers_read(s, "sudoers", (const char *)data, size);
	if (sudoers_each(s, names, 2, take, &in) != 0 ||
	    sudoers_each(s, NULL, 0, take, &in) != 0)
		abort();
	sudoers_free(&s);
	return 0;
}
