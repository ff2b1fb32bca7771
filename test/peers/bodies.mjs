// Makes SMS bodies from a seed, for comparisons and benchmarks.

// A small generator of random numbers (mulberry32): the same everywhere.
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS = {
  en: 'your order has been shipped and will arrive tomorrow see the details here save 20% on all shoes until Sunday reply STOP to opt out it costs $12.50 now at 9 a.m. Dr. Smith U.S. e.g. v2.1 3.5% new'.split(' '),
  de: 'Ihr Paket kommt morgen zwischen 10.00 und 12.30 Uhr an mehr unter für Größe 42 z.B. jetzt 15% sparen GmbH Straße 12 am 24.12. gültig'.split(' '),
  fr: 'votre commande est arrivée profitez de 30% jusqu’à dimanche à 18h30 dès 9,99€ détails ici été offre'.split(' '),
  es: 'tu pedido está en camino aprovecha el 25% de descuento hasta el 31.12. información aquí ¡hoy! mañana'.split(' '),
  tr: 'siparişiniz yola çıktı ayrıntılar için tıklayın yüzde 20 indirim şimdi İstanbul ığdır'.split(' '),
  ru: 'ваш заказ отправлен подробнее здесь скидка 20% до воскресенья сейчас'.split(' '),
  el: 'η παραγγελία σας έφτασε δείτε εδώ έκπτωση 20% σήμερα'.split(' '),
  ar: 'تم شحن طلبك التفاصيل هنا خصم 20% اليوم'.split(' '),
  hi: 'आपका ऑर्डर भेज दिया गया है विवरण यहाँ 20% छूट आज'.split(' '),
  th: 'พัสดุของคุณจัดส่งแล้ว ดูรายละเอียดที่นี่ ลด 20% วันนี้'.split(' '),
  zh: '您的订单已发货 详情请点击 今日八折优惠 回复退订'.split(' '),
  ja: 'ご注文の商品を発送しました 詳細はこちら 本日20%割引 配信停止'.split(' '),
  ko: '주문하신 상품이 발송되었습니다 자세히 보기 오늘 20% 할인 수신거부'.split(' '),
};

const HOSTS = ['example.com', 'shop.example.org', 'www.example.net', 'my-shop.example.de', 'dhl.de',
  'a.co', 'bit.ly', 'example.co.uk', 'm.example.com.au', 'news.example.online', 'x.jp', 'jd.com', 'example.io'];
const IDN_HOSTS = ['bücher.de', 'пример.рф', 'مثال.امارات', 'उदाहरण.भारत', '例子.中国', '例え.jp', 'i❤.ws'];
const PATHS = ['', '', '', '/', '/a', '/track/4711', '/sale?x=1', '/p/a-b_c.html', '/a?utm_source=sms&utm_medium=x',
  '/#top', '/wiki/A_(b)', '?id=7', '/ü', '/a%20b', '/a/b/c/', '/q?a=b;c', "/o'brien", '/~joe', '/a,b', '/x:y', '/@user'];
const BEFORE = [' ', ' ', ' ', ' ', ' (', ' "', ': ', '\n', ' [', ' <', ' «', '：', '👉 ', '👉', ' =', ',', ' -'];
const AFTER = [' ', ' ', ' ', '. ', ', ', '! ', '? ', ') ', '" ', '] ', '> ', '» ', '… ', '。', '，', '\n', ' 🎉', '🎉', ': ', '; ', "' "];
const TRAPS = ['done.In', 'ok.Call', 'report.pdf', '12.50', '1.2.3.4', 'info@example.com', 'a.b@shop.example.org', 'v1.2.3',
  'e.g.', 'H&M', 'Co.KG', '{{first.name}}', 'ftp://example.com/a', 'tel:+4930123', 'mailto:joe@example.com', '#sale', '@joe', '24.12.2025',
  '10:30', 'U.S.A.', 'localhost', 'http://localhost/a', 'http://', 'https://example', '...', 'and/or', 'C++', 'README.md', 'a.zip'];

const pick = (next, list) => list[Math.floor(next() * list.length)];

function link(next) {
  const host = next() < 0.12 ? pick(next, IDN_HOSTS) : pick(next, HOSTS);
  const scheme = next() < 0.6 ? pick(next, ['https://', 'https://', 'http://', 'HTTPS://']) : '';
  const port = next() < 0.04 ? ':8080' : '';
  return scheme + host + port + pick(next, PATHS);
}

function words(next, language, count) {
  const text = [];
  for (let i = 0; i < count; i++) text.push(pick(next, WORDS[language]));
  return text.join(/zh|ja/.test(language) ? '' : ' ');
}

// Bodies of all kinds: none, one or several links, glued or not, and what is no link.
export function bodies(count, seed) {
  const next = random(seed);
  const languages = Object.keys(WORDS);
  return Array.from({ length: count }, () => {
    const language = pick(next, languages);
    let body = words(next, language, 1 + Math.floor(next() * 8));
    const parts = Math.floor(next() * 4);
    for (let i = 0; i < parts; i++) {
      const trap = next() < 0.35;
      body += (trap ? ' ' : pick(next, BEFORE)) + (trap ? pick(next, TRAPS) : link(next)) +
        (trap ? pick(next, [' ', '. ', ', ']) : pick(next, AFTER)) + words(next, language, Math.floor(next() * 6));
    }
    return body.trim();
  });
}

// Bodies of exactly 140 characters with one link, as they are sent most: in Latin script.
export function benchBodies(count, seed) {
  const next = random(seed);
  return Array.from({ length: count }, () => {
    const language = pick(next, ['en', 'de', 'fr', 'es']);
    const url = pick(next, ['https://', 'https://', 'https://', 'www.', '']) + pick(next, ['example.com', 'shop.example.org', 'dhl.de', 'example.co.uk']) +
      pick(next, ['/track/4711', '/sale?x=1', '/a', '/p/a-b_c.html']);
    const room = 138 - url.length;
    const split = Math.floor(next() * room);
    const text = words(next, language, 60);
    return `${text.slice(0, split)} ${url} ${text.slice(split, room)}`;
  });
}
