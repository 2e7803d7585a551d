import { errnoOf } from '@janus/core/state'
import type { AgentRecord } from '../record/agent-record.js'
import { compareView } from './compare-view.js'
import { deriveQueueLines, deriveView, piecesOf } from './derive-view.js'
import { findForeignLine } from './find-foreign-line.js'
import type { AppendedView } from './project-views.js'
import { appendToView, isSameMark, readViewMark, replaceView, setAside, type ViewMark } from './view-file.js'
import { VIEW_NAMES, type ViewName, type ViewPaths } from './view-paths.js'

/** How far the views are to tell. */
export interface ViewExtent {
  /** Of the last event that counts. */
  readonly seq: number
  /** Since when executions are kept: ISO 8601, UTC; and since when they were until now. */
  readonly toolLogFrom: string
  readonly toolLogWasFrom: string
  /** The approval queue then. */
  queue(): readonly string[]
}

/** A view that is not written, and why. */
export interface ViewProblem {
  readonly path: string
  readonly summary: string
}

/** The files of the views. Nothing here throws: what cannot be written is a problem of that view, and made again when it can be. */
export interface ViewSet {
  problems(): readonly ViewProblem[]
  /** How the files were left, by path. */
  left(): Readonly<Record<string, ViewMark>>
  /** Takes the files to have been left like this; one that is not named is made again when they are examined. */
  assume(left: Readonly<Record<string, ViewMark>>): void
  /** Makes each view again that is not as it was left. True when there was one. */
  examine(extent: ViewExtent): Promise<boolean>
  append(view: AppendedView, lines: string, extent: ViewExtent): Promise<void>
  replaceQueue(extent: ViewExtent): Promise<void>
  log(lines: string): Promise<void>
}

/**
 * The files of the views of a record. A view is output, never input: what stands in one and is not of the record is recorded as an `integrity-alarm` and set
 * aside beside it.
 */
export function createViewSet(record: AgentRecord, paths: ViewPaths): ViewSet {
  const marks = new Map<ViewName, ViewMark>()
  const problems = new Map<string, string>()

  const attempt = async (path: string, write: () => Promise<void>): Promise<void> => {
    try {
      await write()
      problems.delete(path)
    } catch (error) {
      problems.set(path, errnoOf(error) === 'ENOENT' ? 'its directory does not exist' : wordsOf(error))
    }
  }

  const isAsLeft = async (view: ViewName): Promise<boolean> => {
    const mark = marks.get(view)
    return mark !== undefined && isSameMark(mark, await readViewMark(paths[view]))
  }

  const makeAgain = async (view: ViewName, extent: ViewExtent): Promise<void> => {
    const path = paths[view]
    const { seq, toolLogFrom, toolLogWasFrom } = extent
    marks.delete(view)
    const line =
      view === 'approvalQueue'
        ? await findForeignLine(path, deriveQueueLines(record))
        : await compareView(path, deriveView(record, view, { seq, from: toolLogWasFrom }))
    if (line !== undefined) {
      const aside = await setAside(path, seq)
      await alarm(record, path, `line ${line} is not of the record; what was found lies in ${aside}`)
    }
    const lines = view === 'approvalQueue' ? extent.queue() : deriveView(record, view, { seq, from: toolLogFrom })
    marks.set(view, await replaceView(path, piecesOf(lines)))
  }

  const log = (lines: string): Promise<void> =>
    attempt(paths.agentLog, async () => {
      await appendToView(paths.agentLog, lines, await readViewMark(paths.agentLog))
    })

  return {
    problems: () => [...problems].map(([path, summary]) => ({ path, summary })),
    left: () => Object.fromEntries([...marks].map(([view, mark]) => [paths[view], mark])),
    assume: (left) => {
      marks.clear()
      for (const view of VIEW_NAMES) {
        const mark = left[paths[view]]
        if (mark !== undefined) marks.set(view, mark)
      }
    },
    examine: async (extent) => {
      let isChanged = false
      if (problems.has(paths.agentLog)) await log('')
      for (const view of VIEW_NAMES) {
        await attempt(paths[view], async () => {
          const isTrimmed = view === 'toolLog' && extent.toolLogFrom !== extent.toolLogWasFrom
          if (!isTrimmed && (await isAsLeft(view))) return
          isChanged = true
          await makeAgain(view, extent)
        })
      }
      return isChanged
    },
    append: (view, lines, extent) =>
      attempt(paths[view], async () => {
        const mark = marks.get(view)
        const left = mark && (await appendToView(paths[view], lines, mark))
        if (left === undefined) await makeAgain(view, extent)
        else marks.set(view, left)
      }),
    replaceQueue: (extent) =>
      attempt(paths.approvalQueue, async () => {
        if (!(await isAsLeft('approvalQueue'))) return makeAgain('approvalQueue', extent)
        marks.set('approvalQueue', await replaceView(paths.approvalQueue, piecesOf(extent.queue())))
      }),
    log,
  }
}

async function alarm(record: AgentRecord, path: string, summary: string): Promise<void> {
  await record.commit(() => ({ events: [{ type: 'integrity-alarm', payload: { path, summary } }], answer: undefined }))
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
