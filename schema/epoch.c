#include "schema/epoch.h"

#include <errno.h>
#include <sys/stat.h>

#include "schema/base/file.h"
#include "schema/host.h"
#include "schema/trail.h"

static const struct file_rule directory_rule = { .owner = 0, .forbidden = 077 };

int
epoch_init(const char *directory, const char *org, const struct clock *clock,
    const struct entropy *entropy, struct err *e)
{
	struct host host;
	int dir = -1, result = -1;

	if (mkdir(directory, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", directory);
	if ((dir = file_open_dir(directory, &directory_rule, e)) == -1)
		return -1;
	if (host_read(dir, &host, e) == 0) {
		err_set(
		    e, ERR_USAGE, "%s: there is a trail already", directory);
		goto out;
	}
	if (e->code != ERR_MISSING || host_new(&host, org, entropy, e) == -1 ||
	    host_evidence(dir, host.evidence, e) == -1 ||
	    host_write(dir, &host, e) == -1 || trail_lay(dir, clock, e) == -1)
		goto out;
	result = 0;
out:
	file_close(&dir);
	return result;
}
