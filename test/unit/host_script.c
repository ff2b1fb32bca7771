/* Names that look like others: the examples are those of browsers' rules and of attacks. */
#include "host_script.h"
#include "tap.h"

static void
alike(const char *name)
{
	ok(host_looks_alike(name, strlen(name)), name);
}

static void
plain(const char *name)
{
	ok(!host_looks_alike(name, strlen(name)), name);
}

int
main(void)
{
	/* one Cyrillic or Greek letter among Latin ones */
	alike("p\u0430ypal.com");
	alike("www.g\u043E\u043Egle.com");
	alike("\u0430pple.com");
	alike("micr\u03BFsoft.com");
	alike("ex\u0430mple.\u043E\u0440g");
	alike("b\u0561nk.com"); /* Armenian */
	alike("\u13AAmazon.com"); /* Cherokee */
	alike("\u0430\u03BF.com"); /* Cyrillic and Greek */
	/* all letters Cyrillic, or Greek, and all taken for Latin ones */
	alike("\u0430\u0440\u0440\u04CF\u0435.com");
	alike("www.\u0455\u0441\u043E\u0440\u0435.com");
	alike("\u03BF\u03BA.com");
	/* letters of phonetics */
	alike("\u0261oogle.com");
	alike("\u0251mazon.com");

	plain("example.com");
	plain("xn--.example");
	plain("b\u00FCcher.de");
	plain("\u0131\u015F\u0131k.com.tr");
	plain("\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444");
	plain("\u043F\u0440\u0438\u043C\u0435\u0440.com");
	plain("\u0440\u0430\u0441\u0441\u0441.\u0440\u0444"); /* under a Cyrillic domain */
	plain("\u03B5\u03BB\u03BB\u03AC\u03B4\u03B1.gr");
	plain("\u65E5\u672C\u8A9E\u30C6\u30B9\u30C8abc.jp");
	plain("de\u03A9.uk"); /* Omega is taken for no Latin letter */
	plain("\uD55C\uAD6D-shop.kr");
	plain("\u0645\u062B\u0627\u0644.\u0645\u0635\u0631");
	plain("\u0E44\u0E17\u0E22.com");
	plain("123.com");
	plain("");
	plain(".");
	return done_testing();
}
