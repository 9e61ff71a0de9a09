// The shared vectors, asked of one build of the core. README.md has their format.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { joined } from './answer.mjs';

const HERE = new URL('.', import.meta.url);

/** One test a file; `answers` takes its cases, and gives (or promises) for each what `answer` says. */
export function runVectors(build, answers) {
  const topics = readdirSync(HERE).filter((name) => name.endsWith('.json') && name !== 'exemplar.json');
  let held = 0;
  let ran = 0;
  for (const topic of topics) {
    const cases = JSON.parse(readFileSync(new URL(topic, HERE), 'utf8'));
    held += cases.length;
    test(`${build}: ${topic}`, async () => {
      for (const [at, said] of (await answers(cases)).entries()) {
        const { name, output, sha256, error } = cases[at];
        const expected = output === undefined ? (error ?? sha256) : joined(output);
        const found = said.error ?? (sha256 === undefined ? said.output : digest(said.output));
        assert.deepEqual(found, expected, `${topic}: ${name}`);
        ran++;
      }
    });
  }
  test(`${build}: every vector was asked`, (context) => {
    assert.ok(held > 0);
    assert.equal(ran, held);
    context.diagnostic(`${build}: ${ran} vectors`);
  });
}

function digest(text) {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
