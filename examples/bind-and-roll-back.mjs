// Binds devices of this machine to vfio-pci and takes them back, through the SDK alone. Needs root; changes the machine.
// node examples/bind-and-roll-back.mjs <address>…
import { createJanus } from '@janus/core'
import { gpuVfio } from '@janus/modules-gpu'

const devices = process.argv.slice(2)
if (devices.length === 0) {
  process.stderr.write('usage: node examples/bind-and-roll-back.mjs <address>…\n')
  process.exit(1)
}
// Whoever reads this may leave: what is under way goes on.
process.stdout.on('error', () => {})
const janus = createJanus({ sources: [{ kind: 'module', module: gpuVfio }] })
janus.events.on('transaction:step', ({ phase, step, outcome, change }) =>
  say(`${phase} ${step} ${outcome}: ${change.why}`),
)

try {
  const plan = await janus.plan('gpu-vfio', { devices })
  const losses = plan.changes.flatMap((change) => change.irreversible ?? [])
  for (const { id, summary } of losses) say(`will not come back: ${id}: ${summary}`)

  const applied = await janus.apply(plan, { accept: losses.map(({ id }) => id) })
  say(`${applied.outcome}: ${await drivers()}`)

  const { clean, drift } = await janus.status()
  say(`status: ${clean ? 'as planned' : 'not clean'}, ${drift.length} things watched`)

  if (applied.outcome === 'applied') {
    const reports = await janus.rollback({ transaction: applied.transaction })
    for (const { outcome } of reports) say(`${outcome}: ${await drivers()}`)
    if (reports.some(({ outcome }) => outcome !== 'undone')) process.exitCode = 4
  }
} catch (error) {
  process.stderr.write(`${error.code ?? 'error'}: ${error.message}\n`)
  process.exitCode = 1
} finally {
  await janus.close()
}

async function drivers() {
  const { devices: all } = await janus.inventory()
  const wanted = all.filter(({ address }) => devices.includes(address))
  return wanted.map(({ address, driver }) => `${address} ${driver ?? 'no driver'}`).join(', ')
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
