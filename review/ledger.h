/*
 * One line of a pull's ledger being written: what a source that reads files
 * says of each (sink.h, struct query).
 */
#ifndef REVIEW_LEDGER_H
#define REVIEW_LEDGER_H

#include "review/sink.h"
#include "schema/base/buf.h"

struct ledger {
	struct query query; /* its counts are the source's to raise */
	struct buf attributes;
	struct buf diagnostic; /* the first remarks; then how many more */
	struct buf incomplete; /* the first reason */
	int64_t more;
	const char *where; /* before the reason: a host's name; NULL: none */
	int64_t started;   /* ms */
};

/* what, server, base and filter are kept by the caller until ledger_close. */
struct ledger ledger_open(const char *what, const char *base);
void ledger_attribute(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Worth saying, and harmless. */
void ledger_remark(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A value that is not what it should be: counted; the entry is delivered. */
void ledger_invalid(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An entry passed over: counted, and the query is incomplete. */
void ledger_skipped(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ledger_incomplete(struct ledger *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Delivers it, and frees. */
int ledger_close(struct ledger *, struct sink *, struct err *);
void ledger_free(struct ledger *);

#endif
