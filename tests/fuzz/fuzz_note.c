/*
 * Signed notes, checkpoints, proofs and verifier keys. The first byte chooses;
 * what was read is byte for byte what we would have written, where the format
 * leaves no choice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

/* Without extension lines there is one spelling. */
static void
checkpoint(const char *text, size_t length)
{
	struct buf b = buf_new(NOTE_MAX);
	struct checkpoint c;
	struct err e;

	if (checkpoint_parse(text, length, &c, &e) == 0) {
		checkpoint_print(&c, &b);
		must(b.length <= length && memcmp(b.data, text, b.length) == 0);
	}
	buf_free(&b);
}

static void
note(const char *bytes, size_t length)
{
	struct buf b = buf_new(2 * NOTE_MAX);
	struct note_key key = { 0 };
	struct note n;
	struct err e;
	size_t took = note_parse(bytes, length, &n, &e);

	must(took <= length);
	if (took == 0)
		goto out;
	must(n.count > 0 && n.text_length > 0 &&
	    bytes[n.text_length - 1] == '\n');
	buf_put(&b, n.text, n.text_length);
	buf_put_byte(&b, '\n');
	for (size_t i = 0; i < n.count; i++) {
		if (!n.line[i].is_ours)
			goto out;
		memcpy(key.name, n.line[i].name, n.line[i].name_length);
		key.name[n.line[i].name_length] = '\0';
		key.id = n.line[i].id;
		note_print_signature(&key, n.line[i].signature, &b);
		must(note_find(&n, &key) != NULL);
	}
	must(b.length == took && memcmp(b.data, bytes, took) == 0);
	checkpoint(n.text, n.text_length);
out:
	buf_free(&b);
}

static void
proof(const char *bytes, size_t length)
{
	struct buf b = buf_new(2 * NOTE_MAX);
	struct proof p;
	struct err e;

	if (proof_parse(bytes, length, &p, &e) == 0) {
		proof_print(&p.path, p.note, p.note_length, &b);
		must(b.length <= length);
		/* Only a line of extra data may have gone. */
		must(memcmp(b.data + b.length - p.note_length, p.note,
		         p.note_length) == 0);
		if (b.length == length)
			must(memcmp(b.data, bytes, length) == 0);
	}
	buf_free(&b);
}

static void
key(const char *bytes, size_t length)
{
	struct buf text = buf_new(NOTE_MAX), b = buf_new(NOTE_MAX);
	struct note_key k;
	struct err e;

	buf_put(&text, bytes, length);
	if (memchr(bytes, '\0', length) == NULL && buf_status(&text, &e) == 0 &&
	    note_key_parse(buf_string(&text), &k, &e) == 0) {
		note_key_print(&k, &b);
		must(b.length == length);
	}
	buf_free(&text);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const targets[])(
	    const char *, size_t) = { checkpoint, note, proof, key };
	const char *text = (const char *)data + 1;

	if (size > 1)
		targets[data[0] % 4](text, size - 1);
	return 0;
}
