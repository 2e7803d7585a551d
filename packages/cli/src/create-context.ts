import { join } from 'node:path'
import { createJanus, diagnosticOf, type Janus, janusError, type Machine, openHost } from '@janus/core'
import type { CommandContext, Consent } from './command.js'
import { createDeferredLog } from './deferred-log.js'
import { moduleSources } from './module-sources.js'
import { PACKAGE_JSON, versionIn } from './package-json.js'
import { showProgress } from './progress.js'
import { renderDiagnostic } from './render/diagnostic.js'
import { text } from './render/markup.js'
import type { Palette } from './render/palette.js'
import { canAsk, isYes, readLine } from './terminal/confirm.js'
import type { Drawing } from './terminal/drawing.js'
import type { Output } from './terminal/output.js'
import type { EndSignal } from './terminal/signals.js'
import { createStatusLine } from './terminal/status-line.js'
import { createWaiting, type Task } from './waiting.js'

/** What a context is made of. */
export interface ContextSettings {
  /** What runs, as it is called: `janus history prune`. */
  readonly name: string
  readonly argv: readonly string[]
  readonly json: boolean
  readonly palette: Palette
  readonly errorPalette: Palette
  readonly drawing: Drawing
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
  /** What is opened where no host is named. Default: the machine itself. */
  readonly machine?: Machine | undefined
}

/** The context as the runner sees it. */
export interface RunnerContext extends CommandContext {
  /** Tells a person what a signal will come to. */
  interrupted(signal: EndSignal): void
  /** Waits for the work; a signal ends the waiting unless the machine is being changed. */
  untilInterrupted<Result>(work: Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Makes what a command runs with. Nothing is opened before the command asks. */
export function createContext({
  name,
  argv,
  json,
  palette,
  errorPalette,
  drawing,
  stdout,
  stderr,
  signal,
  machine,
}: ContextSettings): RunnerContext {
  const say = (line: string): void => {
    if (json) return
    status.clear()
    void stderr.write(`${line}\n`)
  }
  const status = createStatusLine(stderr, process.stderr)
  const { update } = status
  const waiting = createWaiting({
    say,
    // Who reads single keys draws on the terminal himself: a question with a list, the screen of the agent.
    update:
      json || update === undefined
        ? undefined
        : (line) => {
            if (!process.stdin.isRaw) update(line)
          },
  })
  const work: Task = { isLogged: false, describe: (seconds) => text`${name}: running for ${seconds} s` }
  const log = createDeferredLog({ argv, version: versionIn(PACKAGE_JSON) }, (error) => {
    say(renderDiagnostic(errorPalette, { ...diagnosticOf(error), severity: 'warning' }).printable)
  })
  const cwd = process.cwd()
  const own = machine === undefined ? {} : { machine }
  const opened: Janus[] = []
  let mutating = false

  const line: CommandContext['line'] = async (question) => {
    const terminal = { input: process.stdin, output: process.stderr }
    if (json || !canAsk(terminal)) {
      const because = json ? 'with --json' : 'without a terminal on stdin and stderr'
      throw janusError('JANUS_CONFIRMATION_REQUIRED', `nobody can be asked ${because}; pass --yes to say yes`)
    }
    waiting.command(undefined)
    status.clear()
    return await readLine(terminal, question.printable, signal).finally(() => waiting.command(work))
  }

  return {
    palette,
    drawing,
    signal,
    log: log.logger,
    cwd,
    async open(host, modules = []) {
      const janus = createJanus({
        ...(host === undefined ? own : { host: await openHost(host) }),
        sources: moduleSources({ modules, cwd }),
        logger: log.logger,
        argv,
      })
      opened.push(janus)
      showProgress(janus.events, errorPalette, { say, waiting })
      return janus
    },
    show(preview) {
      say(preview(errorPalette).printable)
    },
    print(said) {
      if (json) return
      status.clear()
      void stdout.write(`${said.printable}\n`)
    },
    async confirm({ question, yes }: Consent) {
      if (yes || isYes(await line(text`${question} [y/N] `))) return
      throw janusError('JANUS_DECLINED', 'declined; nothing was done')
    },
    line,
    async asking(question) {
      waiting.command(undefined)
      status.clear()
      return await question().finally(() => waiting.command(work))
    },
    async mutate(change) {
      if (signal.aborted) throw interruption()
      mutating = true
      try {
        const [janus] = opened
        if (janus !== undefined) log.open(join(janus.stateDirectory, 'logs/janus.log'))
        return await change()
      } finally {
        mutating = false
      }
    },
    interrupted(name) {
      const consequence = mutating
        ? 'finishing or undoing what is under way; once more within 5 s ends at once'
        : 'ending'
      say(`janus: ${name}: ${consequence}`)
    },
    async untilInterrupted(result) {
      waiting.command(work)
      const interrupted = Promise.race([
        result,
        new Promise<never>((_, reject) => {
          const stop = (): void => {
            if (!mutating) reject(interruption())
          }
          if (signal.aborted) stop()
          else signal.addEventListener('abort', stop, { once: true })
        }),
      ])
      return await interrupted.finally(() => {
        waiting.command(undefined)
        status.clear()
      })
    },
    async close() {
      for (const janus of opened) await janus.close()
      await log.close()
    },
  }
}

function interruption(): Error {
  return janusError('JANUS_ABORTED', 'interrupted; nothing was changed')
}
