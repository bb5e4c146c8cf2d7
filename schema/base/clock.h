/*
 * What time it is. An argument everywhere, so that tests are exact and none
 * sleeps.
 */
#ifndef SCHEMA_BASE_CLOCK_H
#define SCHEMA_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/err.h"

#define CLOCK_NS_PER_SECOND INT64_C(1000000000)

struct moment {
	int64_t wall_ns; /* since 1970-01-01T00:00:00Z; may be set, and wrong */
	int64_t boot_ns; /* since boot, sleep included; never goes back */
	bool synchronised; /* the kernel says an NTP daemon steers wall_ns */
};

struct clock {
	int (*read)(void *context, struct moment *, struct err *);
	void *context;
};

/* CLOCK_REALTIME, CLOCK_BOOTTIME and adjtimex(2). */
struct clock clock_system(void);

/* Always what *fixed says at that moment; the caller keeps it alive. */
struct clock clock_fixed(struct moment *fixed);

int clock_read(const struct clock *, struct moment *, struct err *);

/* A moment's boot_ns alone, which costs no system call. */
int clock_uptime(const struct clock *, int64_t *boot_ns, struct err *);

/* Whole seconds, rounded down (towards minus infinity). */
int64_t moment_seconds(const struct moment *);

#endif
