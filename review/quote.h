/*
 * Foreign text written into what others run or open: a shell's word, a
 * PowerShell string, a line of LDIF, a comment, a spreadsheet's cell. Names in
 * directories are hostile: whatever is in them stays one value and does
 * nothing. Texts are UTF-8; each function appends.
 */
#ifndef REVIEW_QUOTE_H
#define REVIEW_QUOTE_H

#include <stddef.h>

#include "schema/base/buf.h"

/*
 * One word of bash(1): in single quotes; with control characters in it, in
 * $'...', so that the word is one line. A word may begin with a dash: what
 * takes it needs a "--" before it.
 */
void quote_shell(struct buf *, const char *text);

/*
 * One string of PowerShell: in single quotes, which are doubled within (the
 * typographic ones too, U+2018 to U+201B, which PowerShell takes for the
 * same); control characters as [char]N, in parentheses.
 */
void quote_powershell(struct buf *, const char *text);

/*
 * "attribute: value" and a line feed; in base64 where RFC 2849 wants it (not a
 * SAFE-STRING: line ends, NUL, bytes over 127, a leading blank, colon or '<')
 * and where a reader would be misled by a trailing blank.
 */
void quote_ldif(
    struct buf *, const char *attribute, const void *value, size_t length);

/* Within one line behind a '#': control characters as JSON writes them. */
void quote_comment(struct buf *, const char *text);

/* A cell of RFC 4180; an apostrophe before what begins like a formula. */
void quote_cell(struct buf *, const char *text);

#endif
