/*
 * A PAM module that answers what it is told to, and a program that tries every answer of a stack of them:
 *
 *   auth CONTROL …/pam_say.so NUMBER       answers what SAY_NUMBER says
 *   auth CONTROL …/pam_postern.so code     the same file by another name: asks for the code, and refuses it in two ways
 *
 *   pam-say DIRECTORY < SERVICES           a line each: NAME, and the count of its modules
 *
 * Standard output, a line a service: NAME, 1 where some answers let somebody in, 1 where some answers lead to the
 * code though a module has failed and none has succeeded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#ifdef MODULE
int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	char name[16];
	(void)pamh, (void)flags;
	if (argc != 1)
		return PAM_IGNORE; /* the line for key holders */
	if (strcmp(argv[0], "code") == 0) {
		if (getenv("FAILED") && !getenv("PROVEN") && !getenv("ASKED"))
			setenv("UNGUARDED", "1", 1);
		setenv("ASKED", "1", 1);
		return atoi(getenv("SAY_CODE"));
	}
	snprintf(name, sizeof name, "SAY_%s", argv[0]);
	int answer = atoi(getenv(name));
	if (answer == PAM_SUCCESS || answer == PAM_NEW_AUTHTOK_REQD)
		setenv("PROVEN", "1", 1);
	else if (answer != PAM_IGNORE)
		setenv("FAILED", "1", 1);
	return answer;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}
#else
static const int answers[] = {
	PAM_SUCCESS, PAM_IGNORE, PAM_NEW_AUTHTOK_REQD, PAM_AUTH_ERR, PAM_SYSTEM_ERR,
};
enum { ANSWERS = sizeof answers / sizeof *answers };

static int converse(int count, const struct pam_message **messages, struct pam_response **out, void *unused)
{
	(void)count, (void)messages, (void)out, (void)unused;
	return PAM_CONV_ERR;
}

int main(int argc, char **argv)
{
	const struct pam_conv conversation = { converse, NULL };
	char service[64];
	int modules;

	while (argc == 2 && scanf("%63s %d", service, &modules) == 2) {
		int runs = 2, way_in = 0, unguarded = 0;
		for (int i = 0; i < modules; i++)
			runs *= ANSWERS;
		for (int run = 0; run < runs; run++) {
			pam_handle_t *pamh = NULL;
			setenv("SAY_CODE", run % 2 ? "4" : "7", 1); /* PAM_SYSTEM_ERR, PAM_AUTH_ERR */
			for (int i = 0, rest = run / 2; i < modules; i++, rest /= ANSWERS) {
				char name[16], answer[16];
				snprintf(name, sizeof name, "SAY_%d", i);
				snprintf(answer, sizeof answer, "%d", answers[rest % ANSWERS]);
				setenv(name, answer, 1);
			}
			unsetenv("PROVEN"), unsetenv("FAILED"), unsetenv("ASKED"), unsetenv("UNGUARDED");
			int status = pam_start_confdir(service, "root", &conversation, argv[1], &pamh);
			if (status != PAM_SUCCESS) {
				fprintf(stderr, "%s: %s\n", service, pam_strerror(pamh, status));
				return 2;
			}
			status = pam_authenticate(pamh, 0);
			pam_end(pamh, status);
			way_in |= status == PAM_SUCCESS;
			unguarded |= getenv("UNGUARDED") != NULL;
		}
		printf("%s %d %d\n", service, way_in, unguarded);
	}
	return 0;
}
#endif
