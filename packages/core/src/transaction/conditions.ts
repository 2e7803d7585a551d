import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Condition } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import type { Reading } from '../contract/host.js'
import { parsePciAddress } from '../contract/pci-address.js'
import { readDigest } from '../host/read-digest.js'
import { parseCpuList } from '../inventory/cpu-list.js'
import { comparableValue } from '../plan/attribute-forms.js'
import { contradictingParameter, describeParameter } from './parameter-condition.js'

const FIRST_PAUSE = 5
const LONGEST_PAUSE = 200

/** What conditions are read from. */
type Reader = Pick<Machine, 'host' | 'query'>

/** A condition that does not hold, with what was found instead. */
export interface UnmetCondition {
  readonly condition: Condition
  readonly found: string
  /** There when it cannot be known whether it holds: `found` says why. */
  readonly isUnreadable?: true
}

/** What was found instead, or why nothing could be. */
type Contradiction = string | { readonly unreadable: string }

/** The conditions that do not hold right now. */
export async function unmetConditions(
  machine: Reader,
  conditions: readonly Condition[],
): Promise<readonly UnmetCondition[]> {
  const unmet: UnmetCondition[] = []
  for (const condition of conditions) {
    const found = await contradiction(machine, condition)
    if (typeof found === 'string') unmet.push({ condition, found })
    else if (found !== undefined) unmet.push({ condition, found: found.unreadable, isUnreadable: true })
  }
  return unmet
}

/**
 * Polls until every condition holds.
 * @param deadline milliseconds
 * @returns what still does not hold at the deadline; empty on success
 */
export async function awaitConditions(
  machine: Machine,
  conditions: readonly Condition[],
  deadline: number,
): Promise<readonly UnmetCondition[]> {
  const end = performance.now() + deadline
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const unmet = await unmetConditions(machine, conditions)
    if (unmet.length === 0 || performance.now() >= end) return unmet
    await sleep(pause)
  }
}

/**
 * What a condition is a statement about: of two about the same, the later one counts. A path has one value, but a file
 * contains several things, an archive several members, and a command line several parameters.
 */
export function subjectOfCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'contains':
    case 'lacks':
      return JSON.stringify([condition.path, condition.value])
    case 'archive-member':
      return JSON.stringify([condition.path, condition.member])
    case 'parameter':
      return JSON.stringify([condition.path, condition.name, condition.after ?? null, condition.among ?? null])
    default:
      return condition.path
  }
}

