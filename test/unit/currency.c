/* ISO 4217: codes in use, codes that are no more, and what is none. */
#include "currency.h"
#include "tap.h"

static bool
known(const char *code)
{
	return currency_known(code, strlen(code));
}

int
main(void)
{
	static const char *const good[] = {"AED", "EUR", "USD", "GBP", "JPY", "INR", "CHF", "XOF", "XCG",
									   "SLE", "VED", "ZWG", "BHD", "MRU", "KWD", "ZMW"};
	/* withdrawn; funds, metals and tests; letters that are none */
	static const char *const bad[] = {"HRK", "ANG", "SLL", "ZWL", "CUC", "DEM", "XAU", "XTS",
									  "XXX", "CLF", "eur", "EU",  "EURO", "",	 "AAA", "ZZZ", "E\0R"};
	char code[4] = "AAA";
	int count = 0;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(known(good[i]), good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!known(bad[i]), bad[i]);
	for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
		for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
			for (code[2] = 'A'; code[2] <= 'Z'; code[2]++)
				count += known(code);
	is_int(count, 155, "so many, and each is found in the sorted list");
	return done_testing();
}
