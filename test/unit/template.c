/* Templates: fields, defaults, escapes, links around fields, encoding, what is broken. */
#include "tap.h"
#include "template.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* Renders with name = "Bob & Ana", empty = "", other fields missing. */
static char *
render(const char *body, bool shorten, Template *parsed)
{
	static char out[4096];
	size_t length = strlen(body);
	char *copy = malloc(length + 1);
	char *mask = malloc(length + 1);
	TemplateValue values[TEMPLATE_FIELDS_MAX] = {{NULL, 0}};
	TemplateCodes codes = {"https://s/", 10, 2, {NULL}};
	static const char *const names[] = {"c0", "c1", "c2", "c3"};
	size_t written;

	memcpy(copy, body, length);
	for (int i = 0; i < LINK_POSITIONS; i++)
		codes.codes[i] = i < 4 ? names[i] : i == TEMPLATE_OPT_OUT_POSITION ? "oo" : "cx";
	template_parse(copy, length, true, NULL, mask, parsed);
	for (int i = 0; i < parsed->field_count; i++)
	{
		TemplateSpan name = parsed->fields[i];

		if (name.length == 4 && memcmp(copy + name.start, "name", 4) == 0)
			values[i] = (TemplateValue){"Bob & Ana", 9};
		if (name.length == 5 && memcmp(copy + name.start, "empty", 5) == 0)
			values[i] = (TemplateValue){"", 0};
		if (name.length == 4 && memcmp(copy + name.start, "port", 4) == 0)
			values[i] = (TemplateValue){"8080", 4};
	}
	written = template_render(parsed, values, &codes, shorten, out, sizeof(out) - 1);
	out[written] = '\0';
	if (template_render(parsed, values, &codes, shorten, NULL, 0) != written)
		return "another length without room";
	free(mask);
	free(copy);
	return out;
}

static const struct
{
	const char *body;
	const char *before;
	const char *after;
	int links;
	uint32_t warnings;
} cases[] = {
	{"", "", "", 0, 0},
	{"Hi {{name}}!", "Hi Bob & Ana!", "Hi Bob & Ana!", 0, 0},
	{"Hi {{ name | there }}!", "Hi Bob & Ana!", "Hi Bob & Ana!", 0, 0},
	{"Hi {{nobody|there}}!", "Hi there!", "Hi there!", 0, 0},
	{"Hi {{empty|there}}, {{empty}}.", "Hi there, .", "Hi there, .", 0, 0},
	{"\\{{name}} \\{ \\", "{{name}} \\{ \\", "{{name}} \\{ \\", 0, 0},
	{"{{{name}}}", "{Bob & Ana}", "{Bob & Ana}", 0, 0},
	{"See https://a.example/x now", "See https://a.example/x now", "See https://s/c0 now",
	 1, 0},
	{"https://a.example/?n={{name}}&x=1.", "https://a.example/?n=Bob%20%26%20Ana&x=1.",
	 "https://s/c0.", 1, 0},
	{"https://{{name}}.example/", "https://Bob%20%26%20Ana.example/", "https://s/c0", 1,
	 0},
	{"https://{{name}}/x", "https://Bob%20%26%20Ana/x", "https://s/c0", 1, 0},
	{"https://a.example:{{port}}/x", "https://a.example:8080/x", "https://s/c0", 1, 0},
	{"See a.com:{{port}}/x", "See a.com:8080/x", "See a.com:8080/x", 0, 0},
	{"Code:{{port}}/x", "Code:8080/x", "Code:8080/x", 0, 0},
	{"a.com/{{name}} b.com/{{nobody|}}", "a.com/Bob%20%26%20Ana b.com/",
	 "https://s/c0 https://s/c1", 2, 0},
	{"Hello {{name}}.in short", "Hello Bob & Ana.in short", "Hello Bob & Ana.in short", 0,
	 0},
	{"{{nobody|https://a.example/}}", "https://a.example/", "https://a.example/", 0, 0},
	{"https://a.example/ Stop: {{opt_out}}", "https://a.example/ Stop: https://s/oo",
	 "https://s/c0 Stop: https://s/oo", 1, 0},
	{"half {{name", "half {{name", "half {{name", 0, TEMPLATE_WARN_UNCLOSED},
	{"half {{na\nme}}", "half {{na\nme}}", "half {{na\nme}}", 0, TEMPLATE_WARN_UNCLOSED},
	{"no {{}} name {{ |x}}", "no {{}} name {{ |x}}", "no {{}} name {{ |x}}", 0,
	 TEMPLATE_WARN_UNNAMED},
	{"half https://a.example/{{x", "half https://a.example/{{x", "half https://s/c0", 1,
	 TEMPLATE_WARN_UNCLOSED},
};

/* whether text touches the opt-out link */
static const struct
{
	const char *body;
	bool glued;
} glued[] = {
	{"{{opt_out}}", false},
	{"Stop: {{opt_out}}.", false},
	{"Stop:{{opt_out}}", false},
	{"{{opt_out}}\n{{name}}", false},
	{"{{opt_out}}Stop", true},
	{"Stop{{opt_out}}", true},
	{"{{opt_out}}{{name}}", true},
	{"{{name}}{{opt_out}}", true},
	{"https://a.example/x{{opt_out}}", true},
};

int
main(void)
{
	Template parsed;
	char name[200];
	char many[8 * 40 + 1] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		snprintf(name, sizeof(name), "before: %s", cases[i].body);
		is_str(render(cases[i].body, false, &parsed), cases[i].before, name);
		snprintf(name, sizeof(name), "after: %s", cases[i].body);
		is_str(render(cases[i].body, true, &parsed), cases[i].after, name);
		ok(parsed.link_count == cases[i].links && parsed.warnings == cases[i].warnings,
		   "links and warnings");
	}
	render("{{opt_out}} a.com b.com c.com d.com e.com f.com "
		   "g.com h.com i.com j.com k.com l.com m.com "
		   "n.com o.com p.com",
		   true, &parsed);
	is_int(parsed.link_count, 15, "an opt-out link takes the last position");
	ok(parsed.link_warnings & LINK_WARN_TOO_MANY,
	   "and the 16th link is said to be too many");
	for (size_t i = 0; i < sizeof(glued) / sizeof(glued[0]); i++)
	{
		render(glued[i].body, true, &parsed);
		snprintf(name, sizeof(name), "glued: %s", glued[i].body);
		ok(((parsed.link_warnings & LINK_WARN_GLUED) != 0) == glued[i].glued, name);
	}
	render("https://a.example/{{name}} https://b.example/", true, &parsed);
	ok(parsed.personal[0] && !parsed.personal[1], "which links are personal");
	ok(!parsed.personal_host[0], "a field in the path leaves the host as it is");
	render("https://{{name}}/ http://a.{{name}}.example https://a.example:{{port}}/ "
		   "https://a.example{{name}} http://a.example?{{name}}",
		   true, &parsed);
	ok(parsed.personal_host[0] && parsed.personal_host[1] && parsed.personal_host[2] &&
		   parsed.personal_host[3] && !parsed.personal_host[4],
	   "which hosts are personal");
	for (int i = 0; i < 40; i++)
	{
		char field[] = "{{a00}} ";

		field[3] = (char) ('0' + i / 10);
		field[4] = (char) ('0' + i % 10);
		memcpy(many + 8 * i, field, sizeof(field));
	}
	render(many, true, &parsed);
	is_int(parsed.field_count, 40, "40 fields");
	return done_testing();
}
