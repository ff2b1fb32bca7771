/*
 * recipient.h: recipients as keyed hashes, where the number itself must not be kept.
 */
#ifndef SMSTRACK_RECIPIENT_H
#define SMSTRACK_RECIPIENT_H

#include "postgres.h"

#include "core/e164.h"

#define RECIPIENT_HASH_BYTES 16

typedef struct RecipientHash
{
	unsigned char bytes[RECIPIENT_HASH_BYTES];
} RecipientHash;

/* A set that fits into memory: what is kept of a hash is its first 8 bytes. */
typedef struct RecipientSet
{
	uint64 *members; /* sorted */
	Size count;
	unsigned char key[32];
} RecipientSet;

extern void recipient_init(void);

/* Gives the account's key; makes one where there is none, or false where it may not. */
extern bool recipient_key(const char *account, bool make, unsigned char key[32]);

extern RecipientHash recipient_hash(const unsigned char key[32], const char *recipient,
									size_t length);

/* Gives the hash's first 8 bytes as a number, as smstrack.clicker has it. */
extern int64 recipient_hash_bigint(const unsigned char key[32], const char *recipient,
								   size_t length);

/* Gives the hash of a recipient as it is stored. */
extern Datum recipient_hash_datum(const unsigned char key[32], const text *recipient);

/* Normalises as e164_normalise does, between texts of the database's encoding. */
extern E164Status recipient_e164(const text *recipient, const char *calling_code,
								 char *out, size_t *written);

/* Normalises a recipient; the text itself where it is no valid number. */
extern text *recipient_normalise(text *recipient, bool *valid);

/* Compares in byte order, which is that of audiences. */
extern int recipient_compare(const text *a, const text *b);

/* Tells whether an account has forgotten a recipient: nothing is prepared for him. */
extern bool recipient_is_forgotten(const char *account, const text *recipient);

/*
 * Loads whom a launch leaves out: the account's opt-outs, those alone whom it has
 * forgotten, or whom an anonymous campaign has written to.
 */
extern RecipientSet *recipient_set_opt_outs(const char *account);
extern RecipientSet *recipient_set_forgotten(const char *account);
extern RecipientSet *recipient_set_campaign(const char *account, int32 campaign);

/* Looks for one recipient only. */
extern bool recipient_opted_out(const char *account, const text *recipient);
extern bool recipient_is_noted(const char *account, int32 campaign, const text *recipient);

extern bool recipient_set_has(const RecipientSet *set, const char *recipient,
							  size_t length);

#endif
