/* Decimals: what is one, and what only looks like one. */
#include "decimal.h"
#include "tap.h"

int
main(void)
{
	static const char *const good[] = {"0", "-0", "5", "007", "12.50", "-12.5", "0.0000001",
									   "1234567890123456789012345678901234567890"};
	static const char *const bad[] = {"", "-", ".", ".5", "5.", "-.5", "--5", "+5", "1e3", "1,5", "1.2.3",
									  " 5", "5 ", "NaN", "Infinity", "0x10", "1_000", "\xD9\xA5",
									  "12345678901234567890123456789012345678901"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(decimal_valid(good[i], strlen(good[i])), good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!decimal_valid(bad[i], strlen(bad[i])), bad[i]);
	ok(!decimal_valid("5\0", 2), "a NUL behind it");
	return done_testing();
}
