/*
 * catalog.h: the extension's own relations by name, and acting as their owner.
 */
#ifndef SMSTRACK_CATALOG_H
#define SMSTRACK_CATALOG_H

#include "postgres.h"

/* Relations whose oid the C code needs; the order is that of the names in catalog.c. */
typedef enum CatalogRelation
{
	CATALOG_MESSAGE,
	CATALOG_MESSAGE_ID_SEQ,
	CATALOG_ID_EPOCH_SEQ,
	CATALOG_LINK_DOMAIN,
	CATALOG_SECRET,
	CATALOG_CAMPAIGN,
	CATALOG_VARIANT,
	CATALOG_OUTBOX,
	CATALOG_LAUNCH_SKIP,
	CATALOG_CAMPAIGN_RECIPIENT,
	CATALOG_AGENT_RULE,
	CATALOG_USER_AGENT,
	CATALOG_HIT,
	CATALOG_CLICKER,
	CATALOG_ACCOUNT_SECRET,
	CATALOG_RELATIONS
} CatalogRelation;

/* What acting as the owner has to give back. */
typedef struct CatalogUser
{
	Oid user;
	int security_context;
	int settings_level;
} CatalogUser;

typedef void (*CatalogWatcher)(Oid relid);

extern void catalog_init(void);
extern void catalog_watch(CatalogWatcher watcher);
extern Oid catalog_relation(CatalogRelation relation);
extern bool catalog_is_distributed(void);
extern CatalogUser catalog_become_owner(void);
extern void catalog_become_caller(CatalogUser caller);

#endif
