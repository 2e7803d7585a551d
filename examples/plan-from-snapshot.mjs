// Plans a binding to vfio-pci from a captured machine and prints it. Nothing is changed, here or anywhere.
// node examples/plan-from-snapshot.mjs <snapshot.json> <address>…
import { createJanus, openHost } from '@janus/core'
import { gpuVfio } from '@janus/modules-gpu'

const [file, ...devices] = process.argv.slice(2)
if (file === undefined || devices.length === 0) {
  process.stderr.write('usage: node examples/plan-from-snapshot.mjs <snapshot.json> <address>…\n')
  process.exit(1)
}
const host = await openHost(file)
const janus = createJanus({ host, sources: [{ kind: 'module', module: gpuVfio }] })
try {
  const plan = await janus.plan('gpu-vfio', { devices })
  process.stdout.write(`plan ${plan.digest}\n`)
  for (const change of plan.changes) {
    process.stdout.write(
      `${change.kind} ${JSON.stringify(change.path ?? change.name)} ${JSON.stringify(change.value ?? '')}\n`,
    )
    process.stdout.write(`  ${change.why}\n`)
  }
} catch (error) {
  process.stderr.write(`${error.code}: ${error.message}\n  ${error.remedy}\n`)
  process.exitCode = 1
} finally {
  await janus.close()
}
