/*
 * The table of user agents and headers (test/data/agents.tsv) is judged as it says; each
 * word counts where it should and not where it should not; ids and names are for ever.
 * The table's user agents are as vendors publish them or as public collections list them;
 * what is expected of each was written from the rules.
 */
#include <stdlib.h>

#include "agent.h"
#include "hit.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The table's columns, in its order. */
enum
{
	WHAT,
	CLASS,
	RULE,
	CONFIDENCE,
	ADDRESS_TELLS,
	PERSON,
	OS,
	DEVICE,
	IN_APP,
	METHOD,
	PURPOSE,
	REFERRER,
	FETCH_MODE,
	FETCH_DEST,
	BEFORE_SENT,
	USER_AGENT,
	COLUMNS
};

static const char header[] = "what\tclass\trule\tconfidence\taddress_tells\tperson\tos\t"
							 "device\tin_app\tmethod\tpurpose\treferrer\tfetch_mode\t"
							 "fetch_dest\tbefore_sent\tuser_agent";

/* Cuts a line at its tabs; returns the number of fields. */
static size_t
cut(char *line, char *fields[COLUMNS])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *field = line; field != NULL && n < COLUMNS; n++)
	{
		char *tab = strchr(field, '\t');

		if (tab != NULL)
			*tab++ = '\0';
		fields[n] = field;
		field = tab;
	}
	return n;
}

/* An empty field is a header that was not sent. */
static HitText
text_of(const char *field)
{
	return (HitText){*field == '\0' ? NULL : field, strlen(field)};
}

static void
judge(char *fields[COLUMNS], HitFacts *facts, HitVerdict *verdict)
{
	*facts = (HitFacts){.method = text_of(fields[METHOD]),
						.purpose = text_of(fields[PURPOSE]),
						.referrer = text_of(fields[REFERRER]),
						.fetch_mode = text_of(fields[FETCH_MODE]),
						.fetch_dest = text_of(fields[FETCH_DEST]),
						.before_sent = *fields[BEFORE_SENT] == 't'};
	agent_parse(fields[USER_AGENT], strlen(fields[USER_AGENT]), &facts->agent);
	hit_classify(facts, verdict);
}

static void
row(char *line)
{
	char *fields[COLUMNS];
	char got[256];
	char want[256];
	HitFacts facts;
	HitVerdict verdict;

	if (cut(line, fields) != COLUMNS)
	{
		ok(false, line);
		return;
	}
	judge(fields, &facts, &verdict);
	snprintf(got, sizeof(got), "%s, %s, %s, tells %c, person %c, %s, %s, in app %c",
			 hit_class_name(verdict.class), hit_rule_name(verdict.rule),
			 hit_confidence_name(verdict.confidence), "ft"[verdict.address_tells],
			 "ft"[verdict.person], agent_os_name(facts.agent.os),
			 agent_device_name(facts.agent.device), "ft"[facts.agent.in_app]);
	snprintf(want, sizeof(want), "%s, %s, %s, tells %s, person %s, %s, %s, in app %s",
			 fields[CLASS], fields[RULE], fields[CONFIDENCE], fields[ADDRESS_TELLS],
			 fields[PERSON], fields[OS], fields[DEVICE], fields[IN_APP]);
	is_str(got, want, fields[WHAT]);
}

