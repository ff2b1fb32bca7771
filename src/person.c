/*
 * person.c: finds all that is stored on a recipient. What is written when he is to be
 * forgotten stands in store_forget.c; both have to know every table that names somebody.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "core/e164.h"
#include "person.h"
#include "recipient.h"
#include "settings.h"

text *
person_recipient(text *recipient)
{
	bool valid;

	if (VARSIZE_ANY_EXHDR(recipient) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("recipient is empty"),
				 errhint("Give the recipient's number, or the identifier that you use.")));
	if (VARSIZE_ANY_EXHDR(recipient) > E164_RECIPIENT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("recipient is too long"),
				 errdetail("A recipient may have %d bytes.", E164_RECIPIENT_MAX)));
	return recipient_normalise(recipient, &valid);
}

#define MESSAGE_ROWS                                                                     \
	"SELECT 1 AS part, m.created_at AS at, 'smstrack.message' AS source,"                \
	" m.message_id, pg_catalog.to_jsonb(m) || pg_catalog.jsonb_build_object("            \
	"   'account', $1, 'host', (SELECT d.host FROM smstrack.link_domain AS d"            \
	"     WHERE d.id = m.link_domain),"                                                  \
	"   'campaign_name', c.name, 'variant_name', v.name,"                                \
	"   'variant_body', v.body, 'variant_target_urls', v.target_urls) AS stored "        \
	"FROM mine AS m LEFT JOIN smstrack.campaign AS c ON c.id = m.campaign"               \
	" LEFT JOIN smstrack.variant AS v ON v.id = m.variant "

#define HIT_ROWS                                                                         \
	"SELECT 2, h.at, 'smstrack.hit', h.message_id,"                                      \
	" pg_catalog.to_jsonb(h) || pg_catalog.jsonb_build_object("                          \
	"   'class_name', CASE h.class WHEN 'v' THEN 'view' WHEN 'c' THEN 'click'"           \
	"     ELSE 'bot' END, 'rule_name', smstrack.rule_name(h.rule),"                      \
	"   'os_name', smstrack.os_name(h.os), 'device_name', smstrack.device_name(h.device),"\
	"   'country_name', smstrack.country_name(h.country), 'user_agent', u.user_agent) "  \
	"FROM smstrack.hit AS h LEFT JOIN smstrack.user_agent AS u"                          \
	"   ON u.user_agent_id = h.user_agent_id "                                           \
	"WHERE h.message_id = ANY (ARRAY(SELECT m.message_id FROM mine AS m)) "

/* A row of a table that has the message's id. */
#define ROWS_BY_MESSAGE(part, table, at)                                                 \
	"SELECT " part ", x." at ", '" table "', x.message_id, pg_catalog.to_jsonb(x) "      \
	"FROM " table " AS x"                                                                \
	" WHERE x.message_id = ANY (ARRAY(SELECT m.message_id FROM mine AS m)) "

/* Conversions that are credited to the recipient's messages, or to none and may be. */
#define CONVERSION_IDS                                                                   \
	"ARRAY(SELECT c.conversion_id FROM smstrack.conversion AS c"                         \
	" WHERE c.message_id = ANY (ARRAY(SELECT m.message_id FROM mine AS m)) "             \
	"UNION SELECT k.conversion_id FROM smstrack.conversion_candidate AS k"               \
	" JOIN smstrack.conversion AS c ON c.conversion_id = k.conversion_id"                \
	" WHERE c.message_id IS NULL"                                                        \
	"  AND k.message_id = ANY (ARRAY(SELECT m.message_id FROM mine AS m)))"

#define CONVERSION_ROWS                                                                  \
	"SELECT 3, x.at, 'smstrack.conversion', x.message_id, pg_catalog.to_jsonb(x) "       \
	"FROM smstrack.conversion AS x WHERE x.conversion_id = ANY (" CONVERSION_IDS ") "

#define REVERSAL_ROWS                                                                    \
	"SELECT 4, r.at, 'smstrack.reversal', k.message_id, pg_catalog.to_jsonb(r) "         \
	"FROM smstrack.reversal AS r"                                                        \
	" JOIN smstrack.conversion AS k ON k.conversion_id = r.conversion_id "               \
	"WHERE r.conversion_id = ANY (" CONVERSION_IDS ") "

