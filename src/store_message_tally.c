/*
 * store_message_tally.c: writes smstrack.message_tally, what message_tally.c gathered.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "compat.h"
#include "store_message_tally.h"
#include "store_run.h"

/* Slot 0 is where smstrack_maintain folds the others into. */
#define BACKEND_SLOTS 64

/*
 * A prepared transaction keeps its rows locked when its backend has gone on to another
 * transaction, which must not wait for them: it has a slot of its own, below 0.
 */
int16
message_tally_slot(bool prepared_transaction)
{
	if (prepared_transaction)
		return (int16) (-1 - (int32) (GetTopTransactionId() % PG_INT16_MAX));
	return (int16) (1 + MyProcNumber % BACKEND_SLOTS);
}

/* Makes an array of one number of every key. */
static Datum
numbers(const MessageTally *changes, int count, Size offset)
{
	Datum *values = palloc(sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		values[i] =
			Int32GetDatum(*(const int32 *) ((const char *) &changes[i] + offset));
	return PointerGetDatum(
		construct_array(values, count, INT4OID, 4, true, TYPALIGN_INT));
}

static Datum
currencies(const MessageTally *changes, int count)
{
	Datum *values = palloc(sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		values[i] = CStringGetTextDatum(changes[i].key.currency);
	return PointerGetDatum(
		construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static Datum
counts(const MessageTally *changes, int count, int column)
{
	Datum *values = palloc(sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(changes[i].counts[column]);
	return PointerGetDatum(construct_array(values, count, INT8OID, 8, FLOAT8PASSBYVAL,
										   TYPALIGN_DOUBLE));
}

static Datum
costs(const MessageTally *changes, int count, int column)
{
	Datum *values = palloc(sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		values[i] = NumericGetDatum(changes[i].costs[column] != NULL
										? changes[i].costs[column]
										: int64_to_numeric(0));
	return PointerGetDatum(
		construct_array(values, count, NUMERICOID, -1, false, TYPALIGN_INT));
}

/* Finds a table; none where the extension has been dropped since. */
static Oid
find_table(const char *name)
{
	Oid schema = get_namespace_oid("smstrack", true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

Oid
store_message_block_table(void)
{
	return find_table("message_block");
}

void
store_message_tally(const MessageTally *changes, int count, int16 slot)
{
#define COUNTS                                                                           \
	"prepared, reported, sent, delivered, failed, expired, charged, segments_before,"    \
	" segments_after, opt_outs, cost_before, cost_after, charged_cost,"          \
	" uncharged_cost"
#define PLUS(column) column " = t." column " + excluded." column
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.message_tally AS t (link_domain, campaign, variant,"
			" country, currency, slot, " COUNTS ") "
			"SELECT d.link_domain, d.campaign, d.variant, d.country, d.currency, $20,"
			" " COUNTS
			/* the arrays are sorted, and unnest keeps their order */
			" FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
			" $16, $17, $18, $19) AS d (link_domain, campaign, variant, country, currency,"
			" " COUNTS ") "
			"ON CONFLICT (link_domain, campaign, variant, country, currency, slot) "
			"DO UPDATE SET " PLUS("prepared") ", " PLUS("reported") ", " PLUS("sent")
			", " PLUS("delivered") ", " PLUS("failed") ", " PLUS("expired")
			", " PLUS("charged") ", " PLUS("segments_before") ", " PLUS("segments_after")
			", " PLUS("opt_outs") ", " PLUS("cost_before") ", " PLUS("cost_after")
			", " PLUS("charged_cost") ", " PLUS("uncharged_cost"),
		.arguments = 20,
		.types = {INT4ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, TEXTARRAYOID,
				  INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
				  INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
				  NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID,
				  INT2OID}};
#undef COUNTS
#undef PLUS
	Datum values[20];
	int at = 0;
	CatalogUser caller;

	if (!OidIsValid(find_table("message_tally")))
		return;
	values[at++] = numbers(changes, count, offsetof(MessageTally, key.link_domain));
	values[at++] = numbers(changes, count, offsetof(MessageTally, key.campaign));
	values[at++] = numbers(changes, count, offsetof(MessageTally, key.variant));
	values[at++] = numbers(changes, count, offsetof(MessageTally, key.country));
	values[at++] = currencies(changes, count);
	for (int column = 0; column < MESSAGE_COUNTS; column++)
		values[at++] = counts(changes, count, column);
	for (int column = 0; column < MESSAGE_COSTS; column++)
		values[at++] = costs(changes, count, column);
	values[at] = Int16GetDatum(slot);
	caller = catalog_become_owner();
	SPI_connect();
	store_run(&statement, values, NULL);
	SPI_finish();
	catalog_become_caller(caller);
}

void
store_message_blocks(const MessageBlock *blocks, int count, int16 slot)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.message_block (hour, campaign, block, slot) "
				 "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		.arguments = 4,
		.types = {INT4OID, INT4OID, INT8OID, INT2OID}};
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	for (int i = 0; i < count; i++)
	{
		Datum values[] = {Int32GetDatum(blocks[i].hour), Int32GetDatum(blocks[i].campaign),
						  Int64GetDatum(blocks[i].block), Int16GetDatum(slot)};

		store_run(&statement, values, NULL);
	}
	SPI_finish();
	catalog_become_caller(caller);
}

void
store_message_opt_out(int64 message_id)
{
	static StoreStatement find = {
		.query = "SELECT m.link_domain, m.campaign, m.variant, m.country, m.currency"
				 " FROM smstrack.message AS m WHERE m.message_id = $1 AND NOT m.test",
		.arguments = 1,
		.types = {INT8OID}};
	Datum values[] = {Int64GetDatum(message_id)};
	MessageTally change;
	CatalogUser caller = catalog_become_owner();
	bool null;

	memset(&change, 0, sizeof(change));
	SPI_connect();
	if (store_run(&find, values, NULL) == 1)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		TupleDesc descriptor = SPI_tuptable->tupdesc;
		char *currency = SPI_getvalue(row, descriptor, 5);

		/* a NULL is read as 0 */
		change.key.link_domain = DatumGetInt32(SPI_getbinval(row, descriptor, 1, &null));
		change.key.campaign = DatumGetInt32(SPI_getbinval(row, descriptor, 2, &null));
		change.key.variant = DatumGetInt32(SPI_getbinval(row, descriptor, 3, &null));
		change.key.country = DatumGetInt16(SPI_getbinval(row, descriptor, 4, &null));
		strlcpy(change.key.currency, currency == NULL ? "" : currency,
				sizeof(change.key.currency));
		change.counts[MESSAGES_OPT_OUTS] = 1;
		message_tally_add(&change);
	}
	SPI_finish();
	catalog_become_caller(caller);
}
