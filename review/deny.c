#include "review/deny.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "review/graph.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"

#define KEY_MAGIC    "reeve-denylist-key 1 "
#define KEY_FILE_MAX 512u

/* ---- Collecting lines ---- */

struct lines {
	const struct deny_question *question;
	struct deny_count *count;
	char **line;
	size_t used, room;
};

static void
tell(const struct lines *l, const char *word, const char *name,
    const char *detail)
{
	if (l->question->tell != NULL)
		l->question->tell(l->question->context, word, name, detail);
}

static int
keep_line(struct lines *l, const char *text, struct err *e)
{
	char *copy;

	if (l->used == l->room) {
		size_t room = l->room == 0 ? 64 : 2 * l->room;
		char **wider = realloc(l->line, room * sizeof(*wider));

		if (wider == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		l->line = wider;
		l->room = room;
	}
	if ((copy = strdup(text)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	l->line[l->used++] = copy;
	return 0;
}

static void
lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->used; i++)
		free(l->line[i]);
	free(l->line);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_lines(struct lines *l)
{
	size_t kept = 0;

	if (l->used == 0)
		return;
	qsort(l->line, l->used, sizeof(*l->line), by_bytes);
	for (size_t i = 1; i < l->used; i++)
		if (strcmp(l->line[kept], l->line[i]) != 0) {
			char *next = l->line[i];

			l->line[i] = l->line[++kept];
			l->line[kept] = next;
		}
	while (l->used > kept + 1)
		free(l->line[--l->used]);
}

/* What denylist(5) lets stand in a name. */
static bool
can_stand(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > DENYLIST_NAME_MAX ||
	    !enc_is_utf8(name, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	return true;
}

static bool
is_word(const char *text, size_t max)
{
	size_t length = strlen(text);

	if (length == 0 || length > max)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '%')
			return false;
	return true;
}

/* Whether a list of that scope concerns what is on that host (NULL: any). */
static bool
in_scope(const struct lines *l, const char *host)
{
	const char *scope = l->question->scope;

	return host == NULL || strcmp(host, "*") == 0 ||
	    strcmp(scope, "*") == 0 || strcasecmp(scope, host) == 0;
}

static int
add_entry(struct lines *l, const struct denylist_entry *entry, size_t *count,
    struct err *e)
{
	struct buf line = buf_new(4 * DENYLIST_LINE_MAX);
	int result = -1;

	denylist_put_entry(&line, entry);
	if (buf_status(&line, e) == 0 && line.length <= DENYLIST_LINE_MAX)
		result = keep_line(l, buf_string(&line), e);
	else if (line.failed == ERR_NONE) {
		tell(l, "unwritable", entry->name, "");
		l->count->unwritable++;
		result = 0;
	}
	if (result == 0)
		(*count)++;
	buf_free(&line);
	return result;
}

/* ---- Whole accounts ---- */

static const char *
text_of(struct statement *s, const char *column)
{
	const char *text = column_text(s, column_of(s, column));

	return text == NULL ? "" : text;
}

/* Also tells: nobody is to wonder why a name is not on the list. */
static bool
may_be_named(struct lines *l, struct statement *s)
{
	const char *name = text_of(s, "name"), *host = text_of(s, "host");

	if (column_int(s, column_of(s, "break_glass")) != 0) {
		tell(l, "break-glass", name, host);
		l->count->break_glass++;
		return false;
	}
	if (!can_stand(name) ||
	    (*host != '\0' && !is_word(host, DENYLIST_HOST_MAX))) {
		tell(l, "unwritable", name, host);
		l->count->unwritable++;
		return false;
	}
	return true;
}

static int
account_entry(struct lines *l, struct statement *s, struct err *e)
{
	const char *host = column_text(s, column_of(s, "host"));
	const char *also = column_text(s, column_of(s, "also"));
	bool leaver = strcmp(text_of(s, "reason"), DENYLIST_LEAVER) == 0;
	struct denylist_entry entry = {
		.uid = -1, .expires = INT64_MAX, .service = "*", .host = "*"
	};

	if (!in_scope(l, host))
		return 0;
	if (*text_of(s, "reason") == '\0') {
		tell(l, "ambiguous", text_of(s, "name"),
		    text_of(s, "candidates"));
		l->count->ambiguous++;
		return 0;
	}
	if (!may_be_named(l, s))
		return 0;
	if (host != NULL)
		(void)snprintf(entry.host, sizeof(entry.host), "%s", host);
	(void)snprintf(
	    entry.name, sizeof(entry.name), "%s", text_of(s, "name"));
	(void)snprintf(
	    entry.reason, sizeof(entry.reason), "%s", text_of(s, "reason"));
	if (!column_is_null(s, column_of(s, "uid")))
		entry.uid = column_int(s, column_of(s, "uid"));
	if (also != NULL)
		tell(l, "also", entry.name, also);
	return add_entry(
	    l, &entry, leaver ? &l->count->leavers : &l->count->disabled, e);
}

static int
add_accounts(struct store *store, struct lines *l, struct err *e)
{
	struct statement *s = store_use(store, "deny_accounts", e);
	int more;

	bind_int(s, ":now", l->question->now);
	while ((more = store_step(s, e)) == 1)
		if (account_entry(l, s, e) == -1)
			return -1;
	return more;
}

/* ---- Single rights ---- */

int
deny_rule_parse(const char *word, struct deny_rule *rule, struct err *e)
{
	/* A DN has equals signs of its own. */
	const char *equals = strrchr(word, '=');
	const char *slash = equals == NULL ? NULL : strrchr(equals, '/');
	size_t right, host;

	*rule = (struct deny_rule){ .right = "" };
	if (slash == NULL || equals == word)
		return err_set(e, ERR_CONFIG,
		    "deny: \"%s\" is not RIGHT=HOST/SERVICE", word);
	right = (size_t)(equals - word);
	host = (size_t)(slash - equals) - 1;
	if (right >= sizeof(rule->right) || host > DENYLIST_HOST_MAX ||
	    strlen(slash + 1) > DENYLIST_SERVICE_MAX)
		return err_set(e, ERR_CONFIG, "deny: \"%s\" is too long", word);
	memcpy(rule->right, word, right);
	memcpy(rule->host, equals + 1, host);
	(void)strcpy(rule->service, slash + 1);
	if (!is_word(rule->host, DENYLIST_HOST_MAX) ||
	    !is_word(rule->service, DENYLIST_SERVICE_MAX))
		return err_set(e, ERR_CONFIG,
		    "deny: \"%s\": host and service are words", word);
	if (strcmp(rule->host, "*") == 0 && strcmp(rule->service, "*") == 0)
		return err_set(e, ERR_CONFIG,
		    "deny: \"%s\": one right is not the whole account: name a "
		    "host or a service",
		    word);
	return 0;
}

struct held {
	int64_t right;
	bool found;
};

static int
is_held(void *context, const struct graph_holding *holding, struct err *e)
{
	struct held *h = context;

	(void)e;
	h->found = h->found || holding->right == h->right;
	return 0;
}

static int
right_entry(struct lines *l, struct statement *s, const struct deny_rule *rule,
    struct err *e)
{
	const char *host = column_text(s, column_of(s, "host"));
	struct denylist_entry entry = {
		.uid = -1, .expires = INT64_MAX, .reason = DENY_REVOKED
	};

	/* A local account is nobody on other hosts. */
	if (host != NULL && strcmp(rule->host, "*") != 0 &&
	    strcasecmp(rule->host, host) != 0)
		return 0;
	(void)snprintf(entry.host, sizeof(entry.host), "%s",
	    host != NULL ? host : rule->host);
	if (!in_scope(l, entry.host) || !may_be_named(l, s))
		return 0;
	(void)strcpy(entry.service, rule->service);
	(void)snprintf(
	    entry.name, sizeof(entry.name), "%s", text_of(s, "name"));
	return add_entry(l, &entry, &l->count->revoked, e);
}

static bool
is_right(const char *right, struct statement *s)
{
	return strcmp(right, text_of(s, "right_name")) == 0 ||
	    strcasecmp(right, text_of(s, "right_dn")) == 0;
}

static bool
names_right(const struct deny_rule *rule, struct statement *s)
{
	const char *source = text_of(s, "source"), *right = rule->right;
	size_t length = strlen(source);

	if (is_right(right, s))
		return true;
	return strncmp(right, source, length) == 0 && right[length] == ':' &&
	    is_right(right + length + 1, s);
}

/* Only while it is held: then the right itself is gone. */
static int
add_right(
    struct store *store, struct lines *l, struct statement *s, struct err *e)
{
	const struct conf_list *map = l->question->map;
	struct held held = { .right = column_int(s, column_of(s, "right")) };
	struct deny_rule rule;
	bool mapped = false;

	if (graph_rights(store, STORE_NOW,
	        column_int(s, column_of(s, "account")), is_held, &held,
	        e) == -1)
		return -1;
	if (!held.found)
		return 0;
	for (const char *word = conf_list_next(map, NULL); word != NULL;
	     word = conf_list_next(map, word)) {
		if (deny_rule_parse(word, &rule, e) == -1)
			return -1;
		if (!names_right(&rule, s))
			continue;
		mapped = true;
		if (right_entry(l, s, &rule, e) == -1)
			return -1;
	}
	l->count->unmapped += !mapped;
	return 0;
}

/* A name that several sources have is not one right. */
static int
judge_rule(struct store *store, const struct deny_rule *rule, struct err *e)
{
	struct statement *s = store_use(store, "deny_right_sources", e);
	int64_t sources = 0;
	int more;

	bind_text(s, ":right", rule->right);
	if ((more = store_step(s, e)) == 1)
		sources = column_int(s, 0);
	store_done(s);
	if (more != 1)
		return -1;
	if (sources > 1)
		return err_set(e, ERR_CONFIG,
		    "deny: \"%s\" is a right in %lld sources: write "
		    "SOURCE:%s=%s/%s",
		    rule->right, (long long)sources, rule->right, rule->host,
		    rule->service);
	return 0;
}

static int
add_rights(struct store *store, struct lines *l, struct err *e)
{
	struct statement *s;
	struct deny_rule rule;
	int more;

	/* A wrong word is told though nobody has lost a right yet. */
	for (const char *word = conf_list_next(l->question->map, NULL);
	     word != NULL; word = conf_list_next(l->question->map, word))
		if (deny_rule_parse(word, &rule, e) == -1 ||
		    judge_rule(store, &rule, e) == -1)
			return -1;
	s = store_use(store, "deny_rights", e);
	while ((more = store_step(s, e)) == 1)
		if (add_right(store, l, s, e) == -1)
			return -1;
	return more;
}

/* ---- The text ---- */

static int
write_text(const struct lines *l, struct buf *text, struct err *e)
{
	const struct deny_question *q = l->question;

	if (l->used > DENYLIST_ENTRIES_MAX)
		return err_set(e, ERR_LIMIT,
		    "%zu accounts are more than a list may have (%u): make "
		    "one for each host",
		    l->used, DENYLIST_ENTRIES_MAX);
	buf_printf(text, "reeve-denylist 1\nscope %s\ncounter %lld\nissued ",
	    q->scope, (long long)q->counter);
	enc_time(text, q->now * CLOCK_NS_PER_SECOND);
	buf_printf(text, "\nentries %zu\n", l->used);
	for (size_t i = 0; i < l->used; i++)
		buf_put_string(text, l->line[i]);
	return buf_status(text, e);
}

int
deny_text(struct store *store, const struct deny_question *question,
    struct buf *text, struct deny_count *count, struct err *e)
{
	struct lines l = { .question = question, .count = count };
	int result = -1;

	*count = (struct deny_count){ .leavers = 0 };
	if (!is_word(question->scope, DENYLIST_HOST_MAX))
		return err_set(
		    e, ERR_USAGE, "%s is no host's name", question->scope);
	if (add_accounts(store, &l, e) == 0 && add_rights(store, &l, e) == 0) {
		sort_lines(&l);
		result = write_text(&l, text, e);
	}
	lines_free(&l);
	return result;
}

bool
deny_has(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line)) != NULL) {
		if (at == text || at[-1] == '\n')
			return true;
		at++;
	}
	return false;
}

