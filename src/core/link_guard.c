/*
 * link_guard.c: tells hosts from words that only look like hosts.
 */
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>

#include "ascii.h"
#include "link_char.h"
#include "link_guard.h"
#include "utf8.h"

/* Abbreviations, in lower case. */
static const char *const abbreviations[] = {"b.sc", "co.kg", "dr.med", "m.sc"};
static const HostList abbreviation_list = {abbreviations, 4};

/* Second levels under which countries register: co.uk is nobody's host. */
static const char *const second_levels[] = {"ac",  "co",   "com", "edu", "gob", "gouv",
											"gov", "govt", "gub", "ltd", "mil", "ne",
											"net", "nom",  "or",  "org", "plc", "sch"};
static const HostList second_level_list = {second_levels, 18};

/* What stands behind a number: 6.pm, 5.kg */
static const char *const units[] = {"am", "cm", "kg", "km", "mg", "ml", "pm"};
static const HostList unit_list = {units, 7};

/* Tells whether "(at)" or "[at]" ends at text[at], a space between or not. */
static bool
at_sign_before(const char *text, size_t at)
{
	if (at > 0 && text[at - 1] == ' ')
		at--;
	return at >= 4 && (strncasecmp(text + at - 4, "(at)", 4) == 0 ||
					   strncasecmp(text + at - 4, "[at]", 4) == 0);
}

/* Tells whether what precedes text[start] forbids a host there. */
bool
guard_before(const char *text, size_t start)
{
	uint32_t c;

	if (start == 0)
		return false;
	utf8_decode_before(text, start, &c);
	if (c < 128 ? ascii_alnum((char) c) || ascii_in((char) c, "@./\\-_&+%~#$")
				: link_char_letter(c))
		return true;
	return at_sign_before(text, start);
}

/* Finds the last label, as it stands in the text. */
static size_t
last_label(const char *text, size_t start, size_t end)
{
	while (end > start && text[end - 1] != '.')
		end--;
	return end;
}

typedef struct Case
{
	int uppers;
	int lowers;
	bool first_upper;
} Case;

static Case
case_of(const char *text, size_t start, size_t end)
{
	Case found = {0, 0, false};

	for (size_t at = start; at < end;)
	{
		uint32_t c;

		at += utf8_decode(text + at, end - at, &c);
		if (u_isupper((UChar32) c))
		{
			found.first_upper |= found.uppers + found.lowers == 0;
			found.uppers++;
		}
		else if (u_islower((UChar32) c))
			found.lowers++;
	}
	return found;
}

/*
 * Tells two sentences without a space between from a host: done.In, Hello.World, and
 * example.com.Call (but not Shop.Example.Com).
 */
bool
guard_join_like(const char *text, size_t start, const Host *host)
{
	size_t label = last_label(text, start, host->end);
	Case tld = case_of(text, label, host->end);
	Case before;

	if (label == start || !tld.first_upper || tld.lowers == 0)
		return false;
	before = case_of(text, last_label(text, start, label - 1), label - 1);
	return host->labels == 2 || !before.first_upper;
}

/* a.m.to, e.g.in, 5.30.in: letters one by one, or numbers, and a word. */
static bool
initials(const Host *host)
{
	const char *s = host->ascii;

	for (int i = 1; i < host->labels; i++)
	{
		size_t length = strcspn(s, ".");

		if (length > 1 && strspn(s, "0123456789") < length)
			return false;
		s += length + 1;
	}
	return host->labels > 2;
}

/* 12:30.in: a time and a word. */
static bool
clock_time(const char *text, size_t start, const Host *host)
{
	size_t digits = strspn(host->ascii, "0123456789");

	return start >= 2 && text[start - 1] == ':' && ascii_digit(text[start - 2]) &&
		   digits > 0 && host->ascii[digits] == '.';
}

/* A.De, M.Sc: a letter before a country's code in capitals. */
static bool
initial(const char *text, size_t start, const Host *host)
{
	const char *dot = strrchr(host->ascii, '.');
	Case tld = case_of(text, last_label(text, start, host->end), host->end);

	return host->labels == 2 && dot == host->ascii + 1 && strlen(dot + 1) == 2 &&
		   tld.first_upper;
}

/* co.uk, com.au: where names are registered, not a name. */
static bool
public_suffix(const Host *host)
{
	const char *dot = strchr(host->ascii, '.');
	char second[HOST_ASCII_MAX + 1];

	if (host->labels != 2 || strlen(dot + 1) != 2)
		return false;
	memcpy(second, host->ascii, (size_t) (dot - host->ascii));
	second[dot - host->ascii] = '\0';
	return host_list_has(&second_level_list, second);
}

/* Tells whether a host is a number and what it counts: 6.pm, 50.km/h */
bool
guard_number(const Host *host)
{
	size_t digits = strspn(host->ascii, "0123456789");

	return host->labels == 2 && digits > 0 && host->ascii[digits] == '.' &&
		   host_list_has(&unit_list, host->ascii + digits + 1);
}

/* Tells whether a host with nothing behind it may be words, joins apart. */
bool
guard_naked(const char *text, size_t start, const Host *host,
			const HostList *ignored_tlds)
{
	return host_list_has(ignored_tlds, strrchr(host->ascii, '.') + 1) ||
		   host_list_has(&abbreviation_list, host->ascii) || initial(text, start, host) ||
		   initials(host) || clock_time(text, start, host) || public_suffix(host);
}
