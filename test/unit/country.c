/* The country of a number: the longest prefix counts, and what is no number has none. */
#include <string.h>

#include "country.h"
#include "tap.h"

static void
country(const char *number, const char *want)
{
	Country found = country_of_number(number, strlen(number));
	char letters[3] = {(char) (found >> 8), (char) (found & 0xFF), '\0'};

	is_str(letters, want, number);
}

static void
calling_code(const char *country, const char *want)
{
	char digits[CALLING_CODE_MAX + 1];

	country_calling_code((Country) (country[0] << 8 | country[1]), digits);
	is_str(digits, want, country);
}

int
main(void)
{
	calling_code("DE", "49");
	calling_code("US", "1");
	calling_code("CA", "1");
	calling_code("JM", "1");
	calling_code("RU", "7");
	calling_code("KZ", "7");
	calling_code("GB", "44");
	calling_code("JE", "44");
	calling_code("VA", "39");
	calling_code("PT", "351");
	calling_code("EH", "212");
	calling_code("IL", "972");
	calling_code("UZ", "998");
	calling_code("XX", "");
	calling_code("\0\0", "");

	country("+4915112345678", "DE");
	country("004915112345678", "DE");
	country("+49 (151) 123-45.67/8", "DE");
	country(" +33612345678", "FR");
	country("+12125550123", "US");
	country("+14165550123", "CA");
	country("+12735550123", "CA");
	country("+16225550123", "CA");
	country("+18765550123", "JM");
	country("+18005550123", "");
	country("+79161234567", "RU");
	country("+77011234567", "KZ");
	country("+447400123456", "GB");
	country("+447797123456", "JE");
	country("+393123456789", "IT");
	country("+390669812345", "VA");
	country("+351912345678", "PT");
	country("+2125288123456", "EH");
	country("+212612345678", "MA");
	country("+9725012345678", "IL");
	country("+24740123", "SH");
	country("+870123456", "");
	country("+999", "");
	country("+4", "");
	country("+", "");
	country("", "");
	country("00", "");
	country("015112345678", "");
	country("4915112345678", "");
	country("someone@example.com", "");
	country("+x49", "");
	is_str(country_of_number("+491", 2) == 0 ? "none" : "read", "none",
		   "no byte behind the length is read");
	return done_testing();
}
