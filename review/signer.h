/*
 * A person's own key: where it is, which it is, and signing with it.
 */
#ifndef REVIEW_SIGNER_H
#define REVIEW_SIGNER_H

#include "review/act.h"

#define SIGNER_SECONDS 120 /* for a passphrase, or a touch */

/*
 * The file of the key: --key (may be NULL), else $REEVE_KEY, else
 * $XDG_CONFIG_HOME/reeve/key, else ~/.config/reeve/key. Appended to path.
 * ERR_USAGE if there is no HOME either.
 */
int signer_key_file(const char *key, struct buf *path, struct err *);

/*
 * The public key that belongs to it: the file itself if it is one, else its
 * neighbour PATH.pub. line is "TYPE BASE64". ERR_MISSING if neither is there.
 */
int signer_public(const char *path, struct buf *line,
    char fingerprint[SSHSIG_FINGERPRINT], struct err *);

/*
 * ssh-keygen -Y sign -n ACT_NAMESPACE -f path, the text on standard input, its
 * terminal and environment ours; the armoured signature behind signature. It
 * is killed after seconds: ERR_BUSY. The act_sign_fn of everyone but tests.
 */
int signer_sign(void *context, const char *path, const char *text,
    size_t length, struct buf *signature, struct err *);

/* Runs a program to its end, its terminal ours: ssh-keygen that makes a key. */
int signer_run(const char *const argv[], const char *input, size_t length,
    int seconds, struct buf *output, struct err *);

#endif
