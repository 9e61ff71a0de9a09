// Project files: what is to be done, in phases of items.
import { readFileSync } from 'node:fs';
import { randomFrom, shuffled } from './random.mjs';

/**
 * Reads a project file: `{ number, name, phases: [{ name, items: [{ id, title, seconds, fails?, killed? }] }] }`. An item with `fails` does so
 * at its first attempt; `killed` says after which part of that attempt, 0 to 1, its agent is killed.
 */
export function readProject(file) {
  return checkProject(JSON.parse(readFileSync(file, 'utf8')));
}

/** Fails with a sentence when a project cannot be worked on. */
export function checkProject(project) {
  if (!Number.isSafeInteger(project?.number) || project.number < 0) throw new Error('the project needs a number');
  if (!Array.isArray(project.phases) || project.phases.length === 0) throw new Error('the project has no phases');
  const items = project.phases.flatMap((phase) => phase.items ?? []);
  for (const phase of project.phases) if (!phase.items?.length) throw new Error(`the phase ${phase.name} has no items`);
  for (const { id } of items) {
    if (!/^[\w.-]+$/.test(id ?? '')) throw new Error(`${id} is no id for an item: letters, digits, dots and dashes`);
  }
  if (new Set(items.map(({ id }) => id)).size !== items.length) throw new Error('two items have the same id');
  return project;
}

/** A project of so many phases and items; a share of them fail at first, and the agent of one is killed. */
export function inventProject({
  seed,
  phases = 4,
  items = 50,
  failures = 0.1,
  kills = 1,
  seconds = [3, 8],
  number = 42,
}) {
  const random = randomFrom(seed);
  const [least, most] = seconds;
  const all = Array.from({ length: items }, (_, n) => ({
    n,
    phase: Math.floor((n * phases) / items),
    seconds: least + random() * (most - least),
  }));
  const chosen = shuffled(all, random);
  for (const item of chosen.slice(0, Math.round(items * failures))) item.fails = true;
  // An agent that is killed leaves others to take over: not in the last phase.
  for (const item of chosen.filter(({ fails, phase }) => !fails && phase < phases - 1 && phase > 0).slice(0, kills))
    item.killed = 0.05 + 0.9 * random();
  return checkProject({
    number,
    name: `Invented with seed ${seed}`,
    phases: Array.from({ length: phases }, (_, at) => ({
      name: `Phase ${at + 1}`,
      items: all
        .filter(({ phase }) => phase === at)
        .map(({ n, seconds, fails, killed }) => ({
          id: `${at + 1}.${n + 1}`,
          title: `Module ${n + 1} with its test`,
          seconds,
          ...(fails && { fails }),
          ...(killed && { killed }),
        })),
    })),
  });
}
