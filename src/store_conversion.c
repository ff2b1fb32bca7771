/*
 * store_conversion.c: writes the ledger of conversions.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "conversion.h"
#include "notice.h"
#include "store_change.h"
#include "store_conversion_tally.h"
#include "store_run.h"

/* Tells whether the ledger may have the conversion, or get it. */
static bool
is_possible(const Conversion *conversion)
{
	return conversion->status == CONVERSION_COUNTED ||
		   conversion->status == CONVERSION_NO_CLICK ||
		   conversion->status == CONVERSION_LATE ||
		   conversion->status == CONVERSION_EARLY;
}

/* Finds the conversion in the ledger; 0: it is not there. */
static int64
find_known(const Conversion *conversion, int64 *message_id)
{
	static StoreStatement statement = {
		.query = "SELECT conversion_id, coalesce(message_id, 0) FROM smstrack.conversion "
				 "WHERE account = $1 AND goal = $2 AND order_id = $3 "
				 "UNION ALL "
				 "SELECT conversion_id, coalesce(message_id, 0) FROM smstrack.conversion "
				 "WHERE account = $1 AND goal = $2 AND once_key = $4 LIMIT 1",
		.arguments = 4,
		.types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
	Datum values[] = {
		CStringGetTextDatum(conversion->account), PointerGetDatum(conversion->goal),
		PointerGetDatum(conversion->order_id), PointerGetDatum(conversion->once_key)};
	char nulls[] = "    ";
	bool null;
	HeapTuple row;

	nulls[2] = conversion->order_id == NULL ? 'n' : ' ';
	nulls[3] = conversion->once_key == NULL ? 'n' : ' ';
	if (store_run(&statement, values, nulls) == 0)
		return 0;
	row = SPI_tuptable->vals[0];
	*message_id = DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &null));
	return DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &null));
}

/* Locks what the conversions count once for. */
static void
lock_keys(const Conversion *conversions, int count)
{
	uint32 *keys = palloc(sizeof(uint32) * 2 * (Size) Max(count, 1));
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		const Conversion *conversion = &conversions[i];

		if (!is_possible(conversion))
			continue;
		if (conversion->order_id != NULL)
			keys[n++] = conversion_lock_key(conversion->account, conversion->goal,
											conversion->order_id);
		if (conversion->once_key != NULL)
			keys[n++] = conversion_lock_key(conversion->account, conversion->goal,
											conversion->once_key);
	}
	conversion_lock(keys, n);
	pfree(keys);
}

/*
 * Locks the messages that a change of the ledger is about, then what is to be recorded
 * once, and makes sure that no other message has come in between.
 */
static void
begin_change(ConversionChange *change, const Conversion *conversions, int count)
{
	Datum *ids = palloc(sizeof(Datum) * 3 * (Size) Max(count, 1));
	int64 known;
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		const Conversion *conversion = &conversions[i];

		if (!is_possible(conversion))
			continue;
		if (find_known(conversion, &known) != 0 && known != 0)
			ids[n++] = Int64GetDatum(known);
		if (conversion->chosen >= 0)
			ids[n++] = Int64GetDatum(conversion->clicks[conversion->chosen].message_id);
		if (conversion_anchor(conversion) >= 0)
			ids[n++] = Int64GetDatum(
				conversion->clicks[conversion_anchor(conversion)].message_id);
	}
	conversion_change_begin(change, ids, n);
	lock_keys(conversions, count);
	for (int i = 0; i < count; i++)
		if (is_possible(&conversions[i]) && find_known(&conversions[i], &known) != 0 &&
			known != 0)
			conversion_change_add(change, known);
	conversion_change_sum(change);
	pfree(ids);
}

/*
 * Enters what a second report of a conversion adds: the server's word goes before the
 * browser's, as long as nothing was taken back of it; the first word of each stays.
 */
