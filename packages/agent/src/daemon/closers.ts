/** What has to be closed, the last first. */
export interface Closers {
  add(what: string, close: () => unknown): void
  /** Closes everything, whatever fails on the way. Safe to call twice. */
  close(): Promise<void>
}

/** @param say told of what could not be closed */
export function createClosers(say: (line: string) => void): Closers {
  const open: { readonly what: string; readonly close: () => unknown }[] = []
  return {
    add: (what, close) => void open.push({ what, close }),
    close: async () => {
      for (let last = open.pop(); last !== undefined; last = open.pop()) {
        try {
          await last.close()
        } catch (error) {
          say(`${last.what} could not be closed: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    },
  }
}
