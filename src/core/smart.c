/*
 * smart.c: finds what can be replaced so that a body fits GSM-7. A stretch is composed
 * first, since NFC alone may do (the Ohm sign, a letter and its accent); what is outside
 * GSM-7 then is looked up. A combining mark never becomes a character of its own.
 */
#include "smart.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "gsm7.h"
#include "smart_table.h"
#include "utf8.h"

/* How much is kept in one piece at most. */
#define KEEP_BYTES ((size_t) 1 << 16)

/* No code point decomposes further: U+FDFA into 18 units. */
#define DECOMPOSITION_MAX 18

static bool replace_character(SmartScan *scan, SmartPiece *piece, uint32_t code_point);

/* Makes ready to go through a body. */
void
smart_begin(SmartScan *scan, const char *body, size_t length, const SmartOptions *options)
{
	UErrorCode status = U_ZERO_ERROR;

	memset(scan, 0, sizeof(*scan));
	scan->body = body;
	scan->length = length;
	scan->options = *options;
	scan->nfc = unorm2_getNFCInstance(&status);
	scan->nfkc = unorm2_getNFKCInstance(&status);
	/* without ICU's data nothing can be replaced */
	if (U_FAILURE(status))
		scan->nfc = NULL;
}

/* Puts out text; returns false if the piece is full. */
static bool
put(SmartScan *scan, SmartPiece *piece, const char *text, size_t length)
{
	if (length > SMART_TEXT_MAX - piece->text_length)
		return false;
	memcpy(piece->buffer + piece->text_length, text, length);
	piece->text_length += length;
	if (length > 0)
		scan->last = (unsigned char) text[length - 1];
	return true;
}

/* Reads a code point of well-formed UTF-16. */
static uint32_t
next_code_point(const UChar *text, int32_t *at)
{
	uint32_t unit = text[(*at)++];

	if ((unit & 0xFC00) != 0xD800)
		return unit;
	return 0x10000 + ((unit & 0x3FF) << 10) + (text[(*at)++] & 0x3FFu);
}

static bool
is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Says whether a byte that was put out ends a letter, or one of few signs beyond ASCII.
 */
static bool
is_letter(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
}

/* Says whether a character shows nothing, so that it may be left out. */
static bool
is_invisible(uint32_t code_point)
{
	return code_point < 0x20 || code_point == 0x7F ||
		   u_hasBinaryProperty((UChar32) code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/*
 * Says whether a compatibility character differs from what it is made of by its look
 * alone: full-width and small forms, styled letters, ligatures; and the fractions.
 */
static bool
is_form(uint32_t code_point)
{
	switch (u_getIntPropertyValue((UChar32) code_point, UCHAR_DECOMPOSITION_TYPE))
	{
		case U_DT_WIDE:
		case U_DT_NARROW:
		case U_DT_SMALL:
		case U_DT_VERTICAL:
		case U_DT_FONT:
		case U_DT_FRACTION:
			return true;
		case U_DT_COMPAT:
			return u_hasBinaryProperty((UChar32) code_point, UCHAR_ALPHABETIC);
		default:
			return false;
	}
}

/* Replaces each character of a decomposition. */
static bool
replace_form(SmartScan *scan, SmartPiece *piece, uint32_t code_point)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar parts[DECOMPOSITION_MAX];
	int32_t length = unorm2_getDecomposition(scan->nfkc, (UChar32) code_point, parts,
											 DECOMPOSITION_MAX, &status);

	if (U_FAILURE(status) || length <= 0)
		return false;
	/* three and a half: 3 1/2, not 31/2 */
	if (u_getIntPropertyValue((UChar32) code_point, UCHAR_DECOMPOSITION_TYPE) ==
			U_DT_FRACTION &&
		is_digit(scan->last) && !put(scan, piece, " ", 1))
		return false;
	for (int32_t i = 0; i < length;)
		if (!replace_character(scan, piece, next_code_point(parts, &i)))
			return false;
	return true;
}

/* Takes the last mark off a letter, again and again until what remains is in GSM-7. */
static bool
fold_letter(SmartScan *scan, SmartPiece *piece, uint32_t code_point)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar parts[DECOMPOSITION_MAX];
	const char *letter = smart_letter(code_point);
	uint32_t base;
	int32_t length;
	int32_t i = 0;

	if (letter != NULL)
		return put(scan, piece, letter, strlen(letter));
	/* a mark that nothing composes with */
	if (code_point >= 0x300 && code_point <= 0x36F)
		return is_letter(scan->last);
	length = unorm2_getRawDecomposition(scan->nfc, (UChar32) code_point, parts,
										DECOMPOSITION_MAX, &status);
	if (U_FAILURE(status) || length <= 0)
		return false;
	base = next_code_point(parts, &i);
	return u_isalpha((UChar32) base) && replace_character(scan, piece, base);
}

