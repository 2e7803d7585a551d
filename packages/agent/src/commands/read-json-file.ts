import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type JsonValue, janusError } from '@janus/core'
import { parseJson } from '../json/parse-json.js'

/**
 * Reads a file that a command line names.
 * @throws JANUS_FILE_INVALID
 */
export async function readJsonFile(file: string): Promise<JsonValue> {
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be read`, { cause })
  })
  try {
    return parseJson(text)
  } catch (cause) {
    throw janusError('JANUS_FILE_INVALID', `${path} is not JSON`, { cause })
  }
}
