import { PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants';
import type { ModulesContainer } from '@nestjs/core';

/** Whether a class or factory of the application, outside of module `own`, asks for what `token` stands for. */
export function isInjected(token: unknown, modules: ModulesContainer, own: unknown): boolean {
  for (const module of modules.values()) {
    if (module.metatype === own) continue;
    for (const wrappers of [module.providers, module.controllers, module.injectables]) {
      for (const { metatype, inject } of wrappers.values()) {
        const asked = [...(inject ?? []), ...(typeof metatype === 'function' ? declared(metatype) : [])];
        if (asked.some((asked) => asked === token || (asked as { token?: unknown } | null)?.token === token))
          return true;
      }
    }
  }
  return false;
}

/** What a class asks for with decorators, in its constructor and on its properties. */
function declared(type: object): unknown[] {
  const parameters: Array<{ param: unknown }> = Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, type) ?? [];
  const properties: Array<{ type: unknown }> = Reflect.getMetadata(PROPERTY_DEPS_METADATA, type) ?? [];
  return [...parameters.map(({ param }) => param), ...properties.map(({ type }) => type)];
}
