import { dirname } from 'node:path'
import { type Change, type Host, janusError } from '@janus/core'
import { quoteWord } from '../review/quote-word.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { filesOf } from '../settings/uses/files-of.js'
import { missionsOf } from '../settings/uses/missions-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import type { Account } from './account.js'

/** A directory that the agent needs. */
export interface Place {
  readonly path: string
  readonly mode: number
  /** Whose it is: of the agent, or of root. */
  readonly owner: 'agent' | 'root'
  readonly why: string
}

const GROUP_MAY_LOOK = 0o750
const ITS_OWN = 0o700
const EVERYBODY_MAY_LOOK = 0o755

/** The directories of an agent, by its settings; one that several need is there once, the first of them says why. */
export function placesOf(
  settings: AgentSettings,
  { config, stateDirectory, home }: { readonly config: string; readonly stateDirectory: string; readonly home: string },
): readonly Place[] {
  const { views, log, intelCache } = filesOf(settings)
  const missions = missionsOf(settings)
  const own = (path: string, why: string, mode = GROUP_MAY_LOOK): Place => ({ path, mode, owner: 'agent', why })
  const all: readonly Place[] = [
    {
      path: dirname(config),
      mode: EVERYBODY_MAY_LOOK,
      owner: 'root',
      why: 'the configuration, which the agent only reads',
    },
    own(home, 'what the agent keeps'),
    own(stateDirectory, 'the record, and the socket that people decide through'),
    own(workspacesOf(settings).root, 'the workspaces of runs, which nobody else looks into', ITS_OWN),
    ...Object.values(views).map((file) => own(dirname(file), `the view ${file}`)),
    own(dirname(log), 'the log'),
    own(intelCache, 'what tools fetched'),
    own(missions.stateDirectory, 'the hand-over of missions'),
    own(missions.directory, 'the missions'),
  ]
  return all.filter(({ path }, index) => all.findIndex((one) => one.path === path) === index)
}

/** What the unit may write: the places of the agent that lie in no other of them. */
export function writtenPlaces(places: readonly Place[]): readonly string[] {
  const own = places.filter(({ owner }) => owner === 'agent').map(({ path }) => path)
  return own.filter((path) => !own.some((other) => path.startsWith(`${other}/`))).toSorted()
}

/**
 * The changes that make what is missing, from the outermost directory.
 * @throws JANUS_HOST_UNFIT for a place that is there and is somebody else's, or no directory
 */
export async function placeChanges(host: Host, places: readonly Place[], account: Account): Promise<readonly Change[]> {
  const changes = new Map<string, Change>()
  const written = writtenPlaces(places)
  for (const place of places.toSorted((one, other) => one.path.length - other.path.length)) {
    if (await isThere(host, place, account)) continue
    for (const path of ancestorsOf(place.path)) {
      if (changes.has(path) || (await host.exists(path))) continue
      // What lies between a place of the agent and the next is its own too.
      const isOwn = place.owner === 'agent' && written.some((top) => path === top || path.startsWith(`${top}/`))
      const exact = places.find((one) => one.path === path)
      const mode = exact?.mode ?? (isOwn ? GROUP_MAY_LOOK : EVERYBODY_MAY_LOOK)
      changes.set(path, directoryChange(path, mode, isOwn ? account : ROOT, exact?.why ?? `hold ${place.path}`))
    }
  }
  return [...changes.values()]
}

const ROOT = { uid: 0, gid: 0 } as const

function directoryChange(path: string, mode: number, { uid, gid }: Pick<Account, 'uid' | 'gid'>, why: string): Change {
  return { kind: 'create-directory', path, mode, owner: { uid, gid }, why, scope: 'persistent' }
}

async function isThere(host: Host, { path, owner }: Place, { uid, gid, name }: Account): Promise<boolean> {
  const { value, unreadable } = await host.stat(path)
  if (value === undefined && unreadable === undefined) return false
  if (value === undefined) {
    throw janusError('JANUS_HOST_UNREADABLE', `it cannot be known what ${path} is: ${unreadable}`, { data: { path } })
  }
  if (value.type !== 'directory')
    throw unfit(`${path} is no directory`, path, `Move it away: mv ${quoteWord(path)} ${quoteWord(`${path}.old`)}`)
  if (owner === 'agent' && value.uid !== uid) {
    const remedy = `Give it to the agent (chown ${uid}:${gid} ${quoteWord(path)}), or name another place in the configuration.`
    throw unfit(`${path} belongs to user ${value.uid}, and the agent runs as ${name} (${uid})`, path, remedy)
  }
  return true
}

function ancestorsOf(path: string): readonly string[] {
  const names = path.split('/').slice(1)
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}
