export { TasktrailModule } from './module';
export { Audit, InjectTrail, SkipAudit, TRAIL, type AuditRule } from './decorators';
export type { Actor, GatewayOptions, Principal, TasktrailModuleAsyncOptions, TasktrailModuleOptions } from './options';
export type { SocketServer } from './gateway';
