/*
 * reevectl enroll --public-key, --export and --import.
 */
#include <stdio.h>
#include <string.h>

#include "pamod/enroll.h"
#include "schema/message.h"
#include "pamod/reevectl_enroll.h"
#include "pamod/reevectl_terminal.h"
#include "schema/base/enc.h"

/* "reeve-host-1 BASE64", as --public-key of the other host printed it. */
#define PUBLIC_KEY "reeve-host-1 "

int
carry_public_key(const struct context *context, struct err *e)
{
	struct desk desk;
	unsigned char key[ENROLL_KEY_LENGTH];
	struct buf out = buf_new(128);
	int result = -1;

	if (desk_open(&desk, context, DESK_READ, e) == -1)
		return -1;
	if (enroll_host_key(desk.state, &context->entropy, key, e) == 0) {
		buf_put_string(&out, PUBLIC_KEY);
		enc_base64(&out, key, sizeof(key));
		buf_put_string(&out, "\n");
		result = terminal_show(&out, e);
	}
	desk_close(&desk);
	return result;
}

static int
parse_public_key(
    const char *text, unsigned char key[ENROLL_KEY_LENGTH], struct err *e)
{
	const size_t prefix = strlen(PUBLIC_KEY);
	struct buf b = buf_new(ENROLL_KEY_LENGTH);
	int result = -1;

	if (strncmp(text, PUBLIC_KEY, prefix) == 0 &&
	    enc_unbase64(
	        text + prefix, strcspn(text + prefix, "\r\n"), &b, e) == 0 &&
	    b.length == ENROLL_KEY_LENGTH) {
		memcpy(key, b.data, ENROLL_KEY_LENGTH);
		result = 0;
	}
	buf_free(&b);
	return result == 0
	    ? 0
	    : err_set(e, ERR_FORMAT,
	          "not a host's key as \"reevectl enroll --public-key\" prints "
	          "it there");
}

int
carry_export(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = 0 };
	struct buf text = buf_new(ENROLL_FILE_MAX);
	struct buf out = buf_new(ENROLL_EXPORT_MAX);
	unsigned char key[ENROLL_KEY_LENGTH];
	char detail[96];
	unsigned count;
	int result = -1;

	if (enroll_read_input(w->wish->given[OPTION_EXPORT], 022, &text, e) ==
	        -1 ||
	    parse_public_key(buf_string(&text), key, e) == -1 ||
	    state_read(w->desk.state, w->person.name, &user, e) == -1 ||
	    enroll_export(w->desk.state, &user, key, &w->desk.context->entropy,
	        &out, &count, e) == -1)
		goto out;
	if (count == 0) {
		err_set(e, ERR_MISSING, "%s has nothing that travels",
		    w->person.name);
		goto out;
	}
	snprintf(detail, sizeof(detail), "%u exported to %.50s", count,
	    buf_string(&text) + strlen(PUBLIC_KEY));
	detail[strcspn(detail, "\r\n")] = '\0';
	if (desk_record(
	        &w->desk, "enroll", "yes", &w->person, NULL, detail, e) == -1)
		goto out;
	result = terminal_show(&out, e);
out:
	state_wipe(&user);
	buf_free(&text);
	buf_free(&out);
	return result;
}

struct arrival {
	const struct buf *text;
	unsigned count;
};

static int
apply_import(struct enroll_work *w, struct state_user *user, void *argument,
    struct err *e)
{
	struct arrival *a = argument;

	return enroll_import(w->desk.state, user, (const char *)a->text->data,
	    a->text->length, w->desk.now, &a->count, e);
}

int
carry_import(struct enroll_work *w, struct err *e)
{
	struct state_user user = { .uid = w->person.uid };
	struct buf text = buf_new(ENROLL_EXPORT_MAX);
	struct arrival arrival = { .text = &text };
	int result = -1;

	if (enroll_read_input(w->wish->given[OPTION_IMPORT], 022, &text, e) ==
	        0 &&
	    enroll_change(
	        w, NULL, "imported", apply_import, &arrival, &user, e) == 0) {
		printf(P_("%u factor imported.\n", "%u factors imported.\n",
		           arrival.count),
		    arrival.count);
		enroll_hint(&user);
		result = 0;
	}
	state_wipe(&user);
	buf_free(&text);
	return result;
}
