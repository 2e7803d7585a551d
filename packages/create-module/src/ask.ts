import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { type Arguments, asKind } from './arguments.js'
import { createError } from './create-error.js'
import type { CreateModuleOptions } from './create-module.js'

/** Asks for what the command line left open. An empty answer takes what stands in parentheses. */
export async function ask(known: Arguments, input: Readable, output: Writable): Promise<CreateModuleOptions> {
  const questions = createInterface({ input, output, terminal: false })
  const closed = new Promise<never>((_, reject) => {
    questions.once('close', () => reject(createError('no answer: nothing was written')))
  })
  closed.catch(() => {})
  const answer = async (question: string, otherwise: string): Promise<string> => {
    const said = await Promise.race([questions.question(`${question} (${otherwise}) `), closed])
    return said.trim() || otherwise
  }
  try {
    const folder = known.folder ?? (await answer('Folder', 'my-module'))
    const type = known.type ?? (await answer('Type: gpu, cpu, vm, host or another word', 'host'))
    const kind = known.kind ?? asKind(await answer('Kind: ts or bash', 'ts'))
    return { ...known, folder, type, kind }
  } finally {
    questions.close()
  }
}
