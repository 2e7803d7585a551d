import type { Fragment } from './render/markup.js'

const SECOND = 1_000
/** Seconds between two lines where a line cannot be written over. */
const BETWEEN_LINES = 10

/** Where it is told what takes long. */
export interface WaitingOutput {
  /** Prints one line. */
  say(line: string): void
  /** Writes over the line that it wrote last; undefined where the output is no terminal. */
  readonly update: ((line: string) => void) | undefined
}

/** Something that may take long. */
export interface Task {
  /** Says that it has been running for this many seconds. */
  describe(seconds: number): Fragment
  /** Told of now and then also where a line cannot be written over. */
  readonly isLogged: boolean
}

/** Says what a person waits for, once that takes longer than a second. */
export interface Waiting {
  /** A command runs, or none does: while a question is asked nobody waits for Janus. */
  command(task: Task | undefined): void
  /** A step of it runs, of which is told instead, or has ended. */
  step(task: Task | undefined): void
}

/** Makes the one place that says so: every second in place of the last line, or every ten where that cannot be. */
export function createWaiting({ say, update }: WaitingOutput): Waiting {
  const running: { command?: Started | undefined; step?: Started | undefined } = {}
  let timer: NodeJS.Timeout | undefined
  const tell = (): void => {
    const told = running.step ?? running.command
    if (told === undefined) return
    const seconds = Math.round((performance.now() - told.since) / SECOND)
    const { printable } = told.task.describe(seconds)
    if (update !== undefined) update(printable)
    else if (told.task.isLogged && seconds % BETWEEN_LINES === 0) say(printable)
  }
  const change = (kind: 'command' | 'step', task: Task | undefined): void => {
    running[kind] = task === undefined ? undefined : { task, since: performance.now() }
    clearInterval(timer)
    // A second without anything new passes before the first line.
    timer = running.step === undefined && running.command === undefined ? undefined : setInterval(tell, SECOND).unref()
  }
  return { command: (task) => change('command', task), step: (task) => change('step', task) }
}

interface Started {
  readonly task: Task
  readonly since: number
}
