/*
 * store_clicker.c: remembers by recipient which messages were clicked. Clickers are few
 * beside messages, so that an index of them costs the launch nothing, and a hit only where
 * it is its message's first click.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"

#include "domain.h"
#include "recipient.h"
#include "store_clicker.h"
#include "store_run.h"

void
clickers_add(Clickers *clickers, const FoundMessage *message)
{
	unsigned char key[32];

	if (message->recipient == NULL)
		return;
	domain_recipient_key(message->link_domain, key);
	if (clickers->count == clickers->room)
	{
		Size size;

		clickers->room = Max(64, clickers->room * 2);
		size = sizeof(Datum) * (Size) clickers->room;
		clickers->hashes =
			clickers->hashes == NULL ? palloc(size) : repalloc_huge(clickers->hashes, size);
		clickers->message_ids = clickers->message_ids == NULL
									? palloc(size)
									: repalloc_huge(clickers->message_ids, size);
	}
	clickers->hashes[clickers->count] = Int64GetDatum(
		recipient_hash_bigint(key, VARDATA_ANY(message->recipient),
							  VARSIZE_ANY_EXHDR(message->recipient)));
	clickers->message_ids[clickers->count++] = Int64GetDatum(message->message_id);
}

void
clickers_write(const Clickers *clickers)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.clicker (recipient_hash, message_id) "
				 "SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING",
		.arguments = 2,
		.types = {INT8ARRAYOID, INT8ARRAYOID}};
	Datum values[2];

	if (clickers->count == 0)
		return;
	values[0] = PointerGetDatum(construct_array(clickers->hashes, clickers->count, INT8OID, 8,
												true, TYPALIGN_DOUBLE));
	values[1] = PointerGetDatum(construct_array(clickers->message_ids, clickers->count,
												INT8OID, 8, true, TYPALIGN_DOUBLE));
	store_run(&statement, values, NULL);
}
