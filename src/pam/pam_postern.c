/*
 * pam_postern.so: asks for the one-time code. It decides nothing itself: it looks at the switch, starts `postern pam`
 * and carries its questions to the person and the answers back. Both speak lines, each a packet without a newline:
 *
 *   to the helper     STATE, USER, KNOWN, SERVICE, RHOST, KEY, each with a value; ANSWER for each PROMPT
 *   from the helper   PROMPT, INFO, LOG, each with a text; at last OK, FAIL or SKIP
 *
 *   auth [success=ok ignore=ignore default=die] pam_postern.so [state=DIR] [helper=FILE] [after=publickey]
 *
 * It lets people pass by PAM_IGNORE: a code alone must not be a success where a wrong password was no failure.
 * after=publickey: acts only where sshd has accepted a key in this sign-in, which was the first factor then, and
 * lets people pass by success. Whatever is unexpected denies.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

enum { LINE_BYTES = 512, LINES = 16, HELPER_SECONDS = 30, PERSON_SECONDS = 120, FAIL_MICROSECONDS = 2000000 };
enum verb { PROMPT, INFO, LOG, OK, FAIL, SKIP, GARBAGE };
enum word { ABSENT, ON, OFF };

/* What a line of the helper says: a verb and printable ASCII, or one of the last three verbs alone. */
static enum verb parse_line(const char *line, size_t length, const char **text)
{
	static const char *const verbs[] = { "PROMPT ", "INFO ", "LOG ", "OK", "FAIL", "SKIP" };

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

/* Sends "WORD value". False: the value is too long or holds a control character, or the helper is gone. */
static bool send_line(int fd, const char *word, const char *value)
{
	char line[LINE_BYTES];
	int length = snprintf(line, sizeof line, "%s %s", word, value ? value : "");
	bool fits = length < LINE_BYTES;
	for (int i = 0; fits && i < length; i++)
		fits = (unsigned char)line[i] >= ' ' && line[i] != 0x7f;
	bool sent = fits && send(fd, line, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) == length;
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

/* Carries lines to and fro until the verdict. PAM_SYSTEM_ERR: the helper, or the person, is gone, late or unclear. */
static int relay(pam_handle_t *pamh, int fd, int flags)
{
	char line[LINE_BYTES];
	const char *text;

	for (int i = 0; i < LINES; i++) {
		ssize_t length = TEMP_FAILURE_RETRY(recv(fd, line, sizeof line - 1, MSG_TRUNC));
		if (length <= 0 || length >= LINE_BYTES)
			break;
		line[length] = '\0';
		switch (parse_line(line, (size_t)length, &text)) {
		case PROMPT:  if (!ask(pamh, fd, text)) return PAM_SYSTEM_ERR; break;
		case INFO:    if (!(flags & PAM_SILENT)) pam_info(pamh, "%s", text); break;
		case LOG:     pam_syslog(pamh, LOG_NOTICE, "%s", text); break;
		case OK: case SKIP: return PAM_SUCCESS;
		case FAIL:    return PAM_AUTH_ERR;
		case GARBAGE: i = LINES; break;
		}
	}
	return PAM_SYSTEM_ERR;
}

/* Starts the helper; answers our end of the socket, or -1. Either end gives up on silence. TZ: Node looks for it long. */
static int start_helper(const char *path, pid_t *child)
{
	char *const argv[] = { "postern", "pam", NULL };
	char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TZ=UTC", NULL };
	const struct timeval helper = { .tv_sec = HELPER_SECONDS }, person = { .tv_sec = PERSON_SECONDS };
	const pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &helper, sizeof helper);
	setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &person, sizeof person);
	if ((*child = fork()) == 0) {
		/* Nothing of the parent's but the socket, as standard input and output; both must not be 0, 1 or 2 yet. */
		int link = fcntl(ends[1], F_DUPFD, 3), errors = fcntl(open("/dev/null", O_WRONLY), F_DUPFD, 3);
		umask(077);
		if (dup2(link, 0) == 0 && dup2(link, 1) == 1 && dup2(errors, 2) == 2 && close_range(3, ~0U, 0) == 0
		    && chdir("/") == 0 && setsid() > 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
			execve(path, argv, environment);
		_exit(127);
	}
	close(ends[1]);
	if (*child < 0)
		close(ends[0]);
	return *child < 0 ? -1 : ends[0];
}

/* The word of a switch file. Only a plain file that root alone can have written counts. */
static enum word read_switch(pam_handle_t *pamh, const char *directory)
{
	char path[256], word[16] = "";
	struct stat info;
	int length = snprintf(path, sizeof path, "%s/enforcement", directory);
	int fd = length < (int)sizeof path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
	if (fd < 0)
		return ABSENT;
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_uid != 0 || (info.st_mode & 022)
	    || read(fd, word, sizeof word - 1) < 0)
		pam_syslog(pamh, LOG_WARNING, "%s does not count: it has to be a file that only root can write", path);
	close(fd);
	word[strcspn(word, " \t\r\n")] = '\0';
	return strcmp(word, "off") == 0 ? OFF : strcmp(word, "on") == 0 ? ON : ABSENT;
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *state = "/var/lib/postern", *helper = "/usr/bin/postern", *methods, *user;
	const void *service = NULL, *rhost = NULL;
	bool after_key = false;
	pid_t child;

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "state=/", 7) == 0)
			state = argv[i] + 6;
		else if (strncmp(argv[i], "helper=/", 8) == 0)
			helper = argv[i] + 7;
		else if (strcmp(argv[i], "after=publickey") == 0)
			after_key = true;
		else
			helper = ""; /* a misspelt argument cannot be guessed at, and cannot let anybody in */
	}
	/* sshd(8) has one line a method: "publickey ssh-ed25519 AAAA..." */
	methods = pam_getenv(pamh, "SSH_AUTH_INFO_0");
	bool key = methods && (strncmp(methods, "publickey ", 10) == 0 || strstr(methods, "\npublickey "));
	if (after_key && !key)
		return PAM_IGNORE;
	const int pass = after_key ? PAM_SUCCESS : PAM_IGNORE;
	enum word word = read_switch(pamh, "/run/postern");
	if (word == OFF || (word == ABSENT && read_switch(pamh, state) == OFF))
		return pass;
	mkdir("/run/postern", 0755); /* so that the way back in is a file to write and nothing else, after a boot too */
	pam_fail_delay(pamh, FAIL_MICROSECONDS);
	pam_get_item(pamh, PAM_SERVICE, &service), pam_get_item(pamh, PAM_RHOST, &rhost);
	int verdict = PAM_SYSTEM_ERR, fd;
	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || (fd = start_helper(helper, &child)) < 0)
		return PAM_AUTH_ERR;
	/* The system's own spelling: a directory that ignores case must not make a second, unenrolled account. */
	const struct passwd *entry = pam_modutil_getpwnam(pamh, user);
	if (send_line(fd, "STATE", state) && send_line(fd, "USER", entry ? entry->pw_name : user)
	    && send_line(fd, "KNOWN", entry ? "yes" : "no") && send_line(fd, "SERVICE", service)
	    && send_line(fd, "RHOST", rhost) && send_line(fd, "KEY", key ? "yes" : "no"))
		verdict = relay(pamh, fd, flags);
	close(fd);
	/* A host that reaps by itself leaves nothing to wait for; its SIGCHLD stays as it is. */
	if (waitpid(child, NULL, WNOHANG) == 0 && kill(child, SIGKILL) == 0)
		TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
	if (verdict == PAM_SYSTEM_ERR)
		pam_syslog(pamh, LOG_ERR, "denied: the conversation with %s broke off", helper);
	return verdict == PAM_SUCCESS ? pass : verdict;
}

/* Asked again by pam_setcred(3): must not end the stack there, for other modules have credentials to set. */
int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}
