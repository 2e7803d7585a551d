import type { DeviceUse, DeviceUseKind, Loss } from '@janus/core'
import { oneLine } from '../one-line.js'

/** What binding a device back does not bring back, by what the host uses it for. */
export function lossesOf(uses: readonly DeviceUse[]): readonly Loss[] {
  const losses = new Map<string, Loss>()
  for (const use of uses.filter(isLost)) {
    const entry = LOSSES[use.kind]
    if (entry === undefined) continue
    const [id, sentence] = entry
    const known = losses.get(id)
    const summary =
      known === undefined ? `${sentence}: ${oneLine(use.summary)}` : `${known.summary}; ${oneLine(use.summary)}`
    losses.set(id, { id, summary: summary.slice(0, MOST_CHARACTERS) })
  }
  return [...losses.values()]
}

/** What is only worth saying (a monitor that is plugged in, a holder that lets go) is no loss; addresses always are. */
function isLost({ kind, severity }: DeviceUse): boolean {
  return severity === 'blocking' || kind === 'address'
}

const MOST_CHARACTERS = 900

const NETWORK = ['network-addresses', 'the interface comes back without its addresses, routes and memberships'] as const
const DISPLAY = ['display-session', 'what is shown on the display ends and does not start again by itself'] as const
const STORAGE = ['storage-stack', 'what is stacked on the disk fails and has to be assembled again by hand'] as const

const LOSSES: Readonly<Partial<Record<DeviceUseKind, readonly [id: string, sentence: string]>>> = {
  mount: ['mounted-file-systems', 'a mounted file system loses its disk: writes are lost and it is not mounted again'],
  swap: ['swap', 'swapped memory is lost with its disk'],
  'device-mapper': STORAGE,
  raid: STORAGE,
  lvm: STORAGE,
  zfs: STORAGE,
  loop: STORAGE,
  'default-route': NETWORK,
  session: NETWORK,
  bond: NETWORK,
  bridge: NETWORK,
  vlan: NETWORK,
  'network-root': NETWORK,
  'network-namespace': NETWORK,
  address: NETWORK,
  display: DISPLAY,
  'only-display': DISPLAY,
  'boot-display': [
    'boot-console',
    'the console that the firmware set up on the display does not come back before a boot',
  ],
  descriptor: ['open-descriptors', 'programs that hold the device open fail'],
  'virtual-machine': ['virtual-machine', 'the virtual machine that uses the device loses it'],
}
