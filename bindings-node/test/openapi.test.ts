import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { startHost } from './kinds';

for (const framework of ['express', 'fastify'] as const) {
  it(`describes its routes in the host's OpenAPI document on ${framework}`, async () => {
    const host = await startHost(framework, { url: 'memory:', gateway: false }, { controllers: [] });
    try {
      const { paths } = SwaggerModule.createDocument(host.app, new DocumentBuilder().build());
      assert.deepEqual(Object.keys(paths).sort(), [
        '/api/audit-history',
        '/api/audit-history/export',
        '/api/audit-history/project/{projectNumber}',
        '/api/audit-history/records',
        '/api/audit-history/workspace/{workspaceId}',
        '/api/audit-history/{auditId}',
        '/api/events/project',
      ]);
      const parameters = (path: string): string[] =>
        (paths[path]?.get?.parameters ?? []).map((parameter) => ('name' in parameter ? parameter.name : '')).sort();
      const all = parameters('/api/audit-history');
      assert.ok(all.includes('workspaceId') && all.includes('after') && all.includes('limit'), all.join());
      assert.deepEqual(
        parameters('/api/audit-history/export'),
        [...all.filter((name) => name !== 'limit' && name !== 'offset'), 'format'].sort(),
      );
      assert.deepEqual(parameters('/api/audit-history/workspace/{workspaceId}'), all);
      const event = paths['/api/events/project']?.post;
      assert.deepEqual(Object.keys(event?.responses ?? {}), ['202', '400', '403', '413', '429', '503']);
      for (const item of Object.values(paths)) {
        const operation = item.get ?? item.post;
        assert.deepEqual([operation?.tags, (operation?.summary ?? '') !== ''], [['Audit trail'], true]);
      }
    } finally {
      await host.close();
    }
  });
}
