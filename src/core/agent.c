/*
 * agent.c: reads a user agent once: is it an automaton of a known family, is it a browser
 * on a phone or inside an app, and which system and device does it run on. All of it by
 * tables of words: a lower-cased copy is walked once, and each word's start is compared
 * with the words that begin with the same letter.
 */
#include "agent.h"

#include <string.h>

#include "clean.h"
#include "digest.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What a word of the user agent is a sign of. */
typedef enum Sign
{
	SIGN_FACEBOOK = 1 << 0,
	SIGN_TWITTER = 1 << 1,
	SIGN_GOOGLE_PREVIEW = 1 << 2,
	SIGN_FORWARDED = 1 << 3,
	SIGN_SCANNER = 1 << 4,
	SIGN_TOOL = 1 << 5,
	SIGN_LIBRARY = 1 << 6,
	SIGN_BOT_WORD = 1 << 7,
	SIGN_IN_APP = 1 << 8,
	SIGN_ENGINE = 1 << 9,
	SIGN_BROWSER = 1 << 10,
	SIGN_SAFARI = 1 << 11,
	SIGN_MOBILE = 1 << 12,
	SIGN_TABLET = 1 << 13
} Sign;

typedef struct Word
{
	const char *text; /* lower case; begins with a letter */
	Sign sign;
	bool first; /* counts only as the first word */
} Word;

/* A part of the lower-cased user agent. */
typedef struct Span
{
	const char *text;
	size_t length;
} Span;

