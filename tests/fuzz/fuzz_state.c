/*
 * A user's record. First byte even: the rest is a slot, to which a right
 * checksum is put, so that the parser behind it is reached; what it accepts
 * is written back byte for byte. Odd: the rest are changes to a good file,
 * two bytes offset and one to be xored; what can still be read can be saved.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "pamod/state_file.h"
#include "schema/base/file.h"

#define DIGEST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
try_slot(const uint8_t *data, size_t size)
{
	unsigned char slot[RECORD_SLOT] = { 0 };
	unsigned char again[RECORD_SLOT];
	struct record_stamp stamp;
	struct state_user user;
	struct err e;

	if (size > sizeof(slot) - DIGEST)
		size = sizeof(slot) - DIGEST;
	memcpy(slot, data, size);
	must(EVP_Digest(slot, sizeof(slot) - DIGEST,
	         slot + sizeof(slot) - DIGEST, NULL, EVP_sha256(), NULL) == 1);
	if (record_check(slot, &stamp, &e) == 0 &&
	    record_read(slot, &user, &e) == 0) {
		must(record_write(&user, &stamp, again, &e) == 0);
		must(memcmp(again, slot, sizeof(slot)) == 0);
	}
}

static void
change(struct buf *file, const uint8_t *data, size_t size)
{
	for (; size >= 3; data += 3, size -= 3)
		file->data[((size_t)data[0] << 8 | data[1]) % file->length] ^=
		    data[2];
}

static void
try_file(const uint8_t *data, size_t size)
{
	static const unsigned char boot[STATE_BOOT] = { 1 };
	struct state_user user = { .name = "ann", .next_factor_id = 1 };
	struct buf file = buf_new(1u << 20);
	struct record_file f;
	struct state_user again;
	bool damaged;
	struct err e;
	int fd = memfd_create("record", MFD_CLOEXEC);

	must(fd != -1 && record_file_make(&user, boot, &file, &e) == 0);
	must(file_put(fd, file.data, file.length, 0, &e) == 0);
	must(record_file_read(&f, fd, &user, &damaged, &e) == 0 && !damaged);
	user.failures = 1;
	must(record_file_save(&f, &user, boot, true, &e) == 0);
	must(file_get(fd, file.data, file.length, 0, &e) == 0);
	change(&file, data, size);
	must(file_put(fd, file.data, file.length, 0, &e) == 0);
	if (record_file_read(&f, fd, &user, &damaged, &e) == 0) {
		must(strcmp(user.name, "ann") == 0 && user.failures <= 1);
		must(damaged || user.failures == 1 || f.synced == 0 ||
		    f.synced == 1);
		user.failures = 2;
		must(record_file_save(&f, &user, boot, false, &e) == 0);
		must(record_file_read(&f, fd, &again, &damaged, &e) == 0);
		must(again.failures == 2 && !damaged);
	} else {
		must(e.code == ERR_FORMAT);
	}
	file_close(&fd);
	buf_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] % 2 == 0)
		try_slot(data + 1, size - 1);
	else if (size > 0)
		try_file(data + 1, size - 1);
	return 0;
}
