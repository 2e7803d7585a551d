import { join } from 'node:path'
import { createJanus, diagnosticOf, type Janus, janusError, type Machine, openHost } from '@janus/core'
import type { CommandContext, Consent } from './command.js'
import { createDeferredLog } from './deferred-log.js'
import { PACKAGE_JSON, versionIn } from './package-json.js'
import { showProgress } from './progress.js'
import { renderDiagnostic } from './render/diagnostic.js'
import type { Palette } from './render/palette.js'
import { ask, canAsk } from './terminal/confirm.js'
import type { Output } from './terminal/output.js'
import type { EndSignal } from './terminal/signals.js'
import { createStatusLine } from './terminal/status-line.js'

/** What a context is made of. */
export interface ContextSettings {
  readonly argv: readonly string[]
  readonly json: boolean
  readonly palette: Palette
  readonly errorPalette: Palette
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
  argv,
  json,
  palette,
  errorPalette,
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
  const log = createDeferredLog({ argv, version: versionIn(PACKAGE_JSON) }, (error) => {
    say(renderDiagnostic(errorPalette, { ...diagnosticOf(error), severity: 'warning' }).printable)
  })
  const cwd = process.cwd()
  const own = machine === undefined ? {} : { machine }
  const opened: Janus[] = []
  let mutating = false

  return {
    palette,
    signal,
    log: log.logger,
    cwd,
    async open(host, modules = []) {
      const janus = createJanus({
        ...(host === undefined ? own : { host: await openHost(host) }),
        sources: [
          { kind: 'config' },
          ...modules.map((name) => ({ kind: 'named', name, from: cwd }) as const),
          { kind: 'dependencies-of', packageJson: PACKAGE_JSON },
          { kind: 'tree-of', packageJson: PACKAGE_JSON },
          { kind: 'project', directory: cwd },
          { kind: 'extensions' },
        ],
        logger: log.logger,
        argv,
      })
      opened.push(janus)
      showProgress(janus.events, errorPalette, { say, update: json ? undefined : status.update })
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
      const terminal = { input: process.stdin, output: process.stderr }
      if (!yes && (json || !canAsk(terminal))) {
        const because = json ? 'with --json' : 'without a terminal on stdin and stderr'
        throw janusError('JANUS_CONFIRMATION_REQUIRED', `nobody can be asked ${because}; pass --yes to say yes`)
      }
      if (!yes && !(await ask(terminal, question, signal)))
        throw janusError('JANUS_DECLINED', 'declined; nothing was done')
    },
    async mutate(work) {
      if (signal.aborted) throw interruption()
      mutating = true
      try {
        const [janus] = opened
        if (janus !== undefined) log.open(join(janus.stateDirectory, 'logs/janus.log'))
        return await work()
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
    async untilInterrupted(work) {
      return await Promise.race([
        work,
        new Promise<never>((_, reject) => {
          const stop = (): void => {
            if (!mutating) reject(interruption())
          }
          if (signal.aborted) stop()
          else signal.addEventListener('abort', stop, { once: true })
        }),
      ])
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
