-- Messages as they are sent, in eighteen languages.
\pset format unaligned
COPY links_case (rule, marked, warning) FROM stdin;
en	Your parcel arrives today. Track it: ⟦https://example.com/t/4711⟧. Reply STOP to opt out.	\N
en	Hi Anna! 20% off everything until Sun 11.59 p.m. at ⟦example.com/sale⟧, code SAVE20. T&Cs apply	\N
en	Visit ⟦www.example.co.uk⟧ (or call 020.7946.0958). Thanks.Your team	\N
en	Ok, done.Thanks ⟨done.In⟩ a moment: ⟦example.com⟧	join-like
de	Ihr Paket kommt am 24.12. zwischen 10.00 und 12.30 Uhr: ⟦https://example.de/p?nr=1&z=2⟧	\N
de	Müller & Söhne GmbH & Co.KG, z.B. ⟦www.müller.de/größe⟧, Fragen? info@müller.de oder Tel.030-123	\N
de	Mehr auf ⟦example.de⟧! Abmelden: ⟦example.de/stop⟧.	\N
de	Straße 5.Stock, Termin um 9.30.Bis bald.Dr.med.Meier, ⟦praxis-meier.de⟧	\N
fr	Votre commande est arrivée : ⟦https://example.fr/été?q=café⟧ – à bientôt !	\N
fr	Profitez de -30% jusqu’à dimanche (⟦www.example.fr⟧). STOP au 36180	\N
fr	C’est l’offre d’⟦example.fr⟧ « ⟦https://example.fr/a⟧ »	\N
es	¡Hola! Tu pedido está en camino: ⟦https://example.es/pedido/4711⟧. ¿Dudas? ⟦example.es/ayuda⟧?	\N
es	Aprovecha el 25% en ⟦www.mañana.es⟧ hasta el 31.12.	\N
pt	Olá! Acompanhe: ⟦https://example.com.br/ação⟧. Dúvidas? contato@example.com.br	\N
it	Il tuo ordine è partito: ⟦http://example.it/perché⟧, costo 12,50€. Info su ⟦example.it⟧.	\N
nl	Je pakket komt a.s. maandag, zie ⟦https://example.nl/a⟧ of ⟦example.nl⟧.	\N
pl	Twoja paczka jest w drodze: ⟦https://example.pl/ścieżka⟧. Odbierz dn. 5.12. ul.Długa 5	\N
tr	Siparişiniz yola çıktı: ⟦https://example.com.tr/sipariş⟧. İndirim %20! ⟦www.örnek.com.tr⟧	\N
vi	Đơn hàng của bạn đã được gửi: ⟦https://example.vn/đơn-hàng⟧. Xem thêm tại ⟦example.vn⟧	\N
ru	Ваш заказ отправлен: ⟦https://example.ru/заказ?ид=1⟧. Подробнее на ⟦пример.рф⟧, тел.8-800	\N
ru	Скидка 20% до воскресенья!⟦https://example.ru⟧ Отписка: ⟦www.example.ru/stop⟧	\N
ru	Спасибо.Ждём вас в магазине.Онлайн-оплата на ⟦example.ru⟧.	\N
uk	Ваше замовлення прибуло: ⟦https://приклад.укр/шлях⟧ або ⟦example.ua⟧	\N
el	Η παραγγελία σας έφτασε: ⟦https://example.gr/παραγγελία⟧· δείτε ⟦παράδειγμα.ελ⟧	\N
ar	تم شحن طلبك: ⟦https://example.com/طلب⟧، شكرا	\N
ar	زوروا موقعنا ⟦مثال.امارات⟧ أو ⟦www.example.ae⟧.	\N
he	ההזמנה נשלחה: ⟦https://example.co.il/הזמנה⟧. פרטים ב-⟦https://example.co.il⟧	\N
fa	سفارش شما ارسال شد: ⟦https://example.ir/می‌خواهم⟧ ممنون	\N
hi	आपका ऑर्डर भेज दिया गया है: ⟦https://example.in/आदेश⟧। विवरण ⟦उदाहरण.भारत⟧ पर	\N
bn	আপনার অর্ডার পাঠানো হয়েছে: ⟦https://example.com.bd/অর্ডার⟧।	\N
ta	உங்கள் ஆர்டர்: ⟦https://example.in/ஆர்டர்⟧ நன்றி	\N
th	พัสดุของคุณจัดส่งแล้ว ⟦https://example.co.th/a⟧ดูรายละเอียด	glued
th	ดูที่⟦https://example.co.th⟧ได้เลย หรือ ⟦www.example.co.th⟧	glued
th	คลิก⟦www.example.co.th/⟧โปรโมชั่น	glued
zh	【商城】您的订单已发货，详情：⟦https://example.cn/a1⟧，回复TD退订	\N
zh	【商城】点击⟦https://example.cn/a1⟧查看详情，拒收请回复R	glued
zh	请登录⟦www.example.cn⟧办理，或致电10086。	glued
zh	请访问⟨example.cn⟩谢谢 请访问⟦example.cn/a⟧谢谢 请访问 ⟦example.cn⟧ 谢谢	glued, glued
zh	限时优惠！⟦https://example.cn/p/双11⟧ ⟦https://example.cn/⟧活动	glued
zh	尊敬的客户:您的余额为12.50元。详见⟦https://example.cn⟧。中国移动	glued
zh	「⟦https://example.com.tw/a⟧」、（⟦https://example.com.hk⟧）	\N
ja	ご注文の商品を発送しました。⟦https://example.jp/t/1⟧	\N
ja	詳細は⟦https://example.jp/a⟧をご覧ください。	glued
ja	こちら→⟦https://example.jp/s?q=日本⟧ 配信停止：⟦https://example.jp/stop⟧	\N
ja	⟦https://例え.jp/a⟧ または⟦www.example.jp⟧まで	glued
ko	주문하신 상품이 발송되었습니다. ⟦https://example.kr/a1⟧에서 확인하세요	glued
ko	[쇼핑몰] 자세히 보기▶⟦https://example.kr/p/상품⟧ 무료수신거부 080-123-4567	\N
ko	⟦쇼핑몰.한국⟧ 또는 ⟦example.co.kr⟧에서	glued
my	အော်ဒါ ⟦https://example.com.mm/a⟧ ကြည့်ပါ	\N
km	ការបញ្ជាទិញ ⟦https://example.com.kh/a⟧មើល	glued
lo	ສັ່ງຊື້ ⟦https://example.la/a⟧ເບິ່ງ	glued
ka	თქვენი შეკვეთა: ⟦https://example.ge/შეკვეთა⟧.	\N
hy	Ձեր պատվերը՝ ⟦https://example.am/պատվեր⟧։	\N
sv	Ditt paket är på väg: ⟦https://example.se/spåra?nr=1⟧. Frågor? ⟦example.se/hjälp⟧!	\N
da	Følg din pakke på ⟦https://example.dk/følg⟧ eller ⟦www.example.dk⟧.	\N
fi	Pakettisi on matkalla: ⟦https://example.fi/näin⟧, lisätietoja ⟦example.fi⟧.	\N
cs	Vaše zásilka dorazí zítra: ⟦https://example.cz/sledování⟧ (⟦www.příklad.cz⟧)	\N
hu	Csomagja úton van: ⟦https://example.hu/követés⟧! Info: ⟦example.hu⟧	\N
ro	Comanda ta e pe drum: ⟦https://example.ro/urmărire⟧; ⟦www.example.ro⟧	\N
id	Pesanan Anda dikirim: ⟦https://example.co.id/a⟧. Info: ⟦example.co.id⟧	\N
ur	آپ کا آرڈر: ⟦https://example.pk/آرڈر⟧۔ شکریہ	\N
am	ትዕዛዝዎ ⟦https://example.et/ትዕዛዝ⟧። እናመሰግናለን	\N
emoji	🎉 Sale 🎉 ⟦https://example.com/a⟧ 🎉 👉⟦example.com/b⟧👈	glued
emoji	1️⃣ ⟦https://example.com/1⟧ 2️⃣ ⟦https://example.com/2⟧	\N
\.
SELECT * FROM links_check();
SELECT count(DISTINCT rule) AS languages FROM links_case;
TRUNCATE links_case;
