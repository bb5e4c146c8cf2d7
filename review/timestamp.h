/*
 * Time stamps (RFC 3161) of a signature, as files: a request that a person
 * sends to an authority, and its answer. Nothing here speaks to a network, or
 * says that an authority is trusted: pack_trust.h does.
 */
#ifndef REVIEW_TIMESTAMP_H
#define REVIEW_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ts.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define TIMESTAMP_BYTES (64u * 1024) /* of a request or an answer, at most */

/*
 * A TimeStampReq: SHA-256 of the bytes, a nonce of 8 bytes, the authority's
 * certificate wanted. Appended.
 */
int timestamp_request(const void *bytes, size_t length, const struct entropy *,
    struct buf *out, struct err *);

/*
 * A TimeStampResp in which something was granted. ERR_FORMAT; NULL. The
 * caller's, by TS_RESP_free.
 */
TS_RESP *timestamp_parse(const void *token, size_t length, struct err *);
/*
 * That it is of those bytes, by SHA-256, SHA-384 or SHA-512: ERR_TAMPERED. *at
 * is when, s since 1970, so says who made it.
 */
int timestamp_fits(
    TS_RESP *, const void *bytes, size_t length, int64_t *at, struct err *);
/* That it answers that request: the nonce. ERR_TAMPERED, ERR_FORMAT. */
int timestamp_answers(
    TS_RESP *, const void *request, size_t length, struct err *);

#endif
