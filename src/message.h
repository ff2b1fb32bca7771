/*
 * message.h: a row of smstrack.message as the C code sees it.
 */
#ifndef SMSTRACK_MESSAGE_H
#define SMSTRACK_MESSAGE_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/snapshot.h"

#include "core/segment.h"

/* Columns of smstrack.message in the order of sql/40-message.sql. */
typedef enum MessageColumn
{
	MESSAGE_ID = 1,
	MESSAGE_CREATED_AT,
	MESSAGE_LINK_DOMAIN,
	MESSAGE_CAMPAIGN,
	MESSAGE_VARIANT,
	MESSAGE_VIEWED_LINKS,
	MESSAGE_CLICKED_LINKS,
	MESSAGE_LINKS,
	MESSAGE_CODE_LENGTH,
	MESSAGE_SEGMENTS_BEFORE,
	MESSAGE_SEGMENTS_AFTER,
	MESSAGE_COUNTRY,
	MESSAGE_ENCODING_BEFORE,
	MESSAGE_ENCODING_AFTER,
	MESSAGE_STATUS,
	MESSAGE_TEST,
	MESSAGE_RECIPIENT,
	MESSAGE_TARGET_URLS,
	MESSAGE_LABEL,
	MESSAGE_BODY,
	MESSAGE_SEGMENT_PRICE,
	MESSAGE_CHARGED_COST,
	MESSAGE_CURRENCY,
	MESSAGE_SENT_AT,
	MESSAGE_STATUS_AT,
	MESSAGE_FIRST_VIEW_AT,
	MESSAGE_FIRST_CLICK_AT,
	MESSAGE_FIRST_CONVERSION_AT,
	MESSAGE_ERROR,
	MESSAGE_COLUMNS = MESSAGE_ERROR
} MessageColumn;

/* The code length of a message whose recipient was forgotten: no code resolves to it. */
#define MESSAGE_FORGOTTEN 0

/* A message when it is prepared; pointers may be NULL. */
typedef struct NewMessage
{
	int64 message_id;
	int32 link_domain;
	int32 campaign; /* 0: none */
	int32 variant;	/* 0: none */
	bool test;
	bool shared; /* carries the codes of an anonymous campaign */
	int16 links;
	int16 code_length;
	int16 segments_before;
	int16 segments_after;
	int16 country; /* country.h; 0: not known */
	char encoding_before;
	char encoding_after;
	text *recipient;
	ArrayType *target_urls;
	text *label;
	text *body;
	struct NumericData *segment_price;
	text *currency;
} NewMessage;

/* What resolving and recording need of a message. */
typedef struct FoundMessage
{
	int64 message_id;
	TimestampTz created_at;
	TimestampTz sent_at; /* 0: not known */
	int32 link_domain;
	int32 campaign; /* 0: none */
	int32 variant;	/* 0: none */
	int32 viewed_links;
	int32 clicked_links;
	TimestampTz first_view_at;	/* DT_NOEND: none */
	TimestampTz first_click_at; /* DT_NOEND: none */
	int16 links;
	int16 code_length;
	bool test;
	text *recipient; /* NULL: not kept; its header may be short */
	ArrayType *target_urls;
	HeapTuple tuple; /* the whole row */
	ItemPointerData tid;
} FoundMessage;

extern void message_set_segments(NewMessage *message, const SegmentCount *before,
								 const SegmentCount *after);
extern void message_set_country(NewMessage *message, const text *recipient);
extern void message_read(HeapTuple tuple, TupleDesc descriptor, FoundMessage *found);

/* Tells whether it stands for a vanity or imported link, which has no message. */
static inline bool
message_is_alias(const FoundMessage *message)
{
	return message->message_id < 0;
}

typedef struct MessageReader MessageReader;

extern MessageReader *message_reader_open(Snapshot snapshot);
extern bool message_reader_find(MessageReader *reader, int64 message_id,
								FoundMessage *found);
extern void message_reader_close(MessageReader *reader);

/*
 * Where messages are on other nodes, each look-up is a journey: a reader is told at once
 * what it will be asked for.
 */
extern bool message_reader_is_far(const MessageReader *reader);
extern void message_reader_fetch(MessageReader *reader, const int64 *ids, int count);
extern bool message_find(int64 message_id, Snapshot snapshot, FoundMessage *found);

#endif