/* ---- The key ---- */

static int
write_new(const char *path, struct buf *text, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	int fd = file_open(path, O_WRONLY | O_CREAT | O_EXCL, &rule, e);
	int result = -1;

	if (fd == -1)
		return -1;
	if (file_put(fd, text->data, text->length, 0, e) == 0) {
		if (fsync(fd) == 0)
			result = 0;
		else
			err_sys(e, errno, "%s", path);
	}
	file_close(&fd);
	if (result == -1)
		(void)unlink(path);
	return result;
}

int
deny_key_make(const char *path, const char *name, struct note_signer *signer,
    struct err *e)
{
	struct entropy entropy = entropy_system();
	struct buf text = buf_new(KEY_FILE_MAX);
	unsigned char seed[NOTE_KEY];
	int result = -1;

	if (!is_word(name, NOTE_NAME_MAX) || strchr(name, '+') != NULL)
		return err_set(e, ERR_USAGE,
		    "a key's name is a word without '+', as "
		    "denylist.example.com");
	if (entropy_fill(&entropy, seed, sizeof(seed), e) == -1 ||
	    note_signer_set(signer, name, seed, e) == -1)
		goto out;
	buf_printf(&text, KEY_MAGIC "%s ", name);
	enc_base64(&text, seed, sizeof(seed));
	buf_put_byte(&text, '\n');
	if (buf_status(&text, e) == 0)
		result = write_new(path, &text, e);
out:
	secret_wipe(seed, sizeof(seed));
	buf_free(&text);
	if (result == -1)
		note_signer_wipe(signer);
	return result;
}

