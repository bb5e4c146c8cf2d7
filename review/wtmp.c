#include "review/wtmp.h"

#include <string.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"

/* From utmp.h, so that no machine's own layout is meant. */
#define TYPE_LAST    9u /* ACCOUNTING */
#define USER_PROCESS 7u
#define AT_USER      44u
#define USER_SIZE    32u
#define AT_SECONDS   340u

bool
wtmp_record(const unsigned char bytes[WTMP_SIZE], struct wtmp_record *out)
{
	struct cursor c = cursor_new(bytes, WTMP_SIZE);
	uint16_t type = cursor_u16(&c);
	uint16_t padding = cursor_u16(&c);
	uint32_t microseconds;
	const unsigned char *user;

	memset(out, 0, sizeof(*out));
	(void)cursor_take(&c, AT_USER - 4);
	user = cursor_take(&c, USER_SIZE);
	(void)cursor_take(&c, AT_SECONDS - AT_USER - USER_SIZE);
	out->when = cursor_u32(&c);
	microseconds = cursor_u32(&c);
	if (c.failed || type > TYPE_LAST || padding != 0 ||
	    microseconds >= 1000000)
		return false;
	memcpy(out->user, user, USER_SIZE);
	out->is_login = type == USER_PROCESS && out->user[0] != '\0';
	return !out->is_login || enc_is_utf8(out->user, strlen(out->user));
}
