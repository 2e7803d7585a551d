// One tool walks into every trap; the machine is put back through sysfs after each. Reports the raw observations.
import { mkdirSync } from 'node:fs'
import { check, differences, finish, hostState, note, run, settleDrivers, value } from './kit.mjs'
import { traps } from './traps/index.mjs'
import { spring } from './traps/spring.mjs'
import { bringHome, unloadVfio } from './traps/sysfs.mjs'
import { tools } from './traps/tools.mjs'

const { addresses, machine = 'standard', tool: names } = JSON.parse(process.argv[2])

// What kmod's static nodes bring on an installed system: libvirt wants to see it before anything is loaded.
mkdirSync('/dev/vfio', { recursive: true })
await run('mknod', ['/dev/vfio/vfio', 'c', '10', '196'])

for (const name of names) {
  const tool = tools[name]
  const version = await tool.version()
  value(`version ${name}`, version ?? null)
  if (version === undefined) {
    note(`${name} is not installed`)
    continue
  }
  await tool.start?.()
  for (const trap of traps) {
    if (!trap.janusOnly && (trap.machine ?? 'standard') === machine) await observe(tool, trap)
  }
  await unloadVfio()
}
finish()

async function observe(tool, trap) {
  try {
    await observeOne(tool, trap)
  } catch (error) {
    check(`${tool.name} ${trap.name}: the trap can be set`, false, error.stack)
  }
}

async function observeOne(tool, trap) {
  const found = await spring(trap, addresses, tool)
  const { scene, answers, before, after, changed, harm, flaws, baseline, kernelErrors } = found
  const said = answers.map(({ stdout, stderr }) => `${stderr}\n${stdout}`.trim().split('\n').slice(0, 3).join(' / '))
  value(`${tool.name} ${trap.name}`, {
    trap: trap.name,
    title: trap.title,
    tool: tool.name,
    device: scene.device,
    asks: scene.asks,
    expectedExits: scene.exits,
    alreadySo: scene.alreadySo ?? false,
    exits: answers.map(({ exitCode, timedOut }) => (timedOut ? 'hangs' : exitCode)),
    said,
    before: before.devices[scene.device] ?? null,
    after: after.devices[scene.device] ?? null,
    changed: Object.fromEntries(Object.entries(changed).filter(([name]) => name !== 'modules')),
    harm,
    flaws,
    kernelErrors: kernelErrors.slice(0, 3),
  })
  await reset(tool, scene, baseline)
  note(
    `${tool.name} ${trap.name}: ${answers.map(({ exitCode, timedOut }) => (timedOut ? 'hangs' : exitCode))} ${[...harm, ...flaws].join('; ')}`,
  )
}

/** The machine as it was before the trap was set, whatever the tool has made of it. */
async function reset(tool, scene, baseline) {
  await scene.release?.()
  await settleDrivers()
  if (scene.returnsBy) await tool.settle?.()
  for (const address of Object.keys(differences(baseline, await hostState()))) {
    if (baseline.devices[address]) await bringHome(address, baseline.devices[address])
  }
  await scene.close?.()
  await settleDrivers()
  const left = Object.entries(differences(baseline, await hostState())).filter(([name]) => name !== 'modules')
  check(`${tool.name}: the machine is put back after each trap`, left.length === 0, { device: scene.device, left })
}
