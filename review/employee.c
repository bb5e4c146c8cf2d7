#include "review/employee.h"

#include <stdio.h>
#include <string.h>

#include "review/person.h"

#define NUMBER_MAX 256u /* bytes of one, folded */

bool
employee_same(const char *number, const char *other)
{
	struct buf a = buf_new(NUMBER_MAX), b = buf_new(NUMBER_MAX);
	bool same;

	person_fold_key(&a, number);
	person_fold_key(&b, other);
	/* What can't be compared is not taken for two persons. */
	same = number[0] != '\0' && other[0] != '\0' &&
	    (a.failed != ERR_NONE || b.failed != ERR_NONE ||
	        (a.length > 0 && strcmp(buf_string(&a), buf_string(&b)) == 0));
	buf_free(&a);
	buf_free(&b);
	return same;
}

int
employee_find(struct store *store, const char *given, char out[EMPLOYEE_SIZE],
    struct err *e)
{
	struct statement *st = store_use(store, "employee_exact", e);
	int more;

	(void)snprintf(out, EMPLOYEE_SIZE, "%s", given);
	bind_text(st, ":employee", given);
	more = store_step(st, e);
	store_done(st);
	if (more != 0 || given[0] == '\0')
		return more == -1 ? -1 : 0;
	st = store_use(store, "act_employees", e);
	while ((more = store_step(st, e)) == 1) {
		const char *number = column_text(st, 0);

		if (number != NULL && employee_same(number, given)) {
			(void)snprintf(out, EMPLOYEE_SIZE, "%s", number);
			break;
		}
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}
