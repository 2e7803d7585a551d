/** A stream that may lose its reader at any time without hurting the work in progress. */
export interface Output {
  /** Writes text. Resolves to false when the stream failed for another reason than a reader that went away. */
  write(text: string): Promise<boolean>
}

/** A pipe whose reader ended, a terminal that was hung up. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED', 'ECONNRESET'])

/** Wraps stdout or stderr; a reader that goes away silences it and is no error. */
export function openOutput(stream: NodeJS.WriteStream): Output {
  let silenced = false
  const isFailure = (error: Error | null | undefined): boolean => {
    if (error === null || error === undefined) return false
    silenced = true
    return !READER_GONE.has((error as NodeJS.ErrnoException).code ?? '')
  }
  stream.on('error', isFailure)
  return {
    write: (text) =>
      new Promise((resolve) => {
        if (silenced || text === '') resolve(true)
        else stream.write(text, (error) => resolve(!isFailure(error)))
      }),
  }
}
