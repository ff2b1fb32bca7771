/* The path without vectors agrees with the one the compiler chose. */
#undef __SSE2__
#define gsm7_alphabet  portable_alphabet
#define gsm7_extension portable_extension
#define gsm7_septets   portable_septets
#define gsm7_plain_run portable_plain_run
#include "gsm7.c"
#undef gsm7_plain_run

#include "tap.h"

extern size_t gsm7_plain_run(const char *text, size_t length);

int
main(void)
{
	char text[50];
	int differences = 0;

	for (size_t length = 0; length <= sizeof(text); length++)
		for (size_t at = 0; at < length; at++)
			for (int byte = 0; byte < 256; byte++)
			{
				memset(text, 'x', sizeof(text));
				text[at] = (char) byte;
				differences +=
					gsm7_plain_run(text, length) != portable_plain_run(text, length);
			}
	is_int(differences, 0, "runs end at the same byte");
	return done_testing();
}
