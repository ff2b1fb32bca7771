/*
 * Fuzzes targets: what is written is what a browser requests (no control byte, no space,
 * no user, nothing but ASCII), is allowed again, and stays as it is when it is written
 * again; a parameter is added once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "link_target.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts unless a written target is safe in a Location header. */
static void
must_be_safe(const char *url, size_t length)
{
	size_t authority = 0;

	if (strlen(url) != length ||
		(strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0))
		abort();
	for (size_t i = 0; i < length; i++)
		if (url[i] <= ' ' || url[i] > '~' || url[i] == '\\' || url[i] == '"' ||
			url[i] == '<' || url[i] == '>')
			abort();
	authority = (size_t) (strstr(url, "://") + 3 - url);
	if (strcspn(url + authority, "/?#") == 0 ||
		memchr(url + authority, '@', strcspn(url + authority, "/?#")) != NULL)
		abort();
}

static void
check_decorated(const char *url, size_t length)
{
	size_t room = LINK_TARGET_WRITTEN_MAX + 64;
	char *once = malloc(room);
	char *twice = malloc(room);
	size_t first;
	size_t second;

	if (link_target_decorate(url, length, "tok", "abc", once, room, &first) ==
		LINK_TARGET_WRITTEN)
	{
		must_be_safe(once, first);
		if (first <= LINK_TARGET_MAX &&
			(link_target_decorate(once, first, "tok", "def", twice, room, &second) !=
				 LINK_TARGET_WRITTEN ||
			 first != second || memcmp(once, twice, first) != 0))
			abort();
	}
	free(twice);
	free(once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static UIDNA *idna;
	/* exactly sized, for the sanitizer to see a byte too far */
	char *url = malloc(size + (size == 0));
	char *written = malloc(LINK_TARGET_WRITTEN_MAX);
	char *again = malloc(LINK_TARGET_WRITTEN_MAX);
	size_t length;
	size_t rewritten;

	if (idna == NULL)
		idna = host_idna_open();
	if (size > 0)
		memcpy(url, data, size);
	if (link_target_write(url, size, idna, written, LINK_TARGET_WRITTEN_MAX, &length) ==
		LINK_TARGET_WRITTEN)
	{
		if (!link_target_allowed(url, size))
			abort();
		must_be_safe(written, length);
		if (length <= LINK_TARGET_MAX &&
			(link_target_write(written, length, idna, again, LINK_TARGET_WRITTEN_MAX,
							   &rewritten) != LINK_TARGET_WRITTEN ||
			 rewritten != length || memcmp(again, written, length) != 0))
			abort();
		check_decorated(written, length);
	}
	free(again);
	free(written);
	free(url);
	return 0;
}
