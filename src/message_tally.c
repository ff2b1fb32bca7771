/*
 * message_tally.c: what a transaction changes in the sums over messages is gathered in
 * memory and written once, when it commits: a million messages of one transaction change
 * the same few rows, and each change of a row would leave a dead version to step over.
 *
 * A subtransaction gathers for itself: its part joins the outer one's when it commits, and
 * goes with it when it aborts. The rows are the last thing that a transaction locks, all
 * of them sorted, so that no two transactions wait for each other in a circle.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "message_tally.h"
#include "store_message_tally.h"

/* Messages of one key whose segments cost the same: their cost is multiplied once. */
typedef struct PendingKey
{
	MessageTallyKey key;
	Numeric price; /* NULL: none */
} PendingKey;

typedef struct PendingEntry
{
	PendingKey key;
	char status; /* of the hash table */
	int64 counts[MESSAGE_COUNTS];
	Numeric costs[MESSAGE_COSTS]; /* beside those that the price makes */
} PendingEntry;

static uint32
hash_key(const PendingKey *key)
{
	uint32 hash = hash_bytes((const unsigned char *) &key->key, sizeof(key->key));

	if (key->price == NULL)
		return hash;
	return hash_combine(hash, hash_bytes((const unsigned char *) key->price,
										 (int) VARSIZE_ANY(key->price)));
}

static bool
same_key(const PendingKey *a, const PendingKey *b)
{
	if (memcmp(&a->key, &b->key, sizeof(a->key)) != 0 ||
		(a->price == NULL) != (b->price == NULL))
		return false;
	return a->price == NULL ||
		   (VARSIZE_ANY(a->price) == VARSIZE_ANY(b->price) &&
			memcmp(a->price, b->price, VARSIZE_ANY(a->price)) == 0);
}

#define SH_PREFIX			 pending
#define SH_ELEMENT_TYPE		 PendingEntry
#define SH_KEY_TYPE			 PendingKey
#define SH_KEY				 key
#define SH_HASH_KEY(tb, key) hash_key(&(key))
#define SH_EQUAL(tb, a, b)	 same_key(&(a), &(b))
#define SH_SCOPE			 static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What one level of the transaction has gathered. */
typedef struct PendingLevel
{
	int nest;
	MemoryContext context;
	pending_hash *entries;
	PendingEntry *last; /* found last, and so not moved since; NULL: none */
	MessageBlock *blocks; /* no block twice in a row */
	int block_count;
	int block_room;
	struct PendingLevel *outer;
} PendingLevel;

/* The innermost level that gathered something; NULL: none did. */
static PendingLevel *innermost;

/* Gives the current subtransaction's level, made when it is needed. */
static PendingLevel *
current_level(void)
{
	int nest = GetCurrentTransactionNestLevel();
	MemoryContext context;
	PendingLevel *level;

	if (innermost != NULL && innermost->nest == nest)
		return innermost;
	context = AllocSetContextCreate(TopTransactionContext, "smstrack message tally",
									ALLOCSET_SMALL_SIZES);
	level = MemoryContextAlloc(context, sizeof(PendingLevel));
	level->nest = nest;
	level->context = context;
	level->entries = pending_create(context, 8, NULL);
	level->last = NULL;
	level->blocks = NULL;
	level->block_count = 0;
	level->block_room = 0;
	level->outer = innermost;
	innermost = level;
	return level;
}

static Numeric
copy_numeric(Numeric value)
{
	return value == NULL ? NULL : DatumGetNumericCopy(NumericGetDatum(value));
}

/* Gives the entry of a key, new ones with nothing in it. */
static PendingEntry *
find_entry(PendingLevel *level, const PendingKey *key)
{
	bool found;
	PendingEntry *entry;

	/* messages of a launch come sorted by recipient: mostly it is the same one again */
	if (level->last != NULL && same_key(&level->last->key, key))
		return level->last;
	level->last = NULL;
	entry = pending_insert(level->entries, *key, &found);
	if (!found)
	{
		MemoryContext former = MemoryContextSwitchTo(level->context);

		memset(entry->counts, 0, sizeof(entry->counts));
		memset(entry->costs, 0, sizeof(entry->costs));
		entry->key.price = copy_numeric(key->price);
		MemoryContextSwitchTo(former);
	}
	level->last = entry;
	return entry;
}

static bool
same_block(const MessageBlock *a, const MessageBlock *b)
{
	return a->block == b->block && a->hour == b->hour && a->campaign == b->campaign;
}

/* Notes a block, unless it is the one that was noted last. */
static void
add_block(PendingLevel *level, const MessageBlock *block)
{
	if (level->block_count > 0 &&
		same_block(&level->blocks[level->block_count - 1], block))
		return;
	if (level->block_count == level->block_room)
	{
		level->block_room = Max(level->block_room * 2, 4);
		level->blocks =
			level->blocks == NULL
				? MemoryContextAlloc(level->context,
									 sizeof(MessageBlock) * (Size) level->block_room)
				: repalloc_huge(level->blocks,
								sizeof(MessageBlock) * (Size) level->block_room);
	}
	level->blocks[level->block_count++] = *block;
}

