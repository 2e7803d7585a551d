// The modules of modules-gpu that prepare a device at run time, each through the built packages: check, plan, apply, check,
// an empty second plan, rollback to the byte, and what they refuse.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createJanus, defineModule } from '../../packages/core/dist/index.js'
import {
  gpuFramebuffer,
  gpuNvidiaRelease,
  gpuReset,
  gpuSriov,
  gpuTemplate,
  gpuVfio,
} from '../../packages/modules-gpu/dist/index.js'
import { holdNode } from './kit/hold-node.mjs'
import { check, finish, note, run, writeAttribute } from './kit.mjs'

const { nic, nicAudio, nvme, display, physicalFunction, virtualFunctions, bootDisplay } = JSON.parse(process.argv[2])
const bus = '/sys/bus/pci/devices'

/** `check` of the SDK asks modules without options; this one passes the question on. */
let asked
const asking = defineModule({
  metadata: { type: 'gpu', id: 'lab-asks', version: '0.1.0', compatApi: 1, summary: 'asks another module' },
  options: gpuTemplate.options,
  check: (context) => asked.module.check({ ...context, options: asked.module.options.parse(asked.options) }),
})
const modules = [gpuFramebuffer, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate, gpuVfio, asking]
const janus = createJanus({ sources: modules.map((module) => ({ kind: 'module', module })) })

const overview = await janus.check({
  modules: modules.filter((module) => module !== asking).map(({ metadata }) => metadata.id),
})
check('every module gives its overview of this machine', overview.diagnostics.length === 0, overview.diagnostics)
note(
  overview.modules
    .map(
      ({ module, findings }) =>
        `${module}: ${findings.map(({ status, summary }) => `${status} ${summary}`).join(' | ')}`,
    )
    .join('\n'),
)

await template()
await virtualFunctionsOn()
await resets()
await nvidia()
await console_()
await janus.close()
finish()

async function template() {
  await roundTrip('gpu-template', gpuTemplate, {})
}

async function virtualFunctionsOn() {
  const options = { devices: [physicalFunction], functions: 2 }
  await roundTrip('two virtual functions', gpuSriov, options, async () => {
    const found = readdirSync(`${bus}/${physicalFunction}`).filter((name) => name.startsWith('virtfn'))
    check(
      'two virtual functions: they are there, without a driver',
      found.length === 2 && virtualFunctions.every((address) => driverOf(address) === undefined),
    )
    for (const address of virtualFunctions) await writeAttribute('/sys/bus/pci/drivers_probe', address)
    check(
      'two virtual functions: a driver of the host that looks at them later gets none',
      virtualFunctions.every((address) => driverOf(address) === undefined),
    )
    const { changes } = await janus.plan('gpu-vfio', { devices: [virtualFunctions[0]] })
    check('two virtual functions: gpu-vfio can be planned for them now', changes.length > 0)
  })
  mkdirSync('/etc/udev/rules.d', { recursive: true })
  await roundTrip('one virtual function, at every boot too', gpuSriov, { ...options, functions: 1, persistent: true })

  await writeAttribute(`${bus}/${physicalFunction}/sriov_drivers_autoprobe`, '0')
  await writeAttribute(`${bus}/${physicalFunction}/sriov_numvfs`, '1')
  await writeAttribute(`${bus}/${physicalFunction}/sriov_drivers_autoprobe`, '1')
  await roundTrip('two virtual functions instead of one', gpuSriov, options)
  await roundTrip('none instead of one', gpuSriov, { ...options, functions: 0 })
  await roundTrip('one as it is, kept from drivers', gpuSriov, { ...options, functions: 1 })
  await writeAttribute(`${bus}/${physicalFunction}/sriov_drivers_autoprobe`, '0')
  await roundTrip('none instead of one that drivers are kept from', gpuSriov, { ...options, functions: 0 })
  await writeAttribute(`${bus}/${physicalFunction}/sriov_numvfs`, '0')
  await writeAttribute(`${bus}/${physicalFunction}/sriov_drivers_autoprobe`, '1')

  await refused(
    'three virtual functions of two',
    gpuSriov,
    { ...options, functions: 3 },
    /can have 2 virtual functions at most/,
  )
  await refused(
    'virtual functions of an NIC that has none',
    gpuSriov,
    { ...options, devices: [nic] },
    /no SR-IOV physical function/,
  )
}

