/*
 * hit.c: judges one request for a link by an ordered list of rules. The first that fits
 * decides; it is kept with the hit, so that the verdict can be explained and re-judged.
 */
#include "hit.h"

#include <string.h>
#include <strings.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct
{
	const char *name;
	HitClass class;
	HitConfidence confidence;
} rules[] = {
	[HIT_RULE_METHOD] = {"method", HIT_CLASS_BOT, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_PREFETCH] = {"prefetch", HIT_CLASS_VIEW, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_APPLE_PREVIEW] = {"apple preview", HIT_CLASS_VIEW, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_GOOGLE_PREVIEW] = {"google preview", HIT_CLASS_VIEW, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_FORWARDED_PREVIEW] = {"forwarded preview", HIT_CLASS_VIEW,
									HIT_CONFIDENCE_HIGH},
	[HIT_RULE_NO_AGENT] = {"no user agent", HIT_CLASS_BOT, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_TOOL] = {"scanner or tool", HIT_CLASS_BOT, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_BOT_WORD] = {"bot word", HIT_CLASS_BOT, HIT_CONFIDENCE_MEDIUM},
	[HIT_RULE_LINK_PROTECTION] = {"link protection", HIT_CLASS_BOT,
								  HIT_CONFIDENCE_MEDIUM},
	[HIT_RULE_BURST] = {"burst", HIT_CLASS_BOT, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_BEFORE_SENT] = {"before sent", HIT_CLASS_BOT, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_BROWSER] = {"browser", HIT_CLASS_CLICK, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_UNSURE] = {"unsure", HIT_CLASS_CLICK, HIT_CONFIDENCE_LOW},
	[HIT_RULE_OWN] = {"own rule", HIT_CLASS_NONE, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_CONVERSION] = {"conversion", HIT_CLASS_CLICK, HIT_CONFIDENCE_HIGH},
	[HIT_RULE_NO_BROWSER] = {"no browser", HIT_CLASS_BOT, HIT_CONFIDENCE_MEDIUM}};

/* The rule that each family of automata falls under. */
static const HitRule family_rules[] = {
	[AGENT_FAMILY_APPLE_PREVIEW] = HIT_RULE_APPLE_PREVIEW,
	[AGENT_FAMILY_GOOGLE_PREVIEW] = HIT_RULE_GOOGLE_PREVIEW,
	[AGENT_FAMILY_FORWARDED_PREVIEW] = HIT_RULE_FORWARDED_PREVIEW,
	[AGENT_FAMILY_EMPTY] = HIT_RULE_NO_AGENT,
	[AGENT_FAMILY_SCANNER] = HIT_RULE_TOOL,
	[AGENT_FAMILY_TOOL] = HIT_RULE_TOOL,
	[AGENT_FAMILY_LIBRARY] = HIT_RULE_TOOL,
	[AGENT_FAMILY_BOT_WORD] = HIT_RULE_BOT_WORD,
	[AGENT_FAMILY_NO_BROWSER] = HIT_RULE_NO_BROWSER};

/* Domains that send a link on after having looked at it. */
static const char *const protection_domains[] = {
	"safelinks.protection.outlook.com",
	"safelinks.protection.office365.us",
	"urldefense.com",
	"urldefense.us",
	"urldefense.proofpoint.com",
	"cudasvc.com",
	"mimecast.com",
	"mimecastprotect.com",
	"secure-web.cisco.com"};

static const char *const class_names[] = {[HIT_CLASS_NONE] = "none",
										  [HIT_CLASS_VIEW] = "view",
										  [HIT_CLASS_CLICK] = "click",
										  [HIT_CLASS_BOT] = "bot"};

static const char *const confidence_names[] = {[HIT_CONFIDENCE_LOW] = "low",
											   [HIT_CONFIDENCE_MEDIUM] = "medium",
											   [HIT_CONFIDENCE_HIGH] = "high"};

/* Says whether the text is word, whatever its case. */
static bool
is_word(HitText text, const char *word)
{
	return text.length == strlen(word) && strncasecmp(text.text, word, text.length) == 0;
}

/* Says whether the text begins with word, whatever its case. */
static bool
begins_with(HitText text, const char *word)
{
	size_t length = strlen(word);

	return text.length >= length && strncasecmp(text.text, word, length) == 0;
}

/* Drops what stands before offset. */
static HitText
after(HitText text, size_t offset)
{
	text.text += offset;
	text.length -= offset;
	return text;
}

