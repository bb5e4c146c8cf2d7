#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "pamod/state.h"
#include "pamod/state_file.h"
#include "pamod/throttle.h"
#include "schema/base/clock.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"
#include "tests/shell.h"
#include "tests/unit.h"

#define NOW INT64_C(1800000000)

static char directory[64];
static struct moment moment;
static struct clock the_clock;
static struct entropy the_entropy;
static struct state *state;
static struct state_lock *lock;
static struct state_user u;
static struct err e;

static void
set_up(void)
{
	moment = (struct moment){ .wall_ns = NOW * CLOCK_NS_PER_SECOND,
		.boot_ns = 5000 * CLOCK_NS_PER_SECOND };
	(void)snprintf(directory, sizeof(directory), "/var/tmp/state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	the_clock = clock_fixed(&moment);
	the_entropy = entropy_system();
	ck_assert_ok(state_init(directory, &the_entropy, &e));
	ck_assert_ok(
	    state_open(&state, directory, &the_clock, &the_entropy, &e));
}

static void
tear_down(void)
{
	state_unlock(&lock);
	state_close(&state);
	ck_assert_int_eq(shell("rm -rf %s", directory), 0);
}

static void
make(const char *name)
{
	ck_assert_ok(state_lock_or_create(state, name, 1000, &lock, &u, &e));
}

static void
save(bool durable)
{
	ck_assert_ok(state_save(lock, &u, durable, &e));
}

static int
open_record(const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/users/%s", directory, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	return fd;
}

static bool
is_soak(void)
{
	return getenv("SOAK") != NULL;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Bits everywhere. */
static void
fill(struct state_user *user)
{
	char name[STATE_NAME_MAX + 1];

	memcpy(name, user->name, sizeof(name));
	memset(user, 'x', sizeof(*user));
	memcpy(user->name, name, sizeof(name));
	user->exempt_approver[STATE_NAME_MAX] = '\0';
	user->last_source[STATE_SOURCE_MAX - 1] = '\0';
	user->last_service[STATE_SERVICE_MAX - 1] = '\0';
	for (unsigned i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *f = &user->factors[i];

		f->id = i + 1;
		f->confirmed = f->suspended = i % 2 == 0;
		f->type[sizeof(f->type) - 1] = '\0';
		f->label[STATE_LABEL_MAX] = '\0';
		f->data_length = STATE_SEALED_MAX;
		f->drift = -3;
	}
	user->recovery.setting[STATE_HASH_MAX - 1] = '\0';
	user->recovery.count = STATE_RECOVERY_MAX;
	for (unsigned i = 0; i < STATE_SOURCES_MAX; i++)
		user->sources[i].source[STATE_SOURCE_MAX - 1] = '\0';
	user->overflow.source[STATE_SOURCE_MAX - 1] = '\0';
	for (unsigned i = 0; i < STATE_ATTEMPTS_MAX; i++) {
		user->attempts[i].service[STATE_SERVICE_MAX - 1] = '\0';
		user->attempts[i].source[STATE_SOURCE_MAX - 1] = '\0';
	}
	user->history_count = STATE_HISTORY_MAX;
	for (unsigned i = 0; i < STATE_HISTORY_MAX; i++)
		user->history[i][STATE_HASH_MAX - 1] = '\0';
}

START_TEST(a_record_is_made_saved_and_read_back)
{
	ck_assert_fails(state_lock(state, "ann", &lock, &u, &e), ERR_MISSING);
	ck_assert_ptr_null(lock);
	make("ann");
	ck_assert_str_eq(u.name, "ann");
	ck_assert_uint_eq(u.uid, 1000);
	ck_assert_int_eq(u.created, NOW);
	ck_assert_int_eq(u.uptime, 5000000);
	for (unsigned i = 1; i <= 20; i++) {
		u.failures = i;
		save(i % 3 == 0);
		state_unlock(&lock);
		ck_assert_ok(state_lock(state, "ann", &lock, &u, &e));
		ck_assert_uint_eq(u.failures, i);
	}
	state_unlock(&lock);
	ck_assert_ok(state_upgrade(state, "ann", &e));
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert_uint_eq(u.failures, 20);
	ck_assert_ok(state_remove(state, "ann", &e));
	ck_assert_fails(state_read(state, "ann", &u, &e), ERR_MISSING);
	ck_assert_fails(state_remove(state, "ann", &e), ERR_MISSING);
}
END_TEST

START_TEST(a_full_record_is_read_back_field_by_field)
{
	struct state_user full;

	make("ann");
	fill(&u);
	full = u;
	save(true);
	state_unlock(&lock);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	/* Padding apart: what is written of both is the same. */
	ck_assert_int_eq(u.uptime, 5000000);
	u.uptime = full.uptime;
	for (int i = 0; i < 2; i++) {
		struct record_stamp stamp = { .sequence = 1 };
		unsigned char a[RECORD_SLOT], b[RECORD_SLOT];

		ck_assert_ok(record_write(&u, &stamp, a, &e));
		ck_assert_ok(record_write(&full, &stamp, b, &e));
		ck_assert_mem_eq(a, b, RECORD_SLOT);
	}
	ck_assert_int_eq(u.factors[7].drift, -3);
	ck_assert_uint_eq(u.factors[7].data_length, STATE_SEALED_MAX);
	ck_assert_str_eq(u.history[23], full.history[23]);
	ck_assert_int_eq(u.attempts[15].begun, full.attempts[15].begun);
	ck_assert_int_eq(
	    u.sources[15].failure_uptime, full.sources[15].failure_uptime);
}
END_TEST

/* Each field of the record is stored: its change changes what is written. */
START_TEST(no_byte_of_the_struct_is_forgotten)
{
	static struct state_user full;
	struct record_stamp stamp = { .sequence = 1 };
	size_t forgotten = 0;

	memcpy(full.name, "ann", 4);
	fill(&full);
	for (size_t i = 0; i < offsetof(struct state_user, uptime); i++) {
		unsigned char a[RECORD_SLOT], b[RECORD_SLOT];

		u = full;
		((unsigned char *)&u)[i] ^= 1;
		ck_assert_ok(record_write(&full, &stamp, a, &e));
		if (record_write(&u, &stamp, b, &e) == 0 &&
		    memcmp(a, b, RECORD_SLOT) == 0)
			forgotten++;
	}
	/* Behind the name's NUL, and between fields, where the ABI has gaps. */
	ck_assert_uint_le(forgotten, 61 + 308);
}
END_TEST

START_TEST(what_breaks_a_bound_is_not_written)
{
	make("ann");
	u.history_count = STATE_HISTORY_MAX + 1;
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	u.history_count = 0;
	u.recovery.count = STATE_RECOVERY_MAX + 1;
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	u.recovery.count = 0;
	u.factors[0].id = u.factors[1].id = 7;
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	u.factors[1].id = 8;
	u.factors[1].data_length = STATE_SEALED_MAX + 1;
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	u.factors[1].data_length = 0;
	memset(u.factors[1].label, 'x', sizeof(u.factors[1].label));
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	u.factors[1].label[0] = '\0';
	memcpy(u.name, "bob", 4);
	ck_assert_fails(state_save(lock, &u, false, &e), ERR_FORMAT);
	memcpy(u.name, "ann", 4);
	save(false);
}
END_TEST

START_TEST(what_is_removed_leaves_no_bytes_behind)
{
	struct buf bytes = buf_new(1u << 20);
	int fd;

	make("ann");
	u.factors[0].id = 1;
	memcpy(u.factors[0].label, "quicksilver", 12);
	u.factors[0].data_length = 40;
	memcpy(u.factors[0].data, "seedseedseedseed", 16);
	save(false);
	u.factors[0].id = 0; /* and no more */
	for (int i = 0; i < 3; i++)
		save(true);
	fd = open_record("ann");
	ck_assert_ok(file_read(fd, &bytes, &e));
	ck_assert_ptr_null(memmem(bytes.data, bytes.length, "quicksilver", 11));
	ck_assert_ptr_null(memmem(bytes.data, bytes.length, "seedseed", 8));
	file_close(&fd);
	buf_free(&bytes);
}
END_TEST

#define SEEN_SIZE 1024u
#define LONGEST_NAME                                                           \
	"0123456789012345678901234567890123456789012345678901234567890123"

static int
note_name(void *context, const char *user)
{
	char *seen = context;

	(void)snprintf(
	    seen + strlen(seen), SEEN_SIZE - strlen(seen), "%s|", user);
	return strcmp(user, "stop") == 0 ? 7 : 0;
}

START_TEST(every_name_has_a_record_of_its_own)
{
	static const char *const names[] = { "ann", "anna", "ANN", "ann:", "..",
		".", "a/b", "%41nn", "\xe5\x90\x8d", "ann.new.1", "-x",
		LONGEST_NAME };
	char seen[SEEN_SIZE] = "";
	char one[80];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		make(names[i]);
		ck_assert_str_eq(u.name, names[i]);
		ck_assert_uint_eq(u.failures, 0);
		u.failures = 1;
		save(false);
		state_unlock(&lock);
	}
	ck_assert_ok(state_each(state, note_name, seen, &e));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(one, sizeof(one), "%s|", names[i]);
		ck_assert_ptr_nonnull(strstr(seen, one));
	}
	make("stop");
	ck_assert_int_eq(state_each(state, note_name, seen, &e), 7);
	state_unlock(&lock);
	memset(one, 'x', 65);
	one[65] = '\0';
	ck_assert_fails(
	    state_lock_or_create(state, one, 1, &lock, &u, &e), ERR_LIMIT);
	ck_assert_fails(
	    state_lock_or_create(state, "", 1, &lock, &u, &e), ERR_LIMIT);
	ck_assert_fails(state_read(state, one, &u, &e), ERR_LIMIT);
}
END_TEST

