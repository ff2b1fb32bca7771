/*
 * log.c: writes event lines as key=value text, one write a line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* Writes one line; what would break it into two becomes a space. */
void
log_line(const char *event, const char *format, ...)
{
	char line[1024];
	struct tm utc;
	time_t now = time(NULL);
	size_t length;
	va_list arguments;

	gmtime_r(&now, &utc);
	length = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &utc);
	length += (size_t) snprintf(line + length, sizeof(line) - length, "%s ", event);
	va_start(arguments, format);
	(void) vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	va_end(arguments);
	for (length = 0; line[length] != '\0'; length++)
		if ((unsigned char) line[length] < ' ')
			line[length] = ' ';
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* there is nowhere left to say it */
}
