#include "pamod/strength.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/secret.h"

#define LOOKED_AT 100 /* bytes */

/* As zxcvbn.h has it; the last argument may be NULL. */
typedef double match_fn(const char *, const char *[], void **);

struct strength {
	void *library;
	match_fn *match;
};

int
strength_open(struct strength **out, const char *library, struct err *e)
{
	struct strength *s = calloc(1, sizeof(*s));
	void *symbol;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	symbol = s->library != NULL ? dlsym(s->library, "ZxcvbnMatch") : NULL;
	if (symbol == NULL) {
		err_set(e, ERR_MISSING, "%s: can't be loaded", library);
		strength_close(&s);
		return -1;
	}
	/* ISO C has no cast between the two kinds of pointer. */
	memcpy(&s->match, &symbol, sizeof(s->match));
	*out = s;
	return 0;
}

void
strength_close(struct strength **s)
{
	if (*s == NULL)
		return;
	if ((*s)->library != NULL)
		(void)dlclose((*s)->library);
	free(*s);
	*s = NULL;
}

double
strength_bits(
    const struct strength *s, const char *password, const char *const *words)
{
	char cut[LOOKED_AT + 1] = { 0 };
	const char **list;
	double bits;

	memcpy(cut, password, strnlen(password, LOOKED_AT));
	/* It takes them without const, and changes nothing. */
	memcpy(&list, &words, sizeof(list));
	bits = s->match(cut, list, NULL);
	secret_wipe(cut, sizeof(cut));
	return bits;
}