static const Word words[] = {
	/* Apple's preview names both of these; each alone is its own network's. */
	{"facebookexternalhit", SIGN_FACEBOOK, false},
	{"twitterbot", SIGN_TWITTER, false},
	{"googlemessages", SIGN_GOOGLE_PREVIEW, false},
	{"google-pagerenderer", SIGN_GOOGLE_PREVIEW, false},

	/* Messengers and networks that a recipient may pass the link on to. */
	{"whatsapp", SIGN_FORWARDED, true},
	{"viber", SIGN_FORWARDED, true},
	{"telegrambot", SIGN_FORWARDED, false},
	{"slackbot", SIGN_FORWARDED, false},
	{"slack-imgproxy", SIGN_FORWARDED, false},
	{"discordbot", SIGN_FORWARDED, false},
	{"skypeuripreview", SIGN_FORWARDED, false},
	{"microsoftpreview", SIGN_FORWARDED, false},
	{"linkedinbot", SIGN_FORWARDED, false},
	{"meta-external", SIGN_FORWARDED, false},
	{"facebot", SIGN_FORWARDED, false},
	{"kakaotalk-scrap", SIGN_FORWARDED, false},
	{"line-poker", SIGN_FORWARDED, false},
	{"snap url preview", SIGN_FORWARDED, false},
	{"redditbot", SIGN_FORWARDED, false},
	{"pinterestbot", SIGN_FORWARDED, false},
	{"vkshare", SIGN_FORWARDED, false},
	{"mattermost-bot", SIGN_FORWARDED, false},
	{"synapse", SIGN_FORWARDED, true},
	{"iframely", SIGN_FORWARDED, false},
	{"embedly", SIGN_FORWARDED, false},

	/* Scanners of links, and browsers that a program drives. */
	{"bitlybot", SIGN_SCANNER, false},
	{"google-", SIGN_SCANNER, false}, /* Google-Safety and the like */
	{"bingpreview", SIGN_SCANNER, false},
	{"barracuda", SIGN_SCANNER, false},
	{"proofpoint", SIGN_SCANNER, false},
	{"mimecast", SIGN_SCANNER, false},
	{"urlscan", SIGN_SCANNER, false},
	{"headless", SIGN_SCANNER, false},
	{"phantomjs", SIGN_SCANNER, false},
	{"puppeteer", SIGN_SCANNER, false},
	{"playwright", SIGN_SCANNER, false},
	{"selenium", SIGN_SCANNER, false},
	{"chrome-lighthouse", SIGN_SCANNER, false},
	{"microsoft office", SIGN_SCANNER, true}, /* looks before it opens a browser */
	{"ms-office", SIGN_SCANNER, false},

	/* Command line tools and HTTP libraries of servers. */
	{"curl/", SIGN_TOOL, true},
	{"wget/", SIGN_TOOL, true},
	{"python-", SIGN_TOOL, true},
	{"python/", SIGN_TOOL, true},
	{"go-http-client", SIGN_TOOL, true},
	{"node-fetch", SIGN_TOOL, true},
	{"axios/", SIGN_TOOL, true},
	{"java/", SIGN_TOOL, true},
	{"apache-httpclient", SIGN_TOOL, true},
	{"libwww-perl", SIGN_TOOL, true},
	{"postmanruntime", SIGN_TOOL, true},
	{"php/", SIGN_TOOL, true},
	{"guzzlehttp", SIGN_TOOL, true},
	{"ruby", SIGN_TOOL, true},
	{"scrapy", SIGN_TOOL, true},

	/* HTTP libraries of apps. */
	{"okhttp/", SIGN_LIBRARY, true},
	{"dalvik/", SIGN_LIBRARY, true},
	{"cfnetwork/", SIGN_LIBRARY, false},

	/* Browsers inside apps. */
	{"wv)", SIGN_IN_APP, false},
	{"instagram", SIGN_IN_APP, false},
	{"fban/", SIGN_IN_APP, false},
	{"fbav/", SIGN_IN_APP, false},
	{"fb_iab/", SIGN_IN_APP, false},
	{"metaiab", SIGN_IN_APP, false},
	{"gsa/", SIGN_IN_APP, false},
	{"whatsapp", SIGN_IN_APP, false},
	{"musical_ly", SIGN_IN_APP, false},
	{"bytedancewebview", SIGN_IN_APP, false},
	{"micromessenger/", SIGN_IN_APP, false},
	{"line/", SIGN_IN_APP, false},
	{"snapchat", SIGN_IN_APP, false},
	{"kakaotalk", SIGN_IN_APP, false},
	{"linkedinapp", SIGN_IN_APP, false},
	{"pinterest/", SIGN_IN_APP, false},
	{"twitter for", SIGN_IN_APP, false},
	{"telegram-android", SIGN_IN_APP, false},

	/* Engines of browsers, with and without a version. */
	{"applewebkit", SIGN_ENGINE, false},
	{"gecko/", SIGN_ENGINE, false},
	{"presto/", SIGN_ENGINE, false},
	{"trident/", SIGN_ENGINE, false},
	{"opera", SIGN_ENGINE, false},
	{"ucbrowser/", SIGN_ENGINE, false},
	{"msie ", SIGN_ENGINE, false},
	{"khtml", SIGN_ENGINE, false},
	{"netfront/", SIGN_ENGINE, false},
	{"firefox/", SIGN_BROWSER, false},
	{"chrome/", SIGN_BROWSER, false},
	{"safari/", SIGN_SAFARI, false},

	{"mobile", SIGN_MOBILE, false},
	{"opera mini", SIGN_MOBILE, false},
	{"tab", SIGN_TABLET, false}, /* Tablet, Galaxy Tab */
	{"tb-", SIGN_TABLET, false}, /* Lenovo's models */
	{"apad", SIGN_TABLET, false},
	{"mediapad", SIGN_TABLET, false},
};

/* The words of the table by their first letters; NO_WORD ends a chain. */
typedef struct WordIndex
{
	uint8_t first['z' - 'a' + 1];
	uint8_t next[LENGTH(words)];
} WordIndex;

#define NO_WORD UINT8_MAX

_Static_assert(LENGTH(words) < NO_WORD, "a word's number fits the index");

/* Words of the platform (the first comment); the first row that fits decides. */
typedef struct Platform
{
	const char *word;
	AgentOs os;
	AgentDevice device;
	bool mobile;
} Platform;

