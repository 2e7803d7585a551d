import { readdirSync } from 'node:fs'
import { run } from './run.mjs'
import { waitFor } from './wait-for.mjs'

/** The network interface of an NIC, for instance `eth0`. */
export function networkInterface(address, options) {
  return waitFor(() => {
    try {
      return readdirSync(`/sys/bus/pci/devices/${address}/net`)[0]
    } catch {
      return undefined
    }
  }, options)
}

/** Gives an NIC the address and the default route that QEMU's network expects; returns its interface. */
export async function setUpDefaultRoute(address) {
  const name = await networkInterface(address)
  if (!name) throw new Error(`${address} has no network interface`)
  for (const args of [
    ['link', 'set', name, 'up'],
    ['address', 'add', '10.0.2.15/24', 'dev', name],
    ['route', 'add', 'default', 'via', '10.0.2.2', 'dev', name],
  ]) {
    const { exitCode, stderr } = await run('ip', args)
    if (exitCode !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`)
  }
  return name
}
