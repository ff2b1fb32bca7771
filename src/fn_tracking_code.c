/*
 * fn_tracking_code.c: smstrack_tracking_code.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/numeric.h"

#include "catalog.h"
#include "conversion.h"
#include "core/ascii.h"
#include "core/tracking_script.h"
#include "domain.h"
#include "hit_settings.h"

PG_FUNCTION_INFO_V1(smstrack_tracking_code);

/* Of the cookie that the script keeps the token in; not that of the redirector. */
#define COOKIE_NAME "smstrack_token"

enum
{
	ARG_HOST,
	ARG_GOAL,
	ARG_ON_LOAD,
	ARG_ORDER_ID,
	ARG_VALUE,
	ARG_CURRENCY,
	ARG_COOKIE_DOMAIN,
	ARG_PRIVACY_CONTROL,
	ARG_NONCE
};

/* The conversion that a page reports by itself, in the order of its keys. */
static const struct
{
	const char *key;
	int argument;
} fields[] = {{"goal", ARG_GOAL},
			  {"order_id", ARG_ORDER_ID},
			  {"value", ARG_VALUE},
			  {"currency", ARG_CURRENCY}};

static char *
optional_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return NULL;
	if (argument == ARG_VALUE)
		return DatumGetCString(DirectFunctionCall1(
			numeric_out, NumericGetDatum(PG_GETARG_NUMERIC(argument))));
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/* Writes a text of JavaScript that no HTML parser sees the end of a script in. */
static void
append_script_text(StringInfo out, const char *text)
{
	StringInfoData json;

	initStringInfo(&json);
	escape_json(&json, text);
	for (const char *c = json.data; *c != '\0'; c++)
	{
		if (ascii_in(*c, "<>&'"))
			appendStringInfo(out, "\\u%04x", (unsigned char) *c);
		/* U+2028 and U+2029 end a line of older JavaScript */
		else if (strncmp(c, "\xE2\x80\xA8", 3) == 0 || strncmp(c, "\xE2\x80\xA9", 3) == 0)
		{
			appendStringInfo(out, "\\u20%02x", (unsigned char) c[2] - 0x80);
			c += 2;
		}
		else
			appendStringInfoChar(out, *c);
	}
	pfree(json.data);
}

/* Writes a value of a query; what is left as it is means nothing in HTML either. */
static void
append_query_text(StringInfo out, const char *text)
{
	for (; *text != '\0'; text++)
		if (ascii_alnum(*text) || ascii_in(*text, "-._~"))
			appendStringInfoChar(out, *text);
		else
			appendStringInfo(out, "%%%02X", (unsigned char) *text);
}

/* Writes the conversion that is reported at once, as an object. */
static void
append_conversion(StringInfo out, FunctionCallInfo fcinfo)
{
	bool first = true;

	appendStringInfoString(out, ",l:{");
	for (int i = 0; i < (int) lengthof(fields); i++)
	{
		char *value = optional_argument(fcinfo, fields[i].argument);

		if (value == NULL)
			continue;
		appendStringInfo(out, "%s%s:", first ? "" : ",", fields[i].key);
		append_script_text(out, value);
		first = false;
	}
	appendStringInfoChar(out, '}');
}

/* Writes the pixel for browsers without scripts: the click's cookie goes with it. */
static void
append_pixel(StringInfo out, FunctionCallInfo fcinfo, const char *endpoint, bool control)
{
	bool first = true;

	appendStringInfo(out, "<noscript><img src=\"%s?", endpoint);
	for (int i = 0; i < (int) lengthof(fields); i++)
	{
		char *value = optional_argument(fcinfo, fields[i].argument);

		if (value == NULL)
			continue;
		appendStringInfo(out, "%s%s=", first ? "" : "&amp;", fields[i].key);
		append_query_text(out, value);
		first = false;
	}
	/* the redirector looks for the browser's own word: a page without scripts cannot */
	if (control)
		appendStringInfoString(out, "&amp;gpc=1");
	appendStringInfoString(out, "\" width=\"1\" height=\"1\" alt=\"\"></noscript>\n");
}