static int
parse_key(struct buf *text, struct note_signer *signer, struct err *e)
{
	char *name = (char *)text->data + strlen(KEY_MAGIC);
	char *space, *end;
	struct buf seed = buf_new(NOTE_KEY);
	int result = -1;

	if (strncmp(buf_string(text), KEY_MAGIC, strlen(KEY_MAGIC)) != 0 ||
	    (space = strchr(name, ' ')) == NULL ||
	    (end = strchr(space, '\n')) == NULL || end[1] != '\0') {
		err_set(e, ERR_FORMAT, "not a deny list's key");
		goto out;
	}
	*space = '\0';
	if (enc_unbase64(space + 1, (size_t)(end - space) - 1, &seed, e) == -1)
		goto out;
	if (seed.length != NOTE_KEY)
		err_set(e, ERR_FORMAT, "not %u bytes", NOTE_KEY);
	else
		result = note_signer_set(signer, name, seed.data, e);
out:
	buf_free(&seed);
	return result;
}

int
deny_key_read(const char *path, struct note_signer *signer, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	struct buf text = buf_new(KEY_FILE_MAX);
	int result = -1;

	if (file_read_path(path, &rule, &text, e) == 0) {
		result = parse_key(&text, signer, e);
		if (result == -1)
			err_in(e, "%s", path);
	}
	buf_free(&text);
	return result;
}

/* A host must be able to read what we hand out. */
static int
read_back(
    const struct note_signer *signer, const struct buf *note, struct err *e)
{
	struct denylist *list = NULL;
	struct buf key = buf_new(KEY_FILE_MAX);
	int result = -1;

	note_key_print(&signer->key, &key);
	if (buf_status(&key, e) == 0 &&
	    denylist_parse(&list, note->data, note->length, e) == 0)
		result = denylist_verify(list, buf_string(&key), key.length, e);
	denylist_free(&list);
	buf_free(&key);
	return result == 0 ? 0 : err_in(e, "the signed list");
}

int
deny_sign(const struct note_signer *signer, const char *text, struct buf *note,
    struct err *e)
{
	unsigned char signature[NOTE_SIGNATURE];

	if (note_sign(signer, text, strlen(text), signature, e) == -1)
		return -1;
	buf_put_string(note, text);
	buf_put_byte(note, '\n');
	note_print_signature(&signer->key, signature, note);
	return buf_status(note, e) == -1 ? -1 : read_back(signer, note, e);
}
