#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pamod/stack.h"
#include "tests/unit.h"

/* Files in memory: name, text, name, text, ..., NULL. */
static int
read_memory(void *context, const char *name, struct buf *text, struct err *e)
{
	const char *const *files = context;

	for (size_t i = 0; files[i] != NULL; i += 2)
		if (strcmp(files[i], name) == 0) {
			buf_put_string(text, files[i + 1]);
			return buf_status(text, e);
		}
	return err_set(e, ERR_MISSING, "%s: not there", name);
}

static struct stack *
load(const char *text)
{
	static const char *const common_auth =
	    "auth [success=1 default=ignore] pam_unix.so nullok\n"
	    "auth requisite pam_deny.so\n"
	    "auth required pam_permit.so\n";
	static const char *const common_account =
	    "account [success=1 new_authtok_reqd=done default=ignore] "
	    "pam_unix.so\n"
	    "account requisite pam_deny.so\n"
	    "account required pam_permit.so\n";
	static const char *const loop = "auth include loop\n";
	static const char *const deny = "auth required pam_deny.so\n"
	                                "account required pam_deny.so\n"
	                                "session required pam_deny.so\n"
	                                "password required pam_deny.so\n";
	const char *files[] = { "service", text, "common-auth", common_auth,
		"common-account", common_account, "loop", loop, "other", deny,
		NULL };
	struct stack_source source = { read_memory, files };
	struct stack *stack;
	struct err e = { 0 };

	ck_assert_msg(
	    stack_load(&stack, &source, "service", &e) == 0, "%s", e.text);
	return stack;
}

enum { NO = 0, GRANTS = 1, WITHOUT = 2, UNRESERVED = 4, EARLY = 8 };

static const struct {
	enum stack_phase phase;
	const char *text;
	int expected;
} stacks[] = {
	/* The stacks that we ship. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_unix.so\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "@include common-auth\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	{ STACK_AUTH,
	    "auth sufficient pam_rootok.so\n"
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_unix.so\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	/* Not there at all. */
	{ STACK_AUTH, "@include common-auth\n", GRANTS | WITHOUT | UNRESERVED },
	{ STACK_AUTH, "auth required pam_deny.so\n", NO },
	{ STACK_AUTH, "# nothing\n", NO },
	/* sufficient ends the stack before us. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth sufficient pam_unix.so\n"
	    "auth required pam_reeve.so\n",
	    GRANTS | WITHOUT },
	/* A jump over us. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth [success=1 default=die] pam_unix.so\n"
	    "auth required pam_reeve.so\n"
	    "auth required pam_permit.so\n",
	    GRANTS | WITHOUT },
	/* Our no is not heard. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_unix.so\n"
	    "auth optional pam_reeve.so\n",
	    GRANTS | WITHOUT },
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_unix.so\n"
	    "auth [success=ok default=ignore] pam_reeve.so\n",
	    GRANTS | WITHOUT },
	/* Only one failure of ours is not heard. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_unix.so\n"
	    "auth [success=ok authinfo_unavail=ignore default=die] "
	    "pam_reeve.so\n",
	    GRANTS | WITHOUT },
	/* reset forgets our no. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_reeve.so\n"
	    "auth [default=reset] pam_env.so\n"
	    "auth required pam_permit.so\n",
	    GRANTS | WITHOUT },
	/* done in a substack ends the substack only. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth substack common-auth\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	/* A jump counts a substack as one line. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth [success=1 default=ignore] pam_env.so\n"
	    "auth substack common-auth\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth [success=1 default=ignore] pam_env.so\n"
	    "@include common-auth\n"
	    "auth required pam_reeve.so\n",
	    GRANTS },
	/* A jump beyond the end fails. */
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth [default=3] pam_unix.so\n"
	    "auth required pam_reeve.so\n",
	    NO },
	{ STACK_AUTH,
	    "auth required pam_unix.so\n"
	    "auth required pam_reeve.so\n",
	    GRANTS | UNRESERVED },
	{ STACK_AUTH,
	    "auth required pam_reeve.so reserve\n"
	    "auth required pam_reeve.so\n"
	    "auth required pam_unix.so\n",
	    GRANTS | EARLY },
	/* An expired password ends Debian's block before what follows it. */
	{ STACK_ACCOUNT,
	    "@include common-account\n"
	    "account required pam_reeve.so\n",
	    GRANTS | WITHOUT | UNRESERVED },
	{ STACK_ACCOUNT,
	    "account required pam_reeve.so\n"
	    "@include common-account\n",
	    GRANTS | UNRESERVED | EARLY },
	{ STACK_ACCOUNT,
	    "account required pam_unix.so\n"
	    "account required pam_reeve.so\n",
	    GRANTS | UNRESERVED },
	{ STACK_ACCOUNT,
	    "account sufficient pam_localuser.so\n"
	    "account required pam_reeve.so\n",
	    GRANTS | WITHOUT },
	/* A line that libpam can't read fails; it opens nothing. */
	{ STACK_AUTH,
	    "auth requird pam_reeve.so\n"
	    "auth required pam_permit.so\n",
	    NO },
	{ STACK_AUTH,
	    "auth include loop\n"
	    "auth sufficient pam_permit.so\n",
	    NO },
	{ STACK_AUTH,
	    "auth include not-there\n"
	    "auth required pam_permit.so\n",
	    NO },
	/* "other" serves what the service does not mention. */
	{ STACK_SESSION, "auth required pam_permit.so\n", NO },
	/* Continued lines, comments, case, paths. */
	{ STACK_AUTH,
	    "AUTH Required \\\n  /usr/lib/security/pam_reeve.so \\\n reserve\n"
	    "-auth\trequired pam_unix.so # auth sufficient pam_permit.so\n"
	    "auth [ success = ok default=die ] pam_reeve.so\n",
	    GRANTS },
};

