/*
 * pam_postern.so: asks for the one-time code. It decides nothing itself: it looks at the switch, starts `postern pam`
 * and carries its questions to the person and the answers back. Both speak lines, each a packet without a newline:
 *
 *   to the helper     STATE, USER, KNOWN, SERVICE, RHOST, KEY, each with a value; ANSWER for each PROMPT
 *                     KEY: no, or the algorithm of the key that sshd has accepted, or yes where that cannot be read
 *   from the helper   PROMPT, INFO, LOG, each with a text; at last OK, FAIL or SKIP; FAULT: it cannot be run
 *
 *   auth [success=ok ignore=ignore default=die] pam_postern.so [state=DIR] [node=FILE] [helper=FILE] [after=publickey]
 *   account [success=ok ignore=ignore default=die] pam_postern.so [the same, but for after=publickey]
 *   account [success=ok ignore=ignore default=die] pam_postern.so keys=spelling|policy [the same]
 *
 * It lets people pass by PAM_IGNORE: a code alone must not be a success where a wrong password was no failure.
 * after=publickey: acts only where sshd has accepted a key in this sign-in, which was the first factor then, and
 * lets people pass by success. keys= refuses who came by a key alone and should have been asked: policy looks at
 * everyone, spelling at those who wrote their name otherwise than the system does, for sshd knows whom to ask by their
 * names as typed. Whatever is unexpected denies, and the log says why.
 */
#define _GNU_SOURCE
#include "pam_postern.h"
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>

/* Noted in the sign-in by the line after=publickey of those who showed none. */
static const char WITHOUT_KEY[] = "postern_without_key";
/* Noted, as not NULL, of those who have passed a line that asks for codes; taken back where PAM starts again. */
static const char PASSED[] = "postern_passed";

enum { FAIL_MICROSECONDS = 2000000, ALGORITHM_BYTES = 64 };

static struct arguments read_arguments(int argc, const char **argv)
{
	struct arguments arguments = { .state = "/var/lib/postern", .helper = "/usr/bin/postern" };

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "state=/", 7) == 0)
			arguments.state = argv[i] + 6;
		else if (strncmp(argv[i], "node=/", 6) == 0)
			arguments.node = argv[i] + 5;
		else if (strncmp(argv[i], "helper=/", 8) == 0)
			arguments.helper = argv[i] + 7;
		else if (strcmp(argv[i], "after=publickey") == 0)
			arguments.after_key = true;
		else if (strcmp(argv[i], "keys=spelling") == 0)
			arguments.keys = SPELLING;
		else if (strcmp(argv[i], "keys=policy") == 0)
			arguments.keys = POLICY;
		else
			arguments.unknown = argv[i];
	}
	return arguments;
}

/* Asks for the code, unless the switch says off; PAM_SUCCESS for who may pass. */
static int ask_for_code(pam_handle_t *pamh, int flags, const struct arguments *arguments, const char *key)
{
	enum word word;

	word = read_switch(pamh, "/run/postern");
	if (word == ABSENT)
		word = read_switch(pamh, arguments->state);
	if (word == LAPSED) {
		wake_helper(pamh, arguments, key);
		pam_syslog(pamh, LOG_NOTICE, "no code is asked for: codes were on for a time that is over");
	}
	if (word == OFF || word == LAPSED)
		return PAM_SUCCESS;
	/* So that the way back in is a file to write and nothing else: after a boot, and with an init that knows no tmpfiles.d. */
	mkdir("/run/postern", 0755);
	pam_fail_delay(pamh, FAIL_MICROSECONDS);
	if (arguments->unknown) { /* it cannot be guessed at, and cannot let anybody in */
		pam_syslog(pamh, LOG_ERR, "denied: unknown argument %s", arguments->unknown);
		return PAM_AUTH_ERR;
	}
	return consult_helper(pamh, flags, arguments, key);
}

/*
 * What sshd has accepted in this sign-in, as it tells PAM alone, a line a method: "publickey ssh-ed25519 AAAA...". The
 * environment of the process counts for nothing. The algorithm of the first key; "no": none.
 */
static const char *read_key(pam_handle_t *pamh, char algorithm[ALGORITHM_BYTES])
{
	static const char method[] = "publickey ", signs[] = "abcdefghijklmnopqrstuvwxyz0123456789@.-";
	const char *line = pam_getenv(pamh, "SSH_AUTH_INFO_0");

	while (line && strncmp(line, method, sizeof method - 1) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return "no";
	line += sizeof method - 1;
	const size_t length = strspn(line, signs);
	if (length == 0 || length >= ALGORITHM_BYTES || line[length] != ' ')
		return "yes";
	memcpy(algorithm, line, length);
	algorithm[length] = '\0';
	return algorithm;
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const struct arguments arguments = read_arguments(argc, argv);
	char algorithm[ALGORITHM_BYTES];
	const char *key = read_key(pamh, algorithm);
	int verdict;

	if (arguments.after_key && pam_set_data(pamh, PASSED, NULL, NULL) != PAM_SUCCESS)
		return PAM_SYSTEM_ERR;
	if (arguments.after_key && strcmp(key, "no") == 0)
		return pam_set_data(pamh, WITHOUT_KEY, NULL, NULL) == PAM_SUCCESS ? PAM_IGNORE : PAM_SYSTEM_ERR;
	verdict = ask_for_code(pamh, flags, &arguments, key);
	if (verdict == PAM_SUCCESS)
		verdict = pam_set_data(pamh, PASSED, (void *)PASSED, NULL);
	return verdict != PAM_SUCCESS ? verdict : arguments.after_key ? PAM_SUCCESS : PAM_IGNORE;
}

/*
 * Looks once more at those whom sshd has let in by a key alone. There is nobody to ask now: who should have been asked
 * is refused, as from an address of the machine's own in an exempt network, or by another spelling of the name.
 */
static int judge_key(pam_handle_t *pamh, int flags, const struct arguments *arguments)
{
	const void *passed = NULL;
	const char *user;
	int verdict;

	if (pam_get_data(pamh, PASSED, &passed) == PAM_SUCCESS && passed)
		return PAM_IGNORE;
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS)
		return PAM_AUTH_ERR;
	const struct passwd *entry = pam_modutil_getpwnam(pamh, user);
	if (arguments->keys == SPELLING && entry && strcmp(entry->pw_name, user) == 0)
		return PAM_IGNORE;
	verdict = ask_for_code(pamh, flags, arguments, "yes");
	return verdict == PAM_SUCCESS ? PAM_IGNORE : verdict;
}

/*
 * Asks in the account phase those whom PAM has authenticated without a key, whichever of its rules did: for stacks that
 * can end before a line of this module. Whoever came by key alone has not been through PAM, or was asked there.
 */
int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const struct arguments arguments = read_arguments(argc, argv);
	const void *unused;
	int verdict;

	if (arguments.keys != ANY_KEY)
		return judge_key(pamh, flags, &arguments);
	if (pam_get_data(pamh, WITHOUT_KEY, &unused) != PAM_SUCCESS)
		return PAM_IGNORE;
	verdict = ask_for_code(pamh, flags, &arguments, "no");
	if (verdict == PAM_SUCCESS)
		verdict = pam_set_data(pamh, PASSED, (void *)PASSED, NULL);
	return verdict == PAM_SUCCESS ? PAM_IGNORE : verdict;
}

/* Asked again by pam_setcred(3): must not end the stack there, for other modules have credentials to set. */
int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