START_TEST(what_is_not_a_record_is_no_missing_record)
{
	static const struct {
		const char *command; /* in users/, which has ann's record */
		enum err_code code;
	} rows[] = {
		{ "ln -s ann bob", ERR_ACCESS },
		{ "ln -s nowhere bob", ERR_ACCESS },
		{ "ln ann bob", ERR_ACCESS },
		{ "mkfifo -m 600 bob", ERR_ACCESS },
		{ "mkdir -m 700 bob", ERR_SYS }, /* EISDIR */
		{ "cp ann bob; chmod 640 bob", ERR_ACCESS },
		{ "cp -p ann bob; chown 1:1 bob", ERR_ACCESS },
		{ "cp -p ann bob", ERR_FORMAT }, /* says it is ann's */
		{ "touch bob; chmod 600 bob", ERR_FORMAT },
		{ "cp -p ann bob; truncate -s -1 bob", ERR_FORMAT },
		{ "cp -p ann bob; truncate -s +1 bob", ERR_FORMAT },
		{ "head -c 45056 /dev/zero >bob; chmod 600 bob", ERR_FORMAT },
	};

	make("ann");
	state_unlock(&lock);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(
		    shell("cd %s/users && { %s; }", directory, rows[i].command),
		    0);
		ck_assert_fails(
		    state_lock(state, "bob", &lock, &u, &e), rows[i].code);
		ck_assert_fails(
		    state_lock_or_create(state, "bob", 1, &lock, &u, &e),
		    rows[i].code);
		ck_assert_ptr_null(lock);
		ck_assert_int_eq(shell("rm -rf %s/users/bob", directory), 0);
	}
}
END_TEST

