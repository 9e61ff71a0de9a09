export type LogLevel = 'error' | 'warn' | 'info';

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info'];

/** One line for each thing that happens, to stderr: stdout belongs to MCP. Never holds keys, arguments or answers. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

export function isLogLevel(text: string): text is LogLevel {
  return (LEVELS as readonly string[]).includes(text);
}

export function stderrLog(upTo: LogLevel): Log {
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(upTo)) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
}