/* Gives the base of a link domain's addresses: scheme and host, without a path prefix. */
static char *
endpoint_of(const LinkDomain *domain)
{
	const char *host = strstr(domain->base, "://") + 3;

	return psprintf("%.*s/-/conversion",
					(int) ((size_t) (host - domain->base) + strcspn(host, "/")),
					domain->base);
}

/* Complains of a conversion that would be refused: a browser is never told. */
static void
check_conversion(FunctionCallInfo fcinfo, const LinkDomain *domain)
{
	Conversion conversion = {.client = true, .account = domain->account};
	CatalogUser caller;

	if (!PG_ARGISNULL(ARG_GOAL))
		conversion.goal = PG_GETARG_TEXT_PP(ARG_GOAL);
	if (!PG_ARGISNULL(ARG_ORDER_ID))
		conversion.order_id = PG_GETARG_TEXT_PP(ARG_ORDER_ID);
	conversion.has_value = !PG_ARGISNULL(ARG_VALUE);
	if (conversion.has_value)
		conversion.value = NumericGetDatum(PG_GETARG_NUMERIC(ARG_VALUE));
	if (!PG_ARGISNULL(ARG_CURRENCY))
		conversion.currency = PG_GETARG_TEXT_PP(ARG_CURRENCY);
	caller = catalog_become_owner();
	SPI_connect();
	conversion_check(&conversion);
	SPI_finish();
	catalog_become_caller(caller);
	conversion_raise(&conversion);
}

/* Complains of arguments that cannot be what is meant. */
static void
check(bool on_load, const char *goal, const char *nonce, const char *cookie_domain)
{
	if (goal == NULL && on_load)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("goal is null"),
						errhint("Say what the page reports, such as registration.")));
	if (nonce != NULL &&
		(nonce[0] == '\0' ||
		 strspn(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789+/=_-") != strlen(nonce)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid nonce \"%s\"", nonce),
						errdetail("A nonce of a content security policy is base64.")));
	if (cookie_domain != NULL &&
		(cookie_domain[0] == '\0' ||
		 strspn(cookie_domain, "abcdefghijklmnopqrstuvwxyz0123456789.-") !=
			 strlen(cookie_domain)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid cookie domain \"%s\"", cookie_domain),
						errhint("Give a domain in lower case, such as example.com.")));
}

/*
 * smstrack_tracking_code(host, goal, on_load, order_id, value, currency, cookie_domain,
 * privacy_control, nonce)
 */
Datum
smstrack_tracking_code(PG_FUNCTION_ARGS)
{
	const LinkDomain *domain = domain_of_account(optional_argument(fcinfo, ARG_HOST));
	char *nonce = optional_argument(fcinfo, ARG_NONCE);
	char *cookie_domain = optional_argument(fcinfo, ARG_COOKIE_DOMAIN);
	bool on_load = PG_ARGISNULL(ARG_ON_LOAD) || PG_GETARG_BOOL(ARG_ON_LOAD);
	bool control =
		PG_ARGISNULL(ARG_PRIVACY_CONTROL) || PG_GETARG_BOOL(ARG_PRIVACY_CONTROL);
	char *endpoint = endpoint_of(domain);
	StringInfoData out;

	check(on_load, optional_argument(fcinfo, ARG_GOAL), nonce, cookie_domain);
	if (on_load)
		check_conversion(fcinfo, domain);
	initStringInfo(&out);
	appendStringInfoString(&out, "<script");
	if (nonce != NULL)
		appendStringInfo(&out, " nonce=\"%s\"", nonce);
	appendStringInfo(&out, ">%s({p:", tracking_script);
	append_script_text(&out, domain->token_parameter != NULL ? domain->token_parameter
															 : setting_token_parameter);
	appendStringInfo(&out, ",c:\"" COOKIE_NAME "\",m:%d",
					 domain->attribution_window != 0 ? domain->attribution_window
													 : setting_attribution_window);
	if (cookie_domain != NULL)
		appendStringInfo(&out, ",d:\"%s\"", cookie_domain);
	appendStringInfo(&out, ",e:\"%s\"", endpoint);
	if (control)
		appendStringInfoString(&out, ",g:1");
	if (on_load)
		append_conversion(&out, fcinfo);
	appendStringInfoString(&out, "});</script>\n");
	if (on_load)
		append_pixel(&out, fcinfo, endpoint, control);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