static void
put_header(int fd, uint32_t version)
{
	unsigned char digest[32];
	struct buf b = buf_new(64);

	buf_put(&b, "REEVEUSR", 8);
	buf_put_u32(&b, version);
	buf_put_u32(&b, RECORD_SLOT);
	ck_assert_int_eq(
	    EVP_Digest(b.data, b.length, digest, NULL, EVP_sha256(), NULL), 1);
	buf_put(&b, digest, sizeof(digest));
	ck_assert_ok(file_put(fd, b.data, b.length, 0, &e));
	buf_free(&b);
}

START_TEST(a_newer_format_is_newer_and_not_corrupt)
{
	int fd;

	make("ann");
	state_unlock(&lock);
	fd = open_record("ann");
	put_header(fd, 2);
	ck_assert_fails(state_read(state, "ann", &u, &e), ERR_NEWER);
	ck_assert_fails(state_upgrade(state, "ann", &e), ERR_NEWER);
	put_header(fd, 0);
	ck_assert_fails(state_read(state, "ann", &u, &e), ERR_FORMAT);
	put_header(fd, 1);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	file_close(&fd);
}
END_TEST

/*
 * Three saves: durable 1, durable 2, not durable 3. A flipped bit anywhere is
 * an error, or costs at most the save that nobody was promised, or is noticed
 * and suspends what could come back.
 */
START_TEST(a_flipped_bit_is_noticed_or_harmless)
{
	unsigned char boot[STATE_BOOT] = { 1 };
	struct buf file = buf_new(1u << 20);
	size_t step = is_soak() ? 1 : 13;
	size_t noticed = 0;
	struct record_file f;
	bool damaged;
	int fd = memfd_create("record", MFD_CLOEXEC);

	memset(&u, 0, sizeof(u));
	memcpy(u.name, "ann", 4);
	ck_assert_ok(record_file_make(&u, boot, &file, &e));
	ck_assert_ok(file_put(fd, file.data, file.length, 0, &e));
	ck_assert_ok(record_file_read(&f, fd, &u, &damaged, &e));
	for (u.failures = 1; u.failures <= 3; u.failures++)
		ck_assert_ok(
		    record_file_save(&f, &u, boot, u.failures <= 2, &e));
	ck_assert_ok(file_get(fd, file.data, file.length, 0, &e));
	for (size_t bit = 0; bit < 8 * file.length;
	     bit += bit < 1024 ? 1 : step) {
		unsigned char *byte = &file.data[bit / 8];
		unsigned char flipped = (unsigned char)(*byte ^ 1u << bit % 8);

		ck_assert_ok(file_put(fd, &flipped, 1, (off_t)bit / 8, &e));
		if (record_file_read(&f, fd, &u, &damaged, &e) == -1) {
			ck_assert_int_eq(e.code, ERR_FORMAT);
			ck_assert_uint_lt(bit, 8 * 48); /* the header */
			noticed++;
		} else {
			ck_assert_uint_ge(u.failures, 2);
			ck_assert(!damaged);
		}
		ck_assert_ok(file_put(fd, byte, 1, (off_t)bit / 8, &e));
	}
	ck_assert_uint_eq(noticed, 8 * 48);
	file_close(&fd);
	buf_free(&file);
}
END_TEST

