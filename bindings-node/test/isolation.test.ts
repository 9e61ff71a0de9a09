// Nobody ever receives a record of another workspace, whatever clients ask for and however they come.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuditRecord } from '@tasktrail/node';
import { io, type Socket } from 'socket.io-client';
import { call, taskStarted } from './http';
import { startHost, type Host } from './kinds';
import { until } from './until';

const WORKSPACES = Array.from({ length: 8 }, (_, at) => `ws_${at}`);
const CLIENTS_EACH = 3;
const STEPS = 400;

/** A generator of numbers that a seed repeats (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface Client {
  workspace: string;
  key: string;
  socket: Socket;
  heard: AuditRecord[];
  refused: number;
}

const isOf = (record: AuditRecord, workspace: string): boolean =>
  record.workspace_id === workspace || record.origin_workspace_id === workspace;

for (const framework of ['express', 'fastify'] as const) {
  describe(`workspaces among each other on ${framework}`, () => {
    let host: Host;
    const clients: Client[] = [];

    before(async () => {
      host = await startHost(
        framework,
        {
          url: 'memory:',
          rateLimit: { reads: false, events: false },
          authorize: ({ apiKey }, { workspaceId }) => workspaceId !== undefined && apiKey === `key-${workspaceId}`,
        },
        { controllers: [] },
      );
      for (const workspace of WORKSPACES) {
        for (let n = 0; n < CLIENTS_EACH; n++) {
          const key = `key-${workspace}`;
          const socket = io(host.url, {
            path: '/orchestration',
            transports: ['websocket'],
            forceNew: true,
            extraHeaders: { 'x-api-key': key },
          });
          const client: Client = { workspace, key, socket, heard: [], refused: 0 };
          socket.on('task.history', ({ entries }) => client.heard.push(...entries));
          clients.push(client);
        }
      }
    });

    after(async () => {
      for (const { socket } of clients) socket.disconnect();
      await host.close();
    });

    it('see their own and nothing else', async (test) => {
      const seed = Date.now() % 1_000_000;
      test.diagnostic(`seed ${seed}`);
      const below = generator(seed);
      const any = <T>(of: T[]): T => of[below(of.length)] as T;
      await Promise.all(
        clients.map(({ socket, workspace }) => socket.emitWithAck('subscribe', { workspaceId: workspace })),
      );
      const emitted = new Map(WORKSPACES.map((workspace) => [workspace, 0]));
      for (let step = 0; step < STEPS; step++) {
        const client = any(clients);
        switch (below(6)) {
          case 0: {
            const other = any(WORKSPACES);
            const answer = await client.socket.emitWithAck('subscribe', { workspaceId: other, after: 'ring' });
            assert.equal(answer.ok, other === client.workspace, JSON.stringify(answer));
            break;
          }
          case 1: {
            const answer = await client.socket.emitWithAck('subscribeProjects', { projectNumbers: [below(3)] });
            assert.equal(answer.ok, false, JSON.stringify(answer));
            break;
          }
          case 2: {
            const asked = any(['', `?workspaceId=${any(WORKSPACES)}`, `/workspace/${any(WORKSPACES)}`, '/project/1']);
            const headers = { 'x-api-key': client.key };
            const { status, body } = await call(`${host.url}/api/audit-history${asked}`, { headers });
            if (status === 200) for (const item of body.items) assert.ok(isOf(item, client.workspace), asked);
            else assert.equal(status, 403, asked);
            const other = any(WORKSPACES);
            const exported = await fetch(`${host.url}/api/audit-history/export?workspaceId=${other}`, { headers });
            await exported.text();
            assert.equal(exported.status, other === client.workspace ? 200 : 403);
            break;
          }
          default: {
            const workspaceId = any(WORKSPACES);
            const originWorkspaceId = below(4) === 0 ? any(WORKSPACES) : undefined;
            const data = { workspaceId, originWorkspaceId, projectNumber: below(3) };
            const { status } = await call(`${host.url}/api/events/project`, { body: taskStarted(`${step}`, data) });
            assert.equal(status, 202);
            for (const seer of new Set([workspaceId, originWorkspaceId ?? workspaceId]))
              emitted.set(seer, (emitted.get(seer) ?? 0) + 1);
          }
        }
      }
      const enough = (): boolean =>
        clients.every(
          ({ heard, workspace }) =>
            new Set(heard.map((record) => record.audit_id)).size >= (emitted.get(workspace) ?? 0),
        );
      await until('everybody has heard what is theirs', enough, 10_000);
      for (const { workspace, heard } of clients) {
        assert.deepEqual(
          heard.filter((record) => !isOf(record, workspace)),
          [],
        );
        assert.equal(new Set(heard.map((record) => record.audit_id)).size, emitted.get(workspace), workspace);
      }
    });
  });
}
