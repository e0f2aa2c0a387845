/* The conversation: carries the helper's questions to the person, and the answers back. */
#define _GNU_SOURCE
#include "pam_postern.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>

enum { LINE_BYTES = 512, LINES = 16 };
enum verb { PROMPT, INFO, LOG, FAULT, OK, FAIL, SKIP, GARBAGE };

/* What a line of the helper says: a verb and printable ASCII, or one of the last three verbs alone. */
static enum verb parse_line(const char *line, size_t length, const char **text)
{
	static const char *const verbs[] = { "PROMPT ", "INFO ", "LOG ", "FAULT ", "OK", "FAIL", "SKIP" };

	for (size_t i = 0; i < length; i++)
		if (line[i] < ' ' || line[i] > '~')
			return GARBAGE;
	for (enum verb verb = PROMPT; verb < GARBAGE; verb++) {
		*text = line + strlen(verbs[verb]);
		if (verb < OK ? strncmp(line, verbs[verb], strlen(verbs[verb])) == 0 : strcmp(line, verbs[verb]) == 0)
			return verb;
	}
	return GARBAGE;
}

/* Sends "WORD value". False: the value is too long or holds a control character. That the helper is gone, relay() sees. */
static bool send_line(int fd, const char *word, const char *value)
{
	char line[LINE_BYTES];
	int length = snprintf(line, sizeof line, "%s %s", word, value ? value : "");
	bool sent = length > 0 && length < LINE_BYTES;

	for (int i = 0; sent && i < length; i++)
		sent = (unsigned char)line[i] >= ' ' && line[i] != 0x7f;
	if (sent && send(fd, line, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
		sent = errno == EPIPE || errno == ECONNRESET;
	explicit_bzero(line, sizeof line); /* it may hold a code, or a password typed in its place */
	return sent;
}

/* Asks the person. What cannot be sent as a line cannot be a code either, and goes as an empty one. */
static bool ask(pam_handle_t *pamh, int fd, const char *text)
{
	char *answer = NULL;
	bool sent = pam_prompt(pamh, PAM_PROMPT_ECHO_OFF, &answer, "%s", text) == PAM_SUCCESS && answer
		&& (send_line(fd, "ANSWER", answer) || send_line(fd, "ANSWER", ""));

	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return sent;
}

/* The length of the next line; 0: the helper has ended; -1 and errno: it is silent. */
static ssize_t receive(int fd, char line[LINE_BYTES])
{
	ssize_t length;

	do /* ECONNRESET comes once, before the last words of a helper that has not read all of ours */
		length = recv(fd, line, LINE_BYTES - 1, MSG_TRUNC);
	while (length < 0 && (errno == EINTR || errno == ECONNRESET));
	if (length >= 0 && length < LINE_BYTES)
		line[length] = '\0';
	return length;
}

/* Carries lines to and fro until the verdict. PAM_ABORT: the helper has ended; PAM_SYSTEM_ERR: the log says what else. */
static int relay(pam_handle_t *pamh, int fd, int flags, const struct arguments *arguments)
{
	char line[LINE_BYTES];
	const char *text;

	for (int i = 0; i < LINES; i++) {
		ssize_t length = receive(fd, line);

		if (length == 0)
			return PAM_ABORT;
		if (length < 0) {
			pam_syslog(pamh, LOG_ERR, "denied: no answer from the helper: %s", strerror(errno));
			return PAM_SYSTEM_ERR;
		}
		switch (length < LINE_BYTES ? parse_line(line, (size_t)length, &text) : GARBAGE) {
		case PROMPT:
			if (arguments->keys != ANY_KEY) {
				pam_syslog(pamh, LOG_NOTICE, "denied: a code is asked for here, and a sign-in by key alone cannot give one");
				return PAM_PERM_DENIED;
			}
			if (ask(pamh, fd, text))
				break;
			pam_syslog(pamh, LOG_NOTICE, "denied: the conversation with the client broke off");
			return PAM_SYSTEM_ERR;
		case INFO:
			if (!(flags & PAM_SILENT))
				pam_info(pamh, "%s", text);
			break;
		case LOG:
			pam_syslog(pamh, LOG_NOTICE, "%s", text);
			break;
		case FAULT:
			pam_syslog(pamh, LOG_ERR, "denied: the helper cannot be run: %s", text);
			return PAM_SYSTEM_ERR;
		case OK:
		case SKIP:
			return PAM_SUCCESS;
		case FAIL:
			return PAM_AUTH_ERR;
		case GARBAGE:
			pam_syslog(pamh, LOG_ERR, "denied: the helper broke the protocol");
			return PAM_SYSTEM_ERR;
		}
	}
	pam_syslog(pamh, LOG_ERR, "denied: the helper sent more than %d lines", LINES);
	return PAM_SYSTEM_ERR;
}

/* Says how a helper ended that gave no verdict. */
static void log_ending(pam_handle_t *pamh, const struct arguments *arguments, int status)
{
	const char *node = arguments->node ? arguments->node : "", *blank = arguments->node ? " " : "";
	char how[64] = "ended";

	if (status != -1 && WIFEXITED(status))
		snprintf(how, sizeof how, "ended with exit status %d", WEXITSTATUS(status));
	else if (status != -1 && WIFSIGNALED(status))
		snprintf(how, sizeof how, "was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	pam_syslog(pamh, LOG_ERR, "denied: no verdict from the helper: %s%s%s pam %s", node, blank, arguments->helper, how);
}

/* Starts the helper and tells it who signs in; answers our end of the socket, or -1, and the log says why. */
static int open_conversation(pam_handle_t *pamh, const struct arguments *arguments, const char *key, pid_t *child)
{
	const void *service = NULL, *rhost = NULL;
	const char *user;
	int fd;

	pam_get_item(pamh, PAM_SERVICE, &service);
	pam_get_item(pamh, PAM_RHOST, &rhost);
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS) {
		pam_syslog(pamh, LOG_ERR, "denied: there is no user name");
		return -1;
	}
	fd = start_helper(arguments, child);
	if (fd < 0) {
		pam_syslog(pamh, LOG_ERR, "denied: no process for the helper: %s", strerror(errno));
		return -1;
	}
	/* The system's own spelling: a directory that ignores case must not make a second, unenrolled account. */
	const struct passwd *entry = pam_modutil_getpwnam(pamh, user);
	if (send_line(fd, "STATE", arguments->state) && send_line(fd, "USER", entry ? entry->pw_name : user)
	    && send_line(fd, "KNOWN", entry ? "yes" : "no") && send_line(fd, "SERVICE", service)
	    && send_line(fd, "RHOST", rhost) && send_line(fd, "KEY", key))
		return fd;
	pam_syslog(pamh, LOG_ERR, "denied: the user name or address is too long, or holds a control character");
	close(fd);
	stop_helper(*child, 0);
	return -1;
}

void wake_helper(pam_handle_t *pamh, const struct arguments *arguments, const char *key)
{
	char line[LINE_BYTES];
	pid_t child;
	int fd = open_conversation(pamh, arguments, key, &child);

	if (fd < 0)
		return;
	receive(fd, line);
	close(fd);
	stop_helper(child, 0);
}

int consult_helper(pam_handle_t *pamh, int flags, const struct arguments *arguments, const char *key)
{
	pid_t child;
	int fd = open_conversation(pamh, arguments, key, &child), status, verdict;

	if (fd < 0)
		return PAM_AUTH_ERR;
	verdict = relay(pamh, fd, flags, arguments);
	close(fd);
	status = stop_helper(child, verdict == PAM_ABORT ? 50 : 0);
	if (verdict == PAM_ABORT)
		log_ending(pamh, arguments, status);
	return verdict;
}
