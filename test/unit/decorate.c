/* The click token in a target's query: what is there stays, in its place. */
#include <string.h>

#include "link_target.h"
#include "tap.h"

static void
decorate(const char *url, const char *name, const char *want, const char *what)
{
	char out[LINK_TARGET_WRITTEN_MAX];
	size_t length = 0;
	LinkTargetStatus status =
		link_target_decorate(url, strlen(url), name, "TOKEN", out, sizeof(out), &length);

	is_str(status == LINK_TARGET_WRITTEN ? out : "not written", want, what);
	is_str(length == strlen(want) ? "equal" : "unequal", "equal", "its length is told");
}

static void
room(void)
{
	static const char url[] = "https://a.example/";
	static const char want[] = "https://a.example/?s=TOKEN";
	char out[sizeof(want)];
	size_t length;

	is_str(link_target_decorate(url, strlen(url), "s", "TOKEN", out, sizeof(out), &length) ==
					   LINK_TARGET_WRITTEN
				   ? out
				   : "no room",
		   want, "it just fits");
	is_str(link_target_decorate(url, strlen(url), "s", "TOKEN", out, sizeof(out) - 1,
								&length) == LINK_TARGET_NO_ROOM
				   ? "no room"
				   : "written",
		   "no room", "one byte less is too little");
	is_str(link_target_decorate(url, strlen(url), "s", "TOKEN", out, 0, &length) ==
					   LINK_TARGET_NO_ROOM
				   ? "no room"
				   : "written",
		   "no room", "and so is none");
}

int
main(void)
{
	decorate("https://a.example/", "s", "https://a.example/?s=TOKEN", "no query");
	decorate("https://a.example/?", "s", "https://a.example/?s=TOKEN", "an empty query");
	decorate("https://a.example/?x=1", "s", "https://a.example/?x=1&s=TOKEN", "a query");
	decorate("https://a.example/?x=1&", "s", "https://a.example/?x=1&s=TOKEN",
			 "a query with an open end");
	decorate("https://a.example/#f", "s", "https://a.example/?s=TOKEN#f", "a fragment");
	decorate("https://a.example/?x=1#f", "s", "https://a.example/?x=1&s=TOKEN#f",
			 "query and fragment");
	decorate("https://a.example/#f?x=1", "s", "https://a.example/?s=TOKEN#f?x=1",
			 "a question mark in the fragment is no query");
	decorate("https://a.example/?s=mine", "s", "https://a.example/?s=mine",
			 "a parameter of that name is not overwritten");
	decorate("https://a.example/?x&s#f", "s", "https://a.example/?x&s#f",
			 "nor one without a value");
	decorate("https://a.example/?ss=1&xs=2", "s", "https://a.example/?ss=1&xs=2&s=TOKEN",
			 "another that begins or ends like it is another");
	decorate("https://a.example/?S=1", "s", "https://a.example/?S=1&s=TOKEN",
			 "and so is one in capitals");
	decorate("https://a.example/?x=1", "", "https://a.example/?x=1", "no name adds nothing");
	room();
	return done_testing();
}
