// The hand is blocked in the kernel when its parent is killed, in a rollback and in an apply; everything else has to go on.
import { closeSync, openSync, readdirSync } from 'node:fs'
import { isAlive, isHandAtWork } from './kit/held-janus.mjs'
import { journaledOrders, journaledProcess, sameState } from './kit/janus.mjs'
import { check, differences, finish, holdVfioDevice, hostState, janusJson, note, startJanus, waitFor } from './kit.mjs'

const { nic, nicAudio, nvme, twins } = JSON.parse(process.argv[2])
const home = await hostState()

await blockedRollback()
await blockedApply()
finish()

/** A process keeps the descriptor of the device and nothing that names it, so that the rollback is not refused up front. */
async function blockedRollback() {
  const title = 'rollback'
  // The other device has a group of its own: the host's driver may not have a device whose group a program uses.
  const [other, device] = twins
  const bind = janusJson('bind', '--device', other, device, '--apply', '--yes')
  await expectCode(0, `${title}: two devices are bound`, bind)
  const holder = await holdVfioDevice(device, { deviceOnly: true })
  check(`${title}: somebody holds the descriptor of ${device}`, holder.state === 'held', holder.state)
  const attribute = '/sys/bus/pci/drivers/vfio-pci/unbind'
  const blocked = await killWhenBlocked(title, ['rollback', '--last', '--yes'], attribute, device)
  await everythingElseGoesOn(title, blocked, { device, other })
  await holder.release()
  await endsInBefore(title, blocked)
}

/** The driver of a sound card does not let go of it while its control device is open; here a human insists. */
async function blockedApply() {
  const title = 'apply'
  const [card] = readdirSync(`/sys/bus/pci/devices/${nicAudio}/sound`)
  const descriptor = openSync(`/dev/snd/controlC${card.replace('card', '')}`, 'r')
  const insist = ['-o', 'allowUse=descriptor', '--accept', 'open-descriptors']
  const command = ['bind', '--device', nic, nicAudio, ...insist, '--apply', '--yes']
  const blocked = await killWhenBlocked(title, command, '/sys/bus/pci/drivers/snd_hda_intel/unbind', nicAudio)
  await everythingElseGoesOn(title, blocked, { device: nicAudio, other: nic })
  closeSync(descriptor)
  await endsInBefore(title, blocked)
}

/** Starts the command, waits until its hand is blocked in this attribute with the device, and kills it. */
async function killWhenBlocked(title, command, attribute, device) {
  const running = startJanus([...command, '--json'])
  const isOurs = ({ change }) => change.path === attribute && change.value === device
  const order = await waitFor(() => journaledOrders().findLast(isOurs), { timeoutMs: 60_000 })
  const atWork = order !== undefined && (await isHandAtWork(order))
  // An unbind that is not blocked takes less than this.
  await pause(2_000)
  const blocked = atWork && (await isHandAtWork(order))
  process.kill(journaledProcess().pid, 'SIGKILL')
  const ended = await running.ended
  const survives = blocked && isAlive(order.hand)
  const said = `${title}: the CLI is killed, its hand survives, blocked in the kernel`
  if (!check(said, ended.signal === 'SIGKILL' && survives, { ended, order })) finish()
  return order
}

async function everythingElseGoesOn(title, { hand }, { device, other }) {
  const left = await hostState()
  const isAboutDevice = ({ change }) => change.path?.includes(device) || change.value === device
  for (const attempt of ['recover', 'recover once more']) {
    const recovered = await janusJson('recover', '--yes')
    const { blocked = [], transactions = [], complete } = recovered.document?.data ?? {}
    note(`${title}: ${attempt} with the hand blocked took ${recovered.durationMs} ms`)
    check(`${title}: ${attempt} returns with exit code 4`, recovered.exitCode === 4 && complete === false, recovered)
    const names = blocked.map((entry) => `${entry.pid} ${entry.subjects}`)
    check(`${title}: ${attempt} names the hand and its device alone`, names.join() === `${hand} pci:${device}`, names)
    const steps = transactions.flatMap((transaction) => transaction.steps)
    const inKernel = steps.filter(({ outcome }) => outcome === 'in-progress-in-kernel')
    const isReported = inKernel.length > 0 && inKernel.every(isAboutDevice)
    check(`${title}: ${attempt} reports the device, and it alone, as in progress in the kernel`, isReported, steps)
    const others = steps.filter((step) => !isAboutDevice(step) && step.change.kind === 'write-attribute')
    const areUndone = others.length > 0 && others.every(({ outcome }) => ['done', 'unchanged'].includes(outcome))
    check(`${title}: ${attempt} undoes the rest`, areUndone, steps)
  }
  const state = await hostState()
  check(`${title}: the other device is home`, same(state.devices[other], home.devices[other]), state.devices[other])
  const isLeft = same(state.devices[device], left.devices[device])
  check(`${title}: the blocked device is left alone`, isLeft, differences(left, state))
  await commandsReturn(title, device)
}

async function commandsReturn(title, device) {
  const status = await janusJson('status')
  check(`${title}: status returns and says incomplete`, status.exitCode === 1 && says(status, 'incomplete'), status)
  const history = await janusJson('history')
  check(`${title}: history returns and says incomplete`, history.exitCode === 0 && says(history, 'incomplete'), history)
  const found = await janusJson('check')
  check(`${title}: check returns with findings`, found.exitCode <= 1 && found.document?.data !== undefined, found)
  const list = await janusJson('bind', '--list')
  const listed = (list.document?.data?.devices ?? []).map(({ address }) => address)
  const isWhole = list.exitCode === 0 && same(listed.sort(), Object.keys(home.devices).sort())
  check(`${title}: bind --list returns with every device`, isWhole, list)
  const refused = await janusJson('bind', '--device', device, '--apply', '--yes')
  check(`${title}: binding the device again is refused`, refused.exitCode === 1, refused)
  const other = await janusJson('bind', '--device', nvme, '--dry-run')
  check(`${title}: another device can be planned for`, other.exitCode === 0, other)
  const times = Object.entries({ status, history, check: found, list, refused, other })
  note(`${title}: ${times.map(([name, { durationMs }]) => `${name} ${durationMs} ms`).join(', ')}`)
}

async function endsInBefore(title, { hand }) {
  const ended = await waitFor(() => !isAlive(hand), { timeoutMs: 20_000 })
  check(`${title}: the hand ends by itself once the kernel lets go`, ended)
  const recovered = await janusJson('recover', '--yes')
  const complete = recovered.exitCode === 0 && recovered.document?.data?.complete === true
  check(`${title}: after the release recover succeeds`, complete, recovered)
  const state = await hostState()
  check(`${title}: after the release recover ends in before`, sameState(home, state), differences(home, state))
  const { document } = await janusJson('status')
  check(`${title}: after the release status is clean`, document?.data?.clean === true, document)
}

async function expectCode(code, title, running) {
  const result = await running
  if (!check(title, result.exitCode === code, result)) finish()
}

function says({ document }, wanted) {
  return (document?.data?.transactions ?? []).some(({ state }) => state === wanted)
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
