/** One line of the tests that is not a vitest test: a tool that passed or did not. */
export interface ToolCheck {
  readonly name: string
  readonly ok: boolean
  /** What the reader needs to see when it failed. */
  readonly output: string
}

/** A check made from how a program ended. */
export function toolCheck(name: string, result: { readonly exitCode: number; readonly output: string }): ToolCheck {
  return { name, ok: result.exitCode === 0, output: result.output }
}

/** Prints one line for a check, and its output below when it failed. */
export function printToolCheck({ name, ok, output }: ToolCheck): void {
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}\n`)
  if (!ok && output.trim() !== '') process.stdout.write(`${output.trimEnd().replace(/^/gm, '     | ')}\n`)
}
