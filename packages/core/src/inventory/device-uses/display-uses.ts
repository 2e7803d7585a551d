import type { Host } from '../../contract/host.js'
import type { DeviceUse, PciDevice } from '../../contract/inventory.js'
import { PCI_DEVICES } from '../pci-devices.js'
import { listNames, readValue } from '../read-value.js'
import type { FoundUse, UseSurvey } from './use-survey.js'

const DRM = '/sys/class/drm'

/** Class of a 3D controller: it renders, but no monitor can be plugged in. */
const RENDER_ONLY = '0302'

/** Displays that the firmware started on, that are the only one, or that show something. */
export async function findDisplayUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  const displays = survey.devices.filter(({ isDisplay }) => isDisplay)
  if (displays.length === 0) return []
  const isOnly = (await countDisplays(survey.host)) === 1
  const connectors = await readConnectors(survey.host)
  return displays.flatMap((device) => {
    const shown = connectors.filter(({ path }) => survey.ownersOf(path).includes(device.address))
    return usesOf(device, isOnly, shown).map((use) => ({ address: device.address, use }))
  })
}

interface Connector {
  readonly name: string
  readonly path: string
  readonly isEnabled: boolean
}

function usesOf(
  { address, path, bootDisplay, class: code }: PciDevice,
  isOnly: boolean,
  connectors: readonly Connector[],
): DeviceUse[] {
  const uses: DeviceUse[] = []
  if (bootDisplay === true) {
    const summary = 'it is the display that the firmware started on'
    uses.push({ kind: 'boot-display', severity: 'blocking', summary, chain: [address], evidence: `${path}/boot_vga` })
  }
  if (isOnly && !code.startsWith(RENDER_ONLY)) {
    const summary = 'it is the only display controller of the host'
    uses.push({ kind: 'only-display', severity: 'blocking', summary, chain: [address], evidence: `${path}/class` })
  }
  // Who gives away the boot display or the only one gives away what it shows: one question, not two.
  const isSaid = uses.length > 0
  for (const connector of connectors) {
    const what = connector.isEnabled ? 'shows a picture on' : 'has a monitor connected to'
    uses.push({
      kind: 'display',
      severity: connector.isEnabled && !isSaid ? 'blocking' : 'notice',
      summary: `it ${what} ${connector.name}`,
      chain: [address, connector.name],
      evidence: `${connector.path}/${connector.isEnabled ? 'enabled' : 'status'}`,
    })
  }
  return uses
}

async function countDisplays(host: Host): Promise<number> {
  let count = 0
  for (const name of await listNames(host, PCI_DEVICES)) {
    const code = await readValue(host, `${PCI_DEVICES}/${name}/class`)
    if (code?.startsWith('0x03') === true) count += 1
  }
  return count
}

async function readConnectors(host: Host): Promise<Connector[]> {
  const connectors: Connector[] = []
  for (const name of await listNames(host, DRM)) {
    const path = /^card\d+-/.test(name) ? (await host.readLink(`${DRM}/${name}`)).value : undefined
    if (path === undefined || (await readValue(host, `${path}/status`)) !== 'connected') continue
    connectors.push({ name, path, isEnabled: (await readValue(host, `${path}/enabled`)) === 'enabled' })
  }
  return connectors
}
