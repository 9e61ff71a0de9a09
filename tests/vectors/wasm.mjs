/** The WebAssembly module below its TypeScript, texts in and texts out, as `answer` takes it. */
export const core = (module) => ({
  calls: {
    derive_workspace_id: module.deriveWorkspaceId,
    operation_type: module.operationType,
    sanitize_json: module.sanitize,
    validate_event_json: (event, nowMs) => module.validateEvent(event, Number(nowMs)),
  },
  errorText: (thrown) => thrown,
});
