/*
 * Text in the columns of a terminal, for people: East Asian wide characters
 * take two, and a line may end behind any of them.
 */
#ifndef REVIEW_SCREEN_H
#define REVIEW_SCREEN_H

#include "schema/base/buf.h"

/* Of UTF-8. */
int screen_width(const char *text);

/*
 * "label  text", the text wrapped and continued under itself, each line ended.
 * label_width columns are the label's; width the line's, at least 20 more. A
 * text of more than lines lines (0: any) ends in "...". What would act on the
 * terminal is made harmless.
 */
void screen_field(struct buf *, const char *label, int label_width,
    const char *text, int width, int lines);

#endif
