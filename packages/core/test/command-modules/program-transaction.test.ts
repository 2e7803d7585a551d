import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createLiveHost } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plan } from '../../src/contract/plan.js'
import { createQuery } from '../../src/host/index.js'
import { createPlan } from '../../src/plan/create-plan.js'
import { createLiveMachine, type LiveMachine } from '../../src/transaction/live-machine.js'
import { createTransactions, type Transactions } from '../../src/transaction/transactions.js'
import { bashText, createTree, type ModuleTree, moduleOf } from './module-tree.js'

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

describe.each(['source', 'subshell'] as const)('the program of a module in a transaction, in exec mode %s', (mode) => {
  let tree: ModuleTree
  let machine: LiveMachine
  let transactions: Transactions
  let target: string
  let program: string

  beforeEach(() => {
    tree = createTree()
    target = join(tree.root, 'target')
    program = tree.write('modules/host/subject.sh', text())
    machine = createLiveMachine({
      createHost: () => createLiveHost(),
      createQuery: (host) => createQuery(host, { env: {} }),
      readDeadline: 5_000,
    })
    transactions = createTransactions({
      machine,
      stateDirectory: join(tree.root, 'state'),
      deadlines: { order: 20_000, verify: 2_000, read: 5_000, hands: 5_000 },
      actor: { uid: owner.uid, user: 'test', argv: [] },
      janusVersion: '0.0.0',
      process: { pid: process.pid, startTime: '0' },
      emit: () => {},
    })
  })
  afterEach(async () => {
    await machine.close()
    tree.remove()
  })

  const text = (apply = ':'): string =>
    bashText({
      apply: `  printf '%s' "$JANUS_OPT_TEXT" >"$JANUS_OPT_FILE"; ${apply}`,
      rollback: '  rm -f "$JANUS_OPT_FILE"; janus_log WARN "rolled back"',
    })

  const plan = async (): Promise<Plan> => {
    const module = await moduleOf(tree, 'subject', { mode })
    const { host, query } = machine
    const run = { host, query, log: createMemoryLogger(), signal: new AbortController().signal }
    const answer = await module.apply(run, { file: target, text: 'from the plan' })
    return createPlan({
      host,
      module: { id: 'subject', version: '1.0.0' },
      ...answer,
      by: 'test',
      now: new Date(0),
      owner,
    })
  }

  it('is applied, and rolled back from the journal alone', async () => {
    const made = await plan()
    expect(made.facts).toContainEqual(expect.objectContaining({ subject: program, name: 'sha256', read: 'sha256' }))
    await transactions.apply(made)
    expect(readFileSync(target, 'utf8')).toBe('from the plan')
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(existsSync(target)).toBe(false)
  })

  it('is not run when it changed since the plan was made', async () => {
    const made = await plan()
    tree.write('modules/host/subject.sh', text('echo other'))
    await expect(transactions.apply(made)).rejects.toMatchObject({
      code: 'JANUS_PLAN_STALE',
      message: expect.stringContaining(`${program}: sha256 was`),
    })
    expect(existsSync(target)).toBe(false)
  })

  it('is not run when a library of its tree changed, neither to apply nor to roll back', async () => {
    const library = join(tree.root, 'lib/janus-log.sh')
    const before = readFileSync(library, 'utf8')
    const made = await plan()
    tree.write('lib/janus-log.sh', `touch ${JSON.stringify(`${target}.other`)}\n${before}`)
    await expect(transactions.apply(made)).rejects.toMatchObject({
      code: 'JANUS_PLAN_STALE',
      message: expect.stringContaining(`${library}: sha256 was`),
    })
    tree.write('lib/janus-log.sh', before)
    await transactions.apply(made)
    tree.write('lib/janus-log.sh', 'exit 0')
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'incomplete', steps: [{ outcome: 'conflict' }] }])
    tree.write('lib/janus-log.sh', before)
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
  })

  it.each([
    ['changed', () => void tree.write('modules/host/subject.sh', text('echo other')), 'found SHA-256 '],
    ['gone', () => renameSync(program, `${program}.away`), 'found it does not exist'],
  ])('is not run when it is %s at the rollback, which says so', async (_, spoil, found) => {
    await transactions.apply(await plan())
    spoil()
    const [report] = await transactions.rollback()
    expect(report?.outcome).toBe('incomplete')
    expect(report?.steps[0]).toMatchObject({ outcome: 'conflict', reason: expect.stringContaining(found) })
    expect(report?.steps[0]?.reason).toContain(`${program} should be ${program} has SHA-256 `)
    expect(readFileSync(target, 'utf8')).toBe('from the plan')

    tree.write('modules/host/subject.sh', text())
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(existsSync(target)).toBe(false)
  })

  it('that fails is asked to roll back what it had begun', async () => {
    tree.write('modules/host/subject.sh', text('janus_log ERROR "half way" >&2; return 1'))
    await expect(transactions.apply(await plan())).rejects.toMatchObject({
      code: 'JANUS_STEP_FAILED',
      message: expect.stringMatching(/ended with exit code 1: .*half way/),
    })
    expect(existsSync(target)).toBe(false)
  })
})
