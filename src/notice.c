/*
 * notice.c: one notification a batch on the channel smstrack, sent when the transaction
 * commits. It names campaigns and counts, nobody and no address: every role may listen.
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"

#include "hit_settings.h"
#include "notice.h"

#define CHANNEL "smstrack"

/* More are not named: a payload has less than 8000 bytes. */
#define CAMPAIGNS_MAX 500

static int
compare_campaigns(const void *a, const void *b)
{
	int32 left = *(const int32 *) a;
	int32 right = *(const int32 *) b;

	return left < right ? -1 : left > right;
}

void
notice_send(const char *what, const int32 *campaigns, int count)
{
	StringInfoData payload;
	int32 *sorted;
	int named = 0;

	if (!setting_notify || count == 0)
		return;
	sorted = palloc(sizeof(int32) * (Size) count);
	memcpy(sorted, campaigns, sizeof(int32) * (Size) count);
	qsort(sorted, (size_t) count, sizeof(int32), compare_campaigns);
	initStringInfo(&payload);
	appendStringInfo(&payload, "{\"%s\": %d, \"campaigns\": [", what, count);
	for (int i = 0; i < count && named < CAMPAIGNS_MAX; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			appendStringInfo(&payload, "%s%d", named++ > 0 ? ", " : "", sorted[i]);
	appendStringInfoString(&payload, "]}");
	Async_Notify(CHANNEL, payload.data);
}
