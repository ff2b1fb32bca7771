/*
 * hit_row.h: a row of smstrack.hit as the C code sees it.
 */
#ifndef SMSTRACK_HIT_ROW_H
#define SMSTRACK_HIT_ROW_H

/* Columns of smstrack.hit in the order of sql/50-hit.sql; all partitions have the same. */
typedef enum HitColumn
{
	HIT_MESSAGE_ID = 1,
	HIT_AT,
	HIT_USER_AGENT_ID,
	HIT_SOURCE,
	HIT_POSITION,
	HIT_RULE,
	HIT_CONFIDENCE,
	HIT_SIGNS,
	HIT_OS,
	HIT_DEVICE,
	HIT_CLASS,
	HIT_ADDRESS,
	HIT_REQUEST_ID,
	HIT_COUNTRY,
	HIT_REFERRER,
	HIT_COLUMNS = HIT_REFERRER
} HitColumn;

#endif
