import assert from 'node:assert/strict'
import type { Change } from '../../contract/change.js'
import type { Finding } from '../../contract/finding.js'
import type { Host } from '../../contract/host.js'
import type { JanusModule, ModuleContext } from '../../contract/module.js'
import type { Query } from '../../contract/query.js'
import { createMemoryHost } from '../memory-host.js'
import { createMemoryLogger } from '../memory-logger.js'
import type { ModuleFixture } from './conformance-case.js'
import { type ForbiddenCall, withoutSideEffects } from './side-effects.js'

const DEADLINE = 10_000

/** What a module is called with. */
export interface CallSettings {
  readonly host: Host
  readonly query: Query
  /** As people write them; absent for a check without a target. */
  readonly options?: unknown
  readonly signal?: AbortSignal
  /** Everything handed over is frozen, so that a module that writes to it fails. */
  readonly frozen?: boolean
}

/** What a call came to. */
export interface CallResult<Value> {
  readonly value: Value
  /** What it tried to do besides computing. None of it happened. */
  readonly forbidden: readonly ForbiddenCall[]
}

/** Host, query and options of a fixture, new for each call. */
export function settingsOf(fixture: ModuleFixture): CallSettings {
  const kernel = fixture.kernel?.()
  const host = fixture.host ?? kernel?.host ?? createMemoryHost({})
  const query = fixture.query ?? kernel?.query ?? noAnswers
  return { host, query, ...('options' in fixture ? { options: fixture.options } : {}) }
}

/** Calls `check`. */
export function callCheck(module: JanusModule, settings: CallSettings): Promise<CallResult<readonly Finding[]>> {
  return call(() => module.check(contextOf(module, settings)), 'check')
}

/** Calls `apply`. */
export function callApply(module: JanusModule, settings: CallSettings): Promise<CallResult<readonly Change[]>> {
  return call(() => module.apply(contextOf(module, settings)), 'apply')
}

/** Calls `rollback`. */
export function callRollback(module: JanusModule, settings: CallSettings): Promise<CallResult<readonly Change[]>> {
  return call(() => module.rollback(contextOf(module, settings)), 'rollback')
}

/** A query that has no answer to anything. */
export const noAnswers: Query = async () => ({ available: false, reason: 'nothing was captured' })

async function call<Value>(work: () => Promise<Value>, name: string): Promise<CallResult<Value>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${name} did not end` })), DEADLINE)
  })
  try {
    return await Promise.race([withoutSideEffects(work), late])
  } finally {
    clearTimeout(timer)
  }
}

function contextOf(module: JanusModule, settings: CallSettings): ModuleContext<unknown> {
  const { host, query, frozen = false } = settings
  const options = 'options' in settings ? module.options.parse(structuredClone(settings.options)) : undefined
  const context = {
    host: frozen ? readingsOnly(host) : host,
    options: frozen ? deeplyFrozen(options) : options,
    query,
    log: createMemoryLogger(),
    signal: settings.signal ?? new AbortController().signal,
  }
  return frozen ? Object.freeze(context) : context
}

/** A host with nothing else on it, not even what objects inherit. */
function readingsOnly(host: Host): Host {
  const bare: Host = {
    kind: host.kind,
    root: host.root,
    description: host.description,
    readText: (path) => host.readText(path),
    readBytes: (path) => host.readBytes(path),
    readPieces: (path) => host.readPieces(path),
    readLinkText: (path) => host.readLinkText(path),
    readLink: (path) => host.readLink(path),
    list: (path) => host.list(path),
    exists: (path) => host.exists(path),
    stat: (path) => host.stat(path),
  }
  return Object.freeze(Object.assign(Object.create(null), bare)) as Host
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deeplyFrozen(member)
  return Object.freeze(value)
}
