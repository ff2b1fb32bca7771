// Compares the country of a number with what libphonenumber says of it (its metadata are
// taken from the national numbering plans), for seeded random numbers of every calling code
// that are valid there. Needs a server (PGHOST …) with the extension.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert';

const require = createRequire(import.meta.url);
const { getCountries, getCountryCallingCode, getExampleNumber, parsePhoneNumberFromString } =
  require('libphonenumber-js/max');
const examples = require('libphonenumber-js/examples.mobile.json');

const PER_COUNTRY = 400;
const PER_PREFIX = 60;
const SEED = 20260324;

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

// Why a difference is none.
const REASONS = [
  // ISO 3166-1 has one code for Saint Helena, Ascension and Tristan da Cunha
  (number, got, want) => got === 'SH' && (want === 'AC' || want === 'TA'),
  // Western Sahara's part of the Moroccan plan; the package takes the first plan that fits
  (number, got, want) => got === 'EH' && want === 'MA' && /^\+2125288|^\+2125289/.test(number),
  // Manx Telecom's, which the package's metadata list as British
  (number, got, want) => number.startsWith('+447924') && got === 'IM' && want === 'GB',
];

// Remembers a number that is valid, and some country's: what may be called from everywhere
// is none's.
function remember(found, number) {
  const parsed = parsePhoneNumberFromString(number);
  if (parsed?.isValid() && parsed.country && /MOBILE|FIXED|PERSONAL/.test(parsed.getType() ?? '')) {
    found.set(number, parsed.country);
  }
}

function extend(prefix, length, below) {
  let number = prefix;
  while (number.length < length) number += below(10);
  return number;
}

// Varies examples of every country behind their first digits, and every prefix of ours.
function numbers() {
  const below = random(SEED);
  const found = new Map();
  for (const country of getCountries()) {
    const code = getCountryCallingCode(country);
    const example = getExampleNumber(country, examples)?.number ?? `+${code}123456789`;
    for (let n = 0; n < PER_COUNTRY; n++) {
      remember(found, extend(example.slice(0, code.length + 1 + below(4)), example.length, below));
    }
  }
  const table = readFileSync(new URL('../../src/core/country.c', import.meta.url), 'utf8');
  for (const [, prefix] of table.matchAll(/\{"(\d+)", "\w*"\}/g)) {
    for (let n = 0; n < PER_PREFIX; n++) {
      remember(found, extend(`+${prefix}`, 8 + below(7), below));
    }
  }
  // area codes of the North American plan, all of them
  for (let area = 200; area < 1000; area++) remember(found, `+1${area}2345678`);
  return found;
}

function psql(database, sql, input) {
  return execFileSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', sql],
    { input, encoding: 'utf8', maxBuffer: 1 << 28 });
}

// What the extension says of every number, in order.
function ours(input) {
  psql('postgres', 'CREATE DATABASE smstrack_countries');
  try {
    psql('smstrack_countries', 'CREATE EXTENSION smstrack; CREATE TABLE number (id serial, number text)');
    psql('smstrack_countries', 'COPY number (number) FROM stdin', input.join('\n') + '\n');
    return psql('smstrack_countries', "SELECT coalesce(smstrack.country(number), '') FROM number ORDER BY id").split('\n');
  } finally {
    psql('postgres', 'DROP DATABASE smstrack_countries');
  }
}

test('the country of a number', () => {
  const wanted = numbers();
  const input = [...wanted.keys()];
  const got = ours(input);
  const differences = [];
  input.forEach((number, i) => {
    const want = wanted.get(number);
    if (got[i] !== want && !REASONS.some((reason) => reason(number, got[i], want))) {
      differences.push(`${number}: ${got[i] || 'none'} instead of ${want}`);
    }
  });
  assert.ok(input.length > 20000, `${input.length} numbers`);
  assert.deepEqual(differences, []);
});
