/*
 * far_rows.h: rows of messages and hits that Citus has put on other nodes, as an array that
 * takes the table's place in a statement: unnest($n).
 */
#ifndef SMSTRACK_FAR_ROWS_H
#define SMSTRACK_FAR_ROWS_H

#include "postgres.h"

#include "catalog.h"

/* The type of such an array of a table's rows. */
extern Oid far_rows_type(CatalogRelation table);

/*
 * Fetches the rows of these messages, or their hits of a class ('\0': all). SPI is
 * connected.
 */
extern Datum far_messages(Datum message_ids);
extern Datum far_hits(Datum message_ids, char hit_class);

#endif
