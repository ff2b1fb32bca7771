/*
 * segment.h: how many SMS a body takes, and where they part (3GPP TS 23.038, TS 23.040).
 * Bodies are UTF-8; an invalid byte counts as U+FFFD.
 */
#ifndef SMSTRACK_SEGMENT_H
#define SMSTRACK_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

typedef enum SegmentEncoding
{
	SEGMENT_GSM7,
	SEGMENT_UCS2
} SegmentEncoding;

/* Units are septets, or UTF-16 code units; headers are not in them. */
typedef struct SegmentCount
{
	SegmentEncoding encoding;
	int32_t segments;
	int64_t units;
} SegmentCount;

/* A single SMS, and one of several with an 8 bit reference number. */
#define SEGMENT_GSM7_SINGLE 160
#define SEGMENT_GSM7_MULTI	153
#define SEGMENT_UCS2_SINGLE 70
#define SEGMENT_UCS2_MULTI	67

/* TS 23.040, 9.2.3.24.1: the number of parts is one octet; no phone takes more. */
#define SEGMENT_MAX 255

extern const char *segment_encoding_name(SegmentEncoding encoding);
extern SegmentEncoding segment_encoding(const char *body, size_t length,
										void (*poll)(void));
extern void segment_count(const char *body, size_t length, SegmentCount *count);
extern void segment_count_polled(const char *body, size_t length, void (*poll)(void),
								 SegmentCount *count);

#endif
