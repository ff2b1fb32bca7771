/*
 * store_alias.c: counts hits of vanity and imported links. They have no message, and so
 * no campaign, variant or recipient to be counted by: one sum a link is kept.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "hit_settings.h"
#include "store_alias.h"
#include "store_run.h"
#include "tally_slot.h"

/* What is added to the row of one alias. */
typedef struct AliasSum
{
	int64 id;
	int64 views;
	int64 clicks;
	int64 bots;
	TimestampTz first_click; /* DT_NOEND: none */
	TimestampTz last_click;
} AliasSum;

static int
compare_sums(const void *a, const void *b)
{
	int64 x = ((const AliasSum *) a)->id;
	int64 y = ((const AliasSum *) b)->id;

	return x < y ? -1 : x > y;
}

static AliasSum
sum_of_hit(const NewHit *hit)
{
	bool click = hit->hit_class == 'c';

	return (AliasSum){.id = -hit->message->message_id,
					  .views = hit->hit_class == 'v',
					  .clicks = click,
					  .bots = hit->hit_class == 'b',
					  .first_click = click ? hit->at : DT_NOEND,
					  .last_click = click ? hit->at : DT_NOBEGIN};
}

static void
add(AliasSum *sum, const AliasSum *other)
{
	sum->views += other->views;
	sum->clicks += other->clicks;
	sum->bots += other->bots;
	sum->first_click = Min(sum->first_click, other->first_click);
	sum->last_click = Max(sum->last_click, other->last_click);
}

static void
write_sum(const AliasSum *sum)
{
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.alias_tally AS t (alias_id, slot, views, clicks, bots,"
			" first_click_at, last_click_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
			"ON CONFLICT (alias_id, slot) DO UPDATE SET views = t.views + excluded.views,"
			" clicks = t.clicks + excluded.clicks, bots = t.bots + excluded.bots,"
			" first_click_at = least(t.first_click_at, excluded.first_click_at),"
			" last_click_at = greatest(t.last_click_at, excluded.last_click_at)",
		.arguments = 7,
		.types = {INT8OID, INT2OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID,
				  TIMESTAMPTZOID}};
	Datum values[] = {Int64GetDatum(sum->id),
					  Int16GetDatum(tally_slot(setting_tally_slots)),
					  Int64GetDatum(sum->views),
					  Int64GetDatum(sum->clicks),
					  Int64GetDatum(sum->bots),
					  TimestampTzGetDatum(sum->first_click),
					  TimestampTzGetDatum(sum->last_click)};

	store_run(&statement, values, sum->clicks > 0 ? NULL : "     nn");
}

/* Counts the new hits of aliases, in the order of their ids. SPI is connected. */
void
store_alias_hits(const NewHit *hits, int count)
{
	AliasSum *sums = palloc(sizeof(AliasSum) * (Size) Max(count, 1));
	int n = 0;

	for (int i = 0; i < count; i++)
		if (hits[i].stored && message_is_alias(hits[i].message))
			sums[n++] = sum_of_hit(&hits[i]);
	qsort(sums, (size_t) n, sizeof(AliasSum), compare_sums);
	for (int i = 0; i < n; i++)
		if (i + 1 < n && sums[i + 1].id == sums[i].id)
			add(&sums[i + 1], &sums[i]);
		else
			write_sum(&sums[i]);
	pfree(sums);
}