/* Puts out what stands for a character in GSM-7; returns false if nothing does. */
static bool
replace_character(SmartScan *scan, SmartPiece *piece, uint32_t code_point)
{
	const char *text;
	char utf8[4];

	if (gsm7_septets(code_point) != 0)
		return put(scan, piece, utf8, utf8_encode(code_point, utf8));
	text = smart_typography(code_point);
	/* n° is numero, 20° are degrees */
	if (code_point == 0xB0 && is_letter(scan->last))
		text = "o";
	if (text == NULL && u_charType((UChar32) code_point) == U_SPACE_SEPARATOR)
		text = " ";
	if (text == NULL && scan->options.greek)
		text = smart_greek(code_point);
	if (text != NULL)
		return put(scan, piece, text, strlen(text));
	if (is_invisible(code_point))
		return true;
	if (is_form(code_point))
		return replace_form(scan, piece, code_point);
	return scan->options.fold_accents && fold_letter(scan, piece, code_point);
}

/* Gathers a character and what may compose with it; returns the code units, or 0. */
static int32_t
gather(const SmartScan *scan, size_t end, UChar *sequence, size_t *bytes)
{
	size_t at = scan->at;
	int32_t units = 0;

	for (int count = 0; at < end; count++)
	{
		uint32_t code_point;
		size_t n = utf8_decode(scan->body + at, end - at, &code_point);

		if (count > 0 && unorm2_hasBoundaryBefore(scan->nfc, (UChar32) code_point))
			break;
		if (count == SMART_SEQUENCE_MAX)
			return 0;
		U16_APPEND_UNSAFE(sequence, units, code_point);
		at += n;
	}
	*bytes = at - scan->at;
	return units;
}

/* Composes the next characters and replaces what is outside GSM-7. */
static SmartStep
replace_next(SmartScan *scan, size_t end, SmartPiece *piece)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar sequence[SMART_SEQUENCE_MAX * U16_MAX_LENGTH];
	UChar composed[SMART_SEQUENCE_MAX * U16_MAX_LENGTH * 3];
	int32_t units = gather(scan, end, sequence, &piece->length);
	int32_t length;

	if (units == 0)
		return SMART_IMPOSSIBLE;
	length =
		unorm2_normalize(scan->nfc, sequence, units, composed,
						 (int32_t) (sizeof(composed) / sizeof(composed[0])), &status);
	if (U_FAILURE(status))
		return SMART_IMPOSSIBLE;
	piece->text = piece->buffer;
	piece->text_length = 0;
	for (int32_t i = 0; i < length;)
		if (!replace_character(scan, piece, next_code_point(composed, &i)))
			return SMART_IMPOSSIBLE;
	scan->at += piece->length;
	return SMART_REPLACED;
}

/* Returns the bytes before end that are GSM-7 and do not compose with what follows. */
static size_t
keep_run(const SmartScan *scan, size_t end)
{
	const char *text = scan->body + scan->at;
	Gsm7Tally tally = {0};
	size_t run = gsm7_scan(text, end - scan->at, &tally);
	uint32_t code_point;

	if (run == 0 || scan->at + run == end || scan->nfc == NULL)
		return run;
	utf8_decode(text + run, end - scan->at - run, &code_point);
	if (unorm2_hasBoundaryBefore(scan->nfc, (UChar32) code_point))
		return run;
	/* the last character goes with the next */
	do
		run--;
	while (((unsigned char) text[run] & 0xC0) == 0x80);
	return run;
}

/* Returns where the text at hand ends: where a protected range begins, or itself. */
static size_t
stretch_end(SmartScan *scan, bool *protected)
{
	const SmartOptions *options = &scan->options;

	*protected = false;
	while (scan->range < options->range_count)
	{
		const SmartRange *range = &options->ranges[scan->range];

		if (scan->at < range->start)
			return range->start;
		if (scan->at < range->start + range->length)
		{
			*protected = true;
			return range->start + range->length;
		}
		scan->range++;
	}
	return scan->length;
}

/*
 * Gives the next piece of the body. The pieces follow each other without a gap until
 * SMART_END; SMART_IMPOSSIBLE means that there is a character nothing stands for.
 */
SmartStep
smart_next(SmartScan *scan, SmartPiece *piece)
{
	bool protected;
	size_t end;
	size_t stop;

	if (scan->at == scan->length)
		return SMART_END;
	end = stretch_end(scan, &protected);
	/* a long stretch is cut between bytes of ASCII, or not at all */
	stop = end;
	if (stop - scan->at > KEEP_BYTES)
	{
		stop = scan->at + KEEP_BYTES;
		while (stop < end && (unsigned char) scan->body[stop] >= 0x80)
			stop++;
	}
	piece->start = scan->at;
	piece->length = keep_run(scan, stop);
	if (piece->length > 0)
	{
		piece->text = scan->body + piece->start;
		piece->text_length = piece->length;
		scan->at += piece->length;
		scan->last = (unsigned char) scan->body[scan->at - 1];
		return SMART_KEPT;
	}
	if (protected || scan->nfc == NULL)
		return SMART_IMPOSSIBLE;
	return replace_next(scan, end, piece);
}
