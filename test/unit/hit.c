/*
 * Each rule fits on one side and not on the other; the first that fits decides; numbers
 * and names are for ever.
 */
#include "hit.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(literal)                                                                    \
	{                                                                                    \
		literal, sizeof(literal) - 1                                                     \
	}

static HitVerdict
judge(HitFacts facts)
{
	HitVerdict verdict;

	hit_classify(&facts, &verdict);
	return verdict;
}

static void
rule(HitFacts facts, HitRule want, const char *name)
{
	is_str(hit_rule_name(judge(facts).rule), hit_rule_name(want), name);
}

static const AgentFacts phone = {
	.os = AGENT_OS_IOS, .device = AGENT_DEVICE_PHONE, .mobile_browser = true};
static const AgentFacts desktop = {.os = AGENT_OS_MACOS, .device = AGENT_DEVICE_DESKTOP};

/*
 * A hit that every rule fits, from the first to the last; with each step the first cause
 * is taken away, and the next rule must decide.
 */
static void
order(void)
{
	HitFacts f = {.agent = phone,
				  .method = TEXT("HEAD"),
				  .purpose = TEXT("prefetch"),
				  .referrer = TEXT("https://urldefense.com/v3/"),
				  .fetch_dest = TEXT("image"),
				  .before_sent = true,
				  .own_class = HIT_CLASS_CLICK};

	f.agent.family = AGENT_FAMILY_APPLE_PREVIEW;
	rule(f, HIT_RULE_OWN, "the owner's rule is before all");
	f.own_class = HIT_CLASS_NONE;
	rule(f, HIT_RULE_METHOD, "then the method");
	f.method = (HitText) TEXT("GET");
	rule(f, HIT_RULE_PREFETCH, "then the purpose");
	f.purpose = (HitText){NULL, 0};
	rule(f, HIT_RULE_APPLE_PREVIEW, "then the user agent");
	f.agent.family = AGENT_FAMILY_BOT_WORD;
	rule(f, HIT_RULE_BOT_WORD, "the last of its rules is before the referrer");
	f.agent.family = AGENT_FAMILY_NO_BROWSER;
	rule(f, HIT_RULE_LINK_PROTECTION, "then the referrer");
	f.referrer = (HitText){NULL, 0};
	rule(f, HIT_RULE_NO_BROWSER, "then what is no browser");
	f.agent.family = AGENT_FAMILY_NONE;
	rule(f, HIT_RULE_BEFORE_SENT, "then the time");
	f.before_sent = false;
	rule(f, HIT_RULE_UNSURE, "what is no navigation is unsure");
	f.fetch_dest = (HitText){NULL, 0};
	rule(f, HIT_RULE_BROWSER, "a mobile browser is a person's");
	f.agent = desktop;
	rule(f, HIT_RULE_UNSURE, "a desktop's without headers is unsure");
}

static void
headers(void)
{
	rule((HitFacts){.agent = phone, .method = TEXT("")}, HIT_RULE_BROWSER,
		 "an empty method is not known");
	rule((HitFacts){.agent = phone, .method = TEXT("GETS")}, HIT_RULE_METHOD,
		 "a method that begins with GET");
	rule((HitFacts){.agent = phone, .purpose = TEXT("\t Preview ")}, HIT_RULE_PREFETCH,
		 "spaces and case of a purpose");
	rule((HitFacts){.agent = phone, .purpose = TEXT("no-prefetch")}, HIT_RULE_BROWSER,
		 "prefetch elsewhere in a purpose");
	rule((HitFacts){.agent = phone, .purpose = TEXT("prefetc")}, HIT_RULE_BROWSER,
		 "a purpose that is too short");
	rule((HitFacts){.agent = desktop,
					.fetch_mode = TEXT("navigate"),
					.fetch_dest = TEXT("document")},
		 HIT_RULE_BROWSER, "a desktop's navigation");
	rule((HitFacts){.agent = desktop, .fetch_mode = TEXT("navigate")}, HIT_RULE_UNSURE,
		 "half of a navigation");
	rule((HitFacts){.agent = phone, .fetch_mode = TEXT("navigate")}, HIT_RULE_BROWSER,
		 "half of a navigation on a phone");
	rule((HitFacts){.agent = phone,
					.fetch_mode = TEXT("navigate"),
					.fetch_dest = TEXT("iframe")},
		 HIT_RULE_UNSURE, "a frame in a page");
}

static void
referrer(HitText url, bool want, const char *name)
{
	rule((HitFacts){.agent = phone, .referrer = url},
		 want ? HIT_RULE_LINK_PROTECTION : HIT_RULE_BROWSER, name);
}

static void
referrers(void)
{
	referrer((HitText) TEXT("https://urldefense.com"), true, "the domain itself");
	referrer((HitText) TEXT("http://a.b.cudasvc.com:80/x"), true, "a host below, a port");
	referrer((HitText) TEXT("https://mimecast.com./"), true, "a final dot");
	referrer((HitText) TEXT(" HTTPS://EU.MimeCast.com/ "), true, "case and spaces");
	referrer((HitText) TEXT("https://mimecast.com.example/"), false, "a host above");
	referrer((HitText) TEXT("https://xurldefense.com/"), false, "a host that ends alike");
	referrer((HitText) TEXT("https://example.com/?urldefense.com"), false, "a query");
	referrer((HitText) TEXT("urldefense.com"), false, "no scheme");
	referrer((HitText) TEXT("https://"), false, "no host");
	referrer((HitText) TEXT("https://."), false, "a dot for a host");
	referrer((HitText) TEXT(""), false, "no text");
}

