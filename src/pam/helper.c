/* The helper's process: its start with nothing of the caller's, and its end. */
#define _GNU_SOURCE
#include "pam_postern.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HELPER_SECONDS = 30, PERSON_SECONDS = 120 };

/*
 * Becomes the helper: nothing of the parent's but the socket, as standard input and output. A line without node= was
 * written by an older Postern and finds Node as it did then. TZ: Node looks for it long.
 */
static void run_helper(const struct arguments *arguments, int socket, pid_t parent)
{
	char *const with_node[] = { (char *)arguments->node, (char *)arguments->helper, "pam", NULL };
	char *const alone[] = { "postern", "pam", NULL };
	char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TZ=UTC", NULL };
	const char *program = arguments->node ? arguments->node : arguments->helper;
	int null = open("/dev/null", O_WRONLY);

	if (!arguments->node)
		environment[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	/* Both must not be 0, 1 or 2 yet. */
	socket = fcntl(socket, F_DUPFD, 3);
	null = fcntl(null, F_DUPFD, 3);
	umask(077);
	if (dup2(socket, 0) == 0 && dup2(socket, 1) == 1 && dup2(null, 2) == 2 && close_range(3, ~0U, 0) == 0
	    && chdir("/") == 0 && setsid() > 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		execve(program, arguments->node ? with_node : alone, environment);
	dprintf(0, "FAULT %.200s: %s", program, strerror(errno));
	_exit(127);
}

/* Either end of the socket gives up on silence. */
int start_helper(const struct arguments *arguments, pid_t *child)
{
	const struct timeval helper = { .tv_sec = HELPER_SECONDS }, person = { .tv_sec = PERSON_SECONDS };
	const pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &helper, sizeof helper);
	setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &person, sizeof person);
	*child = fork();
	if (*child == 0)
		run_helper(arguments, ends[1], parent);
	close(ends[1]);
	if (*child > 0)
		return ends[0];
	close(ends[0]); /* leaves errno as it is: it cannot fail */
	return -1;
}

/* A host that reaps by itself leaves nothing to wait for; its SIGCHLD stays as it is. */
int stop_helper(pid_t child, int moments)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int status = -1;

	while (TEMP_FAILURE_RETRY(waitpid(child, &status, WNOHANG)) == 0) {
		if (moments-- > 0)
			nanosleep(&moment, NULL);
		else if (kill(child, SIGKILL) == 0)
			return TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) == child ? status : -1;
	}
	return status;
}
