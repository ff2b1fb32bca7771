/*
 * segment.h: how many SMS a body takes, and where they part (3GPP TS 23.038, TS 23.040).
 * Bodies are UTF-8. Of other bytes nothing is promised but that none is read past the
 * end. Units are septets or UTF-16 code units; the user data header is not in them.
 */
#ifndef SMSTRACK_SEGMENT_H
#define SMSTRACK_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TS 23.040, 9.2.3.24.1: the number of parts is one octet; no phone takes more. */
#define SEGMENT_MAX 255

typedef enum SegmentEncoding
{
	SEGMENT_GSM7,
	SEGMENT_UCS2
} SegmentEncoding;

typedef struct SegmentCount
{
	SegmentEncoding encoding;
	int32_t segments;
	int64_t units;
} SegmentCount;

/* What a body is encoded in; the languages are identifiers of national.h. */
typedef struct SegmentAlphabet
{
	SegmentEncoding encoding;
	uint8_t locking;
	uint8_t single;
} SegmentAlphabet;

/* All zero means the default rules. */
typedef struct SegmentOptions
{
	int reference_bits; /* of the concatenation: 8, or 16; 0 is 8 */
	uint32_t languages; /* national tables that may be used: bit 1 << identifier */
	bool keep_clusters; /* never part a grapheme cluster; needs clusters */
	struct UBreakIterator *clusters; /* ICU's character iterator, or NULL */
	void (*poll)(void);				 /* called now and then, unless NULL; may longjmp */
} SegmentOptions;

typedef struct SegmentPart
{
	size_t start; /* bytes into the body */
	size_t length;
	int64_t units;
} SegmentPart;

/* The parts of a body, one after the other: to be kept by the caller. */
typedef struct SegmentParts
{
	const char *body;
	size_t length;
	size_t at;
	bool started;
	SegmentAlphabet alphabet;
	int64_t limit; /* units a part takes */
	int64_t units; /* of the whole body */
	int64_t characters;
	struct UBreakIterator *clusters;
} SegmentParts;

typedef struct SegmentInfo
{
	SegmentAlphabet alphabet;
	int32_t segments;
	int64_t units;
	int64_t units_left; /* free in the last segment */
	int64_t unit_limit; /* of each segment at this length */
	int64_t characters;
	int64_t forcing_at;			/* first character that forces UCS-2, from 1; or 0 */
	uint32_t forcing_languages; /* what segment_forcing_next needs to find all of them */
	int32_t cluster_segments;	/* if clusters were kept whole */
} SegmentInfo;

extern const char *segment_encoding_name(SegmentEncoding encoding);
extern SegmentEncoding segment_encoding(const char *body, size_t length,
										void (*poll)(void));

/* Counts by the default rules. */
extern void segment_count(const char *body, size_t length, SegmentCount *count);
extern void segment_count_polled(const char *body, size_t length, void (*poll)(void),
								 SegmentCount *count);

/* Counts by options, and says what else can be known. */
extern void segment_measure(const char *body, size_t length,
							const SegmentOptions *options, SegmentInfo *info);

/* Lists the parts: an empty body is one empty part. */
extern void segment_parts_begin(SegmentParts *parts, const char *body, size_t length,
								const SegmentOptions *options);
extern bool segment_parts_next(SegmentParts *parts, SegmentPart *part);

/* Finds the next character outside the default alphabet and the languages' tables. */
extern bool segment_forcing_next(const char *body, size_t length,
								 const SegmentOptions *options, size_t *at,
								 int64_t *characters, uint32_t *code_point);

/* For segment_*.c: which alphabet a body takes, a character's units, a part's limit. */
extern SegmentAlphabet segment_alphabet(const char *body, size_t length,
										const SegmentOptions *options);
extern int segment_units(const SegmentAlphabet *alphabet, uint32_t code_point);
extern int64_t segment_limit(const SegmentAlphabet *alphabet, int reference_bits);

#endif
