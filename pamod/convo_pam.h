/* The conversation through PAM, for pam_reeve.c alone. */
#ifndef PAMOD_CONVO_PAM_H
#define PAMOD_CONVO_PAM_H

#include <security/pam_modules.h>

#include "pamod/convo.h"

/* Keeps language, which lives as long as the convo is used. */
struct convo convo_pam(pam_handle_t *, const char *language);

#endif
