import assert from 'node:assert/strict';

/** A listener that keeps what it is told, and how often. */
export class Listener {
  /** How often each record came, by its id. */
  times = new Map();
  states = [];
  errors = [];
  readyTimes = 0;
  connectionNow;

  records = (records) => {
    for (const { audit_id: id } of records) this.times.set(id, (this.times.get(id) ?? 0) + 1);
    return this.taking?.();
  };

  ready = () => {
    this.readyTimes++;
  };

  connection = (connection) => {
    this.connectionNow = connection;
    if (this.states.at(-1) !== connection.state) this.states.push(connection.state);
    if (connection.error) this.errors.push(connection.error);
  };

  get state() {
    return this.connectionNow?.state;
  }

  /** Asserts that these records came, each once, and no others. */
  hasExactly(ids) {
    const twice = [...this.times].filter(([, times]) => times > 1);
    assert.deepEqual(twice, [], 'came more than once');
    assert.deepEqual(
      {
        missing: [...ids].filter((id) => !this.times.has(id)),
        foreign: [...this.times.keys()].filter((id) => !ids.has(id)),
      },
      { missing: [], foreign: [] },
    );
  }

  /** Whether it has these and no others. A record may be told before it is stored. */
  has(ids) {
    return this.times.size === ids.size && [...ids].every((id) => this.times.has(id));
  }
}

/** Waits for a condition. The time is only there so that a failure ends. */
export async function until(condition, what, ms = 60_000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  assert.fail(`in ${ms} ms: ${typeof what === 'function' ? what() : what}`);
}
