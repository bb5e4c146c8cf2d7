#include "pamod/stack.h"

#include <security/_pam_types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"

#define OTHER       "other"
#define LOGICAL_MAX 1023u /* bytes of a line with its continuations */
#define WITNESS_MAX 2048u
#define JUMP_MAX    STACK_LINES_MAX
#define UNSET       1000 /* no action yet */

static const char *const phase_names[STACK_PHASES] = {
	[STACK_AUTH] = "auth",
	[STACK_ACCOUNT] = "account",
	[STACK_SESSION] = "session",
	[STACK_PASSWORD] = "password",
};

/* pam.conf(5): the values of value=action, in the order of their numbers. */
static const char *const result_names[STACK_RESULTS] = { "success", "open_err",
	"symbol_err", "service_err", "system_err", "buf_err", "perm_denied",
	"auth_err", "cred_insufficient", "authinfo_unavail", "user_unknown",
	"maxtries", "new_authtok_reqd", "acct_expired", "session_err",
	"cred_unavail", "cred_expired", "cred_err", "no_module_data",
	"conv_err", "authtok_err", "authtok_recover_err", "authtok_lock_busy",
	"authtok_disable_aging", "try_again", "ignore", "abort",
	"authtok_expired", "module_unknown", "bad_item", "conv_again",
	"incomplete" };

static const struct {
	const char *name;
	int action;
} action_names[] = {
	{ "ignore", ACTION_IGNORE },
	{ "ok", ACTION_OK },
	{ "done", ACTION_DONE },
	{ "bad", ACTION_BAD },
	{ "die", ACTION_DIE },
	{ "reset", ACTION_RESET },
};

/* pam.conf(5): what the one-word controls stand for. */
static const struct {
	const char *name;
	int success; /* and new_authtok_reqd */
	int ignore;
	int other;
} controls[] = {
	{ "required", ACTION_OK, ACTION_IGNORE, ACTION_BAD },
	{ "requisite", ACTION_OK, ACTION_IGNORE, ACTION_DIE },
	{ "sufficient", ACTION_DONE, ACTION_IGNORE, ACTION_IGNORE },
	{ "optional", ACTION_OK, ACTION_IGNORE, ACTION_IGNORE },
};

const char *
stack_phase_name(enum stack_phase phase)
{
	return phase_names[phase];
}

/* ---- Reading ---- */

struct reading {
	struct stack *stack;
	const struct stack_source *source;
	const char *file;
	unsigned number; /* of the line being read */
	bool other;      /* "other" is read: only for phases without lines */
	bool wanted[STACK_PHASES];
};

