/*
 * message_id.c: takes message ids from the sequence in blocks, durable before use.
 *
 * A code leaves the server before its transaction commits, and an SMS cannot be called
 * back: an id that was seen once must not be given again, whatever crashes. nextval's WAL
 * record is flushed only by a commit, so each block is flushed here.
 *
 * Flushing does not help a promoted standby that lagged, or a restored dump: both go on
 * from an older value. So the database remembers which cluster, timeline and database it
 * was (the epoch, as the value of a second sequence: sequences are not undone by an abort
 * and are part of a dump). Where that differs from what it is now, ids first jump ahead.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "commands/sequence.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "catalog.h"
#include "message_id.h"
#include "owner_query.h"
#include "settings.h"

/* A single message costs a block of 32 once a backend; a campaign soon takes 8192. */
#define BLOCK_MIN 32
#define BLOCK_MAX 8192

/* Ids taken and not yet given; they stay with the backend from statement to statement. */
static int64 block[BLOCK_MAX];
static int block_used;
static int block_filled;
static int block_size;
static TimestampTz block_statement;
static Oid block_sequence;

/* The sequence whose epoch this backend has found to be right. */
static Oid checked_sequence;

/* Makes a sequence's state durable: WAL up to the last change of its page. */
static void
flush_sequence(Oid sequence)
{
	Relation relation = relation_open(sequence, AccessShareLock);
	Buffer buffer = ReadBuffer(relation, 0);
	XLogRecPtr changed;

	/*
	 * The page's own LSN, not the insert position: that may point past the header of a
	 * WAL page that nobody has written.
	 */
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	changed = BufferGetLSNAtomic(buffer);
	UnlockReleaseBuffer(buffer);
	XLogFlush(changed);
	relation_close(relation, AccessShareLock);
}

static void
set_sequence(Oid sequence, int64 value)
{
	DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence), Int64GetDatum(value));
	flush_sequence(sequence);
}

/* Names this database in this cluster's history by a positive number. */
static int64
current_epoch(Oid sequence)
{
	struct
	{
		uint64 system;
		uint32 timeline;
		uint32 database;
		uint32 sequence;
		uint32 zero;
	} identity = {GetSystemIdentifier(), GetWALInsertionTimeLine(), MyDatabaseId, sequence, 0};
	uint64 hash = hash_bytes_extended((unsigned char *) &identity, sizeof(identity), 0);

	return (int64) ((hash >> 1) | 1);
}

/* The epoch on record; 0 in a database that has given no id. */
static int64
recorded_epoch(void)
{
	return owner_query_bigint("SELECT CASE WHEN is_called THEN last_value ELSE 0 END "
							  "FROM smstrack.id_epoch_seq",
							  0, NULL, NULL);
}

/* The greatest id that may have been given, as far as this database knows. */
static int64
greatest_id(void)
{
	return owner_query_bigint(
		"SELECT greatest((SELECT CASE WHEN is_called THEN last_value ELSE 0 END "
		"FROM smstrack.message_id_seq), (SELECT max(message_id) "
		"FROM smstrack.message))",
		0, NULL, NULL);
}

/*
 * Moves the ids out of the reach of the original that this database is a copy of. A
 * random part keeps two copies of one dump apart.
 */
static void
jump(Oid sequence, int64 from)
{
	uint32 random;

	if (!pg_strong_random(&random, sizeof(random)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate a random number")));
	set_sequence(sequence, from + setting_epoch_jump + (int64) random % setting_epoch_jump);
	ereport(LOG, (errmsg("message ids of smstrack jump from " INT64_FORMAT, from),
				  errdetail("The database is a copy, or was promoted or recovered.")));
}

/* Compares the epoch with the recorded one under a lock, and jumps where it must. */
static void
settle_epoch(Oid ids, Oid epochs, int64 epoch)
{
	int64 recorded;

	/* given back at once: what it guards is not undone by an abort */
	LockRelationOid(epochs, ShareUpdateExclusiveLock);
	recorded = recorded_epoch();
	if (recorded != epoch)
	{
		int64 greatest = greatest_id();

		if (recorded != 0 || greatest != 0)
			jump(ids, greatest);
		/* after the jump: a crash in between jumps once more, never too little */
		set_sequence(epochs, epoch);
	}
	UnlockRelationOid(epochs, ShareUpdateExclusiveLock);
}

/* Makes sure, once a backend, that this database gives ids nobody else has given. */
void
message_id_check_epoch(void)
{
	Oid ids = catalog_relation(CATALOG_MESSAGE_ID_SEQ);
	CatalogUser caller;
	int64 epoch;

	if (checked_sequence == ids)
		return;
	PreventCommandIfReadOnly("preparing a message");
	epoch = current_epoch(ids);
	caller = catalog_become_owner();
	if (recorded_epoch() != epoch)
		settle_epoch(ids, catalog_relation(CATALOG_ID_EPOCH_SEQ), epoch);
	catalog_become_caller(caller);
	checked_sequence = ids;
}

/*
 * Jumps on request. A copy of the files that is started as if nothing had happened (a disk
 * or machine snapshot), or data alone restored into the same database, looks like the
 * original: who makes such a copy has to say so.
 */
void
message_id_jump(void)
{
	Oid ids = catalog_relation(CATALOG_MESSAGE_ID_SEQ);
	Oid epochs = catalog_relation(CATALOG_ID_EPOCH_SEQ);
	CatalogUser caller;

	PreventCommandIfReadOnly("moving message ids");
	caller = catalog_become_owner();
	LockRelationOid(epochs, ShareUpdateExclusiveLock);
	jump(ids, greatest_id());
	set_sequence(epochs, current_epoch(ids));
	UnlockRelationOid(epochs, ShareUpdateExclusiveLock);
	catalog_become_caller(caller);
	/* what this session holds is of before the jump */
	block_used = block_filled = 0;
}

/* Takes a block; it doubles as long as one statement goes on asking. */
static void
take_block(Oid sequence)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	int size = BLOCK_MIN;

	if (sequence == block_sequence && statement == block_statement)
		size = Min(block_size * 2, BLOCK_MAX);
	block_used = 0;
	block_filled = 0;
	for (int i = 0; i < size; i++)
		block[i] = nextval_internal(sequence, false);
	flush_sequence(sequence);

	block_sequence = sequence;
	block_statement = statement;
	block_size = size;
	block_filled = size;
}

/* Gives an id that is durable and was never given before. */
int64
message_id_next(void)
{
	Oid sequence = catalog_relation(CATALOG_MESSAGE_ID_SEQ);

	if (sequence != block_sequence || block_used == block_filled)
	{
		message_id_check_epoch();
		take_block(sequence);
	}
	return block[block_used++];
}

bool
message_id_is_copy(void)
{
	int64 recorded = recorded_epoch();

	/* a standby is meant to be a copy, and gives no ids */
	return recorded != 0 && !RecoveryInProgress() &&
		   recorded != current_epoch(catalog_relation(CATALOG_MESSAGE_ID_SEQ));
}
