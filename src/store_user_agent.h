/*
 * store_user_agent.h: the files store_*.c among themselves: the user agents of new hits.
 */
#ifndef SMSTRACK_STORE_USER_AGENT_H
#define SMSTRACK_STORE_USER_AGENT_H

#include "store.h"

extern void store_user_agents(NewHit *hits, int count);

#endif
