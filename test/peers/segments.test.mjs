// Compares segments, encodings and units with two packages that count right, on seeded
// random bodies, and smart encoding with one's map. Where they do otherwise, one of the
// reasons below must say why. Needs a server (PGHOST …) with the extension.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import assert from 'node:assert';

const require = createRequire(import.meta.url);
const { SegmentedMessage } = require('sms-segments-calculator');
const { default: smartMap } = require('sms-segments-calculator/dist/libs/SmartEncodingMap.js');
const GraphemeSplitter = require('grapheme-splitter');
const splitSms = require('split-sms');

const COUNT = 24000;
const SEED = 20260323;

// Mulberry32: a seed gives the same numbers everywhere.
function random(seed) {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
}

const PLAIN = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ 0123456789.,!?@$_'];
const ACCENTED = [...'£¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüàΔΦΓΛΩΠΨΣΘΞ¡¤\n\r'];
const EXTENDED = [...'^{}\\[~]|€\f'];
const FOREIGN = [...'çáíóúşğ`“”‘’–…ωΑ漢字かなжд°\u00a0\u200b\t', '\u001b', '\u00ad', '\ufeff'];
const PAIRS = ['😀', '🎉', '🚀', '𝐁', '𠮷', '🐈'];
const CLUSTERS = ['👨‍👩‍👧', '👩‍❤️‍👩', '🇩🇪', '🇫🇷', '👍🏽', '❤️', '1️⃣', 'é', 'n\u0303', '한', '각',
  '🏳️‍🌈', '👩‍🚀', 'தி', '\r\n', '🧑‍🚀', '🫶🏽', '🥹'];

// Mixes that a border meets in every state: an escape, a pair, a cluster, or none.
const MIXES = [
  [PLAIN], [PLAIN, PLAIN, ACCENTED], [PLAIN, EXTENDED], [EXTENDED],
  [PLAIN, PLAIN, PLAIN, FOREIGN], [PLAIN, PAIRS], [PAIRS], [FOREIGN, EXTENDED],
  [PLAIN, CLUSTERS], [CLUSTERS], [FOREIGN, ['\r\n']], [PLAIN, ACCENTED, EXTENDED, FOREIGN, PAIRS, CLUSTERS],
];
// Lengths about the limits, and any.
const LENGTHS = [0, 1, 33, 66, 67, 68, 69, 70, 71, 132, 133, 134, 135, 151, 152, 153, 154, 159, 160,
  161, 200, 201, 202, 304, 305, 306, 307, 458, 459, 460];

function makeBodies(count, seed) {
  const next = random(seed);
  const pick = (list) => list[next(list.length)];
  return Array.from({ length: count }, () => {
    const mix = pick(MIXES);
    const length = next(2) ? pick(LENGTHS) : next(480);
    let body = '';
    for (let units = 0; units < length;) {
      const text = pick(pick(mix));
      units += text.length;
      body += text;
    }
    return body;
  });
}

function psql(database, sql, input) {
  return execFileSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', sql],
    { input, encoding: 'utf8', maxBuffer: 1 << 28 });
}

// What the extension says of every body: one value of SQL each.
function ours(bodies, value) {
  psql('postgres', 'CREATE DATABASE smstrack_segments');
  try {
    psql('smstrack_segments', 'CREATE EXTENSION smstrack; CREATE TABLE body (id serial, body jsonb)');
    psql('smstrack_segments', 'COPY body (body) FROM stdin',
      bodies.map((body) => JSON.stringify(body).replaceAll('\\', '\\\\')).join('\n') + '\n');
    const rows = psql('smstrack_segments', `
      SELECT ${value} FROM body, LATERAL (SELECT body #>> '{}') AS t (text), smstrack_segment_info(text) AS i
      ORDER BY id`);
    return rows.trimEnd().split('\n').map((row) => JSON.parse(row));
  } finally {
    psql('postgres', 'DROP DATABASE smstrack_segments');
  }
}

const bodies = makeBodies(COUNT, SEED);
const found = ours(bodies, `jsonb_build_object('encoding', smstrack_encoding(text), 'segments', smstrack_segments(text),
  'units', i.units, 'left', i.units_left, 'clusters', coalesce(i.cluster_segments, i.segments))`);

