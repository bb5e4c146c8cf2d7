/*
 * The filter of known passwords, reeve-blocklist(5): one file, mapped into
 * memory and read only where it is asked.
 *
 * Its exact section answers whether a password's SHA-1 or NTLM digest was in a
 * list; about 4 of a million others are said to be, too. Its core section has
 * what passwords are made from, with how common each is, and its model how
 * likely a character is behind two others; both come of lists in plain text.
 */
#ifndef PAMOD_BLOCKLIST_H
#define PAMOD_BLOCKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"
#include "schema/base/file.h"

#define BLOCKLIST_CORE_MIN 3u /* bytes of a core */
#define BLOCKLIST_CORE_MAX 32u

struct blocklist;

struct blocklist_facts {
	uint64_t exact; /* digests */
	uint64_t cores;
	uint64_t size; /* bytes of the file */
	int64_t built; /* s since 1970 */
	bool sha1;
	bool ntlm;
	bool model; /* there was plain text to learn from */
};

/*
 * Opens, judges and maps the file. Verified here: the header's checksum, that
 * every section lies within the file and that they fill it; no byte of the
 * sections is read. A place in a section is checked when it is used. The file
 * is replaced by renaming only: who cuts it short in place while it is mapped
 * kills its readers by SIGBUS.
 */
int blocklist_open(struct blocklist **, const char *path,
    const struct file_rule *, struct err *);
/* The same of bytes in memory, which the caller keeps. */
int blocklist_from(
    struct blocklist **, const void *bytes, size_t length, struct err *);
void blocklist_close(struct blocklist **);

struct blocklist_facts blocklist_facts(const struct blocklist *);
/* Reads all of it: ERR_TAMPERED if it is not what was built. */
int blocklist_verify(const struct blocklist *, struct err *);

/*
 * 1: the password is in it; 0: not; -1: damaged, or made of NTLM digests only
 * to be had by MD4, and this host is in FIPS mode.
 */
int blocklist_has(const struct blocklist *, const char *password, size_t length,
    struct err *);

/*
 * Cores that begin at one place, each a byte longer than the last. A core is
 * folded text. 1: it is one, *half_bits is twice the log2 of its rank.
 */
struct blocklist_core {
	uint64_t state;
};
struct blocklist_core blocklist_core_new(void);
void blocklist_core_add(struct blocklist_core *, char);
int blocklist_core_find(const struct blocklist *, const struct blocklist_core *,
    unsigned *half_bits, struct err *);

/*
 * How unexpected c is behind the two before it (0 at the start), in sixteenths
 * of a bit; folded text. Needs the model.
 */
unsigned blocklist_surprise(
    const struct blocklist *, char before_last, char last, char c);

#endif
