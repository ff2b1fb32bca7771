/*
 * form.c: application/x-www-form-urlencoded, and cookies.
 */
#include <string.h>

#include "../src/core/ascii.h"
#include "form.h"

static int
hex_value(char c)
{
	return ascii_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10;
}

bool
form_decode(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++)
	{
		char c = *text;

		if (c == '+')
			c = ' ';
		else if (c == '%')
		{
			if (!ascii_hex(text[1]) || !ascii_hex(text[2]))
				return false;
			c = (char) (hex_value(text[1]) * 16 + hex_value(text[2]));
			if (c == '\0')
				return false;
			text += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}

bool
form_read(char *form, const char *const *names, const char **values, int count)
{
	char *rest;

	for (int i = 0; i < count; i++)
		values[i] = NULL;
	for (char *field = strtok_r(form, "&", &rest); field != NULL;
		 field = strtok_r(NULL, "&", &rest))
	{
		char *value = strchr(field, '=');

		if (value == NULL)
			continue;
		*value++ = '\0';
		for (int i = 0; i < count; i++)
			if (strcmp(field, names[i]) == 0)
			{
				/* twice is once too often: which one would be meant? */
				if (values[i] != NULL || !form_decode(value))
					return false;
				values[i] = *value == '\0' ? NULL : value;
			}
	}
	return true;
}

bool
form_cookie(const char *cookies, const char *name, char *value, size_t size)
{
	size_t name_length = strlen(name);

	for (const char *end; cookies != NULL; cookies = end == NULL ? NULL : end + 1)
	{
		size_t length;

		cookies += strspn(cookies, " \t");
		end = strchr(cookies, ';');
		if (strncmp(cookies, name, name_length) != 0 || cookies[name_length] != '=')
			continue;
		cookies += name_length + 1;
		length = end == NULL ? strlen(cookies) : (size_t) (end - cookies);
		if (length == 0 || length >= size)
			continue;
		memcpy(value, cookies, length);
		value[length] = '\0';
		return true;
	}
	return false;
}
