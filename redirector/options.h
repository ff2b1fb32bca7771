/*
 * options.h: what can be set on the command line and in the conf file.
 */
#ifndef REDIRECTOR_OPTIONS_H
#define REDIRECTOR_OPTIONS_H

#include <stdbool.h>

#include "address.h"

#define OPTION_DATABASE_CONNECTIONS_MAX 8

typedef struct Options
{
	char *config;
	char *listen;
	char *admin_listen;
	char *database;
	char *schema;
	char *scheme;
	char *cookie_name;
	char *token_name;
	char *trusted_proxies;
	int database_connections;
	int batch_size;
	int batch_wait_ms;
	int wait_limit_ms;
	int header_timeout_ms;
	int idle_timeout_s;
	int drain_timeout_ms;
	int header_size;
	int body_size;
	int connections;
	int connections_per_address;
	int misses_per_minute;
	NetworkList proxies; /* trusted_proxies, read */
} Options;

typedef enum OptionsOutcome
{
	OPTIONS_RUN,
	OPTIONS_EXIT, /* said what was asked for: --help, --version, --check */
	OPTIONS_WRONG /* said what is wrong */
} OptionsOutcome;

/* Reads the command line, and the conf file that it names; the command line wins. */
extern OptionsOutcome options_read(int argc, char **argv, Options *options);
extern void options_free(Options *options);

#endif