START_TEST(a_damaged_durable_slot_suspends_what_could_come_back)
{
	int fd;

	make("ann");
	u.factors[0].id = 1;
	memcpy(u.factors[0].type, "hotp", 5);
	u.factors[1].id = 2;
	memcpy(u.factors[1].type, "totp", 5);
	u.recovery.made = NOW;
	u.recovery.count = 10;
	u.ticket_expires = NOW + 60;
	save(true);
	u.recovery.used = 1;
	save(true);
	state_unlock(&lock);
	/* Slots are taken in turn: the last save is in the third. */
	fd = open_record("ann");
	ck_assert_ok(file_put(fd, "x", 1, 8192 + 2 * 12288 + 100, &e));
	file_close(&fd);
	ck_assert_ok(state_lock(state, "ann", &lock, &u, &e));
	ck_assert(u.factors[0].suspended);
	ck_assert(!u.factors[1].suspended);
	ck_assert_uint_eq(u.recovery.used, UINT16_MAX);
	ck_assert_int_eq(u.ticket_expires, 0);
	/* It is the same until somebody saves it, and then for good. */
	save(true);
	state_unlock(&lock);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert(u.factors[0].suspended);
}
END_TEST

START_TEST(an_old_copy_is_known_by_its_attempts)
{
	make("ann");
	u.factors[0].id = 1;
	memcpy(u.factors[0].type, "hotp", 5);
	ck_assert_uint_gt(u.next_attempt_id, 1u << 20);
	ck_assert(!state_suspend_old(&u, u.next_attempt_id));
	ck_assert(!u.factors[0].suspended);
	ck_assert(state_suspend_old(&u, u.next_attempt_id + 1));
	ck_assert(u.factors[0].suspended);
	ck_assert(!state_suspend_old(&u, u.next_attempt_id));
}
END_TEST

START_TEST(uptimes_of_another_boot_are_the_start_of_this_one)
{
	static const unsigned char other[STATE_BOOT] = { 7 };
	struct record_stamp stamp = { .sequence = 9 };
	unsigned char slot[RECORD_SLOT];
	int fd;

	make("ann");
	u.failure_uptime = 4999000;
	u.sources[2].failure_uptime = 4999000;
	memcpy(u.sources[2].source, "console", 8);
	save(true);
	state_unlock(&lock);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert_int_eq(u.failure_uptime, 4999000);
	memcpy(stamp.boot, other, sizeof(other));
	ck_assert_ok(record_write(&u, &stamp, slot, &e));
	fd = open_record("ann");
	ck_assert_ok(file_put(fd, slot, sizeof(slot), 8192, &e));
	file_close(&fd);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert_int_eq(u.failure_uptime, 0);
	ck_assert_int_eq(u.sources[2].failure_uptime, 0);
	ck_assert_int_eq(u.uptime, 5000000);
}
END_TEST

/*
 * A disk that keeps what was synced, and of the rest, slot by slot, the new
 * bytes, the old ones, or neither. Whatever happens, the last durable save is
 * there.
 */
START_TEST(a_power_cut_loses_no_durable_save)
{
	unsigned char boot[STATE_BOOT] = { 1 };
	struct buf disk = buf_new(1u << 20);
	struct buf cache = buf_new(1u << 20);
	struct record_file f;
	unsigned promised = 0;
	bool damaged;
	int fd = memfd_create("record", MFD_CLOEXEC);

	srandom(1);
	memset(&u, 0, sizeof(u));
	memcpy(u.name, "ann", 4);
	ck_assert_ok(record_file_make(&u, boot, &disk, &e));
	buf_put(&cache, disk.data, disk.length);
	ck_assert_ok(file_put(fd, disk.data, disk.length, 0, &e));
	for (int i = 0; i < (is_soak() ? 200000 : 4000); i++) {
		bool durable = random() % 3 == 0;

		/* Each as a process of its own. */
		ck_assert_ok(record_file_read(&f, fd, &u, &damaged, &e));
		ck_assert_uint_ge(u.failures, promised);
		u.failures++;
		ck_assert_ok(record_file_save(&f, &u, boot, durable, &e));
		ck_assert_ok(file_get(fd, cache.data, cache.length, 0, &e));
		if (durable) {
			promised = u.failures;
			memcpy(disk.data + 8192, cache.data + 8192,
			    disk.length - 8192);
		}
		if (random() % 4 != 0)
			continue;
		/* The cut: pages of 4096 bytes arrived, or not. */
		for (size_t at = 4096; at < disk.length; at += 4096)
			if (random() % 2 == 0)
				memcpy(disk.data + at, cache.data + at, 4096);
		ck_assert_ok(file_put(fd, disk.data, disk.length, 0, &e));
		boot[1]++;
		boot[2] = (unsigned char)(boot[2] + (boot[1] == 0));
		ck_assert_ok(record_file_read(&f, fd, &u, &damaged, &e));
		ck_assert_uint_ge(u.failures, promised);
		ck_assert(!damaged);
	}
	file_close(&fd);
	buf_free(&disk);
	buf_free(&cache);
}
END_TEST