async function resets() {
  await roundTrip('an NVMe reset by its bus first, and kept awake', gpuReset, {
    devices: [nvme],
    methods: ['bus', 'flr'],
    keepAwake: true,
  })
  await writeAttribute(`${bus}/${display}/power/control`, 'auto')
  await writeAttribute(`${bus}/${display}/d3cold_allowed`, '1')
  await roundTrip('a display that sleeps is kept awake', gpuReset, { devices: [display], keepAwake: true })
  await refused(
    'a method that is not offered',
    gpuReset,
    { devices: [nvme], methods: ['pm'] },
    /does not offer the reset method pm/,
  )

  const path = `${bus}/${nic}/reset_method`
  const listed = readFileSync(path, 'utf8')
  const back = await writeAttribute(path, listed.trim())
  check(
    'the list that the boot made for an NIC beside another function is refused by the kernel itself',
    listed === 'pm bus\n' && back.result === 'EINVAL',
    { listed, back },
  )
  await refused(
    'the method bus beside another function',
    gpuReset,
    { devices: [nic], methods: ['bus', 'pm'] },
    new RegExp(`${nicAudio} is on the same bus`),
  )
  const plan = await janus.plan('gpu-reset', { devices: [nic], methods: ['pm'] })
  check(
    'what the kernel will not take back is a loss of the plan',
    plan.changes[0]?.irreversible?.[0]?.id === 'bus-reset-method',
    plan.changes,
  )
}

/** No such card can be emulated: the driver's own files are mounted, and a node with its number is held. */
async function nvidia() {
  await run('mount', ['-t', 'tmpfs', 'nvidia', '/proc/driver'])
  mkdirSync(`/proc/driver/nvidia/gpus/${display}`, { recursive: true })
  writeFileSync(`/proc/driver/nvidia/gpus/${display}/information`, 'Model: \t\t Emulated\nDevice Minor: \t 0\n')
  await run('mknod', ['/dev/nvidia0', 'c', '195', '0'])
  const free = await findings(gpuNvidiaRelease, {})
  check('a card that nobody holds is free', statusOf(free, 'holders') === 'ok', free)
  const nothing = await janus.plan('gpu-nvidia-release', {})
  check('and needs no change', nothing.changes.length === 0, nothing.changes)

  for (const namespace of [false, true]) {
    const where = namespace ? 'in a mount namespace of its own, under another name' : 'on the host'
    const holder = await holdNode('195', '0', { namespace })
    const found = await findings(gpuNvidiaRelease, {})
    const summary = found.find(({ id }) => id === 'holders')?.summary ?? ''
    check(`a holder ${where} is named`, summary.includes(`process ${holder.pid}`), { summary, holder: holder.pid })
    const plan = await janus.plan('gpu-nvidia-release', { timeout: 2 })
    const began = performance.now()
    const error = await janus.apply(plan).then(
      () => undefined,
      (reason) => reason,
    )
    const took = performance.now() - began
    check(
      `a holder ${where}: the apply ends at its deadline and names it`,
      error?.code === 'JANUS_VERIFY_FAILED' && error.message.includes(`process ${holder.pid} (`) && took >= 2_000,
      { message: error?.message, took },
    )
    check(`a holder ${where} is alive`, holder.isAlive())
    const patient = janus.apply(await janus.plan('gpu-nvidia-release', { timeout: 120 }))
    setTimeout(() => holder.release(), 1_500)
    const applied = await patient.catch((reason) => reason)
    check(`a holder ${where} that lets go in time ends the wait`, applied.outcome === 'applied', applied.message)
    const after = await findings(gpuNvidiaRelease, {})
    check(`a holder ${where}: afterwards the card is free`, statusOf(after, 'holders') === 'ok', after)
    const undone = await janus.rollback({ transaction: applied.transaction })
    check(
      `a holder ${where}: there is nothing to undo`,
      undone.every(({ outcome }) => outcome === 'undone'),
      undone,
    )
  }
  await run('umount', ['/proc/driver'])
  await run('rm', ['/dev/nvidia0'])
}

