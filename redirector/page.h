/*
 * page.h: the answers: redirects, pages, and what else has a fixed text.
 */
#ifndef REDIRECTOR_PAGE_H
#define REDIRECTOR_PAGE_H

#include <microhttpd.h>
#include <stdbool.h>

typedef enum Page
{
	PAGE_NOT_FOUND,
	PAGE_TOO_MANY,
	PAGE_UNAVAILABLE,
	PAGE_WRONG_METHOD, /* but GET and HEAD; what follows allows others */
	PAGE_CONVERSION_METHODS,
	PAGE_OPT_OUT_METHODS,
	PAGE_POSTBACK_METHODS,
	PAGE_BAD_REQUEST,
	PAGE_TOO_LARGE,
	PAGE_ERROR,
	PAGE_FORBIDDEN,
	PAGE_ROBOTS,
	PAGE_NO_CONTENT,
	PAGE_PIXEL,
	PAGE_SCRIPT,
	PAGE_OPT_OUT,
	PAGE_OPTED_OUT,
	PAGE_COUNT
} Page;

/* Makes the texts that depend on options. */
extern bool page_init(const char *token_name, const char *cookie_name);

/* Makes a response; *status is the page's own. NULL: out of memory. */
extern struct MHD_Response *page_make(Page page, unsigned *status);

/* Makes an answer for programs; text is copied. */
extern struct MHD_Response *page_json(const char *text);

/* Makes a redirect; NULL where the target cannot be a Location. */
extern struct MHD_Response *page_redirect(const char *target);

/* Makes a redirect to a path of the same host. */
extern struct MHD_Response *page_redirect_here(const char *path);

#endif
