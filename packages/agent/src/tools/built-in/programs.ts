import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ToolManifest } from '../../contract/tool.js'
import { flags, grammar, integer, option, PATH, pattern, TEXT } from './grammar-parts.js'
import { READS_ONLY } from './reads-only.js'

/** Beside the built package, and beside its sources. */
const PLACES = ['../programs/', '../../programs/', '../../../programs/']

/** Absolute path of a program of this package: plain files of JavaScript, which run in a sandbox that shows them and nothing else of it. */
export function programFile(name: string): string {
  const paths = PLACES.map((place) => fileURLToPath(new URL(`${place}${name}.mjs`, import.meta.url)))
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? name
}

/** The generator of nodes, whose answer the quality gates judge. */
export const NODE_GENERATOR: ToolManifest = {
  name: 'node_generator',
  summary: 'Makes nodes of knowledge from texts of the workspace, as JSON.',
  command: [process.execPath, programFile('node-generator')],
  ...READS_ONLY,
  sideEffects: 'workspace',
  writes: true,
  arguments: grammar({
    options: [
      option(['--mission'], pattern('[A-Za-z0-9][A-Za-z0-9._-]{0,99}')),
      option(['--target'], integer(1, 10_000)),
      option(['--concept'], { kind: 'text', mostBytes: 100 }, true),
      option(['--output'], PATH),
    ],
    positionals: [{ name: 'text', value: PATH, repeatable: true }],
    separator: true,
  }),
}

/** The chunker of long files. */
export const FILE_CHUNKER: ToolManifest = {
  name: 'file_chunker',
  summary: 'Cuts a long text of the workspace into chunks and tells what each is about, as JSON.',
  command: [process.execPath, programFile('file-chunker')],
  ...READS_ONLY,
  arguments: grammar({
    options: [option(['--chunk-size-lines'], integer(1, 1_000_000)), option(['--concepts'], integer(1, 20))],
    positionals: [{ name: 'text', value: PATH }],
    separator: true,
  }),
}

/** Python, alone: it reads neither the user's packages nor variables. Runs whatever it is given. */
export const PYTHON: ToolManifest = {
  name: 'python',
  summary: 'Runs a Python program. It may do whatever the sandbox lets it.',
  command: ['python3', '-I', '-B'],
  sideEffects: 'workspace',
  network: false,
  writes: true,
  idempotent: false,
  reversible: false,
  interpreter: true,
  arguments: grammar({
    options: [{ names: ['-c'], value: { kind: 'text', mostBytes: 100_000 }, form: 'separate' }, ...flags('-u')],
    positionals: [
      { name: 'script', value: PATH, optional: true },
      { name: 'argument', value: TEXT, optional: true, repeatable: true },
    ],
  }),
}

/** llama.cpp's program, with the configured model and no other. */
export function llamaCli(program: string, model: string): ToolManifest {
  const separate = (names: readonly string[], value: ReturnType<typeof integer>) =>
    ({ names, value, form: 'separate' }) as const
  return {
    name: 'llama-cli',
    summary: 'Asks the local model.',
    command: [program, '-m', model, '--no-display-prompt', '-no-cnv'],
    ...READS_ONLY,
    arguments: grammar({
      options: [
        separate(['-p', '--prompt'], { kind: 'text', mostBytes: 100_000 }),
        separate(['-f', '--file'], PATH),
        separate(['-n', '--n-predict'], integer(1, 131_072)),
        separate(['-t', '--threads'], integer(1, 1024)),
        separate(['-c', '--ctx-size'], integer(0, 1_048_576)),
        separate(['-s', '--seed'], integer(0, 4_294_967_295)),
        separate(['--temp'], pattern('[0-2](?:[.][0-9]{1,6})?')),
        separate(['--top-k'], integer(0, 100_000)),
        separate(['--top-p'], pattern('[01](?:[.][0-9]{1,6})?')),
      ],
    }),
  }
}
