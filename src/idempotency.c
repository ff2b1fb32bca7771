/*
 * idempotency.c: what was asked for under a key, and whether that is asked for again.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

#include <openssl/evp.h>

#include "idempotency.h"
#include "settings.h"
#include "store.h"

/* Digests what was asked for: the same key must come with the same request. */
static bytea *
fingerprint(const PrepareRequest *request)
{
	struct varlena *parts[] = {request->body, request->recipient, request->label,
							   request->campaign, (struct varlena *) request->fields};
	bytea *digest = palloc(VARHDRSZ + 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		uint64 bytes = parts[i] == NULL ? PG_UINT64_MAX : VARSIZE_ANY_EXHDR(parts[i]);

		done = done && EVP_DigestUpdate(context, &bytes, sizeof(bytes)) == 1;
		if (parts[i] != NULL)
			done = done && EVP_DigestUpdate(context, VARDATA_ANY(parts[i]), bytes) == 1;
	}
	done = done && EVP_DigestUpdate(context, &request->track, sizeof(bool)) == 1 &&
		   EVP_DigestUpdate(context, &request->test, sizeof(bool)) == 1 &&
		   EVP_DigestFinal_ex(context, (unsigned char *) VARDATA(digest), NULL) == 1;
	EVP_MD_CTX_free(context);
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute SHA-256 with libcrypto")));
	SET_VARSIZE(digest, VARHDRSZ + 32);
	return digest;
}

/* Gives 0 where the message is new, else the id of the one that has the key. */
static int64
claim(const PrepareRequest *request, int64 message_id, bytea *owner)
{
	bool same;
	int64 holder = store_idempotency_key(setting_account, request->idempotency_key,
										 fingerprint(request), message_id, owner, &same);

	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("idempotency key \"%s\" was used for another message",
						text_to_cstring(request->idempotency_key)),
				 errdetail(
					 "It came with another body, recipient, label, campaign or fields."),
				 errhint("Use a new key for each message.")));
	return holder == message_id ? 0 : holder;
}

bool
idempotency_claim(const PrepareRequest *request, int64 message_id, bytea *owner,
				  FoundMessage *found)
{
	int64 holder = claim(request, message_id, owner);
	Snapshot snapshot;
	bool exists;

	if (holder == 0)
		return false;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	exists = message_find(holder, snapshot, found);
	UnregisterSnapshot(snapshot);
	if (!exists)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("message " INT64_FORMAT " of this idempotency key does not exist",
						holder),
				 errdetail("It was erased since."),
				 errhint("Use a new key to send it again.")));
	return true;
}

/*
 * Makes sure that a body has the links that it had when the key was first used: settings
 * and link domains may have changed since, and a code must not stand for another link.
 */
void
idempotency_check_links(const PrepareRequest *request, ArrayType *now,
						const FoundMessage *found)
{
	bool same = (now == NULL) == (found->target_urls == NULL);

	if (same && now != NULL)
		same = DatumGetBool(OidFunctionCall2Coll(F_ARRAY_EQ, C_COLLATION_OID,
												 PointerGetDatum(now),
												 PointerGetDatum(found->target_urls)));
	if (!same)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("idempotency key \"%s\" was used when the body had other links",
					text_to_cstring(request->idempotency_key)),
			 errdetail("Link domains or settings have changed since, so that other links "
					   "are found."),
			 errhint("Use a new key to send it again.")));
}