/* Drops spaces and tabs at both ends of a header's value. */
static HitText
trim(HitText text)
{
	while (text.length > 0 && (text.text[0] == ' ' || text.text[0] == '\t'))
		text = after(text, 1);
	while (text.length > 0 &&
		   (text.text[text.length - 1] == ' ' || text.text[text.length - 1] == '\t'))
		text.length--;
	return text;
}

/* Says whether the header was sent, and with a value. */
static bool
known(HitText text)
{
	return text.text != NULL && trim(text).length > 0;
}

/* Says whether the browser fetched without being asked to open the link. */
static bool
is_prefetch(HitText purpose)
{
	return known(purpose) && (begins_with(trim(purpose), "prefetch") ||
							  begins_with(trim(purpose), "preview"));
}

/* Says whether a proxy prefetches for the browser: Sec-Purpose has the parameter. */
static bool
is_proxied(HitText purpose)
{
	if (!known(purpose))
		return false;
	for (; purpose.length > 0; purpose = after(purpose, 1))
		if (begins_with(purpose, "anonymous-client-ip"))
			return true;
	return false;
}

/* Returns the host of a referrer's URL, without a final dot. */
static HitText
referrer_host(HitText url)
{
	static const char host_bytes[] = "abcdefghijklmnopqrstuvwxyz"
									 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t length = 0;

	if (begins_with(url, "https://"))
		url = after(url, 8);
	else if (begins_with(url, "http://"))
		url = after(url, 7);
	else
		url.length = 0;
	while (length < url.length && url.text[length] != '\0' &&
		   strchr(host_bytes, url.text[length]) != NULL)
		length++;
	url.length = length;
	if (url.length > 0 && url.text[url.length - 1] == '.')
		url.length--;
	return url;
}

/* Says whether host is domain, or below it. */
static bool
is_below(HitText host, const char *domain)
{
	size_t length = strlen(domain);

	return host.length >= length && is_word(after(host, host.length - length), domain) &&
		   (host.length == length || host.text[host.length - length - 1] == '.');
}

/* Says whether a link-protection service sent the visitor. */
static bool
is_protected(HitText referrer)
{
	HitText host;

	if (!known(referrer))
		return false;
	host = referrer_host(trim(referrer));
	for (size_t i = 0; i < LENGTH(protection_domains); i++)
		if (is_below(host, protection_domains[i]))
			return true;
	return false;
}

/* What the browser itself says of a fetch. */
typedef enum Navigation
{
	NAVIGATION_UNKNOWN,
	NAVIGATION_YES,
	NAVIGATION_NO
} Navigation;

/* Reads Sec-Fetch-Mode and Sec-Fetch-Dest: was a page opened, or something else? */
static Navigation
navigation(const HitFacts *facts)
{
	bool mode = known(facts->fetch_mode);
	bool dest = known(facts->fetch_dest);

	if ((mode && !is_word(trim(facts->fetch_mode), "navigate")) ||
		(dest && !is_word(trim(facts->fetch_dest), "document")))
		return NAVIGATION_NO;
	return mode && dest ? NAVIGATION_YES : NAVIGATION_UNKNOWN;
}

/*
 * Says whether a person's browser opened the link. What the browser says of the fetch
 * counts before what its user agent claims.
 */
static bool
is_browser(const HitFacts *facts)
{
	Navigation said = navigation(facts);

	return said == NAVIGATION_YES ||
		   (said == NAVIGATION_UNKNOWN &&
			(facts->agent.mobile_browser || facts->agent.in_app));
}

/* Finds the rule among those that make an automaton of the hit itself, or 0. */
static HitRule
automaton_rule(const HitFacts *facts)
{
	AgentFamily family = facts->agent.family;

	if (known(facts->method) && !is_word(trim(facts->method), "GET"))
		return HIT_RULE_METHOD;
	if (is_prefetch(facts->purpose))
		return HIT_RULE_PREFETCH;
	if (family != AGENT_FAMILY_NONE && family != AGENT_FAMILY_NO_BROWSER)
		return family_rules[family];
	if (is_protected(facts->referrer))
		return HIT_RULE_LINK_PROTECTION;
	if (family == AGENT_FAMILY_NO_BROWSER && navigation(facts) != NAVIGATION_YES)
		return HIT_RULE_NO_BROWSER;
	return 0;
}

