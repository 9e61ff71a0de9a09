// A client that does not read what it asked for.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { startHost, type Host } from './kinds';
import { until } from './until';

const RECORDS = 1_200;
/** About 16 KB, as much as a record keeps of it. */
const METADATA = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`field${at}`, 'word '.repeat(200)]));

describe('a client that does not read', () => {
  const web = http.createServer();
  const server = new Server(web, { path: '/orchestration', pingTimeout: 60_000 });
  let host: Host;
  const sockets: Socket[] = [];
  before(async () => {
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    host = await startHost('express', {
      url: 'memory:?capacity=10000',
      fallbackCapacity: 10_000,
      gateway: { server },
    });
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await host.close();
    await server.close();
  });

  /** A client, and what it has heard. */
  function connect() {
    const socket = io(`http://127.0.0.1:${(web.address() as AddressInfo).port}`, {
      path: '/orchestration',
      transports: ['websocket'],
      forceNew: true,
    });
    sockets.push(socket);
    const heard: string[] = [];
    const lagged: Array<{ room: string; missed: number }> = [];
    socket.on('task.history', ({ entries }: { entries: Array<{ audit_id: string }> }) => {
      heard.push(...entries.map(({ audit_id: id }) => id));
    });
    socket.on('lagged', (told) => lagged.push(told));
    return { socket, heard, lagged };
  }
  /** Bytes that wait on the server for its clients. */
  const waiting = () =>
    [...server.of('/').sockets.values()].map(({ conn }) =>
      (conn as unknown as { writeBuffer: Array<{ data?: string }> }).writeBuffer.reduce(
        (sum, { data }) => sum + (data?.length ?? 0),
        0,
      ),
    );

  it('leaves its room until it has caught up, is told how much it missed, and holds up nobody', async () => {
    const [slow, quick] = [connect(), connect()];
    for (const { socket } of [slow, quick]) {
      assert.equal((await socket.emitWithAck('subscribe', { workspaceId: 'ws' })).ok, true);
    }
    const wire = (slow.socket.io.engine.transport as unknown as { ws: { _socket: import('node:net').Socket } }).ws
      ._socket;
    wire.pause();
    let most = 0;
    for (let n = 0; n < RECORDS; n++) {
      host.trail.record({ method: 'POST', path: `/things/${n}`, workspaceId: 'ws', metadata: METADATA });
      if (n % 20 === 19) await host.trail.flush();
      most = Math.max(most, ...waiting());
    }
    await until('the quick one has everything', () => quick.heard.length === RECORDS, 20_000);
    assert.equal(quick.lagged.length, 0);
    assert.ok(most < 8_000_000, `${most} bytes waited`);
    wire.resume();
    await until('the slow one is told', () => slow.lagged.length > 0, 20_000);
    const missed = slow.lagged.reduce((sum, told) => sum + told.missed, 0);
    await until('the rest has come', () => slow.heard.length + missed >= RECORDS, 20_000);
    assert.equal(slow.heard.length + missed, RECORDS);
    host.trail.record({ method: 'POST', path: '/things/last', workspaceId: 'ws' });
    await until('it hears again', () => slow.heard.length + missed === RECORDS + 1, 20_000);
  });
});