static const Platform platforms[] = {
	/* names Android and iPhone as well */
	{"windows phone", AGENT_OS_WINDOWS, AGENT_DEVICE_PHONE, true},
	{"ipad", AGENT_OS_IOS, AGENT_DEVICE_TABLET, true},
	{"iphone", AGENT_OS_IOS, AGENT_DEVICE_PHONE, true},
	{"ipod", AGENT_OS_IOS, AGENT_DEVICE_PHONE, true},
	/* a phone or a tablet: see device_of */
	{"android", AGENT_OS_ANDROID, AGENT_DEVICE_UNKNOWN, true},
	{"adr ", AGENT_OS_ANDROID, AGENT_DEVICE_UNKNOWN, true},
	{"openharmony", AGENT_OS_OTHER, AGENT_DEVICE_UNKNOWN, true},
	{"tizen", AGENT_OS_OTHER, AGENT_DEVICE_UNKNOWN, true},
	{"midp", AGENT_OS_OTHER, AGENT_DEVICE_PHONE, true},
	{"blackberry", AGENT_OS_OTHER, AGENT_DEVICE_PHONE, true},
	{"symbianos", AGENT_OS_OTHER, AGENT_DEVICE_PHONE, true},
	{"mobile", AGENT_OS_OTHER, AGENT_DEVICE_PHONE, true},
	{"windows", AGENT_OS_WINDOWS, AGENT_DEVICE_DESKTOP, false},
	{"cros", AGENT_OS_CHROMEOS, AGENT_DEVICE_DESKTOP, false},
	{"macintosh", AGENT_OS_MACOS, AGENT_DEVICE_DESKTOP, false},
	{"linux", AGENT_OS_LINUX, AGENT_DEVICE_DESKTOP, false},
	{"x11", AGENT_OS_OTHER, AGENT_DEVICE_DESKTOP, false},
};

static const Platform no_platform = {"", AGENT_OS_OTHER, AGENT_DEVICE_UNKNOWN, false};

/*
 * Words that name an automaton, also at the end of another: Googlebot. A scanner is so
 * called by itself only: people read documents with CamScanner.
 */
static const struct
{
	const char *text;
	bool whole;
} bot_words[] = {{"bot", false},      {"bots", false},   {"crawler", false},
				 {"crawlers", false}, {"spider", false}, {"spiders", false},
				 {"scanner", true},   {"scanners", true}};

static const char *const os_names[] = {
	[AGENT_OS_OTHER] = "other",     [AGENT_OS_IOS] = "iOS",
	[AGENT_OS_ANDROID] = "Android", [AGENT_OS_WINDOWS] = "Windows",
	[AGENT_OS_MACOS] = "macOS",     [AGENT_OS_LINUX] = "Linux",
	[AGENT_OS_CHROMEOS] = "ChromeOS"};

static const char *const device_names[] = {[AGENT_DEVICE_UNKNOWN] = "unknown",
										   [AGENT_DEVICE_PHONE] = "phone",
										   [AGENT_DEVICE_TABLET] = "tablet",
										   [AGENT_DEVICE_DESKTOP] = "desktop",
										   [AGENT_DEVICE_SERVER] = "server"};

static const char *const family_names[] = {
	[AGENT_FAMILY_NONE] = "none",
	[AGENT_FAMILY_APPLE_PREVIEW] = "apple preview",
	[AGENT_FAMILY_GOOGLE_PREVIEW] = "google preview",
	[AGENT_FAMILY_FORWARDED_PREVIEW] = "forwarded preview",
	[AGENT_FAMILY_EMPTY] = "empty",
	[AGENT_FAMILY_SCANNER] = "scanner",
	[AGENT_FAMILY_TOOL] = "tool",
	[AGENT_FAMILY_LIBRARY] = "library",
	[AGENT_FAMILY_BOT_WORD] = "bot word",
	[AGENT_FAMILY_NO_BROWSER] = "no browser"};

