/* Tokens: what is written is read, and no bit can be changed. */
#include "tap.h"
#include "token.h"

static const char base64url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Accepts as the server does: form first, then the signature. */
static bool
accepted(const char *text, size_t length, const unsigned char *key)
{
	Token token;

	return token_read(text, length, &token) && token_verify(text, key);
}

/* Counts the one-bit changes of a token that are accepted. */
static int
altered_accepted(const char *text, const unsigned char *key)
{
	int count = 0;

	for (int i = 0; i < TOKEN_LENGTH; i++)
		for (int bit = 0; bit < 6; bit++)
		{
			char altered[TOKEN_LENGTH];
			long six = strchr(base64url, text[i]) - base64url;

			memcpy(altered, text, TOKEN_LENGTH);
			altered[i] = base64url[six ^ (1 << bit)];
			count += accepted(altered, TOKEN_LENGTH, key);
		}
	return count;
}

/* Counts random tokens that are accepted; each second has the form of a real one. */
static int
random_accepted(int tries, const unsigned char *key)
{
	uint64_t state = 88172645463325252u;
	int count = 0;

	for (int i = 0; i < tries; i++)
	{
		char text[TOKEN_LENGTH];

		for (int j = 0; j < TOKEN_LENGTH; j++)
		{
			/* xorshift64 */
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			text[j] = base64url[state >> 58];
		}
		if (i % 2 == 0)
			memcpy(text, "AQAAAAEAAAAA", 12);
		count += accepted(text, TOKEN_LENGTH, key);
	}
	return count;
}

int
main(void)
{
	unsigned char secret[SECRET_BYTES] = "a secret of thirty-two bytes...";
	unsigned char other[SECRET_BYTES] = "another of thirty-two bytes....";
	Keys keys;
	Keys other_keys;
	Token token = {3, UINT64_C(839299365868340223), 1795467600};
	Token back = {0, 0, 0};
	char text[TOKEN_LENGTH];
	int altered = 0;

	ok(keys_derive(secret, &keys) && keys_derive(other, &other_keys), "keys derived");
	ok(token_write(&token, keys.token, text), "written");
	ok(accepted(text, TOKEN_LENGTH, keys.token), "accepted");
	ok(token_read(text, TOKEN_LENGTH, &back) && back.link_domain == 3 &&
		   back.number == token.number && back.clicked_s == token.clicked_s,
	   "read back");
	ok(!accepted(text, TOKEN_LENGTH, other_keys.token), "not by another secret");
	ok(!accepted(text, TOKEN_LENGTH - 1, keys.token), "not cut short");
	for (uint64_t i = 0; i < 200; i++)
	{
		token.number = i * 7919;
		token_write(&token, keys.token, text);
		altered += altered_accepted(text, keys.token);
	}
	is_int(altered, 0, "no altered bit of 200 tokens is accepted");
	is_int(random_accepted(1000000, keys.token), 0, "none of 1,000,000 random ones");
	return done_testing();
}
