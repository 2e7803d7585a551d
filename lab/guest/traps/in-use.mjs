import { readFileSync } from 'node:fs'
import { device, networkInterface, run, settleDrivers, setUpDefaultRoute } from '../kit.mjs'
import { bus, set, text } from './sysfs.mjs'

export const virtualFunctions = {
  name: 'virtual-functions',
  title: 'an SR-IOV physical function with two active virtual functions',
  async prepare({ physicalFunction }) {
    await set(physicalFunction, 'sriov_drivers_autoprobe', '0')
    await set(physicalFunction, 'sriov_numvfs', '2')
    await settleDrivers()
    const number = `${bus}/devices/${physicalFunction}/sriov_numvfs`
    return {
      device: physicalFunction,
      asks: ['bind'],
      exits: [1],
      evidence: [number],
      harm: async () => ((await text(number)) === '2' ? [] : [`virtual functions gone: ${await text(number)} of 2`]),
      async close() {
        await set(physicalFunction, 'sriov_numvfs', '0')
        await set(physicalFunction, 'sriov_drivers_autoprobe', '1')
      },
    }
  },
}

export const defaultRoute = {
  name: 'default-route',
  title: 'the NIC of the default route',
  smoke: true,
  async prepare({ uplink }) {
    const name = (await networkInterface(uplink)) ?? ''
    await run('ip', ['address', 'flush', 'dev', name])
    await setUpDefaultRoute(uplink)
    const routes = async () => (await run('ip', ['-o', 'route', 'show'])).stdout.replace(/ linkdown/g, '')
    const before = await routes()
    return {
      device: uplink,
      asks: ['bind'],
      exits: [1],
      evidence: ['/proc/net/route', name],
      harm: async () => ((await routes()) === before ? [] : ['addresses and default route gone']),
      close: () => run('ip', ['address', 'flush', 'dev', name]),
    }
  },
}

export const bootDisplay = {
  name: 'boot-display',
  title: 'the boot display, with the framebuffer of the firmware on it',
  async prepare({ bootDisplay }) {
    const before = readFileSync('/proc/fb', 'utf8')
    return {
      device: bootDisplay,
      asks: ['bind'],
      exits: [1],
      evidence: [`${bus}/devices/${bootDisplay}/boot_vga`],
      harm: async () => [
        ...(readFileSync('/proc/fb', 'utf8') === before ? [] : [`console gone: ${before.trim()}`]),
        ...(device(bootDisplay).driver === 'vfio-pci' ? ['the only display is taken from the host'] : []),
      ],
    }
  },
}
