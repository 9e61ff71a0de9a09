// For bundlers and for Node, which choose by the conditions of package.json where the module lies.
export * from './api.js';
export { init } from './init.js';
