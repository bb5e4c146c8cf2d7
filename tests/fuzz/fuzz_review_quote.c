/*
 * Any text written into LDIF, a shell's word, and a row of review.conf's map:
 * our LDIF reader and the rules of bash(1) give the same bytes back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/deny.h"
#include "review/ldif.h"
#include "review/quote.h"

#define ROOM (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
through_ldif(const uint8_t *data, size_t size)
{
	struct buf b = buf_new(ROOM);
	struct ldif *ldif = NULL;
	struct entry entry;
	struct err e;

	buf_put_string(&b, "dn: cn=x\n");
	quote_ldif(&b, "a", data, size);
	if (b.failed != ERR_NONE ||
	    ldif_of(&ldif, "fuzz", b.data, b.length, &e) == -1 ||
	    ldif_next(ldif, &entry, &e) != 1 || entry.count != 1 ||
	    entry.attributes[0].count != 1 ||
	    entry.attributes[0].values[0].length != size ||
	    memcmp(entry.attributes[0].values[0].data, data, size) != 0)
		abort();
	ldif_close(&ldif);
	buf_free(&b);
}

/* What bash makes of it: '...', \' between, or $'...' with \ooo. */
static void
unquote(const char *word, struct buf *out)
{
	bool escapes = strncmp(word, "$'", 2) == 0, inside = false;

	for (word += escapes; *word != '\0'; word++) {
		if (*word == '\'') {
			inside = !inside;
		} else if (*word == '\\' && (escapes || !inside)) {
			word++;
			if (escapes && *word >= '0' && *word <= '7') {
				buf_put_byte(out,
				    (unsigned char)((word[0] - '0') * 64 +
				        (word[1] - '0') * 8 + word[2] - '0'));
				word += 2;
			} else {
				buf_put_byte(out, (unsigned char)*word);
			}
		} else if (inside) {
			buf_put_byte(out, (unsigned char)*word);
		} else {
			abort(); /* the shell would act on it */
		}
	}
	if (inside)
		abort();
}

static void
through_shell(const char *text)
{
	struct buf word = buf_new(ROOM), back = buf_new(ROOM);

	quote_shell(&word, text);
	if (word.failed != ERR_NONE || strchr(buf_string(&word), '\n') != NULL)
		abort();
	unquote(buf_string(&word), &back);
	if (strcmp(buf_string(&back), text) != 0)
		abort();
	buf_free(&word);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deny_rule rule;
	struct err e;
	char *text;

	if (size > 4000 || (text = malloc(size + 1)) == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (memchr(data, '\0', size) == NULL)
		through_ldif(data, size);
	through_shell(text);
	if (deny_rule_parse(text, &rule, &e) == 0 &&
	    (rule.right[0] == '\0' || rule.host[0] == '\0' ||
	        rule.service[0] == '\0'))
		abort();
	free(text);
	return 0;
}
