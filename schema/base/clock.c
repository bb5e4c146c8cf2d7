#include "schema/base/clock.h"

#include <errno.h>
#include <sys/timex.h>
#include <time.h>

static int
read_one(clockid_t id, int64_t *ns, struct err *e)
{
	struct timespec t;

	if (clock_gettime(id, &t) == -1)
		return err_sys(e, errno, "clock_gettime");
	*ns = (int64_t)t.tv_sec * CLOCK_NS_PER_SECOND + t.tv_nsec;
	return 0;
}

static int
read_system(void *context, struct moment *m, struct err *e)
{
	struct timex query = { .modes = 0 };

	(void)context;
	if (read_one(CLOCK_REALTIME, &m->wall_ns, e) == -1 ||
	    read_one(CLOCK_BOOTTIME, &m->boot_ns, e) == -1)
		return -1;
	m->synchronised = adjtimex(&query) >= 0 && !(query.status & STA_UNSYNC);
	return 0;
}

struct clock
clock_system(void)
{
	return (struct clock){ .read = read_system };
}

static int
read_fixed(void *context, struct moment *m, struct err *e)
{
	(void)e;
	*m = *(struct moment *)context;
	return 0;
}

struct clock
clock_fixed(struct moment *fixed)
{
	return (struct clock){ .read = read_fixed, .context = fixed };
}

int
clock_read(const struct clock *clock, struct moment *m, struct err *e)
{
	return clock->read(clock->context, m, e);
}

int
clock_uptime(const struct clock *clock, int64_t *boot_ns, struct err *e)
{
	struct moment now;

	if (clock->read == read_system)
		return read_one(CLOCK_BOOTTIME, boot_ns, e);
	if (clock->read(clock->context, &now, e) == -1)
		return -1;
	*boot_ns = now.boot_ns;
	return 0;
}

int64_t
moment_seconds(const struct moment *m)
{
	int64_t s = m->wall_ns / CLOCK_NS_PER_SECOND;

	return m->wall_ns % CLOCK_NS_PER_SECOND < 0 ? s - 1 : s;
}
