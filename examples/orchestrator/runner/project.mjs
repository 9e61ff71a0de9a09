// Project files: what is to be done, in phases of items.
import { readFileSync } from 'node:fs';
import { randomFrom, shuffled } from './random.mjs';

/**
 * Reads a plan: `{ name, agents?, phases: [{ name, items: [{ id, title, seconds, files?, fails?, killed? }] }] }`. An item with `fails` does
 * so at its first attempt, for that reason if it is a text; `killed` says after which part of that attempt, 0 to 1, its agent is killed.
 */
export function readProject(file, number) {
  return checkProject({ ...JSON.parse(readFileSync(file, 'utf8')), number });
}

/** Fails with a sentence when a project cannot be worked on. */
export function checkProject(project) {
  const { number, agents = [], phases } = project;
  if (!Number.isSafeInteger(number) || number < 0) throw new Error('the project needs a number');
  if (!Array.isArray(phases) || phases.length === 0) throw new Error('the project has no phases');
  for (const { name, items } of phases) if (!items?.length) throw new Error(`the phase ${name} has no items`);
  const items = phases.flatMap((phase) => phase.items);
  for (const id of [...agents, ...items.map((item) => item.id)]) {
    if (!/^\w[\w-]*(\.[\w-]+)*$/.test(id ?? '')) throw new Error(`${id} is no id: letters, digits, dots and dashes`);
  }
  for (const list of [agents, items.map((item) => item.id)]) {
    if (new Set(list).size !== list.length) throw new Error('two items or agents have the same id');
  }
  // A path stays in its worktree.
  const away = items
    .flatMap(({ files = [] }) => files)
    .find((path) => path.startsWith('/') || path.split('/').includes('..'));
  if (away !== undefined) throw new Error(`${away} is outside the worktree`);
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
