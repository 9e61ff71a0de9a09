export { TasktrailClient } from '../client.js';
export { init } from '../init.slim.js';
export { TaskHistoryElement } from './ui.js';