/* Notes the block of a message. */
static void
note_block(PendingLevel *level, const NewMessage *message)
{
	const TimestampTz epoch =
		(TimestampTz) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	MessageBlock block = {
		.block = message->message_id / MESSAGE_BLOCK,
		.hour =
			(int32) ((GetCurrentTransactionStartTimestamp() + epoch) / USECS_PER_HOUR),
		.campaign = message->campaign};

	add_block(level, &block);
}

/* Adds to a sum of money. */
static void
add_cost(Numeric *sum, Numeric cost)
{
	if (cost == NULL)
		return;
	*sum = *sum == NULL ? copy_numeric(cost)
						: DatumGetNumeric(DirectFunctionCall2(
							  numeric_add, NumericGetDatum(*sum), NumericGetDatum(cost)));
}

static void
add(PendingLevel *level, const PendingKey *key, const int64 *counts, const Numeric *costs)
{
	PendingEntry *entry = find_entry(level, key);
	MemoryContext former = MemoryContextSwitchTo(level->context);

	for (int i = 0; i < MESSAGE_COUNTS; i++)
		entry->counts[i] += counts[i];
	for (int i = 0; i < MESSAGE_COSTS; i++)
		add_cost(&entry->costs[i], costs[i]);
	MemoryContextSwitchTo(former);
}

void
message_tally_prepared(const NewMessage *message)
{
	PendingLevel *level;
	PendingKey key;
	PendingEntry *entry;

	if (message->test || message->shared)
		return;
	level = current_level();
	note_block(level, message);
	memset(&key, 0, sizeof(key));
	key.key.link_domain = message->link_domain;
	key.key.campaign = message->campaign;
	key.key.variant = message->variant;
	key.key.country = message->country;
	if (message->currency != NULL)
		text_to_cstring_buffer(message->currency, key.key.currency,
							   sizeof(key.key.currency));
	key.price = message->segment_price;
	entry = find_entry(level, &key);
	entry->counts[MESSAGES_PREPARED]++;
	entry->counts[MESSAGES_SEGMENTS_BEFORE] += message->segments_before;
	entry->counts[MESSAGES_SEGMENTS_AFTER] += message->segments_after;
}

void
message_tally_add(const MessageTally *change)
{
	PendingKey key;

	memset(&key, 0, sizeof(key));
	key.key = change->key;
	add(current_level(), &key, change->counts, change->costs);
}

/* Gives a number of segments times their price. */
static Numeric
segments_cost(Numeric price, int64 segments)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(price),
											   NumericGetDatum(int64_to_numeric(segments))));
}

/* Makes the change of an entry, with the costs that its price makes. */
static MessageTally
change_of(const PendingEntry *entry)
{
	MessageTally change;
	Numeric price = entry->key.price;

	change.key = entry->key.key;
	memcpy(change.counts, entry->counts, sizeof(change.counts));
	memcpy(change.costs, entry->costs, sizeof(change.costs));
	if (price != NULL)
	{
		add_cost(&change.costs[MESSAGES_COST_BEFORE],
				 segments_cost(price, entry->counts[MESSAGES_SEGMENTS_BEFORE]));
		add_cost(&change.costs[MESSAGES_COST_AFTER],
				 segments_cost(price, entry->counts[MESSAGES_SEGMENTS_AFTER]));
		add_cost(&change.costs[MESSAGES_UNCHARGED_COST],
				 segments_cost(price, entry->counts[MESSAGES_SEGMENTS_AFTER]));
	}
	return change;
}

static int
compare_numbers(int32 a, int32 b)
{
	return a < b ? -1 : a > b;
}

/* Orders as the primary key of smstrack.message_tally does. */
static int
compare_changes(const void *a, const void *b)
{
	const MessageTallyKey *left = &((const MessageTally *) a)->key;
	const MessageTallyKey *right = &((const MessageTally *) b)->key;
	int order = compare_numbers(left->link_domain, right->link_domain);

	if (order == 0)
		order = compare_numbers(left->campaign, right->campaign);
	if (order == 0)
		order = compare_numbers(left->variant, right->variant);
	if (order == 0)
		order = compare_numbers(left->country, right->country);
	return order != 0 ? order : strcmp(left->currency, right->currency);
}

/* Tells whether a change leaves everything as it is. */
static bool
changes_nothing(const MessageTally *change)
{
	for (int i = 0; i < MESSAGE_COUNTS; i++)
		if (change->counts[i] != 0)
			return false;
	for (int i = 0; i < MESSAGE_COSTS; i++)
		if (change->costs[i] != NULL &&
			DatumGetInt32(DirectFunctionCall1(
				numeric_sign, NumericGetDatum(change->costs[i]))) != 0)
			return false;
	return true;
}

