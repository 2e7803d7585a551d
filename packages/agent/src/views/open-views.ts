import type { TellEvent } from '../contract/log-event.js'
import type { RecordedEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentLogDetail } from './agent-log-line.js'
import { logEventLine } from './log-event-line.js'
import { APPENDED_VIEWS, projectViews, type ViewLines, type ViewProjection } from './project-views.js'
import { readViewCursor, type ViewCursor, writeViewCursor } from './view-cursor.js'
import { viewLine } from './view-line.js'
import type { ViewPaths } from './view-paths.js'
import { createViewSet, type ViewProblem } from './view-set.js'

/** What is written where. */
export interface ViewOptions {
  readonly paths: ViewPaths
  /** Where is noted how far the views have come. Absolute path. */
  readonly cursorPath: string
  readonly detail: AgentLogDetail
  /** Events that may wait to be written; when there are more, the record is read again. */
  readonly mostWaiting: number
  /** Given the lines of the agent log too, each with its newline: for the journal of a service. */
  onLines?(lines: string): void
}

/** The views of a record, kept as it grows. */
export interface Views {
  /** What cannot be written now. Nothing that the agent does depends on a view. */
  problems(): readonly ViewProblem[]
  /** Puts an event that is not of the record into the agent log; one of level `debug` only where it tells everything. When too many wait, they are counted in place of being written. */
  readonly tell: TellEvent
  /** Writes what waits, looks whether the files are as they were left, and tries again what failed. */
  check(): Promise<void>
  /** Writes what waits, and ends. Safe to call twice. */
  close(): Promise<void>
}

const LOG_PIECE = 64 * 1024
const DAY_MILLISECONDS = 24 * 3600 * 1000
const YEAR_DAYS = 365

/**
 * Writes the views of the documents, and the agent log, from a record: each event once it is durable. Goes on where it ended when the files are as they were
 * left; else compares them with the record and makes them again.
 */
