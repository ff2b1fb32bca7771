-- R3: links with www. R4: bare links. R5: naked hosts, and what only looks like one.
\pset format unaligned
COPY links_case (rule, marked, warning) FROM stdin;
R3	⟦www.example.com⟧ ⟦WWW.EXAMPLE.COM/a⟧ ⟦www.example.co.uk⟧, ⟦www.example.com:8080⟧.	\N
R3	⟦www.shop.example.com/a⟧ ⟦www.bücher.de⟧ ⟦www.пример.рф/а⟧	\N
R3	请访问⟦www.example.com⟧谢谢	glued
R3	👉⟦www.example.com⟧ Смотри⟦www.example.com⟧	glued
R3	www.example.zzzz www.example www. www.1.2.3.4	\N
R3	xwww.example.zzzz /www.example.com @www.example.com 1www.example.zzzz	\N
R3	⟨Sale.www.example.com⟩ ⟨now.www.example.com/a⟩	join-like, join-like
R3	⟦www.example.zip⟧ ⟦www.Example.Com⟧	\N
R4	⟦example.com/⟧ ⟦example.com/a⟧ ⟦example.com?a=1⟧ ⟦example.com#a⟧ ⟦example.com:8080⟧ ⟦example.com:8080/a⟧	\N
R4	⟦Example.Com/a⟧	join-like
R4	⟦report.zip/a⟧ ⟦co.uk/a⟧ ⟦m.sc/a⟧	\N
R4	example.zzzz/a 1.2.3.4/a example/a	\N
R4	H&M.com/sale #x.de/a @x.de/a a/x.de/a ~x.de/a $x.de/a a_x.de/a \\x.de/a	\N
R4	登录⟦jd.com/abc⟧查看	glued
R4	(⟦example.com/a⟧) "⟦example.com/a⟧" ,⟦example.com/a⟧ :⟦example.com/a⟧ =⟦example.com/a⟧ *⟦example.com/a⟧*	\N
R4	example.com:0/a example.com:99999 example.com:80x	\N
R4	⟦example.com⟧: 10.30 ⟦example.com⟧? ⟦example.com⟧.	\N
R4	⟦example.com./a⟧	\N
R4	⟨公司.中国/a⟩ ⟨例え.jp/a⟩	glued, glued
R4	⟦위키.한국/a⟧ ⟦пример.рф/a⟧	\N
R5	⟦example.com⟧ ⟦shop.example.com⟧ ⟦my-shop.de⟧ ⟦a.co⟧ ⟦163.com⟧ ⟦x.io⟧	\N
R5	⟦example.com⟧. ⟦example.com⟧, ⟦example.com⟧! ⟦example.com⟧; ⟦example.com⟧: ⟦example.com⟧… ⟦example.com⟧) ⟦example.com⟧' ⟦example.com⟧" ⟦example.com⟧*	\N
R5	⟦bücher.de⟧ ⟦пример.рф⟧ ⟦مثال.امارات⟧ ⟦उदाहरण.भारत⟧ ⟦위키.한국⟧ ⟦foo.香港⟧ ⟦deΩ.uk⟧	\N
R5	⟦EXAMPLE.COM⟧ ⟦SHOP.DE⟧ ⟦ПРИМЕР.РФ⟧ ⟦FOO.VERMÖGENSBERATER⟧	\N
R5	example.zzzz e.g. i.e. U.S.A. a.b 10.30 3.14 v1.2 file.txt photo.jpg 24.12.2025 $9.99	\N
R5	example.123 1.2.3.4 192.168.0.1 1.234.567 12.50€	\N
R5 a	⟨done.In⟩ ⟨ok.Call⟩ ⟨Hello.World⟩ ⟨DONE.In⟩ ⟨Готово.Онлайн⟩	join-like, join-like, join-like, join-like, join-like
R5 a	⟦done.in⟧ ⟦OK.CALL⟧ ⟦Shop.de⟧ ⟦Example.com⟧ ⟦MyShop.COM⟧	\N
R5 a	⟨example.com.Call⟩ ⟦Shop.Example.Com⟧	join-like
R5 b	report.zip clip.mov README.md run.sh main.rs a.py x.pl y.ps z.cc	\N
R5 b	⟦report.de⟧ ⟦report.zip/a⟧ ⟦https://report.zip⟧	\N
R5 c	GmbH & Co.KG M.Sc B.Sc Dr.med co.kg A.De X.IO	\N
R5 c	⟦a.de⟧ ⟦X.COM⟧ ⟦dr.med.example.de⟧ ⟦ab.kg⟧	\N
R5 d	co.uk ltd.uk com.au gov.in ac.at or.jp	\N
R5 d	⟦bbc.co.uk⟧ ⟦x.com.au⟧ ⟦uk.com⟧ ⟦co.com⟧	\N
R5 e	H&M.com @example.com a/example.com -example.com _example.com +example.com 5%example.com ~example.com #example.com $example.com \\example.com	\N
R5 e	..example.com .example.com ...example.com	\N
R5 e	请⟨example.com⟩ ⟦éxample.de⟧	glued
R5 e	(⟦example.com⟧ [⟦example.com⟧] "⟦example.com⟧" ,⟦example.com⟧ :⟦example.com⟧ =⟦example.com⟧ *⟦example.com⟧ |⟦example.com⟧ 👉⟦example.com⟧ •⟦example.com⟧ –⟦example.com⟧	\N
R5 f	example.com@ example.com_ example.com-foo example.com_a example.com+x@example.org	\N
R5 f	⟦example.com⟧- ⟦example.com⟧ - ⟦example.com⟧+ ⟦example.com⟧ @home	\N
R5 g	info(at)example.com info[at]example.com info (AT) example.com	\N
R5 g	meet (at)home ⟦example.com⟧	\N
R5 c	till 18:00.in case, 12:30.me ⟦30.in⟧ 18:00.example.com 12:⟦30.in/a⟧	\N
R5 c	5.30.in 24.12.de ⟦1.example.com⟧ ⟦5.a30.in⟧	\N
R5 c	a.m.to e.g.in U.S.is ⟦t.co⟧ ⟦a.bc.de⟧	\N
R5 times	50.km/h 6.pm/am ⟦6.de/a⟧	\N
R5 times	10.am 6.pm 5.kg 100.km ⟦10.de⟧ ⟦pm.de⟧ ⟦12306.cn⟧	\N
R5 glued	⟦example.com⟧谢谢 ⟦example.com⟧🎉 ⟦example.jp⟧をご覧	glued, glued, glued
R5 emoji	Sale👉⟦shop.com/a⟧ текст🔗⟦example.com⟧ ➡️⟦example.com⟧ ▶⟦www.example.com⟧	\N
R5 emoji	⟨Sale🔥shop.com/a⟩ ⟨i❤you.ws⟩	glued, glued
R5 glued	⟨Sale🔥shop.com⟩ ⟨公司.中国⟩ 你好.网络很好	glued, glued
R5 emoji	⟦i❤.ws⟧ ⟦👍.to⟧ 🔥⟦example.com⟧ ⭐️⟦example.com⟧	\N
\.
SELECT * FROM links_check();
TRUNCATE links_case;
