/*
 * lane.c: gathers, sends, retries, and gives up in time.
 *
 * A batch goes when nothing is under way, or when it is full. When one is back, those that
 * it answers will ask again: the next one waits for them a quarter of the time that a
 * commit takes, as long as that is no more than a few milliseconds. What a lost connection cut off goes once more, with the same ids and
 * times; the server counts it once. What was rolled back goes again until its deadline.
 */
#include <stdlib.h>

#include "clock.h"
#include "lane.h"

#define PAUSE INT64_C(50000)

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
lane_init(Lane *lane)
{
	lane->first = NULL;
	lane->last = &lane->first;
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
	else if (outcome == DB_CUT && request->cut)
		request_unavailable(request);
	else
	{
		/* one bad request must not keep its neighbours from being recorded */
		request->alone = request->alone || outcome == DB_REFUSED;
		request->cut = request->cut || outcome == DB_CUT;
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
	batch_free(batch);
}

/* Sends the next batch; false if nothing could be sent. */
static bool
send_batch(Lane *lane)
{
	int count = 0;
	LaneBatch *batch;
	const Request *request = lane->first;

	while (request != NULL && count < lane->batch_size && (count == 0 || !request->alone))
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
	if (!lane->send(lane->db, &batch->task, batch->requests, count))
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
	metrics_batch(count);
	return true;
}

static bool
may_send(const Lane *lane, int64_t now)
{
	if (lane->first == NULL || lane->db->state != DB_READY || now < lane->not_before)
		return false;
	return lane->waiting >= lane->batch_size ||
		   (lane->db->in_flight == 0 && now >= lane->gather_until);
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
	if (lane->first != NULL || lane->batches != NULL)
		give_up(lane, now);
	while (may_send(lane, now) && send_batch(lane))
		;
}

void
lane_give_up(Lane *lane)
{
	give_up(lane, INT64_MAX);
}

int
lane_timeout(const Lane *lane, int64_t now)
{
	if (lane->first == NULL && lane->batches == NULL)
		return 1000;
	if (lane->first == NULL || lane->db->in_flight > 0 || now >= lane->gather_until)
		return 50;
	return (int) ((lane->gather_until - now) / 1000) + 1;
}
