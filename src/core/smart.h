/*
 * smart.h: makes a body fit GSM-7 without changing what it says: quotes, dashes, spaces
 *and the like are replaced, invisible characters dropped, text is composed (NFC). All or
 * nothing: one character without a replacement, and the body stays as it is.
 *
 *	SmartScan scan;
 *	SmartPiece piece;
 *	SmartStep step;
 *
 *	smart_begin(&scan, body, length, &options);
 *	while ((step = smart_next(&scan, &piece)) <= SMART_REPLACED)
 *		... piece.text, piece.text_length ...
 *	if (step == SMART_IMPOSSIBLE)
 *		... the body stays UCS-2 ...
 *
 * Whether it pays, that is lowers the number of segments, is for the caller to ask.
 */
#ifndef SMSTRACK_SMART_H
#define SMSTRACK_SMART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest replacement, and the longest sequence that is composed. */
#define SMART_TEXT_MAX	   64
#define SMART_SEQUENCE_MAX 32

typedef enum SmartStep
{
	SMART_KEPT,
	SMART_REPLACED,
	SMART_END,
	SMART_IMPOSSIBLE
} SmartStep;

/* A stretch of the body that must stay as it is: a link. */
typedef struct SmartRange
{
	size_t start;
	size_t length;
} SmartRange;

typedef struct SmartOptions
{
	bool fold_accents;		  /* also ş to s, where NFC leaves no character of GSM-7 */
	bool greek;				  /* also Greek capitals to the Latin ones of the same look */
	const SmartRange *ranges; /* protected, in order, disjoint */
	size_t range_count;
} SmartOptions;

/* A stretch of the body, and what stands for it; text lives in the body or the piece. */
typedef struct SmartPiece
{
	size_t start;
	size_t length;
	const char *text;
	size_t text_length;
	char buffer[SMART_TEXT_MAX];
} SmartPiece;

/* To be kept by the caller, not to be looked into. */
typedef struct SmartScan
{
	const char *body;
	size_t length;
	size_t at;
	SmartOptions options;
	size_t range;		/* next protected range */
	unsigned char last; /* last byte that was put out */
	const struct UNormalizer2 *nfc;
	const struct UNormalizer2 *nfkc;
} SmartScan;

extern void smart_begin(SmartScan *scan, const char *body, size_t length,
						const SmartOptions *options);
extern SmartStep smart_next(SmartScan *scan, SmartPiece *piece);

#endif
