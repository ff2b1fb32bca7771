/*
 * tld.c: looks a top-level domain up in the static tables.
 */
#include <string.h>

#include "tld.h"

/* Compares label, which has a length, with name, which has a NUL. */
static int
compare(const char *label, size_t length, const char *name)
{
	for (size_t i = 0; i < length; i++)
		if (label[i] != name[i])
			return (unsigned char) label[i] - (unsigned char) name[i];
	return name[length] == '\0' ? 0 : -1;
}

/* Searches table[low, high). */
static bool
search(const char *const *table, size_t low, size_t high, const char *label, size_t length)
{
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		int order = compare(label, length, table[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Tells whether a lower-case A-label is a top-level domain. */
bool
tld_known(const char *label, size_t length)
{
	size_t letter = length > 0 ? (unsigned char) label[0] - (size_t) 'a' : 26;

	return letter < 26 &&
		   search(tld_table, tld_first[letter], tld_first[letter + 1], label, length);
}

/* Tells the same of a label in Unicode, in lower case and NFC. */
bool
tld_known_unicode(const char *label, size_t length)
{
	return search(tld_unicode, 0, tld_unicode_count, label, length);
}

/* Returns the bytes of the longest top-level domain in Unicode that begins the label. */
size_t
tld_unicode_prefix(const char *label, size_t length)
{
	size_t longest = 0;

	for (size_t i = 0; i < tld_unicode_count; i++)
	{
		size_t bytes;

		if (length == 0 || tld_unicode[i][0] != label[0])
			continue;
		bytes = strlen(tld_unicode[i]);
		if (bytes > longest && bytes <= length &&
			memcmp(label, tld_unicode[i], bytes) == 0)
			longest = bytes;
	}
	return longest;
}
