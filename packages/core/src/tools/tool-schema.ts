import type { ArgumentGrammar, ArgumentOption, ArgumentValue, ManifestTool } from '../contract/tool.js'
import { ownFile, shortLine } from '../modules/manifest-fields.js'
import * as z from '../zod.js'
import { patternProblem } from './pattern-problem.js'

/** MAX_ARG_STRLEN of Linux, with its NUL. */
const MOST_ARGUMENT_BYTES = 131_071
const MOST_OPTIONS = 200
const DEEPEST = 3

const word = z
  .string()
  .max(4_095)
  .refine((text) => !text.includes('\0'), { message: 'must not hold a NUL' })
const directory = z
  .string()
  .max(4_095)
  .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/, { message: 'must be an absolute, normalised directory, and not /' })

const value: z.ZodType<ArgumentValue> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), mostBytes: z.int().min(1).max(MOST_ARGUMENT_BYTES).optional() }),
  z.strictObject({ kind: z.literal('integer'), least: z.int().optional(), most: z.int().optional() }),
  z.strictObject({ kind: z.literal('choice'), of: z.array(word.min(1)).min(1).max(1_000) }),
  z.strictObject({ kind: z.literal('path'), below: z.array(directory).max(100).optional() }),
  z.strictObject({ kind: z.literal('url') }),
  z.strictObject({
    kind: z.literal('pattern'),
    pattern: z.string().superRefine((pattern, context) => {
      const problem = patternProblem(pattern)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
  }),
]) as unknown as z.ZodType<ArgumentValue>

const option: z.ZodType<ArgumentOption> = z.strictObject({
  names: z
    .array(z.string().regex(/^--?[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'must be written like -n or --name' }))
    .min(1)
    .max(10),
  value: value.optional(),
  repeatable: z.boolean().optional(),
  form: z.literal('separate').optional(),
}) as unknown as z.ZodType<ArgumentOption>

const positional = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { message: 'must be kebab-case' }),
  value,
  optional: z.boolean().optional(),
  repeatable: z.boolean().optional(),
})

const grammar: z.ZodType<ArgumentGrammar> = z.lazy(() =>
  z
    .strictObject({
      fixed: z.array(word.min(1)).max(64).optional(),
      options: z.array(option).max(MOST_OPTIONS).default([]),
      positionals: z.array(positional).max(64).default([]),
      separator: z.boolean().default(false),
      subcommands: z
        .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), grammar)
        .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= MOST_OPTIONS, {
          message: 'must name at least one',
        })
        .optional(),
    })
    .superRefine((given, context) => {
      const problem = contradictionIn(given as ArgumentGrammar)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
) as unknown as z.ZodType<ArgumentGrammar>

/** Schema of an {@link ArgumentGrammar}: one that is accepted can be decided for every list of words. */
export const argumentGrammarSchema: z.ZodType<ArgumentGrammar> = grammar.refine((given) => depthOf(given) <= DEEPEST, {
  message: `subcommands lie in each other more than ${DEEPEST} deep`,
})

/** Schema of a tool's name. */
export const toolName: z.ZodType<string> = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { message: 'must be lower-case letters, digits, "_" and "-"' })

/** Schema of a command: a program by its name or absolute path, and its first arguments. */
export const toolCommand: z.ZodType<readonly string[]> = z
  .array(word.min(1))
  .min(1)
  .max(64)
  .refine(([program = '']) => program.startsWith('/') || !program.includes('/'), {
    message: 'must begin with a name or an absolute path',
  })

/** As {@link toolCommand}; what begins with `./` is a file of the package. */
const probeCommand = z
  .array(word.min(1))
  .min(1)
  .max(64)
  .refine(([program = '']) => program.startsWith('/') || !program.includes('/') || isOwnPath(program), {
    message: 'must begin with a name, an absolute path, or ./ and a file of the package',
  })

/** Schema of a tool in the `janus` field of a package.json. What it does not say is taken to be the worst. */
export const manifestToolSchema: z.ZodType<ManifestTool> = z
  .object({
    name: toolName,
    summary: shortLine,
    entry: ownFile.optional(),
    command: toolCommand.optional(),
    sideEffects: z.enum(['none', 'workspace', 'outside']).default('outside'),
    network: z.boolean().default(false),
    writes: z.boolean().default(true),
    idempotent: z.boolean().default(false),
    reversible: z.boolean().default(false),
    interpreter: z.boolean().default(false),
    arguments: argumentGrammarSchema,
    probe: probeCommand.optional(),
  })
  .refine(({ entry, command }) => (entry === undefined) !== (command === undefined), {
    message: 'exactly one of entry and command says what runs',
  })
  .refine(({ sideEffects, network }) => sideEffects === 'outside' || !network, {
    message: 'what uses a network has side effects outside',
  })
  .refine(({ sideEffects, writes }) => writes || sideEffects === 'none' || sideEffects === 'outside', {
    message: 'what has side effects in its workspace writes',
  }) as unknown as z.ZodType<ManifestTool>

function contradictionIn({ options, positionals, subcommands }: ArgumentGrammar): string | undefined {
  const names = options.flatMap((each) => each.names)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `names the option ${twice} twice`
  if (subcommands !== undefined && positionals.length > 0) return 'has subcommands and positionals'
  const early = positionals.slice(0, -1).find(({ repeatable }) => repeatable === true)
  if (early !== undefined) return `${early.name} is repeatable, and not the last`
  const first = positionals.findIndex(({ optional }) => optional === true)
  const needed = first === -1 ? undefined : positionals.slice(first).find(({ optional }) => optional !== true)
  return needed === undefined ? undefined : `${needed.name} is needed, and stands behind one that is optional`
}

function isOwnPath(program: string): boolean {
  return program.startsWith('./') && ownFile.safeParse(program).success
}

function depthOf({ subcommands }: ArgumentGrammar): number {
  return 1 + Math.max(0, ...Object.values(subcommands ?? {}).map(depthOf))
}
