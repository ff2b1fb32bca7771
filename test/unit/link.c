/*
 * What the tables in test/sql/links_*.sql cannot reach: positions, hosts of ours, bytes
 * that are no UTF-8, limits of a target, codes as phones request them.
 */
#include <stdlib.h>

#include "link.h"
#include "link_code.h"
#include "link_target.h"
#include "tap.h"

static UIDNA *idna;

/* Returns the links of a body, each in a pair of angle brackets, ! before an untracked.
 */
static const char *
links(const char *body, const LinkOptions *options)
{
	static char out[4096];
	LinkScan scan;
	Link link;
	size_t n = 0;

	link_scan_begin(&scan, body, strlen(body), options);
	while (link_scan_next(&scan, &link))
		n += (size_t) snprintf(out + n, sizeof(out) - n, "%s<%.*s>",
							   link.trackable ? "" : "!", (int) link.length,
							   body + link.start);
	out[n] = '\0';
	return out;
}

static void
test_options(void)
{
	static const char *const names[] = {"s.example", "s.example:8443", "s.md"};
	static const char *const tlds[] = {"corp", "xn--zckzah"};
	const HostList own = {names, 3};
	const HostList extra = {tlds, 2};
	const HostList none = {NULL, 0};
	LinkOptions options = {.host = {.idna = idna}, .own_hosts = &own};

	is_str(links("http://S.example/a s.example/b", &options), "!<http://S.example/a>",
		   "a host of ours is known whatever its case");
	is_str(links("https://s.example:443/ https://s.example:8443/ https://s.example:8444/",
				 &options),
		   "!<https://s.example:443/>!<https://s.example:8443/><https://s.example:8444/>",
		   "a host of ours is compared with its port, less the default");
	is_str(links("s.md/a s.md", &options), "!<s.md/a>!<s.md>",
		   "a host of ours is left alone without a scheme");
	is_str(links("https://a.s.example/", &options), "<https://a.s.example/>",
		   "a subdomain of ours is not ours");
	options.bare_hosts = LINK_BARE_HOSTS_PATH;
	is_str(links("a.com a.com/b www.a.com https://a.com", &options),
		   "<a.com/b><www.a.com><https://a.com>", "bare hosts: path");
	options.bare_hosts = LINK_BARE_HOSTS_OFF;
	is_str(links("a.com a.com/b www.a.com https://a.com", &options),
		   "<www.a.com><https://a.com>", "bare hosts: off");
	options.bare_hosts = LINK_BARE_HOSTS_ON;
	options.host.extra_tlds = &extra;
	is_str(links("intra.corp тест.テスト x.テスト", &options),
		   "<intra.corp><тест.テスト><x.テスト>", "domains that a setting adds");
	options.ignored_tlds = &none;
	is_str(links("a.zip", &options), "<a.zip>", "no domain is ignored");
	is_str(links("a.com a.zip", NULL), "<a.com>", "no options are the defaults");
	is_str(links("https://bücher.de/", NULL), "<https://bücher.de/>",
		   "IDN works without a handle");
}

static void
test_positions(void)
{
	char body[1024] = "";
	LinkScan scan;
	Link link;
	int last = -1;
	int found = 0;

	for (int i = 0; i < 18; i++)
		strcat(body, "https://a.com/x ");
	link_scan_begin(&scan, body, strlen(body), NULL);
	while (link_scan_next(&scan, &link))
	{
		found++;
		if (link.trackable)
			last = link.position;
		else
			ok(link.position == -1 && (link.warnings & LINK_WARN_TOO_MANY),
			   "the 17th and 18th stay, with a warning");
	}
	is_int(found, 18, "all are found");
	is_int(last, 15, "the last position is 15");
}

static void
test_bytes(void)
{
	const char body[] = "https://a.com/\xFF\xFE b.com\0https://c.com/\xE3\x80";
	LinkScan scan;
	Link link;
	int found = 0;

	link_scan_begin(&scan, body, sizeof(body) - 1, NULL);
	while (link_scan_next(&scan, &link))
		found++;
	is_int(found, 3, "bytes that are no UTF-8, and NUL, end a link");
}

