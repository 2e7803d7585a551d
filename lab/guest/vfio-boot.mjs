// The guest side of the scenario `vfio-boot`: one boot each, on disks that carry /etc, /boot and the journal from one to the next.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { check, device, finish, janusJson, janusProgram, loadModule, note, run, value } from './kit.mjs'

const [part, target] = process.argv.slice(2)
const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
const IMAGE = `/boot/initrd.img-${kernel}`
const OPTIONS = ['-o', `devices=${target}`]
/** Milliseconds for a build of the image. */
const BUILD = 1_100_000
const REPORT = '/run/janus-vfio-boot'

const parts = {}
parts.apply = async () => {
  value('kernel', kernel)
  // The disk hides what the lab put there; a builder looks for the configuration of the kernel.
  const kernelFolder = readFileSync('/run/janus-lab/boot', 'utf8')
  for (const name of [`config-${kernel}`, `vmlinuz-${kernel}`]) copyFileSync(`${kernelFolder}/${name}`, `/boot/${name}`)
  // The host's driver is in the image too, and loaded from it: the hardest case.
  writeFileSync('/etc/initramfs-tools/conf.d/lab', 'MODULES=list\nCOMPRESS=gzip\n')
  writeFileSync('/etc/initramfs-tools/modules', 'nvme\n')
  const built = await run('update-initramfs', ['-c', '-k', kernel], { timeoutMs: BUILD })
  check('an image is there before', built.exitCode === 0 && existsSync(IMAGE), built)
  note(`update-initramfs took ${built.durationMs} ms`)
  value('before', await state())
  const applied = await apply(...OPTIONS)
  check('it is applied', applied.exitCode === 0 && applied.document?.data?.outcome === 'applied', applied)
  note(`the apply took ${applied.durationMs} ms`)
  const { stdout } = await run('lsinitramfs', [IMAGE])
  check('lsinitramfs sees the script too', stdout.includes('scripts/init-top/00-janus-vfio'), stdout.slice(0, 3000))
  check('and vfio-pci', /vfio-pci\.ko/.test(stdout))
  check('the running binding was not touched', device(target).driver === 'nvme', device(target))
  const status = await janusJson('status')
  check('status says that a boot is needed', JSON.stringify(status.document?.data).includes('pending-reboot'), status)
  const again = await janusJson('plan', 'gpu-vfio-boot', ...OPTIONS)
  check(
    'a second plan is empty',
    again.document?.data?.changes?.length === 0 || again.document?.data?.plan?.changes?.length === 0,
    again,
  )
}
parts.bound = async () => {
  check('the device is on vfio-pci', device(target).driver === 'vfio-pci', device(target))
  check('the early script says so', readFileSync(REPORT, 'utf8') === `${target} bound to vfio-pci\n`, report())
  const log = await kernelLog()
  check('the kernel log has it', log.includes(`janus-vfio-boot: ${target} bound to vfio-pci`), log.slice(-3000))
  check('nvme was loaded from the image', existsSync('/sys/bus/pci/drivers/nvme'))
  check('and never had the device', !log.includes(`pci function ${target}`), log.slice(-3000))
  check('nvme took the other drive', log.includes('pci function 0000:06:00.0'), log.slice(-3000))
  const status = await janusJson('status')
  check('status is clean', status.exitCode === 0 && status.document?.data?.clean === true, status)
  const checked = await janusJson('check', 'gpu-vfio-boot')
  const findings = JSON.stringify(checked.document?.data ?? {})
  check('check is ok', checked.exitCode === 0 && !/"status":"(warn|critical)"/.test(findings), checked)
}
parts.other = async () => {
  check('another device sits there, and is on its own driver', device(target).driver !== 'vfio-pci', device(target))
  check('the early script left it alone', /other-device .* left alone/.test(report()), report())
  const checked = await janusJson('check', 'gpu-vfio-boot')
  const findings = JSON.stringify(checked.document?.data ?? {})
  check(
    'check calls it critical, with both identities',
    /"status":"critical"/.test(findings) && /instead of/.test(findings),
    checked,
  )
  const status = await janusJson('status')
  check('status says that the boot did not do what it was to do', status.document?.data?.clean === false, status)
}
parts.rollback = async () => {
  const rolledBack = await janusJson('rollback', '--last', '--yes')
  check('it is rolled back', rolledBack.exitCode === 0, rolledBack)
  value('after', await state())
  check('nothing of it is left', !existsSync('/etc/initramfs-tools/hooks/janus-vfio'))
}
parts.unbound = async () => {
  await loadModule('nvme')
  check('the device is on the driver of the host again', device(target).driver === 'nvme', device(target))
  check('no early script ran', !existsSync(REPORT))
  const status = await janusJson('status')
  check('status is clean', status.exitCode === 0 && status.document?.data?.clean === true, status)
}

await parts[part]()
finish()

/** The apply, which builds an image. */
async function apply(...options) {
  const args = ['apply', 'gpu-vfio-boot', ...options, '--yes', '--json']
  const result = await run(process.execPath, [janusProgram, ...args], { timeoutMs: BUILD })
  return { ...result, document: result.stdout === '' ? undefined : JSON.parse(result.stdout) }
}

/** Names, modes and bytes of all that an apply may touch on disk, as one digest with the names. */
async function state() {
  const { stdout } = await run('find', ['/etc/initramfs-tools', '/boot', '-printf', '%p %m %U:%G\\n'])
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '' && !line.includes('lost+found'))
    .sort()
  const digests = lines.map((line) => {
    const [path] = line.split(' ')
    return isFile(path) ? `${line} ${createHash('sha256').update(readFileSync(path)).digest('hex')}` : line
  })
  return digests.join('\n')
}

function isFile(path) {
  try {
    readdirSync(path)
    return false
  } catch {
    return true
  }
}

function report() {
  return existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : ''
}

async function kernelLog() {
  return (await run('dmesg', [])).stdout
}
