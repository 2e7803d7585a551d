import { isMainThread } from 'node:worker_threads'
import { janusError } from '@janus/core'
import type { ToolRun } from '../contract/run.js'

const ID = /^[a-z0-9-]{1,64}$/
/** MAX_ARG_STRLEN of linux/binfmts.h. */
const LONGEST_ARGUMENT = 128 * 1024

/** @throws JANUS_USAGE for what cannot be an argument vector, an environment or the name of a workspace */
export function requirePlainRun({ id, program, argv, environment }: ToolRun): void {
  if (!ID.test(id)) throw janusError('JANUS_USAGE', `${JSON.stringify(id)} cannot name a workspace`)
  if (!program.startsWith('/')) throw janusError('JANUS_USAGE', `${JSON.stringify(program)} is no absolute path`)
  const words = [program, ...argv, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)]
  if (words.some((word) => word.includes('\0')))
    throw janusError('JANUS_USAGE', 'an argument or a variable holds a NUL')
  if (words.some((word) => Buffer.byteLength(word) >= LONGEST_ARGUMENT))
    throw janusError('JANUS_USAGE', `an argument or a variable is longer than ${LONGEST_ARGUMENT} bytes`)
}

/** @throws JANUS_USAGE from a worker thread */
export function requireMainThread(): void {
  if (isMainThread) return
  throw janusError('JANUS_USAGE', 'a tool is started from the main thread only: it would end with its thread')
}
