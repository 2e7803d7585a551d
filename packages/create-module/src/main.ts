import type { Readable, Writable } from 'node:stream'
import { type Arguments, parseArguments, usage } from './arguments.js'
import { ask } from './ask.js'
import { createError, isCreateError } from './create-error.js'
import { type CreateModuleOptions, createModule } from './create-module.js'
import { nextSteps, printable } from './next-steps.js'

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
      streams.output.write(usage('npm create @janus/module'))
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
