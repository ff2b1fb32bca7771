/*
 * link_settings.c: the settings smstrack.bare_hosts, extra_tlds and ignored_tlds. Their
 * lists are parsed when they are first needed after a change.
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "core/ascii.h"
#include "link_settings.h"

#define SEPARATORS ", \t\r\n"

#define LABEL_MAX 63

typedef struct TldSetting
{
	char *value;
	bool changed;
	MemoryContext context; /* holds the list */
	HostList list;
} TldSetting;

static const struct config_enum_entry bare_hosts_values[] = {
	{"off", LINK_BARE_HOSTS_OFF, false},
	{"path", LINK_BARE_HOSTS_PATH, false},
	{"on", LINK_BARE_HOSTS_ON, false},
	{NULL, 0, false}};

static int bare_hosts;
static TldSetting extra_tlds;
static TldSetting ignored_tlds;
static LinkOptions options;

static void
poll_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Gives the next name of a list and its length, 0 at the end; moves *at behind it. */
static const char *
next_name(const char **at, size_t *length)
{
	const char *name = *at + strspn(*at, SEPARATORS);

	*length = strcspn(name, SEPARATORS);
	*at = name + *length;
	return name;
}

static bool
is_label(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!ascii_alnum(name[i]) && name[i] != '-')
			return false;
	return length <= LABEL_MAX;
}

/* Refuses what is no list of top-level domains. */
static bool
check_tlds(char **value, void **extra, GucSource source)
{
	const char *at = *value;
	const char *name;
	size_t length;

	while (name = next_name(&at, &length), length > 0)
		if (!is_label(name, length))
		{
			GUC_check_errdetail("\"%.*s\" is not a top-level domain.", (int) length,
								name);
			GUC_check_errhint(
				"Write them without a dot, separated by commas, and those of "
				"other scripts as xn--....");
			return false;
		}
	return true;
}

static void
assign_extra_tlds(const char *value, void *extra)
{
	extra_tlds.changed = true;
}

static void
assign_ignored_tlds(const char *value, void *extra)
{
	ignored_tlds.changed = true;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Parses a setting into a sorted list without doubles. */
static void
parse_tlds(TldSetting *setting)
{
	const char *at = setting->value;
	const char **names;
	const char *name;
	size_t length;
	size_t count = 0;

	if (setting->context == NULL)
		setting->context = AllocSetContextCreate(
			TopMemoryContext, "smstrack top-level domains", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(setting->context);
	setting->list.count = 0;
	names = MemoryContextAlloc(setting->context,
							   mul_size(strlen(at) / 2 + 1, sizeof(char *)));
	while (name = next_name(&at, &length), length > 0)
	{
		char *copy = MemoryContextAlloc(setting->context, length + 1);

		for (size_t i = 0; i < length; i++)
			copy[i] = ascii_lower(name[i]);
		copy[length] = '\0';
		names[count++] = copy;
	}
	qsort(names, count, sizeof(char *), compare_names);
	setting->list.names = names;
	setting->list.count = qunique(names, count, sizeof(char *), compare_names);
	setting->changed = false;
}

/* Gives the options that the settings make. */
const LinkOptions *
link_settings_options(void)
{
	if (options.host.idna == NULL)
	{
		options.host.idna = host_idna_open();
		if (options.host.idna == NULL)
			elog(ERROR, "could not open ICU's data for UTS #46");
		options.host.extra_tlds = &extra_tlds.list;
		options.ignored_tlds = &ignored_tlds.list;
		options.poll = poll_interrupts;
	}
	if (extra_tlds.changed)
		parse_tlds(&extra_tlds);
	if (ignored_tlds.changed)
		parse_tlds(&ignored_tlds);
	options.bare_hosts = (LinkBareHosts) bare_hosts;
	return &options;
}

/* Defines the settings; called once when the library is loaded. */
void
link_settings_define(void)
{
	DefineCustomEnumVariable(
		"smstrack.bare_hosts", "Sets which links without a scheme are found.",
		"off: with www. only; path: also with a path, query or port behind the host; on: "
		"also a host alone.",
		&bare_hosts, LINK_BARE_HOSTS_ON, bare_hosts_values, PGC_USERSET, 0, NULL, NULL,
		NULL);
	DefineCustomStringVariable(
		"smstrack.extra_tlds",
		"Sets top-level domains that are known besides the public ones.",
		"Separated by commas; of other scripts as xn--.", &extra_tlds.value, "",
		PGC_USERSET, 0, check_tlds, assign_extra_tlds, NULL);
	DefineCustomStringVariable(
		"smstrack.ignored_tlds",
		"Sets top-level domains under which a host alone is not a link.",
		"They are more often the end of a file's name.", &ignored_tlds.value,
		"cc, md, mov, pl, ps, py, rs, sh, zip", PGC_USERSET, 0, check_tlds,
		assign_ignored_tlds, NULL);
}