static void
table(void)
{
	FILE *file = fopen(TEST_DATA "/agents.tsv", "r");
	char *line = NULL;
	size_t size = 0;
	int rows = 0;

	if (file == NULL || getline(&line, &size, file) < 0)
	{
		ok(false, "the table is there");
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	is_str(line, header, "the table's header");
	for (; getline(&line, &size, file) > 0; rows++)
		row(line);
	ok(rows >= 120, "the table has at least 120 rows");
	free(line);
	fclose(file);
}

static AgentFacts
parse(const char *text)
{
	AgentFacts facts;

	agent_parse(text, strlen(text), &facts);
	return facts;
}

static void
family(const char *text, AgentFamily want, const char *name)
{
	is_str(agent_family_name(parse(text).family), agent_family_name(want), name);
}

static void
families(void)
{
	family("facebookexternalhit/1.1 Twitterbot/1.0", AGENT_FAMILY_APPLE_PREVIEW,
		   "Facebook's and Twitter's words together are Apple's");
	family("Twitterbot/1.0", AGENT_FAMILY_FORWARDED_PREVIEW, "one of them is its own's");
	family("Mozilla/5.0 (iPhone) AppleWebKit/1 WhatsApp/2", AGENT_FAMILY_NONE,
		   "WhatsApp counts as a preview at the start only");
	family("Mozilla/5.0 (iPhone) AppleWebKit/1 curl/8", AGENT_FAMILY_NONE,
		   "a tool counts at the start only");
	family("libcurl/8", AGENT_FAMILY_NO_BROWSER, "a word counts from its start");
	family("  Mozilla/5.0 ", AGENT_FAMILY_EMPTY, "spaces around are nothing");
	family("Mozilla/5.0 (", AGENT_FAMILY_NO_BROWSER, "a comment that never ends");
	family("Dalvik/2.1.0 (Linux; U; Android 13) AppleWebKit/537 Mobile",
		   AGENT_FAMILY_NONE, "a browser that sets Dalvik before its engine");
	family("x (Linux; Android 9; M bot 51) AppleWebKit/1", AGENT_FAMILY_NONE,
		   "a bot's word as the name of a model");
	family("x (Linux; Android 9; K; Xbot/1) AppleWebKit/1", AGENT_FAMILY_BOT_WORD,
		   "a bot's word with a version where the model stands");
	family("x (X11; Linux; M bot 51) AppleWebKit/1", AGENT_FAMILY_BOT_WORD,
		   "a bot's word in another system's comment");
	family("x (M bot 51) AppleWebKit/1 (Android)", AGENT_FAMILY_BOT_WORD,
		   "a bot's word in a comment before Android's");
	family("[FBAN/FB4A;FBMF/CUBOT;FBDV/CUBOT] AppleWebKit", AGENT_FAMILY_NONE,
		   "CUBOT outside of the comment");
	family("x botany robotics spiderman AppleWebKit/1", AGENT_FAMILY_NONE,
		   "a bot's word ends where the word ends");
	family("QRScanner AppleWebKit/1", AGENT_FAMILY_NONE, "scanner within a word");
	family("x (https://example.com) AppleWebKit/1", AGENT_FAMILY_NONE, "an address");
	family("x (+https://example.com) AppleWebKit/1", AGENT_FAMILY_BOT_WORD,
		   "an address that is given as crawlers give it");
}

static void
devices(void)
{
	ok(parse("x (Linux; Android 9; A(1); K) AppleWebKit/1 Mobile").os == AGENT_OS_ANDROID,
	   "comments within the comment");
	ok(parse("x (K) Linux; Android 9; K AppleWebKit/1 Mobile").os == AGENT_OS_ANDROID,
	   "a system that stands outside of the comment");
	ok(parse("x (X11; Linux) AppleWebKit/1 (Android)").os == AGENT_OS_LINUX,
	   "the comment's system counts before one outside");
	ok(parse("x (Android; Mobile) Gecko/1 [FBCR/T]").device == AGENT_DEVICE_PHONE,
	   "Mobile before Facebook's block");
	ok(parse("x (Android) Gecko/1 [FBCR/My Mobile]").device == AGENT_DEVICE_TABLET,
	   "Mobile within Facebook's block");
	ok(parse("x (Android) Gecko/1 T-Mobile").device == AGENT_DEVICE_TABLET,
	   "Mobile as a carrier's name");
	ok(!parse("x (Windows NT 10.0) AppleWebKit/1").mobile_browser, "a desktop browser");
	ok(!parse("Instagram 1 (iPhone9,4; iOS 15_1)").in_app, "an app without its browser");
}

static void
cleaning(void)
{
	static const char dirty[] = "a\tb\x80z\xC2\x85 \xC3\xA9";
	char long_text[AGENT_TEXT_MAX + 2];
	char out[AGENT_TEXT_MAX];
	AgentFacts whole;
	AgentFacts part;
	size_t n = agent_clean(dirty, sizeof(dirty) - 1, out);

	ok(n == 9 && memcmp(out, "a?b?z? \xC3\xA9", 9) == 0, "controls and invalid bytes");
	n = agent_clean("a\0b", 3, out);
	ok(n == 3 && memcmp(out, "a?b", 3) == 0, "NUL");
	memset(long_text, 'x', sizeof(long_text));
	memcpy(long_text + AGENT_TEXT_MAX - 1, "\xC3\xA9", 2);
	is_int((long long) agent_clean(long_text, sizeof(long_text), out), AGENT_TEXT_MAX - 1,
		   "cut before a character that does not fit");
	is_int((long long) agent_clean(long_text + 1, sizeof(long_text) - 1, out),
		   AGENT_TEXT_MAX, "cut behind one that just fits");
	memcpy(long_text + AGENT_TEXT_MAX - 3, "bot!!", 5);
	agent_parse(long_text, sizeof(long_text), &whole);
	agent_parse(long_text, AGENT_TEXT_MAX - 1, &part);
	ok(whole.family == AGENT_FAMILY_BOT_WORD && part.family == AGENT_FAMILY_NO_BROWSER,
	   "judged up to the cut, and no further");
	agent_parse(NULL, 0, &whole);
	ok(whole.family == AGENT_FAMILY_EMPTY, "no user agent at all");
}

static uint64_t
hash_of(const char *text, size_t length)
{
	uint64_t id = 0;

	(void) agent_hash(text, length, &id);
	return id;
}

/* The ids are SHA-256's first bytes, as sha256sum prints them. */
static void
hashing(void)
{
	ok(hash_of("", 0) == 0xe3b0c44298fc1c14, "the empty text's id");
	ok(hash_of("abc", 3) == 0xba7816bf8f01cfea, "FIPS 180-4's example");
	ok(hash_of("Mozilla/5.0", 11) == 0x1066b48224bb188c, "a short user agent's id");
	ok(hash_of("a\0b", 3) != hash_of("a", 1), "NUL does not end the text");
}

static void
names(void)
{
	static const char *const oses[] = {"other", "iOS",  "Android", "Windows",
									   "macOS", "Linux", "ChromeOS"};
	static const char *const devices[] = {"unknown", "phone", "tablet", "desktop",
										  "server"};
	static const char *const families[] = {
		"none",    "apple preview", "google preview", "forwarded preview", "empty",
		"scanner", "tool", "library",   "bot word",    "no browser"};

	for (size_t i = 0; i < LENGTH(oses); i++)
		is_str(agent_os_name((AgentOs) i), oses[i], "a system's number");
	for (size_t i = 0; i < LENGTH(devices); i++)
		is_str(agent_device_name((AgentDevice) i), devices[i], "a device's number");
	for (size_t i = 0; i < LENGTH(families); i++)
		is_str(agent_family_name((AgentFamily) i), families[i], "a family's number");
	is_str(agent_os_name((AgentOs) 99), "unknown", "a system of a later version");
	is_str(agent_device_name((AgentDevice) 99), "unknown", "a device of a later version");
	is_str(agent_family_name((AgentFamily) 99), "unknown", "a family of a later version");
}

int
main(void)
{
	table();
	families();
	devices();
	cleaning();
	hashing();
	names();
	return done_testing();
}