/* Says whether c is an ASCII letter (lower case) or digit. */
static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lowers the ASCII letters of text in place. */
static void
lower(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char) (text[i] + ('a' - 'A'));
}

/* Says whether the span has word at offset at; mostly the first letter tells. */
static inline bool
has_at(Span span, size_t at, const char *word)
{
	size_t length;

	if (span.text[at] != word[0])
		return false;
	length = strlen(word);
	return span.length - at >= length && memcmp(span.text + at, word, length) == 0;
}

/* Finds word in the span; returns its offset, or the span's length. */
static size_t
find(Span span, const char *word)
{
	size_t at = 0;

	while (at < span.length && !has_at(span, at, word))
		at++;
	return at;
}

/* Says whether a word starts at offset at: T-Mobile and fb_iab are one word each. */
static bool
starts_word(Span span, size_t at)
{
	return is_alnum(span.text[at]) &&
		   (at == 0 || !(is_alnum(span.text[at - 1]) || span.text[at - 1] == '-' ||
						 span.text[at - 1] == '_'));
}

/* Takes the spaces at both ends off. */
static Span
trim(Span span)
{
	while (span.length > 0 && span.text[0] == ' ')
	{
		span.text++;
		span.length--;
	}
	while (span.length > 0 && span.text[span.length - 1] == ' ')
		span.length--;
	return span;
}

/*
 * Returns the first comment, which holds the system and the model, with what is nested in
 * it; the whole text where there is none.
 */
static Span
platform_comment(Span agent)
{
	size_t open = find(agent, "(");
	Span comment = {agent.text + open, agent.length - open};
	size_t depth = 0;

	if (comment.length == 0)
		return agent;
	for (size_t i = 0; i < comment.length; i++)
	{
		depth += comment.text[i] == '(';
		depth -= comment.text[i] == ')';
		if (depth == 0)
			comment.length = i;
	}
	return comment;
}

/* Finds the platform's row; a text that does not name it in its comment may elsewhere. */
static const Platform *
find_platform(Span agent, Span comment)
{
	size_t best = LENGTH(platforms);

	for (size_t at = 0; at < comment.length; at++)
	{
		if (!starts_word(comment, at))
			continue;
		for (size_t i = 0; i < best; i++)
			if (has_at(comment, at, platforms[i].word))
				best = i;
	}
	if (best == LENGTH(platforms) && comment.length < agent.length)
		return find_platform(agent, agent);
	return best < LENGTH(platforms) ? &platforms[best] : &no_platform;
}

/*
 * Chains the table's words by their first letters. Made anew for each user agent, so that
 * there is no state to keep, it still halves the time of agent_parse.
 */
static void
make_index(WordIndex *index)
{
	memset(index->first, NO_WORD, sizeof(index->first));
	for (size_t i = 0; i < LENGTH(words); i++)
	{
		uint8_t *first = &index->first[words[i].text[0] - 'a'];

		index->next[i] = *first;
		*first = (uint8_t) i;
	}
}

/*
 * Gathers the signs of the words that start at offset at. Facebook's block names the
 * carrier, which says nothing of the device: [FBAN/FB4A;FBCR/Free Mobile;…]
 */
static unsigned
word_signs(const WordIndex *index, Span agent, size_t at, bool in_app_block)
{
	unsigned signs = 0;

	if (agent.text[at] < 'a')
		return 0;
	for (size_t i = index->first[agent.text[at] - 'a']; i != NO_WORD; i = index->next[i])
		if ((at == 0 || !words[i].first) && has_at(agent, at, words[i].text))
			signs |= words[i].sign;
	if (in_app_block)
		signs &= ~(unsigned) (SIGN_MOBILE | SIGN_TABLET);
	return signs;
}

/* Says whether the name that goes on at offset at has a version: Storebot-Google/1.0. */
static bool
has_version(Span agent, size_t at)
{
	while (at < agent.length && (is_alnum(agent.text[at]) || agent.text[at] == '-'))
		at++;
	return at < agent.length && agent.text[at] == '/';
}

