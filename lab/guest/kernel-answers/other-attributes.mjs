import { readFileSync } from 'node:fs'
import { settleDrivers } from '../kit.mjs'
import { nic, nvme } from './places.mjs'

/** Reset methods, power, and an override that does not outlive its device. */
export async function otherAttributes({ attribute, override, write, keep, bind, unbind, expectDriver }) {
  const methods = () => {
    const content = readFileSync(`/sys/bus/pci/devices/${nvme}/reset_method`, 'utf8')
    keep({ operation: { kind: 'read', path: `/sys/bus/pci/devices/${nvme}/reset_method` }, result: 'ok', content })
  }
  await unbind('nvme', nvme, 'ok')
  methods()
  for (const [content, expect] of [
    ['bogus', 'EINVAL'],
    ['', 'ok'],
    ['bus', 'ok'],
    ['default', 'ok'],
    ['bus flr', 'ok'],
    [' flr', 'ok'],
    ['default flr', 'EINVAL'],
    ['\n', 'ok'],
  ]) {
    await attribute(nvme, 'reset_method', content, expect)
    methods()
  }
  await attribute(nvme, 'reset', '1', 'ENOTTY')
  await attribute(nvme, 'reset_method', 'default', 'ok')
  methods()
  await attribute(nvme, 'reset', '1', 'ok')
  await bind('nvme', nvme, 'ok')
  // The boot found `bus` before it found the neighbour; what it lists cannot be written.
  await attribute(nic, 'reset_method', 'pm bus', 'EINVAL')
  await attribute(nic, 'reset_method', 'default', 'ok')
  await attribute(nic, 'd3cold_allowed', '0', 'ok')
  await attribute(nic, 'd3cold_allowed', '2', 'ok')
  await attribute(nic, 'd3cold_allowed', 'x', 'EINVAL')
  await attribute(nic, 'd3cold_allowed', '1', 'ok')
  await attribute(nic, 'power/control', 'bogus', 'EINVAL')
  await attribute(nic, 'power/control', 'AUTO', 'EINVAL')
  await attribute(nic, 'power/control', 'on', 'ok')

  await settleDrivers()
  await override(nvme, 'nvme', 'ok')
  await attribute(nvme, 'remove', '1', 'ok')
  await write('/sys/bus/pci/rescan', '1', { expect: 'ok' })
  await settleDrivers()
  expectDriver(nvme, 'nvme')
}
