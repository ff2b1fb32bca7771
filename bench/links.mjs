// The part of bench/links that runs in node: writes the bodies, and measures the packages.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const here = new URL('../test/peers/', import.meta.url);
const require = createRequire(new URL('package.json', here));

// The best of five rounds, after one that warms the compiler up.
function measure(name, bodies, count) {
  let best = 0;
  for (let round = 0; round < 6; round++) {
    const began = process.cpuUsage();
    let links = 0;
    for (const body of bodies) links += count(body);
    const spent = process.cpuUsage(began);
    if (round > 0) best = Math.max(best, bodies.length / ((spent.user + spent.system) / 1e6));
    if (links < bodies.length * 0.99) throw new Error(`${name} found ${links} links`);
  }
  console.log(name, Math.round(best));
}

const [what, argument] = process.argv.slice(2);
if (what === 'write') {
  const { benchBodies } = await import(new URL('bodies.mjs', here));
  process.stdout.write(benchBodies(Number(argument), 7).join('\n') + '\n');
} else {
  const bodies = fs.readFileSync(argument, 'utf8').trimEnd().split('\n').slice(0, 50000);
  const { LinkifyIt } = require('linkify-it');
  const linkify = new LinkifyIt({ fuzzyLink: true }).tlds(require('tlds'));
  const twitter = require('twitter-text');
  measure('linkify-it', bodies, (body) => (linkify.match(body) ?? []).length);
  measure('twitter-text', bodies, (body) => twitter.extractUrlsWithIndices(body).length);
}