/*
 * Says whether a bot word ends before offset end. The phone maker CUBOT is none, and in
 * Android's comment the word belongs to a model (Spider V7), unless a version follows it.
 */
static bool
ends_bot_word(Span agent, size_t end, bool in_model)
{
	if (in_model && !has_version(agent, end))
		return false;
	for (size_t i = 0; i < LENGTH(bot_words); i++)
	{
		size_t length = strlen(bot_words[i].text);

		if (end < length || !has_at(agent, end - length, bot_words[i].text) ||
			(bot_words[i].whole && end > length &&
			 is_alnum(agent.text[end - length - 1])))
			continue;
		return end < 5 || memcmp(agent.text + end - 5, "cubot", 5) != 0;
	}
	return false;
}

/* Gathers the signs of the whole user agent. */
static unsigned
all_signs(Span agent, Span comment)
{
	/* Android's comment names the model */
	bool has_model = comment.length < agent.length &&
					 find(comment, "android") < comment.length;
	const char *model_end = comment.text + (has_model ? comment.length : 0);
	size_t app_block = find(agent, "[fb");
	unsigned signs = 0;
	WordIndex index;

	make_index(&index);
	for (size_t at = 0; at < agent.length; at++)
	{
		const char *here = agent.text + at;

		if (starts_word(agent, at))
			signs |= word_signs(&index, agent, at, at > app_block);
		if (is_alnum(*here) && (at + 1 == agent.length || !is_alnum(here[1])) &&
			ends_bot_word(agent, at + 1, here >= comment.text && here < model_end))
			signs |= SIGN_BOT_WORD;
	}
	/* a crawler's custom is to give its address: (+http://…) */
	if (find(agent, "+http") < agent.length)
		signs |= SIGN_BOT_WORD;
	if (find(agent, "browser") < agent.length)
		signs |= SIGN_BROWSER;
	return signs;
}

/* Finds the automaton's family; the first that fits, in the order of the rules. */
static AgentFamily
family_of(Span agent, unsigned signs, const Platform *platform)
{
	static const struct
	{
		unsigned any;
		AgentFamily family;
	} by_sign[] = {
		{SIGN_GOOGLE_PREVIEW, AGENT_FAMILY_GOOGLE_PREVIEW},
		{SIGN_FORWARDED | SIGN_FACEBOOK | SIGN_TWITTER, AGENT_FAMILY_FORWARDED_PREVIEW},
		{SIGN_SCANNER, AGENT_FAMILY_SCANNER},
		{SIGN_TOOL, AGENT_FAMILY_TOOL},
		{SIGN_LIBRARY, AGENT_FAMILY_LIBRARY},
		{SIGN_BOT_WORD, AGENT_FAMILY_BOT_WORD},
	};

	if (agent.length == 0 ||
		(agent.length == 11 && memcmp(agent.text, "mozilla/5.0", 11) == 0))
		return AGENT_FAMILY_EMPTY;
	/* an app's library has no engine; some browsers set Dalvik before theirs */
	if (signs & SIGN_ENGINE)
		signs &= ~(unsigned) SIGN_LIBRARY;
	if ((signs & SIGN_FACEBOOK) && (signs & SIGN_TWITTER))
		return AGENT_FAMILY_APPLE_PREVIEW;
	for (size_t i = 0; i < LENGTH(by_sign); i++)
		if (signs & by_sign[i].any)
			return by_sign[i].family;
	if (platform == &no_platform &&
		!(signs & (SIGN_ENGINE | SIGN_BROWSER | SIGN_SAFARI | SIGN_IN_APP)))
		return AGENT_FAMILY_NO_BROWSER;
	return AGENT_FAMILY_NONE;
}

