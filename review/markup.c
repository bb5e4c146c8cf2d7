#include "review/markup.h"

#include <string.h>

#include "schema/message.h"

static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

static int
refuse(const char *why, struct err *e)
{
	return err_set(e, ERR_FORMAT, "%s", why);
}

static int
feed_declaration(struct markup *m, unsigned char c, struct err *e)
{
	if (c != (unsigned char)declaration[m->declared])
		return refuse(
		    _("it does not begin with the declaration of XML 1.0 in "
		      "UTF-8"),
		    e);
	if (++m->declared == sizeof(declaration) - 1)
		m->place = MARKUP_TEXT;
	return 0;
}

static int
feed_less(struct markup *m, unsigned char c, struct err *e)
{
	if (c == '!')
		return refuse(
		    _("a DOCTYPE, a comment or a CDATA section, which no file "
		      "of a pack has"),
		    e);
	if (c == '?')
		return refuse(
		    _("a processing instruction, which no file of a pack has"),
		    e);
	m->place = MARKUP_INSIDE;
	m->attributes = m->length = 0;
	return 0;
}

static int
feed_inside(struct markup *m, unsigned char c, struct err *e)
{
	if (c == '>') {
		m->place = MARKUP_TEXT;
	} else if (c == '"' || c == '\'') {
		m->quote = c;
		m->place = MARKUP_QUOTED;
		if (++m->attributes > MARKUP_ATTRIBUTES)
			return refuse(_("a tag with too many attributes"), e);
	}
	return 0;
}

static int
feed_byte(struct markup *m, unsigned char c, struct err *e)
{
	switch (m->place) {
	case MARKUP_DECLARATION:
		return feed_declaration(m, c, e);
	case MARKUP_TEXT:
		if (c == '<')
			m->place = MARKUP_LESS;
		if (c == '&')
			m->place = MARKUP_AMPERSAND;
		m->length = 0;
		return 0;
	case MARKUP_AMPERSAND:
		if (++m->length > MARKUP_REFERENCE)
			return refuse(_("a reference that is too long"), e);
		if (c == ';')
			m->place = MARKUP_TEXT;
		return 0;
	case MARKUP_LESS:
		if (feed_less(m, c, e) == -1)
			return -1;
		return feed_inside(m, c, e);
	case MARKUP_INSIDE:
		if (++m->length > MARKUP_TAG)
			return refuse(_("a tag that is too long"), e);
		return feed_inside(m, c, e);
	case MARKUP_QUOTED:
		if (++m->length > MARKUP_TAG)
			return refuse(_("a tag that is too long"), e);
		if (c == m->quote)
			m->place = MARKUP_INSIDE;
		return 0;
	}
	return 0;
}

int
markup_feed(struct markup *m, const void *bytes, size_t length, struct err *e)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++) {
		if (feed_byte(m, at[i], e) == -1)
			return -1;
		if (at[i] == '\n')
			m->lines++;
	}
	return 0;
}
