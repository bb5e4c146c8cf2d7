#include "schema/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/segment.h"

#define FIRST_LINE "reeve-trail 1"
#define FILE_MAX   1024u
#define ORG_MAX    100u

/* "NAME VALUE\n" at *at, which then is behind it; NULL if it is not there. */
static const char *
field(const char **at, const char *name, size_t *length)
{
	size_t n = strlen(name);
	const char *value = *at + n, *end;

	if (strncmp(*at, name, n) != 0 || *value != ' ' ||
	    (end = strchr(++value, '\n')) == NULL)
		return NULL;
	*length = (size_t)(end - value);
	*at = end + 1;
	return value;
}

static int
parse(const char *at, struct host *h, struct err *e)
{
	const char *value;
	size_t length;

	*h = (struct host){ 0 };
	if (strncmp(at, FIRST_LINE "\n", sizeof(FIRST_LINE)) != 0)
		return err_set(e, ERR_FORMAT, "not \"" FIRST_LINE "\"");
	at += sizeof(FIRST_LINE);
	if ((value = field(&at, "host", &length)) == NULL ||
	    !line_is_uuid(value, length))
		return err_set(e, ERR_FORMAT, "no host");
	memcpy(h->uuid, value, length);
	if ((value = field(&at, "origin", &length)) == NULL || length == 0 ||
	    length > HOST_ORIGIN_MAX)
		return err_set(e, ERR_FORMAT, "no origin");
	memcpy(h->origin, value, length);
	if ((value = field(&at, "evidence", &length)) == NULL ||
	    enc_unhex(value, length, h->evidence, LINE_HASH, e) == -1 ||
	    *at != '\0')
		return err_set(e, ERR_FORMAT, "no evidence");
	return 0;
}

int
host_read(int dir, struct host *h, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int result = file_read_at(dir, "host", &segment_rule, &b, e);

	if (result == 0 && (result = parse(buf_string(&b), h, e)) == -1)
		err_in(e, "host");
	buf_free(&b);
	return result;
}

int
host_write(int dir, const struct host *h, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	int result;

	buf_printf(&b, FIRST_LINE "\nhost %s\norigin %s\nevidence ", h->uuid,
	    h->origin);
	enc_hex(&b, h->evidence, LINE_HASH);
	buf_put_byte(&b, '\n');
	result = buf_status(&b, e);
	if (result == 0)
		result =
		    file_replace_at(dir, "host", 0600, b.data, b.length, e);
	buf_free(&b);
	return result;
}

int
host_check_org(const char *org, struct err *e)
{
	size_t length = strlen(org);

	if (length == 0 || length > ORG_MAX ||
	    strspn(org, "abcdefghijklmnopqrstuvwxyz0123456789.-") != length)
		return err_set(
		    e, ERR_USAGE, "%s: a domain in lower case is needed", org);
	return 0;
}

/* RFC 4122 section 4.4. */
static int
new_uuid(char *out, const struct entropy *entropy, struct err *e)
{
	unsigned char b[16];

	if (entropy_fill(entropy, b, sizeof(b), e) == -1)
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(out, LINE_UUID + 1,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return 0;
}

int
host_new(struct host *h, const char *org, const struct entropy *entropy,
    struct err *e)
{
	if (host_check_org(org, e) == -1 || new_uuid(h->uuid, entropy, e) == -1)
		return -1;
	(void)snprintf(
	    h->origin, sizeof(h->origin), "trail.%s/host/%s", org, h->uuid);
	return 0;
}

/* What a file says, if it can be read at all. */
static void
put_file(struct buf *b, const char *path)
{
	unsigned char bytes[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd == -1 ? 0 : read(fd, bytes, sizeof(bytes));

	buf_put_u32(b, got > 0 ? (uint32_t)got : 0);
	if (got > 0)
		buf_put(b, bytes, (size_t)got);
	file_close(&fd);
}

int
host_evidence(int dir, unsigned char *evidence, struct err *e)
{
	struct buf b = buf_new(FILE_MAX);
	struct stat st;
	int result = -1;

	/* A restore from a backup gives the directory another inode. */
	if (fstat(dir, &st) == -1) {
		err_sys(e, errno, "stat");
		goto out;
	}
	buf_put_u64(&b, st.st_ino);
	put_file(&b, "/etc/machine-id");
	put_file(&b, "/sys/class/dmi/id/product_uuid");
	if (buf_status(&b, e) == 0)
		result = line_hash(b.data, b.length, evidence, e);
out:
	buf_free(&b);
	return result;
}

int
host_boot(char *uuid, struct err *e)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd == -1)
		return err_sys(e, errno, "boot_id");
	got = read(fd, uuid, LINE_UUID);
	file_close(&fd);
	if (got != LINE_UUID || !line_is_uuid(uuid, LINE_UUID))
		return err_set(e, ERR_SYS, "boot_id: not a UUID");
	uuid[LINE_UUID] = '\0';
	return 0;
}
