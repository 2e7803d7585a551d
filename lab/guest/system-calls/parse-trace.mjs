/**
 * Reads what `strace -ff -ttt -y` wrote, one text for each thread, in the order of time.
 * Each call is `{ pid, time, name, args, strings, paths, result, returned, line }`: `strings` are its string arguments,
 * `paths` what strace says its descriptors stand for, `returned` what the descriptor it returned stands for.
 */
export function parseTrace(texts) {
  const calls = Object.entries(texts).flatMap(([pid, text]) => text.split('\n').flatMap((line) => parseLine(pid, line)))
  return calls.sort((left, right) => left.time - right.time)
}

function parseLine(pid, line) {
  const match = /^(\d+\.\d+) (\w+)\((.*)\) += (-?\d+|\?)(.*)$/.exec(line)
  if (match === null) return []
  const [, time, name, args, result, rest] = match
  const strings = [...args.matchAll(/"((?:[^"\\]|\\.)*)"(\.\.\.)?/g)].map(
    ([, text, cut]) => unescaped(text) + (cut ?? ''),
  )
  const withoutStrings = args.replace(/"(?:[^"\\]|\\.)*"(\.\.\.)?/g, '""')
  const paths = [...withoutStrings.matchAll(/(?:\d+|AT_FDCWD)<([^>]*)>/g)].map(([, path]) => unescaped(path))
  const returned = /^<([^>]*)>/.exec(rest)?.[1]
  return [{ pid, time: Number(time), name, args: withoutStrings, strings, paths, result, returned, line }]
}

const LETTERS = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', '"': '"', '\\': '\\' }

function unescaped(text) {
  return text.replace(/\\([0-7]{1,3}|.)/g, (_, code) => LETTERS[code] ?? String.fromCharCode(Number.parseInt(code, 8)))
}
