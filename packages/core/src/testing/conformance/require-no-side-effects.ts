import assert from 'node:assert/strict'
import type { ForbiddenCall } from './side-effects.js'

/** Fails when a module wrote or started something. */
export function requireUnchanged(forbidden: readonly ForbiddenCall[]): void {
  requireNone(forbidden, 'changes', 'a module must not change anything itself')
}

/** Fails when a module printed, or touched the process it runs in. */
export function requireQuiet(forbidden: readonly ForbiddenCall[]): void {
  requireNone(forbidden, 'process', 'a module must log through its context and leave the process alone')
}

function requireNone(forbidden: readonly ForbiddenCall[], kind: ForbiddenCall['kind'], message: string): void {
  const names = [...new Set(forbidden.filter((call) => call.kind === kind).map((call) => call.name))]
  assert.deepEqual(names, [], message)
}
