// Click, landing, order, conversion: in a real browser, and what the database reports of it.
// Without arguments all cases run; BREAK=token|cookie|dedup|script shows that they can fail.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Sites } from './site.mjs';

const DATABASE = 'smstrack_browser';
const PHONE = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36';
const broken = process.env.BREAK ?? '';
let count = 0;
let failures = 0;

function ok(good, name, detail) {
    count++;
    if (!good) failures++;
    console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name}`);
    if (!good && detail !== undefined) console.log(`# ${detail}`.replaceAll('\n', '\n# '));
}

function is(got, wanted, name) {
    ok(got === wanted, name, `got ${got}\nwanted ${wanted}`);
}

function psql(sql, database = DATABASE) {
    return execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', sql], { encoding: 'utf8' }).trim();
}

async function freePort() {
    const server = net.createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

async function startRedirector() {
    const [port, admin] = [await freePort(), await freePort()];
    const options = ['--listen', `127.0.0.1:${port}`, '--admin-listen', `127.0.0.1:${admin}`, '--trusted-proxies', '127.0.0.0/8',
        '--database', `dbname=${DATABASE} user=smstrack_browser_redirector`];
    if (broken === 'cookie') options.push('--cookie-name', 'other');
    const child = spawn('../../redirector/bin/smstrack-redirector', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (data) => { log += data; });
    for (let i = 0; i < 200; i++) {
        try {
            if ((await fetch(`http://127.0.0.1:${admin}/healthz`)).status === 200) return { port, child };
        } catch { /* not yet */ }
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the redirector does not start: ${log}`);
}

// Prepares a message to a recipient; gives its short link.
function link(host, target, recipient) {
    return psql(`SELECT smstrack_rewrite('${target}', '${recipient}', '${host}')`);
}

// What the reports say of a recipient's messages.
function reported(recipient) {
    return psql(`SELECT concat_ws(' ', sum(clicks), sum(conversions)) FROM smstrack.click_report WHERE recipient = '${recipient}'`);
}

function ledger(recipient) {
    return psql(`SELECT coalesce(string_agg(concat_ws(' ', c.goal, c.order_id, c.value, c.currency, c.source, c.matched), ', ' ORDER BY c.at), '')
        FROM smstrack.conversion AS c JOIN smstrack.message AS m USING (message_id) WHERE m.recipient = '${recipient}'`);
}

function sums() {
    return psql(`SELECT coalesce(string_agg(concat_ws(' ', goal, currency, conversions, converters, value), ', ' ORDER BY goal, currency), '')
        FROM (SELECT goal, currency, sum(conversions) AS conversions, sum(converters) AS converters, sum(value) AS value
              FROM smstrack.conversion_position_tally GROUP BY goal, currency) AS t`);
}

const launchOptions = (sites) => ({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--ignore-certificate-errors',
        `--host-resolver-rules=MAP *.test 127.0.0.1:${sites.port}, MAP * ~NOTFOUND`],
});

const contextOptions = { userAgent: PHONE, ignoreHTTPSErrors: true, isMobile: true, hasTouch: true, viewport: { width: 400, height: 800 } };

// A profile of its own, with preferences as a person would set them.
async function persistent(sites, preferences, use) {
    const directory = mkdtempSync(join(tmpdir(), 'smstrack-chromium-'));
    mkdirSync(join(directory, 'Default'));
    writeFileSync(join(directory, 'Default', 'Preferences'), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(directory, { ...launchOptions(sites), ...contextOptions });
    try {
        await use(context);
    } finally {
        await context.close();
        rmSync(directory, { recursive: true, force: true });
    }
}

async function fresh(browser, options, use) {
    const context = await browser.newContext({ ...contextOptions, ...options });
    try {
        await use(context);
    } finally {
        await context.close();
    }
}

// Follows the link as the recipient does; the page is then the shop's.
async function click(context, url) {
    const page = await context.newPage();
    await page.goto(url);
    return page;
}

function makePages(sites) {
    const code = (options) => {
        const made = psql(`SELECT smstrack_tracking_code(${options})`);
        return broken === 'script' ? made.replaceAll('/-/conversion', '/-/elsewhere') : made;
    };
    const keep = code(`'go.short.test', on_load => false`);
    sites.pages.set('/', { html: `${keep}<a id="order" href="/order">order</a>` });
    sites.pages.set('/plain', { html: '<p>no script here</p>' });
    sites.pages.set('/order', { html: `${keep}<p>thank you</p>` });
    sites.pages.set('/welcome', { html: code(`'go.short.test', 'registration'`) });
    sites.pages.set('/own', { html: code(`'go.shop.test', 'registration'`) });
    sites.pages.set('/policy', {
        html: `<script nonce="bm9uY2U=">window.smstrack=function(){(smstrack.q=smstrack.q||[]).push(arguments)};`
            + `smstrack('convert',{goal:'early',order_id:'E-1'})</script>` + code(`'go.short.test', on_load => false, nonce => 'bm9uY2U='`),
        headers: { 'Content-Security-Policy': `default-src 'none'; script-src 'nonce-bm9uY2U='; connect-src https://go.short.test` } });
    sites.pages.set('/control', { html: `${code(`'go.short.test', 'registration'`)}` });
    sites.pages.set('/refused', { html: `<script>window.smstrack_disabled=true</script>${code(`'go.short.test', 'registration'`)}` });
}

const cases = {
    'a: click, landing, order': async ({ browser, sites }) => {
        const url = link('go.short.test', 'https://www.shop.test/?a=%20b&c=d#top', 'ann');
        await fresh(browser, {}, async (context) => {
            const page = await click(context, url);
            is(page.url(), 'https://www.shop.test/?a=%20b&c=d#top', 'the token has left the address, all else stays');
            const [cookie] = await context.cookies('https://www.shop.test/');
            ok(cookie?.name === 'smstrack_token' && /^[\w-]{40}$/.test(cookie.value) && cookie.secure && cookie.sameSite === 'Lax',
                'and is a first-party cookie', JSON.stringify(cookie));
            ok(Math.abs((cookie?.expires ?? 0) - Date.now() / 1000 - 30 * 86400) < 600, 'that lasts for the attribution window');
            await page.click('#order');
            await page.waitForURL('**/order');
            await page.evaluate(() => smstrack('convert', { goal: 'order', order_id: 'A-1', value: '129.90', currency: 'EUR' }));
            await sites.reports(1);
        });
        is(ledger('ann'), 'order A-1 129.90 EUR client token', 'the order is in the ledger with its value');
        is(reported('ann'), '1 1', 'and in the click report');
        is(sums(), 'order EUR 1 1 129.90', 'and in the sums');
    },
    'b: third-party cookies blocked': async ({ sites }) => {
        const probe = async (context) => {
            const page = await click(context, 'https://www.shop.test/order');
            const ask = () => page.evaluate(() => fetch('https://go.short.test/-/probe', { credentials: 'include' }).then((a) => a.text()));
            await ask();
            return ask();
        };
        await persistent(sites, { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }, async (context) => {
            is(await probe(context), 'probe=1', 'a browser that may sends cookies of another site');
        });
        await persistent(sites, { profile: { cookie_controls_mode: 1, block_third_party_cookies: true } }, async (context) => {
            is(await probe(context), '', 'this one does not');
            const page = await click(context, link('go.short.test', 'https://www.shop.test/', 'bob'));
            await page.click('#order');
            await page.waitForURL('**/order');
            await page.evaluate(() => smstrack('convert', { goal: 'order', order_id: 'B-1', value: 20, currency: 'EUR' }));
            await sites.reports(1);
        });
        is(ledger('bob'), 'order B-1 20 EUR client token', 'the order is recorded all the same');
        is(reported('bob'), '1 1', 'and reported');
    },
    'c: own subdomain, scripts off, cookie only': async ({ browser, sites }) => {
        const url = link('go.shop.test', 'https://www.shop.test/plain', 'cyd');
        await fresh(browser, { javaScriptEnabled: false }, async (context) => {
            await click(context, url);
            const cookie = (await context.cookies()).find((c) => c.name === 'smstrack');
            ok(cookie?.httpOnly && cookie.domain === '.shop.test', 'the click has set its cookie', JSON.stringify(cookie));
            await click(context, 'https://www.shop.test/own');
            await sites.reports(1);
            ok(sites.answered.some((a) => a.method === 'GET' && a.url === '/-/conversion?goal=registration&gpc=1'), 'the pixel was fetched');
        });
        is(ledger('cyd'), 'registration client cookie', 'the registration is recorded by the cookie');
        is(reported('cyd'), '1 1', 'and reported');
    },
    'd: no cookies at all, token in the address': async ({ sites }) => {
        await persistent(sites, { profile: { default_content_setting_values: { cookies: 2 } } }, async (context) => {
            const page = await click(context, link('go.shop.test', 'https://www.shop.test/welcome', 'dan'));
            await sites.reports(1);
            is(await page.evaluate(() => { document.cookie = 'x=1'; return document.cookie; }), '', 'this browser keeps no cookie');
            is(page.url(), 'https://www.shop.test/welcome', 'the token has left the address');
        });
        is(ledger('dan'), 'registration client token', 'the registration is recorded by the token');
        is(reported('dan'), '1 1', 'and reported');
    },
    'e: the page is reloaded': async ({ browser, sites }) => {
        await fresh(browser, {}, async (context) => {
            const page = await click(context, link('go.short.test', 'https://www.shop.test/welcome', 'eve'));
            await sites.reports(1);
            await page.reload();
            await sites.reports(2);
            for (let i = 0; i < 2; i++) {
                await page.evaluate(() => smstrack('convert', { goal: 'order', order_id: 'E-2', value: 5, currency: 'USD' }));
                await sites.reports(3 + i);
            }
        });
        is(ledger('eve'), 'registration client token, order E-2 5 USD client token', 'registration and order are counted once');
        is(reported('eve'), '1 2', 'and reported once');
    },
    'f: two recipients, two browsers': async ({ browser, sites }) => {
        const urls = ['fay', 'gus'].map((name) => link('go.short.test', 'https://www.shop.test/', name));
        const pages = [];
        const contexts = [];
        for (const url of urls) {
            contexts.push(await browser.newContext(contextOptions));
            pages.push(await click(contexts.at(-1), url));
        }
        for (const [i, page] of pages.reverse().entries()) {
            await page.evaluate((n) => smstrack('convert', { goal: 'order', order_id: `F-${n}`, value: n + 1, currency: 'EUR' }), i);
            await sites.reports(i + 1);
        }
        for (const context of contexts) await context.close();
        is(ledger('gus'), 'order F-0 1 EUR client token', 'the second has his order');
        is(ledger('fay'), 'order F-1 2 EUR client token', 'and the first has hers');
    },
    'g: no click, no conversion': async ({ browser, sites }) => {
        const before = psql('SELECT count(*) FROM smstrack.conversion');
        await fresh(browser, {}, async (context) => {
            if (broken === 'click') await click(context, link('go.short.test', 'https://www.shop.test/', 'hal'));
            await click(context, 'https://www.shop.test/welcome');
            await sites.reports(1);
        });
        is(psql('SELECT count(*) FROM smstrack.conversion'), before, 'a report without a click counts nothing');
        is(sites.answered.filter((a) => a.url.startsWith('/-/conversion'))[0].status, 204, 'and is answered as any other');
    },
    'h: content security policy, and a call before the script': async ({ browser, sites }) => {
        await fresh(browser, {}, async (context) => {
            await click(context, link('go.short.test', 'https://www.shop.test/policy', 'ida'));
            await sites.reports(1);
        });
        is(ledger('ida'), 'early E-1 client token', 'the call is made up for, under a nonce');
    },
    'i: without beacons, without fetch': async ({ browser, sites }) => {
        const ways = [['POST', () => { delete Navigator.prototype.sendBeacon; }],
            ['POST', () => { Navigator.prototype.sendBeacon = () => false; }],
            ['GET', () => { delete Navigator.prototype.sendBeacon; delete window.fetch; }],
            ['GET', () => { Navigator.prototype.sendBeacon = () => false; window.fetch = () => Promise.reject(new TypeError()); }]];
        for (const [i, [method, spoil]] of ways.entries()) {
            sites.mark();
            await fresh(browser, {}, async (context) => {
                await context.addInitScript(spoil);
                const page = await click(context, link('go.short.test', 'https://www.shop.test/', `lea ${i}`));
                await page.evaluate((n) => smstrack('convert', { goal: 'order', order_id: `I ${n}`, value: 1, currency: 'EUR' }), i);
                await sites.reports(1);
            });
            is(sites.answered.find((a) => a.url.startsWith('/-/conversion')).method, method, `way ${i + 1} is by ${method}`);
            is(ledger(`lea ${i}`), `order I ${i} 1 EUR client token`, 'and recorded');
        }
    },
    'j: who does not want it': async ({ browser, sites }) => {
        const control = async (context) => context.addInitScript(() => {
            Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });
        });
        for (const [name, path, prepare] of [['joe', '/control', control], ['kim', '/refused', async () => {}]]) {
            await fresh(browser, {}, async (context) => {
                await prepare(context);
                const page = await click(context, link('go.short.test', `https://www.shop.test${path}`, name));
                is(await page.evaluate(() => smstrack('convert', { goal: 'order', order_id: 'J-1' })), false, `${path}: nothing is sent`);
                is(await page.evaluate(() => document.cookie), '', 'and nothing kept');
            });
            is(ledger(name), '', 'and nothing recorded');
        }
        is(sites.answered.filter((a) => a.url.startsWith('/-/conversion')).length, 0, 'no request was made');
    },
};

