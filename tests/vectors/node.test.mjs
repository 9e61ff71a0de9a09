// The shared vectors against the Node addon, below its TypeScript: texts in, texts out.
import { createRequire } from 'node:module';
import { answer } from './answer.mjs';
import { runVectors } from './runner.mjs';

const { native } = createRequire(import.meta.url)('../../bindings-node/dist/native.js');

const core = {
  calls: {
    derive_workspace_id: native.deriveWorkspaceId,
    discover_workspace_in_json: native.discoverWorkspaceIn,
    operation_json: native.describeOperation,
    operation_type: native.operationType,
    parse_record_json: native.parseRecord,
    sanitize_json: native.sanitize,
    sanitize_with_json: native.sanitizeWith,
    validate_event_json: (event, nowMs) => native.validateEvent(event, Number(nowMs)),
  },
  errorText: (thrown) => thrown.message,
};

runVectors('node', (cases) => cases.map((question) => answer(core, question)));
