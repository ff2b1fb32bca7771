/*
 * domain_code.c: codes of a link domain's messages; complains where a length is full, and
 * warns long before.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/timestamp.h"

#include "domain.h"

/* Gives the cipher for codes of a length, or NULL where none was ever made. */
const CodeCipher *
domain_cipher(LinkDomain *domain, int32 length)
{
	CodeCipher *cipher;

	if (length < CODE_LENGTH_MIN || length > CODE_LENGTH_MAX ||
		(domain->code_lengths & (1u << length)) == 0)
		return NULL;
	cipher = &domain->ciphers[length];
	if (cipher->length == 0 &&
		!code_cipher_init(cipher, domain->keys.code, (uint32) domain->id, (uint32) length))
	{
		code_cipher_release(cipher);
		cipher->length = 0;
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not set up AES of libcrypto")));
	}
	return cipher;
}

/* Complains that a number does not fit, long before it wraps: it never does. */
static void
report_full(const LinkDomain *domain, int32 length, int64 message_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("link domain \"%s\" has no codes of %d characters left", domain->host,
					length),
			 errdetail("Message " INT64_FORMAT " is beyond the " UINT64_FORMAT
					   " messages that codes of this length can tell apart.",
					   message_id, code_capacity((uint32) length) / CODE_POSITIONS),
			 errhint("Lengthen them: SELECT smstrack_domain('%s', code_length => %d).",
					 domain->host, Min(length + 1, CODE_LENGTH_MAX))));
}

/* Warns once a statement from half full on. */
static void
warn_filling(const LinkDomain *domain, const CodeCipher *cipher, int64 message_id)
{
	static TimestampTz warned;
	uint64 limit = cipher->capacity / CODE_POSITIONS;

	if ((uint64) message_id < limit / 2 || warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("codes of link domain \"%s\" are running out", domain->host),
			 errdetail("%d %% of the messages that codes of %u characters can tell apart are "
					   "used.",
					   (int) (100.0 * (double) message_id / (double) limit), cipher->length),
			 errhint("Lengthen them: SELECT smstrack_domain('%s', code_length => %u).",
					 domain->host, Min(cipher->length + 1, CODE_LENGTH_MAX))));
}

/* Writes the code of a message's link, length bytes without a NUL. */
void
domain_write_code(LinkDomain *domain, int32 length, int64 message_id, int32 position,
				  char *code)
{
	const CodeCipher *cipher = domain_cipher(domain, length);
	uint64 number = (uint64) message_id * CODE_POSITIONS + (uint64) position;

	if (cipher == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("link domain \"%s\" has lost its codes of %d characters",
						domain->host, length),
				 errdetail("Its former code lengths do not name them.")));
	if (message_id >= (int64) (cipher->capacity / CODE_POSITIONS))
		report_full(domain, length, message_id);
	warn_filling(domain, cipher, message_id);
	if (!code_from_number(cipher, number, code))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not encrypt with AES of libcrypto")));
}
