// Plans a binding to vfio-pci from a captured machine and prints it. Nothing is changed, here or anywhere.
// node examples/plan-from-snapshot.mjs <snapshot.json> <address>…
import { createJanus, openHost } from '@janus/core'
import { gpuVfio } from '@janus/modules-gpu'

const [file, ...devices] = process.argv.slice(2)
if (file === undefined || devices.length === 0) {
  process.stderr.write('usage: node examples/plan-from-snapshot.mjs <snapshot.json> <address>…\n')
  process.exit(1)
}
// Whoever reads this may leave early, as head does.
process.stdout.on('error', () => {})
const host = await openHost(file).catch(fail)
const janus = createJanus({ host, sources: [{ kind: 'module', module: gpuVfio }] })
const plan = await janus.plan('gpu-vfio', { devices }).catch(fail)
process.stdout.write(`plan ${plan.digest}\n`)
for (const { kind, path, name, value = '', why } of plan.changes) {
  process.stdout.write(`${kind} ${JSON.stringify(path ?? name)} ${JSON.stringify(value)}\n  ${why}\n`)
}
await janus.close()

function fail({ code, message, remedy }) {
  process.stderr.write(`${code}: ${message}\n  ${remedy}\n`)
  process.exit(1)
}