static void
people(void)
{
	HitFacts f = {.agent = phone, .before_sent = true};
	HitVerdict v = judge(f);

	ok(v.person && !v.address_tells, "a phone's browser before the sent time is a sign");
	f.own_class = HIT_CLASS_BOT;
	ok(judge(f).person, "the owner's rule does not take the sign away");
	f.agent.family = AGENT_FAMILY_BOT_WORD;
	ok(!judge(f).person, "a bot's word does");

	f = (HitFacts){.agent = phone, .own_class = HIT_CLASS_CLICK};
	f.agent.family = AGENT_FAMILY_LIBRARY;
	v = judge(f);
	ok(v.class == HIT_CLASS_CLICK && v.confidence == HIT_CONFIDENCE_HIGH &&
		   v.address_tells,
	   "an app that the owner knows");
	f.own_class = HIT_CLASS_VIEW;
	ok(!judge(f).address_tells, "a view by an automaton, for the owner");
	f.own_class = HIT_CLASS_NONE;
	v = judge(f);
	ok(v.class == HIT_CLASS_BOT && v.confidence == HIT_CONFIDENCE_MEDIUM,
	   "an app's library may be a messenger");
	f.agent.family = AGENT_FAMILY_TOOL;
	ok(judge(f).confidence == HIT_CONFIDENCE_HIGH, "a tool may not");
}

static void
upgrades(void)
{
	HitVerdict sure = judge((HitFacts){.agent = phone});
	HitVerdict unsure = judge((HitFacts){.agent = desktop});
	HitVerdict bot = judge((HitFacts){.agent = phone, .before_sent = true});

	hit_upgrade(&sure);
	hit_upgrade(&unsure);
	hit_upgrade(&bot);
	ok(sure.rule == HIT_RULE_BROWSER && sure.person, "a sure click keeps its rule");
	ok(unsure.rule == HIT_RULE_CONVERSION && unsure.person &&
		   unsure.confidence == HIT_CONFIDENCE_HIGH,
	   "an unsure click is sure");
	ok(bot.rule == HIT_RULE_CONVERSION && bot.class == HIT_CLASS_CLICK && bot.person &&
		   bot.address_tells,
	   "a bot that converted is a person");
}

static void
names(void)
{
	static const char *const rules[] = {
		"unknown",    "method",   "prefetch",
		"apple preview",   "google preview",  "forwarded preview",
		"no user agent",   "scanner or tool", "bot word",
		"link protection", "burst",   "before sent",
		"browser",    "unsure",   "own rule",
		"conversion",    "no browser",   "unknown"};
	static const char *const classes[] = {"none", "view", "click", "bot", "unknown"};
	static const char *const confidences[] = {"unknown", "low", "medium", "high",
											  "unknown"};

	for (size_t i = 0; i < LENGTH(rules); i++)
		is_str(hit_rule_name((HitRule) i), rules[i], "a rule's number");
	for (size_t i = 0; i < LENGTH(classes); i++)
		is_str(hit_class_name((HitClass) i), classes[i], "a class's number");
	for (size_t i = 0; i < LENGTH(confidences); i++)
		is_str(hit_confidence_name((HitConfidence) i), confidences[i],
			   "a confidence's number");
}

/* Whatever the headers say, what is kept of them is judged alike. */
static void
signs(void)
{
	static const HitText methods[] = {{NULL, 0}, TEXT("GET"), TEXT("HEAD"), TEXT(" get ")};
	static const HitText purposes[] = {{NULL, 0}, TEXT("prefetch"), TEXT("other"),
									   TEXT("prefetch;anonymous-client-ip"),
									   TEXT("x;anonymous-client-ip")};
	static const HitText modes[] = {{NULL, 0}, TEXT("navigate"), TEXT("no-cors")};
	static const HitText dests[] = {{NULL, 0}, TEXT("document"), TEXT("image")};
	const int combinations = (int) (LENGTH(methods) * LENGTH(purposes) * LENGTH(modes) *
									LENGTH(dests) * 2);
	int alike = 0;
	int distinct = 0;

	for (int i = 0; i < combinations; i++)
	{
		size_t n = (size_t) i;
		HitFacts facts = {.agent = n % 2 == 0 ? phone : desktop};
		HitFacts again = facts;
		HitVerdict a;
		HitVerdict b;

		n /= 2;
		facts.method = methods[n % LENGTH(methods)];
		n /= LENGTH(methods);
		facts.purpose = purposes[n % LENGTH(purposes)];
		n /= LENGTH(purposes);
		facts.fetch_mode = modes[n % LENGTH(modes)];
		n /= LENGTH(modes);
		facts.fetch_dest = dests[n];
		hit_facts_from_signs(hit_signs(&facts), &again);
		a = judge(facts);
		b = judge(again);
		alike += a.class == b.class && a.rule == b.rule && a.confidence == b.confidence &&
				 a.person == b.person && a.address_tells == b.address_tells;
		distinct |= 1 << a.rule;
	}
	is_int(alike, combinations, "a verdict by signs is that by the headers");
	is_int(distinct,
		   1 << HIT_RULE_METHOD | 1 << HIT_RULE_PREFETCH | 1 << HIT_RULE_BROWSER |
			   1 << HIT_RULE_UNSURE,
		   "and every rule that headers decide was among them");
}

int
main(void)
{
	signs();
	order();
	headers();
	referrers();
	people();
	upgrades();
	names();
	return done_testing();
}
