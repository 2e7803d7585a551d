// Run by a program of a Yarn project: node write-and-undo.mjs <tree of a machine> <state directory>
import { createJanus, defineModule, openHost } from '@janus/core'
import * as z from '@janus/core/zod'

const PATH = '/etc/fans.conf'
const module = defineModule({
  metadata: { id: 'fans', type: 'host', version: '1.0.0', compatApi: 1, summary: 'Fans.' },
  options: z.strictObject({}),
  check: async () => [],
  apply: async () => [
    {
      kind: 'write-file',
      path: PATH,
      content: { text: 'on\n' },
      mode: 0o644,
      why: 'the fans turn',
      scope: 'persistent',
    },
  ],
})
const [tree, stateDirectory] = process.argv.slice(2)
const janus = createJanus({ host: await openHost(tree), sources: [{ kind: 'module', module }], stateDirectory })
await janus.apply(await janus.plan('fans'))
const applied = (await janus.host.readText(PATH)).value
await janus.rollback()
const undone = (await janus.host.readText(PATH)).value ?? null
await janus.close()
process.stdout.write(JSON.stringify({ applied, undone }))