/* Counts up, and says each number once it has been saved. */
static void
count_for_ever(int out)
{
	for (;;) {
		if (state_lock(state, "ann", &lock, &u, &e) == -1)
			_exit(2);
		u.failures++;
		if (state_save(lock, &u, u.failures % 4 == 0, &e) == -1)
			_exit(3);
		state_unlock(&lock);
		if (write(out, &u.failures, sizeof(u.failures)) == -1)
			_exit(4);
	}
}

START_TEST(a_killed_writer_loses_nothing_it_had_saved)
{
	int64_t end = now_ms() + (is_soak() ? 60000 : 0);
	unsigned kills = 0;
	uint32_t said = 0;

	make("ann");
	state_unlock(&lock);
	while (kills <= 100 || said <= 100 || now_ms() < end) {
		struct timespec nap = { .tv_nsec = random() % 4000000 };
		int pipes[2];
		int status;
		pid_t pid;

		ck_assert_int_eq(pipe(pipes), 0);
		pid = fork();
		if (pid == 0)
			count_for_ever(pipes[1]);
		(void)close(pipes[1]);
		(void)nanosleep(&nap, NULL);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		ck_assert(WIFSIGNALED(status));
		while (read(pipes[0], &said, sizeof(said)) == sizeof(said))
			;
		(void)close(pipes[0]);
		ck_assert_ok(state_read(state, "ann", &u, &e));
		ck_assert_uint_ge(u.failures, said);
		ck_assert_uint_le(u.failures, said + 1);
		said = u.failures;
		kills++;
	}
}
END_TEST

/* What a process of at_once ends with when something failed. */
static int
broken(void)
{
	(void)fprintf(stderr, "%s\n", e.text);
	return 99;
}

/* Runs body(i) in count processes at once; how many ended with 0. */
static int
at_once(int count, int (*body)(int))
{
	int gate[2];
	int done = 0;
	char byte;

	ck_assert_int_eq(pipe(gate), 0);
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		ck_assert_int_ne(pid, -1);
		if (pid != 0)
			continue;
		(void)close(gate[1]);
		(void)!read(gate[0], &byte, 1); /* until all are there */
		_exit(body(i));
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (int i = 0; i < count; i++) {
		int status = 0;

		ck_assert_int_ne(wait(&status), -1);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 99);
		done += WEXITSTATUS(status) == 0;
	}
	return done;
}

static struct throttle_rules rules = { .style = THROTTLE_LOCK,
	.attempts = 3,
	.lock_seconds = 900,
	.user_attempts = 30,
	.known_days = 30 };

static int
reserve(int i)
{
	enum throttle_answer answer;

	(void)i;
	if (state_lock_or_create(state, "ann", 1, &lock, &u, &e) == -1)
		return broken();
	answer = throttle_reserve(&u, "192.0.2.1", &rules, NOW);
	if (answer == THROTTLE_GO && state_save(lock, &u, false, &e) == -1)
		return broken();
	state_unlock(&lock);
	return answer == THROTTLE_GO ? 0 : 1;
}

START_TEST(guesses_at_once_never_outrun_the_limit)
{
	for (int count = 2; count <= 64; count *= 2)
		for (int style = 0; style < 2; style++) {
			rules.style = style;
			ck_assert_int_eq(
			    at_once(count, reserve), count < 3 ? count : 3);
			ck_assert_ok(state_remove(state, "ann", &e));
		}
}
END_TEST

