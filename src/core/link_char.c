/*
 * link_char.c: the class of a code point at the end of a link. ASCII stands in a table;
 * the rest are ICU's properties, which reproduce UTS #58's Link_Term, with the exceptions
 * below.
 */
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "link_char.h"

#define _ LINK_TERM_INCLUDE
#define S LINK_TERM_SOFT
#define H LINK_TERM_HARD
#define O LINK_TERM_OPEN
#define C LINK_TERM_CLOSE

/* As UTS #58, but: < > and the backslash hard, * | ` soft. */
const uint8_t link_term_ascii[128] = {
	H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
	H, H, H, H, H, H, H, S, S, _, _, _, _, S, O, C, S, _, S, _, S, _, _, _, _, _,
	_, _, _, _, _, _, S, S, H, _, H, S, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, O, H, C, _, _, S, _, _, _, _, _, _, _,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, O, S, C, _, H,
};

#undef _
#undef S
#undef H
#undef O
#undef C

typedef struct TermRange
{
	uint32_t first;
	uint32_t last;
	LinkTerm term;
} TermRange;

/* Where we differ from the properties; the first range that fits counts. */
static const TermRange exceptions[] = {
	{0x00B7, 0x00B7, LINK_TERM_SOFT},	  /* Greek ano teleia, in NFC */
	{0x2013, 0x2013, LINK_TERM_SOFT},	  /* en dash */
	{0x2014, 0x2015, LINK_TERM_HARD},	  /* em dash */
	{0x2026, 0x2026, LINK_TERM_SOFT},	  /* ellipsis */
	{0x3005, 0x3007, LINK_TERM_UNSPACED}, /* iteration mark, zero: letters in effect */
	{0x3000, 0x3020, LINK_TERM_HARD},	  /* ideographic punctuation */
	{0x3030, 0x3030, LINK_TERM_HARD},
	{0x303D, 0x303F, LINK_TERM_HARD},
	{0x3099, 0x309C, LINK_TERM_UNSPACED}, /* voiced sound marks */
	{0x30A0, 0x30A0, LINK_TERM_UNSPACED},
	{0x30FB, 0x30FC, LINK_TERM_UNSPACED}, /* middle dot in names, long vowel */
	{0xFE10, 0xFE1F, LINK_TERM_HARD},	  /* vertical, compatibility and small forms */
	{0xFE30, 0xFE6F, LINK_TERM_HARD},
	{0xFF01, 0xFF0F, LINK_TERM_HARD}, /* full-width punctuation, not letters, digits */
	{0xFF1A, 0xFF20, LINK_TERM_HARD},
	{0xFF3B, 0xFF40, LINK_TERM_HARD},
	{0xFF5B, 0xFF65, LINK_TERM_HARD},
	{0xFF70, 0xFF70, LINK_TERM_UNSPACED},
	{0xFF9E, 0xFF9F, LINK_TERM_UNSPACED},
	{0xFFE0, 0xFFFF, LINK_TERM_HARD}, /* with U+FFFD, an invalid byte */
};

/* Tells whether a code point is a pictographic emoji: not a digit, not (c) or (r). */
bool
link_char_emoji(uint32_t c)
{
	return c > 0xAE && !link_char_unspaced(c) &&
		   (c == 0x20E3 || /* keycap */
			u_hasBinaryProperty((UChar32) c, UCHAR_EXTENDED_PICTOGRAPHIC) ||
			u_hasBinaryProperty((UChar32) c, UCHAR_EMOJI_PRESENTATION));
}

/* Tells whether a code point points at what follows: 👉 ➡ ▶ 🔗; no part of a host. */
bool
link_char_pointer(uint32_t c)
{
	static const uint32_t pointers[] = {0x25B6,	 0x27A1,  0x2935,  0x2B07,	0x1F310,
										0x1F446, 0x1F447, 0x1F449, 0x1F4F2, 0x1F517};

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
		if (c == pointers[i])
			return true;
	return false;
}

/* Tells whether a code point is a letter, a digit, or a mark on one, not on an emoji. */
bool
link_char_letter(uint32_t c)
{
	if ((c >= 0xFE00 && c <= 0xFE0F) || c == 0x20E3)
		return false;
	return u_isalnum((UChar32) c) || (U_GET_GC_MASK((UChar32) c) & U_GC_M_MASK);
}

/* Tells whether the code point is of a script that is written without spaces. */
static bool
unspaced(uint32_t c)
{
	switch (u_getIntPropertyValue((UChar32) c, UCHAR_SCRIPT))
	{
		case USCRIPT_HAN:
		case USCRIPT_HIRAGANA:
		case USCRIPT_KATAKANA:
		case USCRIPT_HANGUL:
		case USCRIPT_THAI:
		case USCRIPT_LAO:
		case USCRIPT_KHMER:
		case USCRIPT_MYANMAR:
			return true;
		default:
			return false;
	}
}

/* Classifies by properties. */
static LinkTerm
term_by_property(uint32_t c)
{
	const uint32_t none = U_GC_C_MASK | U_GC_Z_MASK;
	UChar32 u = (UChar32) c;

	if ((U_GET_GC_MASK(u) & none) ||
		u_hasBinaryProperty(u, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return LINK_TERM_HARD;
	switch (u_getIntPropertyValue(u, UCHAR_BIDI_PAIRED_BRACKET_TYPE))
	{
		case U_BPT_OPEN:
			return LINK_TERM_OPEN;
		case U_BPT_CLOSE:
			return LINK_TERM_CLOSE;
		default:
			break;
	}
	if (u_hasBinaryProperty(u, UCHAR_TERMINAL_PUNCTUATION) ||
		u_getIntPropertyValue(u, UCHAR_LINE_BREAK) == U_LB_QUOTATION)
		return LINK_TERM_SOFT;
	if (link_char_emoji(c))
		return LINK_TERM_HARD;
	return unspaced(c) ? LINK_TERM_UNSPACED : LINK_TERM_INCLUDE;
}

/* Returns the class of any code point. */
LinkTerm
link_char_term(uint32_t c)
{
	if (c < 128)
		return (LinkTerm) link_term_ascii[c];
	if (link_char_unspaced(c))
		return LINK_TERM_UNSPACED;
	if (c == 0xB7 || c >= 0x2013)
		for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
			if (c >= exceptions[i].first && c <= exceptions[i].last)
				return exceptions[i].term;
	return term_by_property(c);
}

/* Returns the bracket that closes an opening one. */
uint32_t
link_char_closer(uint32_t opener)
{
	return (uint32_t) u_getBidiPairedBracket((UChar32) opener);
}
