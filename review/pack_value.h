/*
 * Values as the types of schema/evidence.xsd have them.
 */
#ifndef REVIEW_PACK_VALUE_H
#define REVIEW_PACK_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/pack_schema.h"
#include "schema/base/err.h"

#define PACK_TIME_SIZE    24u /* bytes of "2026-11-29T12:00:00Z", with its NUL */
#define PACK_DECIMAL_SIZE 32u

/* Whether a value is one of the type, by its length, form, and words. */
bool pack_value_ok(const struct pack_type *, const char *value, size_t length);

/* Its form, for pack_schema.c; NULL: any text. */
pack_form_fn *pack_form(const char *type);

/*
 * s since 1970; FACT_NEVER is "never"; before the year 1 and after 9999, the
 * first and the last second of these. Returns out.
 */
const char *pack_time(int64_t at, char out[PACK_TIME_SIZE]);
/* That spelling, and no other, back. ERR_FORMAT. */
int pack_untime(const char *text, int64_t *at, struct err *);

/* Ten-thousandths: "-0.5" is -5000. At most 4 digits behind the point. */
int pack_undecimal(const char *text, int64_t *value, struct err *);
const char *pack_decimal(int64_t value, char out[PACK_DECIMAL_SIZE]);

/* A count or id: 0 to 2^63 - 1, without sign or leading zero. */
int pack_uncount(const char *text, int64_t *value, struct err *);

#endif
