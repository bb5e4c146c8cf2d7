/*
 * An LD_PRELOAD library that makes the n-th call of libc, libcrypto, libcrypt
 * or libpam fail. Environment, read at start, FAULT_ERRNO when armed:
 *
 *   FAULT_AT=N       the N-th counted call fails; 0 or unset: only counts
 *   FAULT_ONWARD=1   so does every later one
 *   FAULT_ONLY=A,B   counts calls of these functions only
 *   FAULT_OBJECT=S   counts calls from objects whose path contains S only
 *   FAULT_ERRNO=N    instead of each function's own
 *   FAULT_REPORT=F   appends "PID failed N NAME", and at exit "PID counted N"
 *   FAULT_LIST=F     at each counted call ls(1) is started, which appends to F
 *                    the descriptors that it inherited, and then this process's
 *
 * Counting begins at start when FAULT_AT or FAULT_REPORT is set, else when the
 * program calls fault_arm (see fault.h). Each process counts by itself. What
 * is below uses no wrapped function.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT     __attribute__((visibility("default")))
#define SYSTEM_ERR 4 /* PAM_SYSTEM_ERR */

EXPORT void fault_arm(unsigned long at, bool onward);
EXPORT unsigned long fault_disarm(const char **name);

static struct {
	bool armed;
	bool onward;
	unsigned long at;
	unsigned long count;
	const char *failed; /* the function that was made to fail last */
	const char *only;
	const char *object;
	const char *report;
	const char *list;
	int number;
} fault;

/* Set while this library works, so that it does not count itself. */
static __thread bool inside __attribute__((tls_model("initial-exec")));

static void
report(const char *word, unsigned long count, const char *name)
{
	char line[160];
	long fd;
	int length;

	if (fault.report == NULL)
		return;
	length = snprintf(line, sizeof(line), "%ld %s %lu%s%s\n",
	    (long)syscall(SYS_getpid), word, count, name[0] == '\0' ? "" : " ",
	    name);
	fd = syscall(SYS_openat, AT_FDCWD, fault.report,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)syscall(SYS_write, fd, line, (size_t)length);
	(void)syscall(SYS_close, fd);
}

EXPORT void
fault_arm(unsigned long at, bool onward)
{
	const char *number = getenv("FAULT_ERRNO");

	fault.number = number == NULL ? 0 : (int)strtol(number, NULL, 10);
	fault.at = at;
	fault.onward = onward;
	fault.count = 0;
	fault.failed = NULL;
	fault.armed = true;
}

EXPORT unsigned long
fault_disarm(const char **name)
{
	fault.armed = false;
	if (name != NULL)
		*name = fault.failed;
	return fault.count;
}

__attribute__((constructor)) static void
start(void)
{
	const char *at = getenv("FAULT_AT");

	fault.only = getenv("FAULT_ONLY");
	fault.object = getenv("FAULT_OBJECT");
	fault.report = getenv("FAULT_REPORT");
	fault.list = getenv("FAULT_LIST");
	if (at != NULL || fault.report != NULL || fault.list != NULL)
		fault_arm(at == NULL ? 0 : strtoul(at, NULL, 10),
		    getenv("FAULT_ONWARD") != NULL);
}

__attribute__((destructor)) static void
stop(void)
{
	if (fault.armed)
		report("counted", fault.count, "");
}

/* A forked child ends so, and its count is wanted as well. */
EXPORT _Noreturn void
_exit(int status)
{
	stop();
	for (;;)
		syscall(SYS_exit_group, status);
}

