// A small HTTP client for tests.
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
