/** What a stream can show: how wide a line may be, and which characters lines are drawn with. */
export interface Drawing {
  /** Columns of the terminal; undefined where lines are not wrapped: a pipe, a file. */
  readonly columns?: number
  /** Rows of the terminal; undefined where there is no end to a page. */
  readonly rows?: number
  /** False where only ASCII can be drawn. */
  readonly unicode: boolean
}

/**
 * How a stream is drawn on. The locale says whether box-drawing characters can be read, in the order of the C library:
 * LC_ALL, LC_CTYPE, LANG, the first that is not empty; without any it is ASCII.
 */
export function drawingOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): Drawing {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? 'C'
  const unicode = /\butf-?8\b/i.test(locale)
  const { columns, rows } = stream.isTTY === true ? stream : {}
  // A terminal that does not know its size says 0.
  return { unicode, ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) }
}
