/*
 * known_agent.h: user agents that this backend has met, each judged once; and the own
 * rules of smstrack.agent_rule.
 */
#ifndef SMSTRACK_KNOWN_AGENT_H
#define SMSTRACK_KNOWN_AGENT_H

#include "postgres.h"

#include "core/agent.h"
#include "core/hit.h"

/* Good until the next call of known_agent. */
typedef struct KnownAgent
{
	uint64 id; /* hash key */
	AgentFacts facts;
	HitClass own_class; /* by the first own rule that fits the text, or none */
	int32 own_rule;		/* its id */
	bool stored;		/* in smstrack.user_agent, committed */
} KnownAgent;

extern void known_agent_init(void);
extern KnownAgent *known_agent(const char *cleaned, Size length);
extern KnownAgent *known_agent_by_id(uint64 id);
extern bool known_agent_rule_within(Datum network);
extern void known_agent_storing(uint64 id);
extern HitClass known_agent_own_class(const KnownAgent *agent, bool has_address,
									  Datum address);

#endif