#define CLICKER_ROWS                                                                     \
	"SELECT 4, NULL, 'smstrack.clicker', x.message_id, pg_catalog.to_jsonb(x) "          \
	"FROM smstrack.clicker AS x"                                                         \
	" WHERE x.message_id = ANY (ARRAY(SELECT m.message_id FROM mine AS m)) "

#define OUTBOX_ROWS                                                                      \
	"SELECT 6, NULL, 'smstrack.outbox', o.message_id, pg_catalog.to_jsonb(o) "           \
	"FROM smstrack.outbox AS o WHERE o.campaign = " PERSON_CAMPAIGNS                     \
	" AND " PERSON_IS("o.recipient") " "

#define SKIP_ROWS                                                                        \
	"SELECT 7, l.launched_at, 'smstrack.launch_skip', NULL,"                             \
	" pg_catalog.to_jsonb(s) || pg_catalog.jsonb_build_object('campaign_name', c.name) " \
	"FROM smstrack.launch_skip AS s JOIN smstrack.launch AS l ON l.id = s.launch"        \
	" JOIN smstrack.campaign AS c ON c.id = l.campaign "                                 \
	"WHERE c.account = $1 AND " PERSON_IS("s.recipient") " "

#define HASH_ROWS                                                                        \
	"SELECT 8, NULL, 'smstrack.campaign_recipient', NULL,"                               \
	" pg_catalog.to_jsonb(r) || pg_catalog.jsonb_build_object('campaign_name', c.name) " \
	"FROM smstrack.campaign AS c JOIN smstrack.campaign_recipient AS r"                  \
	"   ON r.campaign = c.id AND r.recipient_hash = $4 "                                 \
	"WHERE c.account = $1 "                                                              \
	"UNION ALL "                                                                         \
	"SELECT 8, NULL, 'smstrack.trial', r.message_id,"                                    \
	" pg_catalog.to_jsonb(r) || pg_catalog.jsonb_build_object('campaign_name', c.name) " \
	"FROM smstrack.campaign AS c JOIN smstrack.trial AS r"                               \
	"   ON r.campaign = c.id AND r.recipient_hash = $4 "                                 \
	"WHERE c.account = $1 "                                                              \
	"UNION ALL "                                                                         \
	"SELECT 9, o.opted_out_at, 'smstrack.opt_out', NULL, pg_catalog.to_jsonb(o) "        \
	"FROM smstrack.opt_out AS o WHERE o.account = $1 AND o.recipient_hash = $4 "

uint64
person_read(const char *account, text *recipient)
{
	static const char query[] =
		"WITH mine AS MATERIALIZED (SELECT m.* FROM smstrack.message AS m "
		"WHERE m.link_domain = " PERSON_DOMAINS " AND (" PERSON_IS("m.recipient")
		" OR m.message_id = ANY (ARRAY(" /* those that do not name him, by their keys */
		"SELECT i.message_id FROM smstrack.idempotency AS i"
		" WHERE i.account = $1 AND i.recipient_hash = $4)))), "
		"found AS (" MESSAGE_ROWS "UNION ALL " HIT_ROWS
		"UNION ALL " CONVERSION_ROWS
		"UNION ALL " ROWS_BY_MESSAGE("4", "smstrack.conversion_candidate", "clicked_at")
		"UNION ALL " REVERSAL_ROWS "UNION ALL " CLICKER_ROWS
		"UNION ALL " ROWS_BY_MESSAGE("5", "smstrack.idempotency", "created_at")
		"UNION ALL " OUTBOX_ROWS "UNION ALL " SKIP_ROWS "UNION ALL " HASH_ROWS ") "
		"SELECT f.source, f.at, f.stored FROM found AS f "
		"ORDER BY f.part, f.at, f.message_id";
	Oid types[] = {TEXTOID, TEXTARRAYOID, TEXTOID, BYTEAOID};
	Datum wanted = PointerGetDatum(recipient);
	unsigned char key[32];
	bool has_key = recipient_key(account, false, key);
	Datum values[] = {CStringGetTextDatum(account),
					  PointerGetDatum(construct_array(&wanted, 1, TEXTOID, -1, false,
													  TYPALIGN_INT)),
					  CStringGetTextDatum(setting_calling_code),
					  has_key ? recipient_hash_datum(key, recipient) : (Datum) 0};
	CatalogUser caller = catalog_become_owner();

	if (SPI_execute_with_args(query, 4, types, values, has_key ? NULL : "   n", true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read what is stored on a recipient");
	catalog_become_caller(caller);
	return SPI_processed;
}
