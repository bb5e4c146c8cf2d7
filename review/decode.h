/*
 * Values as directories spell them, into ours. Each decoder takes the whole
 * value as (bytes, length), accepts nothing but its syntax, and returns false
 * for all else, leaving *out alone. None allocates, and none reads past length.
 *
 * Times are seconds since 1970-01-01T00:00:00Z, rounded down. What 0 or the
 * greatest value means differs by attribute and is the attribute's table's.
 */
#ifndef REVIEW_DECODE_H
#define REVIEW_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECODE_DAY INT64_C(86400) /* s */

/* RFC 4517 section 3.3.16: no sign but '-', no leading zero, in 64 bits. */
bool decode_integer(const char *, size_t, int64_t *out);

/* RFC 4517 section 3.3.3, in either case, since 389-DS writes "true". */
bool decode_boolean(const char *, size_t, bool *out);

/* 389-DS's own: "on" and "off", beside TRUE and FALSE. */
bool decode_switch(const char *, size_t, bool *out);

/*
 * MS-DTYP 2.3.3, of a decoded integer: ticks of 100 ns since 1601. Times
 * below 0 are none; durations are negative and come out positive, and
 * INT64_MIN, which is "for ever" there, as INT64_MAX.
 */
bool filetime_time(int64_t ticks, int64_t *seconds);
bool filetime_duration(int64_t ticks, int64_t *seconds);
#define FILETIME_MAX INT64_MAX /* in most attributes: never */

/*
 * RFC 4517 section 3.3.13 in all its forms: minutes and seconds may be
 * missing, a fraction of the last part follows '.' or ',', the zone is Z or
 * +hh, +hhmm, -hh, -hhmm. Years 0001 to 9999; second 60 is the next minute.
 */
bool decode_time(const char *, size_t, int64_t *out);

/*
 * pwdAccountLockedTime: as above, or the first minute of the year 0000 (in 12
 * or 14 digits), which says "until an administrator unlocks" and is INT64_MAX.
 */
bool decode_locked_time(const char *, size_t, int64_t *out);

/*
 * shadow(5): whole days since 1970; -1 and empty are "not set" and come out as
 * INT64_MIN. Else 0 to 9999999, as days.
 */
bool decode_days(const char *, size_t, int64_t *days);

/* MS-DTYP 2.4.2, binary, or the text "S-1-5-21-...", which comes out as is. */
#define SID_TEXT_SIZE 192 /* bytes, the NUL among them */
bool decode_sid(const void *, size_t, char out[SID_TEXT_SIZE]);
/* How many bytes the binary SID at the start takes; 0: none is there. */
size_t sid_length(const void *, size_t);
/* The last part; false where it has none. */
bool sid_rid(const char *sid, int64_t *rid);
/*
 * What everybody knows a SID as that is no account's or group's of any domain
 * ("Authenticated Users"); NULL for the others.
 */
const char *sid_well_known(const char *sid);
/* Of those, the ones that anybody, or anybody who logged on, carries. */
bool sid_is_everyone(const char *sid);

/*
 * Sixteen bytes with the first three fields little-endian (MS-DTYP 2.3.4.2),
 * or the text, braces allowed; always out in lower case.
 */
#define GUID_TEXT_SIZE 37
bool decode_guid(const void *, size_t, char out[GUID_TEXT_SIZE]);
/* RFC 4530: the text only, in lower case. */
bool decode_uuid(const char *, size_t, char out[GUID_TEXT_SIZE]);
/* 389-DS: four groups of eight hexadecimal digits, in lower case. */
#define NSUNIQUEID_TEXT_SIZE 36
bool decode_nsuniqueid(const char *, size_t, char out[NSUNIQUEID_TEXT_SIZE]);

/* userAccountControl, MS-ADTS 2.2.16: the bits that we read. */
enum {
	UAC_DISABLED = 0x2,
	UAC_LOCKOUT = 0x10, /* only in the computed attribute */
	UAC_PASSWORD_NOT_REQUIRED = 0x20,
	UAC_REVERSIBLE = 0x80,
	UAC_INTERDOMAIN_TRUST = 0x800,
	UAC_WORKSTATION = 0x1000,
	UAC_SERVER = 0x2000,
	UAC_NEVER_EXPIRES = 0x10000,
	UAC_SMARTCARD = 0x40000,
	UAC_UNCONSTRAINED_DELEGATION = 0x80000,
	UAC_NOT_DELEGATED = 0x100000,
	UAC_DES = 0x200000,
	UAC_NO_PREAUTH = 0x400000,
	UAC_PASSWORD_EXPIRED = 0x800000, /* only in the computed attribute */
	UAC_PROTOCOL_TRANSITION = 0x1000000
};

/*
 * RFC 4648 section 4, padded, no white space. Writes at most length / 4 * 3
 * bytes to out, which may be the text itself; *out_length is how many.
 */
bool decode_base64(
    const char *, size_t length, unsigned char *out, size_t *out_length);

/*
 * One line of an OpenSSH public key ("ssh-ed25519 AAAA... comment"), or the
 * key's blob itself, as "SHA256:" and its fingerprint. The blob's own name of
 * its kind must be the line's.
 */
#define FINGERPRINT_SIZE 51
bool decode_ssh_key(const char *, size_t, char out[FINGERPRINT_SIZE]);

/*
 * A self-relative security descriptor's owner and discretionary list,
 * MS-DTYP 2.4.6. What it points to is the caller's bytes.
 */
struct descriptor {
	char owner[SID_TEXT_SIZE]; /* "" if none */
	bool has_dacl;             /* false: everybody may do everything */
	const unsigned char *next;
	const unsigned char *end;
	unsigned left; /* entries not yet given */
};
bool decode_descriptor(const void *, size_t, struct descriptor *out);

enum { ACE_ALLOW = 0, ACE_DENY = 1, ACE_ALLOW_OBJECT = 5, ACE_DENY_OBJECT = 6 };
enum {
	ACE_INHERIT_ONLY = 0x8, /* a flag: says nothing of this object */
	ACE_WRITE_PROPERTY = 0x20,
	ACE_CONTROL_ACCESS = 0x100,
	ACE_WRITE_DACL = 0x40000,
	ACE_WRITE_OWNER = 0x80000,
	ACE_GENERIC_ALL = 0x10000000,
	ACE_GENERIC_WRITE = 0x40000000,
	ACE_FULL_CONTROL = 0xf01ff
};
struct ace {
	unsigned type;
	unsigned flags;
	uint32_t mask;
	char object[GUID_TEXT_SIZE]; /* "": all */
	char trustee[SID_TEXT_SIZE];
};
/* 1: *out is the next; 0: there are no more; -1: the rest is not a list. */
int descriptor_next(struct descriptor *, struct ace *out);

#endif
