/*
 * fn_name.c: the names of what a hit stores as numbers.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "core/agent.h"
#include "core/country.h"
#include "core/hit.h"

PG_FUNCTION_INFO_V1(smstrack_os_name);
PG_FUNCTION_INFO_V1(smstrack_device_name);
PG_FUNCTION_INFO_V1(smstrack_rule_name);
PG_FUNCTION_INFO_V1(smstrack_country_name);
PG_FUNCTION_INFO_V1(smstrack_country);
PG_FUNCTION_INFO_V1(smstrack_calling_code);

/* smstrack.os_name(os) */
Datum
smstrack_os_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(agent_os_name((AgentOs) PG_GETARG_INT16(0))));
}

/* smstrack.device_name(device) */
Datum
smstrack_device_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(
		cstring_to_text(agent_device_name((AgentDevice) PG_GETARG_INT16(0))));
}

/* smstrack.rule_name(rule) */
Datum
smstrack_rule_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(hit_rule_name((HitRule) PG_GETARG_INT16(0))));
}

/* Gives a country's two letters, or NULL. */
static Datum
country_datum(FunctionCallInfo fcinfo, Country country)
{
	char letters[] = {(char) (country >> 8), (char) (country & 0xFF)};

	if (country == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(letters, sizeof(letters)));
}

/* smstrack.country_name(country) */
Datum
smstrack_country_name(PG_FUNCTION_ARGS)
{
	return country_datum(fcinfo, (Country) PG_GETARG_INT16(0));
}

/* smstrack.country(recipient) */
Datum
smstrack_country(PG_FUNCTION_ARGS)
{
	text *recipient = PG_GETARG_TEXT_PP(0);

	return country_datum(
		fcinfo, country_of_number(VARDATA_ANY(recipient), VARSIZE_ANY_EXHDR(recipient)));
}

/* smstrack.calling_code(country) */
Datum
smstrack_calling_code(PG_FUNCTION_ARGS)
{
	text *country = PG_GETARG_TEXT_PP(0);
	const unsigned char *letters = (const unsigned char *) VARDATA_ANY(country);
	char digits[CALLING_CODE_MAX + 1] = "";

	if (VARSIZE_ANY_EXHDR(country) == 2)
		country_calling_code((Country) (letters[0] << 8 | letters[1]), digits);
	if (digits[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("+%s", digits)));
}
