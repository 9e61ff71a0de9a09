export { TasktrailClient } from '../client.js';
export { init } from '../module.js';
export { TaskHistoryElement } from './task-history.js';