/* Puts changes of the same key together; gives how many there are then. */
static int
merge_changes(MessageTally *changes, int count)
{
	int kept = 0;

	qsort(changes, (size_t) count, sizeof(MessageTally), compare_changes);
	for (int i = 0; i < count; i++)
	{
		MessageTally *last = kept > 0 ? &changes[kept - 1] : NULL;

		if (last == NULL || compare_changes(last, &changes[i]) != 0)
		{
			changes[kept++] = changes[i];
			continue;
		}
		for (int c = 0; c < MESSAGE_COUNTS; c++)
			last->counts[c] += changes[i].counts[c];
		for (int c = 0; c < MESSAGE_COSTS; c++)
			add_cost(&last->costs[c], changes[i].costs[c]);
	}
	count = kept;
	kept = 0;
	for (int i = 0; i < count; i++)
		if (!changes_nothing(&changes[i]))
			changes[kept++] = changes[i];
	return kept;
}

/*
 * The block that this backend noted last, and in which table: single messages, each in a
 * transaction of its own, need not note it again. An hour of 0 is none.
 */
typedef struct NotedBlock
{
	MessageBlock block;
	Oid table; /* the extension may have been made anew */
} NotedBlock;

static NotedBlock noted;		/* by the current transaction */
static NotedBlock noted_before; /* by one that is committed */

static void
write_blocks(PendingLevel *level, int16 slot)
{
	Oid table = store_message_block_table();
	int count = 0;

	for (int i = 0; i < level->block_count; i++)
		if (table != noted_before.table ||
			!same_block(&level->blocks[i], &noted_before.block))
			level->blocks[count++] = level->blocks[i];
	level->block_count = 0;
	if (count == 0 || !OidIsValid(table))
		return;
	store_message_blocks(level->blocks, count, slot);
	noted.block = level->blocks[count - 1];
	noted.table = table;
}

/* Takes over what the transaction noted, or forgets it. */
static void
keep_noted(bool committed)
{
	if (committed && noted.block.hour != 0)
		noted_before = noted;
	memset(&noted, 0, sizeof(noted));
}

/* Writes what a level gathered, and empties it. */
static void
write_level(PendingLevel *level, bool prepared_transaction)
{
	MemoryContext former = MemoryContextSwitchTo(level->context);
	MessageTally *changes =
		palloc(sizeof(MessageTally) * Max((Size) level->entries->members, 1));
	pending_iterator iterator;
	PendingEntry *entry;
	int count = 0;

	pending_start_iterate(level->entries, &iterator);
	while ((entry = pending_iterate(level->entries, &iterator)) != NULL)
		changes[count++] = change_of(entry);
	count = merge_changes(changes, count);
	if (count > 0)
		store_message_tally(changes, count, message_tally_slot(prepared_transaction));
	if (level->block_count > 0)
		write_blocks(level, message_tally_slot(prepared_transaction));
	pending_reset(level->entries);
	level->last = NULL;
	MemoryContextSwitchTo(former);
}

/* An inner level's rows are written inside its subtransaction, and go with it. */
void
message_tally_write(void)
{
	if (innermost != NULL && innermost->nest == GetCurrentTransactionNestLevel())
		write_level(innermost, false);
}

/*
 * Writes at the end of the transaction, which was perhaps made read only since. An error
 * here aborts it.
 */
static void
write_at_end(bool prepared_transaction)
{
	bool read_only = XactReadOnly;

	if (innermost == NULL)
		return;
	Assert(innermost->outer == NULL);
	XactReadOnly = false;
	PushActiveSnapshot(GetTransactionSnapshot());
	write_level(innermost, prepared_transaction);
	PopActiveSnapshot();
	XactReadOnly = read_only;
}

static void
at_transaction_end(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			write_at_end(false);
			break;
		case XACT_EVENT_PRE_PREPARE:
			write_at_end(true);
			break;
		case XACT_EVENT_COMMIT:
			keep_noted(true);
			innermost = NULL;
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			/* the memory goes with the transaction's */
			keep_noted(false);
			innermost = NULL;
			break;
		default:
			break;
	}
}

/* Gives what the innermost level gathered to the one around it. */
static void
join_outer(void)
{
	PendingLevel *level = innermost;
	pending_iterator iterator;
	PendingEntry *entry;

	if (level->outer == NULL || level->outer->nest < level->nest - 1)
	{
		level->nest--;
		return;
	}
	pending_start_iterate(level->entries, &iterator);
	while ((entry = pending_iterate(level->entries, &iterator)) != NULL)
		add(level->outer, &entry->key, entry->counts, entry->costs);
	for (int i = 0; i < level->block_count; i++)
		add_block(level->outer, &level->blocks[i]);
	innermost = level->outer;
	MemoryContextDelete(level->context);
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
					  void *argument)
{
	PendingLevel *level = innermost;

	if (event == SUBXACT_EVENT_ABORT_SUB)
		keep_noted(false);
	if (level == NULL || level->nest < GetCurrentTransactionNestLevel())
		return;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		join_outer();
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		innermost = level->outer;
		MemoryContextDelete(level->context);
	}
}

/* Registers for the ends of transactions; once a backend. */
void
message_tally_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}
