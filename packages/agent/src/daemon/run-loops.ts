import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { DaemonLoop } from './daemon-loop.js'
import type { LoopProgress } from './loop-progress.js'

/** What loops are run with. */
export interface RunLoopsOptions {
  /** Ends all of them at once, the waiting included. */
  readonly signal: AbortSignal
  readonly progress: LoopProgress
  /** Waits, or is aborted. Default: a timer of Node. */
  sleep?(milliseconds: number, signal: AbortSignal): Promise<void>
  onProblem(loop: string, problem: unknown): void
}

/** Runs loops beside each other until they are aborted. A round that fails is told, and the next one comes all the same. */
export async function runLoops(loops: readonly DaemonLoop[], options: RunLoopsOptions): Promise<void> {
  // Each loop waits on it, and what its round does may too.
  setMaxListeners(0, options.signal)
  await Promise.all(loops.map((loop) => runLoop(loop, options)))
}

async function runLoop(
  { name, every, run }: DaemonLoop,
  { signal, progress, sleep = sleepFor, onProblem }: RunLoopsOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await run(signal)
      progress.completed(name)
    } catch (problem) {
      if (signal.aborted) return
      progress.failed(name, problem instanceof Error ? problem.message : String(problem))
      onProblem(name, problem)
    }
    if (!signal.aborted) await sleep(every, signal)
  }
}

async function sleepFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Being aborted is the end that is asked for.
  await delay(milliseconds, undefined, { signal }).catch(() => undefined)
}
