/*
 * What reviewers are told: a mail in both languages, as sendmail(8) -t takes
 * it (RFC 5322, lines end with LF).
 */
#ifndef REVIEW_CAMPAIGN_MAIL_H
#define REVIEW_CAMPAIGN_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/buf.h"

struct campaign_mail {
	const char *from, *to; /* addresses alone */
	const char *name;      /* of the reviewer; NULL: not known */
	const char *campaign;
	const char *step; /* "opened", "reminder", "overdue" */
	int64_t due, now;
	int64_t questions, privileged;
};

/* Whether that is an address and nothing else: it stands in a header. */
bool campaign_mail_is_address(const char *);
/* ERR_USAGE for an address that is none. */
int campaign_mail_write(
    struct buf *, const struct campaign_mail *, struct err *);

#endif
