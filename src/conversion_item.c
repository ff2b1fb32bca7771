/*
 * conversion_item.c: reads conversions and reversals from JSON and from texts, without
 * raising an error for what stands in them: one that is wrong must not hinder the others.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "conversion_item.h"
#include "core/decimal.h"
#include "core/iso_time.h"

#define ITEMS_MAX 10000

/* Reads a decimal; false where there is anything else. */
static bool
read_decimal(const char *chars, int length, Datum *value)
{
	if (!decimal_valid(chars, (size_t) length))
		return false;
	*value =
		DirectFunctionCall3(numeric_in, CStringGetDatum(pnstrdup(chars, (Size) length)),
							ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	return true;
}

void
conversion_item_value(Conversion *conversion, const char *chars, int length)
{
	conversion->has_value = read_decimal(chars, length, &conversion->value);
	if (!conversion->has_value)
		conversion->status = CONVERSION_BAD_VALUE;
}

/* Gives a member of an object; NULL where it is not there, or null. */
static JsonbValue *
member(const JsonbValue *object, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object->val.binary.data, key,
													 (int) strlen(key), NULL);

	return value == NULL || value->type == jbvNull ? NULL : value;
}

/* Reads a member that is a text; false if it is something else. */
static bool
read_text(const JsonbValue *object, const char *key, text **target)
{
	const JsonbValue *value = member(object, key);

	if (value == NULL)
		return true;
	if (value->type != jbvString)
		return false;
	*target = cstring_to_text_with_len(value->val.string.val, value->val.string.len);
	return true;
}

/* Reads an order id, be it a text or a number. */
static bool
read_order_id(const JsonbValue *object, text **target)
{
	const JsonbValue *value = member(object, "order_id");

	if (value == NULL || value->type != jbvNumeric)
		return read_text(object, "order_id", target);
	*target = cstring_to_text(numeric_normalize(value->val.numeric));
	return true;
}

/* Reads a value, be it a number or a text. */
static bool
read_value(const JsonbValue *object, bool *has_value, Datum *target)
{
	const JsonbValue *value = member(object, "value");

	*has_value = value != NULL;
	if (value == NULL)
		return true;
	if (value->type == jbvNumeric)
	{
		*target = NumericGetDatum(value->val.numeric);
		return true;
	}
	return value->type == jbvString &&
		   read_decimal(value->val.string.val, value->val.string.len, target);
}

static bool
read_time(const JsonbValue *object, bool *has_at, TimestampTz *at)
{
	const int64 epoch =
		(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * USECS_PER_SEC;
	const JsonbValue *value = member(object, "at");
	int64_t microseconds;

	*has_at = value != NULL;
	if (value == NULL)
		return true;
	if (value->type != jbvString ||
		!iso_time_read(value->val.string.val, (size_t) value->val.string.len,
					   &microseconds))
		return false;
	*at = microseconds - epoch;
	return true;
}

static bool
is_object(const JsonbValue *item)
{
	return item->type == jbvBinary && JsonContainerIsObject(item->val.binary.data);
}

static void
read_conversion(const JsonbValue *item, Conversion *conversion)
{
	if (!is_object(item) || !read_text(item, "token", &conversion->token) ||
		!read_text(item, "recipient", &conversion->recipient) ||
		!read_text(item, "goal", &conversion->goal) ||
		!read_order_id(item, &conversion->order_id) ||
		!read_text(item, "currency", &conversion->currency))
		conversion->status = CONVERSION_BAD_ITEM;
	else if (!read_value(item, &conversion->has_value, &conversion->value))
		conversion->status = CONVERSION_BAD_VALUE;
	else if (!read_time(item, &conversion->has_at, &conversion->at))
		conversion->status = CONVERSION_BAD_TIME;
	conversion->by_recipient = conversion->token == NULL && conversion->recipient != NULL;
}

/* Gives the number of items; complains of what is no array, or too long a one. */
static int
count_items(Jsonb *items)
{
	if (!JB_ROOT_IS_ARRAY(items) || JB_ROOT_IS_SCALAR(items))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a batch must be a JSON array")));
	if (JB_ROOT_COUNT(items) > ITEMS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("a batch is too long"),
				 errdetail("It has %u items, and may have %d.", JB_ROOT_COUNT(items),
						   ITEMS_MAX)));
	return (int) JB_ROOT_COUNT(items);
}

Conversion *
conversion_items_read(Jsonb *items, int *count)
{
	Conversion *conversions;

	*count = count_items(items);
	conversions = palloc0(sizeof(Conversion) * (Size) Max(*count, 1));
	for (int i = 0; i < *count; i++)
		read_conversion(getIthJsonbValueFromContainer(&items->root, (uint32) i),
						&conversions[i]);
	return conversions;
}

static void
read_reversal(const JsonbValue *item, Reversal *reversal)
{
	bool has_at;

	if (!is_object(item) || !read_text(item, "goal", &reversal->goal) ||
		!read_order_id(item, &reversal->order_id) ||
		!read_text(item, "reversal_id", &reversal->reversal_id) ||
		!read_value(item, &reversal->has_value, &reversal->value) ||
		!read_time(item, &has_at, &reversal->at))
		reversal->status = REVERSAL_BAD_ITEM;
	else if (!has_at)
		reversal->at = GetCurrentTimestamp();
}

Reversal *
reversal_items_read(Jsonb *items, int *count)
{
	Reversal *reversals;

	*count = count_items(items);
	reversals = palloc0(sizeof(Reversal) * (Size) Max(*count, 1));
	for (int i = 0; i < *count; i++)
		read_reversal(getIthJsonbValueFromContainer(&items->root, (uint32) i),
					  &reversals[i]);
	return reversals;
}
