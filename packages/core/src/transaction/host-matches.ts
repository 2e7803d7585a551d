import type { FileState, UndoChange, WriteAttribute } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import { comparableValue, isWriteOnly } from '../plan/attribute-forms.js'
import { contentDigest, readFileState } from '../plan/file-state.js'
import { describeCondition, unmetConditions } from './conditions.js'
import { isKernelModuleLoaded } from './kernel-modules.js'
import type { OwnValues } from './own-values.js'

/** A difference between what a change expects and what the host shows, with both values. */
export interface Mismatch {
  readonly path: string
  readonly expected: string
  readonly found: string
}

/**
 * The first way in which the host is not what a change expects to find: its `expect`, then its `from`.
 * @param accepted for an attribute in an undo: every value the transaction itself writes there, any of which is ours
 */
export async function findMismatch(
  machine: Machine,
  change: UndoChange,
  accepted?: OwnValues,
): Promise<Mismatch | undefined> {
  const [unmet] = await unmetConditions(machine, change.expect ?? [])
  if (unmet !== undefined)
    return { path: unmet.condition.path, expected: describeCondition(unmet.condition), found: unmet.found }
  switch (change.kind) {
    case 'write-attribute':
      return attributeMismatch(machine, change, accepted)
    case 'write-file':
      return change.from === undefined ? undefined : fileMismatch(machine, change.path, change.from)
    case 'write-link':
      return change.from === undefined ? undefined : linkMismatch(machine, change.path, change.from)
    case 'remove-file':
      if (change.from === undefined) return undefined
      return 'link' in change.from
        ? linkMismatch(machine, change.path, change.from.link)
        : fileMismatch(machine, change.path, change.from)
    case 'create-directory':
      return (await machine.host.exists(change.path))
        ? { path: change.path, expected: 'nothing there', found: 'it exists' }
        : undefined
    default:
      return undefined
  }
}

/** True when an undo change is not needed: the host is already as it would leave it. */
export async function isSatisfied(machine: Machine, change: UndoChange): Promise<boolean> {
  const conditions = change.unless ?? change.verify
  if (conditions !== undefined && conditions.length > 0)
    return (await unmetConditions(machine, conditions)).length === 0
  switch (change.kind) {
    case 'write-file': {
      const wanted = { sha256: contentDigest(change.content), mode: change.mode, uid: 0, gid: 0, ...change.owner }
      return (await fileMismatch(machine, change.path, wanted)) === undefined
    }
    case 'write-link':
      return (await linkMismatch(machine, change.path, change.target)) === undefined
    case 'remove-file':
    case 'remove-directory': {
      const { value, unreadable } = await machine.host.stat(change.path)
      const link = await machine.host.readLink(change.path)
      return value === undefined && unreadable === undefined && link.value === undefined
    }
    case 'create-directory':
      return machine.host.exists(change.path)
    case 'load-kernel-module':
      return isKernelModuleLoaded(machine.host, change.name)
    case 'unload-kernel-module':
      return !(await isKernelModuleLoaded(machine.host, change.name))
    case 'write-attribute':
    case 'run-command':
      return false
  }
}

async function attributeMismatch(
  machine: Machine,
  change: WriteAttribute,
  accepted: OwnValues | undefined,
): Promise<Mismatch | undefined> {
  const { path, from } = change
  if (isWriteOnly(path) || change.fromMayDiffer === true || (from === undefined && accepted === undefined))
    return undefined
  const expected = accepted?.words ?? JSON.stringify(from)
  const reading = await machine.host.readText(path)
  if (reading.value === undefined) {
    const found = reading.unreadable === undefined ? 'it does not exist' : `it cannot be read: ${reading.unreadable}`
    return { path, expected, found }
  }
  const found = comparableValue(path, reading.value)
  const isExpected = accepted?.has(found) === true || (from !== undefined && comparableValue(path, from) === found)
  return isExpected ? undefined : { path, expected, found: JSON.stringify(found) }
}

async function fileMismatch(machine: Machine, path: string, wanted: FileState | null): Promise<Mismatch | undefined> {
  const found = await readFileState(machine.host, path)
  const [expectedText, foundText] = [describeFile(wanted), describeFile(found)]
  return expectedText === foundText ? undefined : { path, expected: expectedText, found: foundText }
}

async function linkMismatch(machine: Machine, path: string, wanted: string | null): Promise<Mismatch | undefined> {
  const found = (await machine.host.readLinkText(path)).value ?? null
  const { value: other } = found === null ? await machine.host.stat(path) : {}
  if (found === wanted && other === undefined) return undefined
  return {
    path,
    expected: wanted ?? 'nothing there',
    found: found ?? (other === undefined ? 'no link' : `a ${other.type}`),
  }
}

/** A regular file in words: digest, mode and owner. */
export function describeFile(state: FileState | null): string {
  if (state === null) return 'nothing there'
  return `sha256 ${state.sha256}, mode ${state.mode.toString(8)}, owner ${state.uid}:${state.gid}`
}