static int
reserve_unknown(int i)
{
	enum throttle_answer answer = throttle_reserve_unknown(
	    state, i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", &rules, &e);

	if (e.code != ERR_NONE)
		return broken();
	return answer == THROTTLE_GO ? 0 : 1;
}

START_TEST(guesses_on_unknown_names_are_counted_by_source)
{
	rules.style = THROTTLE_BACKOFF;
	ck_assert_int_eq(at_once(32, reserve_unknown), 6);
	moment.boot_ns += 999 * 1000000;
	ck_assert_int_eq(at_once(2, reserve_unknown), 0);
	moment.boot_ns += 1000000;
	ck_assert_int_eq(at_once(32, reserve_unknown), 2);
	moment.boot_ns += 1999 * (int64_t)1000000;
	ck_assert_int_eq(at_once(32, reserve_unknown), 0);
	/* Quiet for the longest wait: forgotten. */
	moment.boot_ns += 900 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(at_once(32, reserve_unknown), 6);
	rules.style = THROTTLE_LOCK;
	moment.boot_ns += 899 * CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(at_once(32, reserve_unknown), 0);
	moment.boot_ns += CLOCK_NS_PER_SECOND;
	ck_assert_int_eq(at_once(32, reserve_unknown), 6);
}
END_TEST

/* A botnet fills the table: everybody else shares a row. */
START_TEST(a_full_table_is_bounded_and_stays_so)
{
	char source[STATE_SOURCE_MAX];
	struct stat st;
	int gone = 0;

	rules.style = THROTTLE_LOCK;
	rules.attempts = 1;
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(source, sizeof(source), "10.%d.%d.%d", i / 65536,
		    i / 256 % 256, i % 256);
		gone += throttle_reserve_unknown(state, source, &rules, &e) ==
		    THROTTLE_GO;
		ck_assert_int_eq(e.code, ERR_NONE);
	}
	rules.attempts = 3;
	ck_assert_int_le(gone, 4096 + 1);
	ck_assert_int_gt(gone, 4000);
	ck_assert_int_eq(
	    fstatat(state_directory(state), STATE_TABLE, &st, 0), 0);
	ck_assert_int_eq(st.st_size, 4097 * 32);
	ck_assert_int_eq(shell("rm %s/sources", directory), 0);
	ck_assert_int_eq(
	    throttle_reserve_unknown(state, "192.0.2.1", &rules, &e),
	    THROTTLE_REFUSE);
	ck_assert_int_ne(e.code, ERR_NONE);
	ck_assert_int_eq(shell("touch %s/sources; chmod 600 %s/sources",
	                     directory, directory),
	    0);
	ck_assert_int_eq(
	    throttle_reserve_unknown(state, "192.0.2.1", &rules, &e),
	    THROTTLE_REFUSE);
	ck_assert_int_eq(e.code, ERR_INCOMPLETE);
}
END_TEST

static int
lock_own(int i)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "user%d", i);
	if (state_lock_or_create(state, name, 1, &lock, &u, &e) == -1 ||
	    state_save(lock, &u, true, &e) == -1)
		return broken(); /* ERR_BUSY, if it had waited for "held" */
	return 0;
}

START_TEST(users_never_block_each_other)
{
	make("held");
	ck_assert_int_eq(at_once(32, lock_own), 32);
}
END_TEST

START_TEST(a_lock_is_waited_for_and_not_for_ever)
{
	struct state_lock *second;
	struct state_user other;
	int64_t start = now_ms();

	make("ann");
	ck_assert_fails(
	    state_lock(state, "ann", &second, &other, &e), ERR_BUSY);
	ck_assert_ptr_null(second);
	ck_assert_int_ge(now_ms() - start, STATE_WAIT_MS);
}
END_TEST

static int
upgrade_ann(void)
{
	return state_upgrade(state, "ann", &e);
}

static int
lock_ann(void)
{
	return state_lock_or_create(state, "ann", 1, &lock, &u, &e);
}

/* On a busy machine a lock may not be had in time; only then tried again. */
static int
until_not_busy(int (*try)(void))
{
	int result;

	while ((result = try()) == -1 && e.code == ERR_BUSY)
		;
	return result;
}

static int
count_up(int i)
{
	for (int n = 0; n < 50; n++) {
		if (i % 4 == 0) {
			if (until_not_busy(upgrade_ann) == -1)
				return broken();
			continue;
		}
		if (until_not_busy(lock_ann) == -1)
			return broken();
		u.failures++;
		if (state_save(lock, &u, n % 8 == 0, &e) == -1)
			return broken();
		state_unlock(&lock);
	}
	return 0;
}

START_TEST(a_record_that_is_replaced_meanwhile_loses_no_update)
{
	make("ann");
	state_unlock(&lock);
	ck_assert_int_eq(at_once(8, count_up), 8);
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert_uint_eq(u.failures, 6 * 50);
}
END_TEST

static int
create_and_count(int i)
{
	(void)i;
	if (state_lock_or_create(state, "new", 1, &lock, &u, &e) == -1)
		return broken();
	u.failures++;
	return state_save(lock, &u, false, &e) == -1 ? broken() : 0;
}

START_TEST(many_who_make_one_record_make_one)
{
	for (unsigned round = 0; round < 10; round++) {
		ck_assert_int_eq(at_once(16, create_and_count), 16);
		ck_assert_ok(state_read(state, "new", &u, &e));
		ck_assert_uint_eq(u.failures, 16);
		ck_assert_ok(state_remove(state, "new", &e));
	}
	ck_assert_int_eq(shell("[ -z \"$(ls -A %s/users)\" ]", directory), 0);
}
END_TEST

static int
no_entropy(void *context, unsigned char *out, size_t length)
{
	(void)context;
	memset(out, 0, length);
	return -1;
}