START_TEST(what_a_stack_grants_is_found)
{
	struct stack *stack = load(stacks[_i].text);
	struct stack_paths paths;
	struct err e = { 0 };

	ck_assert_int_eq(stack_explore(stack, stacks[_i].phase, &paths, &e), 0);
	ck_assert_msg(
	    ((paths.grants ? GRANTS : 0) |
	        (paths.grants_without ? WITHOUT : 0) |
	        (paths.unreserved ? UNRESERVED : 0) |
	        (paths.judged_early ? EARLY : 0)) == stacks[_i].expected,
	    "%d%d%d%d %s", paths.grants, paths.grants_without, paths.unreserved,
	    paths.judged_early, buf_string(&paths.witness));
	stack_paths_free(&paths);
	stack_free(&stack);
}
END_TEST

START_TEST(a_witness_names_the_lines)
{
	struct stack *stack = load("auth required pam_reeve.so reserve\n"
	                           "auth sufficient pam_unix.so\n"
	                           "auth required pam_reeve.so\n");
	struct stack_paths paths;
	struct err e = { 0 };

	ck_assert_int_eq(stack_explore(stack, STACK_AUTH, &paths, &e), 0);
	ck_assert_str_eq(buf_string(&paths.witness),
	    "pam_reeve (service:1) success, pam_unix (service:2) success");
	stack_paths_free(&paths);
	stack_free(&stack);
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
} unreadable[] = {
	{ "auth required pam_unix.so\nauth required \\\n", ERR_NONE },
	{ NULL, ERR_LIMIT },
};

START_TEST(too_much_is_an_error_and_never_cut)
{
	struct buf text = buf_new(STACK_FILE_MAX);
	const char *files[] = { "service", NULL, NULL };
	struct stack_source source = { read_memory, files };
	struct stack *stack;
	struct err e = { 0 };

	for (int i = 0; i <= STACK_LINES_MAX; i++)
		buf_put_string(&text, "auth required pam_unix.so\n");
	files[1] = unreadable[_i].text == NULL ? buf_string(&text)
	                                       : unreadable[_i].text;
	(void)stack_load(&stack, &source, "service", &e);
	ck_assert_int_eq(
	    e.code == ERR_MISSING ? ERR_NONE : e.code, unreadable[_i].code);
	ck_assert_int_eq(stack == NULL, unreadable[_i].code != ERR_NONE);
	stack_free(&stack);
	buf_free(&text);
}
END_TEST

/* ---- The same walk by libpam, with pam_debug giving the results ---- */

#define ROUNDS    3000
#define LINES_MAX 8

static const char *const words[] = { "success", "success", "success",
	"auth_err", "perm_denied", "new_authtok_reqd", "ignore", "user_unknown",
	"cred_err", "abort" };
static const int values[] = { PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS,
	PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_NEW_AUTHTOK_REQD, PAM_IGNORE,
	PAM_USER_UNKNOWN, PAM_CRED_ERR, PAM_ABORT };
