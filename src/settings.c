/*
 * settings.c: defines the settings smstrack.* that the server layer reads.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "settings.h"

char *setting_account;
char *setting_link_domain;
int setting_epoch_jump;
char *setting_calling_code;
int setting_bandit_interval;

/* Refuses an account without a name. */
static bool
check_account(char **value, void **extra, GucSource source)
{
	if ((*value)[0] != '\0')
		return true;
	GUC_check_errdetail("An account has a name; the first one is called \"default\".");
	return false;
}

bool
setting_is_calling_code(const char *value)
{
	size_t length = strlen(value);

	return length <= 3 && strspn(value, "0123456789") == length && value[0] != '0';
}

/* Refuses what is no country's code. */
static bool
check_calling_code(char **value, void **extra, GucSource source)
{
	if (setting_is_calling_code(*value))
		return true;
	GUC_check_errdetail(CALLING_CODE_DETAIL);
	return false;
}

void
settings_define(void)
{
	DefineCustomStringVariable(
		"smstrack.account", "Sets the account that messages are prepared for.",
		"Link domains, campaigns, prices and opt-outs belong to one account.",
		&setting_account, "default", PGC_SUSET, 0, check_account, NULL, NULL);
	DefineCustomStringVariable(
		"smstrack.link_domain", "Sets the host of the link domain that short links use.",
		"Where it is empty, the account's first active link domain is used.",
		&setting_link_domain, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"smstrack.calling_code",
		"Sets the country calling code of recipients' national numbers.",
		"In digits, such as 49; where it is empty, national numbers are invalid.",
		&setting_calling_code, "", PGC_USERSET, 0, check_calling_code, NULL, NULL);
	DefineCustomIntVariable(
		"smstrack.epoch_jump",
		"Sets how far message ids jump when the database finds itself a copy.",
		"Must exceed the messages that the original has prepared since the copy was "
		"made.",
		&setting_epoch_jump, 100000000, 1000, PG_INT32_MAX, PGC_SUSET, 0, NULL, NULL,
		NULL);
	DefineCustomIntVariable(
		"smstrack.bandit_interval",
		"Sets how long single messages of a bandit go by the same outcome.",
		"After it, the next message counts the outcome anew. 0 counts for each "
		"statement.",
		&setting_bandit_interval, 60, 0, 86400, PGC_USERSET, GUC_UNIT_S, NULL, NULL,
		NULL);
}
