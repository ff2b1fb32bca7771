/*
 * allotment.c: hashes of campaign and recipient: which variant somebody gets, and whether
 * he is in a share of the audience. Both are the same at every launch, in every backend.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "allotment.h"

/* Seeds of the hashes; changing them re-allots. */
#define VARIANT_SEED UINT64CONST(0x736d737661726961)
#define SHARE_SEED	 UINT64CONST(0x736d737368617265)

static uint64
hash_recipient(uint64 seed, int32 campaign, const char *recipient, size_t length)
{
	return hash_bytes_extended((const unsigned char *) recipient, (int) length,
							   seed + (uint64) campaign);
}

void
allotment_init(Allotment *allotment, int32 campaign, int count)
{
	allotment->campaign = campaign;
	allotment->seed = 0;
	allotment->count = count;
	allotment->weights = palloc0(mul_size(sizeof(int64), (Size) count));
	allotment->total = 0;
}

void
allotment_set_weight(Allotment *allotment, int variant, int64 weight)
{
	allotment->total += weight - allotment->weights[variant];
	allotment->weights[variant] = weight;
}

int
allotment_choose(const Allotment *allotment, const char *recipient, size_t length)
{
	int64 at;
	int variant = 0;

	if (allotment->count == 1)
		return 0;
	at = (int64) (hash_recipient(VARIANT_SEED + (uint64) allotment->seed,
								 allotment->campaign, recipient, length) %
				  (uint64) allotment->total);
	while (at >= allotment->weights[variant])
		at -= allotment->weights[variant++];
	return variant;
}

bool
allotment_in_share(int32 campaign, double share, const char *recipient, size_t length)
{
	uint64 hash;

	if (share == 1)
		return true;
	hash = hash_recipient(SHARE_SEED, campaign, recipient, length);
	/* the upper 53 bits as a number from 0 to 1 */
	return (double) (hash >> 11) * 0x1.0p-53 < share;
}