/* A line with its continuations, comment cut off. */
struct logical {
	char text[LOGICAL_MAX + 1];
	unsigned number;
	bool too_long;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
append(struct logical *l, size_t *used, const char *from, size_t length)
{
	if (length > LOGICAL_MAX - *used) {
		l->too_long = true;
		length = LOGICAL_MAX - *used;
	}
	memcpy(l->text + *used, from, length);
	*used += length;
	l->text[*used] = '\0';
}

/* The next line that says something; false at the end. */
static bool
take_logical(const char **at, unsigned *number, struct logical *l)
{
	size_t used = 0;

	*l = (struct logical){ .text = "" };
	while (**at != '\0') {
		const char *start = *at;
		size_t length = strcspn(start, "\n");
		size_t kept = strcspn(start, "\n#");
		bool comment = kept < length;
		bool more;

		*at = start + length + (start[length] == '\n');
		(*number)++;
		while (kept > 0 && is_blank(start[kept - 1]))
			kept--;
		more = !comment && kept > 0 && start[kept - 1] == '\\';
		if (used == 0)
			l->number = *number;
		append(l, &used, start, more ? kept - 1 : kept);
		if (more) {
			append(l, &used, " ", 1);
			continue;
		}
		if (l->text[strspn(l->text, " \t\r")] != '\0')
			return true;
		used = 0;
		l->text[0] = '\0';
	}
	return l->text[strspn(l->text, " \t\r")] != '\0';
}

/* A word, or what stands in [ ]; false, and "", if none is left. */
static bool
take_token(const char **at, char *out, size_t size)
{
	bool bracket;
	size_t used = 0;
	const char *c;

	*out = '\0';
	while (is_blank(**at))
		(*at)++;
	if (**at == '\0')
		return false;
	bracket = **at == '[';
	for (c = *at + bracket; *c != '\0'; c++) {
		if (bracket ? *c == ']' : is_blank(*c))
			break;
		if (bracket && *c == '\\' && c[1] == ']')
			c++;
		if (used + 1 < size)
			out[used++] = *c;
	}
	out[used] = '\0';
	*at = *c == '\0' ? c : c + 1;
	return true;
}

static int
find_result(const char *name)
{
	for (int i = 0; i < STACK_RESULTS; i++)
		if (strcmp(result_names[i], name) == 0)
			return i;
	return -1;
}

/* "ignore", "2": UNSET if it is neither an action nor a jump. */
static int
find_action(const char *word)
{
	uint64_t jump;
	struct err e;

	for (size_t i = 0; i < sizeof(action_names) / sizeof(*action_names);
	     i++)
		if (strcmp(action_names[i].name, word) == 0)
			return action_names[i].action;
	if (enc_number(word, strlen(word), JUMP_MAX, &jump, &e) == -1 ||
	    jump == 0)
		return UNSET;
	return (int)jump;
}

static void
fill(struct stack_line *line, int from, int with)
{
	for (size_t i = 0; i < STACK_RESULTS; i++)
		if (line->action[i] == from)
			line->action[i] = with;
}

/* One "value=action" at *at; blanks may stand around the sign. */
static bool
take_pair(const char **at, struct stack_line *line)
{
	static const char blanks[] = " \t";
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	char name[32];
	char action[32];
	size_t length = strspn(*at, word);
	size_t second;
	int result;

	if (length == 0 || length >= sizeof(name))
		return false;
	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length + strspn(*at + length, blanks);
	if (**at != '=')
		return false;
	*at += 1 + strspn(*at + 1, blanks);
	second = strspn(*at, word);
	if (second == 0 || second >= sizeof(action))
		return false;
	memcpy(action, *at, second);
	action[second] = '\0';
	*at += second + strspn(*at + second, blanks);
	if (find_action(action) == UNSET)
		return false;
	if (strcmp(name, "default") == 0) {
		fill(line, UNSET, find_action(action));
		return true;
	}
	if ((result = find_result(name)) == -1)
		return false;
	line->action[result] = find_action(action);
	return true;
}

static void
parse_control(const char *control, struct stack_line *line)
{
	for (size_t i = 0; i < STACK_RESULTS; i++)
		line->action[i] = UNSET;
	for (size_t i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		if (strcasecmp(controls[i].name, control) == 0) {
			line->action[PAM_SUCCESS] = controls[i].success;
			line->action[PAM_NEW_AUTHTOK_REQD] =
			    controls[i].success;
			line->action[PAM_IGNORE] = controls[i].ignore;
			fill(line, UNSET, controls[i].other);
			return;
		}
	control += strspn(control, " \t");
	while (*control != '\0')
		if (!take_pair(&control, line)) {
			line->fails = true;
			break;
		}
	fill(line, UNSET, ACTION_BAD);
	for (size_t i = 0; line->fails && i < STACK_RESULTS; i++)
		line->action[i] = ACTION_BAD;
}

/* "/lib/security/pam_unix.so" is pam_unix. */
static void
name_module(const char *path, char *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t length = strlen(name);

	if (length > 3 && strcmp(name + length - 3, ".so") == 0)
		length -= 3;
	memcpy(out, name, length);
	out[length] = '\0';
}

static struct stack_line *
add_line(
    struct reading *r, enum stack_phase phase, unsigned level, struct err *e)
{
	struct stack_line *line;

	if (r->stack->count == STACK_LINES_MAX) {
		err_set(e, ERR_LIMIT, "%s: more than %d lines",
		    r->stack->service, STACK_LINES_MAX);
		return NULL;
	}
	line = &r->stack->lines[r->stack->count++];
	*line = (struct stack_line){
		.phase = phase, .level = level, .number = r->number
	};
	(void)snprintf(line->file, sizeof(line->file), "%s", r->file);
	return line;
}

static int read_file(struct reading *, const char *name, int phase,
    unsigned depth, unsigned level, struct err *);

/* A line that libpam takes and that fails whenever it is reached. */
static int
add_failing(struct reading *r, enum stack_phase phase, unsigned level,
    const char *what, struct err *e)
{
	struct stack_line *line = add_line(r, phase, level, e);

	if (line == NULL)
		return -1;
	line->fails = true;
	for (size_t i = 0; i < STACK_RESULTS; i++)
		line->action[i] = ACTION_BAD;
	(void)snprintf(line->arguments, sizeof(line->arguments), "%s", what);
	return 0;
}

static int
include(struct reading *r, const char *name, int phase, unsigned depth,
    unsigned level, struct err *e)
{
	const char *file = r->file;
	unsigned number = r->number;
	enum stack_phase failing =
	    phase < 0 ? STACK_AUTH : (enum stack_phase)phase;
	int result;

	if (depth + 1 >= STACK_LEVELS_MAX)
		return add_failing(
		    r, failing, level, "includes are nested too deeply", e);
	result = read_file(r, name, phase, depth + 1, level, e);
	r->file = file;
	r->number = number;
	if (result == -1 && e->code == ERR_MISSING)
		return add_failing(
		    r, failing, level, "the file it includes is not there", e);
	return result;
}

static int
find_phase(const char *name)
{
	for (int i = 0; i < STACK_PHASES; i++)
		if (strcasecmp(phase_names[i], name) == 0)
			return i;
	return -1;
}

static int
add_module(struct reading *r, const char *at, const char *control,
    enum stack_phase phase, unsigned level, struct err *e)
{
	char path[STACK_NAME_MAX + 1];
	char argument[STACK_ARGUMENTS_MAX + 1];
	struct stack_line *line;
	size_t used = 0;

	if (!take_token(&at, path, sizeof(path)))
		return add_failing(r, phase, level, "no module is named", e);
	if ((line = add_line(r, phase, level, e)) == NULL)
		return -1;
	parse_control(control, line);
	name_module(path, line->module);
	while (take_token(&at, argument, sizeof(argument))) {
		int put = snprintf(line->arguments + used,
		    sizeof(line->arguments) - used, "%s%s",
		    used == 0 ? "" : " ", argument);

		if ((size_t)put >= sizeof(line->arguments) - used)
			break;
		used += (size_t)put;
	}
	return 0;
}

/* phase is the one wanted, or -1 for any; so is what a line may be. */
static int
read_line(struct reading *r, const char *at, int wanted, unsigned depth,
    unsigned level, struct err *e)
{
	char word[STACK_NAME_MAX + 1];
	char control[LOGICAL_MAX + 1];
	int phase;

	(void)take_token(&at, word, sizeof(word));
	if (strcasecmp(word, "@include") == 0) {
		(void)take_token(&at, control, sizeof(control));
		return include(r, control, wanted, depth, level, e);
	}
	phase = find_phase(word[0] == '-' ? word + 1 : word);
	if (phase < 0)
		return add_failing(r,
		    wanted < 0 ? STACK_AUTH : (enum stack_phase)wanted, level,
		    "not auth, account, session or password", e);
	if ((wanted >= 0 && phase != wanted) || !r->wanted[phase])
		return 0;
	if (!take_token(&at, control, sizeof(control)))
		return add_failing(r, (enum stack_phase)phase, level,
		    "no control is given", e);
	if (strcasecmp(control, "include") == 0 ||
	    strcasecmp(control, "substack") == 0) {
		unsigned deeper = strcasecmp(control, "substack") == 0;
		struct stack_line *marker;

		(void)take_token(&at, word, sizeof(word));
		if (deeper > 0) {
			if ((marker = add_line(
			         r, (enum stack_phase)phase, level, e)) == NULL)
				return -1;
			marker->marker = true;
		}
		return include(r, word, phase, depth, level + deeper, e);
	}
	return add_module(r, at, control, (enum stack_phase)phase, level, e);
}

static int
read_file(struct reading *r, const char *name, int phase, unsigned depth,
    unsigned level, struct err *e)
{
	struct buf text = buf_new(STACK_FILE_MAX);
	struct logical line;
	const char *at;
	int result = -1;

	if (r->source->read(r->source->context, name, &text, e) == -1)
		goto out;
	/* A NUL would hide what stands behind it. */
	if (text.length > 0 && memchr(text.data, '\0', text.length) != NULL) {
		err_set(e, ERR_FORMAT, "%s: a NUL byte", name);
		goto out;
	}
	at = buf_string(&text);
	r->file = name;
	r->number = 0;
	for (unsigned number = 0; take_logical(&at, &number, &line);) {
		r->number = line.number;
		if (line.too_long) {
			err_set(e, ERR_LIMIT, "%s:%u: longer than %u bytes",
			    name, line.number, LOGICAL_MAX);
			goto out;
		}
		if (read_line(r, line.text, phase, depth, level, e) == -1)
			goto out;
	}
	result = 0;
out:
	buf_free(&text);
	return result;
}

static bool
has_phase(const struct stack *stack, enum stack_phase phase)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->lines[i].phase == phase)
			return true;
	return false;
}

