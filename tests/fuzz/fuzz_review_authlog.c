/*
 * Lines of auth.log and journals. The first byte chooses the form. What comes
 * out is bounded text, and of a name that is nobody's nothing is kept.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/authlog.h"
#include "review/journal.h"
#include "schema/base/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
judge(const struct authlog_event *event)
{
	must(event->kind >= AUTHLOG_LOGIN && event->kind <= AUTHLOG_GONE);
	must(enc_is_utf8(event->user, strlen(event->user)));
	must(enc_is_utf8(event->by, strlen(event->by)));
	must(enc_is_utf8(event->host, strlen(event->host)));
	must(!event->nobody || event->user[0] == '\0');
	must(event->count >= 1 && event->port >= -1 && event->port <= 65535);
}

static void
lines(const void *bytes, size_t length)
{
	static const struct authlog_clock c = { .as_of = 1795953600 };
	struct authlog_event event;
	struct textfile_line line;
	struct textfile *file;
	struct err e;

	if (textfile_of(&file, bytes, length, AUTHLOG_LINE_MAX, &e) == -1)
		return;
	while (textfile_next(file, &line, &e) == 1)
		if (authlog_line(line.text, line.length, &c, &event) == 1)
			judge(&event);
	textfile_close(&file);
}

static void
entries(enum journal_form form, const void *bytes, size_t length)
{
	struct authlog_event event;
	struct journal *journal = NULL;
	struct textfile *file;
	int64_t refused = 0;
	struct err e;

	if (textfile_of(&file, bytes, length, JOURNAL_LINE_MAX, &e) == -1)
		return;
	if (journal_new(&journal, form, file, &e) == 0)
		while (journal_next(journal, &event, &refused, &e) == 1)
			judge(&event);
	journal_free(&journal);
	textfile_close(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] == 'E')
		entries(JOURNAL_EXPORT, data + 1, size - 1);
	else if (data[0] == 'J')
		entries(JOURNAL_JSON, data + 1, size - 1);
	else
		lines(data, size);
	return 0;
}
