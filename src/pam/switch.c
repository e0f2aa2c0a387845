/*
 * The switch, a file that says whether codes are asked for at all: "on" or "off", alone or with an end:
 *
 *   off until BOOT UPTIME TIME SECONDS
 *
 * for SECONDS at most, until the boot of the id BOOT is UPTIME seconds old. Within that boot the wall clock does not
 * count, for it may be set. After another boot the time is over when the wall clock is past TIME (Unix time), when it
 * is further before TIME than it ever was, or when that boot alone has lasted for SECONDS. In doubt it is over: what
 * was only for a while ends, and the other word holds.
 */
#define _GNU_SOURCE
#include "pam_postern.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <security/pam_ext.h>

enum { SWITCH_BYTES = 128, BOOT_BYTES = 36, WORDS = 6 };

/* Whether this is the boot of that id. */
static bool is_present_boot(const char *boot)
{
	char present[BOOT_BYTES];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	bool same = fd >= 0 && read(fd, present, sizeof present) == BOOT_BYTES && strlen(boot) == BOOT_BYTES
		&& memcmp(boot, present, BOOT_BYTES) == 0;

	if (fd >= 0)
		close(fd);
	return same;
}

static bool is_over(const char *boot, long long uptime, long long time, long long seconds)
{
	struct timespec up = { 0 }, now = { 0 };
	long long left;

	if (clock_gettime(CLOCK_BOOTTIME, &up) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return true;
	if (is_present_boot(boot))
		left = uptime - up.tv_sec;
	else
		left = up.tv_sec < seconds ? time - now.tv_sec : 0;
	return left <= 0 || left > seconds;
}

static bool read_number(const char *word, long long *number)
{
	size_t length = strspn(word, "0123456789");

	*number = length <= 12 ? strtoll(word, NULL, 10) : 0;
	return length > 0 && length <= 12 && word[length] == '\0';
}

/* The word that holds now; ABSENT: it is no switch. */
enum word parse_switch(const char *text)
{
	char copy[SWITCH_BYTES], *rest = copy, *words[WORDS] = { NULL };
	size_t length = strlen(text);
	long long uptime, time, seconds;

	while (length > 0 && strchr(" \t\r\n", text[length - 1]))
		length--;
	if (length >= sizeof copy)
		return ABSENT;
	memcpy(copy, text, length);
	copy[length] = '\0';
	for (int i = 0; i < WORDS && rest; i++)
		words[i] = strsep(&rest, " ");
	const bool on = strcmp(words[0], "on") == 0;
	const enum word word = on ? ON : OFF, afterwards = on ? LAPSED : ON;
	if ((!on && strcmp(words[0], "off") != 0) || rest)
		return ABSENT;
	if (!words[1])
		return word;
	if (!words[5] || strcmp(words[1], "until") != 0 || !read_number(words[3], &uptime)
	    || !read_number(words[4], &time) || !read_number(words[5], &seconds))
		return ABSENT;
	return is_over(words[2], uptime, time, seconds) ? afterwards : word;
}

/* Why a file is not root's word alone; NULL: it is. */
static const char *find_fault(int directory, int file)
{
	struct stat above, info;

	if (fstat(directory, &above) < 0 || fstat(file, &info) < 0)
		return strerror(errno);
	if (!S_ISREG(info.st_mode))
		return "it is not a regular file";
	if (info.st_uid != 0 || above.st_uid != 0)
		return "it does not belong to root";
	return (info.st_mode & 022) || (above.st_mode & 022) ? "users other than root can write it" : NULL;
}

enum word read_switch(pam_handle_t *pamh, const char *directory)
{
	char text[SWITCH_BYTES] = "";
	enum word word = ABSENT;
	const char *fault;
	int above = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = above < 0 ? -1
		: openat(above, "enforcement", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0) {
		fault = find_fault(above, fd);
		if (!fault) {
			ssize_t length = read(fd, text, sizeof text - 1);

			word = length >= 0 && (size_t)length == strlen(text) ? parse_switch(text) : ABSENT;
			if (word == ABSENT)
				fault = "it says neither on nor off";
		}
		if (fault)
			pam_syslog(pamh, LOG_WARNING, "%s/enforcement is ignored: %s", directory, fault);
		close(fd);
	}
	if (above >= 0)
		close(above);
	return word;
}
