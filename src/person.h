/*
 * person.h: whom a request to forget or to export is about, and what is stored on him.
 */
#ifndef SMSTRACK_PERSON_H
#define SMSTRACK_PERSON_H

#include "postgres.h"

#include "utils/array.h"

/*
 * Recipients as they may have been kept: an SQL condition on a column. $2 are the
 * recipients as they are kept now, $3 is the calling code: what was prepared when it was
 * not set yet has the number as it was given.
 */
#define PERSON_IS(column)                                                                \
	"(" column " = ANY ($2) OR NOT pg_catalog.starts_with(" column ", '+')"              \
	" AND smstrack.audience_key(" column ", $3) = ANY ($2))"

/* The account's link domains and campaigns; $1 is the account. */
#define PERSON_DOMAINS                                                                   \
	"ANY (ARRAY(SELECT d.id FROM smstrack.link_domain AS d WHERE d.account = $1))"
#define PERSON_CAMPAIGNS                                                                 \
	"ANY (ARRAY(SELECT c.id FROM smstrack.campaign AS c WHERE c.account = $1))"

/* Gives a recipient as it is kept: normalised, or as it is where it is no valid number. */
extern text *person_recipient(text *recipient);

/* Reads all that an account has stored on a recipient into SPI_tuptable: source, at, row. */
extern uint64 person_read(const char *account, text *recipient);

#endif
