import { readFile } from 'node:fs'
import { promisify } from 'node:util'
import { errnoOf, openOwnFile, systemFileOperations } from '@janus/core/state'
import type { ServerModelSettings } from '../settings/uses/model-of.js'
import { modelUnavailable } from './model-failure.js'

const MOST_BYTES = 4096
/** What a header can hold as it is. */
const KEY = /^[\u0021-\u007e]+$/
const readDescriptor = promisify(readFile)

/**
 * Reads the key for a server, each time it is needed. No error holds any of it.
 * @param env where a variable is looked for
 * @throws JANUS_AGENT_MODEL_UNAVAILABLE of the kind `api-key`; JANUS_STATE_UNSAFE for a file of somebody else's; JANUS_STATE_DENIED
 */
export async function readApiKey(
  source: NonNullable<ServerModelSettings['apiKey']>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const place = 'file' in source ? source.file : `the environment variable ${source.variable}`
  const text = 'file' in source ? await readKeyFile(source.file) : (env[source.variable] ?? '')
  const key = text.trim()
  if (key === '') throw unusable(`${place} holds no key`)
  if (!KEY.test(key) || key.length > MOST_BYTES) throw unusable(`${place} holds something that is no key`)
  return key
}

async function readKeyFile(path: string): Promise<string> {
  const file = await openOwnFile(path, { write: false }).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw unusable(`${path} is not there`)
    throw error
  })
  try {
    if ((file.mode & 0o077) !== 0) throw unusable(`${path} can be read by others: chmod go= ${path}`)
    if (file.size > MOST_BYTES) throw unusable(`${path} is larger than ${MOST_BYTES} bytes`)
    return await readDescriptor(file.descriptor, 'utf8')
  } finally {
    await systemFileOperations.close(file.descriptor)
  }
}

function unusable(problem: string): Error {
  return modelUnavailable('api-key', problem)
}
