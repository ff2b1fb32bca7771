/*
 * domain.h: link domains with their keys, cached for the backend.
 */
#ifndef SMSTRACK_DOMAIN_H
#define SMSTRACK_DOMAIN_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "core/code.h"
#include "core/host.h"
#include "core/keys.h"

typedef enum LinkDomainStatus
{
	LINK_DOMAIN_PENDING,
	LINK_DOMAIN_ACTIVE,
	LINK_DOMAIN_DISABLED
} LinkDomainStatus;

typedef struct LinkDomain
{
	int32 id; /* hash key */
	char *host;
	char *account;
	char *base; /* scheme, host and path prefix: what stands before a code */
	size_t base_length;
	int32 code_length;
	uint32 code_lengths; /* bit n: codes of n characters are or were in use */
	LinkDomainStatus status;
	char *cookie_domain;   /* NULL: no cookie */
	char *fallback_url;	   /* NULL: none */
	char *token_parameter; /* NULL: the setting's */
	bool expires;
	Interval expiry;
	char tracking;			  /* of single messages: f, a or n */
	int32 attribution_window; /* seconds; 0: the setting's */
	bool has_recipient_key;
	unsigned char recipient_key[32]; /* the account's */
	Keys keys;
	CodeCipher ciphers[CODE_LENGTH_MAX + 1]; /* length 0: not made yet */
} LinkDomain;

/* domain.c: the cache */
extern void domain_init(void);
extern LinkDomain *domain_by_id(int32 id);
extern int32 domain_id_by_host(const char *host);
extern int32 domain_id_of_default(void);
extern const HostList *domain_hosts(void);
extern void domain_recipient_key(int32 id, unsigned char key[32]);

/* domain_choice.c */
extern LinkDomain *domain_for_preparing(const char *host);
extern LinkDomain *domain_for_campaign(int32 id);
extern LinkDomain *domain_for_resolving(const char *host);
extern LinkDomain *domain_of_account(const char *host);

/* domain_code.c */
extern const CodeCipher *domain_cipher(LinkDomain *domain, int32 length);
extern void domain_write_code(LinkDomain *domain, int32 length, int64 message_id,
							  int32 position, char *code);

#endif
