import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Plan } from '@janus/core'
import { createLiveHost, createLocalExecutor } from '@janus/core'
import { createQuery } from '../../src/host/index.js'
import { createPlan } from '../../src/plan/create-plan.js'
import { createLiveMachine } from '../../src/transaction/live-machine.js'
import { createTransactions, type Transactions } from '../../src/transaction/transactions.js'

const DEADLINES = { order: 20_000, verify: 2_000, read: 5_000, hands: 5_000 }
const uid = process.getuid?.() ?? 0
const gid = process.getgid?.() ?? 0

/** What a change has to say besides what it does. */
export const WHY = { why: 'a reason', scope: 'persistent' } as const

/** Transactions on files of this file system, below a folder that takes the place of the root. */
export interface RealFiles {
  /** Holds the root, and beside it the state directory `state`. */
  readonly folder: string
  /** Has a directory `etc`. */
  readonly root: string
  readonly transactions: Transactions
  plan(...changes: readonly Change[]): Promise<Plan>
  /** Names, types, modes, owners and bytes of everything below the root. */
  everything(): readonly string[]
  /** Removes all of it. */
  close(): Promise<void>
}

/** A new one. @param withExecutor whether it can run programs. Default: true */
export function realFiles({ withExecutor = true }: { readonly withExecutor?: boolean } = {}): RealFiles {
  const folder = mkdtempSync(join(tmpdir(), 'janus-files-'))
  const root = join(folder, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  const machine = createLiveMachine({
    createHost: () => createLiveHost({ root }),
    createQuery: (host) => createQuery(host, { env: {} }),
    readDeadline: DEADLINES.read,
    ...(withExecutor ? { executor: createLocalExecutor() } : {}),
  })
  return {
    folder,
    root,
    transactions: createTransactions({
      machine,
      stateDirectory: join(folder, 'state'),
      deadlines: DEADLINES,
      actor: { uid, user: 'test', argv: [] },
      janusVersion: '0.0.0',
      process: { pid: process.pid, startTime: '0' },
      emit: () => {},
    }),
    plan: (...changes) =>
      createPlan({
        host: machine.host,
        module: { id: 'm', version: '0.0.0' },
        options: {},
        changes,
        by: 'test',
        now: new Date(0),
        owner: { uid, gid },
      }),
    everything: () => listing(root, root),
    async close() {
      await machine.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A change that writes a file. */
export function writeFile(path: string, text: string, mode = 0o600): Change {
  return { kind: 'write-file', path, content: { text }, mode, ...WHY }
}

/** A change that runs a script of sh(1). @param outputs files that it writes */
export function runScript(script: string, ...outputs: readonly string[]): Change {
  return { kind: 'run-command', command: '/bin/sh', args: ['-c', script], timeout: 10_000, outputs, ...WHY }
}

function listing(path: string, root: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const child = join(path, name)
    const stat = lstatSync(child)
    const facts = `${child.slice(root.length)} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`
    if (stat.isSymbolicLink()) return [`${facts} -> ${readlinkSync(child)}`]
    if (stat.isDirectory()) return [facts, ...listing(child, root)]
    return [`${facts} ${readFileSync(child).toString('hex')}`]
  })
}