test('split-sms', (t) => {
  const differences = [];
  for (const [id, body] of bodies.entries()) {
    const theirs = splitSms.split(body);
    const gsm = theirs.characterSet === 'GSM';
    const { encoding, segments, units, left } = found[id];
    const want = [gsm ? 'GSM-7' : 'UCS-2', theirs.parts.length, gsm ? theirs.bytes : theirs.bytes / 2,
      theirs.remainingInPart];
    if (JSON.stringify([encoding, segments, units, left]) !== JSON.stringify(want)) {
      differences.push(`${JSON.stringify(body)}: ${encoding} ${segments} ${units} ${left}, split-sms ${want.join(' ')}`);
    }
  }
  t.diagnostic(`${bodies.length} bodies, ${differences.length} differences`);
  assert.deepStrictEqual(differences.slice(0, 5), []);
});

const modern = new Intl.Segmenter('en', { granularity: 'grapheme' });
const modernClusters = (body) => Array.from(modern.segment(body), (cluster) => cluster.segment);
const oldClusters = (body) => new GraphemeSplitter().splitGraphemes(body);

// Why sms-segments-calculator, which always keeps clusters whole, may count otherwise.
const REASONS = [
  ['its clusters are those of Unicode 10', (body) => oldClusters(body).join('\0') !== modernClusters(body).join('\0')],
  ['it parts CR and LF', (body) => body.includes('\r\n')],
];

test('sms-segments-calculator', (t) => {
  const differences = [];
  const explained = REASONS.map(() => 0);
  let whole = 0;
  for (const [id, body] of bodies.entries()) {
    const theirs = new SegmentedMessage(body);
    const { encoding, units, segments, clusters } = found[id];
    const gsm = encoding === 'GSM-7';
    // in GSM-7 no two characters are a cluster, but for CR LF, which it parts
    const mine = gsm ? segments : clusters;
    whole += mine !== segments;
    assert.strictEqual(encoding, theirs.encodingName);
    assert.strictEqual(units, theirs.messageSize / (gsm ? 7 : 16));
    if (mine === theirs.segmentsCount) continue;
    const reason = gsm ? -1 : REASONS.findIndex(([, applies]) => applies(body));
    if (reason >= 0) explained[reason]++;
    else differences.push(`${JSON.stringify(body)}: ${mine}, sms-segments-calculator ${theirs.segmentsCount}`);
  }
  t.diagnostic(`${bodies.length} bodies, ${differences.length} differences; whole clusters cost a segment in ${whole}`);
  REASONS.forEach(([name], i) => t.diagnostic(`${explained[i]} bodies: ${name}`));
  assert.deepStrictEqual(differences.slice(0, 5), []);
  // a reason that explains much hides a mistake, one that explains nothing is out of date
  for (const [i, [name]] of REASONS.entries()) {
    assert.ok(explained[i] > 0 && explained[i] < COUNT / 100, `${name}: ${explained[i]}`);
  }
});

// Why a character of its map is replaced otherwise, or not at all.
const SMART_REASONS = [
  ['a combining mark is no character of its own', (character) => /\p{M}/u.test(character)],
  ['one space for a space', (character) => /[\p{Zs}\t]/u.test(character)],
  ['a line that ends, ends', (character) => /[\u2028\u2029]/.test(character)],
  ['a low quotation mark is no comma', (character) => character === '\u201a'],
  ['commas for vertical lines are no apostrophes', (character) => /[\ufe10\ufe11]/.test(character)],
  ['what a control character of ISO 6429 meant is unknown', (character) => /[\u0080-\u009f]/.test(character)],
];

test('smart encoding of sms-segments-calculator', (t) => {
  const characters = Object.keys(smartMap).filter((character) => character !== '\0');
  const tail = '.'.repeat(71);
  const smart = ours(characters.map((character) => `x${character}${tail}`), 'to_jsonb(smstrack_smart(text))');
  const explained = SMART_REASONS.map(() => 0);
  for (const [id, character] of characters.entries()) {
    const got = smart[id].slice(1, -tail.length);
    if (got === smartMap[character]) continue;
    const reason = SMART_REASONS.findIndex(([, applies]) => applies(character));
    const code = character.codePointAt(0).toString(16);
    assert.ok(reason >= 0, `U+${code}: ${JSON.stringify(got)}, not ${JSON.stringify(smartMap[character])}`);
    explained[reason]++;
  }
  t.diagnostic(`${characters.length} characters`);
  for (const [i, [name]] of SMART_REASONS.entries()) {
    t.diagnostic(`${explained[i]}: ${name}`);
    assert.ok(explained[i] > 0, name);
  }
});