static void
complete_known(const Conversion *conversion, int64 conversion_id)
{
	static StoreStatement statement = {
		.query =
			"UPDATE smstrack.conversion AS c SET"
			"  client_at = CASE WHEN $2 THEN now() ELSE c.client_at END,"
			"  server_at = CASE WHEN $2 THEN c.server_at ELSE now() END,"
			"  source = CASE WHEN $2 THEN c.source ELSE 'server' END,"
			"  client_value = CASE WHEN w.differs THEN CASE WHEN $2 THEN $3 ELSE c.value "
			"END"
			"    ELSE c.client_value END,"
			"  client_currency = CASE WHEN w.differs THEN CASE WHEN $2 THEN $4"
			"    ELSE c.currency END ELSE c.client_currency END,"
			"  value = CASE WHEN w.replaces THEN $3 ELSE c.value END,"
			"  currency = CASE WHEN w.replaces THEN $4 ELSE c.currency END "
			"FROM (SELECT k.conversion_id,"
			"    $3 IS NOT NULL AND k.value IS NOT NULL AND (k.value, k.currency) <> "
			"($3, $4)"
			"      AND ($2 OR k.reversed_value = 0) AS differs,"
			"    $3 IS NOT NULL AND (NOT $2 OR k.value IS NULL) AND k.reversed_value = 0"
			"      AND k.reversed_at IS NULL AS replaces"
			"  FROM smstrack.conversion AS k) AS w "
			"WHERE c.conversion_id = $1 AND w.conversion_id = $1"
			"  AND CASE WHEN $2 THEN c.client_at ELSE c.server_at END IS NULL",
		.arguments = 4,
		.types = {INT8OID, BOOLOID, NUMERICOID, TEXTOID}};
	Datum values[] = {Int64GetDatum(conversion_id), BoolGetDatum(conversion->client),
					  conversion->value, PointerGetDatum(conversion->currency)};

	store_run(&statement, values,
			  conversion->has_value && !conversion->is_default_value ? NULL : "  nn");
}

/* Keeps the clicks that the conversion may be credited to another time. */
static void
insert_candidates(const Conversion *conversion, Datum conversion_id)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.conversion_candidate (conversion_id, message_id,"
				 " clicked_at, \"position\", named) VALUES ($1, $2, $3, $4, $5) "
				 "ON CONFLICT DO NOTHING",
		.arguments = 5,
		.types = {INT8OID, INT8OID, TIMESTAMPTZOID, INT2OID, BOOLOID}};

	for (int i = 0; i < conversion->click_count; i++)
	{
		const ConversionClick *click = &conversion->clicks[i];
		Datum values[] = {conversion_id, Int64GetDatum(click->message_id),
						  TimestampTzGetDatum(click->at),
						  Int16GetDatum((int16) click->position),
						  BoolGetDatum(click->named)};

		store_run(&statement, values, NULL);
	}
}

static Datum
matched_by(const Conversion *conversion)
{
	return CStringGetTextDatum(conversion->by_recipient ? "recipient"
							   : conversion->by_cookie	? "cookie"
														: "token");
}

static Datum
attributed_by(const Conversion *conversion)
{
	return CStringGetTextDatum(conversion->first_click ? "first_click" : "last_click");
}

/* Credits a conversion of the ledger that was credited to none: it was late, and is
 * reported now with a click that is in time. */
static void
credit_known(const Conversion *conversion, int64 conversion_id)
{
	static StoreStatement statement = {
		.query = "UPDATE smstrack.conversion SET message_id = $2, clicked_at = $3,"
				 " at = $4, link_domain = $5, campaign = $6, variant = $7,"
				 " \"position\" = $8, test = $9, matched = $10, attribution = $11,"
				 " attribution_window = $12, order_id = coalesce($13, order_id)"
				 " WHERE conversion_id = $1",
		.arguments = 13,
		.types = {INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID,
				  INT4OID, INT2OID, BOOLOID, TEXTOID, TEXTOID, INTERVALOID, TEXTOID}};
	const ConversionClick *click = &conversion->clicks[conversion->chosen];
	Datum values[] = {Int64GetDatum(conversion_id),
					  Int64GetDatum(click->message_id),
					  TimestampTzGetDatum(click->at),
					  TimestampTzGetDatum(conversion->at),
					  Int32GetDatum(click->link_domain),
					  Int32GetDatum(click->campaign),
					  Int32GetDatum(click->variant),
					  Int16GetDatum((int16) click->position),
					  BoolGetDatum(click->test),
					  matched_by(conversion),
					  attributed_by(conversion),
					  conversion_window(click),
					  PointerGetDatum(conversion->order_id)};

	store_run(&statement, values, conversion->order_id == NULL ? "            n" : NULL);
	insert_candidates(conversion, values[0]);
}

