/*
 * options.c: one table of options serves the command line, the conf file and --help.
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

typedef enum OptionType
{
	OPTION_TEXT,
	OPTION_NUMBER
} OptionType;

typedef struct Option
{
	const char *name;
	OptionType type;
	size_t offset;
	const char *fallback; /* as it would stand in the conf file */
	int least;
	int most;
	const char *help;
} Option;

#define TEXT(name, member, fallback, help)                                               \
	{name, OPTION_TEXT, offsetof(Options, member), fallback, 0, 0, help}
#define NUMBER(name, member, fallback, least, most, help)                                \
	{name, OPTION_NUMBER, offsetof(Options, member), fallback, least, most, help}

static const Option table[] = {
	TEXT("config", config, "", "file with lines name = value; # begins a comment"),
	TEXT("listen", listen, "127.0.0.1:8080", "address:port of short links"),
	TEXT("admin-listen", admin_listen, "127.0.0.1:8081",
		 "address:port of healthz, metrics and host; empty: none"),
	TEXT("database", database, "",
		 "connection string or URI; PGHOST and the like are heeded"),
	TEXT("schema", schema, "public", "schema of the extension's functions"),
	TEXT("scheme", scheme, "auto",
		 "https, http, or auto: what a trusted proxy's X-Forwarded-Proto says, else http"),
	TEXT("cookie-name", cookie_name, "smstrack", "name of the click cookie"),
	TEXT("token-name", token_name, "smstrack",
		 "query parameter that carries the click token to the target"),
	TEXT("trusted-proxies", trusted_proxies, "",
		 "networks whose X-Forwarded-For and -Proto are believed"),
	NUMBER("database-connections", database_connections, "2", 1,
		   OPTION_DATABASE_CONNECTIONS_MAX, "connections that record, in turn"),
	NUMBER("batch-size", batch_size, "256", 1, 4096, "requests in one transaction at most"),
	NUMBER("batch-wait", batch_wait_ms, "3", 0, 100,
		   "ms that a batch waits at most for more, when the last one is back"),
	NUMBER("wait-limit", wait_limit_ms, "5000", 10, 600000,
		   "ms that a request waits for the database before it gets 503"),
	NUMBER("header-timeout", header_timeout_ms, "5000", 100, 600000,
		   "ms in which a whole request must have come"),
	NUMBER("idle-timeout", idle_timeout_s, "30", 1, 3600,
		   "s after which an idle connection is closed"),
	NUMBER("drain-timeout", drain_timeout_ms, "10000", 0, 600000,
		   "ms that open requests have at SIGTERM"),
	NUMBER("header-size", header_size, "8192", 1024, 65536, "bytes of a request's head"),
	NUMBER("body-size", body_size, "4096", 256, 65536, "bytes of a conversion's body"),
	NUMBER("connections", connections, "4096", 8, 1000000, "connections in all"),
	NUMBER("connections-per-address", connections_per_address, "512", 1, 1000000,
		   "connections of one address (/64 in IPv6) that is no trusted proxy"),
	NUMBER("misses-per-minute", misses_per_minute, "120", 1, 1000000,
		   "unknown codes a /24 or /48 may ask for before it gets 429"),
};

#define OPTIONS (sizeof(table) / sizeof(table[0]))

static char **
text_member(Options *options, const Option *option)
{
	return (char **) (void *) ((char *) options + option->offset);
}

static int *
number_member(Options *options, const Option *option)
{
	return (int *) (void *) ((char *) options + option->offset);
}

static const Option *
find_option(const char *name, size_t length)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
			return &table[i];
	return NULL;
}

static bool
set_option(Options *options, const Option *option, const char *value)
{
	char *end;
	long number;

	if (option->type == OPTION_TEXT)
	{
		free(*text_member(options, option));
		*text_member(options, option) = strdup(value);
		return *text_member(options, option) != NULL;
	}
	errno = 0;
	number = strtol(value, &end, 10);
	if (*value == '\0' || *end != '\0' || errno != 0 || number < option->least ||
		number > option->most)
	{
		fprintf(stderr, "invalid %s \"%s\": a number from %d to %d is expected\n",
				option->name, value, option->least, option->most);
		return false;
	}
	*number_member(options, option) = (int) number;
	return true;
}

static char *
trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char) end[-1]))
		end--;
	*end = '\0';
	return text + strspn(text, " \t");
}

