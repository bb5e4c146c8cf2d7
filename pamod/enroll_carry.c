/*
 * Enrolments on their way to another host.
 *
 * An export is one line, "reeve-enrolment-1 BASE64": what RFC 9180 seals to
 * the other host's key, with "reeve-enrolment-1" as info and the user's name
 * as additional data. Inside, little-endian: how many factors there are (one
 * byte), and for each its type, label, algorithm, digits, period, drift,
 * counter, and the length and bytes of its seed or fingerprint.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "pamod/enroll.h"
#include "pamod/hpke.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define VERSION    "reeve-enrolment-1"
#define KEY_NAME   "import.key"
#define INSIDE_MAX 2048u /* bytes */

static const struct file_rule private = { .owner = 0, .forbidden = 077 };

static int
read_key(struct state *state, unsigned char key[HPKE_KEY], struct err *e)
{
	int fd = file_open_at(
	    state_directory(state), KEY_NAME, O_RDONLY, &private, e);
	int result;

	if (fd == -1)
		return -1;
	result = file_get(fd, key, HPKE_KEY, 0, e);
	file_close(&fd);
	return result == -1 ? err_in(e, KEY_NAME) : 0;
}

int
enroll_host_key(struct state *state, const struct entropy *entropy,
    unsigned char public_key[ENROLL_KEY_LENGTH], struct err *e)
{
	unsigned char key[HPKE_KEY];
	int result = -1;

	if (read_key(state, key, e) == -1) {
		if (e->code != ERR_MISSING ||
		    entropy_fill(entropy, key, sizeof(key), e) == -1 ||
		    file_replace_at(state_directory(state), KEY_NAME, 0600, key,
		        sizeof(key), e) == -1 ||
		    /* Two at once: the last one's is the host's. */
		    read_key(state, key, e) == -1)
			goto out;
	}
	result = hpke_public_key(key, public_key, e);
out:
	secret_wipe(key, sizeof(key));
	return result;
}

static int
put_factor(struct state *state, const struct state_user *user,
    const struct state_factor *factor, struct buf *inside, struct err *e)
{
	struct buf data = buf_new(STATE_SECRET_MAX);
	int result = -1;

	if (strcmp(factor->type, "sshkey") == 0)
		buf_put(&data, factor->data, factor->data_length);
	else if (state_unseal(state, user, factor, &data, e) == -1)
		goto out;
	if (buf_status(&data, e) == -1)
		goto out;
	buf_put(inside, factor->type, sizeof(factor->type));
	buf_put(inside, factor->label, sizeof(factor->label));
	buf_put_byte(inside, factor->algorithm);
	buf_put_byte(inside, factor->digits);
	buf_put_u16(inside, factor->period);
	buf_put_u32(inside, (uint32_t)factor->drift);
	buf_put_u64(inside, factor->counter);
	buf_put_u16(inside, (uint16_t)data.length);
	buf_put(inside, data.data, data.length);
	result = buf_status(inside, e);
out:
	buf_free(&data);
	return result;
}

static bool
travels(const struct state_factor *factor)
{
	return factor_counts(factor, NULL, 0) &&
	    (strcmp(factor->type, "totp") == 0 ||
	        strcmp(factor->type, "sshkey") == 0);
}

int
enroll_export(struct state *state, const struct state_user *user,
    const unsigned char public_key[ENROLL_KEY_LENGTH],
    const struct entropy *entropy, struct buf *out, unsigned *count,
    struct err *e)
{
	const struct hpke hpke = { HPKE_AES_256_GCM, VERSION, user->name };
	struct buf inside = buf_new(INSIDE_MAX);
	struct buf sealed = buf_new(ENROLL_EXPORT_MAX);
	unsigned char ephemeral[HPKE_KEY] = { 0 };
	int result = -1;

	*count = 0;
	buf_put_byte(&inside, 0); /* the count, below */
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		if (!travels(&user->factors[i]))
			continue;
		if (put_factor(state, user, &user->factors[i], &inside, e) ==
		    -1)
			goto out;
		++*count;
	}
	if (buf_status(&inside, e) == -1 ||
	    entropy_fill(entropy, ephemeral, sizeof(ephemeral), e) == -1)
		goto out;
	inside.data[0] = (unsigned char)*count;
	if (hpke_seal(&hpke, public_key, ephemeral, inside.data, inside.length,
	        &sealed, e) == -1)
		goto out;
	buf_put_string(out, VERSION " ");
	enc_base64(out, sealed.data, sealed.length);
	buf_put_string(out, "\n");
	result = buf_status(out, e);