int
stack_load(struct stack **out, const struct stack_source *source,
    const char *service, struct err *e)
{
	struct stack *stack = calloc(1, sizeof(*stack));
	struct reading r = { .stack = stack, .source = source };

	*out = NULL;
	if (stack == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (strlen(service) > STACK_NAME_MAX) {
		err_set(e, ERR_LIMIT, "name of a service too long");
		goto fail;
	}
	memcpy(stack->service, service, strlen(service) + 1);
	for (int i = 0; i < STACK_PHASES; i++)
		r.wanted[i] = true;
	if (read_file(&r, stack->service, -1, 0, 0, e) == -1) {
		if (e->code != ERR_MISSING)
			goto fail;
		stack->missing = true;
	}
	/* libpam takes a phase without a line from "other". */
	for (int i = 0; i < STACK_PHASES; i++) {
		r.wanted[i] = !has_phase(stack, (enum stack_phase)i);
		stack->other[i] = r.wanted[i];
	}
	if (read_file(&r, OTHER, -1, 0, 0, e) == -1 && e->code != ERR_MISSING)
		goto fail;
	*out = stack;
	return 0;
fail:
	stack_free(&stack);
	return -1;
}

void
stack_free(struct stack **stack)
{
	free(*stack);
	*stack = NULL;
}

static int
read_from_directories(
    void *context, const char *name, struct buf *text, struct err *e)
{
	const char *const *directories = context;
	struct file_rule rule = { .owner = 0, .forbidden = 022 };
	char path[512];

	if (name[0] == '\0')
		return err_set(e, ERR_MISSING, "no name");
	for (size_t i = 0; directories[i] != NULL; i++) {
		int length = snprintf(path, sizeof(path), "%s%s%s",
		    name[0] == '/' ? "" : directories[i],
		    name[0] == '/' ? "" : "/", name);

		if ((size_t)length >= sizeof(path))
			return err_set(e, ERR_LIMIT, "%s: path too long", name);
		if (file_read_path(path, &rule, text, e) == 0)
			return 0;
		if (e->code != ERR_MISSING)
			return -1;
	}
	return err_set(e, ERR_MISSING, "%s: not there", name);
}

struct stack_source
stack_directories(const char *const *directories)
{
	/* The context is only read. */
	union {
		const char *const *from;
		void *to;
	} context = { .from = directories };

	return (struct stack_source){ read_from_directories, context.to };
}

/* ---- Looking ---- */

bool
stack_line_has(const struct stack_line *line, const char *argument)
{
	size_t length = strlen(argument);

	for (const char *at = line->arguments; *at != '\0';) {
		size_t word = strcspn(at, " ");

		if (word == length && memcmp(at, argument, length) == 0)
			return true;
		at += word + (at[word] == ' ');
	}
	return false;
}

const struct stack_line *
stack_find(
    const struct stack *stack, enum stack_phase phase, const char *module)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->lines[i].phase == phase &&
		    strcmp(stack->lines[i].module, module) == 0)
			return &stack->lines[i];
	return NULL;
}

