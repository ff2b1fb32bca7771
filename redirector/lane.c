/*
 * lane.c: gathers, sends, retries, and gives up in time.
 *
 * A batch goes when a connection has nothing under way, or when the batch is full. With
 * several connections it takes its share of the open requests, so that one records while
 * another gathers. When a batch is back, those that it answers will ask again: the next
 * one waits for them a quarter of the time that a commit takes, as long as that is no
 * more than a few milliseconds. What a lost connection cut off goes again, with the same
 * ids and times; the server counts it once. A server that stops ends the connections one
 * after the other, so that each may cut a request off once; who is cut off more often is
 * given up, for he may be what the server dies of. What was rolled back goes again until
 * its deadline.
 */
#include <stdlib.h>

#include "clock.h"
#include "lane.h"

#define PAUSE INT64_C(50000)

/* How long nothing has to be done: without a request, and but for looking at deadlines.
 */
#define IDLE	  INT64_C(1000000)
#define DEADLINES INT64_C(50000)

/* Fewer requests than that are not shared between connections. */
#define SHARED_MIN 16

struct LaneBatch
{
	DbTask task; /* first: the database gives it back */
	Lane *lane;
	LaneBatch *next;
	LaneBatch **link; /* what points at this one */
	int count;
	Request *requests[]; /* NULL: given up meanwhile */
};

void
lane_init(Lane *lane, Db *dbs, int db_count)
{
	lane->dbs = dbs;
	lane->db_count = db_count;
	lane->first = NULL;
	lane->last = &lane->first;
}

/* Tells whether some connection is there. */
bool
lane_is_ready(const Lane *lane)
{
	for (int i = 0; i < lane->db_count; i++)
		if (lane->dbs[i].state == DB_READY)
			return true;
	return false;
}

void
lane_add(Lane *lane, Request *request)
{
	request->next = NULL;
	*lane->last = request;
	lane->last = &request->next;
	lane->waiting++;
}

static Request *
take_first(Lane *lane)
{
	Request *request = lane->first;

	lane->first = request->next;
	if (lane->first == NULL)
		lane->last = &lane->first;
	lane->waiting--;
	return request;
}

/* Puts a request back where its arrival says: deadlines stay in order. */
static void
put_back(Lane *lane, Request *request)
{
	Request **at = &lane->first;

	while (*at != NULL && (*at)->arrived < request->arrived)
		at = &(*at)->next;
	request->next = *at;
	*at = request;
	if (request->next == NULL)
		lane->last = &request->next;
	lane->waiting++;
}

static void
batch_free(LaneBatch *batch)
{
	*batch->link = batch->next;
	if (batch->next != NULL)
		batch->next->link = batch->link;
	free(batch);
}

/* Decides what becomes of one request whose transaction was not committed. */
static void
retry(Lane *lane, Request *request, DbOutcome outcome, bool was_alone)
{
	if (outcome == DB_REFUSED && was_alone)
		request->kind->refuse(request);
	else if (outcome == DB_CUT && request->cuts >= lane->db_count)
		request_unavailable(request);
	else
	{
		/* one bad request must not keep its neighbours from being recorded */
		request->alone = request->alone || outcome == DB_REFUSED;
		request->cuts += outcome == DB_CUT;
		metrics.retries++;
		put_back(lane, request);
	}
}

/* Decides how long the next batch waits. */
static void
note_return(Lane *lane, const LaneBatch *batch, DbOutcome outcome)
{
	int64_t now = clock_now();
	int64_t quarter = (now - batch->task.sent_at) / 4;
	int64_t most = (int64_t) lane->batch_wait_ms * 1000;

	if (outcome == DB_FAILED)
		lane->not_before = now + PAUSE;
	else if (batch->count > 1)
		lane->gather_until = now + (quarter < most ? quarter : most);
}

