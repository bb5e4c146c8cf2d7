/*
 * A PAM stack: files separated by NUL bytes, the first the service, the others
 * "1", "2", ... to be included. Whatever it says, reading and exploring end,
 * and no path that one walk takes was missed by the exploration.
 */
#include <security/_pam_types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct files {
	const uint8_t *data;
	size_t size;
};

static int
read_piece(void *context, const char *name, struct buf *text, struct err *e)
{
	const struct files *files = context;
	unsigned long wanted =
	    strcmp(name, "service") == 0 ? 0 : strtoul(name, NULL, 10);
	const uint8_t *at = files->data;
	const uint8_t *end = files->data + files->size;

	if (wanted == 0 && strcmp(name, "service") != 0)
		return err_set(e, ERR_MISSING, "%s", name);
	for (; at < end; wanted--) {
		const uint8_t *stop = memchr(at, 0, (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		if (wanted == 0) {
			buf_put(text, at, (size_t)(stop - at));
			return buf_status(text, e);
		}
		at = stop == end ? end : stop + 1;
	}
	return err_set(e, ERR_MISSING, "%s", name);
}

/* All but ours and the password's say yes. */
static int
yes_but_ours(void *context, const struct stack_line *line)
{
	(void)context;
	if (strcmp(line->module, "pam_deny") == 0 ||
	    strcmp(line->module, "pam_rootok") == 0 ||
	    strcmp(line->module, "pam_reeve") == 0)
		return PAM_AUTH_ERR;
	return PAM_SUCCESS;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct files files = { data, size };
	struct stack_source source = { read_piece, &files };
	struct stack_paths paths;
	struct stack *stack;
	struct err e = { 0 };

	if (size > 4096 || stack_load(&stack, &source, "service", &e) == -1)
		return 0;
	for (int i = 0; i < STACK_PHASES; i++) {
		enum stack_phase phase = (enum stack_phase)i;

		if (stack_explore(stack, phase, &paths, &e) == -1)
			abort();
		if (paths.grants_without && !paths.grants)
			abort();
		if (stack_walk(stack, phase, yes_but_ours, NULL) ==
		        PAM_SUCCESS &&
		    !paths.grants_without)
			abort();
		stack_paths_free(&paths);
	}
	stack_free(&stack);
	return 0;
}
