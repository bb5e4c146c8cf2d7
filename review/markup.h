/*
 * Looks at the bytes of an XML file before a parser does, and lets through only
 * what a pack needs: UTF-8 that says so in the one declaration that we write,
 * then tags and text. A DOCTYPE, and with it every entity, a comment, a CDATA
 * section, a processing instruction is refused where it begins: in a well-
 * formed document "<!" and "<?" are nothing else. In anything else the parser
 * stops at the first error, which is not later than where we lose our way.
 *
 * The bounds are there because libxml2 2.9 compares each attribute of a tag
 * with all before it, and looks for the end of a reference anew with every
 * chunk.
 */
#ifndef REVIEW_MARKUP_H
#define REVIEW_MARKUP_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define MARKUP_ATTRIBUTES 40u         /* of one tag */
#define MARKUP_TAG        (16u << 20) /* bytes of one tag */
#define MARKUP_REFERENCE  12u         /* bytes from '&' to ';' in text */

enum markup_place {
	MARKUP_DECLARATION = 0,
	MARKUP_TEXT,
	MARKUP_AMPERSAND, /* behind a '&' in text */
	MARKUP_LESS,      /* behind a '<' */
	MARKUP_INSIDE,
	MARKUP_QUOTED,
};

struct markup { /* all zero: at the beginning of a file */
	enum markup_place place;
	unsigned char quote;
	size_t declared;   /* bytes of the declaration */
	size_t attributes; /* of this tag */
	size_t length;     /* of it, or of a reference: bytes */
	int64_t lines;     /* that ended */
};

/* The next bytes of the file. ERR_FORMAT: why, on line "lines" + 1. */
int markup_feed(
    struct markup *, const void *bytes, size_t length, struct err *);

#endif