/* Takes back a transaction. */
static void
batch_done(DbTask *task, DbOutcome outcome, const PGresult *result)
{
	LaneBatch *batch = (LaneBatch *) (void *) task;
	Lane *lane = batch->lane;

	/* an answer without a row for each is not one that can be told apart */
	if (outcome == DB_COMMITTED && batch->count > 1 && PQntuples(result) != batch->count)
		outcome = DB_REFUSED;
	note_return(lane, batch, outcome);
	for (int i = 0; i < batch->count; i++)
	{
		Request *request = batch->requests[i];

		if (request == NULL)
			continue;
		if (outcome == DB_COMMITTED)
			request->kind->answer(request, result, i);
		else
			retry(lane, request, outcome, batch->count == 1);
	}
	lane->under_way -= batch->count;
	batch_free(batch);
}

/* Gives the most that a batch takes: its share of all open requests. */
static int
share(const Lane *lane)
{
	int open = lane->waiting + lane->under_way;
	int part = (open + lane->db_count - 1) / lane->db_count;

	if (part < SHARED_MIN)
		part = SHARED_MIN;
	return part < lane->batch_size ? part : lane->batch_size;
}

/* Sends the next batch; false if nothing could be sent. */
static bool
send_batch(Lane *lane, Db *db)
{
	int most = share(lane);
	int count = 0;
	LaneBatch *batch;
	const Request *request = lane->first;

	while (request != NULL && count < most && (count == 0 || !request->alone))
	{
		count++;
		if (request->alone)
			break;
		request = request->next;
	}
	batch = malloc(sizeof(LaneBatch) + (size_t) count * sizeof(Request *));
	if (batch == NULL)
		return false;
	batch->task.done = batch_done;
	batch->lane = lane;
	batch->count = count;
	for (int i = 0; i < count; i++)
		batch->requests[i] = take_first(lane);
	if (!lane->send(db, &batch->task, batch->requests, count))
	{
		for (int i = 0; i < count; i++)
			put_back(lane, batch->requests[i]);
		free(batch);
		return false;
	}
	batch->next = lane->batches;
	batch->link = &lane->batches;
	if (batch->next != NULL)
		batch->next->link = &batch->next;
	lane->batches = batch;
	lane->under_way += count;
	metrics_batch(count);
	return true;
}

/* Gives the connection that is ready and has the least to do; NULL if none is ready. */
static Db *
least_busy(const Lane *lane)
{
	Db *least = NULL;

	for (int i = 0; i < lane->db_count; i++)
	{
		Db *db = &lane->dbs[i];

		if (db->state == DB_READY && (least == NULL || db->in_flight < least->in_flight))
			least = db;
	}
	return least;
}

/* Gives the connection that the next batch goes to now; NULL: it waits. */
static Db *
next_db(const Lane *lane, int64_t now)
{
	Db *db = lane->first == NULL || now < lane->not_before ? NULL : least_busy(lane);

	return db != NULL && (lane->waiting >= lane->batch_size ||
						  (db->in_flight == 0 && now >= lane->gather_until))
			   ? db
			   : NULL;
}

/* Answers those whose time is over, waiting or under way. */
static void
give_up(Lane *lane, int64_t now)
{
	while (lane->first != NULL && lane->first->deadline <= now)
		request_unavailable(take_first(lane));
	for (LaneBatch *batch = lane->batches; batch != NULL; batch = batch->next)
		for (int i = 0; i < batch->count; i++)
			if (batch->requests[i] != NULL && batch->requests[i]->deadline <= now)
			{
				request_unavailable(batch->requests[i]);
				batch->requests[i] = NULL;
			}
}

void
lane_run(Lane *lane, int64_t now)
{
	Db *db;

	if (lane->first != NULL || lane->batches != NULL)
		give_up(lane, now);
	while ((db = next_db(lane, now)) != NULL && send_batch(lane, db))
		;
}

void
lane_give_up(Lane *lane)
{
	give_up(lane, INT64_MAX);
}

int64_t
lane_timeout(const Lane *lane, int64_t now)
{
	if (lane->first == NULL && lane->batches == NULL)
		return IDLE;
	if (lane->first == NULL || now >= lane->gather_until)
		return DEADLINES;
	return lane->gather_until - now;
}
