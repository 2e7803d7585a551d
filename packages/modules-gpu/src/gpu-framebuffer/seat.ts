import type { Host } from '@janus/core'
import { oneLine } from '../one-line.js'
import { findRunningUnits, type RunningUnit } from '../systemd-units.js'

/** The seat of the machine: its display manager and who is logged in there. */
export interface Seat {
  /** The display manager, when it runs. */
  readonly manager: RunningUnit | undefined
  /** Sessions on the seat, as sentences name them. */
  readonly sessions: readonly string[]
}

const ALIAS = '/etc/systemd/system/display-manager.service'
const SEAT = '/run/systemd/seats/seat0'

/** Reads what systemd and its logind say of the seat (sd-login(3)); both are absent on other systems. */
export async function readSeat(host: Host): Promise<Seat> {
  const name = (await host.readLinkText(ALIAS)).value?.split('/').at(-1)
  const [manager] = name === undefined ? [] : await findRunningUnits(host, [name])
  const seat = fieldsOf((await host.readText(SEAT)).value)
  const sessions: string[] = []
  for (const id of (seat.get('SESSIONS') ?? '').split(' ').filter((word) => /^[A-Za-z0-9]+$/.test(word))) {
    const session = fieldsOf((await host.readText(`/run/systemd/sessions/${id}`)).value)
    const kind = [session.get('TYPE'), session.get('CLASS')].filter((word) => word !== undefined).join(' ')
    const user = session.get('USER')
    sessions.push(oneLine(`session ${id}${kind === '' ? '' : ` (${kind})`}${user === undefined ? '' : ` of ${user}`}`))
  }
  return { manager, sessions }
}

/** The files of logind are lines of `NAME=value`. */
function fieldsOf(text: string | undefined): ReadonlyMap<string, string> {
  const lines = (text ?? '').split('\n').filter((line) => /^[A-Z_]+=/.test(line))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
