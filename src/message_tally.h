/*
 * message_tally.h: gathers what a transaction changes in the sums over messages
 * (smstrack.message_tally): prepared, delivered, charged and so on.
 */
#ifndef SMSTRACK_MESSAGE_TALLY_H
#define SMSTRACK_MESSAGE_TALLY_H

#include "postgres.h"

#include "utils/numeric.h"

#include "message.h"

/* Messages that are summed together. */
typedef struct MessageTallyKey
{
	int32 link_domain;
	int32 campaign; /* 0: none */
	int32 variant;	/* 0: none */
	int32 country;	/* country.h; 0: not known */
	char currency[4];
} MessageTallyKey;

/* What is counted; the order is that of the statement in store_message_tally.c. */
typedef enum MessageTallyColumn
{
	MESSAGES_PREPARED,
	MESSAGES_REPORTED,
	MESSAGES_SENT,
	MESSAGES_DELIVERED,
	MESSAGES_FAILED,
	MESSAGES_EXPIRED,
	MESSAGES_CHARGED,
	MESSAGES_SEGMENTS_BEFORE,
	MESSAGES_SEGMENTS_AFTER,
	MESSAGES_OPT_OUTS,
	MESSAGE_COUNTS
} MessageTallyColumn;

/* Sums of money; NULL is none. */
typedef enum MessageTallyCost
{
	MESSAGES_COST_BEFORE,
	MESSAGES_COST_AFTER,
	MESSAGES_CHARGED_COST,
	MESSAGE_COSTS
} MessageTallyCost;

typedef struct MessageTally
{
	MessageTallyKey key;
	int64 counts[MESSAGE_COUNTS];
	Numeric costs[MESSAGE_COSTS];
} MessageTally;

extern void message_tally_init(void);

/* Counts a message that is stored now; tests and carriers of shared codes do not count. */
extern void message_tally_prepared(const NewMessage *message);

/* Adds a change of the sums; it is copied. */
extern void message_tally_add(const MessageTally *change);

/* Writes what was gathered so far; the end of the transaction does it by itself. */
extern void message_tally_write(void);

#endif
