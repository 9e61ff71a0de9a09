// Requests that come through no socket, as the adapters of serverless hosts make them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHost } from './kinds';

interface Injects {
  inject(request: object): Promise<{ statusCode: number }>;
}

describe('a request that comes through no socket', () => {
  for (const [name, options] of Object.entries({ 'as it is': {}, held: { flushBeforeResponse: true } })) {
    it(`leaves one record, ${name}`, async () => {
      const host = await startHost('fastify', { url: 'memory:', gateway: false, ...options });
      try {
        const fastify: Injects = host.app.getHttpAdapter().getInstance();
        const { statusCode } = await fastify.inject({
          method: 'POST',
          url: '/things',
          payload: { title: 'a thing' },
          headers: { 'x-workspace-id': 'ws' },
        });
        assert.equal(statusCode, 201);
        await host.trail.flush();
        const { items } = await host.trail.query({ workspaceId: 'ws' });
        assert.deepEqual(
          items.map(({ response_status: status, outcome, request_summary: summary }) => [status, outcome, summary]),
          [[201, 'success', { title: 'a thing' }]],
        );
      } finally {
        await host.close();
      }
    });
  }
});
