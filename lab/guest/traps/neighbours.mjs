import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { device, driverOverride } from '../kit.mjs'
import { bindByHand, bringHome, bus, leaveDriver, loadVfio, set, unloadVfio } from './sysfs.mjs'

/** Things that belong to somebody else: another device of the same kind, another tool's binding, another's override. */
export const twins = {
  name: 'twins',
  title: 'one of two identical NICs: bind it and give it back',
  smoke: true,
  async prepare({ twins: [chosen, other] }) {
    const before = traces(other)
    return {
      device: chosen,
      asks: ['bind', 'give-back'],
      exits: [0, 0],
      between: () => expectDriver(chosen, 'vfio-pci'),
      harm: async () => (traces(other) === before ? [] : ['the other one was unbound or probed again']),
    }
  },
}

export const foreignBinding = {
  name: 'foreign-binding',
  title: 'a device that somebody else bound to vfio-pci: bind and roll back',
  async prepare({ twins: [chosen] }) {
    const home = { driver: device(chosen).driver, override: await driverOverride(chosen) }
    await loadVfio()
    await bindByHand(chosen, 'vfio-pci')
    const before = link(chosen)
    return {
      device: chosen,
      home: home.driver,
      asks: ['bind', 'give-back'],
      exits: [0, 1],
      alreadySo: true,
      evidence: ['JANUS_TRANSACTION_NOT_FOUND'],
      harm: async () => (isRebound(chosen, before) ? ['taken away from its user, and bound again'] : []),
      async close() {
        await bringHome(chosen, home)
        await unloadVfio()
      },
    }
  },
}

export const foreignOverride = overrideTrap(
  'foreign-override',
  'a device whose driver override somebody set to its own driver',
  'e1000e',
)

export const leftOverOverride = overrideTrap(
  'left-over-override',
  'a device aimed at vfio-pci already, still on its host driver',
  'vfio-pci',
)

function overrideTrap(name, title, override) {
  return {
    name,
    title: `${title}: bind it and give it back`,
    async prepare({ twins: [, chosen] }) {
      await set(chosen, 'driver_override', override)
      return {
        device: chosen,
        asks: ['bind', 'give-back'],
        exits: [0, 0],
        between: () => expectDriver(chosen, 'vfio-pci'),
        close: () => set(chosen, 'driver_override', '\n'),
      }
    },
  }
}

function expectDriver(address, driver) {
  const found = device(address).driver
  return found === driver ? [] : [`${address} is on ${found ?? 'no driver'} after the bind`]
}

/** What a failed binding of another tool leaves behind: loading vfio-pci binds the device before it is told to. */
export const waiting = {
  name: 'waiting',
  title: 'a device without a driver, aimed at vfio-pci, which is not loaded: bind it and give it back',
  janusOnly: true,
  async prepare({ twins: [chosen] }) {
    const home = { driver: device(chosen).driver, override: await driverOverride(chosen) }
    await leaveDriver(chosen)
    await set(chosen, 'driver_override', 'vfio-pci')
    return {
      device: chosen,
      asks: ['bind', 'give-back'],
      exits: [0, 0],
      between: () => expectDriver(chosen, 'vfio-pci'),
      close: () => bringHome(chosen, home),
    }
  },
}

/** What changes when a device is unbound or probed, even when it ends on the same driver. */
function traces(address) {
  const folder = `${bus}/devices/${address}/net`
  const interfaces = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}/ifindex`, 'utf8').trim())
  return JSON.stringify([link(address), interfaces])
}

/** True when it is on the driver it was on, but has been away from it. */
function isRebound(address, before) {
  const after = link(address)
  return after !== before && JSON.parse(after)[0] === JSON.parse(before)[0]
}

function link(address) {
  const { ino, ctimeMs } = lstatSync(`${bus}/devices/${address}/driver`, { throwIfNoEntry: false }) ?? {}
  return JSON.stringify([device(address).driver, ino, ctimeMs])
}
