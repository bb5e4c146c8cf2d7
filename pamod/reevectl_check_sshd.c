/*
 * reevectl check, sshd: what each running sshd, by its own word, would accept
 * from each concerned user and in each of its Match blocks.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pamod/child.h"
#include "schema/message.h"
#include "pamod/reevectl_check.h"
#include "schema/base/enc.h"

#define AREA           "sshd"
#define DEFAULT_SSHD   "/usr/sbin/sshd"
#define DEFAULT_CONFIG "/etc/ssh/sshd_config"
#define SERVERS_MAX    16
#define ARGUMENTS_MAX  32
#define MATCHES_MAX    64
#define RUNS_MAX       400 /* of sshd -T; each takes some 10 ms */
#define SECONDS_MAX    10
#define OUTPUT_MAX     (256u * 1024)
#define PATH_SIZE      256
#define WORD_SIZE      128
#define INCLUDES_MAX   16

/* One sshd that runs, or that would be started. */
struct server {
	char program[PATH_SIZE];
	char config[PATH_SIZE];
	size_t option_count;
	char options[8][PATH_SIZE]; /* of -o */
};

/* Who comes from where, for sshd -T -C. */
struct match {
	char user[WORD_SIZE];
	char host[WORD_SIZE];
	char address[WORD_SIZE];
	char local_address[WORD_SIZE];
	char local_port[WORD_SIZE];
};

struct plan {
	struct check *check;
	const struct server *server;
	size_t match_count;
	struct match matches[MATCHES_MAX];
	size_t runs;
	bool cut;
};

/* ---- Which servers ---- */

static bool
is_sshd(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;
	size_t length = strlen(name);

	return length >= 4 && strcmp(name + length - 4, "sshd") == 0;
}

/*
 * "sshd: /usr/sbin/sshd -D -f FILE [listener] 0 of 10-100 startups", or before
 * it has a title, the arguments themselves with NULs between, here blanks.
 */
static bool
parse_title(char *title, struct server *s)
{
	char *save = NULL;
	char *word = strtok_r(title, " ", &save);
	bool dashes = false;

	if (word != NULL && strcmp(word, "sshd:") == 0)
		word = strtok_r(NULL, " ", &save);
	/* A session's title is "sshd: user [priv]". */
	if (word == NULL || word[0] != '/')
		return false;
	for (word = strtok_r(NULL, " ", &save); word != NULL && !dashes;
	     word = strtok_r(NULL, " ", &save)) {
		const char *value =
		    word[0] == '-' && word[1] != '\0' && word[2] != '\0'
		    ? word + 2
		    : NULL;

		if (word[0] == '[')
			return true;
		if (word[0] != '-' || strchr("fo", word[1]) == NULL)
			continue;
		if (value == NULL &&
		    (value = strtok_r(NULL, " ", &save)) == NULL)
			return false;
		if (word[1] == 'f')
			(void)snprintf(
			    s->config, sizeof(s->config), "%s", value);
		else if (s->option_count < 8)
			(void)snprintf(s->options[s->option_count++], PATH_SIZE,
			    "%s", value);
	}
	return true;
}

static bool
read_title(const char *pid, char *title, size_t size)
{
	char path[PATH_SIZE + 32];
	FILE *file;
	size_t got;

	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	got = fread(title, 1, size - 1, file);
	(void)fclose(file);
	for (size_t i = 0; i < got; i++)
		if (title[i] == '\0')
			title[i] = ' ';
	title[got] = '\0';
	return got > 0;
}

static void
add_server(struct server *servers, size_t *count, const struct server *s)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(servers[i].program, s->program) == 0 &&
		    strcmp(servers[i].config, s->config) == 0)
			return;
	if (*count < SERVERS_MAX)
		servers[(*count)++] = *s;
}

static void
look_at_process(const char *pid, struct server *servers, size_t *count)
{
	struct server s = { .config = DEFAULT_CONFIG };
	char path[PATH_SIZE + 32];
	char title[4096];
	char *deleted;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	if ((got = readlink(path, s.program, sizeof(s.program) - 1)) <= 0)
		return;
	s.program[got] = '\0';
	/* After an upgrade the file of a running one is gone. */
	if ((deleted = strstr(s.program, " (deleted)")) != NULL)
		*deleted = '\0';
	if (is_sshd(s.program) && read_title(pid, title, sizeof(title)) &&
	    parse_title(title, &s))
		add_server(servers, count, &s);
}