bool
stack_is_password(const struct stack_line *line)
{
	static const char *const modules[] = { "pam_unix", "pam_sss",
		"pam_ldap", "pam_krb5", "pam_winbind", "pam_pwdb" };

	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (strcmp(line->module, modules[i]) == 0)
			return true;
	return false;
}

static bool
is_ours(const struct stack_line *line)
{
	return strcmp(line->module, "pam_reeve") == 0;
}

/* ---- Walking, as libpam does ---- */

enum impression { UNDECIDED, POSITIVE, NEGATIVE };

struct place {
	size_t at; /* a line; stack->count at the end */
	enum impression impression;
	int status;
};

/* The next line of the phase behind at, or count. */
static size_t
next_of(const struct stack *stack, size_t at, enum stack_phase phase)
{
	do {
		at++;
	} while (at < stack->count && stack->lines[at].phase != phase);
	return at < stack->count ? at : stack->count;
}

static size_t
first_of(const struct stack *stack, enum stack_phase phase)
{
	size_t at = 0;

	while (at < stack->count && stack->lines[at].phase != phase)
		at++;
	return at;
}

/* Whether the line behind at is still of that level, or deeper. */
static bool
goes_on(const struct stack *stack, size_t at, unsigned level)
{
	enum stack_phase phase = stack->lines[at].phase;
	size_t next = next_of(stack, at, phase);

	return next < stack->count && stack->lines[next].level >= level;
}

