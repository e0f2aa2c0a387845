/* What the parts of pam_postern.so know of each other. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include <security/pam_modules.h>

/* The words behind the module in a PAM file; `unknown`: the first that is none of them, or NULL. */
struct arguments {
	const char *state, *node, *helper, *unknown;
	bool after_key;
	enum { ANY_KEY, SPELLING, POLICY } keys;
};

/* LAPSED: on for a time that is over. */
enum word { ABSENT, ON, OFF, LAPSED };

#pragma GCC visibility push(hidden)

/* switch.c: what the switch file in a directory says. */
enum word read_switch(pam_handle_t *pamh, const char *directory);
enum word parse_switch(const char *text);

/* relay.c: runs the helper for this sign-in; its verdict, PAM_SUCCESS for who may pass. `key`: as for KEY. */
int consult_helper(pam_handle_t *pamh, int flags, const struct arguments *arguments, const char *key);
/* Runs it as far as its first line: it has then seen what is due. */
void wake_helper(pam_handle_t *pamh, const struct arguments *arguments, const char *key);

/* helper.c: starts the helper and answers our end of the socket, or -1 and errno. */
int start_helper(const struct arguments *arguments, pid_t *child);
/* Ends it, after `moments` of 10 ms to end by itself, and answers its wait status; -1: the host has reaped it. */
int stop_helper(pid_t child, int moments);

#pragma GCC visibility pop
