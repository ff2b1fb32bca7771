/*
 * host_ascii.c: the form of a host that goes over the wire: lower-case A-labels, or an
 * address.
 */
#include <arpa/inet.h>
#include <string.h>

#include "ascii.h"
#include "host_ascii.h"
#include "host_script.h"

/* Opens the handle for UTS #46; the caller closes it. Returns NULL where ICU cannot. */
UIDNA *
host_idna_open(void)
{
	UErrorCode status = U_ZERO_ERROR;
	UIDNA *idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
									  UIDNA_NONTRANSITIONAL_TO_ASCII |
									  UIDNA_NONTRANSITIONAL_TO_UNICODE,
								  &status);

	return U_SUCCESS(status) ? idna : NULL;
}

/* Puts ASCII bytes into lower case; returns false where they do not fit. */
bool
host_lower(const char *text, size_t length, char *out, size_t room)
{
	if (length >= room)
		return false;
	for (size_t i = 0; i < length; i++)
		out[i] = ascii_lower(text[i]);
	out[length] = '\0';
	return true;
}

/* Tells whether a name in A-labels looks like another one to people. */
static bool
looks_alike(const UIDNA *idna, const char *ascii, int32_t length)
{
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	char name[4 * (HOST_ASCII_MAX + 1)];
	int32_t written = uidna_nameToUnicodeUTF8(idna, ascii, length, name,
											  (int32_t) sizeof(name), &info, &status);

	return U_FAILURE(status) || host_looks_alike(name, (size_t) written);
}

/* Writes names of any script as lower-case A-labels; false where one looks like another. */
bool
host_idna_to_ascii(const UIDNA *idna, const char *text, size_t length, char *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UIDNA *opened = idna == NULL ? host_idna_open() : NULL;
	int32_t written = 0;
	bool valid;

	if (idna == NULL)
		idna = opened;
	if (idna == NULL)
		return false;
	written = uidna_nameToASCII_UTF8(idna, text, (int32_t) length, out, HOST_ASCII_MAX,
									 &info, &status);
	valid = U_SUCCESS(status) &&
			(info.errors & ~(uint32_t) UIDNA_ERROR_HYPHEN_3_4) == 0 &&
			!looks_alike(idna, out, written);
	if (opened != NULL)
		uidna_close(opened);
	if (valid)
		out[written] = '\0';
	return valid;
}

/* RFC 1035's letter-digit-hyphen rule, with _ where DNS has it. */
bool
host_labels_valid(const char *ascii, int labels)
{
	for (int i = 1; i <= labels; i++)
	{
		size_t length = strcspn(ascii, ".");

		if (length < 1 || length > HOST_LABEL_MAX || ascii[0] == '-' ||
			ascii[length - 1] == '-')
			return false;
		for (size_t k = 0; k < length; k++)
			if (!ascii_alnum(ascii[k]) && ascii[k] != '-' &&
				!(ascii[k] == '_' && i + 2 <= labels))
				return false;
		ascii += length;
		if (*ascii == '.')
			ascii++;
	}
	return *ascii == '\0';
}

/* Finds the last label. */
const char *
host_last_label(const char *ascii)
{
	const char *dot = strrchr(ascii, '.');

	return dot != NULL ? dot + 1 : ascii;
}

/* A host that ends in a number is an IPv4 address: four octets, or nothing. */
bool
host_ends_in_number(const char *ascii)
{
	const char *last = host_last_label(ascii);

	return last[strspn(last, "0123456789")] == '\0' ||
		   (last[0] == '0' && last[1] == 'x' &&
			last[2 + strspn(last + 2, "0123456789abcdef")] == '\0');
}

/* Tells whether an address of four octets is one. */
bool
host_is_ipv4(const char *ascii)
{
	struct in_addr address;

	return inet_pton(AF_INET, ascii, &address) == 1;
}

/* Reads [IPv6] at the beginning of a text; returns its bytes, 0 for none. A zone has no
 * meaning to others. */
size_t
host_ipv6_length(const char *text, size_t length)
{
	struct in6_addr address;
	char inside[INET6_ADDRSTRLEN];
	size_t n = 0;

	if (length == 0 || text[0] != '[')
		return 0;
	while (n + 1 < length && n < sizeof(inside) - 1 && text[n + 1] != ']' &&
		   text[n + 1] != '\0')
	{
		inside[n] = text[n + 1];
		n++;
	}
	inside[n] = '\0';
	if (n + 1 >= length || text[n + 1] != ']' ||
		inet_pton(AF_INET6, inside, &address) != 1)
		return 0;
	return n + 2;
}
