/*
 * One line of sshd(8)'s authorized_keys: options, key, comment.
 */
#ifndef REVIEW_AUTHORIZED_H
#define REVIEW_AUTHORIZED_H

#include <stdbool.h>
#include <stddef.h>

#include "review/decode.h"

struct authorized_key {
	char fingerprint[FINGERPRINT_SIZE]; /* "SHA256:..." */
	bool is_authority; /* cert-authority: whoever it signed gets in */
	/* Within the line. */
	const char *options;
	size_t options_length;
	const char *comment;
	size_t comment_length;
};

enum authorized {
	AUTHORIZED_NOTHING = 0, /* blank, or a comment */
	AUTHORIZED_KEY,
	AUTHORIZED_WRONG, /* sshd passes over it */
};

enum authorized authorized_key(
    const char *line, size_t length, struct authorized_key *);

#endif
