/** The WebAssembly module below its TypeScript, texts in and texts out, as `answer` takes it. */
export const core = (module) => ({
  calls: {
    derive_workspace_id: module.deriveWorkspaceId,
    discover_workspace_in_json: module.discoverWorkspaceIn,
    operation_json: module.describeOperation,
    operation_type: module.operationType,
    parse_record_json: module.parseRecord,
    sanitize_json: module.sanitize,
    sanitize_with_json: module.sanitizeWith,
    validate_event_json: (event, nowMs) => module.validateEvent(event, Number(nowMs)),
  },
  errorText: (thrown) => thrown,
});
