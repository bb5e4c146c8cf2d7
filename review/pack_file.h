/*
 * Files of a pack, below its open folder, by names that evidence_name_ok()
 * passes (ERR_FORMAT for others): no link is followed, also not by the folders
 * on the way, and nothing is written over.
 */
#ifndef REVIEW_PACK_FILE_H
#define REVIEW_PACK_FILE_H

#include "schema/base/err.h"

/* For writing: mode 0640, folders on the way 0750. Returns it, or -1. */
int pack_file_create(int directory, const char *name, struct err *);
/* For reading: a regular file. Returns it, or -1. */
int pack_file_open(int directory, const char *name, struct err *);
/* Syncs and closes; *fd is -1 then in any case. */
int pack_file_done(int *fd, const char *name, struct err *);
/* Syncs the folder that the file is in. */
int pack_file_sync_folder(int directory, const char *name, struct err *);

#endif
