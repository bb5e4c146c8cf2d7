/*
 * Lines of passwd, shadow, group, gshadow and authorized_keys, and records of
 * wtmp: the first byte says which. What is read lies within the line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/authorized.h"
#include "review/fact.h"
#include "review/passwd_line.h"
#include "review/wtmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
within(const char *part, const char *line, size_t length)
{
	if (part < line || part + strlen(part) > line + length)
		abort();
}

static void
read_line(unsigned kind, char *line)
{
	size_t length = strlen(line);
	struct passwd_line p;
	struct shadow_line s;
	struct group_line g;
	struct gshadow_line gs;
	struct authorized_key key;

	switch (kind % 5) {
	case 0:
		if (passwd_line(line, &p) != NULL)
			return;
		within(p.name, line, length);
		within(p.gecos, line, length);
		within(p.home, line, length);
		within(p.shell, line, length);
		if (!p.nis && (p.uid < 0 || p.uid > UINT32_MAX))
			abort();
		break;
	case 1:
		if (shadow_line(line, &s) != NULL)
			return;
		within(s.name, line, length);
		if (s.changed != FACT_UNKNOWN && s.changed < 0)
			abort();
		if (strlen(s.password.scheme) >= sizeof(s.password.scheme))
			abort();
		break;
	case 2:
		if (group_line(line, &g) != NULL)
			return;
		within(g.name, line, length);
		for (char *word; (word = passwd_word(&g.members)) != NULL;)
			within(word, line, length);
		break;
	case 3:
		if (gshadow_line(line, &gs) == NULL)
			within(gs.administrators, line, length);
		break;
	default:
		if (authorized_key(line, length, &key) != AUTHORIZED_KEY)
			return;
		if (key.comment + key.comment_length > line + length ||
		    strncmp(key.fingerprint, "SHA256:", 7) != 0)
			abort();
		break;
	}
}

static void
read_wtmp(const uint8_t *data, size_t size)
{
	struct wtmp_record record;

	for (; size >= WTMP_SIZE; data += WTMP_SIZE, size -= WTMP_SIZE)
		if (wtmp_record(data, &record) &&
		    (record.when < 0 ||
		        (record.is_login && record.user[0] == '\0')))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	char *rest;
	char *line;

	if (size == 0)
		return 0;
	if (data[0] == 'w') {
		read_wtmp(data + 1, size - 1);
		return 0;
	}
	if ((text = malloc(size)) == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	rest = text;
	while ((line = passwd_next_line(&rest)) != NULL)
		read_line(data[0], line);
	free(text);
	return 0;
}