static const char *const controls[] = { "required", "requisite", "sufficient",
	"optional", "[success=1 default=ignore]", "[success=2 default=bad]",
	"[success=ok new_authtok_reqd=done default=die]", "[default=reset]",
	"[success=done ignore=ignore default=bad]", "[default=1]",
	"[success=ok auth_err=3 default=ignore]",
	"[user_unknown=reset abort=die default=ok]", "[bogus=ok]",
	"[success=reset default=done]" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static unsigned
pick(unsigned *seed, size_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % (unsigned)below;
}

static void
put_random(FILE *file, unsigned *seed, const char *dir, const char *includes)
{
	unsigned lines = 1 + pick(seed, LINES_MAX);

	for (unsigned i = 0; i < lines; i++)
		/* By path: libpam 1.5 looks for names in /etc/pam.d only. */
		if (includes != NULL && pick(seed, 4) == 0)
			fprintf(file, "auth %s %s/%s\n",
			    pick(seed, 2) == 0 ? "include" : "substack", dir,
			    includes);
		else
			fprintf(file, "auth %s pam_debug.so auth=%s\n",
			    controls[pick(seed, COUNT(controls))],
			    words[pick(seed, COUNT(words))]);
}

static void
write_random(
    const char *dir, const char *name, unsigned *seed, const char *includes)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_ptr_nonnull(file = fopen(path, "w"));
	put_random(file, seed, dir, includes);
	ck_assert_int_eq(fclose(file), 0);
}

static int
read_directory(void *context, const char *name, struct buf *text, struct err *e)
{
	char path[128];
	char chunk[4096];
	FILE *file;
	size_t got;

	(void)snprintf(path, sizeof(path), "%s%s%s",
	    name[0] == '/' ? "" : (const char *)context,
	    name[0] == '/' ? "" : "/", name);
	if ((file = fopen(path, "r")) == NULL)
		return err_set(e, ERR_MISSING, "%s", name);
	got = fread(chunk, 1, sizeof(chunk), file);
	buf_put(text, chunk, got);
	(void)fclose(file);
	return 0;
}

static int
said(void *context, const struct stack_line *line)
{
	(void)context;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(line->arguments + strlen("auth="), words[i]) == 0)
			return values[i];
	ck_abort_msg("%s", line->arguments);
	return PAM_ABORT;
}

static int
silent(int count, const struct pam_message **messages,
    struct pam_response **responses, void *context)
{
	(void)messages;
	(void)context;
	*responses = calloc((size_t)count, sizeof(**responses));
	return *responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int
by_libpam(const char *dir)
{
	struct pam_conv conv = { .conv = silent };
	pam_handle_t *handle;
	int result;

	ck_assert_int_eq(
	    pam_start_confdir("service", "nobody", &conv, dir, &handle),
	    PAM_SUCCESS);
	result = pam_authenticate(handle, 0);
	ck_assert_int_eq(pam_end(handle, result), PAM_SUCCESS);
	return result;
}

static int
kind(int result)
{
	return result == PAM_SUCCESS || result == PAM_NEW_AUTHTOK_REQD
	    ? result
	    : PAM_PERM_DENIED;
}

START_TEST(a_walk_ends_as_libpam_ends_it)
{
	char dir[] = "/tmp/reeve-stack.XXXXXX";
	char command[64];
	unsigned seed = 20261124;
	unsigned granted = 0;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (int round = 0; round < ROUNDS; round++) {
		struct stack_source source = { read_directory, dir };
		struct stack *stack;
		struct err e = { 0 };
		int theirs;

		write_random(dir, "deeper", &seed, NULL);
		write_random(dir, "deep", &seed, "deeper");
		write_random(dir, "service", &seed, "deep");
		ck_assert_msg(stack_load(&stack, &source, "service", &e) == 0,
		    "%s", e.text);
		theirs = by_libpam(dir);
		granted += theirs == PAM_SUCCESS;
		ck_assert_msg(kind(stack_walk(stack, STACK_AUTH, said, NULL)) ==
		        kind(theirs),
		    "round %d in %s: libpam says %d", round, dir, theirs);
		stack_free(&stack);
	}
	/* Else the comparison says little. */
	ck_assert_uint_gt(granted, ROUNDS / 20);
	ck_assert_uint_lt(granted, ROUNDS - ROUNDS / 20);
	(void)snprintf(command, sizeof(command), "%s/service", dir);
	(void)unlink(command);
	(void)snprintf(command, sizeof(command), "%s/deep", dir);
	(void)unlink(command);
	(void)snprintf(command, sizeof(command), "%s/deeper", dir);
	(void)unlink(command);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack");
	TCase *tc = tcase_create("stack");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, what_a_stack_grants_is_found, 0, COUNT(stacks));
	tcase_add_test(tc, a_witness_names_the_lines);
	tcase_add_loop_test(
	    tc, too_much_is_an_error_and_never_cut, 0, COUNT(unreadable));
	tcase_add_test(tc, a_walk_ends_as_libpam_ends_it);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
