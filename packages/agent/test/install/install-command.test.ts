import type { ContributedCommandContext, Janus, Plan } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { describe, expect, test } from 'vitest'
import { runAgentCommand } from '../../src/commands/run-agent-command.js'
import { agentInstall, installOptions } from '../../src/index.js'
import { installMachine } from './install-machine.js'

const DIGEST = 'ab'.repeat(32)

describe('janus agent install', () => {
  test('shows the whole plan and changes nothing: every file word for word, and what is no step with the reason', async () => {
    const { janus, calls } = await facade()
    const { text } = await run(janus, ['install'])
    expect(text).toContain(`plan ${DIGEST}`)
    expect(text).toContain('write the file /etc/systemd/system/janus-agent.service')
    expect(text).toContain('     | Type=notify')
    expect(text).toContain('no entry of sudoers')
    expect(text).toContain('janus agent install --apply')
    expect(calls).toEqual(['plan', 'check'])
  })

  test('gives the module its options', async () => {
    const { janus, asked } = await facade()
    const words = ['--config', '/etc/vessel/agent.yaml', '--user', 'vessel', '--no-enable', '--address', '192.0.2.0/24']
    await run(janus, ['install', ...words])
    expect(installOptions.parse(asked[0])).toMatchObject({
      config: '/etc/vessel/agent.yaml',
      user: 'vessel',
      enable: false,
      addresses: ['192.0.2.0/24'],
    })
  })

  test('says how to carry out what is shown: with the same options', async () => {
    const { janus } = await facade()
    const options = ['--user', 'operator', '--address', '192.0.2.0/24', '--no-enable']
    const { text } = await run(janus, ['install', ...options])
    expect(text).toContain(`Carry it out with: janus agent install ${options.join(' ')} --apply`)
  })

  test('carries out exactly the plan that was shown, after a yes', async () => {
    const { janus, calls } = await facade()
    await expect(run(janus, ['install', '--apply'])).rejects.toThrow('declined')
    expect(calls).not.toContain('apply')
    const { text } = await run(janus, ['install', '--apply', '--yes'])
    expect(calls.slice(-2)).toEqual(['preflight', `apply ${DIGEST}`])
    expect(text).toContain('install --uninstall --apply')
  })

  test('undoes what the journal has of it, the older together with what came after', async () => {
    const { janus, calls } = await facade()
    expect((await run(janus, ['install', '--uninstall'])).text).toContain('Nothing was changed')
    expect(calls).toEqual(['rollback older dry'])
    await run(janus, ['install', '--uninstall', '--apply', '--yes'])
    expect(calls.slice(1)).toEqual(['rollback older dry', 'rollback older'])
  })

  test('says when there is nothing to undo', async () => {
    const { janus } = await facade({ installed: false })
    await expect(run(janus, ['install', '--uninstall'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
  })
})

/** The plan is a real one; what the facade does with it is the subject of its own tests, and of the lab. */
async function facade({ installed = true } = {}) {
  const calls: string[] = []
  const asked: unknown[] = []
  const { host, query } = installMachine()
  const context = { host, query, log: createMemoryLogger(), signal: new AbortController().signal }
  const reports = (outcome: string) =>
    ['newer', 'older'].map((transaction) => ({ transaction, outcome, steps: [], losses: [] }))
  const janus = {
    plan: async (_module: string, options: unknown) => {
      calls.push('plan')
      asked.push(options)
      const changes = await agentInstall.apply({ ...context, options: installOptions.parse(options) })
      return { digest: DIGEST, changes } as unknown as Plan
    },
    check: async ({ options }: { readonly options: Readonly<Record<string, unknown>> }) => {
      calls.push('check')
      const parsed = installOptions.parse(options['agent-install'])
      return { modules: [{ findings: await agentInstall.check({ ...context, options: parsed }) }] }
    },
    preflight: async () => calls.push('preflight'),
    apply: async ({ digest }: Plan) => {
      calls.push(`apply ${digest}`)
      return { transaction: 'newer', outcome: 'applied', steps: [] }
    },
    history: async () =>
      ['newer', 'older', 'other'].map((id, index) => ({
        id,
        module: { id: id === 'other' ? 'gpu-vfio' : 'agent-install' },
        canRollBack: installed,
        startedAt: `2026-11-0${3 - index}`,
      })),
    rollback: async ({ transaction, dryRun }: { readonly transaction: string; readonly dryRun: boolean }) => {
      calls.push(`rollback ${transaction}${dryRun ? ' dry' : ''}`)
      return reports(dryRun ? 'planned' : 'undone')
    },
  } as unknown as Janus
  return { janus, calls, asked }
}

function run(janus: Janus, args: readonly string[]) {
  const context: ContributedCommandContext = {
    log: createMemoryLogger(),
    signal: new AbortController().signal,
    open: async () => janus,
    print: () => undefined,
    confirm: async ({ yes }) => {
      if (!yes) throw new Error('declined')
    },
    mutate: (work) => work(),
  }
  const none = () => Promise.reject(new Error('no agent is opened'))
  return runAgentCommand({ context, program: 'janus agent', stateDirectory: none, open: none, openLocal: none }, args)
}
