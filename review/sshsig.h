/*
 * Signatures of ssh-keygen -Y sign (OpenSSH PROTOCOL.sshsig), and the public
 * keys they are made with. Reading and judging are two functions.
 *
 * Keys: ssh-ed25519, ecdsa-sha2-nistp256, -nistp384, -nistp521, ssh-rsa of 2048
 * bits and more (signed with rsa-sha2-256 or -512, never SHA-1), and of FIDO2
 * devices sk-ssh-ed25519@openssh.com and sk-ecdsa-sha2-nistp256@openssh.com,
 * where the device must say that somebody was present. Each thing has one
 * spelling: other line lengths, spare bits, leading zeros, bytes left over are
 * refused, so that no byte of a signature can change and it still verifies.
 */
#ifndef REVIEW_SSHSIG_H
#define REVIEW_SSHSIG_H

#include <stddef.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define SSHSIG_TEXT_MAX    16384u /* bytes of an armoured signature */
#define SSHSIG_FINGERPRINT 64u    /* "SHA256:" and 43 digits, with room */
#define SSHKEY_LINE_MAX    8192u  /* bytes of a public key's line */

struct bytes { /* of a buffer that is somebody else's */
	const unsigned char *at;
	size_t length;
};

/* A signature that was read; all of it points into raw. */
struct sshsig {
	struct buf raw;
	struct bytes key; /* as in a line of authorized_keys, decoded */
	struct bytes space, hash, signature;
};

/* The armoured text, nothing before or after it. ERR_FORMAT, ERR_LIMIT. */
int sshsig_read(struct sshsig *, const char *text, size_t length, struct err *);
void sshsig_free(struct sshsig *);

/*
 * Whether that key signed the message for that namespace: ERR_TAMPERED if not,
 * ERR_FORMAT if key or signature are none that we take.
 */
int sshsig_verify(const struct sshsig *, const char *space, const void *message,
    size_t length, struct err *);

/* "SHA256:..." of the key in it, as ssh-keygen -l prints it. */
int sshsig_fingerprint(
    const struct sshsig *, char out[SSHSIG_FINGERPRINT], struct err *);

/*
 * A line of a .pub file: type, base64, perhaps a comment and a line end. Puts
 * "type base64" behind line, and its fingerprint. A key that could never
 * verify anything here is refused, with the reason.
 */
int sshkey_read(const char *text, size_t length, struct buf *line,
    char fingerprint[SSHSIG_FINGERPRINT], struct err *);

#endif
