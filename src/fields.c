/*
 * fields.c: looks up the values of a template's merge fields in a JSON object, as text.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "fields.h"

/* Writes a JSON value as ->> does; NULL for a null. */
static char *
value_text(const JsonbValue *found, int *length)
{
	char *text;

	switch (found->type)
	{
		case jbvNull:
			return NULL;
		case jbvString:
			*length = found->val.string.len;
			return found->val.string.val;
		case jbvBool:
			text = found->val.boolean ? "true" : "false";
			break;
		case jbvNumeric:
			text = DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericGetDatum(found->val.numeric)));
			break;
		default:
			text = JsonbToCString(NULL, found->val.binary.data, found->val.binary.len);
	}
	*length = (int) strlen(text);
	return text;
}

bool
fields_value(Jsonb *fields, const char *name, size_t length, TemplateValue *value)
{
	const char *key = pg_any_to_server(name, (int) length, PG_UTF8);
	int key_length = key == name ? (int) length : (int) strlen(key);
	int bytes = 0;
	JsonbValue *found;
	char *text;

	*value = (TemplateValue){NULL, 0};
	if (fields == NULL || !JB_ROOT_IS_OBJECT(fields))
		return false;
	found = getKeyJsonValueFromContainer(&fields->root, key, key_length, NULL);
	if (found == NULL)
		return false;
	text = value_text(found, &bytes);
	if (text == NULL)
		return true;
	value->text = pg_server_to_any(text, bytes, PG_UTF8);
	value->length = value->text == text ? (size_t) bytes : strlen(value->text);
	return true;
}

bool
fields_has_default(const Template *parsed, int field)
{
	for (int i = 0; i < parsed->piece_count; i++)
		if (parsed->pieces[i].field == field && parsed->pieces[i].text.length == 0)
			return false;
	return true;
}
