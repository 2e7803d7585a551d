import type { PlannedChange, WriteAttribute } from '../contract/change.js'
import { comparableValue, requestedValue } from '../plan/attribute-forms.js'
import { undoChangesOf } from '../plan/undo-changes-of.js'

/** The values of one attribute that are a transaction's own doing: finding one of them is no surprise. */
export interface OwnValues {
  has(comparable: string): boolean
  /** For messages: `"vfio-pci" or "e1000e"`. */
  readonly words: string
}

/** Every value that a transaction writes to an attribute, forward or back, by path. */
export function ownValues(planned: readonly PlannedChange[]): ReadonlyMap<string, OwnValues> {
  const writes = new Map<string, WriteAttribute[]>()
  for (const change of planned.flatMap((change) => [change, ...undoChangesOf(change)])) {
    if (change.kind === 'write-attribute') writes.set(change.path, [...(writes.get(change.path) ?? []), change])
  }
  return new Map([...writes].map(([path, changes]) => [path, ownValuesOf(changes)]))
}

function ownValuesOf(changes: readonly WriteAttribute[]): OwnValues {
  const values = new Set(changes.map(({ path, value }) => comparableValue(path, value)))
  const parts = changes.filter((change) => change.mayGrantLess === true)
  return {
    has: (comparable) =>
      changes.some(({ path }) => values.has(requestedValue(path, comparable))) ||
      parts.some((change) => isBetween(change, comparable)),
    words: [
      ...[...values].map((value) => JSON.stringify(value)),
      ...parts.map(({ from, value }) => `a number between ${from} and ${value}`),
    ].join(' or '),
  }
}

function isBetween({ from, value }: WriteAttribute, found: string): boolean {
  if (from === undefined || !/^\d+$/.test(found)) return false
  const [low = 0, high = 0] = [Number(from), Number(value)].sort((left, right) => left - right)
  return Number(found) >= low && Number(found) <= high
}