static size_t
find_servers(struct check *c, struct server *servers)
{
	struct server preset = { .program = DEFAULT_SSHD,
		.config = DEFAULT_CONFIG };
	size_t count = 0;
	DIR *proc = opendir("/proc");

	if (proc == NULL) {
		check_tell(
		    c, CHECK_UNSEEN, AREA, "/proc", "", "%s", strerror(errno));
		return 0;
	}
	for (struct dirent *entry = readdir(proc); entry != NULL;
	     entry = readdir(proc))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(entry->d_name, servers, &count);
	(void)closedir(proc);
	if (count == 0 && access(DEFAULT_SSHD, X_OK) == 0 &&
	    access(DEFAULT_CONFIG, F_OK) == 0)
		add_server(servers, &count, &preset);
	return count;
}

/* ---- Which Match blocks ---- */

/* The first literal of a comma list: no '!', wildcards filled in. */
static void
example_of(const char *patterns, char *out)
{
	for (const char *at = patterns; *at != '\0';) {
		size_t length = strcspn(at, ",");

		if (*at != '!' && length > 0 && length < WORD_SIZE) {
			memcpy(out, at, length);
			out[length] = '\0';
			for (char *c = out; *c != '\0'; c++)
				if (*c == '*' || *c == '?')
					*c = 'x';
			/* Of a network, its first address. */
			out[strcspn(out, "/")] = '\0';
			return;
		}
		at += length + (at[length] == ',');
	}
}

static void
parse_match(struct plan *p, char *line)
{
	struct match *m = &p->matches[p->match_count];
	const struct {
		const char *name;
		char *field;
	} criteria[] = {
		{ "user", m->user },
		{ "host", m->host },
		{ "address", m->address },
		{ "localaddress", m->local_address },
		{ "localport", m->local_port },
	};
	char *save = NULL;

	if (p->match_count == MATCHES_MAX) {
		p->cut = true;
		return;
	}
	*m = (struct match){ .user = "" };
	for (char *word = strtok_r(line, " \t=", &save); word != NULL;
	     word = strtok_r(NULL, " \t=", &save)) {
		char *value = strcasecmp(word, "all") == 0
		    ? NULL
		    : strtok_r(NULL, " \t=", &save);

		for (size_t i = 0;
		     value != NULL && i < sizeof(criteria) / sizeof(*criteria);
		     i++)
			if (strcasecmp(criteria[i].name, word) == 0)
				example_of(value, criteria[i].field);
	}
	p->match_count++;
}

static void read_config(struct plan *, const char *path, unsigned depth);

static void
include(struct plan *p, const char *pattern, unsigned depth)
{
	char path[PATH_SIZE];
	glob_t found;

	if (depth == INCLUDES_MAX) {
		p->cut = true;
		return;
	}
	(void)snprintf(path, sizeof(path), "%s%s",
	    pattern[0] == '/' ? "" : "/etc/ssh/", pattern);
	if (glob(path, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_config(p, found.gl_pathv[i], depth + 1);
	globfree(&found);
}

static void
read_config(struct plan *p, const char *path, unsigned depth)
{
	char *text = check_read(p->check, AREA, path);
	char *save = NULL;

	if (text == NULL)
		return;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *word = line + strspn(line, " \t");
		size_t length = strcspn(word, " \t=\r");
		char *rest = word + length + strspn(word + length, " \t=");

		rest[strcspn(rest, "\r#")] = '\0';
		if (length == 5 && strncasecmp(word, "match", 5) == 0)
			parse_match(p, rest);
		if (length != 7 || strncasecmp(word, "include", 7) != 0)
			continue;
		for (char *each = rest; *each != '\0';) {
			size_t end = strcspn(each, " \t");
			char after = each[end];

			each[end] = '\0';
			include(p, each, depth);
			each += end + (after != '\0');
			each += strspn(each, " \t");
		}
	}
	free(text);
}

/* ---- What it says ---- */

/* The value behind the keyword in sshd -T's output; "" if it says nothing. */
static void
value_of(const char *output, const char *keyword, char *value, size_t size)
{
	size_t length = strlen(keyword);

	value[0] = '\0';
	for (const char *line = output; *line != '\0';) {
		size_t end = strcspn(line, "\n");

		if (end > length && strncmp(line, keyword, length) == 0 &&
		    line[length] == ' ') {
			(void)snprintf(value, size, "%.*s",
			    (int)(end - length - 1), line + length + 1);
			return;
		}
		line += end + (line[end] == '\n');
	}
}

static bool
says(const char *output, const char *keyword, const char *expected)
{
	char value[1024];

	value_of(output, keyword, value, sizeof(value));
	return strcmp(value, expected) == 0;
}

static bool
list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; *at != '\0';) {
		size_t end = strcspn(at, ", ");

		/* "keyboard-interactive:pam" is that method too. */
		if (end >= length && strncmp(at, word, length) == 0 &&
		    (end == length || at[length] == ':'))
			return true;
		at += end + strspn(at + end, ", ");
	}
	return false;
}

