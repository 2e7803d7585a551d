import { check, device, differences, holdVfioDevice, hostState, janus, janusJson } from '../kit.mjs'

/**
 * A process that holds nothing but the device's own descriptor is invisible: there is no path and no device number to
 * find it by. The rollback therefore starts, and its unbind blocks in the kernel until the descriptor is closed.
 */
export async function blockedUnbind({ nvme, nic }) {
  const title = 'an unbind that blocks in the kernel'
  const before = await hostState()
  const bound = await janus('bind', '--device', nvme, '--apply', '--yes')
  const holder = await holdVfioDevice(nvme, { deviceOnly: true })
  check(`${title}: the descriptor alone is held`, bound.exitCode === 0 && holder.state === 'held', { bound, holder })

  const rollback = await janusJson('rollback', '--last', '--yes')
  const inKernel = (rollback.document?.data?.reports ?? []).flatMap(({ steps }) =>
    steps.filter(({ outcome }) => outcome === 'in-progress-in-kernel'),
  )
  check(`${title}: the rollback returns by itself, incomplete`, rollback.exitCode === 4 && !rollback.timedOut, rollback)
  const unbind = inKernel.find(({ change }) => change.path === '/sys/bus/pci/drivers/vfio-pci/unbind')
  check(`${title}: the report says that the unbind still is in the kernel`, unbind !== undefined, inKernel)
  const touched =
    inKernel.length > 0 && rollback.document.data.reports[0].steps.some(({ outcome }) => outcome === 'failed')
  check(`${title}: nothing else was tried on the device`, !touched, rollback.document)

  const status = await janusJson('status')
  const [transaction] = status.document?.data?.transactions?.filter(({ state }) => state === 'incomplete') ?? []
  check(`${title}: status answers and names the incomplete transaction`, status.exitCode === 1 && transaction, status)
  const list = await janus('bind', '--list')
  check(`${title}: the list of devices answers`, list.exitCode === 0 && list.stdout.includes(nvme), list)
  const early = await janusJson('recover', '--yes')
  const stillThere = (early.document?.data?.blocked ?? []).some(({ subjects }) => subjects.join().includes(nvme))
  check(
    `${title}: recover before the release returns, incomplete, and names the device`,
    early.exitCode === 4 && stillThere,
    early,
  )
  const again = await janus('bind', '--device', nvme, '--apply', '--yes')
  check(`${title}: binding the device again is refused`, again.exitCode !== 0 && !again.timedOut, again)
  const others = Object.keys(differences(before, await hostState())).filter(
    (name) => name !== nvme && name !== 'modules',
  )
  check(`${title}: no other device is touched`, others.length === 0 && device(nic).driver === 'e1000e', others)

  await holder.release()
  const recovered = await janusJson('recover', '--yes')
  check(`${title}: after the release recover finishes`, recovered.exitCode === 0, recovered)
  const changed = differences(before, await hostState())
  check(`${title}: then everything is as before, byte for byte`, Object.keys(changed).length === 0, changed)
  const clean = await janusJson('status')
  check(`${title}: and status is clean`, clean.exitCode === 0 && clean.document?.data?.clean === true, clean)
}
