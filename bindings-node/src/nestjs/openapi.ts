import type { Type } from '@nestjs/common';
import { queryParameters } from '@tasktrail/node';

/** What is to be said of a route. */
export interface RouteDoc {
  summary: string;
  /** Whether it takes the parameters of a history query, apart from these. */
  queryWithout?: readonly string[];
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: string;
  responses: Record<number, string>;
}

/** Errors that every route has. */
export const ERRORS = {
  400: 'A parameter or field is not valid; `parameter` or `details` names it.',
  403: 'Who asks may not.',
  429: 'Too many requests; `Retry-After` says when the next one may come.',
  503: 'The audit store cannot answer now.',
} as const;

type Decorator = (target: object, name?: string, descriptor?: PropertyDescriptor) => unknown;
type Factory = (options: unknown) => Decorator;

/** Describes a controller's routes for `@nestjs/swagger`, where the host has that. */
export function describeRoutes(controller: Type<unknown>, tag: string, routes: Record<string, RouteDoc>): void {
  let swagger: Record<'ApiTags' | 'ApiOperation' | 'ApiParam' | 'ApiQuery' | 'ApiBody' | 'ApiResponse', Factory>;
  try {
    swagger = require('@nestjs/swagger');
  } catch {
    return;
  }
  swagger.ApiTags(tag)(controller);
  for (const [name, route] of Object.entries(routes)) {
    const prototype = controller.prototype as object;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const apply = (decorator: Decorator): unknown => decorator(prototype, name, descriptor);
    apply(swagger.ApiOperation({ summary: route.summary }));
    for (const [param, description] of Object.entries(route.params ?? {}))
      apply(swagger.ApiParam({ name: param, description }));
    const { queryWithout } = route;
    for (const { name: parameter, type, description } of queryWithout ? queryParameters() : []) {
      if (queryWithout?.includes(parameter)) continue;
      const isArray = type.includes('[]');
      apply(swagger.ApiQuery({ name: parameter, required: false, type: 'string', isArray, description }));
    }
    for (const [parameter, description] of Object.entries(route.query ?? {}))
      apply(swagger.ApiQuery({ name: parameter, required: false, type: 'string', description }));
    if (route.body !== undefined)
      apply(swagger.ApiBody({ description: route.body, schema: { type: 'object', additionalProperties: true } }));
    for (const [status, description] of Object.entries({ ...ERRORS, ...route.responses }))
      apply(swagger.ApiResponse({ status: Number(status), description }));
  }
}
