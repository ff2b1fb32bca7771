/* RFC 3339 times: what is read, to the microsecond, and what is refused. */
#include "iso_time.h"
#include "tap.h"

static long long
read(const char *text)
{
	int64_t microseconds;

	return iso_time_read(text, strlen(text), &microseconds) ? microseconds : -1;
}

int
main(void)
{
	/* RFC 3339, section 5.8 has the second to fourth; the numbers are of date(1) */
	is_int(read("1970-01-01T00:00:00Z"), 0, "the epoch");
	is_int(read("1985-04-12T23:20:50.52Z"), 482196050520000, "a fraction");
	is_int(read("1996-12-19T16:39:57-08:00"), 851042397000000, "an offset to the west");
	is_int(read("1937-01-01T12:00:27.87+00:20"), -1041337172130000, "before the epoch, 20 minutes east");
	is_int(read("2000-02-29t12:00:00z"), 951825600000000, "a leap day, small letters");
	is_int(read("2026-11-24 22:00:00+0100"), 1795554000000000, "a space, an offset without colon");
	is_int(read("2026-11-24T22:00:00.1234567Z"), 1795557600123456, "more digits than microseconds");
	is_int(read("9999-12-31T23:59:59Z"), 253402300799000000, "the last year");
	is_int(read("2026-11-24"), -1, "no time");
	is_int(read("2026-11-24T22:00:00"), -1, "no offset");
	is_int(read("2026-11-24T22:00Z"), -1, "no seconds");
	is_int(read("2026-13-01T00:00:00Z"), -1, "month 13");
	is_int(read("2026-00-01T00:00:00Z"), -1, "month 0");
	is_int(read("2026-02-29T00:00:00Z"), -1, "no leap year");
	is_int(read("1900-02-29T00:00:00Z"), -1, "nor 1900");
	is_int(read("2026-04-31T00:00:00Z"), -1, "April 31");
	is_int(read("2026-11-24T24:00:00Z"), -1, "hour 24");
	is_int(read("2026-11-24T22:60:00Z"), -1, "minute 60");
	is_int(read("2026-11-24T22:00:00.Z"), -1, "a point alone");
	is_int(read("2026-11-24T22:00:00+16:00"), -1, "an offset that is nowhere");
	is_int(read("2026-11-24T22:00:00ZZ"), -1, "more behind it");
	is_int(read(" 2026-11-24T22:00:00Z"), -1, "a space before it");
	is_int(read("20O6-11-24T22:00:00Z"), -1, "a letter");
	is_int(read(""), -1, "nothing");
	return done_testing();
}
