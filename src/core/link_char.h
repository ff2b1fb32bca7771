/*
 * link_char.h: what a code point means for the end of a link (UTS #58's Link_Term, with
 * our own rules over it).
 */
#ifndef SMSTRACK_LINK_CHAR_H
#define SMSTRACK_LINK_CHAR_H

#include <stdbool.h>
#include <stdint.h>

typedef enum LinkTerm
{
	LINK_TERM_INCLUDE,
	LINK_TERM_SOFT, /* belongs to the link only if more of it follows */
	LINK_TERM_HARD, /* ends the link */
	LINK_TERM_OPEN,
	LINK_TERM_CLOSE,
	LINK_TERM_UNSPACED /* a letter of a script written without spaces */
} LinkTerm;

extern const uint8_t link_term_ascii[128];

/* Tells whether a code point is of the great blocks of letters without spaces: no ICU. */
static inline bool
link_char_unspaced(uint32_t c)
{
	return (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0xAC00 && c <= 0xD7A3) ||
		   (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA);
}

extern LinkTerm link_char_term(uint32_t c);
extern bool link_char_emoji(uint32_t c);
extern bool link_char_pointer(uint32_t c);
extern bool link_char_letter(uint32_t c);
extern uint32_t link_char_closer(uint32_t opener);

#endif