static void
decide(struct place *p, int action, int result)
{
	bool open = p->impression == UNDECIDED ||
	    (p->impression == POSITIVE && p->status == PAM_SUCCESS);

	if ((action == ACTION_OK || action == ACTION_DONE) && open) {
		p->impression = POSITIVE;
		p->status = result;
	}
	if ((action == ACTION_BAD || action == ACTION_DIE) &&
	    p->impression != NEGATIVE) {
		p->impression = NEGATIVE;
		p->status = result == PAM_IGNORE ? PAM_PERM_DENIED : result;
	}
}

/* Over `jump` lines of this level, each with its substack. */
static void
jump_over(const struct stack *stack, struct place *p, int jump)
{
	enum stack_phase phase = stack->lines[p->at].phase;
	unsigned level = stack->lines[p->at].level;

	while (jump > 0 && goes_on(stack, p->at, level)) {
		do {
			p->at = next_of(stack, p->at, phase);
		} while (goes_on(stack, p->at, level + 1));
		jump--;
	}
	if (jump > 0) {
		p->impression = NEGATIVE;
		p->status = PAM_PERM_DENIED;
	}
}

/*
 * The line at p->at has returned result; moves to the next. before is what
 * stood when its substack was entered, for reset.
 */
static void
step(const struct stack *stack, struct place *p, int result,
    const struct place *before)
{
	const struct stack_line *line = &stack->lines[p->at];
	int action = result < 0 || result >= STACK_RESULTS
	    ? ACTION_BAD
	    : line->action[result];
	bool ends;

	decide(p, action, result);
	ends = action == ACTION_DIE ||
	    (action == ACTION_DONE && p->impression == POSITIVE);
	if (action == ACTION_RESET) {
		p->impression = before->impression;
		p->status = before->status;
	}
	if (action > 0)
		jump_over(stack, p, action);
	while (ends && goes_on(stack, p->at, line->level))
		p->at = next_of(stack, p->at, line->phase);
	p->at = next_of(stack, p->at, line->phase);
}

int
stack_walk(const struct stack *stack, enum stack_phase phase,
    int (*result)(void *, const struct stack_line *), void *context)
{
	struct place p = { first_of(stack, phase), UNDECIDED, PAM_PERM_DENIED };
	struct place before[STACK_LEVELS_MAX + 1] = { p };
	unsigned level = 0;

	while (p.at < stack->count) {
		const struct stack_line *line = &stack->lines[p.at];

		if (line->level > level)
			before[line->level] = p;
		level = line->level;
		if (line->marker)
			p.at = next_of(stack, p.at, phase);
		else
			step(stack, &p,
			    line->module[0] == '\0' ? PAM_PERM_DENIED
			                            : result(context, line),
			    &before[level]);
	}
	if (p.status == PAM_SUCCESS && p.impression != POSITIVE)
		return PAM_PERM_DENIED;
	return p.status;
}

/* ---- Exploring ---- */

enum flag {
	FLAG_PASSED = 1,   /* pam_reeve has said yes */
	FLAG_RESERVED = 2, /* pam_reeve.so reserve was called */
	FLAG_PASSWORD = 4, /* a password was checked */
	FLAGS = 8
};

