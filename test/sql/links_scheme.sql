-- R1: left to right, no overlaps, repeats too. R2: links with a scheme. R10: targets.
\pset format unaligned
COPY links_case (rule, marked, warning) FROM stdin;
R1	no link at all	\N
R1		\N
R1	⟦https://example.com⟧	\N
R1	⟦https://example.com/a⟧ ⟦https://example.com/a⟧	\N
R1	⟦https://example.com/a⟧\n⟦https://example.com/b⟧	\N
R1	⟦https://example.com/?u=https://example.org/b⟧ x	\N
R1	⟦https://example.com/https://example.org⟧	\N
R2 case	⟦HTTPS://EXAMPLE.COM/A⟧ ⟦HtTp://Example.Com⟧	\N
R2 before	见⟦https://example.com⟧	glued
R2 before	👉⟦https://example.com⟧	\N
R2 before	"⟦https://example.com⟧" '⟦https://example.com⟧' “⟦https://example.com⟧”	\N
R2 before	(⟦https://example.com⟧) [⟦https://example.com⟧] {⟦https://example.com⟧} <⟦https://example.com⟧>	\N
R2 before	link=⟦https://example.com⟧ €⟦https://example.com⟧ link:⟦https://example.com⟧	\N
R2 before	/⟦https://example.com⟧ -⟦https://example.com⟧ +⟦https://example.com⟧	\N
R2 before	é⟦https://example.com⟧	glued
R2 before	git+https://example.com/a stays	\N
R2 before	x⟨https://example.com⟩ 1⟨http://example.com⟩	glued, glued
R2 before	Now.⟨https://example.com/a⟩	glued
R2 before	x-⟨https://example.com/a⟩	glued
R2 doubled	http://⟦https://example.com/a⟧	\N
R2 doubled	https://https://⟦http://example.com⟧	\N
R2 doubled	http:// ⟦https://example.com/a⟧	\N
R2 host	⟦https://a.b.c.d.example.com⟧	\N
R2 host	⟦https://a-b.example-shop.com⟧	\N
R2 host	⟦https://r3---sn-4g5.example.com/v⟧	\N
R2 host	⟦https://a_b.example.com/⟧	\N
R2 host	https://exa_mple.com/ https://example.c_m/	\N
R2 host	https://-a.example.com/ https://a-.example.com/	\N
R2 host	https://a..example.com/ https://.example.com/	\N
R2 host	⟦https://example.com⟧- now	\N
R2 host	⟦https://012345678901234567890123456789012345678901234567890123456789012.com/⟧	\N
R2 host	https://0123456789012345678901234567890123456789012345678901234567890123.com/	\N
R2 host	⟦https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.com/⟧	\N
R2 host	https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.com/	\N
R2 TLD	⟦https://intranet.corp/a⟧ ⟦http://x.y⟧	\N
R2 TLD	⟦https://example.xn--p1ai⟧	\N
R2 one label	http://localhost/a http://localhost:8080 https://example/a	\N
R2 root	⟦https://example.com⟧. Then ⟦https://example.com./a⟧.	\N
R2 IDN	⟦https://bücher.de/ä⟧ ⟦https://пример.рф⟧ ⟦https://مثال.امارات⟧ ⟦https://उदाहरण.भारत/अ⟧	\N
R2 IDN	⟦https://xn--bcher-kva.de⟧ https://xn--a-ecp.ru.xn--zzzzzzzzzzzz99/	\N
R2 IDN	⟦https://faß.de⟧ ⟦https://BÜCHER.DE⟧	\N
R2 IDN	⟦https://نامه‌ای.com/⟧ https://a‌b.example.com/	\N
R2 emoji	⟦https://i❤.ws⟧ ⟦https://👍.to/a⟧ ⟦https://❤️❤️.ws⟧	\N
R2 dots	⟦https://example。com/a⟧ ⟦https://example．com/a⟧ ⟦https://例え｡jp/a⟧	\N
R2 dots	⟦https://example.com⟧。今すぐ ⟦https://example.com⟧。	\N
R2 dots	⟦https://example.com⟧。中国移动 ⟦https://example.com⟧．それ	\N
R2 dots	⟦https://example.cn⟧。中国 ⟦https://example.com⟧。de plus ⟦https://www.example。com⟧ ⟦https://example。co。jp⟧	\N
R2 dots	⟦https://www.example.net⟧。z.B. ⟦https://example.de⟧。10.00 ⟦https://example.net⟧。⟦shop.de⟧ ⟦https://a。b.de⟧ https://a。zzzz/	\N
R2 dots	⟦https://例子。中国⟧ ⟦https://example.cn.中国⟧	\N
R2 glued	⟦https://x.jp⟧をご覧ください	glued
R2 glued	⟦https://x.cn⟧谢谢 ⟦https://example.com⟧🎉 ⟦https://x.kr⟧에서	glued, glued, glued
R2 glued	⟦https://example.co.th⟧ได้เลย	glued
R2 glued	⟦https://例子.中国⟧欢迎您	glued
R2 glued	⟦https://例子.中国abc⟧ ⟦https://例子.中国⟧🎉	glued
R2 glued	⟦https://x.cn⟧.中国移动	\N
R2 glued	⟨https://example.zzzz⟩谢谢	glued
R2 glued	⟦https://例え.テスト⟧	\N
R2 glued	⟨https://a.comhttps://b.com⟩ ⟦https://a.com/xhttp://b.com⟧	glued
R2 IPv4	⟦http://192.0.2.7/a⟧ ⟦https://192.0.2.7:8443⟧	\N
R2 IPv4	http://192.0.2/a http://192.0.2.256/ http://192.0.2.07/ http://1.2.3.4.5/	\N
R2 IPv4	http://example.123/ http://example.0x1f/	\N
R2 IPv6	⟦http://[2001:db8::1]/a⟧ ⟦https://[::ffff:192.0.2.7]:8443/⟧	\N
R2 IPv6	http://[2001:db8::zz]/ http://[::1%25eth0]/ http://[::1 http://[]/	\N
R2 IPv6	http://[::1]now http://[::1]_ http://[::1]-x	\N
R2 IPv6	⟦http://[::1]⟧です ⟦http://[::1]⟧, now	glued
R2 port	⟦https://example.com:8080/a⟧ ⟦https://example.com:1⟧ ⟦https://example.com:65535?a⟧	\N
R2 port	https://example.com:0/ https://example.com:65536/ https://example.com:123456/	\N
R2 port	⟦https://example.com⟧: now ⟦https://example.com⟧:	\N
R2 port	⟦https://example.com:8080⟧です	glued
R2 port	https://example.com:80a/	\N
R2 port	⟦https://example.com:80⟧, and ⟦https://example.com:81⟧.	\N
R2 userinfo	⟨https://user:pw@example.com/a⟩ ⟨https://user@example.com⟩	userinfo, userinfo
R2 userinfo	⟨http://john.smith@example.com/a⟩	userinfo
R2 userinfo	⟨https://example.com:80@example.org/a⟩ ⟨https://example.com%2f@example.org⟩	userinfo, userinfo
R2 userinfo	⟦https://example.com/@user⟧ ⟦https://example.com?a@b⟧ ⟦https://example.com/a⟧	\N
R2 userinfo	⟦https://example.com⟧ info@example.com	\N
R2 private	https://nas.local/a http://a.lan http://a.b.internal/x http://x.localhost/	\N
R2 private	⟦https://local.example.com/lan⟧ ⟦https://example.com/a.local⟧	\N
\.
SELECT * FROM links_check();
TRUNCATE links_case;

-- R10: the url is the exact substring, the target what a browser requests.
SELECT url, target FROM smstrack_links($$
    HTTPS://Example.COM https://example.com:443/a http://example.com:80 https://example.com:80/
    www.example.com example.com/a example.com
    https://Bücher.example/ä?ö=%zz%41#ü https://例え。jp/ https://faß.de/
    https://example.com./a http://[2001:DB8::A]/ https://i❤️.ws/
    https://example.com/a'b"c`d{e}f^g|h~i https://example.com/?a'b"c`d#e'f"g`h
$$);
