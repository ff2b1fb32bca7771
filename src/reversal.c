/*
 * reversal.c: checks what is taken back of a conversion, and says what is wrong with it.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "conversion.h"
#include "money.h"

#define NAME_MAX_BYTES 256

static const struct
{
	const char *name;
	int sqlstate;
	const char *message;
	const char *hint;
} complaints[] = {
	[REVERSAL_DONE] = {"reversed", 0, NULL, NULL},
	[REVERSAL_KNOWN] = {"known", 0, NULL, NULL},
	[REVERSAL_NULL_ORDER] = {"refused", ERRCODE_NULL_VALUE_NOT_ALLOWED,
							 "goal or order id is null",
							 "A conversion is taken back by its order id."},
	[REVERSAL_BAD_VALUE] = {"refused", ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
							"value of a reversal is not above zero",
							"Leave it out to take back all that is left."},
	[REVERSAL_BAD_TIME] = {"refused", ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
						   "time of a reversal is out of range", NULL},
	[REVERSAL_BAD_ID] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
						 "reversal id is empty or too long",
						 "It may have 1 to 256 bytes."},
	[REVERSAL_NO_ID] = {"refused", ERRCODE_NULL_VALUE_NOT_ALLOWED,
						"reversal id is missing",
						"A call that may come twice takes back in part by an id."},
	[REVERSAL_BAD_ITEM] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
						   "a reversal is no object, or a part of it has the wrong type",
						   "Its keys are goal, order_id, value, reversal_id and at."},
	[REVERSAL_NO_ORDER] = {"refused", ERRCODE_UNDEFINED_OBJECT,
						   "no conversion of this goal has this order id", NULL},
	[REVERSAL_TOO_MUCH] = {"refused", ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
						   "reversal exceeds what is left of its conversion's value",
						   "Leave the value out to take back all that is left."},
	[REVERSAL_NO_VALUE] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
						   "conversion without a value cannot be taken back in part",
						   "Leave the value out."},
};

const char *
reversal_status_name(ReversalStatus status)
{
	return complaints[status].name;
}

const char *
reversal_complaint(const Reversal *reversal)
{
	return complaints[reversal->status].message;
}

void
reversal_raise(const Reversal *reversal)
{
	if (complaints[reversal->status].message != NULL)
		ereport(ERROR, (errcode(complaints[reversal->status].sqlstate),
						errmsg_internal("%s", complaints[reversal->status].message),
						complaints[reversal->status].hint == NULL
							? 0
							: errhint("%s", complaints[reversal->status].hint)));
}

/* Rounds the value as that of the conversion was; false if nothing is left to take back.
 */
static bool
round_value(Reversal *reversal)
{
	if (!money_is_amount(reversal->value))
		return false;
	reversal->value = money_round(reversal->value);
	return DatumGetBool(DirectFunctionCall2(numeric_gt, reversal->value,
											NumericGetDatum(int64_to_numeric(0))));
}

/* Says in its status what is wrong with a reversal, whatever order it is of. */
void
reversal_check(Reversal *reversal)
{
	if (reversal->status != REVERSAL_DONE)
		return;
	if (reversal->goal == NULL || reversal->order_id == NULL)
		reversal->status = REVERSAL_NULL_ORDER;
	else if (TIMESTAMP_NOT_FINITE(reversal->at))
		reversal->status = REVERSAL_BAD_TIME;
	else if (reversal->reversal_id != NULL &&
			 (VARSIZE_ANY_EXHDR(reversal->reversal_id) == 0 ||
			  VARSIZE_ANY_EXHDR(reversal->reversal_id) > NAME_MAX_BYTES))
		reversal->status = REVERSAL_BAD_ID;
	else if (reversal->has_value && !round_value(reversal))
		reversal->status = REVERSAL_BAD_VALUE;
}
