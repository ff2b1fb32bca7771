/*
 * hit_settings.c: the settings smstrack.hit_address, hit_retention, user_agent_limit,
 * tally_slots, attribution_window, token_parameter and notify.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "core/ascii.h"
#include "hit_settings.h"

#define PARAMETER_MAX 64

int setting_hit_address;
int setting_hit_retention;
int setting_user_agent_limit;
int setting_tally_slots;
int setting_attribution_window;
char *setting_token_parameter;
bool setting_notify;

static const struct config_enum_entry address_values[] = {
	{"none", ADDRESS_NONE, false},
	{"truncated", ADDRESS_TRUNCATED, false},
	{"full", ADDRESS_FULL, false},
	{NULL, 0, false}};

/* Refuses what would have to be encoded in a query. */
static bool
check_parameter(char **value, void **extra, GucSource source)
{
	size_t length = strlen(*value);

	for (size_t i = 0; i < length; i++)
		if (!ascii_alnum((*value)[i]) && !ascii_in((*value)[i], "_.-"))
			length = PARAMETER_MAX + 1;
	if (length <= PARAMETER_MAX)
		return true;
	GUC_check_errdetail("A parameter has up to %d letters, digits, hyphens, dots and "
						"underscores.",
						PARAMETER_MAX);
	return false;
}

void
hit_settings_define(void)
{
	DefineCustomEnumVariable(
		"smstrack.hit_address", "Sets what is stored of a client's address.",
		"none; truncated: its network, /24 or /48; full. Only new hits follow it.",
		&setting_hit_address, ADDRESS_TRUNCATED, address_values, PGC_SUSET, 0, NULL, NULL,
		NULL);
	DefineCustomIntVariable(
		"smstrack.hit_retention",
		"Sets for how many full months hits are kept; 0 keeps them for ever.",
		"smstrack_maintain drops older months; the tallies stay.", &setting_hit_retention,
		13, 0, 1200, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"smstrack.user_agent_limit", "Sets how many distinct user agents are stored.",
		"Strangers choose them. Hits of further ones are judged and stored as all "
		"others.",
		&setting_user_agent_limit, 100000, 0, 100000000, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"smstrack.tally_slots", "Sets over how many rows the sums of hits are spread.",
		"Sessions that record at once wait for each other where they share a row; "
		"smstrack_maintain folds the rows into one.",
		&setting_tally_slots, 64, 1, 1024, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("smstrack.attribution_window",
							"Sets how long after a click a conversion is credited to it.",
							"It is the age of the click cookie, where the campaign sets "
							"no window of its own.",
							&setting_attribution_window, 30 * 86400, 60, 400 * 86400,
							PGC_USERSET, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"smstrack.token_parameter",
		"Sets the name of the click token in a target's query.",
		"Where it is empty, no token is added; a link domain may set its own.",
		&setting_token_parameter, "smstrack", PGC_USERSET, 0, check_parameter, NULL,
		NULL);
	DefineCustomBoolVariable(
		"smstrack.notify",
		"Tells listeners on the channel smstrack of new clicks and conversions.",
		"One notification a batch, with counts and campaigns; transactions that notify "
		"cannot be prepared.",
		&setting_notify, false, PGC_SUSET, 0, NULL, NULL, NULL);
}
