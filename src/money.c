/*
 * money.c: judges sums of money before they are added up: one NaN would make every sum
 * NaN, for good.
 */
#include "postgres.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "money.h"

#define DECIMALS 6

#define HUGE INT64CONST(1000000000000000)

bool
money_is_amount(Datum value)
{
	Numeric number = DatumGetNumeric(value);

	return !numeric_is_nan(number) && !numeric_is_inf(number) &&
		   DatumGetBool(DirectFunctionCall2(numeric_ge, value,
											NumericGetDatum(int64_to_numeric(0))));
}

Datum
money_round(Datum value)
{
	if (DatumGetInt32(DirectFunctionCall1(numeric_scale, value)) <= DECIMALS)
		return value;
	return DirectFunctionCall2(numeric_round, value, Int32GetDatum(DECIMALS));
}

bool
money_is_huge(Datum amount)
{
	return DatumGetBool(
		DirectFunctionCall2(numeric_ge, amount, NumericGetDatum(int64_to_numeric(HUGE))));
}
