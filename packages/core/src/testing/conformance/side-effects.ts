import { AsyncLocalStorage } from 'node:async_hooks'
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Something a module must leave alone. */
export interface ForbiddenCall {
  /** `changes`: files, processes. `process`: console, environment, working directory, exit. */
  readonly kind: 'changes' | 'process'
  /** `fs.writeFileSync`. */
  readonly name: string
}

// Node's built-in functions are one set per process, and so is what guards them while any module is being called.
const current = new AsyncLocalStorage<ForbiddenCall[]>()
let installed = 0
let restore: () => void = () => {}

/**
 * Runs work; while it runs, what it calls to write files, start programs, print or end the process does nothing and is
 * noted. Work of others in the same process is not touched. This finds honest mistakes; hostile code needs a sandbox.
 */
export async function withoutSideEffects<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly forbidden: readonly ForbiddenCall[] }> {
  if (installed === 0) restore = install()
  installed += 1
  const forbidden: ForbiddenCall[] = []
  const environment = { ...process.env }
  try {
    const value = await current.run(forbidden, work)
    if (restoreEnvironment(environment)) forbidden.push({ kind: 'process', name: 'process.env' })
    return { value, forbidden }
  } finally {
    restoreEnvironment(environment)
    installed -= 1
    if (installed === 0) restore()
  }
}

/** True when something had to be put back. */
function restoreEnvironment(before: NodeJS.ProcessEnv): boolean {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(process.env)])].filter(
    (name) => process.env[name] !== before[name],
  )
  for (const name of changed) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
  return changed.length > 0
}

type Functions = Record<string, unknown>

const FILE_CALLS =
  /^(append|chmod|chown|copy|cp|lchmod|lchown|link|lutimes|mkdir|mkdtemp|rename|rm|symlink|truncate|unlink|utimes|write|createWriteStream|fchmod|fchown|ftruncate|futimes)/

function install(): () => void {
  const undo: (() => void)[] = []
  const guard = (
    owner: Functions,
    name: string,
    forbidden: ForbiddenCall,
    applies: (args: unknown[]) => boolean,
  ): void => {
    const original = owner[name]
    if (typeof original !== 'function') return
    const inherited = !Object.hasOwn(owner, name)
    owner[name] = function guarded(this: unknown, ...args: unknown[]): unknown {
      const noted = current.getStore()
      if (noted === undefined || !applies(args)) return Reflect.apply(original, this, args)
      noted.push(forbidden)
      const callback = args.at(-1)
      if (typeof callback === 'function') queueMicrotask(() => callback(null))
      return undefined
    }
    undo.push(() => {
      if (inherited) delete owner[name]
      else owner[name] = original
    })
  }
  const always = (): boolean => true
  for (const [prefix, owner] of [
    ['fs', fs],
    ['fs.promises', fs.promises],
  ] as const) {
    const functions = owner as unknown as Functions
    for (const name of Object.keys(functions)) {
      const applies = /^open(Sync)?$/.test(name) ? opensForWriting : FILE_CALLS.test(name) ? always : undefined
      if (applies !== undefined) guard(functions, name, { kind: 'changes', name: `${prefix}.${name}` }, applies)
    }
  }
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
    guard(childProcess as unknown as Functions, name, { kind: 'changes', name: `child_process.${name}` }, always)
  }
  for (const name of ['debug', 'error', 'info', 'log', 'trace', 'warn', 'dir', 'table']) {
    guard(console as unknown as Functions, name, { kind: 'process', name: `console.${name}` }, always)
  }
  for (const name of ['exit', 'abort', 'kill', 'chdir', 'umask', 'setuid', 'setgid']) {
    guard(process as unknown as Functions, name, { kind: 'process', name: `process.${name}` }, always)
  }
  for (const name of ['stdout', 'stderr'] as const) {
    guard(process[name] as unknown as Functions, 'write', { kind: 'process', name: `process.${name}.write` }, always)
  }
  syncBuiltinESMExports()
  return () => {
    for (const step of undo.reverse()) step()
    syncBuiltinESMExports()
  }
}

function opensForWriting([, flags]: unknown[]): boolean {
  if (typeof flags === 'string') return /[wa+]/.test(flags)
  return (
    typeof flags === 'number' && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
  )
}