async function console_() {
  const options = { device: bootDisplay }
  await roundTrip('the virtual consoles, the framebuffer left', gpuFramebuffer, {
    ...options,
    unbindFramebuffer: false,
  })
  await roundTrip('the console and the framebuffer of the firmware', gpuFramebuffer, options, async () => {
    check(
      'the framebuffer is gone',
      readFileSync('/proc/fb', 'utf8') === '' && !readFileSync('/proc/iomem', 'utf8').includes('vesafb'),
    )
  })
  const holder = await holdNode('29', '0', { path: '/dev/fb0' })
  await refused('a display that a program holds', gpuFramebuffer, options, new RegExp(`process ${holder.pid}`))
  await holder.release()
  await refused('a device that is no display', gpuFramebuffer, { device: nvme }, /is no display/)
}

async function roundTrip(title, module, options, between) {
  const { id } = module.metadata
  const before = state()
  const possible = await findings(module, options)
  check(
    `${title}: nothing is critical beforehand`,
    possible.every(({ status }) => status !== 'critical'),
    possible,
  )
  const plan = await janus.plan(id, options)
  const losses = plan.changes.flatMap(({ irreversible = [] }) => irreversible.map((loss) => loss.id))
  check(
    `${title}: there is something to do, and planning it changed nothing`,
    plan.changes.length > 0 && same(before, state()),
    plan.changes,
  )
  const applied = await janus.apply(plan, { accept: losses }).catch((error) => error)
  if (!check(`${title}: apply succeeds`, applied.outcome === 'applied', applied.message)) return
  await between?.()
  const after = await findings(module, options)
  check(
    `${title}: check finds it so`,
    after.every(({ status }) => status === 'ok') || withoutOverview(module, after),
    after,
  )
  const again = await janus.plan(id, options)
  check(`${title}: a second plan is empty`, again.changes.length === 0, again.changes)
  const status = await janus.status()
  check(
    `${title}: status is clean`,
    status.clean,
    status.drift.filter(({ state: found }) => found !== 'holds'),
  )
  const reports = await janus.rollback({ transaction: applied.transaction })
  check(
    `${title}: rollback succeeds`,
    reports.every(({ outcome }) => outcome === 'undone'),
    reports,
  )
  const left = differences(before, state())
  check(`${title}: afterwards everything is as before, byte for byte`, left.length === 0, left)
}

/** Findings about the rest of the machine say what they say; those about what was asked are ok. */
function withoutOverview(module, found) {
  return found.every(({ id, status }) => status === 'ok' || (module === gpuReset && id.startsWith('display-')))
}

async function refused(title, module, options, words) {
  const before = state()
  const error = await janus.plan(module.metadata.id, options).then(
    () => undefined,
    (reason) => reason,
  )
  check(`${title} is refused`, error?.code === 'JANUS_DEVICE_REFUSED' && words.test(error.message), error?.message)
  const found = await findings(module, options)
  check(
    `${title}: check calls it critical`,
    found.some(({ status, summary }) => status === 'critical' && words.test(summary)),
    found,
  )
  check(`${title}: nothing changed`, same(before, state()))
}

async function findings(module, options) {
  asked = { module, options }
  const report = await janus.check({ modules: ['lab-asks'] })
  return report.modules[0]?.findings ?? report.diagnostics
}

function statusOf(found, id) {
  return found.find((finding) => finding.id === id)?.status
}

/** Everything these modules write, and what follows from it. */
function state() {
  const found = { fb: text('/proc/fb'), marker: text('/run/janus-gpu-template.txt'), rules: names('/etc/udev/rules.d') }
  for (const address of names(bus)) {
    for (const name of ['reset_method', 'd3cold_allowed', 'power/control', 'sriov_numvfs', 'sriov_drivers_autoprobe'])
      found[`${address}/${name}`] = text(`${bus}/${address}/${name}`)
    found[`${address}/driver`] = driverOf(address)
  }
  for (const name of names('/sys/class/vtconsole')) found[name] = text(`/sys/class/vtconsole/${name}/bind`)
  for (const name of names('/sys/bus/platform/drivers/vesa-framebuffer')) found[`vesa/${name}`] = true
  found.owner = /vesafb/.test(text('/proc/iomem') ?? '')
  return found
}

function differences(left, right) {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys]
    .filter((key) => !same(left[key], right[key]))
    .map((key) => ({ key, before: left[key], after: right[key] }))
}

function driverOf(address) {
  return attempt(() => readlinkSync(`${bus}/${address}/driver`))
}

function names(folder) {
  return attempt(() => readdirSync(folder).sort()) ?? []
}

function text(path) {
  return attempt(() => readFileSync(path, 'latin1'))
}

function attempt(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}