/* Enters a conversion into the ledger; one that is late is credited to none. */
static void
insert_conversion(const Conversion *conversion)
{
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.conversion (message_id, clicked_at, at, link_domain,"
			" campaign, variant, \"position\", test, account, goal, order_id, once_key,"
			" value, currency, source, matched, attribution, attribution_window,"
			" client_at, server_at) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
			" $16, $17, $18, CASE $15 WHEN 'client' THEN now() END,"
			" CASE $15 WHEN 'server' THEN now() END) RETURNING conversion_id",
		.arguments = 18,
		.types = {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID,
				  INT2OID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, NUMERICOID,
				  TEXTOID, TEXTOID, TEXTOID, TEXTOID, INTERVALOID}};
	bool late = conversion->chosen < 0;
	const ConversionClick *click =
		&conversion->clicks[late ? conversion_anchor(conversion) : conversion->chosen];
	Datum values[] = {Int64GetDatum(click->message_id),
					  TimestampTzGetDatum(click->at),
					  TimestampTzGetDatum(conversion->at),
					  Int32GetDatum(click->link_domain),
					  Int32GetDatum(late ? 0 : click->campaign),
					  Int32GetDatum(late ? 0 : click->variant),
					  Int16GetDatum((int16) click->position),
					  BoolGetDatum(!late && click->test),
					  CStringGetTextDatum(conversion->account),
					  PointerGetDatum(conversion->goal),
					  PointerGetDatum(conversion->order_id),
					  PointerGetDatum(conversion->once_key),
					  conversion->value,
					  PointerGetDatum(conversion->currency),
					  CStringGetTextDatum(conversion->client ? "client" : "server"),
					  matched_by(conversion),
					  attributed_by(conversion),
					  conversion_window(click)};
	char nulls[] = "                  ";
	bool null;

	nulls[0] = nulls[1] = nulls[6] = nulls[17] = late ? 'n' : ' ';
	nulls[10] = conversion->order_id == NULL ? 'n' : ' ';
	nulls[11] = conversion->once_key == NULL ? 'n' : ' ';
	nulls[12] = nulls[13] = conversion->has_value ? ' ' : 'n';
	if (store_run(&statement, values, nulls) != 1)
		elog(ERROR, "could not record a conversion");
	insert_candidates(conversion, SPI_getbinval(SPI_tuptable->vals[0],
												SPI_tuptable->tupdesc, 1, &null));
}

/* Tells whether a message's recipient was forgotten since its token was verified. */
static bool
is_forgotten(int64 message_id)
{
	static StoreStatement statement = {
		.query = "SELECT FROM smstrack.message WHERE message_id = $1 AND code_length = 0",
		.arguments = 1,
		.types = {INT8OID}};
	Datum values[] = {Int64GetDatum(message_id)};

	return store_run(&statement, values, NULL) > 0;
}

/* Enters a conversion that the ledger does not have, unless its message has gone. */
static void
record_new(Conversion *conversion, const ConversionChange *change)
{
	int click =
		conversion->chosen >= 0 ? conversion->chosen : conversion_anchor(conversion);
	int64 message_id = conversion->clicks[click].message_id;

	if (conversion_change_has(change, message_id) && !is_forgotten(message_id))
		insert_conversion(conversion);
	else
		conversion->status = CONVERSION_NO_MESSAGE;
}