/* Tells phone from tablet where the platform's word does not. */
static AgentDevice
device_of(const Platform *platform, unsigned signs)
{
	if (platform->os == AGENT_OS_LINUX && (signs & SIGN_MOBILE))
		return AGENT_DEVICE_PHONE;
	if (platform->device != AGENT_DEVICE_UNKNOWN || !platform->mobile)
		return platform->device;
	if (signs & SIGN_TABLET)
		return AGENT_DEVICE_TABLET;
	if (signs & SIGN_MOBILE)
		return AGENT_DEVICE_PHONE;
	/* an Android browser that does not say Mobile runs on a tablet */
	if (platform->os == AGENT_OS_ANDROID && (signs & SIGN_ENGINE))
		return AGENT_DEVICE_TABLET;
	return AGENT_DEVICE_UNKNOWN;
}

/*
 * Corrects what an automaton says of itself: it is no browser, and its word about its
 * device is not believed, but where it may be an app. Apple's preview says Macintosh and
 * is the recipient's phone.
 */
static void
correct_automaton(AgentFacts *facts)
{
	facts->in_app = false;
	facts->mobile_browser = false;
	if (facts->family == AGENT_FAMILY_LIBRARY || facts->family == AGENT_FAMILY_NO_BROWSER)
		return;
	facts->os = AGENT_OS_OTHER;
	facts->device = AGENT_DEVICE_SERVER;
	if (facts->family == AGENT_FAMILY_APPLE_PREVIEW)
	{
		facts->os = AGENT_OS_IOS;
		facts->device = AGENT_DEVICE_PHONE;
	}
}

/*
 * Judges a user agent as it would be stored: agent_clean of it is judged the same. An
 * absent one is judged as the empty one.
 */
void
agent_parse(const char *user_agent, size_t length, AgentFacts *facts)
{
	char copy[AGENT_TEXT_MAX];
	Span agent = {copy, agent_clean(user_agent, length, copy)};
	Span comment;
	const Platform *platform;
	unsigned signs;

	lower(copy, agent.length);
	agent = trim(agent);
	comment = platform_comment(agent);
	platform = find_platform(agent, comment);
	signs = all_signs(agent, comment);

	facts->family = family_of(agent, signs, platform);
	facts->os = platform->os;
	facts->device = device_of(platform, signs);
	facts->mobile_browser = platform->mobile && (signs & SIGN_ENGINE);
	facts->in_app = (signs & SIGN_IN_APP) && (signs & SIGN_ENGINE);
	/* an app's web view on iOS does not call itself Safari */
	if (facts->mobile_browser && facts->os == AGENT_OS_IOS && !(signs & SIGN_SAFARI))
		facts->in_app = true;
	if (facts->family != AGENT_FAMILY_NONE)
		correct_automaton(facts);
}

/* Writes the user agent as it is stored to out; returns its length. */
size_t
agent_clean(const char *user_agent, size_t length, char out[AGENT_TEXT_MAX])
{
	return clean_text(user_agent, length, out, AGENT_TEXT_MAX);
}

/*
 * Gives a text's id: the first 8 bytes of its SHA-256, big-endian; false if libcrypto
 * fails. Strangers choose the text, so nothing weaker will do.
 */
bool
agent_hash(const char *user_agent, size_t length, uint64_t *id)
{
	unsigned char whole[DIGEST_BYTES];

	if (!digest(user_agent, length, whole))
		return false;
	*id = 0;
	for (size_t i = 0; i < sizeof(*id); i++)
		*id = *id << 8 | whole[i];
	return true;
}

/* Names an operating system's family. */
const char *
agent_os_name(AgentOs os)
{
	return (size_t) os < LENGTH(os_names) ? os_names[os] : "unknown";
}

/* Names a kind of device. */
const char *
agent_device_name(AgentDevice device)
{
	return (size_t) device < LENGTH(device_names) ? device_names[device] : "unknown";
}

/* Names a family of automata. */
const char *
agent_family_name(AgentFamily family)
{
	return (size_t) family < LENGTH(family_names) ? family_names[family] : "unknown";
}
