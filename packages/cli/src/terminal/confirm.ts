import { createInterface } from 'node:readline/promises'

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** True when somebody can be asked: both streams are terminals. */
export function canAsk({ input, output }: Terminal): boolean {
  return input.isTTY === true && output.isTTY === true
}

/** True for `y` and `yes`; everything else, the end of the input among it, is a no. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim())
}

/** Asks for a line; it is empty at the end of the input, and nobody is asked behind it. */
export async function readLine({ input, output }: Terminal, question: string, signal: AbortSignal): Promise<string> {
  if (input.readableEnded) return ''
  // Without its own terminal mode readline leaves Ctrl-C to the kernel, so that it arrives as the signal it is.
  const lines = createInterface({ input, output, terminal: false })
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return await Promise.race([lines.question(question, { signal }), ended])
  } finally {
    lines.close()
  }
}
