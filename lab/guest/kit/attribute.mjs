import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const program = fileURLToPath(new URL('attribute.pl', import.meta.url))
const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

/** Reads an attribute byte for byte: `{ result: 'ok', text }`, or `{ result: 'ENOENT' … | 'hang' }`. */
export async function readAttribute(path, { timeoutMs = 10_000 } = {}) {
  const answer = await call(['read', path], timeoutMs)
  return answer.result === 'ok' ? { result: 'ok', text: answer.data.toString('latin1') } : { result: answer.result }
}

/** Writes these bytes in one call: `{ result: 'ok' | errno | 'hang', call: 'open' | 'write', written }`. */
export async function writeAttribute(path, content, { timeoutMs = 10_000 } = {}) {
  const {
    result,
    call: name,
    count,
  } = await call(['write', path, Buffer.from(content, 'latin1').toString('hex')], timeoutMs)
  return result === 'hang' ? { result } : { result, call: name, written: count }
}

async function call(args, timeoutMs) {
  const { stdout, stderr, timedOut } = await run('perl', [program, ...args], { timeoutMs })
  if (timedOut) return { result: 'hang' }
  const [name, errno, count, hex = ''] = stdout.trimEnd().split(' ')
  if (count === undefined) throw new Error(`attribute.pl failed: ${stderr}`)
  // errno keeps an old value after success, so the count decides.
  const result = Number(count) >= 0 ? 'ok' : (names.get(Number(errno)) ?? `errno ${errno}`)
  return { result, call: name, count: Number(count), data: Buffer.from(hex, 'hex') }
}
