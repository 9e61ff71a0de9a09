import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Call } from '../call.js';
import { CONTEXT, CONTEXT_FIELDS, type ContextField } from '../context.js';
import { ToolFailure } from '../failure.js';

export type Arguments = Record<string, unknown>;
/** A JSON Schema of an object. */
export type ObjectSchema = {
  type: 'object';
  properties?: Record<string, object>;
  required?: string[];
  [word: string]: unknown;
};

/** A tool as clients list it and as it runs. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  /** What the arguments say of the context; all of them, where it is left out. */
  contextIn?: (args: Arguments) => Arguments;
  /** Does it. What it returns is the structured content. */
  run(args: Arguments, call: Call): Promise<Record<string, unknown>>;
}

/** Arguments that each tool takes beside its own: where and for whom it is done, when that is not what the server knows. */
export const contextShape = {
  ...(Object.fromEntries(
    CONTEXT_FIELDS.map((field) => [field, z.string().max(4_096).optional().describe(CONTEXT[field].about)]),
  ) as Record<ContextField, z.ZodOptional<z.ZodString>>),
  traceparent: z.string().max(256).optional().describe('W3C traceparent that the call belongs to.'),
};

/** A tool whose arguments are described, and checked, by a schema of zod's. Arguments that it does not know are refused by name. */
export function tool<Input extends z.ZodObject>(about: {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: Input;
  output: z.ZodType;
  run(args: z.output<Input>, call: Call): Promise<Record<string, unknown>>;
}): Tool {
  const { input, output, run, ...rest } = about;
  return {
    ...rest,
    inputSchema: schemaOf(input, 'input'),
    outputSchema: schemaOf(output, 'output'),
    async run(args, call) {
      const parsed = input.safeParse(args);
      if (!parsed.success) throw refused(parsed.error);
      return run(parsed.data, call);
    },
  };
}

/** A schema of zod's as it is listed. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return forModels(json) as ObjectSchema;
}

/** Bounds that nobody meets unless by mistake: whoever does is told so by the check, and a list of tools is read by a model as a whole. */
const UNSAID = ['maxLength', 'pattern', 'not', 'minLength', 'maxItems'];

/** A schema without what a model need not read: extreme bounds, null for what can be left out, choices of nothing but types. */
export function forModels(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forModels);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { anyOf, ...rest } = schema as { anyOf?: object[] } & Record<string, unknown>;
  const kept = Object.entries(rest).filter(
    ([word, value]) => !UNSAID.includes(word) && !(word === 'maximum' && value === Number.MAX_SAFE_INTEGER),
  );
  const simple: Record<string, unknown> = Object.fromEntries(kept.map(([word, value]) => [word, forModels(value)]));
  const choices = anyOf?.map((choice) => forModels(choice) as Record<string, unknown>);
  const types = choices?.flatMap(({ type }) => type as string).filter((type) => type !== 'null');
  const isOfTypes = choices?.every((choice) =>
    Object.keys(choice).every((word) => ['type', 'minimum', 'format'].includes(word)),
  );
  if (types && isOfTypes) return { type: types.length === 1 ? types[0] : types, ...simple };
  return choices ? { anyOf: choices, ...simple } : simple;
}

function refused(error: z.ZodError): ToolFailure {
  const details = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: key, message: 'is not an argument of this tool' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );
  return new ToolFailure('TT_ARGUMENTS_INVALID', 'the tool does not take these arguments', { details });
}
