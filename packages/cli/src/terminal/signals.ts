/** The signals that ask a command to end, with the exit code of a command that did. A hang-up counts as SIGTERM. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 143 } as const

/** A signal that asks a command to end. */
export type EndSignal = keyof typeof SIGNAL_EXIT_CODES

/** Watches for the signals that ask to end. */
export interface SignalWatch {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** The last signal that came. */
  received(): EndSignal | undefined
}

/** A second signal within this many milliseconds of the first ends at once. */
const IMPATIENT = 5_000
/** Signals this close together are one: npm and terminals both deliver the same Ctrl-C. */
const SAME_KEYSTROKE = 250

/**
 * Starts watching. The first signal aborts, so that the work can undo and end by itself; a second one within five
 * seconds ends the process at once.
 * @param onSignal called for every signal that does not end the process
 */
export function watchSignals(onSignal: (signal: EndSignal) => void): SignalWatch {
  const controller = new AbortController()
  let last: { readonly signal: EndSignal; readonly at: number } | undefined
  const receive = (signal: EndSignal): void => {
    const at = performance.now()
    const since = last === undefined ? Number.POSITIVE_INFINITY : at - last.at
    if (since < SAME_KEYSTROKE) return
    if (since < IMPATIENT) process.exit(SIGNAL_EXIT_CODES[signal])
    last = { signal, at }
    onSignal(signal)
    controller.abort()
  }
  for (const signal of Object.keys(SIGNAL_EXIT_CODES) as EndSignal[]) process.on(signal, () => receive(signal))
  return { signal: controller.signal, received: () => last?.signal }
}