/* Of the results only these three matter for what comes of the stack. */
enum outcome { OUTCOME_OTHER, OUTCOME_SUCCESS, OUTCOME_CHANGE, OUTCOMES };

#define IMPRESSIONS     3
#define STATES_PER_LINE (IMPRESSIONS * OUTCOMES * FLAGS)

struct state_seen {
	bool seen;
	int result; /* of the line of the state before */
	size_t before;
};

struct exploring {
	const struct stack *stack;
	enum stack_phase phase;
	struct stack_paths *paths;
	struct state_seen *states;
	size_t *todo; /* a queue, so that a witness is short */
	size_t todo_count;
};

static enum outcome
outcome_of(int status)
{
	return status == PAM_SUCCESS         ? OUTCOME_SUCCESS
	    : status == PAM_NEW_AUTHTOK_REQD ? OUTCOME_CHANGE
	                                     : OUTCOME_OTHER;
}

static size_t
number_of(const struct place *p, unsigned flags)
{
	return ((p->at * IMPRESSIONS + (size_t)p->impression) * OUTCOMES +
	           (size_t)outcome_of(p->status)) *
	    FLAGS +
	    flags;
}

static struct place
place_of(size_t number, unsigned *flags)
{
	static const int status[OUTCOMES] = {
		[OUTCOME_OTHER] = PAM_PERM_DENIED,
		[OUTCOME_SUCCESS] = PAM_SUCCESS,
		[OUTCOME_CHANGE] = PAM_NEW_AUTHTOK_REQD,
	};
	struct place p;

	*flags = (unsigned)(number % FLAGS);
	number /= FLAGS;
	p.status = status[number % OUTCOMES];
	number /= OUTCOMES;
	p.impression = (enum impression)(number % IMPRESSIONS);
	p.at = number / IMPRESSIONS;
	return p;
}

static void
reach(struct exploring *x, const struct place *p, unsigned flags, size_t before,
    int result)
{
	size_t number = number_of(p, flags);

	if (x->states[number].seen)
		return;
	x->states[number] = (struct state_seen){ true, result, before };
	x->todo[x->todo_count++] = number;
}

/* What a module may return at all. */
static bool
may_return(const struct stack_line *line, int result)
{
	if (line->module[0] == '\0')
		return result == PAM_PERM_DENIED;
	if (strcmp(line->module, "pam_deny") == 0 ||
	    strcmp(line->module, "pam_rootok") == 0)
		return result != PAM_SUCCESS && result != PAM_NEW_AUTHTOK_REQD;
	if (strcmp(line->module, "pam_permit") == 0)
		return result == PAM_SUCCESS;
	/* For who is concerned we never stand aside. */
	if (is_ours(line) && !stack_line_has(line, "reserve"))
		return result != PAM_IGNORE;
	return true;
}

static unsigned
flags_after(const struct exploring *x, const struct stack_line *line,
    int result, unsigned flags)
{
	bool yes = result == PAM_SUCCESS ||
	    (x->phase == STACK_ACCOUNT && result == PAM_NEW_AUTHTOK_REQD);

	if (is_ours(line) && stack_line_has(line, "reserve"))
		return flags | FLAG_RESERVED;
	if (is_ours(line) && yes)
		return flags | FLAG_PASSED;
	if (stack_is_password(line))
		return flags | FLAG_PASSWORD;
	return flags;
}

/* Whether a password module comes behind the line. */
static bool
password_follows(const struct exploring *x, size_t at)
{
	for (at = next_of(x->stack, at, x->phase); at < x->stack->count;
	     at = next_of(x->stack, at, x->phase))
		if (stack_is_password(&x->stack->lines[at]))
			return true;
	return false;
}

static void
look_at(struct exploring *x, size_t at, unsigned flags)
{
	const struct stack_line *line = &x->stack->lines[at];

	if (stack_is_password(line) && !(flags & FLAG_RESERVED))
		x->paths->unreserved = true;
	if (is_ours(line) && !stack_line_has(line, "reserve") &&
	    !(flags & FLAG_PASSWORD) && password_follows(x, at))
		x->paths->judged_early = true;
}