static const char *
written(const char *url)
{
	static char out[LINK_TARGET_WRITTEN_MAX];
	size_t length;

	if (link_target_write(url, strlen(url), idna, out, sizeof(out), &length) !=
		LINK_TARGET_WRITTEN)
		return "refused";
	return strlen(out) == length ? out : "wrong length";
}

static void
test_targets(void)
{
	char out[32];
	size_t length;
	char *longest = malloc(LINK_TARGET_MAX + 2);

	is_str(written("HTTPS://Bücher.Example:443/ä b%zz?q=\"ö'#<é>"),
		   "https://xn--bcher-kva.example/%C3%A4%20b%zz?q=%22%C3%B6%27#%3C%C3%A9%3E",
		   "written as a browser requests it");
	is_str(written("example.com:8080"), "http://example.com:8080", "the scheme is added");
	is_str(written("http://[2001:DB8::1]/"), "http://[2001:db8::1]/", "an IPv6 address");
	is_str(written("http://example.com./a"), "http://example.com./a", "a dot at the end");
	is_str(written("https://user@example.com/"), "refused", "no user's name");
	is_str(written("javascript:alert(1)"), "refused", "no other scheme");
	is_str(written("javascript:1"), "refused", "no other scheme that looks like a port");
	is_str(written("ftp://example.com/"), "refused", "no other scheme with slashes");
	is_str(written("https:///a"), "refused", "no empty host");
	is_str(written("https://a.com\\@b.com"), "refused", "no backslash");
	is_str(written("https://a.com/\r\nX: y"), "refused", "no control byte");
	is_str(written("https://a.com:x/"), "refused", "no port that is none");
	is_str(written("https://a.com:65535/"), "https://a.com:65535/", "the last port");
	is_str(written("https://a.com:65536/"), "refused", "no port beyond it");
	is_str(written("https://a.com:0/"), "refused", "no port 0");
	is_str(written("http://1.2.3/"), "refused", "no number that is no address");
	is_int(
		link_target_write("https://example.com/0123456789", 30, idna, out, 30, &length),
		LINK_TARGET_NO_ROOM, "does not fit with its NUL");
	is_int(
		link_target_write("https://example.com/0123456789", 30, idna, out, 31, &length),
		LINK_TARGET_WRITTEN, "just fits");
	is_int(link_target_write("https://example.com/", 20, idna, out, 0, &length),
		   LINK_TARGET_NO_ROOM, "no room at all");
	memset(longest, 'a', LINK_TARGET_MAX + 2);
	memcpy(longest, "https://a.com/", 14);
	ok(link_target_allowed(longest, LINK_TARGET_MAX), "2,048 bytes are allowed");
	ok(!link_target_allowed(longest, LINK_TARGET_MAX + 1), "2,049 are not");
	free(longest);
}

static void
code(const char *requested, const char *want)
{
	char got[64];
	size_t length = link_code_length(requested, strlen(requested));

	memcpy(got, requested, length);
	got[length] = '\0';
	is_str(got, want, requested);
}

static void
test_codes(void)
{
	code("AbC12345", "AbC12345");
	code("AbC12345.", "AbC12345");
	code("AbC12345).\"", "AbC12345");
	code("AbC12345%2C", "AbC12345");
	code("AbC12345%e2%80%a6", "AbC12345");
	code("AbC12345。", "AbC12345");
	code("AbC12345🎉", "AbC12345");
	code("AbC12345,https://s.example/x", "AbC12345");
	code("AbC12345$5", "AbC12345");
	code("AbC12345&more", "AbC12345");
	code("AbC12345+x", "AbC12345");
	code("AbC12345=^~", "AbC12345");
	code("AbC12345%24", "AbC12345");
	code("AbC12345%", "AbC12345");
	code("AbC%41", "AbC%41");
	code("AbC%4", "AbC");
	code("summer-sale_24", "summer-sale_24");
	code("AbC/x", "AbC/x");
	code("", "");
}

int
main(void)
{
	idna = host_idna_open();
	test_options();
	test_positions();
	test_bytes();
	test_targets();
	test_codes();
	uidna_close(idna);
	return done_testing();
}
