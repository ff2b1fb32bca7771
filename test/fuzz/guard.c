/*
 * Fuzzes the guard of the redirector: the verdict does not depend on how the bytes are
 * parted on their way, and what it passes is framed in one way only: lines end by CR LF,
 * no NUL, at most one length and no coding beside it, and nothing behind the request.
 */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../redirector/guard.c"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What became of some bytes. */
typedef struct Verdict
{
	size_t passed;
	int status;
	bool done;
} Verdict;

static const GuardLimits limits = {.head = 1024, .body = 256};

/* Reads bytes in parts, as long as a seed says; each part is sized exactly. */
static Verdict
read_parted(const char *bytes, size_t length, unsigned seed)
{
	Guard guard = {0};
	Verdict verdict = {0};

	while (verdict.passed < length && !verdict.done)
	{
		size_t left = length - verdict.passed;
		size_t part = seed == 0 ? left : 1 + seed % 7;
		char *copy;
		size_t passed;

		if (part > left)
			part = left;
		copy = malloc(part);
		memcpy(copy, bytes + verdict.passed, part);
		passed = guard_read(&guard, &limits, copy, part, &verdict.status);
		free(copy);
		if (verdict.status != 0)
			return verdict;
		verdict.passed += passed;
		verdict.done = guard.state == GUARD_DONE;
		if (passed > part || (passed < part && !verdict.done))
			abort();
		seed = seed * 1103515245 + 12345 * (seed != 0);
	}
	return verdict;
}

static const char *
find(const char *bytes, size_t length, const char *what)
{
	return memmem(bytes, length, what, strlen(what));
}

/* Counts the header lines that begin with a name. */
static int
count_lines(const char *head, size_t length, const char *name)
{
	int count = 0;

	for (size_t i = 2; i + strlen(name) <= length; i++)
		if (memcmp(head + i - 2, "\r\n", 2) == 0 &&
			strncasecmp(head + i, name, strlen(name)) == 0)
			count++;
	return count;
}

/* Looks at a request that was passed on, as simply as can be. */
static void
check_passed(const char *bytes, size_t length)
{
	const char *end;
	size_t head;
	int lengths;

	if (length >= 2 && memcmp(bytes, "\r\n", 2) == 0) /* one empty line is forgiven */
		bytes += 2, length -= 2;
	end = find(bytes, length, "\r\n\r\n");
	if (end == NULL)
		abort();
	head = (size_t) (end - bytes) + 2;
	lengths = count_lines(bytes, head, "content-length:");
	if (memchr(bytes, '\0', head) != NULL || lengths > 1 ||
		count_lines(bytes, head, "content-length ") > 0 ||
		count_lines(bytes, head, " ") + count_lines(bytes, head, "\t") > 0 ||
		count_lines(bytes, head, "transfer-encoding:") > 0)
		abort();
	for (size_t i = 0; i < head; i++)
		if ((bytes[i] == '\n') != (i > 0 && bytes[i - 1] == '\r') ||
			(bytes[i] == '\r' && bytes[i + 1] != '\n'))
			abort();
	if (length - head - 2 > limits.body || (lengths == 0 && length != head + 2))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned seed = size == 0 ? 1 : 1u + data[0];
	const char *bytes = (const char *) data + (size > 0);
	size_t length = size - (size > 0);
	Verdict whole = read_parted(bytes, length, 0);
	Verdict parted = read_parted(bytes, length, seed);

	if (whole.status != parted.status || whole.done != parted.done ||
		(whole.status == 0 && whole.passed != parted.passed))
		abort();
	if (whole.status == 0 && whole.done)
		check_passed(bytes, whole.passed);
	return 0;
}
