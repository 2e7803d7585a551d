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

/**
 * Asks a question that only `y` or `yes` answers with yes; end of input is a no.
 * @param question without the choices
 */
export async function ask({ input, output }: Terminal, question: string, signal: AbortSignal): Promise<boolean> {
  // Without its own terminal mode readline leaves Ctrl-C to the kernel, so that it arrives as the signal it is.
  const lines = createInterface({ input, output, terminal: false })
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
