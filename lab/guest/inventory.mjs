// What the guest is made of: devices, drivers, groups, and the raw answers of the tools the inventory is compared with.
import { readFileSync } from 'node:fs'
import { check, devices, driverOverride, finish, groupMembers, run, value } from './kit.mjs'

const found = []
for (const entry of devices()) {
  found.push({
    ...entry,
    driverOverride: await driverOverride(entry.address),
    groupMembers: groupMembers(entry.address),
  })
}
value('devices', found)
value('cmdline', readFileSync('/proc/cmdline', 'utf8').trim())
value('modules', readFileSync('/proc/modules', 'utf8'))
value('iomem', readFileSync('/proc/iomem', 'utf8'))
for (const [name, command, args] of [
  ['lspci', 'lspci', ['-Dnnk']],
  ['lsmod', 'lsmod', []],
  ['lscpu', 'lscpu', ['-J']],
]) {
  const answer = await run(command, args)
  check(`${name} answers`, answer.exitCode === 0, answer.stderr || undefined)
  value(name, answer.stdout)
}
const override = found.filter((entry) => entry.driverOverride !== '(null)\n')
check('no device has a driver override', override.length === 0, override.length > 0 ? override : undefined)
finish()
