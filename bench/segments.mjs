// The part of bench/segments that runs in node: writes the bodies, and measures the packages.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../test/peers/package.json', import.meta.url));

const WORDS = ('your order has been shipped and will arrive on Monday between 9 and 12 Uhr grüße aus ' +
  'München für Äpfel è già tutto pronto señor año niño déjà réservé på grund av €19.90 only today ' +
  '20% off show code SPRING at checkout or call 0800 123456 reply STOP to end').split(' ');

// A body of exactly so many characters, all of them GSM-7.
function body(length, seed) {
  let state = seed;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += WORDS[(state >>> 8) % WORDS.length] + ' ';
  }
  return text.slice(0, length - 1) + '.';
}

// The best of five rounds, after one that warms the compiler up.
function measure(name, bodies, count) {
  let best = 0;
  for (let round = 0; round < 6; round++) {
    const began = process.cpuUsage();
    let segments = 0;
    for (const text of bodies) segments += count(text);
    const spent = process.cpuUsage(began);
    if (round > 0) best = Math.max(best, bodies.length / ((spent.user + spent.system) / 1e6));
    if (segments < bodies.length) throw new Error(`${name} counted ${segments} segments`);
  }
  console.log(`${name}:${Math.round(best)}`);
}

const [what, argument, count] = process.argv.slice(2);
if (what === 'write') {
  const make = argument === 'gsm7' ? (id) => body(140, id) : (id) => body(300, id).slice(0, 299) + 'ç';
  process.stdout.write(Array.from({ length: Number(count) }, (_, id) => make(id)).join('\n') + '\n');
} else {
  const bodies = fs.readFileSync(argument, 'utf8').trimEnd().split('\n');
  const { SegmentedMessage } = require('sms-segments-calculator');
  const splitSms = require('split-sms');
  measure('sms-segments-calculator', bodies.slice(0, 2000), (text) => new SegmentedMessage(text).segmentsCount);
  const some = bodies.slice(0, 50000);
  measure('split-sms', some, (text) => splitSms.split(text).parts.length);
  measure('split-sms, summary', some, (text) => splitSms.split(text, { summary: true }).parts.length);
}
