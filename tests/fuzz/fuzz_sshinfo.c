/*
 * SSH_AUTH_INFO_0. What begins with a byte below 32 is a blob, for which type
 * and base64 are written around it; anything else is the text itself.
 */
#include <stdlib.h>
#include <string.h>

#include "pamod/factor.h"
#include "schema/base/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {
	"ssh-ed25519",
	"ssh-rsa",
	"ecdsa-sha2-nistp256",
	"sk-ssh-ed25519@openssh.com",
	"sk-ecdsa-sha2-nistp256@openssh.com",
	"ssh-ed25519-cert-v01@openssh.com",
	"ssh-rsa-cert-v01@openssh.com",
	"sk-ssh-ed25519-cert-v01@openssh.com",
};

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
parse(const char *text, size_t length)
{
	static const struct state_user nobody = { .uid = 1 };
	struct sshkey_info info;
	struct err e;
	unsigned char digest[32];
	int found = sshkey_parse(text, length, &info, &e);

	must(found == 1 || found == 0 || (found == -1 && e.code != ERR_NONE));
	if (found != 1)
		return;
	must(sshkey_parse_fingerprint(info.fingerprint, digest, &e) == 0);
	must(memcmp(digest, info.digest, sizeof(digest)) == 0);
	must(info.certificate == (info.ca_fingerprint[0] != '\0'));
	must(strlen(info.key_id) < sizeof(info.key_id));
	must(info.principals.length == 0 ||
	    info.principals.data[info.principals.length - 1] == '\0');
	must(sshkey_enrolled(&nobody, &info) == NULL);
	sshkey_free(&info);
}

/* The blob's own type string in front, so that mutations get past it. */
static void
put_blob(struct buf *text, const char *type, const uint8_t *data, size_t size)
{
	struct buf blob = buf_new(size + 64);

	buf_put_zeros(&blob, 3);
	buf_put_byte(&blob, (unsigned char)strlen(type));
	buf_put_string(&blob, type);
	buf_put(&blob, data, size);
	buf_printf(text, "publickey %s ", type);
	enc_base64(text, blob.data, blob.length);
	buf_free(&blob);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = buf_new(2 * size + 256);
	struct err e;

	if (size > 0 && data[0] < ' ') {
		put_blob(&text,
		    types[data[0] % (sizeof(types) / sizeof(types[0]))],
		    data + 1, size - 1);
		must(buf_status(&text, &e) == 0);
		parse((const char *)text.data, text.length);
	} else {
		parse((const char *)data, size);
	}
	buf_free(&text);
	return 0;
}
