/* Every code point comes back from its encoding; no invalid sequence decodes. */
#include "tap.h"
#include "utf8.h"

static int
round_trip_errors(void)
{
	int errors = 0;

	for (uint32_t c = 0; c <= 0x10FFFF; c++)
	{
		char bytes[4];
		uint32_t back;
		size_t length;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		length = utf8_encode(c, bytes);
		errors += utf8_decode(bytes, length, &back) != length || back != c;
	}
	return errors;
}

static void
invalid(const char *bytes, size_t length, const char *name)
{
	uint32_t c;

	ok(utf8_decode(bytes, length, &c) == 1 && c == UTF8_REPLACEMENT, name);
}

int
main(void)
{
	is_int(round_trip_errors(), 0, "all code points come back");
	invalid("\x80", 1, "lone continuation byte");
	invalid("\xC0\x80", 2, "overlong NUL");
	invalid("\xE0\x80\x80", 3, "overlong in three bytes");
	invalid("\xED\xA0\x80", 3, "surrogate");
	invalid("\xF4\x90\x80\x80", 4, "above U+10FFFF");
	invalid("\xE2\x82", 2, "cut short");
	return done_testing();
}