START_TEST(without_entropy_nothing_is_made)
{
	static const struct entropy none = { .fill = no_entropy };
	struct state_factor f = { .id = 1 };
	struct state *s;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/second", directory);
	ck_assert_fails(state_init(path, &none, &e), ERR_CRYPTO);
	ck_assert_fails(
	    state_open(&s, path, &the_clock, &none, &e), ERR_INCOMPLETE);
	ck_assert_ptr_null(s);
	ck_assert_ok(state_init(path, &the_entropy, &e));
	ck_assert_ok(state_open(&s, path, &the_clock, &none, &e));
	ck_assert_fails(
	    state_lock_or_create(s, "ann", 1, &lock, &u, &e), ERR_CRYPTO);
	ck_assert_fails(
	    state_seal(s, &u, &f, (const unsigned char *)"secret", 6, &e),
	    ERR_CRYPTO);
	ck_assert_uint_eq(f.data_length, 0);
	state_close(&s);
}
END_TEST

START_TEST(a_directory_is_set_up_once)
{
	struct state *s;

	ck_assert_fails(state_init(directory, &the_entropy, &e), ERR_USAGE);
	make("ann");
	state_unlock(&lock);
	ck_assert_int_eq(
	    shell("mv %s/host.key %s/lost.key", directory, directory), 0);
	ck_assert_fails(
	    state_init(directory, &the_entropy, &e), ERR_INCOMPLETE);
	ck_assert_ptr_nonnull(strstr(e.text, "restore it"));
	ck_assert_fails(state_open(&s, directory, &the_clock, &the_entropy, &e),
	    ERR_INCOMPLETE);
	ck_assert_int_eq(
	    shell("printf short >%s/host.key; chmod 600 %s/host.key", directory,
	        directory),
	    0);
	ck_assert_fails(state_open(&s, directory, &the_clock, &the_entropy, &e),
	    ERR_FORMAT);
	ck_assert_int_eq(
	    shell("mv %s/lost.key %s/host.key", directory, directory), 0);
	ck_assert_int_eq(shell("chmod 755 %s", directory), 0);
	ck_assert_fails(state_open(&s, directory, &the_clock, &the_entropy, &e),
	    ERR_ACCESS);
	ck_assert_fails(state_open(&s, "/var/tmp/nowhere.state", &the_clock,
	                    &the_entropy, &e),
	    ERR_MISSING);
	ck_assert_int_eq(shell("chmod 700 %s", directory), 0);
}
END_TEST

/* Issue 2: a state directory that is a mount of its own was refused. */
START_TEST(an_empty_mount_becomes_a_state_directory)
{
	static const struct {
		const char *command;
		int code;
	} cases[] = {
		{ "mkdir -m 755 %s/own", 0 },
		{ "mkdir -p -m 755 %s/own/lost+found", 0 },
		{ "mkdir -m 700 %s/own", 0 },
		{ "mkdir -m 777 %s/own", ERR_ACCESS },
		{ "mkdir -m 755 %1$s/own && touch %1$s/own/other", ERR_ACCESS },
		{ "mkdir -m 755 %1$s/own && chown 1 %1$s/own", ERR_ACCESS },
	};
	char path[96];
	struct stat st;
	struct state *s;

	(void)snprintf(path, sizeof(path), "%s/own", directory);
	ck_assert_int_eq(shell(cases[_i].command, directory), 0);
	if (cases[_i].code != 0) {
		ck_assert_fails(state_init(path, &the_entropy, &e),
		    (enum err_code)cases[_i].code);
		return;
	}
	ck_assert_ok(state_init(path, &the_entropy, &e));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_ok(state_open(&s, path, &the_clock, &the_entropy, &e));
	state_close(&s);
}
END_TEST

START_TEST(tmpfs_does_not_keep_state)
{
	char path[] = "/dev/shm/state.XXXXXX";
	struct state *s;

	if (mkdtemp(path) == NULL)
		return; /* no tmpfs here */
	ck_assert_fails(state_init(path, &the_entropy, &e), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "tmpfs"));
	ck_assert_fails(
	    state_open(&s, path, &the_clock, &the_entropy, &e), ERR_ACCESS);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(a_seed_opens_only_where_it_was_sealed)
{
	static const unsigned char seed[] = "12345678901234567890";
	struct state_user ann = { .name = "ann" };
	struct state_user bob = { .name = "bob" };
	struct state_factor f = { .id = 1 };
	struct state_factor changed;
	struct buf out = buf_new(STATE_SECRET_MAX);

	ck_assert_ok(state_seal(state, &ann, &f, seed, 20, &e));
	ck_assert_uint_eq(f.data_length, 12 + 20 + 16);
	ck_assert_ptr_null(memmem(f.data, sizeof(f.data), seed, 8));
	ck_assert_ok(state_unseal(state, &ann, &f, &out, &e));
	ck_assert_uint_eq(out.length, 20);
	ck_assert_mem_eq(out.data, seed, 20);
	buf_clear(&out);
	ck_assert_fails(state_unseal(state, &bob, &f, &out, &e), ERR_TAMPERED);
	changed = f;
	changed.id = 2;
	ck_assert_fails(
	    state_unseal(state, &ann, &changed, &out, &e), ERR_TAMPERED);
	for (size_t i = 0; i < 8u * f.data_length; i++) {
		changed = f;
		changed.data[i / 8] ^= (unsigned char)(1u << i % 8);
		ck_assert_fails(state_unseal(state, &ann, &changed, &out, &e),
		    ERR_TAMPERED);
	}
	for (uint16_t length = 0; length < 200; length++) {
		changed = f;
		changed.data_length = length;
		if (length != f.data_length)
			ck_assert_int_eq(
			    state_unseal(state, &ann, &changed, &out, &e), -1);
	}
	ck_assert_uint_eq(out.length, 0);
	buf_free(&out);
}
END_TEST

