const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Begins a command that has a process of its own elsewhere, and here shares that of who runs it. When it ends the process, having
 * said all and set the exit code, only it has ended; with an exit code, as for the second Ctrl-C, it is the process that ends.
 */
export function outlive(): { end(): void } {
  const { exit } = process
  const before = SIGNALS.map((signal) => process.listeners(signal))
  process.exit = ((code?: number) => (code === undefined ? undefined : exit(code))) as typeof exit
  return {
    /** What it watches signals with goes with it: who has ended does not hear the next one. */
    end() {
      process.exit = exit
      for (const [index, signal] of SIGNALS.entries())
        for (const listener of process.listeners(signal)) {
          if (!before[index]?.includes(listener)) process.off(signal, listener)
        }
    },
  }
}
