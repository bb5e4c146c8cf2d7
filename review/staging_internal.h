/*
 * What staging.c has for staging_sink.c. Nothing else includes this.
 */
#ifndef REVIEW_STAGING_INTERNAL_H
#define REVIEW_STAGING_INTERNAL_H

#include "review/staging.h"

#define RECORD_MAX SCRATCH_PIECE

/* Its functions; now and mode are the staging's. */
extern const struct sink staging_sink;

/* A copy that lives as long as the staging. NULL stays NULL. */
int staging_keep(struct staging *, const char **text, struct err *);
int staging_digest(const struct buf *, unsigned char digest[32], struct err *);
/* Of what is in extras; 0 is "nothing", and no hash. */
uint64_t staging_hash(const struct staging *);
/* staging_find, made if nobody knows it. */
int staging_object_of(struct staging *, enum object_kind, const char *key,
    uint32_t *place, struct err *);

/* A text, a value, a usage in their fixed form; NULL is "". */
void staging_put_text(struct buf *, const char *);
void staging_put_value(struct buf *, const struct value *);
void staging_put_usage(struct buf *, const struct usage *);

#endif
