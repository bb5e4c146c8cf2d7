#include "pamod/reevectl_desk.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNSET UINT32_MAX /* what the kernel says of audit ids not set */

int
desk_read_clock(struct desk *d, struct err *e)
{
	struct moment moment;

	if (clock_read(&d->context->clock, &moment, e) == -1)
		return -1;
	d->now = moment_seconds(&moment);
	return 0;
}

int
desk_open(struct desk *d, const struct context *context, enum desk_use use,
    struct err *e)
{
	const struct options_reeve *reeve = &context->options->reeve;

	*d = (struct desk){ .context = context };
	if (desk_read_clock(d, e) == -1 ||
	    state_open(&d->state, reeve->state_directory, &context->clock,
	        &context->entropy, e) == -1)
		goto fail;
	if (use == DESK_CHANGE &&
	    trail_open(&d->trail, reeve->trail_directory, &context->clock, e) ==
	        -1) {
		err_in(e, "nothing is changed without a record of it");
		goto fail;
	}
	return 0;
fail:
	desk_close(d);
	return -1;
}

void
desk_close(struct desk *d)
{
	trail_close(&d->trail);
	state_close(&d->state);
}

int
desk_person(const char *name, struct desk_person *person, struct err *e)
{
	struct passwd *found;

	errno = 0;
	found = getpwnam(name);
	if (found == NULL)
		return errno == 0 || errno == ENOENT
		    ? err_set(e, ERR_MISSING, "%s: no such user", name)
		    : err_sys(e, errno, "%s", name);
	if (strlen(found->pw_name) > STATE_NAME_MAX)
		return err_set(e, ERR_LIMIT, "%s: a name has up to %d bytes",
		    name, STATE_NAME_MAX);
	snprintf(person->name, sizeof(person->name), "%s", found->pw_name);
	person->uid = found->pw_uid;
	return 0;
}

/* /proc/self/loginuid or sessionid; -1 where it is unset. */
static int64_t
audit_number(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	unsigned long value;

	if (fd == -1)
		return -1;
	got = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (got <= 0)
		return -1;
	value = strtoul(text, NULL, 10);
	return value >= UNSET ? -1 : (int64_t)value;
}

int
desk_record_in(struct trail *trail, const char *type, const char *result,
    const struct desk_person *person, const char *factors, const char *detail,
    struct err *e)
{
	int64_t login = audit_number("/proc/self/loginuid");
	int64_t real = login == -1 ? (int64_t)getuid() : login;
	struct passwd *who = getpwuid((uid_t)real);
	struct trail_record record = {
		.type = type,
		.service = "reevectl",
		.result = result,
		.uid = -1,
		.real_uid = real,
		.real_user = who == NULL ? NULL : who->pw_name,
		.pid = getpid(),
		.audit_session = audit_number("/proc/self/sessionid"),
		.factors = factors,
		.detail = detail,
	};

	if (person != NULL) {
		record.user = person->name;
		record.uid = person->uid;
	}
	return trail_append(trail, &record, e);
}

int
desk_record(const struct desk *d, const char *type, const char *result,
    const struct desk_person *person, const char *factors, const char *detail,
    struct err *e)
{
	return desk_record_in(
	    d->trail, type, result, person, factors, detail, e);
}
