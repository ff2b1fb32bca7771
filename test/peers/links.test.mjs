// Where linkify-it and twitter-text agree about a body, the extension agrees with them, or
// one of the reasons below says why not. Needs a server (PGHOST …) with the extension.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import assert from 'node:assert';
import { bodies } from './bodies.mjs';

const require = createRequire(import.meta.url);
const { LinkifyIt } = require('linkify-it');
const twitter = require('twitter-text');
const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true }).tlds(require('tlds'));

const COUNT = 5000;
const SEED = 4;

function psql(database, sql, input) {
  return execFileSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', sql],
    { input, encoding: 'utf8', maxBuffer: 1 << 28 });
}

// The tracked links of every body: [start, end) in UTF-16, as the packages count.
function ours(list) {
  psql('postgres', 'CREATE DATABASE smstrack_links');
  try {
    psql('smstrack_links', 'CREATE EXTENSION smstrack; CREATE TABLE body (id serial, body jsonb)');
    psql('smstrack_links', 'COPY body (body) FROM stdin',
      list.map((body) => JSON.stringify(body).replaceAll('\\', '\\\\')).join('\n') + '\n');
    const rows = psql('smstrack_links', `
      SELECT jsonb_build_array(id - 1, start - 1, length) FROM body, smstrack_links(body #>> '{}')
      WHERE trackable ORDER BY id, ordinal`);
    const found = list.map(() => []);
    for (const row of rows.trim().split('\n')) {
      const [id, start, length] = JSON.parse(row);
      const characters = Array.from(list[id]);
      const from = characters.slice(0, start).join('').length;
      found[id].push([from, from + characters.slice(start, start + length).join('').length]);
    }
    return found;
  } finally {
    psql('postgres', 'DROP DATABASE smstrack_links');
  }
}

const byLinkify = (body) => (linkify.match(body) ?? [])
  .filter((match) => /^(https?:)?$/i.test(match.schema)).map((match) => [match.index, match.lastIndex]);
const byTwitter = (body) => twitter.extractUrlsWithIndices(body).map((match) => match.indices);

const overlap = (a, b) => a[0] < b[1] && b[0] < a[1];
const same = (a, b) => a[0] === b[0] && a[1] === b[1];

// [reason, does it apply?]; a reason that never applies fails.
const REASONS = [
  ['R2: an emoji behind a host of emoji', ({ url, after }) => /^[^/]*\p{Extended_Pictographic}/u.test(url) &&
    /^\p{Extended_Pictographic}/u.test(after)],
  ['R4: a port without a scheme, where the host is not ASCII or touches what is not',
    ({ url, before, after }) => /^[^/:]+:\d+/.test(url) &&
      (/[^\0-\x7f]/.test(url.split(':')[0]) || /[^\0-\x7f]$/.test(before) || /^[^\0-\x7f]/.test(after))],
  ['R5 a: two sentences without a space', ({ url }) => /^\p{L}+\.\p{Lu}\p{Ll}+$/u.test(url)],
  ['R5 b: the name of a file', ({ url }) => /^[\w-]+\.(cc|md|mov|pl|ps|py|rs|sh|zip)$/.test(url)],
  ['R5 c: an abbreviation', ({ url }) => /^(co\.kg|m\.sc|b\.sc|dr\.med)$/i.test(url)],
  ['R7: a place-holder', ({ before, after }) => /\{$/.test(before) && /^\}/.test(after)],
];

const seen = new Map();

// Names the reason for a difference; undefined if there is none.
function reason(body, [start, end]) {
  const parts = { url: body.slice(start, end), before: body.slice(0, start), after: body.slice(end) };
  const known = REASONS.find(([, applies]) => applies(parts));
  if (known) seen.set(known[0], (seen.get(known[0]) ?? 0) + 1);
  return known?.[0];
}

const list = bodies(COUNT, SEED);
const found = ours(list);
const unexplained = { missed: [], invented: [] };
let agreed = 0;

list.forEach((body, id) => {
  const one = byLinkify(body);
  const two = byTwitter(body);
  for (const span of one.filter((a) => two.some((b) => same(a, b)))) {
    agreed++;
    if (!found[id].some((a) => same(a, span)) && !reason(body, span)) {
      unexplained.missed.push({ body, theirs: body.slice(...span), ours: found[id].map((a) => body.slice(...a)) });
    }
  }
  for (const span of found[id]) {
    if (![...one, ...two].some((a) => overlap(a, span)) && !reason(body, span)) {
      unexplained.invented.push({ body, ours: body.slice(...span) });
    }
  }
});

test(`what both find, ${agreed} links of ${COUNT} bodies, is found`, (t) => {
  assert.ok(agreed > COUNT / 2);
  assert.deepStrictEqual(unexplained.missed.slice(0, 20), []);
});

test('what is found, one of them finds', () => {
  assert.deepStrictEqual(unexplained.invented.slice(0, 20), []);
});

for (const [name] of REASONS) {
  test(`reason: ${name} (${seen.get(name) ?? 0} links)`, () => assert.ok(seen.get(name) > 0));
}