/* Told once for a server, however many users it is true of. */
static void
tell(struct plan *p, const char *who, const char *change, const char *text)
{
	char marker[1024];
	struct buf *out = &p->check->out;

	(void)snprintf(marker, sizeof(marker), "%s %s: %s", p->server->program,
	    p->server->config, check_text(p->check, text));
	if (strstr(buf_string(out), marker) != NULL)
		return;
	check_tell(p->check, CHECK_FINDING, AREA, who, change, "%s", marker);
}

static bool
permits(const char *output, const char *keyword)
{
	return says(output, keyword, "yes");
}

/* The ways in when no AuthenticationMethods binds them together. */
static void
judge_any(struct plan *p, const char *who, const char *output)
{
	static const char change[] =
	    N_("set AuthenticationMethods keyboard-interactive, or "
	       "publickey,keyboard-interactive");

	if (permits(output, "pubkeyauthentication"))
		tell(p, who, change,
		    N_("a key alone is enough for sshd; account refuses it, or "
		       "with key_only = session decides later"));
	if (permits(output, "gssapiauthentication") ||
	    permits(output, "hostbasedauthentication"))
		tell(p, who, change,
		    N_("GSSAPI or host-based authentication alone is enough "
		       "for "
		       "sshd; pam_reeve is not asked in auth"));
	if (!permits(output, "kbdinteractiveauthentication"))
		tell(p, who, N_("set KbdInteractiveAuthentication yes"),
		    N_("no code can be asked for: keyboard-interactive is "
		       "off"));
}

/* Each alternative must ask the module, which only one method does well. */
static void
judge_methods(struct plan *p, const char *who, const char *methods)
{
	for (const char *at = methods; *at != '\0';) {
		size_t end = strcspn(at, " ");
		char one[256];

		(void)snprintf(one, sizeof(one), "%.*s", (int)end, at);
		at += end + strspn(at + end, " ");
		if (list_has(one, "keyboard-interactive"))
			continue;
		if (list_has(one, "password"))
			tell(p, who,
			    N_("use keyboard-interactive in its place"),
			    N_("AuthenticationMethods has password: each "
			       "prompt "
			       "of ours would get the password as its answer"));
		else
			tell(p, who, N_("add ,keyboard-interactive to it"),
			    N_("AuthenticationMethods has a way without "
			       "keyboard-interactive: no code is asked for"));
	}
}

static void
judge_service(struct plan *p, const char *who, const char *output)
{
	char service[WORD_SIZE];
	const struct options_service *o;
	const char *slash = strrchr(p->server->program, '/');

	/* OpenSSH 9.8 and later say it; before, it is the program's name. */
	value_of(output, "pamservicename", service, sizeof(service));
	if (service[0] == '\0')
		(void)snprintf(service, sizeof(service), "%s", slash + 1);
	o = options_service(p->check->options, service);
	if (o == NULL || o->type != SERVICE_SSHD) {
		tell(p, who,
		    N_("add a section [service NAME] with type = sshd"),
		    N_("its PAM service is not listed as an sshd in "
		       "reeve.conf"));
		return;
	}
	if (o->verify_required && strstr(output, "verify-required") == NULL)
		tell(p, who,
		    N_("set PubkeyAuthOptions verify-required, or "
		       "verify_required = no in reeve.conf"),
		    N_("reeve.conf counts user verification of sk- keys, and "
		       "sshd does not enforce it"));
}

