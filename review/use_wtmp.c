#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <utmp.h>

#include "review/textfile.h"
#include "review/use_form.h"
#include "schema/base/enc.h"

#define RECORD sizeof(struct utmp)

/* The type is at the beginning, and two bytes that fill up behind it. */
static bool
is_record(const char *bytes)
{
	struct utmp u;
	static const char none[2];

	memcpy(&u, bytes, RECORD);
	return u.ut_type >= EMPTY && u.ut_type <= ACCOUNTING &&
	    memcmp(bytes + sizeof(u.ut_type), none, sizeof(none)) == 0 &&
	    u.ut_tv.tv_sec >= 0 && u.ut_tv.tv_usec >= 0 &&
	    u.ut_tv.tv_usec < 1000000;
}

bool
use_wtmp_is(const char *path, const char *start, size_t length)
{
	(void)path;
	return length >= RECORD && is_record(start);
}

/* Fields need not end with a NUL. */
static bool
field(char *out, size_t size, const char *from, size_t length)
{
	size_t used = strnlen(from, length);

	if (used >= size || !enc_is_utf8(from, used))
		return false;
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)from[i] < ' ')
			return false;
	memcpy(out, from, used);
	out[used] = '\0';
	return true;
}

static void
address(char *out, size_t size, const struct utmp *u)
{
	static const int32_t none[3];
	bool four = memcmp(u->ut_addr_v6 + 1, none, sizeof(none)) == 0;

	out[0] = '\0';
	if (!four || u->ut_addr_v6[0] != 0)
		(void)inet_ntop(four ? AF_INET : AF_INET6, u->ut_addr_v6, out,
		    (socklen_t)size);
}

/* 1, 0 or -1, as authlog_line. */
static int
read_record(const struct utmp *u, struct authlog_event *event)
{
	*event = (struct authlog_event){ .at = u->ut_tv.tv_sec,
		.pid = u->ut_pid > 0 ? u->ut_pid : -1,
		.port = -1,
		.count = 1 };
	if (u->ut_type != USER_PROCESS && u->ut_type != DEAD_PROCESS)
		return 0;
	event->kind =
	    u->ut_type == USER_PROCESS ? AUTHLOG_LOGIN : AUTHLOG_CLOSED;
	(void)snprintf(event->service, sizeof(event->service), "wtmp");
	address(event->origin, sizeof(event->origin), u);
	if (!field(event->user, sizeof(event->user), u->ut_user,
	        sizeof(u->ut_user)) ||
	    (event->kind == AUTHLOG_LOGIN && event->user[0] == '\0'))
		return -1;
	return 1;
}

int
use_wtmp_read(struct use_reading *r, struct err *e)
{
	struct authlog_event event;
	struct textfile *file = NULL;
	char bytes[RECORD];
	struct utmp u;
	int result = 0;

	if (textfile_open(&file, r->path, RECORD, e) == -1)
		return -1;
	while (result == 0 && textfile_peek(file, bytes, 1) == 1) {
		int got = -1;

		if (textfile_bytes(file, bytes, RECORD, e) == -1) {
			if (e->code != ERR_INCOMPLETE)
				result = -1;
		} else if (is_record(bytes)) {
			memcpy(&u, bytes, RECORD);
			got = read_record(&u, &event);
		}
		if (got == 1) {
			(void)snprintf(
			    event.host, sizeof(event.host), "%s", r->host);
			result = r->event(r->context, &event, e);
		}
		r->refused += got == -1;
	}
	textfile_close(&file);
	return result;
}
