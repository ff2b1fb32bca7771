/* Signed calls: good ones, times, altered bodies. */
#include "postback.h"
#include "tap.h"

#define NOW INT64_C(1795557600)

static unsigned char key[POSTBACK_KEY_BYTES];

static bool
verified(const char *timestamp, const char *body, const char *signature, int64_t now)
{
	return postback_verify(key, timestamp, body, strlen(body), signature, now);
}

int
main(void)
{
	/* printf '1795557600.{"conversions":[]}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00...00 */
	static const char signature[] = "496021402f4dc3b93ca10e850d04270038f0e651b95a0e65af3df9a2fcf8a349";
	static const char body[] = "{\"conversions\":[]}";
	char altered[sizeof(signature)];
	int accepted = 0;

	ok(verified("1795557600", body, signature, NOW), "a good one");
	ok(verified("1795557600", body, signature, NOW + 300), "five minutes old");
	ok(verified("1795557600", body, signature, NOW - 300), "five minutes early");
	ok(!verified("1795557600", body, signature, NOW + 301), "a second older");
	ok(!verified("1795557600", body, signature, NOW - 301), "a second earlier");
	ok(!verified("1795557601", body, signature, NOW), "another time");
	ok(!verified("1795557600", "{\"conversions\":[1]}", signature, NOW), "another body");
	ok(!verified("", body, signature, NOW), "no time");
	ok(!verified("-1", body, signature, NOW), "no number");
	ok(!verified("17955576000000", body, signature, NOW), "too long a number");
	ok(!verified("1795557600", body, "", NOW), "no signature");
	memcpy(altered, signature, sizeof(signature));
	for (int i = 0; i < POSTBACK_SIGNATURE_LENGTH; i++)
		altered[i] = (char) (altered[i] >= 'a' ? altered[i] - 32 : altered[i]);
	ok(verified("1795557600", body, altered, NOW), "capitals");
	for (int i = 0; i < POSTBACK_SIGNATURE_LENGTH; i++)
		for (int digit = 0; digit < 16; digit++)
		{
			memcpy(altered, signature, sizeof(signature));
			if (altered[i] == "0123456789abcdef"[digit])
				continue;
			altered[i] = "0123456789abcdef"[digit];
			accepted += verified("1795557600", body, altered, NOW);
		}
	is_int(accepted, 0, "no altered signature");
	key[31] = 1;
	ok(!verified("1795557600", body, signature, NOW), "another key");
	return done_testing();
}
