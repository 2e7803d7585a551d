// Binds each target, looks at the status, rolls back; by the CLI, and by a program that has only the SDK.
import { check, device, differences, driverOverride, finish, groupMembers, hostState, janus, janusJson, note, repository, run } from './kit.mjs'

const { nic, nicAudio, nvme, display, displayAudio } = JSON.parse(process.argv[2])

const before = await hostState()
await roundTrip('an NIC and the audio function beside it', [nic, nicAudio])
await roundTrip('an audio function alone, its sibling with consent', [nicAudio], ['-o', `includeSiblings=${nic}`])
await roundTrip('an NVMe', [nvme])
await roundTrip('a display controller with its audio', [display, displayAudio], ['-o', 'allowUse=only-display'])
await wholeGroup(device(nic).group)
await sdkAlone()
finish()

async function roundTrip(title, addresses, more = []) {
  const target = ['--device', ...addresses, ...more]
  await applyAndRollBack(title, addresses, target)
}

async function wholeGroup(group) {
  await applyAndRollBack(`the whole group ${group}`, groupMembers(nic), ['--group', group])
}

async function applyAndRollBack(title, addresses, target) {
  const dry = await janus('bind', ...target)
  check(`${title}: the dry-run shows the plan`, dry.exitCode === 0 && dry.stdout.includes('driver_override'), dry)
  check(`${title}: the dry-run changes nothing`, isEmpty(differences(before, await hostState())))
  const losses = [...dry.stdout.matchAll(/--accept ([a-z-]+)/g)].flatMap((match) => ['--accept', match[1]])
  const apply = await janus('bind', ...target, '--apply', '--yes', ...losses)
  check(`${title}: apply succeeds`, apply.exitCode === 0, apply)
  for (const address of addresses) {
    check(`${title}: ${address} is on vfio-pci`, device(address).driver === 'vfio-pci', device(address))
    check(`${title}: ${address} is aimed at vfio-pci`, (await driverOverride(address)) === 'vfio-pci\n')
  }
  const status = await janusJson('status')
  check(`${title}: status is clean`, status.exitCode === 0 && status.document?.data?.clean === true, status)
  const again = await janusJson('bind', ...target, '--apply', '--yes')
  check(`${title}: binding again is no change`, again.exitCode === 0, again)
  const rollback = await janus('bind', '--rollback', '--yes')
  check(`${title}: rollback succeeds`, rollback.exitCode === 0, rollback)
  const changed = differences(before, await hostState())
  check(`${title}: afterwards everything is as before, byte for byte`, isEmpty(changed), changed)
}

async function sdkAlone() {
  const program = `${repository}examples/bind-and-roll-back.mjs`
  const result = await run(process.execPath, [program, nvme], { timeoutMs: 120_000 })
  check('a program with the SDK alone binds and rolls back', result.exitCode === 0, result)
  note(result.stdout)
  const changed = differences(before, await hostState())
  check('after the SDK program everything is as before', isEmpty(changed), changed)
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
