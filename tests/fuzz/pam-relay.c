/*
 * libFuzzer target: a hostile helper talks to the PAM module's relay. There is no PAM here: its functions are
 * stood in for below, and look at what they are given. See tests/fuzz/pam-relay.test.ts for how it is built and run.
 *
 * Input: the first byte is the flags (1: PAM_SILENT, 2: the line that looks at keys, which never asks); what follows are packets of the helper, separated by newlines. A packet that
 * begins with 0x01 is the person's next answer instead.
 */
#include "../../src/pam/relay.c"

#include <stdarg.h>
#include <stdint.h>

enum { PACKETS = 64 };

static const char *answers[PACKETS];
static int answer_count, answers_used, prompts_shown;

#define CLAIM(fact) do { if (!(fact)) __builtin_trap(); } while (0)

static void claim_printable(const char *format, va_list arguments)
{
	char text[2 * LINE_BYTES];
	int length = vsnprintf(text, sizeof text, format, arguments);
	CLAIM(length >= 0 && length < LINE_BYTES + 64); /* a line of the helper, behind words of the module */
	for (int i = 0; i < length; i++)
		CLAIM(text[i] >= ' ' && text[i] <= '~');
}

int pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
	va_list arguments;
	(void)pamh;
	va_start(arguments, format);
	claim_printable(format, arguments);
	va_end(arguments);
	if (style == PAM_TEXT_INFO)
		return PAM_SUCCESS;
	CLAIM(style == PAM_PROMPT_ECHO_OFF && response);
	prompts_shown++;
	if (answers_used == answer_count)
		return PAM_CONV_ERR;
	*response = strdup(answers[answers_used++]);
	return PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	va_list arguments;
	(void)pamh, (void)priority;
	va_start(arguments, format);
	claim_printable(format, arguments);
	va_end(arguments);
}

/* Linked, never called from relay(). */
const char *pam_getenv(pam_handle_t *pamh, const char *name) { (void)pamh, (void)name; abort(); }
int pam_get_item(const pam_handle_t *pamh, int item, const void **out) { (void)pamh, (void)item, (void)out; abort(); }
int pam_get_user(pam_handle_t *pamh, const char **out, const char *prompt) { (void)pamh, (void)out, (void)prompt; abort(); }
int pam_fail_delay(pam_handle_t *pamh, unsigned int delay) { (void)pamh, (void)delay; abort(); }
struct passwd *pam_modutil_getpwnam(pam_handle_t *pamh, const char *user) { (void)pamh, (void)user; abort(); }

struct packet { const uint8_t *bytes; size_t length; };

static int begins(const struct packet *packet, const char *word)
{
	return packet->length >= strlen(word) && memcmp(packet->bytes, word, strlen(word)) == 0;
}

static int equals(const struct packet *packet, const char *word)
{
	return begins(packet, word) && packet->length == strlen(word);
}

/* What the packets have to lead to, worked out in another way than relay() does it. */
static int expect(const struct packet *packets, int count, bool asks)
{
	int answers_left = answer_count;
	for (int i = 0; i < count && i < LINES; i++) {
		if (equals(&packets[i], "OK") || equals(&packets[i], "SKIP"))
			return PAM_SUCCESS;
		if (equals(&packets[i], "FAIL"))
			return PAM_AUTH_ERR;
		if (packets[i].length >= LINE_BYTES)
			return PAM_SYSTEM_ERR;
		for (size_t at = 0; at < packets[i].length; at++)
			if (packets[i].bytes[at] < 0x20 || packets[i].bytes[at] > 0x7e)
				return PAM_SYSTEM_ERR;
		if (begins(&packets[i], "PROMPT ")) {
			if (!asks)
				return PAM_PERM_DENIED;
			if (answers_left-- == 0)
				return PAM_SYSTEM_ERR;
		} else if (!begins(&packets[i], "INFO ") && !begins(&packets[i], "LOG ")) {
			return PAM_SYSTEM_ERR; /* FAULT, too */
		}
	}
	return count < LINES ? PAM_ABORT : PAM_SYSTEM_ERR;
}

/* The same bytes as a switch file: a word of its own counts, and nothing counts that begins otherwise. */
static void claim_switch(const uint8_t *data, size_t size)
{
	char text[512];
	size_t length = size < sizeof text ? size : sizeof text - 1;

	memcpy(text, data, length);
	text[length] = '\0';
	const enum word word = parse_switch(text);
	const bool on = strncmp(text, "on", 2) == 0, off = strncmp(text, "off", 3) == 0;
	const char *rest = text + (on ? 2 : 3);
	CLAIM(word == ABSENT || on || off);
	if ((on || off) && rest[strspn(rest, " \t\r\n")] == '\0')
		CLAIM(word == (on ? ON : OFF));
	CLAIM(word != LAPSED || on);
	if (word != ABSENT && rest[strspn(rest, " \t\r\n")] != '\0')
		CLAIM(strncmp(rest, " until ", 7) == 0);
}

/* The helper gets one line for each answer, and never one that holds a control character or is too long. */
static void claim_answers(int fd)
{
	char line[4 * LINE_BYTES];
	ssize_t length;
	int got = 0;
	while ((length = recv(fd, line, sizeof line, MSG_DONTWAIT)) > 0) {
		CLAIM(length >= 7 && length < LINE_BYTES && memcmp(line, "ANSWER ", 7) == 0);
		for (ssize_t i = 0; i < length; i++)
			CLAIM((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
		const char *typed = answers[got++];
		CLAIM(length == 7 || ((size_t)length == 7 + strlen(typed) && memcmp(line + 7, typed, (size_t)length - 7) == 0));
	}
	CLAIM(got == answers_used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char typed[PACKETS][4 * LINE_BYTES];
	struct packet packets[PACKETS];
	int count = 0, ends[2];

	claim_switch(data, size);
	answer_count = answers_used = prompts_shown = 0;
	if (size < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
		return 0;
	const int flags = (data[0] & 1) ? (int)PAM_SILENT : 0;
	for (size_t at = 1; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t length = end ? (size_t)(end - (data + at)) : size - at;
		if (length > 1 && data[at] == 1 && length < sizeof typed[0] && answer_count < PACKETS) {
			memcpy(typed[answer_count], data + at + 1, length - 1);
			typed[answer_count][length - 1] = '\0';
			answers[answer_count] = typed[answer_count];
			answer_count++;
		} else if (length > 0 && data[at] != 1 && count < PACKETS && send(ends[1], data + at, length, MSG_DONTWAIT) >= 0) {
			packets[count++] = (struct packet){ data + at, length };
		}
		at += length + 1;
	}
	shutdown(ends[1], SHUT_WR);
	const struct arguments arguments = { .keys = (data[0] & 2) ? POLICY : ANY_KEY };
	const int verdict = relay((pam_handle_t *)&count, ends[0], flags, &arguments); /* any address will do */
	CLAIM(verdict == expect(packets, count, arguments.keys == ANY_KEY));
	CLAIM(arguments.keys == ANY_KEY || prompts_shown == 0);
	CLAIM(prompts_shown <= LINES);
	claim_answers(ends[1]);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
