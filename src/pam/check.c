/*
 * postern-pam-check: holds one conversation with a PAM stack as sshd would, and tells what was asked.
 *
 *   postern-pam-check [-d CONFDIR] [-k | -a ALGORITHM] [-r ADDRESS] SERVICE USER < ANSWERS
 *
 * Each prompt is answered by the next line of standard input; when there is none, the conversation is broken off,
 * as by a person who hangs up. -d reads the service files from another folder than /etc/pam.d; -k says that a public
 * key was accepted before, as sshd tells its modules, -a of which algorithm, and -r where the person comes from. Nothing but the authentication is done: no account is
 * checked, no session opened. Standard output, a line each: `prompt TEXT`, `echoed TEXT`, `info TEXT`, `error TEXT`,
 * and at last `result NUMBER NAME`. Exit status: 0 authenticated, 1 not, 2 wrong usage or no PAM.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <security/pam_appl.h>

/* One line, whatever was in the text. */
static void tell(const char *word, const char *text)
{
	printf("%s ", word);
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
	putchar('\n');
	fflush(stdout); /* whoever reads may be waiting for this prompt */
}

/* The next line, whole however long it is; NULL: there is none. */
static char *read_answer(void)
{
	char *line = NULL;
	size_t size = 0;

	if (getline(&line, &size, stdin) < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void drop_answers(struct pam_response *answers, int count)
{
	for (int i = 0; i < count; i++) {
		if (answers[i].resp)
			explicit_bzero(answers[i].resp, strlen(answers[i].resp));
		free(answers[i].resp);
	}
	free(answers);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out, void *unused)
{
	(void)unused;
	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	struct pam_response *answers = calloc((size_t)count, sizeof *answers);
	if (!answers)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		const char *text = messages[i]->msg ? messages[i]->msg : "";
		switch (messages[i]->msg_style) {
		case PAM_TEXT_INFO: tell("info", text); continue;
		case PAM_ERROR_MSG: tell("error", text); continue;
		case PAM_PROMPT_ECHO_OFF: tell("prompt", text); break;
		case PAM_PROMPT_ECHO_ON: tell("echoed", text); break;
		default: drop_answers(answers, count); return PAM_CONV_ERR;
		}
		answers[i].resp = read_answer();
		if (!answers[i].resp) {
			drop_answers(answers, count);
			return PAM_CONV_ERR;
		}
	}
	*out = answers;
	return PAM_SUCCESS;
}

/* A wrong answer's delay is for guessers. */
static void no_delay(int status, unsigned microseconds, void *unused)
{
	(void)status; (void)microseconds; (void)unused;
}

int main(int argc, char **argv)
{
	const struct pam_conv conversation = { converse, NULL };
	const char *directory = NULL, *algorithm = NULL, *address = "127.0.0.1";
	char key[256];
	pam_handle_t *pamh = NULL;
	int option;

	while ((option = getopt(argc, argv, "d:ka:r:")) != -1) {
		if (option == 'd')
			directory = optarg;
		else if (option == 'k')
			algorithm = "ssh-ed25519";
		else if (option == 'a')
			algorithm = optarg;
		else if (option == 'r')
			address = optarg;
		else
			return 2;
	}
	if (argc - optind != 2) {
		fputs("usage: postern-pam-check [-d CONFDIR] [-k | -a ALGORITHM] [-r ADDRESS] SERVICE USER\n", stderr);
		return 2;
	}
	const char *service = argv[optind], *user = argv[optind + 1];
	int status = directory ? pam_start_confdir(service, user, &conversation, directory, &pamh)
			       : pam_start(service, user, &conversation, &pamh);
	if (status != PAM_SUCCESS) {
		fprintf(stderr, "pam_start: %d\n", status);
		return 2;
	}
	snprintf(key, sizeof key, "SSH_AUTH_INFO_0=publickey %s postern-pam-check\n", algorithm ? algorithm : "");
	union { void (*function)(int, unsigned, void *); const void *item; } delay = { no_delay };
	if (pam_set_item(pamh, PAM_FAIL_DELAY, delay.item) != PAM_SUCCESS
	    || pam_set_item(pamh, PAM_RHOST, address) != PAM_SUCCESS
	    || pam_set_item(pamh, PAM_TTY, "ssh") != PAM_SUCCESS
	    || (algorithm && pam_putenv(pamh, key) != PAM_SUCCESS)) {
		pam_end(pamh, PAM_ABORT);
		return 2;
	}
	status = pam_authenticate(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	char result[16];
	snprintf(result, sizeof result, "result %d", status);
	tell(result, pam_strerror(pamh, status));
	pam_end(pamh, status);
	return status == PAM_SUCCESS ? 0 : 1;
}
