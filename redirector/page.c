/*
 * page.c: one table of all fixed answers. No page names a host but its own, no page says
 * why a code was not found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/core/tracking_script.h"
#include "page.h"

#define HTML(title, body)                                                                \
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"                  \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"           \
	"<title>" title "</title><style>body{font:1.1em/1.5 sans-serif;max-width:30em;"      \
	"margin:4em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}</style></head>" \
	"<body>" body "</body></html>\n"

typedef struct PageText
{
	unsigned status;
	const char *type;
	const char *text; /* NULL: the script, which is made at the start */
	const char *cache;
	const char *header; /* one more, and its value */
	const char *value;
} PageText;

#define NO_STORE "private, no-store"
#define DAY		 "public, max-age=86400"

#define WRONG_METHOD(allowed)                                                            \
	{405, "text/plain", "Method not allowed.\n", NO_STORE, "Allow", allowed}

static const PageText pages[PAGE_COUNT] = {
	[PAGE_NOT_FOUND] = {404, "text/html; charset=utf-8",
						HTML("Link not found", "<h1>Link not found</h1><p>This link does not "
											   "exist, or it has expired.</p>"),
						NO_STORE, NULL, NULL},
	[PAGE_TOO_MANY] = {429, "text/plain", "Too many requests for unknown links.\n", NO_STORE,
					   "Retry-After", "60"},
	[PAGE_UNAVAILABLE] = {503, "text/html; charset=utf-8",
						  HTML("Try again", "<h1>One moment</h1><p>This link cannot be opened "
											"right now. Try again in a few seconds.</p>"),
						  NO_STORE, "Retry-After", "5"},
	[PAGE_WRONG_METHOD] = WRONG_METHOD("GET, HEAD"),
	[PAGE_CONVERSION_METHODS] = WRONG_METHOD("GET, POST, OPTIONS"),
	[PAGE_OPT_OUT_METHODS] = WRONG_METHOD("GET, HEAD, POST"),
	[PAGE_POSTBACK_METHODS] = WRONG_METHOD("POST"),
	[PAGE_BAD_REQUEST] = {400, "text/plain", "Bad request.\n", NO_STORE, "Connection",
						  "close"},
	[PAGE_TOO_LARGE] = {413, "text/plain", "Too large.\n", NO_STORE, "Connection", "close"},
	[PAGE_ERROR] = {500, "text/plain", "Internal error.\n", NO_STORE, NULL, NULL},
	[PAGE_FORBIDDEN] = {403, "text/plain", "Forbidden.\n", NO_STORE, NULL, NULL},
	[PAGE_ROBOTS] = {200, "text/plain", "User-agent: *\nDisallow: /-/\n", DAY, NULL, NULL},
	[PAGE_NO_CONTENT] = {204, NULL, "", NO_STORE, NULL, NULL},
	[PAGE_PIXEL] = {200, "image/gif", NULL, NO_STORE, NULL, NULL},
	[PAGE_SCRIPT] = {200, "text/javascript; charset=utf-8", NULL, "public, max-age=3600",
					 NULL, NULL},
	[PAGE_OPT_OUT] = {200, "text/html; charset=utf-8",
					  HTML("Stop messages",
						   "<h1>Stop messages</h1><p>Press the button, and no further "
						   "messages will be sent to you.</p><form method=\"post\"><button>Stop messages</button></form>"),
					  NO_STORE, NULL, NULL},
	[PAGE_OPTED_OUT] = {200, "text/html; charset=utf-8",
						HTML("Messages stopped", "<h1>Done</h1><p>You will get no further "
												 "messages from this sender.</p>"),
						NO_STORE, NULL, NULL},
};

/* The smallest GIF: one transparent pixel. */
static const char pixel[] = "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377!\371\4\1\0\0\0\0,\0\0\0"
							"\0\1\0\1\0\0\2\2D\1\0;";

/*
 * What the tracking code is called with where it is loaded from here: what the page says
 * of it stands in the script's own element, as data-goal and data-max-age.
 */
static const char script_form[] =
	"%s((function(s){var a=s?s.dataset:{};return{p:'%s',c:'%s_token',m:+a.maxAge||2592000,"
	"d:a.cookieDomain,g:a.privacyControl!='off',"
	"e:s?new URL('conversion',s.src).href:'/-/conversion',"
	"l:a.goal?{goal:a.goal}:0}})(document.currentScript));\n";

static char *script;

bool
page_init(const char *token_name, const char *cookie_name)
{
	size_t size = strlen(tracking_script) + sizeof(script_form) + strlen(token_name) +
				  strlen(cookie_name);
	char *made = malloc(size);

	if (made == NULL)
		return false;
	snprintf(made, size, script_form, tracking_script, token_name, cookie_name);
	free(script);
	script = made;
	return true;
}

/* Adds what every answer carries. */
static bool
add_headers(struct MHD_Response *response, const char *cache)
{
	return MHD_add_response_header(response, "Cache-Control", cache) == MHD_YES &&
		   MHD_add_response_header(response, "Referrer-Policy", "no-referrer") == MHD_YES &&
		   MHD_add_response_header(response, "X-Robots-Tag", "noindex, nofollow") ==
			   MHD_YES &&
		   MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES;
}

static struct MHD_Response *
check(struct MHD_Response *response, bool good)
{
	if (good)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

struct MHD_Response *
page_make(Page page, unsigned *status)
{
	const PageText *text = &pages[page];
	const char *body = page == PAGE_PIXEL	 ? pixel
					   : page == PAGE_SCRIPT ? script
											 : text->text;
	size_t length = page == PAGE_PIXEL ? sizeof(pixel) - 1 : strlen(body);
	/* the script may be made anew while an old one is being sent */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		length, (void *) (uintptr_t) body,
		page == PAGE_SCRIPT ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);

	*status = text->status;
	if (response == NULL)
		return NULL;
	return check(response,
				 add_headers(response, text->cache) &&
					 (text->type == NULL ||
					  MHD_add_response_header(response, "Content-Type", text->type) ==
						  MHD_YES) &&
					 (text->header == NULL ||
					  MHD_add_response_header(response, text->header, text->value) ==
						  MHD_YES));
}

struct MHD_Response *
page_json(const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *) (uintptr_t) text, MHD_RESPMEM_MUST_COPY);

	if (response == NULL)
		return NULL;
	return check(response, MHD_add_response_header(response, "Content-Type",
												   "application/json") == MHD_YES &&
							   add_headers(response, NO_STORE));
}

/* Tells whether a text may be a Location: no byte of it can end the header. */
static bool
is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text <= ' ' || (unsigned char) *text >= 0x7f)
			return false;
	return true;
}

static struct MHD_Response *
redirect(const char *location)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (response == NULL)
		return NULL;
	return check(response,
				 MHD_add_response_header(response, "Location", location) == MHD_YES &&
					 add_headers(response, NO_STORE));
}

struct MHD_Response *
page_redirect(const char *target)
{
	/* the server has seen to it; the last one to answer looks once more */
	if (strncmp(target, "https://", 8) != 0 && strncmp(target, "http://", 7) != 0)
		return NULL;
	return is_visible(target) ? redirect(target) : NULL;
}

struct MHD_Response *
page_redirect_here(const char *path)
{
	return is_visible(path) ? redirect(path) : NULL;
}
