// Profiles on the real kernel: a passthrough host in one stage, a virtual function in two, and a failure at each step.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cgroupState } from './kit/cgroups.mjs'
import { callOfOrder } from './kit/held-janus.mjs'
import { janusProgram, journaledOrders, sameState } from './kit/janus.mjs'
import { check, differences, finish, hostState, janus, janusJson, loadModule, run } from './kit.mjs'

const { display, displayAudio, usb, physicalFunction, virtualFunctions } = JSON.parse(process.argv[2])
const [part] = process.argv.slice(3)
const [firstFunction] = virtualFunctions

await loadModule('acpi-cpufreq')
const passthrough = (interrupts) => [
  { module: 'cpu-hugepages', options: { pages: 16, node: 0 } },
  { module: 'gpu-vfio', options: { devices: [display, displayAudio], allowUse: ['only-display'] } },
  // vfio-pci lets every device that it gets sleep, so this one comes behind it.
  { module: 'gpu-reset', options: { devices: [display], keepAwake: true } },
  { module: 'cpu-governor', options: { cpus: '2-3', governor: 'performance' } },
  { module: 'cpu-isolation', options: { cpus: '2-3' } },
  { module: 'cpu-irq-affinity', options: { awayFrom: '2-3', ...interrupts } },
]
const host = profile('passthrough', passthrough({}))
// Every interrupt is a step like the next: for a failure at each, those of one device are enough.
const short = profile('short', passthrough({ devices: [usb] }))
const functions = profile('virtual-function', [
  { module: 'cpu-hugepages', options: { pages: 8, node: 0 } },
  { module: 'gpu-sriov', options: { devices: [physicalFunction], functions: 2 } },
  { module: 'gpu-vfio', options: { devices: [firstFunction] } },
])

if (part === 'host') {
  await roundTrip('a passthrough host', host, 'passthrough', { stages: 1 })
  const orders = await roundTrip('a passthrough host of few interrupts', short, 'short', { stages: 1 })
  await failAtEach('a passthrough host of few interrupts', short, orders)
} else {
  const orders = await roundTrip('a virtual function', functions, 'virtual-function', { stages: 2 })
  await failAtEach('a virtual function', functions, orders)
}
finish()

function profile(name, modules) {
  const path = `/root/${name}.json`
  writeFileSync(path, JSON.stringify({ schema: 'janus.profile/1', name, modules }), { mode: 0o600 })
  return path
}

/** Diff, apply, diff, rollback: and the machine is as before. */
async function roundTrip(title, path, name, { stages }) {
  const before = await state()
  const differs = await janusJson('profile', 'diff', path)
  check(`${title}: differs at first`, differs.exitCode === 1 && differs.document?.data?.same === false, differs)
  const from = journaledOrders().length
  const applied = await janusJson('profile', 'apply', path, '--yes', '--accept', 'display-session')
  const data = applied.document?.data
  check(`${title}: is applied`, applied.exitCode === 0 && data?.outcome === 'applied', applied)
  check(`${title}: in ${stages} stages`, (data?.stages?.length ?? 1) === stages, data?.stages?.length)
  const same = await janusJson('profile', 'diff', path)
  check(`${title}: differs no longer`, same.exitCode === 0 && same.document?.data?.same === true, same)
  const status = await janusJson('status')
  check(`${title}: status is clean`, status.document?.data?.clean === true, status)
  const performed = journaledOrders().slice(from)
  const back = await janusJson('rollback', '--profile', name, '--yes')
  check(`${title}: is rolled back as one`, back.exitCode === 0 && back.document?.data?.reports?.length === 1, back)
  const after = await state()
  check(`${title}: the machine is as before`, sameState(before, after), differences(before, after))
  return performed
}

/** Makes the call that carries out each order fail in its turn; what was done before is undone. */
async function failAtEach(title, path, performed) {
  const before = await state()
  for (const [at, { change, step }] of performed.entries()) {
    const { calls, paths = [], nth = 1 } = callOfOrder(performed, at)
    const where = paths.flatMap((one) => ['-P', one])
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=ENOMEM:when=${nth}`, '-e', 'signal=none']
    const strace = [
      '-f',
      '-qq',
      '--seccomp-bpf',
      ...where,
      ...inject,
      '-o',
      '/dev/null',
      process.execPath,
      janusProgram,
    ]
    const args = ['profile', 'apply', path, '--yes', '--accept', 'display-session', '--json']
    const env = { UV_THREADPOOL_SIZE: '1' }
    const failed = await run('strace', [...strace, ...args], { env, timeoutMs: 600_000 })
    const name = `${title}, order ${at + 1} of ${performed.length} (${change.kind} ${change.path ?? change.name ?? change.command}) fails`
    const isUndone = failed.exitCode === 1 && failed.stdout.includes('has been undone')
    check(`${name}: the apply says so`, isUndone && failedStep(failed) === step, failed)
    const after = await state()
    check(`${name}: the machine is as before`, sameState(before, after), differences(before, after))
  }
  const left = await janus('recover', '--yes')
  check(`${title}: nothing is left to recover`, left.stdout.includes('Nothing to recover'), left)
}

/** Which step the error names: the one that was made to fail, and no other. */
function failedStep({ stdout }) {
  return JSON.parse(stdout).diagnostics?.[0]?.data?.step
}

/** What the profiles touch. Message interrupts of a device come and go with its driver, by other numbers. */
async function state() {
  const names = readdirSync('/sys/devices/system/cpu/cpufreq').filter((name) => name.startsWith('policy'))
  const frequencies = names.map((policy) => `/sys/devices/system/cpu/cpufreq/${policy}/scaling_governor`)
  const pool = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'
  const autoprobe = `/sys/bus/pci/devices/${physicalFunction}/sriov_drivers_autoprobe`
  const sleep = ['power/control', 'd3cold_allowed'].map((name) => `/sys/bus/pci/devices/${display}/${name}`)
  const paths = [...frequencies, pool, autoprobe, ...sleep, '/proc/irq/default_smp_affinity']
  const values = Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]))
  const { groups } = cgroupState()
  return { ...(await hostState()), values, groups }
}
