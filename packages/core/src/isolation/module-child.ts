import { closeSync, readFileSync, writeSync } from 'node:fs'
import type { Logger } from '../contract/logger.js'
import type { ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { isJanusError } from '../errors/janus-error.js'
import { createQuery } from '../host/query.js'
import { createSnapshotHost } from '../host/snapshot-host.js'
import { loadModule } from '../modules/load-module.js'
import type { LogLine } from './forward-log.js'
import type { ModuleReply, ModuleRequest } from './module-protocol.js'

/*
 * The child that a module runs in: reads one request on standard input, imports the module, asks it, answers once on the
 * descriptor named as its argument, and ends. It is not a wall: whatever the module does to it, it does to itself.
 */

// What the answer needs is kept from before the module came.
const { parse, stringify } = JSON
const exit = process.exit.bind(process)
const toBuffer = Buffer.from.bind(Buffer)
/** Longer than any deadline of the parent, who judges time. */
const NO_DEADLINE = 2 ** 31 - 1
const STDERR = 2

let answered = false

function answer(channel: number, reply: ModuleReply): void {
  if (answered) return
  let bytes = toBuffer(stringify(reply), 'utf8')
  answered = true
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(channel, bytes))
  closeSync(channel)
}

async function main(channel: number): Promise<void> {
  const request = parse(readFileSync(0, 'utf8')) as ModuleRequest
  const module = await loadModule({ ...request.module, diagnostics: [] }, NO_DEADLINE)
  answer(channel, { ok: true, answer: await ask(module, request) })
}

async function ask(module: RunnableModule, { action, host, options }: ModuleRequest): Promise<unknown> {
  if (action === 'describe') {
    const { type, id, version, compatApi, summary, before, after } = module.metadata
    const { apply, rollback } = module.supports
    const optionsSchema = await module.optionsSchema()
    const order = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
    const metadata = { type, id, version, compatApi, summary, ...order }
    return { metadata, supports: { apply, rollback }, optionsSchema }
  }
  if (host === undefined) throw new TypeError('a request without a host')
  const run = runOver(host)
  return module[action](run, options)
}

function runOver({ description, snapshot }: NonNullable<ModuleRequest['host']>): ModuleRun {
  const host = createSnapshotHost(snapshot, description)
  const query = createQuery(host, { env: {} })
  return { host, query, log: stderrLog(), signal: new AbortController().signal }
}

function stderrLog(): Logger {
  const write = (level: LogLine['level']) => (message: string, fields?: LogLine['fields']) => {
    writeSync(STDERR, `${stringify({ level, message: String(message), fields })}\n`)
  }
  const log: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  }
  return log
}

/** A module may throw anything, also something that throws when it is looked at. */
function failure(error: unknown): ModuleReply {
  try {
    if (isJanusError(error)) {
      const { code, message, remedy, data } = error
      return {
        ok: false,
        error: { code, message: String(message).slice(0, 5_000), remedy, data: parse(stringify(data)) },
      }
    }
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, error: { code: 'JANUS_MODULE_CRASHED', message: String(message).slice(0, 5_000) } }
  } catch {
    return { ok: false, error: { code: 'JANUS_MODULE_CRASHED', message: 'it threw something that cannot be printed' } }
  }
}

const channel = Number(process.argv[2])
const fail = (error: unknown): void => {
  answer(channel, failure(error))
  exit(1)
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
main(channel).then(() => exit(0), fail)