/** A condition as a sentence, for messages. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return `${condition.path} is ${JSON.stringify(condition.value)}`
    case 'contains':
      return `${condition.path} contains ${JSON.stringify(condition.value)}`
    case 'lacks':
      return `${condition.path} does not contain ${JSON.stringify(condition.value)}`
    case 'within':
      return `${condition.path} names no CPU but ${condition.value}`
    case 'linksTo':
      return `${condition.path} links to ${condition.target}`
    case 'exists':
      return `${condition.path} exists`
    case 'absent':
      return `${condition.path} does not exist`
    case 'sha256':
      return `${condition.path} has SHA-256 ${condition.value}`
    case 'parameter':
      return describeParameter(condition)
    case 'archive-member': {
      const { path, member, sha256, absent } = condition
      if (absent === true) return `${path} has no member ${member}`
      return `${path} has the member ${member}${sha256 === undefined ? '' : ` with SHA-256 ${sha256}`}`
    }
    case 'unheld':
      return `no process holds ${condition.path} open`
    case 'unused':
      return `the host does not use ${condition.path}${condition.functionUses === undefined ? '' : ' or its virtual functions'}`
  }
}

async function contradiction(machine: Reader, condition: Condition): Promise<Contradiction | undefined> {
  const { host } = machine
  switch (condition.kind) {
    case 'equals': {
      const reading = await host.readText(condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      const found = comparableValue(condition.path, reading.value)
      return found === comparableValue(condition.path, condition.value) ? undefined : JSON.stringify(found)
    }
    case 'contains': {
      const reading = await host.readText(condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      return reading.value.includes(condition.value) ? undefined : JSON.stringify(reading.value.trimEnd())
    }
    case 'lacks':
      return contradictingText(host, condition)
    case 'within': {
      const reading = await host.readText(condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      const [found, allowed] = [parseCpuList(reading.value), parseCpuList(condition.value) ?? []]
      return found?.every((cpu) => allowed.includes(cpu)) === true ? undefined : JSON.stringify(reading.value.trimEnd())
    }
    case 'linksTo': {
      const reading = await host.readLink(condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      return reading.value === condition.target ? undefined : reading.value
    }
    case 'exists':
      return (await host.exists(condition.path)) ? undefined : 'it does not exist'
    case 'absent':
      return (await host.exists(condition.path)) ? describePresent(await host.readLink(condition.path)) : undefined
    case 'sha256': {
      const reading = await readDigest(host, condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      return reading.value === condition.value ? undefined : `SHA-256 ${reading.value}`
    }
    case 'parameter': {
      const reading = await host.readText(condition.path)
      if (reading.value === undefined) return describeMissing(reading)
      return contradictingParameter(reading.value, condition)
    }
    case 'archive-member':
      return contradictingMember(machine, condition)
    case 'unheld':
      return holders(machine, condition.path)
    case 'unused':
      return blockingUses(machine, condition)
  }
}

async function contradictingText(
  host: Reader['host'],
  { path, value }: Extract<Condition, { kind: 'lacks' }>,
): Promise<Contradiction | undefined> {
  const names = (await host.list(path)).value
  for (const file of names?.map((name) => `${path}/${name}`) ?? [path]) {
    const reading = await host.readText(file)
    if (reading.unreadable !== undefined) return describeMissing(reading)
    if (reading.value?.includes(value)) return file === path ? 'it contains it' : `${file} contains it`
  }
  return undefined
}

async function contradictingMember(
  machine: Reader,
  { path, member, sha256, absent = false }: Extract<Condition, { kind: 'archive-member' }>,
): Promise<Contradiction | undefined> {
  const answer = await machine.query('archive-members', { path, members: [member] })
  if (!answer.available) return { unreadable: `it cannot be known: ${answer.reason}` }
  const found = answer.members[member] ?? null
  if (absent) return found === null ? undefined : 'it has it'
  if (found === null) return 'it has no such member'
  return sha256 === undefined || sha256 === found ? undefined : `the member has SHA-256 ${found}`
}

/** What a node is called by its number: a container may have one where the host has none. */
const BY_NUMBER = /^\/dev\/(?:char|block)\/(\d+:\d+)$/

async function holders(machine: Reader, path: string): Promise<Contradiction | undefined> {
  const device = BY_NUMBER.exec(path)?.[1]
  if (device !== undefined) return holdersOf(machine, device)
  const { value, unreadable } = await machine.host.stat(path)
  if (value === undefined && unreadable === undefined) return undefined
  if (value?.device === undefined)
    return { unreadable: `it cannot be known who holds it: ${unreadable ?? 'it is no device node'}` }
  return holdersOf(machine, value.device)
}

async function holdersOf(machine: Reader, device: string): Promise<Contradiction | undefined> {
  const answer = await machine.query('descriptor-holders', { devices: [device] })
  if (!answer.available) return { unreadable: `it cannot be known who holds it: ${answer.reason}` }
  if (answer.holders.length === 0) return undefined
  return answer.holders.map(({ pid, name }) => `process ${pid} (${name}) holds it`).join(', ')
}

async function blockingUses(
  machine: Reader,
  condition: Extract<Condition, { kind: 'unused' }>,
): Promise<string | undefined> {
  const { host, query } = machine
  const { readDeviceUses, readPciDevice, readVirtualFunctions } = await import('../inventory/index.js')
  const address = parsePciAddress(basename(condition.path)).address
  const device = address === undefined ? undefined : await readPciDevice(host, address)
  if (device === undefined) return 'the device does not exist'
  const { uses: own, functionUses = [] } = condition
  const counted = new Set([...functionUses, ...own.filter((kind) => kind === 'virtual-machine')])
  const functions = counted.size > 0 ? await readVirtualFunctions(host, device) : []
  const found = await readDeviceUses(host, query, [device, ...functions])
  const uses = [
    ...(found.get(device.address) ?? []).filter(({ kind }) => own.includes(kind)),
    ...functions.flatMap((virtual) => found.get(virtual.address) ?? []).filter(({ kind }) => counted.has(kind)),
  ]
  const blocking = uses.filter(({ severity }) => severity === 'blocking')
  return blocking.length === 0 ? undefined : blocking.map(({ summary }) => summary).join('; ')
}

function describeMissing({ unreadable }: Reading<unknown>): Contradiction {
  return unreadable === undefined ? 'it does not exist' : { unreadable: `it cannot be read: ${unreadable}` }
}

function describePresent(link: Reading<string>): string {
  return link.value === undefined ? 'it exists' : `it links to ${link.value}`
}
