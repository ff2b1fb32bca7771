/*
 * currency.c: the active currencies of ISO 4217 (list one as of 2026), less precious
 * metals, funds and test codes: nobody pays an order in them.
 */
#include "currency.h"

#include <string.h>

/* Sorted; three letters each, one after the other. */
static const char codes[] = "AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBHDBIFBMDBNDBOBBRLBSDBTN"
							"BWPBYNBZDCADCDFCHFCLPCNYCOP"
							"CRCCUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNF"
							"GTQGYDHKDHNLHTGHUFIDRILSINR"
							"IQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSL"
							"LYDMADMDLMGAMKDMMKMNTMOPMRU"
							"MURMVRMWKMXNMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYG"
							"QARRONRSDRUBRWFSARSBDSCRSDG"
							"SEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZS"
							"UAHUGXUSDUYUUZSVEDVESVNDVUV"
							"WSTXAFXCDXCGXOFXPFYERZARZMWZWG";

#define CODE_LENGTH 3

/* Tells whether a text is such a code, in capitals. */
bool
currency_known(const char *code, size_t length)
{
	size_t low = 0;
	size_t high = (sizeof(codes) - 1) / CODE_LENGTH;

	if (length != CODE_LENGTH)
		return false;
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		int order = memcmp(code, codes + middle * CODE_LENGTH, CODE_LENGTH);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
