// A process of its own: applies an approved plan with the real executor, and is killed by a command in the middle of it.
import { EXECUTOR } from './decision-context.js'
import { executing } from './executing-agent.js'
import { rootJanus } from './root-janus.js'

const { folder, proposal } = JSON.parse(process.argv[2] ?? '') as { readonly folder: string; readonly proposal: string }

const { janus } = rootJanus(folder, {
  run: () => {
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined)
  },
} as never)
const { executor } = await executing(folder, { executor: { plans: janus } })
await executor.execute(proposal, EXECUTOR)
