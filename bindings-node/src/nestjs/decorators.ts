import { Inject, SetMetadata } from '@nestjs/common';
import type { Level } from '@tasktrail/node';

/** Injection token of the trail. */
export const TRAIL = Symbol.for('tasktrail.trail');
/** Injection token of the resolved options. */
export const OPTIONS = Symbol.for('tasktrail.options');
/** Metadata key of `@Audit` and `@SkipAudit`. */
export const AUDIT = 'tasktrail:audit';

/** What a handler's or controller's decorator says about its calls. */
export interface AuditRule {
  /** Operation type to record, for example `order.refunded`; without it, it follows from method and route. */
  operation?: string;
  /** What the calls act on: its kind, and the route's parameter that says which one (`id` by default). */
  target?: { type: string; param?: string };
  /** How much to keep: `summary` (the default) of the body, `metadata` without it, `none` only if the call was denied. */
  level?: Level;
}

/** Injects the open trail: `constructor(@InjectTrail() private readonly trail: Trail)`. */
export const InjectTrail = (): ParameterDecorator & PropertyDecorator => Inject(TRAIL);

/** Says how the calls of a handler, or of all handlers of a controller, are recorded. */
export const Audit = (rule: AuditRule = {}): MethodDecorator & ClassDecorator => SetMetadata(AUDIT, rule);

/** Leaves the calls of a handler or controller unrecorded, except those that were denied. */
export const SkipAudit = (): MethodDecorator & ClassDecorator =>
  SetMetadata(AUDIT, { level: 'none' } satisfies AuditRule);
