/*
 * reeve remedy: one function a subcommand. argv[0] is its name; each returns an
 * enum command_status. command_remedy.c plans, approves and verifies;
 * command_remedy_list.c lists and follows up.
 */
#ifndef REVIEW_COMMAND_REMEDY_H
#define REVIEW_COMMAND_REMEDY_H

#include "review/command.h"

int remedy_command_list(struct command_context *, int argc, char **argv);

#endif
