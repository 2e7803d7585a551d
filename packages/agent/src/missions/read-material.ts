import { constants, fstat, read, readlink as readLinkOf } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf, systemFileOperations } from '@janus/core/state'
import type { MaterialReference, StudyMaterial } from '../contract/mission.js'
import { agentError } from '../errors/agent-error.js'

/** Where materials may lie, and how much of each is shown. */
export interface MaterialBounds {
  /** Directories, absolute. */
  readonly roots: readonly string[]
  /** Relative paths count from here, absolute. */
  readonly directory: string
  /** Characters that are shown: half of its head, half of its tail. */
  readonly mostCharacters: number
}

const MOST_FILE_BYTES = 64 * 1024 * 1024
/** UTF-8 has at most four bytes for a character. */
const BYTES_OF_CHARACTER = 4
/** Where files are no files. */
const PSEUDO = /^\/(?:proc|sys|dev|run)(?:\/|$)/
const OMITTED = '\n...\n'

const statDescriptor = promisify(fstat)
const readAt = promisify(read)
const readLink = promisify(readLinkOf)

/**
 * Reads a material as far as it is shown: a regular file of text whose real place, links followed, is below one of the roots. Of a large file only head and tail are ever read.
 * @throws JANUS_AGENT_MATERIAL_REFUSED; never waits for a FIFO
 */
export async function readMaterial(material: MaterialReference, bounds: MaterialBounds): Promise<StudyMaterial> {
  const { name } = material
  if ('content' in material) return { name, ...excerptOf(material.content, bounds.mostCharacters) }
  const path = resolve(bounds.directory, material.path)
  return { name, ...(await readText(path, bounds)) }
}

/** As much of a text as is shown: all of it, or its head and its tail. */
export function excerptOf(text: string, mostCharacters: number): Pick<StudyMaterial, 'text' | 'shortened'> {
  if (text.length <= mostCharacters) return { text: whole(text), shortened: false }
  return { text: joined(text, text, mostCharacters), shortened: true }
}

async function readText(path: string, bounds: MaterialBounds): Promise<Pick<StudyMaterial, 'text' | 'shortened'>> {
  const descriptor = await openBelow(path, bounds.roots)
  try {
    const stat = await statDescriptor(descriptor)
    if (!stat.isFile()) throw refused(path, 'is no regular file')
    if (stat.size > MOST_FILE_BYTES) throw refused(path, `is larger than ${MOST_FILE_BYTES} bytes`)
    const half = Math.ceil(bounds.mostCharacters / 2) * BYTES_OF_CHARACTER
    if (stat.size <= half * 2) {
      return excerptOf(textOf(await bytesAt(descriptor, 0, stat.size), path), bounds.mostCharacters)
    }
    const head = textOf(await bytesAt(descriptor, 0, half), path, 'head')
    const tail = textOf(await bytesAt(descriptor, stat.size - half, half), path, 'tail')
    return { text: joined(head, tail, bounds.mostCharacters), shortened: true }
  } finally {
    await systemFileOperations.close(descriptor)
  }
}

/** What was opened is looked at, not what the path said before: a directory may be replaced by a link in between. */
async function openBelow(path: string, roots: readonly string[]): Promise<number> {
  const allowed = await realRoots(roots)
  const before = await attempt(path, () => realpath(path))
  requireBelow(path, before, allowed)
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const descriptor = await attempt(path, () => systemFileOperations.open(before, flags))
  try {
    requireBelow(path, await readLink(`/proc/self/fd/${descriptor}`), allowed)
    return descriptor
  } catch (error) {
    await systemFileOperations.close(descriptor)
    throw error
  }
}

async function realRoots(roots: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)))
  return real.filter((root) => root !== undefined)
}

function requireBelow(path: string, real: string, roots: readonly string[]): void {
  if (PSEUDO.test(real)) throw refused(path, 'lies where files are no files')
  // Below `/` is nothing: no path begins with two of them.
  if (roots.some((root) => real.startsWith(root + sep))) return
  throw refused(path, 'leads out of the directories of the materials')
}

async function attempt<Answer>(path: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    throw refused(path, `cannot be opened: ${errnoOf(error) ?? 'for no reason that was given'}`)
  }
}

async function bytesAt(descriptor: number, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await readAt(descriptor, bytes, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/** At a cut the rest of a character is left out; anything else that is no UTF-8 is no text. */
function textOf(bytes: Uint8Array, path: string, part?: 'head' | 'tail'): string {
  const start = part === 'tail' ? startOfCharacter(bytes) : 0
  try {
    // A head that ends in half of a character is waited for, and what is waited for does not come.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start), { stream: part === 'head' })
    if (!text.includes('\0')) return text
  } catch {
    throw refused(path, 'is no text: it is not UTF-8')
  }
  throw refused(path, 'is no text: it holds a NUL')
}

function startOfCharacter(bytes: Uint8Array): number {
  let at = 0
  while (at < BYTES_OF_CHARACTER && ((bytes[at] ?? 0) & 0b1100_0000) === 0b1000_0000) at += 1
  return at
}

function joined(head: string, tail: string, mostCharacters: number): string {
  const half = Math.floor(mostCharacters / 2)
  return whole(head.slice(0, half)) + OMITTED + whole(half === 0 ? '' : tail.slice(-half))
}

/** Without half of a character at either end, which no JSON can hold. */
function whole(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function refused(path: string, problem: string): Error {
  return agentError('JANUS_AGENT_MATERIAL_REFUSED', `${path} ${problem}`, { data: { path } })
}
