/*
 * host_script.c: tells names that are made to look like others, much as browsers do: a
 * label that mixes scripts by a letter that is taken for another's (UTS #39), and whole
 * labels of such letters. What looks alike within a script (l and I, rn and m) is let be.
 */
#include <stdint.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "host_script.h"
#include "utf8.h"

/* Scripts that have letters like those of others; they stand alone in a label. */
static const UScriptCode alone[] = {
	USCRIPT_CYRILLIC, USCRIPT_GREEK,  USCRIPT_ARMENIAN, USCRIPT_CHEROKEE,
	USCRIPT_COPTIC,	  USCRIPT_LISU,	  USCRIPT_DESERET,	USCRIPT_OLD_ITALIC,
	USCRIPT_GOTHIC,	  USCRIPT_GLAGOLITIC};

/* Letters that are taken for Latin ones: а с ԁ е һ і ј ӏ о р ԛ ѕ ԝ х у ь ҽ п г ѵ ѡ, and
 * α ι κ ν ρ υ η ο τ. */
static const uint32_t look_alikes[] = {
	0x0430, 0x0441, 0x0501, 0x0435, 0x04BB, 0x0456, 0x0458, 0x04CF, 0x043E, 0x0440, 0x051B,
	0x0455, 0x051D, 0x0445, 0x0443, 0x044C, 0x04BD, 0x043F, 0x0433, 0x0475, 0x0461, 0x03B1,
	0x03B9, 0x03BA, 0x03BD, 0x03C1, 0x03C5, 0x03B7, 0x03BF, 0x03C4};

/* What is known of a label. */
typedef struct Label
{
	UScriptCode lonely; /* a script that has to stand alone; USCRIPT_COMMON: none */
	bool mixed;			/* and does not */
	bool others;		/* has letters of another script than lonely */
	bool alike;			/* has a letter that is taken for another */
	bool plain;			/* has one that is taken for no other */
} Label;

static bool
stands_alone(UScriptCode script)
{
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		if (alone[i] == script)
			return true;
	return false;
}

static bool
is_look_alike(uint32_t c)
{
	for (size_t i = 0; i < sizeof(look_alikes) / sizeof(look_alikes[0]); i++)
		if (look_alikes[i] == c)
			return true;
	return false;
}

/* Latin letters of phonetics that stand for g, a and small capitals. */
static bool
is_phonetic(uint32_t c)
{
	return c == 0x0251 || c == 0x0261 || (c >= 0x1D00 && c <= 0x1DBF);
}

static void
add_letter(Label *label, uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode script = uscript_getScript((UChar32) c, &status);

	if (U_FAILURE(status) || script == USCRIPT_COMMON || script == USCRIPT_INHERITED)
		return;
	if (is_look_alike(c))
		label->alike = true;
	else
		label->plain = true;
	if (is_phonetic(c))
		label->mixed = true;
	if (!stands_alone(script))
		label->others = true;
	else if (label->lonely == USCRIPT_COMMON)
		label->lonely = script;
	else if (label->lonely != script)
		label->mixed = true;
}

/* Reads the label that begins at an offset; returns the offset behind. */
static size_t
read_label(const char *name, size_t length, size_t at, Label *label)
{
	*label = (Label){.lonely = USCRIPT_COMMON};
	while (at < length && name[at] != '.')
	{
		uint32_t c;

		at += utf8_decode(name + at, length - at, &c);
		add_letter(label, c);
	}
	/* of the others no letters are listed: any may be alike */
	if (label->lonely != USCRIPT_COMMON && label->others)
		label->mixed = label->mixed || label->alike ||
					   (label->lonely != USCRIPT_CYRILLIC && label->lonely != USCRIPT_GREEK);
	return at;
}

bool
host_looks_alike(const char *name, size_t length)
{
	bool fooling = false;
	Label label = {.lonely = USCRIPT_COMMON};

	for (size_t at = 0; at < length; at++)
	{
		/* of the label before: the last one is the top-level domain */
		fooling = fooling || (label.lonely != USCRIPT_COMMON && !label.plain);
		at = read_label(name, length, at, &label);
		if (label.mixed)
			return true;
	}
	return fooling && label.lonely == USCRIPT_COMMON;
}
