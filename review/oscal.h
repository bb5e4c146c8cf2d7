/*
 * The findings of a pack once more as OSCAL 1.0.6 (NIST; namespace
 * http://csrc.nist.gov/ns/oscal/1.0): oscal/assessment-results.xml, and
 * oscal/assessment-plan.xml, which its import-ap must name. Both are made of
 * the manifest and of rows of the pack alone:
 *
 *	observation  one a rule, never one an account: population, hits, how
 *	             many could not be told; its evidence are the parts with
 *	             the rules and the findings
 *	finding      one a control of SP 800-53 Rev. 5, by its objective
 *	             ("ac-2.3_obj"): satisfied only where every control of ours
 *	             that serves it is conforming, and then "pass"; "fail"
 *	             where one is not or only partly met; "other" where it
 *	             can't be told. What is not applicable has no say.
 *	resource     one a part: its path, and SHA-256
 *
 * UUIDs are made, not drawn: version 5 (RFC 4122 section 4.3) of OSCAL_SPACE
 * and "SEQUENCE MADE HEAD WHAT", the manifest's sequence number, its time of
 * making in seconds since 1970, its act's digest in hexadecimal, and what it
 * is of: "rule AR-101", "control ac-2.3", "file parts/rule-0001.xml". So the
 * same pack gives the same bytes, and no two packs share one.
 */
#ifndef REVIEW_OSCAL_H
#define REVIEW_OSCAL_H

#include "review/manifest.h"
#include "review/pack_read.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define OSCAL_VERSION "1.0.6"
#define OSCAL_SPACE   "38cfac72-487d-4ce8-99e8-2aedc62cde6f"
#define OSCAL_PLAN    "oscal/assessment-plan.xml"
#define OSCAL_RESULTS "oscal/assessment-results.xml"
#define OSCAL_ROWS    1024u       /* rules, controls, sources: each */
#define OSCAL_BYTES   (16u << 20) /* of one file */

struct oscal;
int oscal_new(struct oscal **, struct err *);
void oscal_free(struct oscal **);

/* Whether rows of that class are wanted. */
bool oscal_wants(const char *class);
/*
 * A pack_row_fn of struct oscal: takes what it wants of a row of any class.
 * ERR_LIMIT beyond OSCAL_ROWS of one class.
 */
int oscal_row(void *oscal, const struct pack_row *, struct err *);

/*
 * Whether there is a control of SP 800-53 to say anything about; if not,
 * OSCAL has no words for the pack, and neither file is to be written.
 */
bool oscal_any(const struct oscal *);
int oscal_plan(
    const struct oscal *, const struct manifest *, struct buf *, struct err *);
/* The manifest's files are those that are resources. */
int oscal_results(
    const struct oscal *, const struct manifest *, struct buf *, struct err *);

#endif
