import { type Host, type PciDevice, type Query, readPciDevices } from '@janus/core'
import { findDevices } from '../find-devices.js'
import { type Holders, readHolders } from '../holders.js'
import { findRunningUnits, type RunningUnit } from '../systemd-units.js'
import { readNvidiaNumbers } from './nvidia-numbers.js'
import type { GpuNvidiaReleaseOptions } from './options.js'

/** The daemon that keeps the cards initialised; it is there to be stopped. */
export const PERSISTENCE_DAEMON = 'nvidia-persistenced.service'
const DRIVER = 'nvidia'
const GPUS = '/proc/driver/nvidia/gpus'

/** The cards to release, how they are held and by whom. */
export interface Survey {
  /** Every card on the driver. */
  readonly cards: readonly PciDevice[]
  /** Those of the chosen devices that are on the driver; the others are released already. */
  readonly held: readonly PciDevice[]
  /** Chosen devices that are not on the driver. */
  readonly free: readonly PciDevice[]
  /** Device numbers that must not be held. */
  readonly numbers: readonly string[]
  readonly holders: Holders
  /** The persistence daemon and the units that the options name, as far as they run. */
  readonly units: readonly RunningUnit[]
  /** Units that the options name and that are not found running. */
  readonly stopped: readonly string[]
  readonly version: string | undefined
}

/**
 * Reads who holds the cards on the proprietary driver open.
 * @throws JANUS_DEVICE_NOT_FOUND with near matches
 */
export async function surveyCards(
  host: Host,
  query: Query,
  options: Pick<GpuNvidiaReleaseOptions, 'devices' | 'stopUnits'>,
): Promise<Survey> {
  const devices = await readPciDevices(host)
  const known = new Set(((await host.list(GPUS)).value ?? []).map((name) => name.toLowerCase()))
  const cards = devices.filter(({ driver, address }) => driver === DRIVER || known.has(address))
  const chosen =
    options.devices === undefined ? cards : findDevices(host.description, devices, [...new Set(options.devices)])
  const held = chosen.filter((device) => cards.includes(device))
  const numbers = await readNvidiaNumbers(host, held, cards)
  const names = [...new Set([PERSISTENCE_DAEMON, ...options.stopUnits])]
  const units = await findRunningUnits(host, names)
  return {
    cards,
    held,
    free: chosen.filter((device) => !cards.includes(device)),
    numbers,
    holders: await readHolders(host, query, numbers),
    units: held.length === 0 ? [] : units,
    stopped: options.stopUnits.filter((name) => !units.some((unit) => unit.name === name)),
    version: (await host.readText('/sys/module/nvidia/version')).value?.trim(),
  }
}
