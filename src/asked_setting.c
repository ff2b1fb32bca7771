/*
 * asked_setting.c: settings that a connection asked for before the library defines them.
 *
 * The server keeps an option of the connection (options=-csmstrack.account=...) in place of
 * what the role, the database or postgresql.conf says. It refuses it once the setting is
 * defined, if only a superuser may set it; by then the others' word is lost, and the
 * built-in value would hold: another account's rows would be seen. Where the server knows
 * a setting from the start, it ends such a connection; so does this.
 */
#include "postgres.h"

#include "utils/guc_tables.h"
#include "utils/memutils.h"

#include "asked_setting.h"

#define PREFIX "smstrack."
#define ASKED_MAX 32

static const char *asked[ASKED_MAX];
static int asked_count;

void
asked_settings_note(void)
{
	int count;
	struct config_generic **settings = get_guc_variables(&count);

	for (int i = 0; i < count; i++)
	{
		const struct config_generic *setting = settings[i];

		if ((setting->flags & GUC_CUSTOM_PLACEHOLDER) == 0 ||
			setting->reset_source != PGC_S_CLIENT ||
			pg_strncasecmp(setting->name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		if (asked_count == ASKED_MAX)
			ereport(FATAL, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
							errmsg("connection asks for too many settings %s*", PREFIX)));
		asked[asked_count++] = MemoryContextStrdup(TopMemoryContext, setting->name);
	}
}

/* Tells whether the connection asked for a setting. */
static bool
is_asked(const char *name)
{
	for (int i = 0; i < asked_count; i++)
		if (pg_strcasecmp(asked[i], name) == 0)
			return true;
	return false;
}

void
asked_settings_check(void)
{
	int count;
	struct config_generic **settings;

	if (asked_count == 0)
		return;
	settings = get_guc_variables(&count);
	for (int i = 0; i < count; i++)
		/* what was allowed has come from the connection still */
		if (settings[i]->context == PGC_SUSET && is_asked(settings[i]->name) &&
			settings[i]->reset_source == PGC_S_DEFAULT)
			ereport(FATAL,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to set parameter \"%s\"",
							settings[i]->name),
					 errdetail("The connection asks for it as an option.")));
}