psql(`DROP DATABASE IF EXISTS ${DATABASE}`, 'postgres');
psql(`CREATE DATABASE ${DATABASE}`, 'postgres');
psql(`CREATE EXTENSION smstrack;
    SELECT smstrack_domain('go.short.test'), smstrack_domain('go.shop.test', cookie_domain => 'shop.test');
    DROP ROLE IF EXISTS smstrack_browser_redirector;
    CREATE ROLE smstrack_browser_redirector LOGIN;
    SELECT smstrack_grant('smstrack_browser_redirector', 'redirector');`);
if (broken === 'token') psql(`UPDATE smstrack.link_domain SET token_parameter = ''`);
if (broken === 'dedup') psql(`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.order_id := NEW.order_id || NEW.conversion_id; NEW.once_key := NULL; RETURN NEW; END';
    CREATE TRIGGER spoil BEFORE INSERT ON smstrack.conversion FOR EACH ROW EXECUTE FUNCTION spoil()`);
const redirector = await startRedirector();
const sites = new Sites(redirector.port);
await sites.start();
makePages(sites);
const browser = await chromium.launch(launchOptions(sites));
for (const [name, run] of Object.entries(cases)) {
    sites.mark();
    try {
        await run({ browser, sites });
    } catch (error) {
        ok(false, name, String(error.stack ?? error).slice(0, 600));
    }
}
is(psql('SELECT count(*) FROM smstrack.conversion_tally_difference'), '0', 'the sums are those of the ledger');
await browser.close();
sites.stop();
redirector.child.kill('SIGTERM');
console.log(`1..${count}`);
process.exitCode = failures > 0 ? 1 : 0;
