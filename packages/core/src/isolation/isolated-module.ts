import { join } from 'node:path'
import { UNSTATED } from '../command-modules/program-metadata.js'
import { findingsSchema } from '../contract/finding-schema.js'
import type { Logger } from '../contract/logger.js'
import type { Isolation, ModuleAnswer, ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import type { DiscoveredModule, ModuleCode } from '../modules/discovered-module.js'
import type { SandboxBind, SupervisedEnd } from '../sandbox/index.js'
import * as z from '../zod.js'
import { parseBoundedJson } from './bounded-json.js'
import { forwardLog } from './forward-log.js'
import { moduleError, refusalError } from './module-error.js'
import type { ModuleChildren } from './module-isolation.js'
import {
  changesSchema,
  type ModuleReply,
  type ModuleRequest,
  type ModuleSelfDescription,
  replySchema,
  selfDescriptionSchema,
} from './module-protocol.js'
import { plugAndPlayView } from './plug-and-play.js'
import { coreDirectory, requireChildProgram } from './run-child.js'
import { visiblePackages } from './visible-packages.js'

/** What a question gives a child besides the module. */
interface Question {
  readonly action: ModuleRequest['action']
  readonly run?: ModuleRun
  readonly options?: unknown
}

/**
 * A module whose code never runs in this process: each question starts one child, over a snapshot of the host. The child
 * is asked once here, so that a module that is broken is known before anybody relies on it.
 * @throws JANUS_SANDBOX_UNAVAILABLE, JANUS_SANDBOX_BIND_REFUSED, or the one error that says what became of the module
 */
export async function isolatedModule(
  found: DiscoveredModule,
  isolation: Exclude<Isolation, 'in-process'>,
  children: ModuleChildren,
): Promise<RunnableModule> {
  const { code } = found
  if (code === undefined) throw janusError('JANUS_INTERNAL', `module ${found.id} has no code to isolate`)
  await requireChildProgram()
  const directories = [code.directory, coreDirectory()]
  const view = plugAndPlayView(directories) ?? {
    visible: await ofModule(found, visibleTo(code)),
    nodeArguments: [],
    webAssembly: false,
  }

  async function ask<Answer>(schema: z.ZodType<Answer>, question: Question): Promise<Answer> {
    const { run } = question
    const input = await requestText(found, question, children)
    const asked = children.run(isolation, { ...view, input, limits: children.limits, signal: run?.signal })
    const end = await ofModule(found, asked)
    if (run !== undefined) forwardLog(logOf(run, found), end.stdout, end.stderr)
    return answerOf(found, schema, end, children)
  }

  async function changes(action: 'apply' | 'rollback', run: ModuleRun, options: unknown): Promise<ModuleAnswer> {
    return ask(changesSchema, { action, run, options })
  }

  const { metadata, supports, optionsSchema } = sameModule(
    found,
    await ask(selfDescriptionSchema, { action: 'describe' }),
  )
  return {
    metadata,
    supports,
    isolation,
    trusted: found.trusted ?? false,
    optionsSchema: async () => optionsSchema,
    check: (run, options) => ask(findingsSchema, { action: 'check', run, options }),
    apply: (run, options) => changes('apply', run, options),
    rollback: (run, options) => changes('rollback', run, options),
  }
}

/** A file that somebody named by itself is shown without what lies beside it, but for `node_modules`. */
async function visibleTo({ directory, reads }: ModuleCode): Promise<readonly SandboxBind[]> {
  const directories = [directory, coreDirectory()]
  if (reads === undefined) return visiblePackages(directories)
  const files = reads.map((name) => ({ source: join(directory, name) }))
  return [...(await visiblePackages(directories, undefined, directory)), ...files]
}

/** What cannot be shown to a module is said of the module. */
async function ofModule<Value>(found: DiscoveredModule, work: Promise<Value>): Promise<Value> {
  return work.catch((cause: unknown) => {
    if (!isJanusError(cause) || cause.code !== 'JANUS_SANDBOX_BIND_REFUSED') throw cause
    const bugs = found.code?.bugs
    const remedy = bugs === undefined ? cause.remedy : `${cause.remedy} Or report it to ${bugs}.`
    throw moduleError(found, 'JANUS_SANDBOX_BIND_REFUSED', `is not run: ${cause.message}`, {
      cause,
      remedy,
      data: cause.data,
    })
  })
}

/** The snapshot is text already: it is large, and shared. */
async function requestText(found: DiscoveredModule, question: Question, children: ModuleChildren): Promise<string> {
  const { id, type, version, source, path, code } = found
  const { action, run, options } = question
  const request: ModuleRequest = {
    action,
    module: {
      id,
      type,
      version,
      source,
      ...(path === undefined ? {} : { path }),
      ...(code === undefined ? {} : { code }),
    },
    options,
  }
  const text = JSON.stringify(request)
  if (run === undefined) return text
  const host = `{"description":${JSON.stringify(run.host.description)},"snapshot":${await children.snapshotFor(run)}}`
  return `${text.slice(0, -1)},"host":${host}}`
}

/** One answer, or one error, whatever the child did. */
function answerOf<Answer>(
  found: DiscoveredModule,
  schema: z.ZodType<Answer>,
  end: SupervisedEnd,
  { limits }: ModuleChildren,
): Answer {
  if (end.cancelled) throw janusError('JANUS_ABORTED', `module ${found.id} was not waited for`, { module: found.id })
  if (end.timedOut) {
    throw moduleError(found, 'JANUS_MODULE_TIMEOUT', `did not answer within ${limits.deadline / 1_000} seconds`)
  }
  if (end.overflowed) {
    const what = `answered more than ${limits.answer} bytes or printed more than ${limits.output}`
    throw moduleError(found, 'JANUS_MODULE_ANSWER_INVALID', what)
  }
  if (end.channel === '')
    throw moduleError(found, 'JANUS_MODULE_CRASHED', howItEnded(end), { data: { printed: end.stderr.slice(0, 2_000) } })
  const reply = parseReply(found, end.channel)
  if (!reply.ok) throw refusalError(found, reply.error)
  const parsed = schema.safeParse(reply.answer)
  if (parsed.success) return parsed.data
  throw moduleError(found, 'JANUS_MODULE_ANSWER_INVALID', `answered in the wrong shape: ${oneLine(parsed.error)}`)
}

function parseReply(found: DiscoveredModule, text: string): ModuleReply {
  try {
    return replySchema.parse(parseBoundedJson(text))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not one reply'
    throw moduleError(found, 'JANUS_MODULE_ANSWER_INVALID', `did not answer with one JSON document: ${why}`, { cause })
  }
}

function howItEnded({ exitCode, signal, stderr }: SupervisedEnd): string {
  if (/heap out of memory|allocation failed/i.test(stderr)) return 'ran out of memory'
  if (signal !== undefined) return `was ended by ${signal} before it answered`
  return `ended with exit code ${exitCode ?? 'unknown'} before it answered`
}

/** What a module says it is called is its own word; what its manifest says was agreed to. */
function sameModule(found: DiscoveredModule, description: ModuleSelfDescription): ModuleSelfDescription {
  for (const name of ['id', 'type', 'version'] as const) {
    if (description.metadata[name] === found[name] || found[name] === UNSTATED) continue
    throw moduleError(found, 'JANUS_MODULE_SHAPE_INVALID', `gives another ${name} than its manifest`)
  }
  return description
}

function oneLine(error: z.ZodError): string {
  return z
    .prettifyError(error)
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 500)
}

function logOf(run: ModuleRun, found: DiscoveredModule): Logger {
  return run.log.child({ module: found.id })
}
