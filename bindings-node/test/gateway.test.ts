import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Controller, Post, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { call, taskStarted } from './http';
import { startHost, type Host } from './kinds';
import { until } from './until';

@Controller('noop')
class Noop {
  @Post()
  noop(): object {
    return {};
  }
}

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest().headers['x-api-key'] === 'good') return true;
    throw new UnauthorizedException();
  }
}

interface Heard {
  socket: Socket;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into whatever came
  messages: Array<[event: string, payload: any]>;
  of(event: string): any[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
  items(): unknown[];
}

function connect(url: string, options: object = {}): Heard {
  const socket = io(url, {
    path: '/orchestration',
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  });
  const messages: Heard['messages'] = [];
  socket.onAny((event, payload) => messages.push([event, payload]));
  const of = (event: string) => messages.filter(([name]) => name === event).map(([, payload]) => payload);
  const items = () =>
    of('task.history').flatMap((batch) => batch.entries.map((entry: { work_item_id: string }) => entry.work_item_id));
  return { socket, messages, of, items };
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 150));

for (const framework of ['express', 'fastify'] as const) {
  describe(`live updates on ${framework}`, () => {
    let host: Host;
    const sockets: Heard[] = [];
    const open = (options = {}): Heard => {
      const heard = connect(host.url, options);
      sockets.push(heard);
      return heard;
    };
    before(async () => {
      host = await startHost(framework, { url: 'memory:', rateLimit: { events: false } }, { controllers: [Noop] });
    });
    after(async () => {
      for (const { socket } of sockets) socket.disconnect();
      await host.close();
    });
    const emit = (workItemId: string, workspaceId: string, projectNumber = 42) =>
      call(`${host.url}/api/events/project`, { body: taskStarted(workItemId, { workspaceId, projectNumber }) });

    it('a workspace hears its own records, calls included, and no others', async () => {
      const mine = open();
      const answer = await mine.socket.emitWithAck('subscribe', { workspaceId: 'ws_1' });
      assert.deepEqual(
        [answer.ok, answer.workspaceId, answer.room, answer.missed],
        [true, 'ws_1', 'workspace:ws_1', false],
      );
      assert.equal(mine.of('subscribed')[0].epoch, answer.epoch);
      await emit('1', 'ws_1');
      await emit('2', 'ws_other');
      await call(`${host.url}/noop`, { body: {}, headers: { 'x-workspace-id': 'ws_1' } });
      await until('two records', () => mine.items().length >= 2);
      assert.deepEqual(mine.items(), ['1', null]);
      const [first, second] = mine.of('task.history');
      assert.deepEqual([first.room, first.epoch, first.seq], ['workspace:ws_1', answer.epoch, answer.seq]);
      if (second) assert.equal(second.seq, first.seq + first.entries.length);
      assert.equal(mine.of('project.event').length, 0);
    });

    it('who asks for everything hears every workspace, and only who says so', async () => {
      const all = open();
      const answer = await all.socket.emitWithAck('subscribe', { all: true });
      assert.deepEqual([answer.ok, answer.all, answer.room], [true, true, 'all']);
      await emit('all-1', 'ws_all_1');
      await emit('all-2', 'ws_all_2');
      await until('both', () => all.items().length >= 2);
      assert.deepEqual(all.items(), ['all-1', 'all-2']);
      assert.equal((await all.socket.emitWithAck('unsubscribe', { all: true })).ok, true);
      for (const vague of [{ all: false }, { all: 'true' }, {}]) {
        assert.equal((await all.socket.emitWithAck('subscribe', vague)).error.parameter, 'workspaceId');
      }
      const one = await all.socket.emitWithAck('subscribe', { all: true, workspaceId: 'ws_all_1' });
      assert.equal(one.room, 'workspace:ws_all_1');
    });

    it('goes on behind { epoch, seq } without a hole', async () => {
      const first = open();
      await first.socket.emitWithAck('subscribe', { workspaceId: 'ws_2' });
      await emit('1', 'ws_2');
      await until('one', () => first.items().length === 1);
      const { epoch, seq } = first.of('task.history')[0];
      first.socket.disconnect();
      await emit('2', 'ws_2');
      await emit('3', 'ws_2');
      const again = open();
      const answer = await again.socket.emitWithAck('subscribe', { workspaceId: 'ws_2', after: { epoch, seq } });
      assert.equal(answer.missed, false);
      await emit('4', 'ws_2');
      await until('three', () => again.items().length >= 3);
      assert.deepEqual([...new Set(again.items())], ['2', '3', '4']);
      const other = await open().socket.emitWithAck('subscribe', {
        workspaceId: 'ws_2',
        after: { epoch: 'gone', seq: 1 },
      });
      assert.equal(other.missed, true);
      const ring = open();
      assert.equal((await ring.socket.emitWithAck('subscribe', { workspaceId: 'ws_2', after: 'ring' })).missed, false);
      await until('the ring', () => ring.items().length >= 4);
      const cursor = await open().socket.emitWithAck('subscribe', { workspaceId: 'ws_2', after: 'a-cursor-of-rest' });
      assert.equal(cursor.missed, true);
    });

    it('a project hears project.event as before, and a newcomer the last 50', async () => {
      for (let n = 0; n < 60; n++) await emit(`p${n}`, 'ws_3', 7);
      const late = open();
      const answer = await late.socket.emitWithAck('subscribeProjects', { projectNumbers: [7, 8] });
      assert.equal(answer.ok, true);
      await until('the last 50', () => late.of('project.event').length === 50);
      const [event] = late.of('project.event');
      assert.deepEqual(
        [event.type, event.data.projectNumber, event.data.workItemId, event.data.workItemTitle],
        ['task.started', 7, 'p10', 'Item p10'],
      );
      assert.deepEqual(late.of('subscribedProjects')[0].projectNumbers, [7, 8]);
      await emit('live', 'ws_3', 7);
      await until('a live one', () => late.of('project.event').length === 51);
      assert.equal(late.of('project.event')[50].data.workItemId, 'live');
      assert.ok(late.items().includes('live'));
    });

    it('stops when told to, and lets the room go with its last member', async () => {
      const one = open();
      await one.socket.emitWithAck('subscribe', { workspaceId: 'ws_4' });
      const two = open();
      await two.socket.emitWithAck('subscribe', { workspaceId: 'ws_4' });
      assert.equal((await one.socket.emitWithAck('unsubscribe', { workspaceId: 'ws_4' })).ok, true);
      await emit('1', 'ws_4');
      await until('two hears', () => two.items().length === 1);
      assert.equal(one.items().length, 0);
      two.socket.disconnect();
      await quiet();
      const three = open();
      await three.socket.emitWithAck('subscribe', { workspaceId: 'ws_4' });
      await emit('2', 'ws_4');
      await until('three hears', () => three.items().length === 1);
      await three.socket.emitWithAck('subscribeProjects', { projectNumbers: [77] });
      assert.equal((await three.socket.emitWithAck('unsubscribeProjects', { projectNumbers: [77] })).ok, true);
    });

    it('refuses what is wrong by name, and stays connected', async () => {
      const { socket, of } = open();
      const bad: Array<[event: string, payload: unknown, parameter: string]> = [
        ['subscribe', undefined, 'workspaceId'],
        ['subscribe', { workspaceId: 7 }, 'workspaceId'],
        ['subscribe', { workspaceId: '' }, 'workspaceId'],
        ['subscribe', { workspaceId: { $ne: 1 } }, 'workspaceId'],
        ['subscribe', { workspaceId: 'a\0b' }, 'workspaceId'],
        ['subscribe', { workspaceId: 'a', after: 5 }, 'after'],
        ['subscribe', { workspaceId: 'a', after: { epoch: 'x', seq: -1 } }, 'after'],
        ['unsubscribe', [], 'workspaceId'],
        ['subscribeProjects', { projectNumbers: 7 }, 'projectNumbers'],
        ['subscribeProjects', { projectNumbers: ['7'] }, 'projectNumbers'],
        ['subscribeProjects', { projectNumbers: [] }, 'projectNumbers'],
        ['subscribeProjects', { projectNumbers: Array(101).fill(1) }, 'projectNumbers'],
      ];
      for (const [event, payload, parameter] of bad) {
        const answer = await socket.emitWithAck(event, payload);
        assert.deepEqual(
          [answer.ok, answer.error.code, answer.error.parameter],
          [false, 'TT_QUERY_INVALID', parameter],
          JSON.stringify(answer),
        );
      }
      socket.emit('subscribe', { workspaceId: 7 });
      await until('an error without an ack', () => of('tasktrail.error').length === 1);
      assert.equal(socket.connected, true);
    });
  });
}

