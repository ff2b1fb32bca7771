/* The path without vectors agrees with the one the compiler chose. */
#undef __SSE2__
#define gsm7_alphabet  portable_alphabet
#define gsm7_extension portable_extension
#define gsm7_septets   portable_septets
#define gsm7_scan	   portable_scan
#include "gsm7.c"
#undef gsm7_scan

#include "tap.h"

extern size_t gsm7_scan(const char *text, size_t length, Gsm7Tally *tally);

/* Compares texts drawn from a few bytes by a generator of our own. */
int
main(void)
{
	static const char bytes[] = "abcdefghijk{}\xC3\xA4\xC3\xA7\xE2\x82\xAC`";
	char text[64];
	int differences = 0;
	uint32_t state = 1;

	for (int i = 0; i < 1000000; i++)
	{
		size_t length = (size_t) i % sizeof(text);
		Gsm7Tally here = {0};
		Gsm7Tally there = {0};

		for (size_t at = 0; at < length; at++)
		{
			state = state * 1664525 + 1013904223;
			text[at] = bytes[(state >> 16) % (i % 2 == 0 ? sizeof(bytes) - 1 : 13)];
		}
		differences +=
			gsm7_scan(text, length, &here) != portable_scan(text, length, &there) ||
			here.characters != there.characters || here.extended != there.extended;
	}
	is_int(differences, 0, "scans read the same");
	return done_testing();
}
