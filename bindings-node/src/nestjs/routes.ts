import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, type ApplicationConfig, type DiscoveryService, type ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory';
import { AUDIT, type AuditRule } from './decorators';

const ANY = '*';

/**
 * What decorators say, by route: read once at start, so that no request pays for reflection, and known even for a call
 * that never reached its handler.
 */
export class RouteRules {
  readonly #exact = new Map<string, AuditRule>();
  readonly #templates: Array<{ method: string; segments: string[]; rule: AuditRule }> = [];

  /** Whether there is any rule. */
  get empty(): boolean {
    return this.#templates.length === 0;
  }

  add(method: string, template: string, rule: AuditRule): void {
    this.#exact.set(`${method} ${template}`, rule);
    this.#templates.push({ method, segments: template.split('/'), rule });
  }

  /** The rule of a call: by the route that matched, or by its path when none did (a body that the parser refused). */
  find(method: string, template: string | undefined, url: string): AuditRule | undefined {
    if (this.empty) return undefined;
    if (template !== undefined)
      return this.#exact.get(`${method} ${template}`) ?? this.#exact.get(`${ANY} ${template}`);
    const query = url.indexOf('?');
    const segments = (query < 0 ? url : url.slice(0, query)).split('/');
    if (segments.length > 2 && segments.at(-1) === '') segments.pop();
    return this.#templates.find(
      (known) => (known.method === method || known.method === ANY) && fits(known.segments, segments),
    )?.rule;
  }
}

function fits(template: string[], path: string[]): boolean {
  for (let at = 0; at < template.length; at++) {
    const expected = template[at] as string;
    if (expected.includes('*')) return true;
    if (at >= path.length) return false;
    if (!expected.startsWith(':') && expected.toLowerCase() !== (path[at] as string).toLowerCase()) return false;
  }
  return template.length === path.length;
}

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Reads the decorators of every controller of the application. */
export function readRules(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  config: ApplicationConfig,
  modules: ModulesContainer,
): RouteRules {
  const rules = new RouteRules();
  const paths = new RoutePathFactory(config);
  for (const wrapper of discovery.getControllers()) {
    const controller = wrapper.metatype as Type | null;
    const prototype = controller?.prototype as Record<string, unknown> | undefined;
    if (!controller || !prototype) continue;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name];
      if (typeof handler !== 'function') continue;
      const methodPaths = list<string>(Reflect.getMetadata(PATH_METADATA, handler));
      const own: AuditRule | undefined = Reflect.getMetadata(AUDIT, handler);
      const shared: AuditRule | undefined = Reflect.getMetadata(AUDIT, controller);
      if (methodPaths.length === 0 || (!own && !shared)) continue;
      const requestMethod: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler) ?? RequestMethod.GET;
      const method = requestMethod === RequestMethod.ALL ? ANY : (RequestMethod[requestMethod] as string);
      const host = wrapper.host?.metatype;
      const modulePath =
        host &&
        (Reflect.getMetadata(MODULE_PATH + modules.applicationId, host) ?? Reflect.getMetadata(MODULE_PATH, host));
      const versioningOptions = config.getVersioning();
      for (const ctrlPath of list<string>(Reflect.getMetadata(PATH_METADATA, controller))) {
        for (const methodPath of methodPaths) {
          const templates = paths.create(
            {
              ctrlPath: slashed(ctrlPath),
              methodPath: slashed(methodPath),
              modulePath,
              globalPrefix: slashed(config.getGlobalPrefix()),
              controllerVersion: versioningOptions
                ? (Reflect.getMetadata(VERSION_METADATA, controller) ?? versioningOptions.defaultVersion)
                : undefined,
              methodVersion: Reflect.getMetadata(VERSION_METADATA, handler),
              versioningOptions,
            },
            requestMethod,
          );
          for (const template of templates) rules.add(method, template, { ...shared, ...own });
        }
      }
    }
  }
  return rules;
}

/** As Nest's own router passes paths on: a leading slash, or nothing. */
function slashed(path: string | undefined): string {
  if (!path || path === '/') return '';
  return path.startsWith('/') ? path : `/${path}`;
}
