import { writeSync } from 'node:fs'

const channel = Number(process.env.JANUS_LAB_RESULTS ?? 1)
let failed = 0

/** Writes one record to the host; synchronous, so that a record is out before anything that follows it. */
export function report(record) {
  const bytes = Buffer.from(`${JSON.stringify(record)}\n`)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(channel, bytes, written)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      // The host reads slower than we write; give it a moment without yielding to other work.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** One expectation of the scenario. Failing does not stop the program: the rest is worth knowing too. */
export function check(title, ok, detail) {
  if (!ok) failed += 1
  report({ type: 'check', title, ok: Boolean(ok), ...(detail !== undefined && { detail }) })
  return Boolean(ok)
}

/** Raw material for the host side. */
export function value(name, content) {
  report({ type: 'value', name, value: content })
}

export function note(text) {
  report({ type: 'note', text })
}

/** A moment that the host may act on, for instance with a power cut. */
export function marker(name, detail) {
  report({ type: 'marker', name, ...(detail !== undefined && { detail }) })
}

/** Ends the program, also when something it started still hangs. */
export function finish() {
  process.exit(failed === 0 ? 0 : 1)
}
