/*
 * SSH public keys and signatures on the wire (RFC 4253, RFC 5656, RFC 8709,
 * OpenSSH PROTOCOL.u2f), for sshsig.c.
 */
#ifndef REVIEW_SSHKEY_H
#define REVIEW_SSHKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/sshsig.h"

struct sshkey_kind {
	const char *type;  /* of the key */
	const char *curve; /* ECDSA: as SSH and as OpenSSL call it */
	const char *group;
	size_t point;     /* bytes of the public key; 0: RSA */
	const char *hash; /* that ECDSA signs; NULL: Ed25519 signs the text */
	bool device;      /* FIDO2 */
};

struct sshkey {
	const struct sshkey_kind *kind;
	struct bytes point;             /* of a curve */
	struct bytes exponent, modulus; /* of RSA, without leading zeros */
	struct bytes application;       /* of a device: "ssh:..." */
};

/* Big-endian, as all of SSH; a failure is latched in the cursor. */
uint32_t sshkey_u32(struct cursor *);
struct bytes sshkey_string(struct cursor *);
void sshkey_put_string(struct buf *, const void *, size_t);

/* Points into blob. */
int sshkey_parse(struct sshkey *, struct bytes blob, struct err *);
/* ERR_TAMPERED if the signature is not of that text. */
int sshkey_verify(const struct sshkey *, struct bytes signature,
    const void *text, size_t length, struct err *);

#endif
