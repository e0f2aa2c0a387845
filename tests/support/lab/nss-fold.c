/*
 * An NSS module as a directory service is one: it knows the accounts of /etc/passwd by other spellings as well,
 * `ALICE` and `alice@corp.example`, and answers with the name that they have there.
 *   gcc -shared -fPIC -o libnss_fold.so.2 nss-fold.c; `passwd: files fold` in nsswitch.conf
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>

/* The name as it is in the files; 0: it is spelled so already. */
static int fold(const char *name, char *folded, size_t size)
{
	size_t length = strcspn(name, "@");

	if (length >= size)
		return 0;
	for (size_t i = 0; i < length; i++)
		folded[i] = (char)tolower((unsigned char)name[i]);
	folded[length] = '\0';
	return strcmp(name, folded) != 0;
}

enum nss_status _nss_fold_getpwnam_r(const char *name, struct passwd *result, char *buffer, size_t size, int *errnop)
{
	char folded[256];
	struct passwd *found = NULL;
	FILE *file;
	int error;

	if (!fold(name, folded, sizeof folded) || !(file = fopen("/etc/passwd", "re")))
		return NSS_STATUS_NOTFOUND;
	while ((error = fgetpwent_r(file, result, buffer, size, &found)) == 0 && strcmp(found->pw_name, folded) != 0)
		;
	fclose(file);
	*errnop = error;
	return error == 0 ? NSS_STATUS_SUCCESS : error == ERANGE ? NSS_STATUS_TRYAGAIN : NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_fold_getspnam_r(const char *name, struct spwd *result, char *buffer, size_t size, int *errnop)
{
	char folded[256];
	struct spwd *found = NULL;
	FILE *file;
	int error;

	if (!fold(name, folded, sizeof folded) || !(file = fopen("/etc/shadow", "re")))
		return NSS_STATUS_NOTFOUND;
	while ((error = fgetspent_r(file, result, buffer, size, &found)) == 0 && strcmp(found->sp_namp, folded) != 0)
		;
	fclose(file);
	*errnop = error;
	return error == 0 ? NSS_STATUS_SUCCESS : error == ERANGE ? NSS_STATUS_TRYAGAIN : NSS_STATUS_NOTFOUND;
}
