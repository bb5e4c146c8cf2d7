/*
 * Whose trail it is: the file "host" in its directory, made by
 * `reevectl trail init` and replaced when a clone or a restore is noticed.
 */
#ifndef SCHEMA_HOST_H
#define SCHEMA_HOST_H

#include "schema/base/err.h"
#include "schema/base/secret.h"
#include "schema/line.h"

#define HOST_ORIGIN_MAX 200u /* bytes */

struct host {
	char uuid[LINE_UUID + 1];         /* random; never the machine-id */
	char origin[HOST_ORIGIN_MAX + 1]; /* of the checkpoints */
	/*
	 * SHA-256 over what another machine, or another copy of this
	 * directory, would have differently. Compared, never shown.
	 */
	unsigned char evidence[LINE_HASH];
};

/* ERR_MISSING only if there is no trail here. */
int host_read(int dir, struct host *, struct err *);
int host_write(int dir, const struct host *, struct err *);

/* A new random (version 4) UUID, and with it the origin "trail.ORG/host/". */
int host_new(
    struct host *, const char *org, const struct entropy *, struct err *);
/* Of this machine and that directory, now. */
int host_evidence(int dir, unsigned char *evidence, struct err *);
/* The kernel's id of this boot. */
int host_boot(char *uuid, struct err *);
/* Letters, digits, dots and hyphens; what may stand in an origin. */
int host_check_org(const char *org, struct err *);

#endif
