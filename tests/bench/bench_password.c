/*
 * How many of the passwords on standard input an engine refuses, and how fast:
 *
 *   bench_password reeve BLOCKLIST MIN_LENGTH CLASSES BITS SITE_WORDS
 *   bench_password zxcvbn BITS
 *   bench_password pwquality
 *
 * prints "PERCENT CHECKS-A-SECOND". Peers are loaded, not linked, so that it
 * builds where they are not.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pamod/password.h"
#include "pamod/strength.h"
#include "schema/base/conf.h"

#define LINE_MAX_BYTES 1024

struct engine {
	/* 1: refused, 0: taken, -1 */
	int (*judge)(const struct engine *, const char *, struct err *);
	struct password_rules rules;
	struct password_means *means;
	struct strength *strength;
	double bits;
	void *settings;
	int (*pwquality)(
	    void *, const char *, const char *, const char *, void **);
};

static int
by_reeve(const struct engine *n, const char *password, struct err *e)
{
	const struct password_subject nobody = { 0 };
	unsigned reasons;

	if (password_judge_with(n->means, &nobody, password, &reasons, e) == -1)
		return -1;
	return reasons != 0;
}

static int
by_zxcvbn(const struct engine *n, const char *password, struct err *e)
{
	const char *const none[] = { NULL };

	(void)e;
	return strength_bits(n->strength, password, none) < n->bits;
}

static int
by_pwquality(const struct engine *n, const char *password, struct err *e)
{
	void *why;

	(void)e;
	return n->pwquality(n->settings, password, NULL, NULL, &why) < 0;
}

static int
set_reeve(struct engine *n, char **argv, struct err *e)
{
	static const struct conf_key list = { .name = "site_words",
		.arg = "256x64" };

	n->judge = by_reeve;
	snprintf(n->rules.blocklist, sizeof(n->rules.blocklist), "%s", argv[0]);
	n->rules.min_length = strtol(argv[1], NULL, 10);
	n->rules.passphrase_length = 24;
	n->rules.min_strength_bits = strtol(argv[3], NULL, 10);
	if (password_set_classes(&n->rules.classes, argv[2], NULL, e) == -1 ||
	    conf_set_list(&n->rules.site_words, argv[4], &list, e) == -1)
		return -1;
	return password_means_open(&n->means, &n->rules, e);
}

static int
set_pwquality(struct engine *n, struct err *e)
{
	void *library = dlopen("libpwquality.so.1", RTLD_NOW);
	void *symbols[2] = { NULL, NULL };
	void *(*settings)(void);

	if (library != NULL) {
		symbols[0] = dlsym(library, "pwquality_default_settings");
		symbols[1] = dlsym(library, "pwquality_check");
	}
	if (symbols[0] == NULL || symbols[1] == NULL) {
		err_set(e, ERR_MISSING, "libpwquality.so.1");
		return -1;
	}
	memcpy(&settings, &symbols[0], sizeof(settings));
	memcpy(&n->pwquality, &symbols[1], sizeof(n->pwquality));
	n->settings = settings();
	n->judge = by_pwquality;
	return 0;
}

static int
set_engine(struct engine *n, int argc, char **argv, struct err *e)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "reeve") == 0 && argc == 7)
		return set_reeve(n, argv + 2, e);
	if (strcmp(name, "pwquality") == 0)
		return set_pwquality(n, e);
	if (strcmp(name, "zxcvbn") != 0 || argc != 3) {
		err_set(e, ERR_USAGE, "no such engine");
		return -1;
	}
	n->judge = by_zxcvbn;
	n->bits = strtod(argv[2], NULL);
	return strength_open(&n->strength, STRENGTH_LIBRARY, e);
}

static double
cpu_seconds(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct engine n = { 0 };
	char line[LINE_MAX_BYTES];
	size_t all = 0;
	size_t refused = 0;
	double seconds;
	struct err e = { .code = ERR_NONE };

	if (set_engine(&n, argc, argv, &e) == -1)
		goto fail;
	seconds = cpu_seconds();
	while (fgets(line, sizeof(line), stdin) != NULL) {
		int answer;

		line[strcspn(line, "\n")] = '\0';
		answer = n.judge(&n, line, &e);
		if (answer == -1)
			goto fail;
		all++;
		refused += answer == 1;
	}
	seconds = cpu_seconds() - seconds;
	printf("%.2f %.0f\n", 100.0 * (double)refused / (double)all,
	    (double)all / seconds);
	return EXIT_SUCCESS;
fail:
	fprintf(stderr, "bench_password: %s\n", e.text);
	return EXIT_FAILURE;
}
