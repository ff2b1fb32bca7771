/*
 * Fuzzes forms and cookies: values lie in the form and are ended in it, have neither NUL nor more
 * bytes than were sent, and are found again when they are written with every byte
 * escaped.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../redirector/form.c"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS 5

static const char *const names[FIELDS] = {"token", "goal", "order_id", "value",
										  "currency"};

/* Writes the values as a form, every byte escaped. */
static char *
write_form(const char *const *values, size_t length)
{
	char *form = malloc(3 * length + FIELDS * 16 + 1);
	char *at = form;

	*form = '\0';
	for (int i = 0; i < FIELDS; i++)
	{
		if (values[i] == NULL)
			continue;
		at += sprintf(at, "&%s=", names[i]);
		for (const char *c = values[i]; *c != '\0'; c++)
			at += sprintf(at, "%%%02x", (unsigned char) *c);
	}
	return form;
}

static void
check_again(const char *const *values, size_t length)
{
	char *form = write_form(values, length);
	const char *again[FIELDS];

	if (!form_read(form, names, again, FIELDS))
		abort();
	for (int i = 0; i < FIELDS; i++)
		if ((values[i] == NULL) != (again[i] == NULL) ||
			(values[i] != NULL && strcmp(values[i], again[i]) != 0))
			abort();
	free(form);
}

/* A cookie's value lies in the cookies, and fits. */
static void
check_cookie(const char *cookies)
{
	char value[16];

	if (form_cookie(cookies, "token", value, sizeof(value)) &&
		(*value == '\0' || strchr(value, ';') != NULL || strstr(cookies, value) == NULL))
		abort();
}

/* Decodes a text by itself, as the fields of a query are. */
static void
check_decode(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);
	size_t length;

	if (size > 0)
		memcpy(text, data, size);
	length = strlen(text);
	if (form_decode(text) && strlen(text) > length)
		abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *form = calloc(size + 1, 1);
	const char *values[FIELDS];

	if (size > 0)
		memcpy(form, data, size);
	check_cookie(form);
	if (form_read(form, names, values, FIELDS))
	{
		for (int i = 0; i < FIELDS; i++)
			if (values[i] != NULL &&
				(values[i] <= form || values[i] > form + size || *values[i] == '\0'))
				abort();
		check_again(values, size);
	}
	free(form);
	check_decode(data, size);
	return 0;
}
