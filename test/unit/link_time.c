/*
 * Hostile bodies cost linear time, and a scan of any body can be cancelled: eight times
 * the bytes take about eight times the processor time, and poll is called every few kB.
 */
#include <stdlib.h>
#include <time.h>

#include "link.h"
#include "tap.h"

#define SMALL 20000
#define TIMES 8
#define SLACK (CLOCKS_PER_SEC / 50000)

static const char *const patterns[] = {"(",
									   "((((a",
									   ".",
									   "a.",
									   "a.a.a.a ",
									   "http://",
									   "https://a.com/",
									   "http://http:",
									   "a@",
									   "a@b.",
									   "{{",
									   "{{a",
									   "{a ",
									   "[[",
									   "[[a ",
									   "%a",
									   "%aaa%",
									   "www.",
									   "x.de+",
									   "x.de",
									   "ab://",
									   "://",
									   "http:",
									   "sms:a",
									   "-.-",
									   "你.",
									   "你",
									   "。",
									   "http://你。",
									   "a.你.",
									   "😀.",
									   "\xFF",
									   "http://[::",
									   "http://a:",
									   "a,http://b",
									   "a.com/(",
									   "a.com/[[",
									   "a.com/%41",
									   "a.com/你",
									   "a.b.de ",
									   "xn--a.",
									   "//a.com",
									   "https//a.com ",
									   "lorem ipsum "};

static size_t polls;

static void
count_poll(void)
{
	polls++;
}

/* Returns the least of three measurements, in clock ticks. */
static clock_t
scan_time(const char *body, size_t length, const LinkOptions *options)
{
	clock_t least = 0;

	for (int round = 0; round < 3; round++)
	{
		clock_t began = clock();
		clock_t spent;
		LinkScan scan;
		Link link;

		link_scan_begin(&scan, body, length, options);
		while (link_scan_next(&scan, &link))
			;
		spent = clock() - began;
		if (round == 0 || spent < least)
			least = spent;
	}
	return least;
}

static void
test_pattern(const char *pattern, const char *prefix, const LinkOptions *options)
{
	size_t unit = strlen(pattern);
	size_t length = strlen(prefix);
	char *body = malloc(TIMES * SMALL + unit + length);
	clock_t small;
	clock_t large;

	memcpy(body, prefix, length);
	for (; length < TIMES * SMALL; length += unit)
		memcpy(body + length, pattern, unit);
	small = scan_time(body, SMALL, options);
	polls = 0;
	large = scan_time(body, length, options);
	/* half way to quadratic; a little more for what is too short to measure */
	if (!ok(large < (small + SLACK) * TIMES * TIMES / 2, pattern))
		printf("# %ld and %ld ticks\n", (long) small, (long) large);
	ok(polls >= 3 * length / 65536, "can be cancelled");
	free(body);
}

int
main(void)
{
	UIDNA *idna = host_idna_open();
	const LinkOptions options = {.host = {.idna = idna}, .poll = count_poll};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
	{
		test_pattern(patterns[i], "", &options);
		test_pattern(patterns[i], "https://example.com/", &options);
	}
	uidna_close(idna);
	return done_testing();
}
