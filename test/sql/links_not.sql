-- R8: what is no link. R12: broken links, with a warning.
\pset format unaligned
COPY links_case (rule, marked, warning) FROM stdin;
R8 mail	info@example.com a.b@example.com a+b@shop.example.com joe_doe@example.co.uk	\N
R8 mail	<info@example.com> (info@example.com) info@example.com, info@example.com. Mail:info@example.com	\N
R8 mail	info@example.com/a info@example.com:80 info@example.com?subject=https://example.com	\N
R8 mail	联系info@example.com谢谢 アルベルト.アルベルト@example.com αβγ.δ@example.com	\N
R8 mail	info@example.com,⟦https://example.com⟧ info@example.com ⟦https://example.com⟧ info@example.com，⟦https://example.com⟧	\N
R8 mail	@example.com @joe ⟦example.com⟧ joe@ example @ ⟦example.com⟧ a@b	\N
R8 mail	www.joe@example.com a.com+b@example.org	\N
R8 scheme	sms:+4930123?body=https://example.com/a smsto:123 mms:1?x=www.example.com	\N
R8 scheme	mailto:joe@example.com tel:+49-30-123 TEL:030 geo:52.5,13.4?q=example.com	\N
R8 scheme	whatsapp://send?text=https://example.com whatsapp://https://example.com tg://resolve?domain=example.com	\N
R8 scheme	ftp://example.com/a ftps://www.example.com ws://example.com/a file:///etc/a.sh rtsp://example.com	\N
R8 scheme	javascript:alert(1) data:text/html,https://example.com intent://example.com/#Intent;end market://details?id=com.example.app	\N
R8 scheme	hxxp://example.com custom+x://www.example.com/a a-b.c://example.com	\N
R8 scheme	tel: ⟦example.com⟧ sms: ⟦https://example.com⟧	\N
R8 word	Link:⟦https://example.com/a⟧ Link:⟦example.com⟧ Web:⟦www.example.com⟧ URL:⟦example.com/a⟧	\N
R8 slashes	//example.com ///example.com //www.example.com/a http:// https://	\N
R8 numbers	10.30 12.50€ 1.234,56 24.12.2025 1.2.3 v10.4.1 3.5% 0.5l 10.000 8.8.8.8 8.8.8.8/24 +49.30.123	\N
R8 private	nas.local printer.lan a.internal nas.local/a www.nas.local	\N
R8 words	and/or w/o e.g. i.e. z.B. d.h. u.a. Nr.5 St.Gallen p.m. a.m. No.1 etc... .com .de com de	\N
R8 code	a.b.c x->y.z C:\\a\\b.com $a.com %a.com &a.com	\N
R12 broken	⟨https//example.com/a⟩ ⟨http//example.com⟩ ⟨https;//example.com⟩ ⟨http:/example.com/a⟩ ⟨https:example.com⟩ ⟨http:///example.com⟩	broken-scheme, broken-scheme, broken-scheme, broken-scheme, broken-scheme, broken-scheme
R12 broken	⟨htp://example.com/a⟩ ⟨htps://example.com⟩ ⟨hhttps://example.com⟩ ⟨ttps://example.com⟩ ⟨httpss://example.com⟩	broken-scheme, broken-scheme, broken-scheme, broken-scheme, broken-scheme
R12 broken	(⟨https//example.com/a⟩) ⟨https//example.com⟩, now	broken-scheme, broken-scheme
R8 scheme	WhatsApp:⟦https://wa.me/4930123⟧ TG:⟦https://t.me/a⟧ Skype:⟦http://example.com⟧	\N
R8 scheme	whatsapp:send?text=https://example.com tg:resolve?domain=example.com tel:https://example.com	\N
R8 scheme	ftp://https://example.com sms:https://example.com x-callback://a/https://example.com	\N
R8 scheme	news:⟦https://example.com⟧ about:⟦example.com⟧ Tel.:⟦example.com⟧	\N
R8 mail	joe@example.com|⟦https://example.com⟧ joe@example.com;⟦http://example.com/a⟧	\N
R8 mail	joe@example.com(https://example.com) joe@example.com/https://example.com	\N
R8 mail	a@b.c@d.e a@@b.de @@ a@-b.de .@example.com	\N
R8 numbers	10.000.000 12.30-14.00 1.a 2.b 3.com.zzzz 50.00EUR 5.5.5.5:80 1e3.5	\N
R8 numbers	⟦1.com⟧ ⟦24.de⟧ ⟦4711.com/a⟧ 3.14.de	\N
R12 broken	see ⟨https//www.example.com/a⟩ and ⟦https://www.example.com/a⟧	broken-scheme
R12 broken	⟨http;//example.com⟩ ⟨http.//example.com/a⟩ ⟨http,//example.com⟩	broken-scheme, broken-scheme, broken-scheme
R12 broken	http: //example.com xhttps//example.com http example.zzzz	\N
\.
SELECT * FROM links_check();
TRUNCATE links_case;