static void
put_witness(struct exploring *x, size_t number)
{
	size_t path[STACK_LINES_MAX + 1];
	size_t length = 0;
	unsigned flags;
	struct buf *b = &x->paths->witness;

	while (x->states[number].before != number &&
	    length < STACK_LINES_MAX + 1) {
		path[length++] = number;
		number = x->states[number].before;
	}
	for (; length > 0; length--) {
		const struct state_seen *s = &x->states[path[length - 1]];
		struct place from = place_of(s->before, &flags);
		const struct stack_line *line = &x->stack->lines[from.at];

		if (line->marker)
			continue;
		buf_printf(b, "%s%s (%s:%u) %s", b->length > 0 ? ", " : "",
		    line->module, line->file, line->number,
		    result_names[s->result]);
	}
}

/* The end of a path. */
static void
conclude(
    struct exploring *x, const struct place *p, unsigned flags, size_t number)
{
	bool yes = p->impression == POSITIVE &&
	    (p->status == PAM_SUCCESS ||
	        (x->phase == STACK_ACCOUNT &&
	            p->status == PAM_NEW_AUTHTOK_REQD));

	if (!yes)
		return;
	x->paths->grants = true;
	if ((flags & FLAG_PASSED) || x->paths->grants_without)
		return;
	x->paths->grants_without = true;
	put_witness(x, number);
}

/*
 * What stood when the line's substack was entered is not kept: a reset there
 * is followed to everything it could have been, a reset outside to the start.
 */
static void
reach_reset(struct exploring *x, size_t number, int result)
{
	static const struct place befores[] = {
		{ 0, UNDECIDED, PAM_PERM_DENIED },
		{ 0, POSITIVE, PAM_SUCCESS },
		{ 0, POSITIVE, PAM_NEW_AUTHTOK_REQD },
		{ 0, NEGATIVE, PAM_PERM_DENIED },
	};
	unsigned flags;
	struct place from = place_of(number, &flags);
	const struct stack_line *line = &x->stack->lines[from.at];
	size_t count =
	    line->level == 0 ? 1 : sizeof(befores) / sizeof(*befores);

	flags = flags_after(x, line, result, flags);
	for (size_t i = 0; i < count; i++) {
		struct place p = from;

		step(x->stack, &p, result, &befores[i]);
		reach(x, &p, flags, number, result);
	}
}

static void
explore_state(struct exploring *x, size_t number)
{
	unsigned flags;
	struct place from = place_of(number, &flags);
	const struct stack_line *line;

	if (from.at == x->stack->count) {
		conclude(x, &from, flags, number);
		return;
	}
	line = &x->stack->lines[from.at];
	if (line->marker) {
		struct place p = from;

		p.at = next_of(x->stack, p.at, x->phase);
		reach(x, &p, flags, number, 0);
		return;
	}
	look_at(x, from.at, flags);
	for (int i = -1; i < STACK_RESULTS; i++) {
		/* The plain failure first: it reads best in a witness. */
		int result = i < 0 ? PAM_AUTH_ERR : i;
		struct place p = from;

		if (!may_return(line, result))
			continue;
		if (line->action[result] == ACTION_RESET) {
			reach_reset(x, number, result);
			continue;
		}
		step(x->stack, &p, result, NULL);
		reach(
		    x, &p, flags_after(x, line, result, flags), number, result);
	}
}

int
stack_explore(const struct stack *stack, enum stack_phase phase,
    struct stack_paths *paths, struct err *e)
{
	size_t states = (stack->count + 1) * STATES_PER_LINE;
	struct exploring x = { stack, phase, paths,
		calloc(states, sizeof(*x.states)),
		calloc(states, sizeof(*x.todo)), 0 };
	struct place start = { first_of(stack, phase), UNDECIDED,
		PAM_PERM_DENIED };
	int result = -1;

	*paths = (struct stack_paths){ .witness = buf_new(WITNESS_MAX) };
	if (x.states == NULL || x.todo == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	reach(&x, &start, 0, number_of(&start, 0), 0);
	for (size_t i = 0; i < x.todo_count; i++)
		explore_state(&x, x.todo[i]);
	result = 0;
out:
	free(x.states);
	free(x.todo);
	return result;
}

void
stack_paths_free(struct stack_paths *paths)
{
	buf_free(&paths->witness);
}
