import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Change,
  createJanus,
  createLiveHost,
  defineModule,
  type Executor,
  type Janus,
  type JanusModule,
} from '@janus/core'
import * as z from '@janus/core/zod'

/** Janus over a root directory of its own, with one file in it. */
export interface RootJanus {
  readonly janus: Janus
  /** The file, as it is. */
  readonly text: () => string
  readonly write: (text: string) => void
}

/** Adds a line to /etc/lines, then runs a command where one is named. */
const linesModule = defineModule({
  metadata: { type: 'host', id: 'test-lines', version: '0.0.1', compatApi: 1, summary: 'adds a line' },
  options: z.strictObject({ line: z.string(), command: z.string().optional(), expect: z.string().optional() }),
  check: async () => [],
  async apply({ host, options: { line, command, expect } }) {
    const before = (await host.readText('/etc/lines')).value ?? ''
    return [
      {
        kind: 'write-file',
        path: '/etc/lines',
        content: { text: `${before}${line}\n` },
        mode: 0o644,
        ...(expect === undefined ? {} : { verify: [{ kind: 'contains', path: '/etc/lines', value: expect }] }),
        scope: 'persistent',
        why: `the line ${line}`,
      },
      ...(command === undefined
        ? []
        : [
            {
              kind: 'run-command',
              command,
              args: [],
              timeout: 5_000,
              scope: 'runtime',
              why: 'a command',
              undo: { none: 'it changes nothing' },
            },
          ]),
    ] as Change[]
  },
})

/** @param executor runs the commands of plans */
export function rootJanus(folder: string, executor?: Executor): RootJanus {
  const file = join(folder, 'root/etc/lines')
  mkdirSync(join(folder, 'root/etc'), { recursive: true })
  const write = (text: string): void => writeFileSync(file, text)
  const text = (): string => readFileSync(file, 'utf8')
  try {
    text()
  } catch {
    write('zero\n')
  }
  const janus = createJanus({
    host: createLiveHost({ root: join(folder, 'root') }),
    stateDirectory: join(folder, 'journal'),
    sources: [{ kind: 'module', module: linesModule as unknown as JanusModule }],
    deadlines: { verify: 100 },
    ...(executor === undefined ? {} : { executor }),
  })
  return { janus, text, write }
}
