#include "review/purge.h"

int
purge_retention(struct store *store, const struct config_retention *retention,
    int64_t now, struct manifest *m, struct err *e)
{
	struct purge_part parts[PURGE_KINDS];

	if (purge_look(store, retention, now, parts, e) == -1)
		return -1;
	for (size_t i = 0; i < PURGE_KINDS; i++) {
		struct manifest_retention *r = manifest_add_retention(m, e);

		if (r == NULL)
			return -1;
		(void)snprintf(
		    r->kind, sizeof(r->kind), "%s", parts[i].kind->name);
		r->months = parts[i].months;
		r->oldest = parts[i].have;
		r->purged = parts[i].purged;
	}
	return 0;
}
