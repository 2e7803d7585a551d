import type { UndoChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import type { Fact, FactRead } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { readDigest } from '../host/read-digest.js'
import { comparableValue } from './attribute-forms.js'
import { pciAddressOfSubject, subjectsOf } from './subjects.js'

/** Attributes that say which device sits at an address, and the state that a binding rests on. */
const DEVICE_FACTS: readonly { name: string; file: string; read: FactRead }[] = [
  { name: 'location', file: '', read: 'link' },
  { name: 'vendor', file: '/vendor', read: 'text' },
  { name: 'device', file: '/device', read: 'text' },
  { name: 'subsystem-vendor', file: '/subsystem_vendor', read: 'text' },
  { name: 'subsystem-device', file: '/subsystem_device', read: 'text' },
  { name: 'class', file: '/class', read: 'text' },
  { name: 'revision', file: '/revision', read: 'text' },
  { name: 'driver', file: '/driver', read: 'link' },
  { name: 'driver-override', file: '/driver_override', read: 'text' },
  { name: 'iommu-group', file: '/iommu_group', read: 'link' },
]

/** A fact whose value is no longer what the plan rests on. */
export interface ChangedFact {
  readonly fact: Fact
  readonly found: Fact['value']
}

/**
 * The facts a list of changes rests on: for every PCI function they touch its identity, driver, driver override, group
 * and the members of the group; for every file whose bytes they expect, its digest.
 * @throws JANUS_HOST_UNREADABLE when a fact cannot be known: a plan must not rest on a guess
 */
export async function gatherFacts(host: Host, changes: readonly UndoChange[]): Promise<readonly Fact[]> {
  const subjects = [...new Set(changes.flatMap(subjectsOf))]
  const facts: Fact[] = []
  for (const subject of subjects) {
    const address = pciAddressOfSubject(subject)
    if (address !== undefined) facts.push(...(await gatherDeviceFacts(host, subject, address)))
  }
  const expected = changes.flatMap(({ expect = [] }) => expect.filter(({ kind }) => kind === 'sha256'))
  for (const path of new Set(expected.map((condition) => condition.path))) {
    facts.push({
      subject: path,
      name: 'sha256',
      path,
      read: 'sha256',
      value: await readFact(host, { path, read: 'sha256' }),
    })
  }
  return facts
}

/** Reads every fact again and returns those that differ. */
export async function changedFacts(host: Host, facts: readonly Fact[]): Promise<readonly ChangedFact[]> {
  const changed: ChangedFact[] = []
  for (const fact of facts) {
    const found = await readFact(host, fact)
    if (JSON.stringify(found) !== JSON.stringify(fact.value)) changed.push({ fact, found })
  }
  return changed
}

async function gatherDeviceFacts(host: Host, subject: string, address: string): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for (const { name, file, read } of DEVICE_FACTS) {
    const path = `/sys/bus/pci/devices/${address}${file}`
    facts.push({ subject, name, path, read, value: await readFact(host, { path, read }) })
  }
  const group = facts.find((fact) => fact.name === 'iommu-group')?.value
  if (typeof group === 'string') {
    const path = `${group}/devices`
    facts.push({
      subject,
      name: 'group-members',
      path,
      read: 'list',
      value: await readFact(host, { path, read: 'list' }),
    })
  }
  return facts
}

async function readFact(host: Host, { path, read }: Pick<Fact, 'path' | 'read'>): Promise<Fact['value']> {
  const reading = await readAs(host, path, read)
  if (reading.unreadable === undefined) return reading.value ?? null
  const data = { path, reason: reading.unreadable }
  if (reading.unreadable !== 'not-captured')
    throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${reading.unreadable}`, { data })
  const message = `a plan would rest on ${path}, which the captured host does not hold`
  const remedy = 'Capture the machine again with `janus snapshot`; checks and listings need no more than there is.'
  throw janusError('JANUS_HOST_UNREADABLE', message, { remedy, data })
}

async function readAs(host: Host, path: string, read: FactRead) {
  switch (read) {
    case 'text': {
      const reading = await host.readText(path)
      return reading.value === undefined ? reading : { value: comparableValue(path, reading.value) }
    }
    case 'link':
      return host.readLink(path)
    case 'list':
      return host.list(path)
    case 'sha256':
      return readDigest(host, path)
  }
}
