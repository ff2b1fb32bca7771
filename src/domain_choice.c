/*
 * domain_choice.c: which link domain a message, a campaign or a request means.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "domain.h"
#include "settings.h"

/* Tells whether a link domain is the current account's. */
static bool
is_own(const LinkDomain *domain)
{
	return domain != NULL && strcmp(domain->account, setting_account) == 0;
}

/* Makes the link domain that a fresh installation starts with. */
static void
make_localhost(void)
{
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	if (SPI_execute("INSERT INTO smstrack.link_domain (host, scheme, account) "
					"SELECT 'localhost:8080', 'http', 'default' WHERE NOT EXISTS "
					"(SELECT FROM smstrack.link_domain WHERE host = 'localhost:8080') "
					"ON CONFLICT DO NOTHING",
					false, 0) < 0)
		elog(ERROR, "could not make the first link domain");
	SPI_finish();
	catalog_become_caller(caller);
}

/* Warns once a statement that links lead to this machine. */
static void
warn_localhost(const LinkDomain *domain)
{
	static TimestampTz warned;

	if (strcmp(domain->host, "localhost:8080") != 0 ||
		warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING), errmsg("short link domain is not set"),
			 errdetail("Short links begin with \"%s\", which no phone can reach.",
					   domain->base),
			 errhint("Set your own: SELECT smstrack_domain('go.example.com').")));
}

static LinkDomain *
default_for_preparing(void)
{
	int32 id = domain_id_of_default();
	LinkDomain *domain;

	if (id == 0 && strcmp(setting_account, "default") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("short link domain is not set"),
				 errdetail("Account \"%s\" has no active link domain.", setting_account),
				 errhint("Set one: SELECT smstrack_domain('go.example.com').")));
	if (id == 0)
	{
		make_localhost();
		id = domain_id_of_default();
	}
	domain = id == 0 ? NULL : domain_by_id(id);
	if (domain == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("short link domain is not set"),
				 errdetail("The link domain \"localhost:8080\" is not active."),
				 errhint("Set your own: SELECT smstrack_domain('go.example.com').")));
	warn_localhost(domain);
	return domain;
}

static void
check_active(const LinkDomain *domain)
{
	if (domain->status != LINK_DOMAIN_ACTIVE)
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("link domain \"%s\" is not active", domain->host),
			 errdetail("Its status is \"%s\".",
					   domain->status == LINK_DOMAIN_PENDING ? "pending" : "disabled"),
			 errhint("Activate it: SELECT smstrack_domain('%s', status => 'active').",
					 domain->host)));
}

/*
 * Gives the link domain for a new message: the one named, else the one of the setting,
 * else the account's default. Another account's is unknown here.
 */
LinkDomain *
domain_for_preparing(const char *host)
{
	LinkDomain *domain;
	int32 id;

	if (host == NULL && setting_link_domain[0] != '\0')
		host = setting_link_domain;
	if (host == NULL)
		return default_for_preparing();

	id = domain_id_by_host(host);
	domain = id == 0 ? NULL : domain_by_id(id);
	if (!is_own(domain))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unknown link domain \"%s\"", host),
				 errdetail("Account \"%s\" has no such link domain.", setting_account),
				 errhint("Create it: SELECT smstrack_domain('go.example.com').")));
	check_active(domain);
	return domain;
}

/*
 * Gives the link domain for a campaign: the one with an id, or for 0 the account's
 * default. It must be the account's own: links to this machine are not sent to many.
 */
LinkDomain *
domain_for_campaign(int32 id)
{
	LinkDomain *domain;

	if (id == 0 && setting_link_domain[0] != '\0')
		return domain_for_preparing(NULL);
	if (id != 0 && !is_own(domain_by_id(id)))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("link domain of the campaign does not exist"),
						errdetail("Account \"%s\" has no link domain with the id %d.",
								  setting_account, id),
						errhint("Set link_domain in smstrack.campaign; NULL is the "
								"account's default.")));
	if (id == 0)
		id = domain_id_of_default();
	domain = id == 0 ? NULL : domain_by_id(id);
	if (!is_own(domain) || strcmp(domain->host, "localhost:8080") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("short link domain is not set"),
				 errdetail("A campaign needs an active link domain of account \"%s\".",
						   setting_account),
				 errhint("Set one: SELECT smstrack_domain('go.example.com').")));
	check_active(domain);
	return domain;
}

/* Gives the link domain that a request's host means, or NULL; writes nothing. */
LinkDomain *
domain_for_resolving(const char *host)
{
	int32 id;

	if (host == NULL && setting_link_domain[0] != '\0')
		host = setting_link_domain;
	id = host != NULL ? domain_id_by_host(host) : domain_id_of_default();
	return id == 0 ? NULL : domain_by_id(id);
}

/* Gives a link domain of the current account, whatever its status; NULL: its default. */
LinkDomain *
domain_of_account(const char *host)
{
	LinkDomain *domain;
	int32 id;

	if (host == NULL && setting_link_domain[0] != '\0')
		host = setting_link_domain;
	id = host == NULL ? domain_id_of_default() : domain_id_by_host(host);
	domain = id == 0 ? NULL : domain_by_id(id);
	if (!is_own(domain))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 host == NULL ? errmsg("short link domain is not set")
							  : errmsg("unknown link domain \"%s\"", host),
				 errdetail("Account \"%s\" has no such link domain.", setting_account),
				 errhint("Create it: SELECT smstrack_domain('go.example.com').")));
	return domain;
}
