// The slim entry for bundlers and for Node.
export * from './slim.api.js';
export { init } from './init.slim.js';