/* Says whether the address is where the recipient is, and not a service's. */
static bool
address_tells(const HitFacts *facts, HitClass class)
{
	AgentFamily family = facts->agent.family;

	if (class != HIT_CLASS_VIEW)
		return class == HIT_CLASS_CLICK;
	return (family == AGENT_FAMILY_NONE || family == AGENT_FAMILY_NO_BROWSER ||
			family == AGENT_FAMILY_APPLE_PREVIEW) &&
		   !is_proxied(facts->purpose);
}

/* Judges a hit by its own facts. */
void
hit_classify(const HitFacts *facts, HitVerdict *verdict)
{
	HitRule rule = automaton_rule(facts);

	verdict->person = rule == 0 && is_browser(facts);
	if (facts->own_class != HIT_CLASS_NONE)
		rule = HIT_RULE_OWN;
	else if (rule == 0 && facts->before_sent)
		rule = HIT_RULE_BEFORE_SENT;
	else if (rule == 0)
		rule = verdict->person ? HIT_RULE_BROWSER : HIT_RULE_UNSURE;

	verdict->rule = rule;
	verdict->class = rule == HIT_RULE_OWN ? facts->own_class : rules[rule].class;
	verdict->confidence = rules[rule].confidence;
	if (rule == HIT_RULE_TOOL && facts->agent.family == AGENT_FAMILY_LIBRARY)
		verdict->confidence = HIT_CONFIDENCE_MEDIUM;
	verdict->address_tells = address_tells(facts, verdict->class);
}

/*
 * Makes a click of a hit after which a person converted, or whose landing page reported.
 * A click that was sure keeps the rule that said so.
 */
void
hit_upgrade(HitVerdict *verdict)
{
	verdict->person = true;
	verdict->address_tells = true;
	if (verdict->class == HIT_CLASS_CLICK && verdict->confidence == HIT_CONFIDENCE_HIGH)
		return;
	verdict->class = rules[HIT_RULE_CONVERSION].class;
	verdict->rule = HIT_RULE_CONVERSION;
	verdict->confidence = rules[HIT_RULE_CONVERSION].confidence;
}

/* Gives what is to be kept of the headers; the referrer and the agent are kept whole. */
unsigned
hit_signs(const HitFacts *facts)
{
	Navigation said = navigation(facts);
	unsigned signs = 0;

	if (known(facts->method) && !is_word(trim(facts->method), "GET"))
		signs |= HIT_SIGN_METHOD;
	if (is_prefetch(facts->purpose))
		signs |= HIT_SIGN_PREFETCH;
	if (is_proxied(facts->purpose))
		signs |= HIT_SIGN_PROXIED;
	if (said != NAVIGATION_UNKNOWN)
		signs |= said == NAVIGATION_YES ? HIT_SIGN_NAVIGATION : HIT_SIGN_OTHER_FETCH;
	return signs;
}

#define TEXT(literal) ((HitText){literal, sizeof(literal) - 1})

/* Sets headers that are judged just as those that the signs were made of. */
void
hit_facts_from_signs(unsigned signs, HitFacts *facts)
{
	bool prefetch = (signs & HIT_SIGN_PREFETCH) != 0;
	bool proxied = (signs & HIT_SIGN_PROXIED) != 0;

	facts->method = (signs & HIT_SIGN_METHOD) != 0 ? TEXT("other") : TEXT("GET");
	if (prefetch && proxied)
		facts->purpose = TEXT("prefetch;anonymous-client-ip");
	else if (prefetch || proxied)
		facts->purpose = prefetch ? TEXT("prefetch") : TEXT("anonymous-client-ip");
	if ((signs & HIT_SIGN_NAVIGATION) != 0)
	{
		facts->fetch_mode = TEXT("navigate");
		facts->fetch_dest = TEXT("document");
	}
	else if ((signs & HIT_SIGN_OTHER_FETCH) != 0)
		facts->fetch_mode = TEXT("other");
}

/* Names a class. */
const char *
hit_class_name(HitClass class)
{
	return (size_t) class < LENGTH(class_names) ? class_names[class] : "unknown";
}

/* Names a confidence. */
const char *
hit_confidence_name(HitConfidence confidence)
{
	if (confidence < HIT_CONFIDENCE_LOW || confidence > HIT_CONFIDENCE_HIGH)
		return "unknown";
	return confidence_names[confidence];
}

/* Names a rule. */
const char *
hit_rule_name(HitRule rule)
{
	if (rule < HIT_RULE_METHOD || (size_t) rule >= LENGTH(rules))
		return "unknown";
	return rules[rule].name;
}
