// What an agent has of the audited API: an MCP server of its own, and a journal of all that it reported.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const SERVER = fileURLToPath(new URL('../../mcp-server/dist/main.js', import.meta.url));
/** Where an answer names the record that the call has left. */
const REQUEST_ID = 'tasktrail/requestId';
const CALL_LIMIT_MS = 60_000;
/** An event that is in memory only is handed over again, under the same name. */
const TRIES = 10;

/** An agent's connection to its MCP server. The journal has a line before and a line after each event, and one for each failed tool. */
export class Reporter {
  #client;
  #journal;
  #prefix;
  #count = 0;

  constructor(client, journal, prefix) {
    this.#client = client;
    this.#journal = journal;
    this.#prefix = prefix;
  }

  /** Starts the server in a folder; `env` says where the API is and whose the work is. */
  static async start({ name, folder, env, journal, log }) {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [SERVER],
      cwd: folder,
      env,
      stderr: 'pipe',
    });
    transport.stderr.on('data', (chunk) => appendFileSync(log, chunk));
    const client = new Client({ name, version: '0.1.0' });
    await client.connect(transport, { timeout: CALL_LIMIT_MS });
    return new Reporter(client, journal, `${env.RUN_ID}:${name}`);
  }

  /** Emits an event by its tool. Does not wait for the API and does not throw: work goes on without it. */
  async emit(tool, data) {
    const eventId = `${this.#prefix}:${(this.#count += 1)}`;
    const about = { eventId, tool, item: data.workItemId, agent: data.agentId };
    this.#note({ state: 'emitting', ...about });
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#call(tool, { ...data, eventId });
      const said = answer.structuredContent;
      const requestId = answer._meta[REQUEST_ID];
      if (said?.durable || said?.coalesced) {
        this.#note({
          state: 'emitted',
          ...about,
          requestId,
          auditId: said.auditId,
          coalesced: said.coalesced === true,
          api: said.api,
        });
        return;
      }
      if (answer.isError || attempt === TRIES) {
        this.#note({ state: 'refused', ...about, text: answer.content[0].text });
        return;
      }
      await sleep(100 * attempt);
    }
  }

  /** Asks the API for something by a tool; `undefined` when that failed, which is no reason to stop. */
  async ask(tool, args) {
    const answer = await this.#call(tool, args);
    const requestId = answer._meta[REQUEST_ID];
    if (!answer.isError) {
      this.#note({ state: 'asked', tool, requestId, taskId: args.taskId });
      return answer.structuredContent;
    }
    this.#note({ state: 'failed', tool, requestId, text: answer.content[0].text });
    return undefined;
  }

  close() {
    return this.#client.close();
  }

  #call(name, args) {
    return this.#client.callTool({ name, arguments: args }, undefined, { timeout: CALL_LIMIT_MS });
  }

  #note(line) {
    appendFileSync(this.#journal, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
  }
}