static void
judge(struct plan *p, const char *who, const char *output)
{
	char methods[1024];

	if (!permits(output, "usepam")) {
		tell(p, who, N_("set UsePAM yes"),
		    N_("UsePAM is no: pam_reeve is never asked"));
		return;
	}
	judge_service(p, who, output);
	if (permits(output, "permitemptypasswords"))
		tell(p, who, N_("set PermitEmptyPasswords no"),
		    N_("PermitEmptyPasswords is yes"));
	if (permits(output, "usedns"))
		tell(p, who, N_("set UseDNS no"),
		    N_("UseDNS is yes: sources come as names, which are not "
		       "believed, and all of them wait for one's guesses"));
	if (permits(output, "permitrootlogin"))
		tell(p, who,
		    N_("set PermitRootLogin no; people use their own account "
		       "and sudo"),
		    N_("PermitRootLogin is yes: root is nobody's name"));
	value_of(output, "authenticationmethods", methods, sizeof(methods));
	if (methods[0] == '\0' || strcmp(methods, "any") == 0)
		judge_any(p, who, output);
	else
		judge_methods(p, who, methods);
	if (permits(output, "passwordauthentication") &&
	    (strcmp(methods, "any") == 0 || methods[0] == '\0' ||
	        list_has(methods, "password")))
		tell(p, who, N_("set PasswordAuthentication no"),
		    N_("PasswordAuthentication is yes: each prompt of ours "
		       "would "
		       "get the password as its answer"));
}

/* ---- Asking it ---- */

static void
put_criterion(
    struct buf *b, const char *name, const char *value, const char *preset)
{
	buf_printf(b, ",%s=%s", name, value[0] == '\0' ? preset : value);
}

static void
ask(struct plan *p, const char *user, const struct match *m)
{
	const struct server *s = p->server;
	struct buf output = buf_new(OUTPUT_MAX);
	struct buf criteria = buf_new(1024);
	char words[4][PATH_SIZE] = { "-T", "-f", "-C", "-o" };
	char program[PATH_SIZE];
	char config[PATH_SIZE];
	char spec[1024];
	char options[8][PATH_SIZE];
	char *argv[ARGUMENTS_MAX];
	size_t argc = 0;
	struct err e = { .code = ERR_NONE };
	int status;

	if (p->runs++ >= RUNS_MAX) {
		p->cut = true;
		goto out;
	}
	buf_printf(&criteria, "user=%s", user);
	put_criterion(&criteria, "host", m->host, "unknown.invalid");
	put_criterion(&criteria, "addr", m->address, "192.0.2.1");
	put_criterion(&criteria, "laddr", m->local_address, "192.0.2.2");
	put_criterion(&criteria, "lport", m->local_port, "22");
	(void)snprintf(spec, sizeof(spec), "%s", buf_string(&criteria));
	memcpy(program, s->program, sizeof(program));
	memcpy(config, s->config, sizeof(config));
	argv[argc++] = program;
	argv[argc++] = words[0];
	argv[argc++] = words[1];
	argv[argc++] = config;
	argv[argc++] = words[2];
	argv[argc++] = spec;
	for (size_t i = 0; i < s->option_count; i++) {
		memcpy(options[i], s->options[i], PATH_SIZE);
		argv[argc++] = words[3];
		argv[argc++] = options[i];
	}
	argv[argc] = NULL;
	if (child_run(argv, SECONDS_MAX, &output, &status, &e) == -1 ||
	    !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		tell(p, user, N_("see what sshd -T says with the same options"),
		    e.code == ERR_NONE ? "sshd -T fails: it would not start"
		                       : "sshd -T can't be run");
	else
		judge(p, user, buf_string(&output));
out:
	buf_free(&criteria);
	buf_free(&output);
}

static void
ask_all(struct plan *p)
{
	static const struct match nowhere = { .user = "" };
	struct check *c = p->check;

	for (size_t u = 0; u < c->people_count; u++) {
		ask(p, c->people[u], &nowhere);
		for (size_t m = 0; m < p->match_count; m++)
			/* A block for one user by name is that user's own. */
			if (p->matches[m].user[0] == '\0' ||
			    strcmp(p->matches[m].user, c->people[u]) == 0)
				ask(p, c->people[u], &p->matches[m]);
	}
	if (p->cut)
		check_tell(c, CHECK_UNSEEN, AREA, p->server->config,
		    N_("fewer Match blocks, or ask sshd -T -C by hand"),
		    "not every user was asked about in every Match block");
}

void
check_sshd(struct check *c)
{
	struct server *servers = calloc(SERVERS_MAX, sizeof(*servers));
	struct plan *plan = calloc(1, sizeof(*plan));
	size_t count;

	if (servers == NULL || plan == NULL) {
		check_tell(
		    c, CHECK_UNSEEN, AREA, DEFAULT_SSHD, "", "out of memory");
		goto out;
	}
	count = find_servers(c, servers);
	for (size_t i = 0; i < count; i++) {
		*plan = (struct plan){ .check = c, .server = &servers[i] };
		read_config(plan, servers[i].config, 0);
		ask_all(plan);
	}
out:
	free(plan);
	free(servers);
}
