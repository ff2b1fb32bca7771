/*
 * store_trial.h: by what variants are shared out among single messages, and who got
 * which.
 */
#ifndef SMSTRACK_STORE_TRIAL_H
#define SMSTRACK_STORE_TRIAL_H

#include "postgres.h"

#include "utils/array.h"

#include "allotment.h"

/* What a campaign's single messages go by, with their newest allotment. */
typedef struct StoredAllotment
{
	char allocation; /* f, t or b */
	int64 seed;
	bool decided;
	int32 winner; /* 0: none */
	int64 id;	  /* 0: there is no allotment yet */
	char *kind;
	bool fresh; /* younger than smstrack.bandit_interval */
	ArrayType *variants;
	ArrayType *weights;
} StoredAllotment;

/* Reads it. SPI is connected, here and below. */
extern void store_trial_newest(int32 campaign, StoredAllotment *stored);

/* Locks an allotment for a newer one; false if somebody else makes that already. */
extern bool store_trial_lock(int64 allotment);

/* Writes a new one; gives its id. */
extern int64 store_trial_allotment(const Batch *batch);

/* Gives the variants of a batch that can be had, and their weights. */
extern void store_trial_arrays(const Batch *batch, Datum *variants, Datum *weights);

/*
 * Notes the variant of a recipient's first message, unless he has one already; gives the
 * variant that he has.
 */
extern int32 store_trial(int32 campaign, int32 variant, int64 message_id, int64 allotment,
						 Datum recipient_hash);

#endif