START_TEST(a_seed_has_a_length)
{
	static const unsigned char seed[STATE_SECRET_MAX + 1] = "";
	struct state_user ann = { .name = "ann" };
	struct state_factor f = { .id = 1 };
	struct buf out = buf_new(STATE_SECRET_MAX);

	ck_assert_fails(state_seal(state, &ann, &f, seed, 0, &e), ERR_LIMIT);
	ck_assert_fails(
	    state_seal(state, &ann, &f, seed, sizeof(seed), &e), ERR_LIMIT);
	for (size_t length = 1; length <= STATE_SECRET_MAX; length++) {
		ck_assert_ok(state_seal(state, &ann, &f, seed, length, &e));
		ck_assert_ok(state_unseal(state, &ann, &f, &out, &e));
		ck_assert_uint_eq(out.length, length);
		buf_clear(&out);
	}
	buf_free(&out);
}
END_TEST

START_TEST(a_name_is_hashed_by_host_and_purpose)
{
	unsigned char a[32];
	unsigned char b[32];

	ck_assert_ok(state_hash(state, "name", "ann", a, &e));
	ck_assert_ok(state_hash(state, "name", "ann", b, &e));
	ck_assert_mem_eq(a, b, 32);
	ck_assert_ok(state_hash(state, "source", "ann", b, &e));
	ck_assert_mem_ne(a, b, 32);
	ck_assert_ok(state_hash(state, "name", "bob", b, &e));
	ck_assert_mem_ne(a, b, 32);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state");
	TCase *tests = tcase_create("state");

	tcase_set_timeout(tests, is_soak() ? 600 : 60);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_record_is_made_saved_and_read_back);
	tcase_add_test(tests, a_full_record_is_read_back_field_by_field);
	tcase_add_test(tests, no_byte_of_the_struct_is_forgotten);
	tcase_add_test(tests, what_breaks_a_bound_is_not_written);
	tcase_add_test(tests, what_is_removed_leaves_no_bytes_behind);
	tcase_add_test(tests, every_name_has_a_record_of_its_own);
	tcase_add_test(tests, what_is_not_a_record_is_no_missing_record);
	tcase_add_test(tests, a_newer_format_is_newer_and_not_corrupt);
	tcase_add_test(tests, a_flipped_bit_is_noticed_or_harmless);
	tcase_add_test(
	    tests, a_damaged_durable_slot_suspends_what_could_come_back);
	tcase_add_test(tests, an_old_copy_is_known_by_its_attempts);
	tcase_add_test(
	    tests, uptimes_of_another_boot_are_the_start_of_this_one);
	tcase_add_test(tests, a_power_cut_loses_no_durable_save);
	tcase_add_test(tests, a_killed_writer_loses_nothing_it_had_saved);
	tcase_add_test(tests, guesses_at_once_never_outrun_the_limit);
	tcase_add_test(tests, guesses_on_unknown_names_are_counted_by_source);
	tcase_add_test(tests, a_full_table_is_bounded_and_stays_so);
	tcase_add_test(tests, users_never_block_each_other);
	tcase_add_test(tests, a_lock_is_waited_for_and_not_for_ever);
	tcase_add_test(
	    tests, a_record_that_is_replaced_meanwhile_loses_no_update);
	tcase_add_test(tests, many_who_make_one_record_make_one);
	tcase_add_test(tests, without_entropy_nothing_is_made);
	tcase_add_test(tests, a_directory_is_set_up_once);
	tcase_add_loop_test(
	    tests, an_empty_mount_becomes_a_state_directory, 0, 6);
	tcase_add_test(tests, tmpfs_does_not_keep_state);
	tcase_add_test(tests, a_seed_opens_only_where_it_was_sealed);
	tcase_add_test(tests, a_seed_has_a_length);
	tcase_add_test(tests, a_name_is_hashed_by_host_and_purpose);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
