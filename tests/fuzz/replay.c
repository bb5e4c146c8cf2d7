/*
 * Stands in for libFuzzer where there is none: gives the target every file
 * named, and every file of the folders named. "make check" replays the
 * corpora with it under the sanitizers.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
fail(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

static void
replay_file(int dir, const char *path)
{
	ssize_t n;
	size_t len = 0;
	/* As long as the input exactly, so that ASan sees one byte beyond. */
	uint8_t *whole = malloc(INPUT_MAX), *exact;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || whole == NULL)
		fail(path);
	while (len < INPUT_MAX &&
	    (n = read(fd, whole + len, INPUT_MAX - len)) != 0) {
		if (n == -1)
			fail(path);
		len += (size_t)n;
	}
	close(fd);
	if ((exact = malloc(len > 0 ? len : 1)) == NULL)
		fail(path);
	memcpy(exact, whole, len);
	free(whole);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static size_t
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	if (dir == NULL)
		fail(path);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		replay_file(dirfd(dir), entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	struct stat st;
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == -1)
			fail(argv[i]);
		if (S_ISDIR(st.st_mode)) {
			count += replay_folder(argv[i]);
		} else {
			replay_file(AT_FDCWD, argv[i]);
			count++;
		}
	}
	printf("%zu inputs\n", count);
	return count > 0 ? 0 : 1;
}