/* Records a conversion, once; the messages are locked. */
static void
record(Conversion *conversion, const ConversionChange *change)
{
	int64 credited = 0;
	int64 known = find_known(conversion, &credited);

	if (known != 0)
		complete_known(conversion, known);
	if (known != 0 && credited != 0)
		conversion->status = CONVERSION_KNOWN;
	else if (known != 0 && conversion->status == CONVERSION_COUNTED)
		credit_known(conversion, known);
	else if (known == 0 && (conversion->status == CONVERSION_COUNTED ||
							conversion->status == CONVERSION_LATE))
		record_new(conversion, change);
}

static int
compare_clicks(const void *a, const void *b)
{
	const ConvertedClick *x = a;
	const ConvertedClick *y = b;

	if (x->message_id != y->message_id)
		return x->message_id < y->message_id ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->position - y->position;
}

/* Gives the clicks that were a person's: what the conversions were named by, or else are
 * credited to. */
static ConvertedClick *
proven_clicks(const Conversion *conversions, int count, int *proven)
{
	ConvertedClick *clicks = palloc(sizeof(ConvertedClick) * (Size) Max(count, 1));
	int n = 0;
	int kept = 0;

	for (int i = 0; i < count; i++)
	{
		const Conversion *conversion = &conversions[i];
		const ConversionClick *click;

		if (conversion->status != CONVERSION_COUNTED)
			continue;
		click = &conversion->clicks[conversion->named >= 0 ? conversion->named
														   : conversion->chosen];
		clicks[n++] = (ConvertedClick){click->message_id, click->position, click->at};
	}
	qsort(clicks, (size_t) n, sizeof(ConvertedClick), compare_clicks);
	for (int i = 0; i < n; i++)
		if (i == 0 || compare_clicks(&clicks[i], &clicks[kept - 1]) != 0)
			clicks[kept++] = clicks[i];
	*proven = kept;
	return clicks;
}

/* Tells listeners of the conversions that were recorded. */
static void
notice_conversions(const Conversion *conversions, int count)
{
	int32 *campaigns = palloc(sizeof(int32) * (Size) Max(count, 1));
	int recorded = 0;

	for (int i = 0; i < count; i++)
	{
		const Conversion *conversion = &conversions[i];
		const ConversionClick *click;

		if (conversion->status != CONVERSION_COUNTED)
			continue;
		click = &conversion->clicks[conversion->chosen];
		if (!click->test)
			campaigns[recorded++] = click->campaign;
	}
	notice_send("conversions", campaigns, recorded);
}

/* Writes the ledger and what follows from it, durably whatever the setting says. */
static void
write_conversions(Conversion *conversions, int count)
{
	ConversionChange change = {0};
	ConvertedClick *clicks;
	int proven;

	begin_change(&change, conversions, count);
	for (int i = 0; i < count; i++)
	{
		if (is_possible(&conversions[i]))
			record(&conversions[i], &change);
		CHECK_FOR_INTERRUPTS();
	}
	clicks = proven_clicks(conversions, count, &proven);
	conversion_change_end(&change);
	tally_write(store_converted_clicks(clicks, proven));
	conversion_change_write(&change);
	notice_conversions(conversions, count);
	ForceSyncCommit();
}

/* Records conversions, all in one go; their status says what became of each. */
void
store_conversions(Conversion *conversions, int count)
{
	CatalogUser caller;
	bool any = false;

	PreventCommandIfReadOnly("recording a conversion");
	caller = catalog_become_owner();
	SPI_connect();
	store_plan_by_index();
	for (int i = 0; i < count; i++)
	{
		conversion_work_out(&conversions[i]);
		any = any || is_possible(&conversions[i]);
		CHECK_FOR_INTERRUPTS();
	}
	/* strangers may call with nonsense, as often as they like */
	if (any)
		write_conversions(conversions, count);
	SPI_finish();
	catalog_become_caller(caller);
}
