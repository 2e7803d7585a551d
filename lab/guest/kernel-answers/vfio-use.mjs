import { readFileSync } from 'node:fs'
import { check, device, driverOverride, holdVfioDevice, readAttribute, run, start, waitFor } from '../kit.mjs'
import { display, displayAudio, nic, nicAudio, nvme } from './places.mjs'

/** Devices in use through VFIO: viability of a group, its exclusive use, and the unbind that blocks. */
export async function vfioUse(recorder) {
  await siblingOnHostDriver(recorder)
  await rootPortInGroup(recorder)
  await blockedUnbind(recorder)
}

async function siblingOnHostDriver({ keep, bind, unbind, probe, override, expectDriver }) {
  await override(nic, 'vfio-pci', 'ok')
  await unbind('e1000e', nic, 'ok')
  await bind('vfio-pci', nic, 'ok')
  await tryHold(keep, nic, {}, 'failed viable')
  await unbind('snd_hda_intel', nicAudio, 'ok')
  const holder = await tryHold(keep, nic, {}, 'held')
  await tryHold(keep, nic, { groupOnly: true }, 'failed group')
  await bind('snd_hda_intel', nicAudio, 'EBUSY')
  await probe(nicAudio)
  expectDriver(nicAudio, null)
  await holder.release()
  // The group's descriptor alone does not keep the device.
  const group = await tryHold(keep, nic, { groupOnly: true }, 'held')
  await unbind('vfio-pci', nic, 'ok')
  await group.release()
  await override(nic, '\n', 'ok')
  await bind('e1000e', nic, 'ok')
  await bind('snd_hda_intel', nicAudio, 'ok')
}

async function rootPortInGroup({ keep, bind, unbind, override }) {
  const hosts = [
    [display, device(display).driver],
    [displayAudio, device(displayAudio).driver],
  ]
  for (const [address, driver] of hosts) {
    await override(address, 'vfio-pci', 'ok')
    await unbind(driver, address, 'ok')
    await bind('vfio-pci', address, 'ok')
  }
  const holder = await tryHold(keep, display, {}, 'held')
  await holder.release()
  for (const [address, driver] of hosts) {
    await override(address, driver, 'ok')
    await unbind('vfio-pci', address, 'ok')
    await bind(driver, address, 'ok')
    await override(address, '\n', 'ok')
  }
}

/** From here on nothing may be read without a deadline. */
async function blockedUnbind({ keep, bind, unbind, override }) {
  const path = '/sys/bus/pci/drivers/vfio-pci/unbind'
  await override(nvme, 'vfio-pci', 'ok')
  await unbind('nvme', nvme, 'ok')
  await bind('vfio-pci', nvme, 'ok')
  const holder = await tryHold(keep, nvme, {}, 'held')
  const writer = start('sh', ['-c', `exec printf %s ${nvme} >${path}`], { timeoutMs: 300_000 })
  await waitFor(() => device(nvme).driver === null)
  const observe = async (moment) => ({
    operation: { kind: 'observe', moment },
    result: 'ok',
    driver: device(nvme).driver,
    writer: processState(writer.pid),
    overrideRead: await driverOverride(nvme, { timeoutMs: 3000 }),
    vendorRead: (await readAttribute(`/sys/bus/pci/devices/${nvme}/vendor`, { timeoutMs: 3000 })).result,
  })
  const blocked = await observe('unbind blocked')
  keep(blocked)
  check(
    'a held device looks unbound while its unbind blocks',
    blocked.driver === null && blocked.writer !== 'gone',
    blocked,
  )
  writer.signal('SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const killed = await observe('unbind blocked, writer killed')
  keep(killed)
  check('a killed writer stays in the kernel', killed.writer === 'D', killed)
  await holder.release()
  const done = await waitFor(() => processState(writer.pid) === 'gone' || undefined, { timeoutMs: 30_000 })
  keep(await observe('descriptor closed'))
  check('closing the descriptor ends the unbind', done === true)
  await override(nvme, 'nvme', 'ok')
  await bind('nvme', nvme, 'ok')
  await override(nvme, '\n', 'ok')
  const { stdout } = await run('dmesg', [])
  keep({ operation: { kind: 'observe', moment: 'kernel log' }, result: 'ok', lines: vfioLines(stdout) })
}

async function tryHold(keep, address, options, expected) {
  const holder = await holdVfioDevice(address, options)
  const operation = { kind: 'hold', address, ...options }
  keep({ operation, result: holder.state })
  check(
    `holding ${address}${options.groupOnly ? "'s group" : ''}: ${expected}`,
    holder.state.startsWith(expected),
    holder.state,
  )
  return holder
}

function processState(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0]
  } catch {
    return 'gone'
  }
}

function vfioLines(log) {
  return log
    .split('\n')
    .filter((line) => /vfio/.test(line))
    .map((line) => line.replace(/^\[[^\]]*\] /, ''))
}
