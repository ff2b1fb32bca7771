/*
 * Fuzzes templates: pieces lie in the body and in its order, rendering says the same
 * length whether there is room or not, and a body without brackets renders to itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "template.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *body = malloc(size + (size == 0));
	char *mask = malloc(size + (size == 0));
	TemplateValue values[TEMPLATE_FIELDS_MAX];
	TemplateCodes codes = {"https://s/", 10, 2, {NULL}};
	Template parsed;

	if (size > 0)
		memcpy(body, data, size);
	for (int i = 0; i < LINK_POSITIONS; i++)
		codes.codes[i] = "00";
	for (int i = 0; i < TEMPLATE_FIELDS_MAX; i++)
		values[i] = (TemplateValue){"v\xFF &", (size_t) (i % 4)};
	template_parse(body, size, true, NULL, mask, &parsed);

	for (int i = 0; i < parsed.piece_count; i++)
		if (parsed.pieces[i].text.start + parsed.pieces[i].text.length > size ||
			parsed.pieces[i].link >= parsed.link_count)
			abort();
	for (int shorten = 0; shorten < 2; shorten++)
	{
		size_t needed = template_render(&parsed, values, &codes, shorten, NULL, 0);
		char *out = malloc(needed + 1);

		if (template_render(&parsed, values, &codes, shorten, out, needed) != needed)
			abort();
		if (!shorten && memchr(body, '{', size) == NULL && parsed.warnings == 0 &&
			(needed != size || (size > 0 && memcmp(out, body, size) != 0)))
			abort();
		free(out);
	}
	free(mask);
	free(body);
	return 0;
}