describe('who may listen', () => {
  const refused = (heard: Heard): Promise<{ message: string; data?: { code: string } }> =>
    new Promise((resolve, reject) => {
      heard.socket.on('connect_error', (fault) => resolve(fault as never));
      heard.socket.on('connect', () => reject(new Error('connected')));
    });

  it('is refused outside development, and told why', async () => {
    const host = await startHost('express', { url: 'memory:' }, { controllers: [Noop] });
    try {
      const fault = await refused(connect(host.url, { extraHeaders: { 'x-forwarded-for': '10.0.0.1' } }));
      assert.equal(fault.data?.code, 'TT_READ_FORBIDDEN');
      await refused(connect(host.url, { extraHeaders: { origin: 'https://evil.example' } }));
    } finally {
      await host.close();
    }
  });

  it('is decided by the guards, from headers or auth', async () => {
    const host = await startHost('express', { url: 'memory:', guards: [KeyGuard] }, { controllers: [Noop] });
    try {
      assert.equal((await refused(connect(host.url))).data?.code, 'TT_READ_FORBIDDEN');
      for (const options of [{ extraHeaders: { 'x-api-key': 'good' } }, { auth: { apiKey: 'good' } }]) {
        const { socket } = connect(host.url, options);
        assert.equal((await socket.emitWithAck('subscribe', { workspaceId: 'a' })).ok, true);
        socket.disconnect();
      }
    } finally {
      await host.close();
    }
  });

  it('is asked of the host for each room', async () => {
    const authorize = (_: unknown, scope: { workspaceId?: string }): boolean => scope.workspaceId === 'ws_mine';
    const host = await startHost('express', { url: 'memory:', authorize }, { controllers: [Noop] });
    try {
      const { socket } = connect(host.url);
      assert.equal((await socket.emitWithAck('subscribe', { workspaceId: 'ws_mine' })).ok, true);
      const answer = await socket.emitWithAck('subscribe', { workspaceId: 'ws_theirs' });
      assert.deepEqual([answer.ok, answer.error.code], [false, 'TT_READ_FORBIDDEN']);
      assert.equal((await socket.emitWithAck('subscribeProjects', { projectNumbers: [1] })).ok, false);
      assert.equal((await socket.emitWithAck('subscribe', { all: true })).error.code, 'TT_READ_FORBIDDEN');
      socket.disconnect();
    } finally {
      await host.close();
    }
  });

  it('may be served by the host’s own Socket.IO server', async () => {
    const server = new Server({ path: '/orchestration' });
    const host = await startHost('express', { url: 'memory:', gateway: { server } }, { controllers: [Noop] });
    server.attach(host.app.getHttpServer());
    try {
      const heard = connect(host.url);
      assert.equal((await heard.socket.emitWithAck('subscribe', { workspaceId: 'ws_own' })).ok, true);
      await call(`${host.url}/api/events/project`, { body: taskStarted('1', { workspaceId: 'ws_own' }) });
      await until('a record', () => heard.items().length === 1);
      heard.socket.disconnect();
    } finally {
      server.disconnectSockets(true);
      await host.close();
    }
  });
});
