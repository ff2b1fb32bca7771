/*
 * iso_time.c: reads RFC 3339, such as 2026-03-01T10:20:00.5+01:00: a date, a time and an
 * offset, none of them left out, none of them guessed.
 */
#include "iso_time.h"

#include "ascii.h"

#define SECOND 1000000

typedef struct Reader
{
	const char *at;
	const char *end;
	bool good;
} Reader;

/* Reads a number of just so many digits, within bounds. */
static int
number(Reader *reader, int digits, int low, int high)
{
	int value = 0;

	for (int i = 0; i < digits && reader->good; i++)
	{
		reader->good = reader->at < reader->end && ascii_digit(*reader->at);
		if (reader->good)
			value = value * 10 + (*reader->at++ - '0');
	}
	reader->good = reader->good && value >= low && value <= high;
	return reader->good ? value : low;
}

/* Passes over one of some characters; gives it, or NUL. */
static char
one_of(Reader *reader, const char *allowed)
{
	if (reader->at < reader->end)
		for (; *allowed != '\0'; allowed++)
			if (*reader->at == *allowed)
				return *reader->at++;
	return '\0';
}

static void
expect(Reader *reader, const char *allowed)
{
	reader->good = one_of(reader, allowed) != '\0' && reader->good;
}

/* Reads what follows a decimal point, to microseconds; further digits are dropped. */
static int
fraction(Reader *reader)
{
	int value = 0;
	int unit = SECOND / 10;

	if (one_of(reader, ".") == '\0')
		return 0;
	reader->good = reader->good && reader->at < reader->end && ascii_digit(*reader->at);
	while (reader->good && reader->at < reader->end && ascii_digit(*reader->at))
	{
		value += (*reader->at++ - '0') * unit;
		unit /= 10;
	}
	return value;
}

/* Reads an offset in seconds. */
static int
offset(Reader *reader)
{
	char sign = one_of(reader, "Zz+-");
	int seconds;

	if (sign == 'Z' || sign == 'z')
		return 0;
	reader->good = reader->good && sign != '\0';
	seconds = number(reader, 2, 0, 15) * 3600;
	(void) one_of(reader, ":");
	seconds += number(reader, 2, 0, 59) * 60;
	return sign == '-' ? -seconds : seconds;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Gives the days from 1970-01-01; a year is counted from March, so that leap days end it.
 */
static int64_t
days_since_1970(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool
iso_time_read(const char *text, size_t length, int64_t *unix_microseconds)
{
	Reader reader = {text, text + length, true};
	int year = number(&reader, 4, 1, 9999);
	int month;
	int day;
	int64_t seconds;
	int microseconds;

	expect(&reader, "-");
	month = number(&reader, 2, 1, 12);
	expect(&reader, "-");
	day = number(&reader, 2, 1, days_of_month(year, month));
	expect(&reader, "Tt ");
	seconds = days_since_1970(year, month, day) * 86400;
	seconds += number(&reader, 2, 0, 23) * 3600;
	expect(&reader, ":");
	seconds += number(&reader, 2, 0, 59) * 60;
	expect(&reader, ":");
	seconds += number(&reader, 2, 0, 60);
	microseconds = fraction(&reader);
	seconds -= offset(&reader);
	*unix_microseconds = seconds * SECOND + microseconds;
	return reader.good && reader.at == reader.end;
}