export function openViews(record: AgentRecord, options: ViewOptions): Views {
  const { cursorPath, detail, mostWaiting, onLines } = options
  const files = createViewSet(record, options.paths)
  // Read before anything else can be recorded.
  const start = { ...record.durable }
  const seed = isAtRest(record) ? projectViews({ ...detail, from: record.state }) : undefined
  let told = { seq: 0, hash: '' }
  let toolLogFrom = ''
  let projection: ViewProjection | undefined
  let waiting: RecordedEvent[] = []
  let isTooMuch = false
  let isAsked = false
  let problem: string | undefined

  const unwatch = record.watch((event) => {
    waiting.push(event)
    if (projection !== undefined && waiting.length > mostWaiting) letGo(projection)
    if (!isAsked) void write()
  })

  /** What is let go stays in the record, and the projection knows it. */
  const letGo = (known: ViewProjection): void => {
    for (const event of waiting) known.project(event)
    waiting = []
    isTooMuch = true
  }

  const begin = async (): Promise<void> => {
    const cursor = await readViewCursor(cursorPath)
    const isOurs = cursor !== undefined && cursor.recordId === record.state.recordId && cursor.seq <= start.seq
    if (isOurs) {
      told = { seq: cursor.seq, hash: cursor.hash }
      toolLogFrom = cursor.toolLogFrom
    }
    const isCurrent = isOurs && cursor.seq === start.seq && cursor.hash === start.hash
    if (isCurrent) files.assume(cursor.files)
    const made = isCurrent && seed !== undefined ? seed : await replay(start.seq)
    await examine(made, start)
    projection = made
  }

  const follow = async (known: ViewProjection): Promise<void> => {
    const { durable } = record
    const last = waiting.at(-1)?.seq ?? durable.seq
    if (isTooMuch) {
      letGo(known)
      isTooMuch = false
      await replay(last)
      files.assume({})
      return examine(known, { seq: last, hash: last === durable.seq ? durable.hash : '' })
    }
    const batch = waiting.filter((event) => event.seq > told.seq)
    waiting = []
    if (batch.length === 0) return
    const lines = linesOf(known, batch)
    const extent = { seq: last, toolLogFrom, toolLogWasFrom: toolLogFrom, queue: known.queue }
    for (const view of APPENDED_VIEWS) if (lines[view] !== undefined) await files.append(view, lines[view], extent)
    if (batch.some(changesQueue)) await files.replaceQueue(extent)
    await tell(lines.agentLog ?? '')
    told = { seq: last, hash: last === durable.seq ? durable.hash : '' }
    await note()
  }

  const examine = async (known: ViewProjection, upTo: typeof told): Promise<void> => {
    const from = firstKept(record.clock.now())
    const extent = { seq: upTo.seq, toolLogFrom: from, toolLogWasFrom: toolLogFrom, queue: known.queue }
    const isChanged = await files.examine(extent)
    const isFurther = told.seq !== upTo.seq
    told = upTo
    toolLogFrom = from
    if (isChanged || isFurther) await note()
  }

  /** Reads the record from its beginning. The agent log is told what it was not told yet. */
  const replay = async (upTo: number): Promise<ViewProjection> => {
    const made = projectViews(detail)
    let log = ''
    for await (const event of record.history()) {
      if (event.seq > upTo) break
      const { agentLog = '' } = made.project(event)
      if (event.seq > told.seq) log += agentLog
      if (log.length < LOG_PIECE) continue
      await tell(log)
      log = ''
    }
    await tell(log)
    return made
  }

  const tell = async (lines: string): Promise<void> => {
    if (lines === '') return
    onLines?.(lines)
    await files.log(lines)
  }

  const note = (): Promise<void> => {
    const { recordId } = record.state
    const cursor: ViewCursor = { schema: 'janus.agent-views/1', recordId, ...told, toolLogFrom, files: files.left() }
    return writeViewCursor(cursorPath, cursor)
  }

  let work = Promise.resolve()
  /** One after the other; what fails is tried again with the next. */
  const enqueue = (step: (known: ViewProjection) => Promise<void>): Promise<void> => {
    work = work.then(async () => {
      try {
        if (projection === undefined) await begin()
        if (projection !== undefined) await step(projection)
        problem = undefined
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error)
      }
    })
    return work
  }
  const write = (): Promise<void> => {
    isAsked = true
    return enqueue((known) => {
      isAsked = false
      return follow(known)
    })
  }

  const aside = createAside(mostWaiting)
  const tellAside: TellEvent = (event) => {
    if (event.level === 'debug' && !detail.everyEvent) return
    const at = record.clock.now().toISOString()
    const isFirst = aside.add(logEventLine(event, at, record.state.vesselId))
    if (isFirst) void enqueue(() => tell(aside.take()))
  }

  void write()
  return {
    tell: tellAside,
    problems: () => [...files.problems(), ...(problem === undefined ? [] : [{ path: cursorPath, summary: problem }])],
    check: async () => {
      await write()
      await enqueue((known) => examine(known, told))
    },
    close: async () => {
      unwatch()
      await write()
    },
  }
}

/** Lines that wait beside those of the record. */
function createAside(most: number): { add(line: string): boolean; take(): string } {
  let lines: string[] = []
  let over = 0
  return {
    add: (line) => {
      if (lines.length < most) lines.push(line)
      else over += 1
      return lines.length === 1 && over === 0
    },
    take: () => {
      const more = over > 0 ? viewLine({ event_type: 'agent.log_dropped', summary: `${over} lines were too many` }) : ''
      const text = lines.join('') + more
      lines = []
      over = 0
      return text
    },
  }
}

function isAtRest({ state, durable }: AgentRecord): boolean {
  return state.lastSeq === durable.seq && ![...state.open.values()].some(({ status }) => status === 'executing')
}

function linesOf(projection: ViewProjection, batch: readonly RecordedEvent[]): ViewLines {
  const texts: { -readonly [View in keyof ViewLines]: string } = {}
  for (const event of batch) {
    for (const [view, line] of Object.entries(projection.project(event))) {
      texts[view as keyof ViewLines] = (texts[view as keyof ViewLines] ?? '') + line
    }
  }
  return texts
}

function changesQueue({ type }: RecordedEvent): boolean {
  return type === 'proposal-created' || type === 'proposal-moved'
}

/** The beginning of the month that was a year ago: so the view of executions is shortened once a month. */
function firstKept(now: Date): string {
  const yearAgo = new Date(now.getTime() - YEAR_DAYS * DAY_MILLISECONDS)
  return new Date(Date.UTC(yearAgo.getUTCFullYear(), yearAgo.getUTCMonth(), 1)).toISOString()
}
