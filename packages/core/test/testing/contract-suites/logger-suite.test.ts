import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { LogFields, Logger } from '../../../src/contract/logger.js'
import { combineLoggers, createFileLogger, createStderrLogger, redact } from '../../../src/logging/index.js'
import {
  createMemoryLogger,
  type LoggerUnderTest,
  loggerCases,
  loggerSuite,
  type MemoryLogEntry,
} from '../../../src/testing/index.js'
import { failuresOf } from './failures-of.js'

type Level = MemoryLogEntry['level']

describe('the file logger', () => loggerSuite({ test, create: loggerOfFile }))
describe('the stderr logger', () => loggerSuite({ test, create: loggerOfLines }))
describe('the memory logger', () => loggerSuite({ test, redacts: false, create: loggerOfMemory }))
describe('a combined logger', () =>
  loggerSuite({
    test,
    async create() {
      const [first, second] = [await loggerOfFile(), loggerOfLines()]
      return {
        logger: combineLoggers(first.logger, second.logger),
        async entries() {
          const entries = await first.entries()
          expect((await second.entries()).map(({ level }) => level)).toEqual(entries.map(({ level }) => level))
          return entries
        },
      }
    },
  }))

async function loggerOfFile(): Promise<LoggerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'janus-log-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'janus.log')
  const logger = createFileLogger({ path })
  return {
    logger,
    async entries() {
      await logger.close()
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
      return lines.map((line) => ({ fields: {}, ...(JSON.parse(line) as Omit<MemoryLogEntry, 'fields'>) }))
    },
  }
}

function loggerOfLines(): LoggerUnderTest {
  const written: string[] = []
  const logger = createStderrLogger({ write: (text) => written.push(text), verbose: true, color: false })
  return { logger, entries: () => written.join('').trimEnd().split('\n').map(entryOfLine) }
}

function entryOfLine(line: string): MemoryLogEntry {
  const [, level = '', message = '', fields = '{}'] = /^\[(\w+)\] (.*?)(?: (\{.*\}))?$/.exec(line) ?? []
  return { level: level as Level, message, fields: parsedFields(fields) }
}

/** A control character in a field is escaped for the terminal, not for JSON. */
function parsedFields(text: string): LogFields {
  return JSON.parse(text.replace(/\\(?=x|u\{)/g, '\\\\')) as LogFields
}

function loggerOfMemory(): LoggerUnderTest {
  const logger = createMemoryLogger()
  return { logger, entries: () => logger.entries }
}

type Write = (entries: MemoryLogEntry[], entry: MemoryLogEntry, bound: LogFields) => void

function loggerWith(write: Write, bind = (above: LogFields, below: LogFields): LogFields => ({ ...above, ...below })) {
  return (): LoggerUnderTest => {
    const entries: MemoryLogEntry[] = []
    const over = (bound: LogFields): Logger => {
      const at =
        (level: Level) =>
        (message: string, fields: LogFields = {}) =>
          write(entries, { level, message, fields }, bound)
      const child = (fields: LogFields) => over(bind(bound, fields))
      return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child }
    }
    return { logger: over({}), entries: () => entries }
  }
}

const plain = (entry: MemoryLogEntry, bound: LogFields): MemoryLogEntry => ({
  ...entry,
  fields: redact({ ...bound, ...entry.fields }) as LogFields,
})
const keep: Write = (entries, entry, bound) => entries.push(plain(entry, bound))

/** Loggers with one flaw, by the case that it breaks. */
const flaws: Readonly<Record<string, () => LoggerUnderTest>> = {
  levels: loggerWith((entries, entry, bound) => {
    keep(entries, entry.level === 'warn' ? { ...entry, level: 'info' } : entry, bound)
  }),
  fields: loggerWith((entries, entry, bound) => {
    const { list: _, ...fields } = entry.fields
    keep(entries, { ...entry, fields }, bound)
  }),
  'no-fields': loggerWith((entries, entry, bound) => {
    const none = { ...entry, fields: { fields: null } }
    keep(entries, entry.message === 'bare' ? none : entry, bound)
  }),
  'nearest-field': loggerWith((entries, entry, bound) => {
    keep(entries, { ...entry, fields: { ...entry.fields, ...bound } }, {})
  }),
  'own-words': loggerWith((entries, entry, bound) => {
    const { level, message, fields } = plain(entry, bound)
    entries.push({ level, message, fields, ...('msg' in fields ? { message: String(fields.message) } : {}) })
  }),
  'one-line': loggerWith((entries, entry, bound) => {
    for (const message of entry.message.split('\n')) keep(entries, { ...entry, message }, bound)
  }),
  'any-value': loggerWith((entries, entry, bound) => {
    JSON.stringify(entry.fields)
    keep(entries, entry, bound)
  }),
  order: loggerWith((entries, entry, bound) => {
    if (entry.message !== '77') keep(entries, entry, bound)
  }),
  secrets: loggerWith((entries, entry, bound) => {
    entries.push({ ...entry, fields: { ...bound, ...entry.fields } })
  }),
  'as-called': loggerWith((entries, entry, bound) => {
    entries.push(Object.keys(bound).length === 0 && 'step' in entry.fields ? entry : plain(entry, bound))
  }),
}

describe('the logger suite', () => {
  it('finds nothing wrong with a logger without a flaw', async () => {
    expect(await failuresOf(loggerCases(loggerWith(keep)))).toEqual([])
  })

  it.each(Object.entries(flaws))('finds exactly what is wrong with a logger that breaks %s', async (id, create) => {
    expect(await failuresOf(loggerCases(create))).toEqual([id])
  })

  it('finds children that forget what they inherit, or that change their parent', async () => {
    expect(await failuresOf(loggerCases(loggerWith(keep, (_, below) => below)))).toEqual(['child'])
    const shared: Record<string, unknown> = {}
    const leaking = () => {
      for (const name of Object.keys(shared)) delete shared[name]
      return loggerWith(
        (entries, entry) => keep(entries, entry, shared),
        (_, below) => Object.assign(shared, below),
      )()
    }
    expect(await failuresOf(loggerCases(leaking))).toEqual(['child-apart'])
  })
})
