import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Scope } from '@tasktrail/node';
import { httpFault } from './faults';
import { apiKey, header, rawRequest, type FrameworkRequest } from './http';
import type { ResolvedOptions } from './options';

const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** How each refusal is called: its code, and what was not allowed. */
const REFUSALS = {
  reading: ['TT_READ_FORBIDDEN', 'reading this part of the audit trail is refused'],
  delivering: ['TT_DELIVERY_FORBIDDEN', 'delivering records to the audit trail is refused'],
} as const;

const HOW =
  ': configure `guards` or `authorize` in TasktrailModule.forRoot. ' +
  'Without them only this machine itself may, directly and while NODE_ENV is not "production".';

/** Who may read. */
export class Access {
  readonly #options: ResolvedOptions;
  readonly #logger = new Logger('Tasktrail');

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Whether the host has configured who may read. */
  get configured(): boolean {
    return this.#options.authorize !== undefined || this.#options.guards.length > 0;
  }

  /** Refuses a request that may not read this scope. Guards have already run, before the handler. */
  async require(request: FrameworkRequest, scope: Scope): Promise<void> {
    if (!(await this.allows(request, scope))) throw this.refusal();
  }

  /** The answer to what is refused. */
  refusal(what: keyof typeof REFUSALS = 'reading') {
    const [code, message] = REFUSALS[what];
    return httpFault(code, this.configured ? message : message + HOW);
  }

  /** Whether a request, or a socket's handshake, may read this scope. */
  async allows(request: FrameworkRequest, scope: Scope): Promise<boolean> {
    const { authorize } = this.#options;
    if (authorize) {
      try {
        return (await authorize({ request, user: request.user, apiKey: apiKey(request.headers) }, scope)) === true;
      } catch (fault) {
        this.#logger.warn(
          `the \`authorize\` hook threw, which refuses: ${fault instanceof Error ? fault.message : String(fault)}`,
        );
        return false;
      }
    }
    return this.configured || isDevelopment(rawRequest(request));
  }
}

/** A direct request from this machine to itself while nothing says that it is production. */
export function isDevelopment(request: IncomingMessage): boolean {
  if (process.env.NODE_ENV === 'production') return false;
  const { headers } = request;
  if (FORWARDING.some((name) => headers[name] !== undefined)) return false;
  if (!isLoopbackAddress(request.socket?.remoteAddress)) return false;
  // A page of another origin, or a name that was rebound to this address, is not this machine's user.
  if (!isLoopbackHost(header(headers, 'host'))) return false;
  const origin = header(headers, 'origin');
  return origin === undefined || isLoopbackHost(hostOf(origin));
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
