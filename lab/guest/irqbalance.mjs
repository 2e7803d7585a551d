// cpu-irq-affinity beside Debian's irqbalance under systemd: told by a drop-in and a restart, left alone by it, given back.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { text } from './kit/cgroups.mjs'
import { fileStates } from './kit/file-states.mjs'
import { check, finish, janusJson, note, run, waitFor } from './kit.mjs'

const UNIT = 'irqbalance.service'
const DIRECTORY = '/run/systemd/system'
/** It looks every ten seconds; the first time it places every interrupt anew. */
const TWO_ROUNDS = 25_000
const files = () => fileStates(['/etc/default/irqbalance'], [DIRECTORY])
const lists = () =>
  Object.fromEntries(
    readdirSync('/proc/irq')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [name, text(`/proc/irq/${name}/smp_affinity_list`)]),
  )

check('process 1 is systemd', text('/proc/1/comm') === 'systemd', text('/proc/1/comm'))
await systemctl('daemon-reload')
// It waits for what a boot starts before it, which takes minutes here.
await systemctl('start', '--no-block', UNIT)
const isStarted = await waitFor(async () => (await environment()) !== undefined, {
  timeoutMs: 600_000,
  everyMs: 1_000,
})
check('irqbalance runs', isStarted === true, await run('systemctl', ['status', UNIT]))
const version = await run('irqbalance', ['--version'])
note(`irqbalance: ${version.stdout.trim() || version.stderr.trim()}`)
await round('away from two CPUs', ['-o', 'awayFrom=2-3'], 'IRQBALANCE_BANNED_CPULIST=2-3', async (moved) => {
  await pause(TWO_ROUNDS)
  const now = lists()
  note(`after two rounds: ${JSON.stringify(now)}`)
  for (const number of moved)
    check(`interrupt ${number} keeps off the CPUs`, !/[23]/.test(now[number] ?? '2'), now[number])
})
const handled = (number) => !['', 'undefined'].includes(`${text(`/sys/kernel/irq/${number}/actions`)}`)
const [device] = readdirSync('/sys/bus/pci/devices').filter(
  (address) => messages(address).some(handled) && !existsSync(`/sys/bus/pci/devices/${address}/nvme`),
)
check('a device sends messages that are handled', device !== undefined)
const own = messages(device)
await round('one device onto a CPU', ['-o', 'onto=3', '-o', `devices=${device}`], '--banirq=', async (moved) => {
  await pause(TWO_ROUNDS)
  for (const number of moved)
    check(`interrupt ${number} stays where it was put`, lists()[number] === '3', lists()[number])
  note(`of ${own.length} interrupts of ${device} ${moved.length} were moved`)
})
finish()

async function round(title, options, told, whileApplied) {
  const [before, present] = [files(), await environment()]
  const applied = await janusJson('apply', 'cpu-irq-affinity', ...options, '--yes')
  check(`${title}: is applied`, applied.exitCode === 0 && applied.document?.data?.outcome === 'applied', applied)
  const started = await waitFor(async () => (await environment())?.includes(told))
  check(`${title}: irqbalance was started with ${told}`, started === true, await environment())
  const moved = (applied.document?.data?.steps ?? [])
    .filter(({ outcome, change }) => outcome === 'done' && /smp_affinity_list$/.test(change?.path ?? ''))
    .map(({ change }) => /irq\/(\d+)\//.exec(change.path)?.[1])
  note(`${title}: moved ${moved.join(' ')}`)
  await whileApplied(moved)
  const again = await janusJson('plan', 'cpu-irq-affinity', ...options)
  const rest = (again.document?.data?.plan ?? again.document?.data)?.changes
  check(`${title}: a second plan is empty`, again.exitCode === 0 && rest?.length === 0, again)
  const status = await janusJson('status')
  check(`${title}: status finds no drift`, status.exitCode === 0, status)
  const result = await janusJson('rollback', '--last', '--yes')
  check(`${title}: is rolled back without a conflict`, result.exitCode === 0, result)
  check(`${title}: the files are as before`, JSON.stringify(files()) === JSON.stringify(before), files())
  check(`${title}: irqbalance is started as before`, (await environment()) === present, [await environment(), present])
}

/** What the irqbalance that runs was started with. */
async function environment() {
  const { stdout } = await run('systemctl', ['show', '--property=MainPID', '--value', UNIT])
  const pid = Number(stdout.trim())
  if (!(pid > 0)) return undefined
  const [variables, words] = ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'))
  const own = variables.split('\0').filter((one) => one.startsWith('IRQBALANCE_'))
  return [...own.sort(), ...words.split('\0')].join(' ')
}

function messages(address) {
  try {
    return readdirSync(`/sys/bus/pci/devices/${address}/msi_irqs`)
  } catch {
    return []
  }
}

async function systemctl(...args) {
  const result = await run('systemctl', args)
  check(`systemctl ${args.join(' ')}`, result.exitCode === 0, result)
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