/* Sets what one line of the conf file says. */
static bool
read_line(Options *options, char *line, const char *path, int number)
{
	char *equals = strchr(line, '=');
	const Option *option = NULL;
	char *name;

	line = trim(line);
	if (*line == '\0' || *line == '#')
		return true;
	if (equals != NULL)
	{
		*equals = '\0';
		name = trim(line);
		option = find_option(name, strlen(name));
	}
	if (option == NULL || option == &table[0])
	{
		fprintf(stderr, "%s, line %d: not a known option with =\n", path, number);
		return false;
	}
	return set_option(options, option, trim(equals + 1));
}

static bool
read_file(Options *options, const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "r");
	bool good = true;

	if (file == NULL)
	{
		fprintf(stderr, "could not open %s: %s\n", path, strerror(errno));
		return false;
	}
	for (int number = 1; good && fgets(line, sizeof(line), file) != NULL; number++)
		good = read_line(options, line, path, number);
	fclose(file);
	return good;
}

static void
print_help(void)
{
	printf("Redirects the short links of smstrack and records every click.\n\n"
		   "Usage: smstrack-redirector [--name value]...\n\n"
		   "  --help, --version\n"
		   "  --check                   read the options, say what is wrong, and exit\n");
	for (size_t i = 0; i < OPTIONS; i++)
		printf("  --%-23s %s%s%s%s\n", table[i].name, table[i].help,
			   *table[i].fallback == '\0' ? "" : " (", table[i].fallback,
			   *table[i].fallback == '\0' ? "" : ")");
}

/* Reads --name value and --name=value; config_only: finds the conf file alone. */
static bool
read_arguments(int argc, char **argv, Options *options, bool config_only, bool *check)
{
	for (int i = 1; i < argc; i++)
	{
		const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
		size_t length = strcspn(name, "=");
		const Option *option = find_option(name, length);
		const char *value;

		if (strcmp(name, "check") == 0)
		{
			*check = true;
			continue;
		}
		value = name[length] == '=' ? name + length + 1 : ++i < argc ? argv[i] : NULL;
		if (option == NULL || value == NULL)
		{
			fprintf(stderr, "%s \"%s\"; see --help\n",
					option == NULL ? "unknown option" : "a value is missing after",
					option == NULL && name[length] == '=' ? name : argv[i - (option == NULL)]);
			return false;
		}
		if ((option == &table[0] || !config_only) && !set_option(options, option, value))
			return false;
	}
	return true;
}

/* Checks what a type alone does not tell. */
static bool
is_consistent(Options *options)
{
	static const char token_chars[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

	if (!network_list_parse(options->trusted_proxies, &options->proxies))
		fprintf(stderr, "invalid trusted-proxies \"%s\": networks such as 10.0.0.0/8 are "
						"expected\n",
				options->trusted_proxies);
	else if (strcmp(options->scheme, "auto") != 0 && strcmp(options->scheme, "http") != 0 &&
			 strcmp(options->scheme, "https") != 0)
		fprintf(stderr, "invalid scheme \"%s\": auto, http or https is expected\n",
				options->scheme);
	else if (*options->cookie_name == '\0' || *options->token_name == '\0' ||
			 options->cookie_name[strspn(options->cookie_name, token_chars)] != '\0' ||
			 options->token_name[strspn(options->token_name, token_chars)] != '\0')
		fprintf(stderr, "cookie-name and token-name are made of letters, digits, - and _\n");
	else if (strlen(options->cookie_name) > 64 || strlen(options->token_name) > 64)
		fprintf(stderr, "cookie-name and token-name have at most 64 characters\n");
	else
		return true;
	return false;
}

OptionsOutcome
options_read(int argc, char **argv, Options *options)
{
	bool check = false;

	memset(options, 0, sizeof(*options));
	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], "--help") == 0)
			return print_help(), OPTIONS_EXIT;
		if (strcmp(argv[i], "--version") == 0)
			return puts("smstrack-redirector " SMSTRACK_VERSION), OPTIONS_EXIT;
	}
	for (size_t i = 0; i < OPTIONS; i++)
		if (!set_option(options, &table[i], table[i].fallback))
			return OPTIONS_WRONG;
	if (!read_arguments(argc, argv, options, true, &check) ||
		(*options->config != '\0' && !read_file(options, options->config)) ||
		!read_arguments(argc, argv, options, false, &check) || !is_consistent(options))
		return OPTIONS_WRONG;
	return check ? OPTIONS_EXIT : OPTIONS_RUN;
}

void
options_free(Options *options)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (table[i].type == OPTION_TEXT)
			free(*text_member(options, &table[i]));
	free(options->proxies.networks);
	memset(options, 0, sizeof(*options));
}
