// The guest side of the scenario `vfio-boot-udev`: one boot each, on disks that carry /etc and the journal from one to the next.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { check, device, finish, janusJson, run, settleDrivers } from './kit.mjs'

const [part, target, physicalFunction, virtualFunction] = process.argv.slice(2)
const REPORT = '/run/janus-vfio-boot'
const OPTIONS = ['-o', `devices=${target}`, '-o', `devices=${virtualFunction}`, '-o', 'method=udev']
const RULES = '/etc/udev/rules.d/05-janus-vfio.rules'

const parts = {}
parts.apply = async () => {
  const sriov = ['-o', `devices=${physicalFunction}`, '-o', 'functions=1', '-o', 'persistent=true']
  const functions = await janusJson('apply', 'gpu-sriov', ...sriov, '--yes')
  check('a virtual function is there, and after every boot', functions.exitCode === 0, functions)
  const applied = await janusJson('apply', 'gpu-vfio-boot', ...OPTIONS, '--yes')
  check('the rules are applied', applied.exitCode === 0 && existsSync(RULES), applied)
  check('the running binding was not touched', device(target).driver === 'nvme', device(target))
  const { status, summary } = await finding(target)
  check('the check waits for the next boot', status === 'ok' && /by the next boot/.test(summary), summary)
}
parts.taken = async () => {
  check('the driver of the host is there before udev', device(target).driver === 'nvme', device(target))
  const before = await finding(target)
  check(
    'without any rule the check warns',
    before.status === 'warn' && /no udev takes the rule/.test(before.summary),
    before,
  )
  await startUdev()
  check('the rules leave the device', device(target).driver === 'nvme', device(target))
  check('and say why', /taken: /.test(report(target)), report())
  const { status, summary, remedy } = await finding(target)
  check('the check is critical, and names the other method', status === 'critical' && /initramfs/.test(remedy), summary)
  await checkVirtualFunction()
  const again = await janusJson('plan', 'gpu-vfio-boot', ...OPTIONS)
  check(
    'another boot is no reason to write the rules anew',
    again.document?.data?.plan?.changes?.length === 0 || again.document?.data?.changes?.length === 0,
    again,
  )
}
parts.bound = async () => {
  check('no driver has the device before udev', device(target).driver === null, device(target))
  await startUdev()
  check('the device is on vfio-pci', device(target).driver === 'vfio-pci', device(target))
  check('the rules say so', report(target) === `${target} bound to vfio-pci`, report())
  check(
    'udev gave the other drive its own driver',
    device(physicalFunction).driver === 'nvme',
    device(physicalFunction),
  )
  const { status, summary } = await finding(target)
  check('the check is ok', status === 'ok' && /by udev/.test(summary), summary)
  await checkVirtualFunction()
  const clean = await janusJson('status')
  check('status is clean', clean.exitCode === 0 && clean.document?.data?.clean === true, clean)
}
parts.off = async () => {
  await startUdev()
  check('the device is with the host', device(target).driver === 'nvme', device(target))
  check('the rules say that they were told so', /off: janus\.vfio=off/.test(report(target)), report())
  const { status, summary } = await finding(target)
  check('the check warns', status === 'warn', summary)
  const rolledBack = await janusJson('rollback', '--last', '--yes')
  check('it is rolled back', rolledBack.exitCode === 0 && !existsSync(RULES), rolledBack)
}

await parts[part]()
finish()

/** What a boot does: the daemon, then all devices of the bus once more (`systemd-udev-trigger.service`). */
async function startUdev() {
  // What the build host may be does not make this machine a container, where udev takes the command line of process 1 for the kernel's.
  rmSync('/.dockerenv', { force: true })
  await run('/lib/systemd/systemd-udevd', ['--daemon'])
  await run('udevadm', ['trigger', '--type=devices', '--action=add', '--subsystem-match=pci'])
  const settled = await run('udevadm', ['settle', '--timeout=240'], { timeoutMs: 300_000 })
  check('udev has met the devices', settled.exitCode === 0, settled)
  await settleDrivers()
}

async function checkVirtualFunction() {
  const { driver } = device(virtualFunction)
  check('the virtual function came after udev did, and is on vfio-pci', driver === 'vfio-pci', report())
  const { status, summary } = await finding(virtualFunction)
  check('the check is ok with it', status === 'ok' && /by udev/.test(summary), summary)
}

async function finding(address) {
  const checked = await janusJson('check', 'gpu-vfio-boot')
  const id = `boot-${address.replaceAll(/[:.]/g, '-')}`
  const found = findings(checked.document?.data).find((one) => one.id === id)
  return found ?? { status: undefined, summary: JSON.stringify(checked) }
}

/** All objects with an id and a status, however deep. */
function findings(data) {
  if (data === null || typeof data !== 'object') return []
  const own = typeof data.id === 'string' && typeof data.status === 'string' ? [data] : []
  return [...own, ...Object.values(data).flatMap(findings)]
}

function report(address) {
  const text = existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : ''
  return address === undefined ? text : (text.split('\n').findLast((line) => line.startsWith(address)) ?? '')
}
