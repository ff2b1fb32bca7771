-- R6: where a link ends. R7: place-holders.
\pset format unaligned
COPY links_case (rule, marked, warning) FROM stdin;
R6 soft	⟦https://example.com/a⟧. ⟦https://example.com/a⟧, ⟦https://example.com/a⟧! ⟦https://example.com/a⟧? ⟦https://example.com/a⟧; ⟦https://example.com/a⟧:	\N
R6 soft	⟦https://example.com/a⟧... ⟦https://example.com/a⟧!!! ⟦https://example.com/a⟧?! ⟦https://example.com/a⟧.'	\N
R6 soft	⟦https://example.com/a.b,c;d:e!f'g⟧	\N
R6 soft	⟦https://example.com/a⟧… ⟦https://example.com/a⟧* ⟦https://example.com/a⟧| ⟦https://example.com/a⟧– ⟦https://example.com/a⟧`	\N
R6 soft	⟦https://example.com/a…b⟧ ⟦https://example.com/a*b⟧ ⟦https://example.com/a|b⟧ ⟦https://example.com/a–b⟧	\N
R6 soft	*⟦https://example.com/a⟧* _x_ "⟦https://example.com/a⟧" «⟦https://example.com/a⟧» ‘⟦https://example.com/a⟧’	\N
R6 soft	⟦https://example.com/a⟧؟ ⟦https://example.com/a⟧، ⟦https://example.com/a⟧। ⟦https://example.com/a⟧· ⟦https://example.com/l·l⟧	\N
R6 hard	⟦https://example.com/a⟧ b ⟦https://example.com/a⟧\tb ⟦https://example.com/a⟧\nb ⟦https://example.com/a⟧ b	\N
R6 hard	⟦https://example.com/a⟧<b ⟦https://example.com/a⟧>b ⟦https://example.com/a⟧\\n	\N
R6 hard	⟦https://example.com/a⟧—b ⟦https://example.com/a⟧―b	\N
R6 format	⟦https://example.com/a⟧​b ⟦https://example.com/a⟧‏b ⟦https://example.com/a⟧﻿b ⟦https://example.com/a⟧­b	\N
R6 format	⟦https://example.com/می‌شود⟧ ⟦https://example.com/a‌b⟧ ⟦https://example.com/क्‍ष⟧ ⟦https://example.com/a⟧‌ ⟦https://example.com/⟧‌a ⟦https://example.com/1⟧‍a	\N
R6 wide	⟦https://example.com/a⟧，b ⟦https://example.com/a⟧。b ⟦https://example.com/a⟧！b ⟦https://example.com/a⟧：b ⟦https://example.com/a⟧、b	\N
R6 wide	「⟦https://example.com/a⟧」 【⟦https://example.com/a⟧】 （⟦https://example.com/a⟧） 《⟦https://example.com/a⟧》 ⟦https://example.com/a⟧　b	\N
R6 emoji	⟦https://example.com/a⟧🎉 ⟦https://example.com/a⟧❤️ ⟦https://example.com/⟧👍	glued, glued, glued
R6 emoji	⟦https://example.com/a©b®c⟧ ⟦https://example.com/#1⟧	\N
R6 next	⟦https://example.com/a⟧,⟦https://example.com/b⟧;⟦http://example.com/c⟧|⟦https://example.com/d⟧	\N
R6 next	⟦https://example.com/a,b;c|d⟧ ⟦https://example.com/a?u=x,y⟧	\N
R6 kept	⟦https://example.com/⟧ ⟦https://example.com/a/⟧ ⟦https://example.com/a-⟧ ⟦https://example.com/a_⟧ ⟦https://example.com/?a=⟧ ⟦https://example.com/?a&⟧	\N
R6 kept	⟦https://example.com/a+⟧ ⟦https://example.com/#⟧ ⟦https://example.com/a%⟧ ⟦https://example.com/$⟧ ⟦https://example.com/~⟧ ⟦https://example.com/@⟧	\N
R6 query	⟦https://example.com/⟧? ⟦https://example.com⟧? ⟦https://example.com/?a⟧? ⟦https://example.com?a=b⟧	\N
R6 query	⟦https://example.com/a?b?c⟧ ⟦https://example.com/a?b/c#d/e?f⟧	\N
R6 bracket	⟦https://example.com/a_(b)⟧ ⟦https://example.com/a(b)c⟧ ⟦https://example.com/a[b]⟧ ⟦https://example.com/(a)(b)⟧	\N
R6 bracket	(⟦https://example.com/a⟧) (⟦https://example.com/a_(b)⟧) [⟦https://example.com/a⟧] ({⟦https://example.com/a⟧})	\N
R6 bracket	(see ⟦https://example.com/a⟧). [⟦https://example.com/a⟧], (⟦https://example.com⟧), "(⟦https://example.com/a⟧)"	\N
R6 bracket	⟦https://example.com/a⟧( ⟦https://example.com/a(b⟧ ⟦https://example.com/a(b⟧] ⟦https://example.com/a[(b⟧])c	\N
R6 bracket	⟦https://example.com/a(b/c⟧)d ⟦https://example.com/?a(=⟧)b ⟦https://example.com/?a=(&⟧)b	\N
R6 bracket	⟦https://example.com/#a(b)⟧ ⟦https://example.com/#a(b:~:text=c⟧)d ⟦https://example.com/#:~:text=(a)⟧	\N
R6 bracket	⟦https://example.com/a⟧](x) ⟦https://example.com/a⟧}]	\N
R6 unspaced	⟦https://example.com/a⟧退订 ⟦https://example.com/a1⟧をご覧 ⟦https://example.com/a⟧에서 ⟦https://example.com/a⟧ได้	glued, glued, glued, glued
R6 unspaced	⟦https://example.com/a1⟧|退订	\N
R6 unspaced	⟦https://example.com/⟧退订 ⟦https://example.com/⟧日本?a=b	glued, glued
R6 unspaced	⟦https://example.com/wiki/日本語⟧ ⟦https://example.com/wiki/日本語abc日⟧ ⟦https://example.com/?q=日本⟧ ⟦https://example.com/?a=1&b=日⟧	\N
R6 unspaced	⟦https://example.com/a-日本⟧ ⟦https://example.com/a_日本⟧ ⟦https://example.com/a.日本⟧ ⟦https://example.com/a+日本⟧ ⟦https://example.com/~日本⟧ ⟦https://example.com/a%20日本⟧	\N
R6 unspaced	⟦https://example.com/wiki/東京_(曖昧さ回避)⟧ ⟦https://example.com/wiki/フィンセント・ファン・ゴッホ⟧ ⟦https://example.com/wiki/한국어⟧ ⟦https://example.com/wiki/ประเทศไทย⟧	\N
R6 unspaced	⟦https://example.com/wiki/a⟧日本 ⟦https://example.com/?q=a⟧日本 ⟦https://example.com/#⟧日本 ⟦https://example.com/a⟧?日本	glued, glued, glued
R6 letters	⟦https://example.com/αβγ⟧ ⟦https://example.com/привет⟧ ⟦https://example.com/aпривет⟧ ⟦https://example.com/سلام⟧ ⟦https://example.com/नमस्ते⟧	\N
R6 escape	⟦https://example.com/%E6%97%A5⟧ ⟦https://example.com/%⟧ ⟦https://example.com/%zz⟧ ⟦https://example.com/a%2⟧	\N
R6 users	[⟦https://example.com/a⟧] [text](⟦https://example.com/a⟧) <a href="⟦https://example.com/a⟧">x</a>	\N
R6 users	⟦https://example.com/a_(b)_c⟧. ⟦https://example.com/a_(b⟧ c)	\N
R6 users	⟦https://example.com/a?x[]=1&x[]=2⟧ ⟦https://example.com/a?b=(c)&d⟧ ⟦https://example.com/a;b=c⟧	\N
R6 users	⟦https://example.com/#/a/b⟧ ⟦https://example.com/#!/a⟧ ⟦https://example.com/a%2Fb%3Fc⟧ ⟦https://example.com/a//b/../c⟧	\N
R6 users	⟦https://example.com/maps/@52.5,13.4,17z⟧ ⟦https://example.com/a=b:c@d⟧ ⟦https://example.com/search?q="a"+b⟧	\N
R6 users	"⟦https://example.com/a⟧", '⟦https://example.com/a⟧'. „⟦https://example.com/a⟧“ ‚⟦https://example.com/a⟧‘	\N
R6 users	⟦https://example.com/a⟧\r\n⟦https://example.com/b⟧\r\nBye	\N
R6 users	⟦https://example.com/a⟧... and ⟦https://example.com/b…and⟧ ⟦https://example.com/c⟧!?) x	\N
R12 glued	⟦https://example.com/order!Thanks⟧ ⟦example.com/a.Call⟧ ⟦https://example.com/a.html⟧ ⟦https://example.com/A.B⟧ ⟦https://example.com/.Well⟧	glued, glued
R6 deep	⟦https://example.com/((((a))))⟧ ⟦https://example.com/([{a}])⟧ ⟦https://example.com/([a⟧)	placeholder
R6 bare	⟦example.com/a⟧. (⟦example.com/a⟧) ⟦example.com/a_(b)⟧ ⟦www.example.com/a⟧, ⟦example.com/a⟧退订	glued
R7	⟦https://example.com/{{name}}⟧ ⟦https://example.com/{{name}}/a⟧ ⟦https://example.com/?n={{ first name }}&a=b⟧ x	placeholder, placeholder, placeholder
R7	⟦https://example.com/{name}⟧ ⟦https://example.com/${name}/a⟧ ⟦https://example.com/[[name]]/a⟧ ⟦https://example.com/%name%/a⟧	placeholder, placeholder, placeholder, placeholder
R7	⟦https://example.com/{{a}}{{b}}⟧. ⟦https://example.com/a?b={c.d}⟧,	placeholder, placeholder
R7	⟦https://example.com/%C3%A9%20⟧ ⟦https://example.com/%ABC%20⟧ ⟦https://example.com/⟧{ ⟦https://example.com/{a⟧ ⟦https://example.com/[[a⟧	\N
R7	⟨https://{{host}}/a⟩ ⟨https://{{shop}}.example.com/a⟩ ⟨https://example.com{{path}}⟩ ⟨https://example.{{tld}}/a⟩	placeholder, placeholder, placeholder, placeholder
R7	⟨https://example.com:{{port}}/a⟩ ⟨https://example.com:%port%/⟩ ⟦https://example.com⟧: {{a}}	placeholder, placeholder
R7	{{contact.name}} {first.name} ${user.name} [[shop.com]] %first.name% {{ a.com | b.com }}	\N
R7	{{name}}.example.com {{name}}example.com example.com{{path}} {{a}}.com	\N
R7	Hi {{name}}, ⟦https://example.com/a⟧ {{x}}⟦https://example.com/b⟧ [[⟦https://example.com/c⟧]]	\N
R7	{⟦https://example.com/a⟧} 50% ⟦https://example.com/a⟧ 20%	\N
\.
SELECT * FROM links_check();
TRUNCATE links_case;
