import { check, device, differences, hostState, janus } from '../kit.mjs'
import { bus } from './sysfs.mjs'

export const absentDevice = {
  name: 'absent-device',
  title: 'an address at which there is no device',
  async prepare({ nvme }) {
    const absent = nvme.replace(/.$/, '7')
    return { device: absent, asks: ['bind'], exits: [1], evidence: [`no PCI device ${absent}`, nvme] }
  },
}

/** How people write addresses: what can only mean one thing is taken, anything else is refused and never written. */
export async function wrongNames({ nvme, smbus }) {
  const before = await hostState()
  const short = await janus('bind', '--device', nvme.replace(/^0000:/, ''), '--dry-run')
  const planned = short.exitCode === 0 && short.stdout.includes(`${bus}/devices/${nvme}/driver_override`)
  check('a short address is completed', planned, short)

  const upper = await janus('bind', '--device', smbus.toUpperCase(), '--apply', '--yes')
  const named = upper.stderr.includes(`${bus}/devices/${smbus}/class`)
  check(
    'an upper-case address is the device in lower case, here one of the chipset: refused',
    upper.exitCode === 1 && named,
    upper,
  )

  for (const [text, meant] of [
    ['0000:82.0.0', '0000:82:00.0'],
    [nvme.replace(/0$/, '8'), ''],
    [`${nvme} `, nvme],
    ['0000:0*:00.0', ''],
    [`../../bus/pci/devices/${nvme}`, ''],
    ['0000:02:00.0\n0000:01:00.0', nvme],
  ]) {
    const refused = await janus('bind', '--device', text, '--apply', '--yes')
    const ok = refused.exitCode === 1 && refused.stderr.includes('PCI address') && refused.stderr.includes(meant)
    check(`${JSON.stringify(text)} is refused${meant && ` and ${meant} named`}`, ok, refused)
  }
  const changed = differences(before, await hostState())
  check('no wrong name changed anything', Object.keys(changed).length === 0, changed)
  check('the device of the wrong names is on its driver', device(nvme).driver === 'nvme', device(nvme))
}
