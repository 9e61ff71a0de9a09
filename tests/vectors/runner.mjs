// The shared vectors, asked of one build of the core. README.md has their format.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const HERE = new URL('.', import.meta.url);

/**
 * One test a file. `calls` has a function for each name in `call`: texts in, the text of the answer out. What it throws is an error of
 * the core, whose JSON text `errorText` finds in it.
 */
export function runVectors(build, calls, errorText) {
  const topics = readdirSync(HERE).filter((name) => name.endsWith('.json'));
  let held = 0;
  let ran = 0;
  for (const topic of topics) {
    const cases = JSON.parse(readFileSync(new URL(topic, HERE), 'utf8'));
    held += cases.length;
    test(`${build}: ${topic}`, () => {
      for (const { name, call, args, ...expected } of cases) {
        assert.ok(call in calls, `${name}: no line for \`${call}\` in this runner's table`);
        assert.deepEqual(answer(calls[call], args, expected, errorText), normal(expected), `${topic}: ${name}`);
        ran++;
      }
    });
  }
  test(`${build}: every vector was asked`, (context) => {
    assert.ok(topics.length > 0);
    assert.equal(ran, held);
    context.diagnostic(`${build}: ${ran} vectors`);
  });
}

function answer(call, args, expected, errorText) {
  let output;
  try {
    output = call(...args.map(joined));
  } catch (thrown) {
    const { code, field, message } = JSON.parse(errorText(thrown));
    return { error: field === undefined ? { code, message } : { code, field, message } };
  }
  return 'sha256' in expected ? { sha256: createHash('sha256').update(output, 'utf8').digest('hex') } : { output };
}

function normal(expected) {
  return 'output' in expected ? { output: joined(expected.output) } : expected;
}

function joined(text) {
  if (typeof text === 'string') return text;
  return text.map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times))).join('');
}
