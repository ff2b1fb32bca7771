/*
 * smart_table.c: what characters are replaced by in smart encoding. Spaces, invisible
 * characters, full-width and the like are not here: smart.c knows them by their Unicode
 * properties.
 */
#include "smart_table.h"

#include <stddef.h>

/* Characters, ended by 0, and what stands for each. */
typedef struct Replacement
{
	char text[6];
	uint16_t from[24];
} Replacement;

/* clang-format off */

static const Replacement typography[] = {
	/* Spaces and ends of lines. */
	{" ", {0x0009}},
	{"\n", {0x000B, 0x0085, 0x2028, 0x2029}},
	/* Quotation marks and primes. */
	{"'",
	 {0x0060, 0x00B4, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02C8, 0x02CA, 0x02CB, 0x2018,
	  0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0x275B, 0x275C}},
	{"\"",
	 {0x00AB, 0x00BB, 0x02BA, 0x02EE, 0x201C, 0x201D, 0x201E, 0x201F, 0x2033, 0x2036,
	  0x275D, 0x275E, 0x301D, 0x301E, 0x301F}},
	{"'''", {0x2034}},
	/* Dashes, bullets, dots and other punctuation. */
	{"-",
	 {0x02D7, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2022, 0x2023, 0x2043,
	  0x2212, 0x23BC, 0x23BD, 0x25AA, 0x25CF, 0x25E6}},
	{"_", {0x2017}},
	{".", {0x00B7, 0x2024, 0x2219, 0x22C5, 0x3002, 0x30FB}},
	{"..", {0x2025}},
	{"...", {0x2026, 0x22EF}},
	{",", {0x3001}},
	{":", {0x02D0, 0x02F8, 0x2236, 0x2982, 0xA789}},
	{";", {0x204F}},
	{"!", {0x01C3}},
	{"!!", {0x203C}},
	{"??", {0x2047}},
	{"?!", {0x2048}},
	{"!?", {0x2049}},
	{"/", {0x00F7, 0x2044, 0x2215, 0x29F8}},
	{"\\", {0x2216, 0x29F5, 0x29F9}},
	{"|", {0x00A6, 0x2223, 0x239C, 0x239F, 0x23B8, 0x23B9, 0x23D0}},
	{"||", {0x2016}},
	{"^", {0x02C6}},
	{"~", {0x02DC, 0x02F7, 0x2053, 0x223C, 0x2248, 0x301C}},
	{"*",
	 {0x204E, 0x2217, 0x229B, 0x2605, 0x2606, 0x2722, 0x2723, 0x2724, 0x2725, 0x2731,
	  0x2732, 0x2733, 0x273A, 0x273B, 0x273C, 0x273D, 0x2743, 0x2749, 0x274A, 0x274B,
	  0x29C6}},
	/* Brackets. */
	{"(", {0x2768, 0x276A, 0x27EE, 0x2985}},
	{")", {0x2769, 0x276B, 0x27EF, 0x2986}},
	{"[", {0x3010, 0x3014}},
	{"]", {0x3011, 0x3015}},
	{"{", {0x2774}},
	{"}", {0x2775}},
	{"<", {0x2039, 0x3008}},
	{">", {0x203A, 0x27A4, 0x3009}},
	/* Arrows and mathematics. */
	{"<-", {0x2190}},
	{"->", {0x2192, 0x2794, 0x279C, 0x27A1}},
	{"<->", {0x2194}},
	{"=>", {0x21D2}},
	{"+", {0x02D6}},
	{"=", {0xA78A}},
	{"!=", {0x2260}},
	{"<=", {0x2264}},
	{">=", {0x2265}},
	{"x", {0x00D7}},
	/* Signs. */
	{"(C)", {0x00A9}},
	{"(P)", {0x2117}},
	{"(R)", {0x00AE}},
	{"(SM)", {0x2120}},
	{"(TM)", {0x2122}},
	{"No", {0x2116}},
	{"a", {0x00AA}},
	{"o", {0x00BA}},
	{"u", {0x00B5}},
	{"deg", {0x00B0}},
	{"degC", {0x2103}},
	{"degF", {0x2109}},
	/* Ligatures that are no compatibility characters. */
	{"OE", {0x0152}},
	{"oe", {0x0153}},
	/* Small capitals. */
	{"A", {0x1D00}}, {"B", {0x0299}}, {"C", {0x1D04}}, {"D", {0x1D05}},
	{"E", {0x1D07}}, {"F", {0xA730}}, {"G", {0x0262}}, {"H", {0x029C}},
	{"I", {0x026A}}, {"J", {0x1D0A}}, {"K", {0x1D0B}}, {"L", {0x029F}},
	{"M", {0x1D0D}}, {"N", {0x0274}}, {"O", {0x1D0F}}, {"P", {0x1D18}},
	{"R", {0x0280}}, {"S", {0xA731}}, {"T", {0x1D1B}}, {"U", {0x1D1C}},
	{"V", {0x1D20}}, {"W", {0x1D21}}, {"Y", {0x028F}}, {"Z", {0x1D22}},
};

/* Letters that do not decompose into a letter and a mark. */
static const Replacement letters[] = {
	{"D", {0x00D0, 0x0110, 0x018A}}, {"Th", {0x00DE}}, {"d", {0x00F0, 0x0111, 0x0257}},
	{"th", {0x00FE}}, {"H", {0x0126}}, {"h", {0x0127}}, {"i", {0x0131}},
	{"k", {0x0138, 0x0199}}, {"L", {0x0141}}, {"l", {0x0142}}, {"N", {0x014A}},
	{"n", {0x014B}}, {"T", {0x0166}}, {"t", {0x0167}}, {"B", {0x0181}},
	{"E", {0x018F}}, {"K", {0x0198}}, {"Y", {0x01B3}}, {"y", {0x01B4}},
	{"b", {0x0253}}, {"e", {0x0259}}, {"SS", {0x1E9E}},
};

/* Greek capitals that look Latin; the others are in GSM-7. */
static const Replacement greek[] = {
	{"A", {0x0391}}, {"B", {0x0392}}, {"E", {0x0395}}, {"Z", {0x0396}},
	{"H", {0x0397}}, {"I", {0x0399}}, {"K", {0x039A}}, {"M", {0x039C}},
	{"N", {0x039D}}, {"O", {0x039F}}, {"P", {0x03A1}}, {"T", {0x03A4}},
	{"Y", {0x03A5}}, {"X", {0x03A7}},
};

/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Looks for a character in a table. */
static const char *
find(const Replacement *table, size_t count, uint32_t code_point)
{
	for (size_t i = 0; i < count; i++)
		for (const uint16_t *from = table[i].from; *from != 0; from++)
			if (*from == code_point)
				return table[i].text;
	return NULL;
}

/* Says how a sign is written plainly. */
const char *
smart_typography(uint32_t code_point)
{
	return find(typography, COUNT(typography), code_point);
}

/* Says what stands for a letter that does not decompose. */
const char *
smart_letter(uint32_t code_point)
{
	return find(letters, COUNT(letters), code_point);
}

/* Says which Latin capital looks like a Greek one. */
const char *
smart_greek(uint32_t code_point)
{
	return find(greek, COUNT(greek), code_point);
}
