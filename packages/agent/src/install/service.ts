import { basename } from 'node:path'
import { type Change, contentDigest, type Host, janusError, type UndoChange } from '@janus/core'
import type { AgentSettings } from '../settings/agent-settings.js'
import type { InstallOptions } from './install-options.js'
import type { InstallPrograms } from './install-programs.js'
import { isInstalled } from './is-installed.js'
import { agentUnit } from './units/agent-unit.js'
import { controlsUnit } from './units/controls-unit.js'
import { AGENT_ALIAS, AGENT_UNIT, CONTROLS_UNIT, UNITS, type UnitPaths } from './units/unit-paths.js'

const WANTS = `${UNITS}/multi-user.target.wants`
const TIMEOUT = 120_000
const ROOT = { uid: 0, gid: 0 } as const

/** What the units are made of. */
export interface ServiceRequest {
  readonly settings: AgentSettings
  readonly paths: UnitPaths
  readonly options: Pick<InstallOptions, 'enable' | 'start'>
  readonly programs: InstallPrograms
}

/**
 * The changes that give systemd the units: files, the links that `systemctl enable` would make, and a reload behind them. A reload before them is there for
 * its undo, which comes last: only then is what systemd is to forget gone.
 */
export async function serviceChanges(host: Host, request: ServiceRequest): Promise<readonly Change[]> {
  const { options, programs } = request
  const systemctl = programs.systemctl ?? 'systemctl'
  const files = [...(await missingFiles(host, request)), ...(await missingLinks(host, options))]
  const isBooted = await host.exists('/run/systemd/system')
  const reload = { kind: 'run-command', command: systemctl, args: ['daemon-reload'], timeout: TIMEOUT } as const
  const units = [CONTROLS_UNIT, AGENT_UNIT]
  const stop: UndoChange = {
    ...reload,
    args: ['stop', ...units.toReversed()],
    why: 'undo: stop the agent, then its controls',
    scope: 'runtime',
  }
  // Whoever started them: without their files nothing would stop them, and their user could not be removed.
  const isFirst = !(await isInstalled(host))
  const changes: readonly Change[] =
    files.length === 0 || !isBooted
      ? files
      : [
          {
            ...reload,
            why: 'have systemd read its units as they are; undone last, it forgets those that are gone by then',
            scope: 'persistent',
            undo: [{ ...reload, why: 'undo: have systemd forget the units', scope: 'persistent' }],
          },
          ...files,
          {
            ...reload,
            why: 'have systemd read the units',
            scope: 'persistent',
            undo: isFirst ? [{ ...stop, scope: 'persistent' }] : [],
          },
        ]
  if (!options.start || !isBooted || (await isRunning(host))) return changes
  return [
    ...changes,
    { ...reload, args: ['start', ...units], why: 'start the controls, then the agent', scope: 'runtime', undo: [stop] },
  ]
}

/** True when systemd has a cgroup for the agent, in either hierarchy. */
export async function isRunning(host: Host): Promise<boolean> {
  for (const top of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'])
    if (await host.exists(`${top}/system.slice/${AGENT_UNIT}`)) return true
  return false
}

async function missingFiles(host: Host, { settings, paths }: ServiceRequest): Promise<readonly Change[]> {
  const wanted = [
    {
      path: `${UNITS}/${CONTROLS_UNIT}`,
      text: controlsUnit(settings, paths),
      why: 'the supervisor that ends runs when the agent cannot',
    },
    { path: `${UNITS}/${AGENT_UNIT}`, text: agentUnit(settings, paths), why: 'the agent' },
  ]
  const changes: Change[] = []
  for (const { path, text, why } of wanted) {
    await requireNoLink(host, path)
    if ((await host.readText(path)).value === text) continue
    const verify = [{ kind: 'sha256', path, value: contentDigest({ text }) }] as const
    changes.push({
      kind: 'write-file',
      path,
      content: { text },
      mode: 0o644,
      owner: ROOT,
      why,
      verify,
      scope: 'persistent',
    })
  }
  return changes
}

/** A person who masked a unit meant it. */
async function requireNoLink(host: Host, path: string): Promise<void> {
  const { value: target } = await host.readLink(path)
  if (target === undefined) return
  if (target === '/dev/null') throw unfit(`${basename(path)} is masked`, path, `systemctl unmask ${basename(path)}`)
  throw unfit(`${path} is a link to ${target}, where the units need a file`, path, `Remove the link: rm ${path}`)
}

async function missingLinks(host: Host, { enable }: Pick<InstallOptions, 'enable'>): Promise<readonly Change[]> {
  const wanted = [
    { path: `${UNITS}/${AGENT_ALIAS}`, unit: AGENT_UNIT, why: 'the name that the documents give the agent' },
    ...(enable
      ? [CONTROLS_UNIT, AGENT_UNIT].map((unit) => ({
          path: `${WANTS}/${unit}`,
          unit,
          why: `start ${unit} with the machine`,
        }))
      : []),
  ]
  const changes: Change[] = []
  for (const { path, unit, why } of wanted) {
    const target = `${UNITS}/${unit}`
    const { value: present } = await host.readLink(path)
    if (present === target) continue
    if (present === undefined && (await host.exists(path))) {
      const remedy = `Stop what it is (systemctl disable --now ${basename(path)}), and move it away: mv ${path} ${path}.old`
      throw unfit(`${path} is a file of somebody else, where the units need a link`, path, remedy)
    }
    if (
      path.startsWith(WANTS) &&
      changes.every((one) => !('path' in one) || one.path !== WANTS) &&
      !(await host.exists(WANTS))
    ) {
      const hold = 'hold what starts with the machine'
      changes.push({ kind: 'create-directory', path: WANTS, mode: 0o755, owner: ROOT, why: hold, scope: 'persistent' })
    }
    changes.push({ kind: 'write-link', path, target, why, scope: 'persistent' })
  }
  return changes
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}
