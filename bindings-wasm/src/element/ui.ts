// The element with the client, for pages that reach the API themselves.
import { TasktrailClient } from '../client.js';
import { TaskHistoryElement } from './task-history.js';

TaskHistoryElement.fromApi = (baseUrl, workspaceId, apiKey) =>
  new TasktrailClient({ baseUrl, apiKey: apiKey ?? undefined, context: { workspaceId } }).source(workspaceId);

export * from './task-history.js';