static bool
in_list(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL;
	     at += length)
		if ((at == list || at[-1] == ',') &&
		    (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

static bool
is_from(const char *object, const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	    strstr(info.dli_fname, object) != NULL;
}

/* What a program that is started now, as sudo might, would have of ours. */
static void
list_descriptors(void)
{
	char ours[32];
	char *const argv[] = { "ls", "-l", "/proc/self/fd", ours, NULL };
	char *const environment[] = { NULL };
	long fd, pid;
	int before = errno, status;

	(void)snprintf(
	    ours, sizeof(ours), "/proc/%ld/fd", (long)syscall(SYS_getpid));
	pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		fd = syscall(SYS_openat, AT_FDCWD, fault.list,
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0 && syscall(SYS_dup3, fd, STDOUT_FILENO, 0) >= 0)
			(void)syscall(SYS_execve, "/bin/ls", argv, environment);
		for (;;)
			syscall(SYS_exit_group, 127);
	}
	if (pid < 0 || syscall(SYS_wait4, pid, &status, 0, NULL) != pid ||
	    status != 0)
		abort();
	errno = before;
}

/* Whether this call is to fail; sets errno then. */
static bool
fails(const char *name, const void *caller, int number)
{
	unsigned long count;
	bool now;

	if (!fault.armed || inside)
		return false;
	inside = true;
	now = (fault.only == NULL || in_list(fault.only, name)) &&
	    (fault.object == NULL || is_from(fault.object, caller));
	if (now) {
		count = __atomic_add_fetch(&fault.count, 1, __ATOMIC_SEQ_CST);
		if (fault.list != NULL)
			list_descriptors();
		now = fault.at != 0 &&
		    (count == fault.at || (fault.onward && count > fault.at));
		if (now) {
			fault.failed = name;
			report("failed", count, name);
		}
	}
	inside = false;
	if (now)
		errno = fault.number != 0 ? fault.number : number;
	return now;
}

/* A module's libraries are not in the global scope. */
static void *
find_real(const char *name)
{
	static const char *const libraries[] = { "libcrypto.so.3",
		"libcrypt.so.1", "libpam.so.0" };
	bool was = inside;
	void *real;

	inside = true;
	real = dlsym(RTLD_NEXT, name);
	for (size_t i = 0;
	     i < sizeof(libraries) / sizeof(*libraries) && real == NULL; i++) {
		void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (library != NULL)
			real = dlsym(library, name);
	}
	inside = was;
	if (real == NULL)
		abort();
	return real;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): types */
#define WRAP(type, name, parameters, arguments, failure, number)               \
	EXPORT type name parameters;                                           \
	EXPORT type name parameters                                            \
	{                                                                      \
		static type(*real) parameters;                                 \
                                                                               \
		if (fails(#name, __builtin_return_address(0), number))         \
			return failure;                                        \
		if (real == NULL)                                              \
			real = (type(*) parameters)find_real(#name);           \
		return real arguments;                                         \
	}

/* Memory: what the loader itself needs must not depend on find_real. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

EXPORT void *
malloc(size_t size)
{
	return fails("malloc", __builtin_return_address(0), ENOMEM)
	    ? NULL
	    : __libc_malloc(size);
}

EXPORT void *
calloc(size_t count, size_t size)
{
	return fails("calloc", __builtin_return_address(0), ENOMEM)
	    ? NULL
	    : __libc_calloc(count, size);
}

EXPORT void *
realloc(void *old, size_t size)
{
	return fails("realloc", __builtin_return_address(0), ENOMEM)
	    ? NULL
	    : __libc_realloc(old, size);
}

/* Files. */
#define MODE_OF(flags)                                                         \
	mode_t mode = 0;                                                       \
	if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {                          \
		va_list list;                                                  \
		va_start(list, flags);                                         \
		mode = (mode_t)va_arg(list, unsigned);                         \
		va_end(list);                                                  \
	}

#define WRAP_OPEN(name)                                                        \
	EXPORT int name(const char *path, int flags, ...);                     \
	EXPORT int name(const char *path, int flags, ...)                      \
	{                                                                      \
		MODE_OF(flags)                                                 \
		if (fails(#name, __builtin_return_address(0), EMFILE))         \
			return -1;                                             \
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);  \
	}
WRAP_OPEN(open)
WRAP_OPEN(open64)

#define WRAP_OPENAT(name)                                                      \
	EXPORT int name(int dir, const char *path, int flags, ...);            \
	EXPORT int name(int dir, const char *path, int flags, ...)             \
	{                                                                      \
		MODE_OF(flags)                                                 \
		if (fails(#name, __builtin_return_address(0), EMFILE))         \
			return -1;                                             \
		return (int)syscall(SYS_openat, dir, path, flags, mode);       \
	}
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)

#define WRAP_FCNTL(name)                                                       \
	EXPORT int name(int fd, int command, ...);                             \
	EXPORT int name(int fd, int command, ...)                              \
	{                                                                      \
		va_list list;                                                  \
		long argument;                                                 \
                                                                               \
		va_start(list, command);                                       \
		argument = va_arg(list, long);                                 \
		va_end(list);                                                  \
		if (fails(#name, __builtin_return_address(0), ENOLCK))         \
			return -1;                                             \
		return (int)syscall(SYS_fcntl, fd, command, argument);         \
	}
WRAP_FCNTL(fcntl)
WRAP_FCNTL(fcntl64)

WRAP(int, __open_2, (const char *p, int f), (p, f), -1, EMFILE)
WRAP(int, __open64_2, (const char *p, int f), (p, f), -1, EMFILE)
WRAP(int, __openat_2, (int d, const char *p, int f), (d, p, f), -1, EMFILE)
WRAP(int, __openat64_2, (int d, const char *p, int f), (d, p, f), -1, EMFILE)
WRAP(FILE *, fopen, (const char *p, const char *m), (p, m), NULL, EMFILE)
WRAP(FILE *, fopen64, (const char *p, const char *m), (p, m), NULL, EMFILE)
WRAP(FILE *, fdopen, (int d, const char *m), (d, m), NULL, ENOMEM)
WRAP(ssize_t, read, (int d, void *b, size_t n), (d, b, n), -1, EIO)
WRAP(ssize_t, __read_chk, (int d, void *b, size_t n, size_t s), (d, b, n, s),
    -1, EIO)
WRAP(ssize_t, pread, (int d, void *b, size_t n, off_t o), (d, b, n, o), -1, EIO)
WRAP(ssize_t, pread64, (int d, void *b, size_t n, off64_t o), (d, b, n, o), -1,
    EIO)
WRAP(ssize_t, __pread_chk, (int d, void *b, size_t n, off_t o, size_t s),
    (d, b, n, o, s), -1, EIO)
WRAP(ssize_t, __pread64_chk, (int d, void *b, size_t n, off64_t o, size_t s),
    (d, b, n, o, s), -1, EIO)
WRAP(ssize_t, write, (int d, const void *b, size_t n), (d, b, n), -1, ENOSPC)
WRAP(ssize_t, pwrite, (int d, const void *b, size_t n, off_t o), (d, b, n, o),
    -1, ENOSPC)
WRAP(ssize_t, pwrite64, (int d, const void *b, size_t n, off64_t o),
    (d, b, n, o), -1, ENOSPC)
WRAP(int, fstat, (int d, struct stat *s), (d, s), -1, EIO)
WRAP(int, stat, (const char *p, struct stat *s), (p, s), -1, EIO)
WRAP(int, lstat, (const char *p, struct stat *s), (p, s), -1, EIO)
WRAP(int, fstatat, (int d, const char *p, struct stat *s, int f), (d, p, s, f),
    -1, EIO)
WRAP(int, fstatfs, (int d, struct statfs *s), (d, s), -1, EIO)
WRAP(int, flock, (int d, int o), (d, o), -1, ENOLCK)
WRAP(int, fsync, (int d), (d), -1, EIO)
WRAP(int, fdatasync, (int d), (d), -1, EIO)
WRAP(int, fchmod, (int d, mode_t m), (d, m), -1, EPERM)
WRAP(int, ftruncate, (int d, off_t n), (d, n), -1, EIO)
WRAP(int, fallocate, (int d, int m, off_t o, off_t n), (d, m, o, n), -1, ENOSPC)
WRAP(int, posix_fallocate, (int d, off_t o, off_t n), (d, o, n), ENOSPC, ENOSPC)
WRAP(int, rename, (const char *a, const char *b), (a, b), -1, EIO)
WRAP(int, renameat, (int d, const char *a, int g, const char *b), (d, a, g, b),
    -1, EIO)
WRAP(int, renameat2, (int d, const char *a, int g, const char *b, unsigned f),
    (d, a, g, b, f), -1, EIO)
WRAP(int, linkat, (int d, const char *a, int g, const char *b, int f),
    (d, a, g, b, f), -1, EIO)
WRAP(int, unlink, (const char *p), (p), -1, EIO)
WRAP(int, unlinkat, (int d, const char *p, int f), (d, p, f), -1, EIO)
WRAP(int, mkdir, (const char *p, mode_t m), (p, m), -1, ENOSPC)
WRAP(int, mkdirat, (int d, const char *p, mode_t m), (d, p, m), -1, ENOSPC)
WRAP(DIR *, opendir, (const char *p), (p), NULL, EMFILE)
WRAP(DIR *, fdopendir, (int d), (d), NULL, ENOMEM)
WRAP(struct dirent *, readdir, (DIR * d), (d), NULL, EIO)
WRAP(void *, mmap, (void *a, size_t n, int p, int f, int d, off_t o),
    (a, n, p, f, d, o), MAP_FAILED, ENOMEM)

/* Time, randomness, accounts, processes. */
WRAP(int, clock_gettime, (clockid_t c, struct timespec *t), (c, t), -1, EINVAL)
WRAP(int, adjtimex, (struct timex * t), (t), -1, EPERM)
WRAP(ssize_t, getrandom, (void *b, size_t n, unsigned f), (b, n, f), -1, EAGAIN)
WRAP(int, getentropy, (void *b, size_t n), (b, n), -1, EIO)
WRAP(int, getpwnam_r,
    (const char *u, struct passwd *p, char *b, size_t n, struct passwd **r),
    (u, p, b, n, r), EIO, EIO)
WRAP(int, getpwuid_r,
    (uid_t u, struct passwd *p, char *b, size_t n, struct passwd **r),
    (u, p, b, n, r), EIO, EIO)
WRAP(int, getgrnam_r,
    (const char *u, struct group *p, char *b, size_t n, struct group **r),
    (u, p, b, n, r), EIO, EIO)
WRAP(int, getgrgid_r,
    (gid_t u, struct group *p, char *b, size_t n, struct group **r),
    (u, p, b, n, r), EIO, EIO)
WRAP(int, getgrouplist, (const char *u, gid_t g, gid_t *l, int *n),
    (u, g, l, n), -1, EIO)
WRAP(int, gethostname, (char *b, size_t n), (b, n), -1, ENAMETOOLONG)
WRAP(pid_t, fork, (void), (), -1, EAGAIN)

/* libcrypto; its types are opaque here. */
WRAP(int, RAND_priv_bytes, (unsigned char *b, int n), (b, n), 0, EIO)
WRAP(int, RAND_bytes, (unsigned char *b, int n), (b, n), 0, EIO)
#define WRAP_SHA(name)                                                         \
	WRAP(int, name##_Init, (void *c), (c), 0, ENOMEM)                      \
	WRAP(int, name##_Update, (void *c, const void *d, size_t n),           \
	    (c, d, n), 0, ENOMEM)                                              \
	WRAP(int, name##_Final, (unsigned char *o, void *c), (o, c), 0, ENOMEM)
WRAP_SHA(SHA1)
WRAP_SHA(SHA256)
WRAP_SHA(SHA512)
WRAP(int, AES_set_encrypt_key, (const unsigned char *k, int b, void *a),
    (k, b, a), -1, ENOMEM)
WRAP(void *, CRYPTO_gcm128_new, (void *k, void *f), (k, f), NULL, ENOMEM)
WRAP(int, CRYPTO_gcm128_aad, (void *c, const unsigned char *d, size_t n),
    (c, d, n), -2, ENOMEM)
WRAP(int, CRYPTO_gcm128_encrypt,
    (void *c, const unsigned char *d, unsigned char *o, size_t n), (c, d, o, n),
    -1, ENOMEM)
WRAP(int, CRYPTO_gcm128_decrypt,
    (void *c, const unsigned char *d, unsigned char *o, size_t n), (c, d, o, n),
    -1, ENOMEM)
WRAP(int, CRYPTO_gcm128_finish, (void *c, const unsigned char *t, size_t n),
    (c, t, n), -1, ENOMEM)
WRAP(int, EVP_Digest,
    (const void *d, size_t n, unsigned char *o, unsigned *l, const void *m,
        void *g),
    (d, n, o, l, m, g), 0, ENOMEM)
WRAP(void *, EVP_MD_CTX_new, (void), (), NULL, ENOMEM)
WRAP(int, EVP_DigestInit_ex, (void *c, const void *m, void *g), (c, m, g), 0,
    ENOMEM)
WRAP(int, EVP_DigestUpdate, (void *c, const void *d, size_t n), (c, d, n), 0,
    ENOMEM)
WRAP(int, EVP_DigestFinal_ex, (void *c, unsigned char *o, unsigned *n),
    (c, o, n), 0, ENOMEM)
WRAP(int, EVP_MD_CTX_copy_ex, (void *c, const void *d), (c, d), 0, ENOMEM)
WRAP(void *, HMAC,
    (const void *m, const void *k, int l, const unsigned char *d, size_t n,
        unsigned char *o, unsigned *p),
    (m, k, l, d, n, o, p), NULL, ENOMEM)
WRAP(void *, EVP_MAC_fetch, (void *l, const char *a, const char *p), (l, a, p),
    NULL, ENOMEM)
WRAP(void *, EVP_MAC_CTX_new, (void *m), (m), NULL, ENOMEM)
WRAP(int, EVP_MAC_init,
    (void *c, const unsigned char *k, size_t n, const void *p), (c, k, n, p), 0,
    ENOMEM)
WRAP(int, EVP_MAC_update, (void *c, const unsigned char *d, size_t n),
    (c, d, n), 0, ENOMEM)
WRAP(int, EVP_MAC_final, (void *c, unsigned char *o, size_t *n, size_t s),
    (c, o, n, s), 0, ENOMEM)
WRAP(void *, EVP_CIPHER_CTX_new, (void), (), NULL, ENOMEM)
WRAP(int, EVP_CIPHER_CTX_ctrl, (void *c, int t, int a, void *p), (c, t, a, p),
    0, ENOMEM)
#define WRAP_CIPHER(way)                                                       \
	WRAP(int, EVP_##way##Init_ex,                                          \
	    (void *c, const void *t, void *g, const unsigned char *k,          \
	        const unsigned char *i),                                       \
	    (c, t, g, k, i), 0, ENOMEM)                                        \
	WRAP(int, EVP_##way##Update,                                           \
	    (void *c, unsigned char *o, int *l, const unsigned char *d,        \
	        int n),                                                        \
	    (c, o, l, d, n), 0, ENOMEM)                                        \
	WRAP(int, EVP_##way##Final_ex, (void *c, unsigned char *o, int *l),    \
	    (c, o, l), 0, ENOMEM)
WRAP_CIPHER(Encrypt)
WRAP_CIPHER(Decrypt)
WRAP(void *, EVP_PKEY_new_raw_private_key,
    (int t, void *g, const unsigned char *k, size_t n), (t, g, k, n), NULL,
    ENOMEM)
WRAP(void *, EVP_PKEY_new_raw_public_key,
    (int t, void *g, const unsigned char *k, size_t n), (t, g, k, n), NULL,
    ENOMEM)
WRAP(int, EVP_PKEY_get_raw_private_key,
    (const void *p, unsigned char *o, size_t *n), (p, o, n), 0, ENOMEM)
WRAP(int, EVP_PKEY_get_raw_public_key,
    (const void *p, unsigned char *o, size_t *n), (p, o, n), 0, ENOMEM)
WRAP(int, EVP_PKEY_keygen, (void *c, void **p), (c, p), 0, ENOMEM)
WRAP(int, EVP_PKEY_derive, (void *c, unsigned char *o, size_t *n), (c, o, n), 0,
    ENOMEM)
#define WRAP_SIGN(way)                                                         \
	WRAP(int, EVP_Digest##way##Init,                                       \
	    (void *c, void **p, const void *m, void *g, void *k),              \
	    (c, p, m, g, k), 0, ENOMEM)
WRAP_SIGN(Sign)
WRAP_SIGN(Verify)
WRAP(int, EVP_DigestSign,
    (void *c, unsigned char *s, size_t *l, const unsigned char *d, size_t n),
    (c, s, l, d, n), 0, ENOMEM)
WRAP(int, EVP_DigestVerify,
    (void *c, const unsigned char *s, size_t l, const unsigned char *d,
        size_t n),
    (c, s, l, d, n), -1, ENOMEM)

/* libcrypt. */
WRAP(char *, crypt_r, (const char *k, const char *s, void *d), (k, s, d), NULL,
    ENOMEM)
WRAP(char *, crypt_rn, (const char *k, const char *s, void *d, int n),
    (k, s, d, n), NULL, ENOMEM)
WRAP(char *, crypt_ra, (const char *k, const char *s, void **d, int *n),
    (k, s, d, n), NULL, ENOMEM)
WRAP(char *, crypt_gensalt_rn,
    (const char *p, unsigned long c, const char *r, int n, char *o, int s),
    (p, c, r, n, o, s), NULL, ENOMEM)
WRAP(char *, crypt_gensalt_ra,
    (const char *p, unsigned long c, const char *r, int n), (p, c, r, n), NULL,
    ENOMEM)

/* libpam. */
WRAP(int, pam_get_user, (void *h, const char **u, const char *p), (h, u, p),
    SYSTEM_ERR, EIO)
WRAP(int, pam_get_item, (const void *h, int t, const void **i), (h, t, i),
    SYSTEM_ERR, EIO)
WRAP(int, pam_set_item, (void *h, int t, const void *i), (h, t, i), SYSTEM_ERR,
    EIO)
WRAP(int, pam_get_data, (const void *h, const char *n, const void **d),
    (h, n, d), SYSTEM_ERR, EIO)
WRAP(int, pam_set_data,
    (void *h, const char *n, void *d, void (*f)(void *, void *, int)),
    (h, n, d, f), SYSTEM_ERR, EIO)
/* NOLINTEND(bugprone-macro-parentheses) */
