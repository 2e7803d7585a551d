import type { Readable, Writable } from 'node:stream'
import { type Arguments, parseArguments, usage } from './arguments.js'
import { ask } from './ask.js'
import { createError, isCreateError } from './create-error.js'
import { type CreatedModule, type CreateModuleOptions, createModule } from './create-module.js'

/** Streams of the process. */
export interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
  readonly errors: Writable & { readonly isTTY?: boolean }
}

/** Runs `npm create @janus/module`. @returns the exit code */
export async function main(args: readonly string[], streams: Streams): Promise<number> {
  try {
    const known = parseArguments(args)
    if (known.help) {
      streams.output.write(usage)
      return 0
    }
    streams.output.write(nextSteps(await createModule(await chosen(known, streams)), process.cwd()))
    return 0
  } catch (error) {
    if (!isCreateError(error)) throw error
    streams.errors.write(`${printable(error.message)}\n`)
    return 1
  }
}

async function chosen(known: Arguments, { input, errors }: Streams): Promise<CreateModuleOptions> {
  const { folder } = known
  if (!known.yes && input.isTTY === true && errors.isTTY === true) return await ask(known, input, errors)
  if (folder === undefined) throw createError('say which folder: npm create @janus/module <folder>')
  return { ...known, folder }
}

function nextSteps({ folder, id, kind, packageName, files }: CreatedModule, from: string): string {
  const where = folder.startsWith(`${from}/`) ? folder.slice(from.length + 1) : folder
  const build = kind === 'ts' ? '  npm run build\n' : ''
  const source = files.find((file) => file === 'src/index.ts' || file.startsWith('modules/'))
  return `${packageName} is in ${printable(where)}: ${files.length} files, the module is ${source}.

  cd ${printable(shellWord(where))}
  npm install
${build}  npm test
  npx janus check ${id} --module .
`
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Names may hold escape sequences; a terminal must not get them. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
