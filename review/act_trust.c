#include "review/act_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define ROSTER_MAX      (4u * 1024 * 1024) /* bytes */
#define FINGERPRINT     "SHA256:"
#define FINGERPRINT_LEN 50u /* with 43 digits */

/* ---- A line ---- */

/* The next word of a line; one in quotes, or with quotes in it, is one. */
static struct bytes
next_word(const char **at, const char *end)
{
	struct bytes word;
	bool quoted = false;
	const char *p = *at;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	word.at = (const unsigned char *)p;
	for (; p < end && (quoted || (*p != ' ' && *p != '\t')); p++)
		if (*p == '"')
			quoted = !quoted;
	word.length = (size_t)(p - (const char *)word.at);
	*at = p;
	return word;
}

/* The key itself, or behind names, or behind names and options. */
static int
read_signer(const char *line, const char *end, char out[SSHSIG_FINGERPRINT],
    struct err *e)
{
	struct buf key = buf_new(SSHKEY_LINE_MAX);
	const char *at = line;
	struct err why;
	int result = -1;

	err_set(e, ERR_CONFIG, _("no public key in the line"));
	for (int i = 0; i < 3 && at < end && result == -1; i++) {
		buf_clear(&key);
		result = sshkey_read(at, (size_t)(end - at), &key, out, &why);
		(void)next_word(&at, end);
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
	}
	buf_free(&key);
	return result;
}

static int
read_line(const char *line, const char *end, char out[SSHSIG_FINGERPRINT],
    struct err *e)
{
	const char *at = line;
	struct bytes word = next_word(&at, end);

	if (word.length < strlen(FINGERPRINT) ||
	    memcmp(word.at, FINGERPRINT, strlen(FINGERPRINT)) != 0)
		return read_signer(line, end, out, e);
	if (word.length != FINGERPRINT_LEN)
		return err_set(e, ERR_CONFIG, _("not a whole fingerprint"));
	memcpy(out, word.at, word.length);
	out[word.length] = '\0';
	return 0;
}

/* ---- The file ---- */

static int
add(struct pins *p, const char fingerprint[SSHSIG_FINGERPRINT], struct err *e)
{
	void *more =
	    realloc(p->fingerprints, (p->count + 1) * sizeof(*p->fingerprints));

	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->fingerprints = more;
	memcpy(p->fingerprints[p->count++], fingerprint, SSHSIG_FINGERPRINT);
	return 0;
}

static int
read_lines(struct pins *p, const char *path, const char *text, size_t length,
    struct err *e)
{
	const char *at = text, *end = text + length;

	for (unsigned number = 1; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		char fingerprint[SSHSIG_FINGERPRINT] = "";
		const char *p_at = at;

		stop = stop == NULL ? end : stop;
		if (next_word(&p_at, stop).length > 0 && *at != '#') {
			if (read_line(at, stop, fingerprint, e) == -1) {
				e->code = ERR_CONFIG;
				return err_in(e, "%s:%u", path, number);
			}
			if (add(p, fingerprint, e) == -1)
				return -1;
		}
		at = stop + (stop < end);
	}
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
load_roster(struct pins *p, const char *path, struct err *e)
{
	struct buf text = buf_new(ROSTER_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int result = -1;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	p->roster = true;
	if (file_read(fd, &text, e) == -1)
		err_in(e, "%s", path);
	else if (read_lines(p, path, buf_string(&text), text.length, e) == 0)
		result = 0;
	if (result == 0 && p->count == 0)
		result = err_set(e, ERR_CONFIG, _("%s: nobody is in it"), path);
	if (result == 0)
		qsort(p->fingerprints, p->count, sizeof(*p->fingerprints),
		    by_text);
	buf_free(&text);
	file_close(&fd);
	return result;
}

/* ---- The head ---- */

static int
read_head(struct pins *p, const char *text, struct err *e)
{
	static const char word[] = "act ";
	const char *at = text, *space;
	uint64_t number = 0;

	if (strncmp(at, word, strlen(word)) == 0)
		at += strlen(word);
	space = strchr(at, ' ');
	if (space == NULL ||
	    enc_number(at, (size_t)(space - at), INT64_MAX, &number, e) == -1 ||
	    number == 0 ||
	    enc_unhex(space + 1, strlen(space + 1), p->digest,
	        sizeof(p->digest), e) == -1)
		return err_set(e, ERR_USAGE,
		    _("--head \"%s\": not \"17 HEX\", as each act is "
		      "acknowledged"),
		    text);
	p->head = (int64_t)number;
	return 0;
}

int
pins_load(struct pins *p, const char *roster, const char *head, struct err *e)
{
	memset(p, 0, sizeof(*p));
	if ((roster == NULL || load_roster(p, roster, e) == 0) &&
	    (head == NULL || read_head(p, head, e) == 0))
		return 0;
	pins_free(p);
	return -1;
}

void
pins_free(struct pins *p)
{
	free(p->fingerprints);
	memset(p, 0, sizeof(*p));
}

bool
pins_have(const struct pins *p, const char *fingerprint)
{
	char key[SSHSIG_FINGERPRINT] = "";

	(void)strncpy(key, fingerprint, sizeof(key) - 1);
	return p->count > 0 &&
	    bsearch(key, p->fingerprints, p->count, sizeof(*p->fingerprints),
	        by_text) != NULL;
}
