/*
 * price.c: reads an account's price list once, and finds the longest prefix of a number.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "price.h"

static const char load_query[] =
	"SELECT DISTINCT ON (prefix COLLATE \"C\") prefix, segment_price, currency "
	"FROM smstrack.price WHERE account = $1 AND valid_from <= $2 "
	"ORDER BY prefix COLLATE \"C\", valid_from DESC";

/* Copies a row of the query into the caller's memory, which outlives SPI's. */
static void
load_price(HeapTuple tuple, TupleDesc descriptor, MemoryContext context, Price *price)
{
	MemoryContext former = MemoryContextSwitchTo(context);
	bool null;

	price->prefix = TextDatumGetCString(SPI_getbinval(tuple, descriptor, 1, &null));
	price->length = strlen(price->prefix);
	price->segment_price =
		DatumGetNumericCopy(SPI_getbinval(tuple, descriptor, 2, &null));
	price->currency = DatumGetTextPCopy(SPI_getbinval(tuple, descriptor, 3, &null));
	price->currency_name = text_to_cstring(price->currency);
	MemoryContextSwitchTo(former);
}

PriceList *
price_list_load(const char *account, TimestampTz at)
{
	MemoryContext context = CurrentMemoryContext;
	PriceList *list = palloc0(sizeof(PriceList));
	Oid types[] = {TEXTOID, TIMESTAMPTZOID};
	Datum values[] = {CStringGetTextDatum(account), TimestampTzGetDatum(at)};
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	if (SPI_execute_with_args(load_query, 2, types, values, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "query failed: %s", load_query);
	list->prices = MemoryContextAllocHuge(context, (SPI_processed + 1) * sizeof(Price));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		load_price(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, context,
				   &list->prices[i]);
		list->lengths |= 1u << list->prices[i].length;
	}
	list->count = (int) SPI_processed;
	list->last = -1;
	SPI_finish();
	catalog_become_caller(caller);
	return list;
}

/* The list that was read last, of an account; NULL: none. */
static PriceList *held;
static char *held_account;
static TimestampTz held_statement;

/* A statement may have many transactions, each with its prices. */
static void
end_transaction(XactEvent event, void *argument)
{
	held = NULL;
}

/* What was read may have been taken back. */
static void
end_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				   void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		held = NULL;
}

/* Registers for the ends of transactions; once a backend. */
void
price_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}

PriceList *
price_list_current(const char *account)
{
	static MemoryContext context;
	MemoryContext former;

	if (held != NULL && held_statement == GetCurrentStatementStartTimestamp() &&
		strcmp(held_account, account) == 0)
		return held;
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "smstrack prices",
										ALLOCSET_SMALL_SIZES);
	held = NULL;
	MemoryContextReset(context);
	former = MemoryContextSwitchTo(context);
	held_account = pstrdup(account);
	held_statement = GetCurrentStatementStartTimestamp();
	held = price_list_load(account, GetCurrentTransactionStartTimestamp());
	MemoryContextSwitchTo(former);
	return held;
}

static bool
begins_with(const char *recipient, size_t length, const Price *price)
{
	return length >= price->length &&
		   memcmp(recipient, price->prefix, price->length) == 0;
}

/* Finds a prefix of just so many bytes. */
static int
find_exact(const PriceList *list, const char *recipient, size_t length)
{
	int low = 0;
	int high = list->count;

	while (low < high)
	{
		int middle = (low + high) / 2;
		const Price *price = &list->prices[middle];
		int order = memcmp(price->prefix, recipient, Min(price->length, length));

		if (order == 0 && price->length == length)
			return middle;
		if (order < 0 || (order == 0 && price->length < length))
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int
price_find(PriceList *list, const char *recipient, size_t length)
{
	/* an audience is sorted: most often it is the same prefix again */
	if (list->last >= 0 && list->last_is_leaf &&
		begins_with(recipient, length, &list->prices[list->last]))
		return list->last;
	for (int bytes = (int) Min(length, 16); bytes >= 0; bytes--)
	{
		int found;

		if ((list->lengths & (1u << bytes)) == 0)
			continue;
		found = find_exact(list, recipient, (size_t) bytes);
		if (found >= 0)
		{
			const Price *price = &list->prices[found];

			list->last = found;
			list->last_is_leaf = found + 1 == list->count ||
								 !begins_with(list->prices[found + 1].prefix,
											  list->prices[found + 1].length, price);
			return found;
		}
	}
	return -1;
}

Datum
price_cost(const Price *price, int64 segments)
{
	return DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric(segments)),
							   NumericGetDatum(price->segment_price));
}
