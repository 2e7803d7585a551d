import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { driverOverride, devices } from './devices.mjs'
import { run, start } from './run.mjs'

/** The folder of the repository, which the guest sees where the host has it. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** The committed launcher of the CLI: what `npx janus` runs. */
export const janusProgram = `${repository}packages/cli/bin/janus.js`

const TIMEOUT = 120_000

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

/** What every PCI device is bound to and aimed at, byte for byte, and which modules of VFIO are loaded. */
export async function hostState() {
  const state = {}
  for (const { address, driver } of devices()) state[address] = { driver, override: await driverOverride(address) }
  return { devices: state, modules: vfioModules() }
}

/** The devices whose state differs between two host states, with both. */
export function differences(before, after) {
  const addresses = Object.keys({ ...before.devices, ...after.devices })
  const changed = addresses.filter((address) => !same(before.devices[address], after.devices[address]))
  const entries = changed.map((address) => [address, { before: before.devices[address], after: after.devices[address] }])
  if (!same(before.modules, after.modules)) entries.push(['modules', { before: before.modules, after: after.modules }])
  return Object.fromEntries(entries)
}

function vfioModules() {
  const names = readFileSync('/proc/modules', 'utf8').split('\n').map((line) => line.split(' ', 1)[0])
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
