import { type Condition, formatCpuList, type Host, janusError, parseCpuList } from '@janus/core'
import { CGROUP_ROOT } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { common } from './situation.js'

const DEFAULT_SLICES = ['system.slice', 'user.slice', 'init.scope']
const DROP_IN = '90-janus-cpu-isolation.conf'

/** A unit of systemd that is to keep to some processors. */
export interface RestrictedUnit {
  readonly unit: string
  /** Attribute of its cgroup; the group may not be there, and without the controller the attribute is not. */
  readonly attribute: string
  /** What it holds, undefined when it is absent. */
  readonly present: string | undefined
  readonly isRunning: boolean
  /** What it has without Janus, `''` for no list. */
  readonly before: string
  readonly wanted: string
  /** The drop-in that says so. */
  readonly directory: string
  readonly file: string
  readonly content: string
  readonly hasDirectory: boolean
  /** The drop-in that systemd reads says it already. */
  readonly hasFile: boolean
}

/**
 * What each slice has and is to have.
 * @throws JANUS_HOST_UNFIT for a unit that would have no processor left, or whose drop-in would not be read
 */
export async function readRestrictedUnits(
  host: Host,
  isolable: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly RestrictedUnit[]> {
  const units = options.slices ?? DEFAULT_SLICES
  return await Promise.all(units.map((unit) => readRestrictedUnit(host, unit, isolable, options)))
}

/** What has to be true of the cgroups of units that run. */
export function heldConditions(units: readonly RestrictedUnit[]): readonly Condition[] {
  return units
    .filter(({ isRunning }) => isRunning)
    .map(({ attribute, wanted }) => ({ kind: 'equals', path: attribute, value: wanted }))
}

/** Where Janus, an administrator and `systemctl set-property` say what a unit is to have (systemd.unit(5), unit file load path). */
export function settingPaths(unit: string): readonly string[] {
  const tops = ['/etc', '/run'].flatMap((top) => [`${top}/systemd/system.control`, `${top}/systemd/system`])
  return tops.flatMap((top) => [`${top}/${unit}`, `${top}/${unit}.d`])
}

async function readRestrictedUnit(
  host: Host,
  unit: string,
  { cpus, remaining }: Isolable,
  options: CpuIsolationOptions,
): Promise<RestrictedUnit> {
  const group = `${CGROUP_ROOT}/${groupPath(unit)}`
  const attribute = `${group}/cpuset.cpus`
  const present = (await host.readText(attribute)).value?.trim()
  const [lasting, passing] = [directoryOf(unit, true), directoryOf(unit, false)]
  const [kept, run] = [await readDropIn(host, lasting), await readDropIn(host, passing)]
  const isPersistent = options.persistent === true
  // Of two files of one name systemd reads that in /etc alone (systemd.unit(5)).
  const effective = kept ?? run
  const before = listBefore(effective) ?? present ?? ''
  const allowed = before === '' ? remaining : common(parseCpuList(before) ?? [], remaining)
  if (allowed.length === 0) {
    const message = `${unit} has no other processors than ${formatCpuList(cpus)} (${attribute}: ${present})`
    throw janusError('JANUS_HOST_UNFIT', message, {
      remedy: 'Change its AllowedCPUs first, or leave it out of the option slices.',
      data: { path: attribute, value: present },
    })
  }
  const wanted = formatCpuList(allowed)
  const content = dropIn(unit, { wanted, before, cpus: formatCpuList(cpus) })
  if (!isPersistent && kept !== undefined && kept !== content) throw shadowed(unit, `${lasting}/${DROP_IN}`)
  const directory = isPersistent ? lasting : passing
  return {
    unit,
    attribute,
    present,
    isRunning: await host.exists(group),
    before,
    wanted,
    directory,
    file: `${directory}/${DROP_IN}`,
    content,
    hasDirectory: await host.exists(directory),
    hasFile: (isPersistent ? kept : effective) === content,
  }
}

function directoryOf(unit: string, isPersistent: boolean): string {
  return `${isPersistent ? '/etc' : '/run'}/systemd/system/${unit}.d`
}

async function readDropIn(host: Host, directory: string): Promise<string | undefined> {
  return (await host.readText(`${directory}/${DROP_IN}`)).value
}

/** `a-b.slice` lies below `a.slice` (systemd.slice(5)). */
function groupPath(unit: string): string {
  if (!unit.endsWith('.slice')) return unit
  const parts = unit.slice(0, -'.slice'.length).split('-')
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')
}

const BEFORE = '# Without this file it has: '
const EVERYTHING = 'all processors'

function dropIn(
  unit: string,
  lists: { readonly wanted: string; readonly before: string; readonly cpus: string },
): string {
  return [
    `# Written by Janus (cpu-isolation): keeps ${unit} off the processors ${lists.cpus}, which guests are to have.`,
    // What the group has by then is this file's own doing; what else there is to take from must be known another time.
    `${BEFORE}${lists.before === '' ? EVERYTHING : lists.before}`,
    '# Undo it with: janus rollback',
    unit.endsWith('.slice') ? '[Slice]' : '[Scope]',
    // Lists add up; the empty one forgets what other files say.
    'AllowedCPUs=',
    `AllowedCPUs=${lists.wanted}`,
    '',
  ].join('\n')
}

/** What the unit had before the drop-in, `''` for no list; undefined where the drop-in does not say. */
function listBefore(text = ''): string | undefined {
  const line = text.split('\n').find((one) => one.startsWith(BEFORE))
  const list = line?.slice(BEFORE.length)
  if (list === EVERYTHING) return ''
  return list !== undefined && parseCpuList(list) !== undefined ? list : undefined
}

function shadowed(unit: string, path: string): Error {
  const message = `${path} says already what ${unit} is to keep to, for every boot, and systemd reads no other file of that name`
  const remedy = 'Ask with the option persistent, or roll back what wrote it.'
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path } })
}
