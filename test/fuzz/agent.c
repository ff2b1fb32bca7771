/*
 * Whatever a request's headers hold: nothing is read out of bounds, every verdict is one
 * that the rules can give, and the stored text is judged as the sent one was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "hit.h"
#include "utf8.h"

/* Takes the next line of the input, in a buffer of its own size for ASan to watch. */
static HitText
next_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t length = end != NULL ? (size_t) (end - *data) : *size;
	size_t used = end != NULL ? length + 1 : length;
	char *copy = malloc(length > 0 ? length : 1);

	if (length > 0)
		memcpy(copy, *data, length);
	*data += used;
	*size -= used;
	return (HitText){copy, length};
}

/* Aborts unless the text is valid UTF-8 without control characters. */
static void
must_be_clean(const char *text, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		uint32_t c;
		size_t n = utf8_decode(text + at, length - at, &c);

		if ((n == 1 && c == UTF8_REPLACEMENT) || c < 0x20 || (c >= 0x7F && c <= 0x9F))
			abort();
		at += n;
	}
}

static void
check_agent(HitText sent, AgentFacts *facts)
{
	char stored[AGENT_TEXT_MAX];
	char again[AGENT_TEXT_MAX];
	size_t length = agent_clean(sent.text, sent.length, stored);
	AgentFacts of_stored;

	must_be_clean(stored, length);
	if (length > sent.length || agent_clean(stored, length, again) != length ||
		memcmp(stored, again, length) != 0)
		abort();

	agent_parse(sent.text, sent.length, facts);
	agent_parse(stored, length, &of_stored);
	if (facts->os != of_stored.os || facts->device != of_stored.device ||
		facts->family != of_stored.family || facts->in_app != of_stored.in_app ||
		facts->mobile_browser != of_stored.mobile_browser)
		abort();
	if (facts->family != AGENT_FAMILY_NONE && (facts->in_app || facts->mobile_browser))
		abort();
	if (strcmp(agent_os_name(facts->os), "unknown") == 0 ||
		strcmp(agent_family_name(facts->family), "unknown") == 0)
		abort();
	(void) agent_hash(sent.text, sent.length, &(uint64_t){0});
}

static void
check_verdict(const HitFacts *facts)
{
	HitVerdict v;

	hit_classify(facts, &v);
	if (v.class < HIT_CLASS_VIEW || v.class > HIT_CLASS_BOT ||
		v.confidence < HIT_CONFIDENCE_LOW || v.confidence > HIT_CONFIDENCE_HIGH ||
		strcmp(hit_rule_name(v.rule), "unknown") == 0)
		abort();
	if ((facts->own_class != HIT_CLASS_NONE) != (v.rule == HIT_RULE_OWN) ||
		(v.rule == HIT_RULE_OWN && v.class != facts->own_class))
		abort();
	if (v.class == HIT_CLASS_BOT && v.address_tells)
		abort();
	/* with a sign of a person, only the time and the owner make it something else */
	if (v.person && v.class != HIT_CLASS_CLICK && v.rule != HIT_RULE_BEFORE_SENT &&
		v.rule != HIT_RULE_OWN)
		abort();
	if (v.rule == HIT_RULE_BROWSER && !v.person)
		abort();
	hit_upgrade(&v);
	if (v.class != HIT_CLASS_CLICK || v.confidence != HIT_CONFIDENCE_HIGH || !v.person)
		abort();
}

/* The user agent, method, purpose, referrer, fetch mode and destination: a line each. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HitFacts facts = {0};
	HitText *headers[] = {&facts.method, &facts.purpose, &facts.referrer,
						  &facts.fetch_mode, &facts.fetch_dest};
	HitText agent;

	if (size > 0)
	{
		facts.before_sent = data[0] & 1;
		facts.own_class = (HitClass) (data[0] >> 1 & 3);
		data++;
		size--;
	}
	agent = next_line(&data, &size);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		*headers[i] = next_line(&data, &size);
	check_agent(agent, &facts.agent);
	check_verdict(&facts);
	free((void *) agent.text);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		free((void *) headers[i]->text);
	return 0;
}