out:
	secret_wipe(ephemeral, sizeof(ephemeral));
	buf_free(&inside);
	buf_free(&sealed);
	return result;
}

/* One factor of the inside, judged as if it were typed. */
static int
take_factor(struct cursor *c, struct enrolment *n, int64_t now, struct err *e)
{
	struct state_factor wanted = { .id = 0 };
	const unsigned char *data;
	uint16_t length;

	cursor_copy(c, wanted.type, sizeof(wanted.type));
	cursor_copy(c, wanted.label, sizeof(wanted.label));
	wanted.type[sizeof(wanted.type) - 1] = '\0';
	wanted.label[sizeof(wanted.label) - 1] = '\0';
	wanted.algorithm = cursor_byte(c);
	wanted.digits = cursor_byte(c);
	wanted.period = cursor_u16(c);
	wanted.drift = (int32_t)cursor_u32(c);
	wanted.counter = cursor_u64(c);
	length = cursor_u16(c);
	data = cursor_take(c, length);
	if (data == NULL)
		return err_set(e, ERR_FORMAT, "ends too early");
	if (strcmp(wanted.type, "sshkey") == 0)
		return enroll_begin_digest(
		    n, wanted.label, data, length, now, e);
	if (strcmp(wanted.type, "totp") != 0)
		return err_set(
		    e, ERR_FORMAT, "%s does not travel", wanted.type);
	if (enroll_begin_seed(n, &wanted, data, length, now, e) == -1)
		return -1;
	/* It was proved where it comes from. */
	n->factor.confirmed = true;
	n->factor.drift = wanted.drift;
	n->factor.counter = wanted.counter;
	return 0;
}

static int
take_all(struct state *state, struct state_user *user, struct cursor *c,
    int64_t now, unsigned *count, struct err *e)
{
	struct enrolment n = { .seed_length = 0 };
	int result = -1;

	for (unsigned left = cursor_byte(c); left > 0; left--) {
		bool known;
		uint32_t id;

		if (take_factor(c, &n, now, e) == -1 ||
		    enroll_is_known(state, user, &n, &known, e) == -1)
			goto out;
		if (known)
			continue;
		if (enroll_store(state, user, &n, &id, e) == -1)
			goto out;
		++*count;
	}
	result = cursor_finish(c, "export", e);
out:
	enroll_wipe(&n);
	return result;
}

/* The BASE64 of the line, decoded. */
static int
decode_line(const char *text, size_t length, struct buf *sealed, struct err *e)
{
	const size_t prefix = sizeof(VERSION); /* the blank for the NUL */

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length < prefix || memcmp(text, VERSION " ", prefix) != 0)
		return err_set(e, ERR_FORMAT, "not an export of enrolments");
	return enc_unbase64(text + prefix, length - prefix, sealed, e);
}

int
enroll_import(struct state *state, struct state_user *user, const char *text,
    size_t length, int64_t now, unsigned *count, struct err *e)
{
	const struct hpke hpke = { HPKE_AES_256_GCM, VERSION, user->name };
	struct buf sealed = buf_new(ENROLL_EXPORT_MAX);
	struct buf inside = buf_new(INSIDE_MAX);
	unsigned char key[HPKE_KEY] = { 0 };
	struct cursor c;
	int result = -1;

	*count = 0;
	if (decode_line(text, length, &sealed, e) == -1 ||
	    read_key(state, key, e) == -1)
		goto out;
	if (hpke_open(&hpke, key, sealed.data, sealed.length, &inside, e) ==
	    -1) {
		err_in(e, "made for another host or another user, or altered");
		goto out;
	}
	c = cursor_new(inside.data, inside.length);
	result = take_all(state, user, &c, now, count, e);
out:
	secret_wipe(key, sizeof(key));
	buf_free(&sealed);
	buf_free(&inside);
	return result;
}
