import type { IncomingMessage } from 'node:http';
import type { Call } from '@tasktrail/node';

/** What a record says of a read of the audit. */
export type ReadCall = Pick<Call, 'operation' | 'level' | 'target' | 'workspaceId' | 'projectNumber' | 'metadata'>;

/** Reads of the audit by their addresses: known as such also where a guard refuses them, before any controller. */
export class AuditedReads {
  readonly #route: RegExp;

  /** @param path of the list of records, without a slash in front. */
  constructor(path: string) {
    const base = path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    this.#route = new RegExp(
      `^/${base}(?:/(?:(?<export>export)|(?:(?<kind>workspace|project)/)?(?<id>[^/]+)))?/?$`,
      'i',
    );
  }

  /** Whether a request is one. */
  has({ method, url }: IncomingMessage): boolean {
    return (method === 'GET' || method === 'HEAD') && url !== undefined && this.#route.test(pathOf(url));
  }

  /** What the record of one says, from its address. */
  describe(url: string): ReadCall {
    const { export: isExport, kind, id } = this.#route.exec(pathOf(url))?.groups ?? {};
    const query = queryOf(url);
    const scope = { ...query, ...(kind && id && { [SCOPES[kind.toLowerCase()] as string]: plain(id) }) };
    const { workspaceId } = scope;
    const projectNumber = Number(scope.projectNumber || undefined);
    return {
      operation: isExport ? 'audit.exported' : 'audit.read',
      // There is no body, and no rule for a host's routes turns this off.
      level: 'metadata',
      target: id ? { type: kind?.toLowerCase() ?? 'record', id: plain(id) } : { type: 'audit_history' },
      // Whose part of the audit was read: they are who asks for it.
      ...(typeof workspaceId === 'string' && workspaceId !== '' && { workspaceId }),
      ...(Number.isSafeInteger(projectNumber) && projectNumber >= 0 && { projectNumber }),
      metadata: { query },
    };
  }
}

/** The parameter that says the same as a path. */
const SCOPES: Record<string, string> = { workspace: 'workspaceId', project: 'projectNumber' };

/** The path of a URL as a router compares it: one of the two frameworks decodes it first. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path.includes('%') ? decoded(path, decodeURI) : path;
}

const plain = (text: string): string => decoded(text, decodeURIComponent);

function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** The parameters of a query string as they came, valid or not. */
function queryOf(url: string): Record<string, string | string[]> {
  const at = url.indexOf('?');
  const found: Record<string, string | string[]> = Object.create(null);
  if (at < 0) return found;
  const query = new URLSearchParams(url.slice(at + 1));
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    found[name] = values.length > 1 ? values : (values[0] as string);
  }
  return found;
}
