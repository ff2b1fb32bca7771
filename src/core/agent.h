/*
 * agent.h: what a user agent says of the device, the browser and the automaton behind it.
 * Whether a hit is a view, a click or a bot's is hit.h's business.
 */
#ifndef SMSTRACK_AGENT_H
#define SMSTRACK_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A user agent is stored and judged up to here. */
#define AGENT_TEXT_MAX 512

/* The numbers are stored: they never change, new ones are appended. */
typedef enum AgentOs
{
	AGENT_OS_OTHER = 0,
	AGENT_OS_IOS = 1,
	AGENT_OS_ANDROID = 2,
	AGENT_OS_WINDOWS = 3,
	AGENT_OS_MACOS = 4,
	AGENT_OS_LINUX = 5,
	AGENT_OS_CHROMEOS = 6
} AgentOs;

typedef enum AgentDevice
{
	AGENT_DEVICE_UNKNOWN = 0,
	AGENT_DEVICE_PHONE = 1,
	AGENT_DEVICE_TABLET = 2,
	AGENT_DEVICE_DESKTOP = 3,
	AGENT_DEVICE_SERVER = 4
} AgentDevice;

typedef enum AgentFamily
{
	AGENT_FAMILY_NONE = 0, /* nothing says that it is an automaton */
	AGENT_FAMILY_APPLE_PREVIEW = 1,
	AGENT_FAMILY_GOOGLE_PREVIEW = 2,
	AGENT_FAMILY_FORWARDED_PREVIEW = 3,
	AGENT_FAMILY_EMPTY = 4, /* no text, or Mozilla/5.0 and nothing else */
	AGENT_FAMILY_SCANNER = 5,
	AGENT_FAMILY_TOOL = 6,
	AGENT_FAMILY_LIBRARY = 7, /* an app's HTTP library: perhaps a messenger */
	AGENT_FAMILY_BOT_WORD = 8,
	AGENT_FAMILY_NO_BROWSER = 9 /* names no engine, no system, nor itself a browser */
} AgentFamily;

typedef struct AgentFacts
{
	AgentOs os;
	AgentDevice device;
	AgentFamily family;
	bool in_app;         /* the browser inside another app */
	bool mobile_browser; /* a browser of a phone or tablet, in an app or not */
} AgentFacts;

extern void agent_parse(const char *user_agent, size_t length, AgentFacts *facts);
extern size_t agent_clean(const char *user_agent, size_t length,
						  char out[AGENT_TEXT_MAX]);
extern bool agent_hash(const char *user_agent, size_t length, uint64_t *id);

extern const char *agent_os_name(AgentOs os);
extern const char *agent_device_name(AgentDevice device);
extern const char *agent_family_name(AgentFamily family);

#endif
