import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { devices, driverOverride } from './devices.mjs'
import { fileStates } from './file-states.mjs'
import { run, start } from './run.mjs'

/** The folder of the repository, which the guest sees where the host has it. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** The committed launcher of the CLI: what `npx janus` runs. */
export const janusProgram = `${repository}packages/cli/bin/janus.js`

/** Where root's Janus keeps its state on a machine. */
export const stateFolder = '/var/lib/janus'

const journalFile = `${stateFolder}/journal.jsonl`
const TIMEOUT = 300_000

/** Runs the built CLI to its end. */
export function janus(...args) {
  return run(process.execPath, [janusProgram, ...args], { timeoutMs: TIMEOUT })
}

/** The same, with the running process in hand. */
export function startJanus(args, options) {
  return start(process.execPath, [janusProgram, ...args], { timeoutMs: TIMEOUT, ...options })
}

/** Runs the CLI with `--json` and reads its document. */
export async function janusJson(...args) {
  const result = await janus(...args, '--json')
  return { ...result, document: parse(result.stdout) }
}

/** Has the CLI write a plan to a file, and gives the arguments that apply it: what a run spends on planning, it spends once. */
export async function applyOfPlan(...args) {
  const file = '/run/plan.json'
  const { exitCode, stderr } = await janus('plan', ...args, '--out', file)
  if (exitCode !== 0) throw new Error(`plan ${args.join(' ')}: ${stderr}`)
  return ['apply', file, '--yes']
}

/** The records of the journal, as far as they are whole lines; none when there is no journal. */
export function journalRecords() {
  if (!existsSync(journalFile)) return []
  const lines = readFileSync(journalFile, 'utf8').split('\n')
  return lines.flatMap((line) => parse(line) ?? [])
}

/** The orders that the journal announces, in order, each with the change that is carried out. */
export function journaledOrders() {
  const changes = new Map()
  return journalRecords().flatMap(({ type, payload }) => {
    if (type === 'transaction-begin') changes.set(payload.id, payload.plan.changes)
    // The steps of a further stage are numbered on.
    if (type === 'transaction-stage') changes.set(payload.id, [...changes.get(payload.id), ...payload.plan.changes])
    if (type !== 'step-intent' && type !== 'undo-intent') return []
    const step = changes.get(payload.id)[payload.step]
    const change = type === 'step-intent' ? step : step.undo[payload.index]
    return [{ ...payload, phase: type === 'step-intent' ? 'apply' : 'undo', change }]
  })
}

/** What the journal promises at this moment: only an apply that is recorded as such, and no undo of it, stays. */
export function journaledEnd() {
  const types = journalRecords().map(({ type }) => type)
  return types.lastIndexOf('transaction-applied') > types.lastIndexOf('undo-begin') ? 'planned' : 'before'
}

/** The process that says last in the journal that it works, or undefined. */
export function journaledProcess() {
  return journalRecords().findLast(({ payload }) => payload?.process !== undefined)?.payload.process
}

/**
 * What every PCI device is bound to and aimed at, byte for byte, which modules of VFIO are loaded, and of these paths and
 * of everything below these folders (`trees`): type, mode, owner and digest or target.
 */
export async function hostState({ paths = [], trees = [] } = {}) {
  const found = devices()
  const overrides = await driverOverrides(found.map(({ address }) => address))
  const state = found.map(({ address, driver }) => [address, { driver, override: overrides.get(address) }])
  const files = paths.length + trees.length > 0 ? { files: fileStates(paths, trees) } : {}
  return { devices: Object.fromEntries(state), modules: vfioModules(), ...files }
}

/** What differs between two host states, with both values: the entries of a section that is an object, else the section. */
export function differences(before, after) {
  const found = {}
  for (const section of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [left, right] = [before[section], after[section]]
    if (!isPlain(left) || !isPlain(right)) {
      if (!same(left, right)) found[section] = { before: left, after: right }
      continue
    }
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (!same(left[name], right[name])) found[name] = { before: left[name], after: right[name] }
    }
  }
  return found
}

function isPlain(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True when two host states are the same. */
export function sameState(left, right) {
  return Object.keys(differences(left, right)).length === 0
}

const readAll =
  '$| = 1; for my $path (@ARGV) { open my $file, "<", $path or die "$path: $!"; sysread $file, my $bytes, 4096; print unpack("H*", $bytes), "\\n" }'

/** One process for all, because a process costs time here; it hangs at a blocked device, and the next goes on behind. */
async function driverOverrides(addresses) {
  const overrides = new Map()
  for (let rest = addresses; rest.length > 0; rest = rest.slice(1)) {
    const paths = rest.map((address) => `/sys/bus/pci/devices/${address}/driver_override`)
    const { stdout } = await run('perl', ['-e', readAll, ...paths], { timeoutMs: 5_000 })
    const values = stdout.split('\n').slice(0, -1)
    for (const [at, value] of values.entries()) overrides.set(rest[at], Buffer.from(value, 'hex').toString('latin1'))
    rest = rest.slice(values.length)
    if (rest.length > 0) overrides.set(rest[0], await driverOverride(rest[0], { timeoutMs: 3_000 }))
  }
  return overrides
}

function vfioModules() {
  const names = readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0])
  return names.filter((name) => name.startsWith('vfio') || name === 'irqbypass').sort()
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
