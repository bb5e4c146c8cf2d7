/*
 * authorized_keys, of each account: fingerprints, and what the lines say of
 * them (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 */
#include "review/authorized.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "review/passwd.h"

#define KEYS_FILE_MAX (1024u * 1024) /* bytes */

/* Beside the fingerprint, what people wrote about it. */
static void
take_more(struct passwd_host *h, struct passwd_account *a,
    const struct authorized_key *key)
{
	char text[2048];

	if (key->options_length > 0) {
		(void)snprintf(text, sizeof(text), "%s %.*s", key->fingerprint,
		    (int)(key->options_length < 1900 ? key->options_length
		                                     : 1900),
		    key->options);
		passwd_value(h, a, "ssh-key-options", text, strlen(text));
	}
	if (key->comment_length > 0) {
		(void)snprintf(text, sizeof(text), "%s %.*s", key->fingerprint,
		    (int)(key->comment_length < 1900 ? key->comment_length
		                                     : 1900),
		    key->comment);
		passwd_value(h, a, "ssh-key-comment", text, strlen(text));
	}
}

static void
take_lines(struct passwd_host *h, struct passwd_account *a, const char *path,
    char *rest)
{
	struct authorized_key key;
	char *line;
	int64_t number = 0;

	while ((line = passwd_next_line(&rest)) != NULL) {
		number++;
		switch (authorized_key(line, strlen(line), &key)) {
		case AUTHORIZED_NOTHING:
			break;
		case AUTHORIZED_WRONG:
			ledger_invalid(&h->ledger,
			    "%s: line %" PRId64 ": not a key", path, number);
			break;
		case AUTHORIZED_KEY:
			a->has_keys = TRI_YES;
			passwd_value(h, a,
			    key.is_authority ? "ssh-authority" : "ssh-key",
			    key.fingerprint, strlen(key.fingerprint));
			take_more(h, a, &key);
			break;
		}
	}
}

static enum passwd_got
take_file(struct passwd_host *h, struct passwd_account *a, const char *path)
{
	struct buf text = buf_new(KEYS_FILE_MAX);
	enum passwd_got got = passwd_read(h, path, &text);

	buf_put_byte(&text, '\0');
	if (got == PASSWD_GOT && text.failed == ERR_NONE)
		take_lines(h, a, path, (char *)text.data);
	buf_free(&text);
	return got;
}

/* Homes that are nobody's, so no keys lie in them. */
static const char *const no_homes[] = { "", "/", "/nonexistent", "/dev",
	"/dev/null", "/bin", "/sbin", "/usr/sbin", "/usr/bin" };

static bool
is_no_home(const char *home)
{
	for (size_t i = 0; i < sizeof(no_homes) / sizeof(*no_homes); i++)
		if (strcmp(home, no_homes[i]) == 0)
			return true;
	return home[0] != '/' || strlen(home) > 1024;
}

static void
take_account(struct passwd_host *h, struct passwd_account *a, bool collected)
{
	static const char *const names[] = { "authorized_keys",
		"authorized_keys2" };
	const char *home = a->line.home;
	enum passwd_got got = PASSWD_MISSING;
	char path[2048];

	(void)snprintf(path, sizeof(path), "authorized_keys/%s", a->line.name);
	if (collected)
		got = take_file(h, a, path);
	for (size_t i = 0; !is_no_home(home) && i < 2; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/.ssh/%s", home + 1, names[i]);
		if (take_file(h, a, path) == PASSWD_UNREADABLE)
			got = PASSWD_UNREADABLE;
	}
	if (a->has_keys == TRI_YES) {
		h->seen_keys++;
		return;
	}
	/* None, if they would be here: "is it collected" comes first. */
	if (got != PASSWD_UNREADABLE &&
	    (collected || is_no_home(home) || passwd_has_dir(h, home + 1)))
		a->has_keys = TRI_NO;
}

void
passwd_keys(struct passwd_host *h)
{
	bool collected = passwd_has_dir(h, "authorized_keys");

	h->seen_keys = 0;
	for (size_t i = 0; i < h->account_count; i++)
		if (!h->accounts[i].line.nis)
			take_account(h, &h->accounts[i], collected);
}
