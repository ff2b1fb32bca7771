/*
 * smstrack.c: the module's magic, its version, and _PG_init. Knows the other files;
 * none knows it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(smstrack_version);

/* Returns the library's version, which may be newer than the installed SQL script's. */
Datum
smstrack_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(SMSTRACK_VERSION));
}
