// A small HTTP client for tests.
import http from 'node:http';
export interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into whatever came
  body: any;
}

export async function call(
  url: string,
  options: { method?: string; body?: unknown; text?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const body = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...options.headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

export const taskStarted = (workItemId: string, data: Record<string, unknown> = {}): object => ({
  type: 'task.started',
  data: { projectNumber: 42, phaseNumber: 1, workItemId, workItemTitle: `Item ${workItemId}`, ...data },
});

/** A response that is a file, with what comes behind it. */
export interface Download {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  text: string;
  trailers: NodeJS.Dict<string>;
}

/** Gets a file as a client does that knows trailers. */
export async function download(url: string): Promise<Download> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(url, resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode: status, headers, trailers } = response;
  return { status, headers, text: Buffer.concat(chunks).toString(), trailers };
}
