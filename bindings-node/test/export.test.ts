// An export of more than memory should hold: its host is a process of its own, whose memory is looked at.
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Trail } from '@tasktrail/node';
import type { Report } from './export-host';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-export-'));
const store = `sqlite:${join(folder, 'audit.db')}`;

/** As JSON about 850 bytes each: 85 MB that nobody may hold at once. */
const RECORDS = 100_000;
const BATCH = 5_000;
/** The part of them that is exported as CSV. */
const PART = 'ws_part';
const IN_PART = 10_000;
/** How much more memory an export may take: pages, buffers and what the collector has not come to yet. */
const GROWTH = 48 * 1_024 * 1_024;

class ExportHost {
  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
  ) {}

  static async start(framework: string): Promise<ExportHost> {
    const child = fork(join(__dirname, 'export-host.js'), [framework, store]);
    const [port] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => assert.fail('the host did not start')),
    ]);
    return new ExportHost(child, port as number);
  }

  async report(): Promise<Report> {
    this.process.send('report');
    return (await once(this.process, 'message'))[0] as Report;
  }

  /** Asks for an export; nothing of its body is read yet. */
  export(query = ''): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const path = `/api/audit-history/export?${query}`;
      http.get({ host: '127.0.0.1', port: this.port, path, agent: false }, resolve).on('error', reject);
    });
  }

  async end(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.disconnect();
    await ended;
  }
}

/** How many lines a response has. */
async function lines(response: http.IncomingMessage): Promise<number> {
  let count = 0;
  for await (const chunk of response) {
    for (let at = (chunk as Buffer).indexOf(10); at >= 0; at = (chunk as Buffer).indexOf(10, at + 1)) count++;
  }
  return count;
}

before(async () => {
  const trail = await Trail.open(store);
  for (let n = 0; n < RECORDS; n++) {
    const workspaceId = n < IN_PART ? PART : 'ws_rest';
    trail.record({ method: 'POST', path: `/api/tasks/${n}`, status: 201, workspaceId });
    if (n % BATCH === BATCH - 1) await trail.flush(30_000);
  }
  const { stored } = await trail.close();
  assert.equal(stored, RECORDS + 2, 'with its own start and stop');
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const framework of ['express', 'fastify'] as const) {
  describe(`an export on ${framework}`, () => {
    let host: ExportHost;
    before(async () => {
      host = await ExportHost.start(framework);
    });
    after(() => host.end());

    it('reads as fast as the client takes it, in memory that does not grow with it', async () => {
      await lines(await host.export(`workspaceId=${PART}`));
      const { peak } = await host.report();
      const response = await host.export();
      // Nobody reads: it comes to a stand when the buffers on the way are full.
      let records = -1;
      let report = await host.report();
      while (report.records > records) {
        records = report.records;
        await new Promise((resolve) => setTimeout(resolve, 250));
        report = await host.report();
      }
      assert.ok(records > 0 && records < RECORDS / 3, `${records} records were read for a client that took none`);
      const count = await lines(response);
      assert.ok(count > RECORDS, `${count} lines`);
      assert.equal(response.trailers['x-audit-records'], String(count));
      const grown = (await host.report()).peak - peak;
      assert.ok(grown < GROWTH, `grew by ${Math.round(grown / 1_024 / 1_024)} MB`);
    });

    it('is a line for each record as CSV too, behind the names of its columns', async () => {
      const response = await host.export(`workspaceId=${PART}&format=csv`);
      assert.equal(await lines(response), IN_PART + 1);
      assert.equal(response.trailers['x-audit-records'], String(IN_PART));
    });

    it('is not read any further for a client that has left', async () => {
      const response = await host.export();
      response.on('error', () => undefined).destroy();
      let report = await host.report();
      while (!report.stopped && report.records < RECORDS) report = await host.report();
      assert.ok(report.stopped && report.records < RECORDS, JSON.stringify(report));
    });
  });
}
