/** Of a terminal that says nothing else (VT100). */
const USUAL = { columns: 80, rows: 24 }

/** Takes a terminal that does not know its size, a serial console for one, for one of the usual size. */
export function assumeSize(stream: { columns?: number; rows?: number }): void {
  stream.columns ||= USUAL.columns
  stream.rows ||= USUAL.rows
}
