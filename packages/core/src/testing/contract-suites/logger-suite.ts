import assert from 'node:assert/strict'
import type { LogFields, Logger } from '../../contract/logger.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import type { MemoryLogEntry } from '../memory-logger.js'
import { type RunnerTest, registerCases } from './register-cases.js'

/** A logger, and what came out at its other end. */
export interface LoggerUnderTest {
  readonly logger: Logger
  /**
   * Every line that was written, read back and taken apart, in order; waits until the sink has all of them. Called once,
   * at the end.
   */
  entries(): readonly MemoryLogEntry[] | Promise<readonly MemoryLogEntry[]>
}

/** Makes the logger under test, at its most talkative; called once for each case. */
export type CreateLogger = () => LoggerUnderTest | Promise<LoggerUnderTest>

/** What cannot be asked of every logger. */
export interface LoggerTraits {
  /** False for a logger that writes nothing down and so need not redact. Default: true. */
  readonly redacts?: boolean
}

/** What {@link loggerSuite} takes. */
export interface LoggerSuiteOptions extends LoggerTraits {
  /** Declares one test: `test` of node:test, vitest or any other runner. */
  readonly test: RunnerTest
  readonly create: CreateLogger
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const LINES = 500
const HOSTILE = [
  'two\nlines',
  'three\r\nmore\rlines',
  '\u001b[2Jcleared',
  'nul \0 byte',
  '\u2028 \u0085',
  '[error] forged',
]

/** Registers the suite of the {@link Logger} contract with a test runner. */
export function loggerSuite({ test, create, ...traits }: LoggerSuiteOptions): void {
  registerCases(test, loggerCases(create, traits))
}

/** What every logger holds to, for somebody without a test runner: see {@link runCases}. */
export function loggerCases(create: CreateLogger, { redacts = true }: LoggerTraits = {}): readonly ConformanceCase[] {
  const logged = async (work: (logger: Logger) => void): Promise<readonly MemoryLogEntry[]> => {
    const { logger, entries } = await create()
    work(logger)
    return entries()
  }
  const fieldsOf = async (work: (logger: Logger) => void): Promise<readonly LogFields[]> =>
    (await logged(work)).map(({ fields }) => fields)

  const cases: readonly ConformanceCase[] = [
    {
      id: 'levels',
      title: 'a line has the level it was called with and its message',
      async run() {
        const entries = await logged((logger) => {
          for (const level of LEVELS) logger[level](`a line of ${level}`)
        })
        assert.deepEqual(
          entries.map(({ level, message }) => [level, message]),
          LEVELS.map((level) => [level, `a line of ${level}`]),
        )
      },
    },
    {
      id: 'fields',
      title: 'a line has the fields it was given, at any depth',
      async run() {
        const fields = { step: 3, path: '/sys/x', list: [1, 'two', null], nested: { deep: { yes: true } } }
        assert.deepEqual(await fieldsOf((logger) => logger.info('with fields', fields)), [fields])
      },
    },
    {
      id: 'no-fields',
      title: 'a line without fields has none',
      run: async () => assert.deepEqual(await fieldsOf((logger) => logger.warn('bare')), [{}]),
    },
    {
      id: 'child',
      title: 'a child adds its fields to each of its lines, on top of those it inherits',
      async run() {
        const fields = await fieldsOf((logger) => {
          const child = logger.child({ module: 'gpu-vfio' }).child({ device: '0000:01:00.0' })
          child.info('one', { step: 1 })
          child.error('two')
        })
        const inherited = { module: 'gpu-vfio', device: '0000:01:00.0' }
        assert.deepEqual(fields, [{ ...inherited, step: 1 }, inherited])
      },
    },
    {
      id: 'nearest-field',
      title: 'of two fields of one name, the nearest to the line wins',
      async run() {
        const fields = await fieldsOf((logger) => {
          const child = logger.child({ step: 1 }).child({ step: 2 })
          child.info('inherited')
          child.info('own', { step: 3 })
        })
        assert.deepEqual(fields, [{ step: 2 }, { step: 3 }])
      },
    },
    {
      id: 'child-apart',
      title: 'a child changes neither its parent nor another child',
      async run() {
        const fields = await fieldsOf((logger) => {
          const [one, two] = [logger.child({ one: 1 }), logger.child({ two: 2 })]
          logger.info('parent')
          one.info('first child')
          two.info('second child')
        })
        assert.deepEqual(fields, [{}, { one: 1 }, { two: 2 }])
      },
    },
    {
      id: 'own-words',
      title: "a field cannot take the place of the line's own level and message",
      async run() {
        const forged = { level: 'error', message: 'forged', msg: 'forged', time: '1970-01-01T00:00:00.000Z' }
        const [entry, ...more] = await logged((logger) => logger.child(forged).info('true', forged))
        assert.deepEqual([entry?.level, entry?.message, more], ['info', 'true', []])
      },
    },
    {
      id: 'one-line',
      title: 'one call is one line, whatever the message and the fields hold',
      async run() {
        const entries = await logged((logger) => {
          for (const text of HOSTILE) logger.info(`safe ${text}`, { [text]: text })
        })
        assert.equal(entries.length, HOSTILE.length)
        for (const { level, message } of entries) assert.deepEqual([level, message.slice(0, 5)], ['info', 'safe '])
      },
    },
    {
      id: 'any-value',
      title: 'a field that is no JSON costs the line nothing',
      async run() {
        const circular: Record<string, unknown> = {}
        circular.self = circular
        const odd = {
          circular,
          big: 1n,
          none: undefined,
          symbol: Symbol('s'),
          call: () => 0,
          date: new Date(Number.NaN),
        }
        const entries = await logged((logger) => {
          logger.info('odd', { ...odd, error: new Error('cause'), map: new Map([[{}, 1]]) })
          logger.info('after')
        })
        assert.deepEqual(
          entries.map(({ message }) => message),
          ['odd', 'after'],
        )
      },
    },
    {
      id: 'order',
      title: 'lines come in the order of the calls, none is lost',
      async run() {
        const entries = await logged((logger) => {
          const child = logger.child({ child: true })
          for (let line = 0; line < LINES; line += 1) (line % 2 === 0 ? logger : child).debug(String(line))
        })
        assert.deepEqual(
          entries.map(({ message }) => message),
          Array.from({ length: LINES }, (_, line) => String(line)),
        )
      },
    },
    {
      id: 'as-called',
      title: 'a line tells what the fields were when it was called, and leaves them alone',
      async run() {
        const fields: Record<string, unknown> = { step: 1 }
        const [line] = await fieldsOf((logger) => {
          logger.info('now', fields)
          fields.step = 2
          logger.info('frozen', Object.freeze({ list: Object.freeze([1]) }))
        })
        assert.deepEqual([line, fields], [{ step: 1 }, { step: 2 }])
      },
    },
  ]
  const secrets: ConformanceCase = {
    id: 'secrets',
    title: 'the value of a field that is named like a secret is not written, at any depth',
    async run() {
      const secret = { password: 'hunter2', list: [{ apiToken: 'hunter2' }], user: 'me' }
      const entries = await logged((logger) => logger.child({ secret: 'hunter2' }).info('login', { login: secret }))
      assert.equal(entries.length, 1)
      const text = JSON.stringify(entries)
      assert.ok(!text.includes('hunter2'), `a secret was written: ${text}`)
      assert.ok(text.includes('"me"'), 'what is no secret must stay')
    },
  }
  return redacts ? [...cases, secrets] : cases
}
