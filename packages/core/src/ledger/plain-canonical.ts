const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const SAFE_DIGITS = 15

/**
 * Tells at a glance that JSON text is in the canonical form of RFC 8785: as nearly every record is, with no escape in any string, whole
 * numbers only, and keys in order. It looks at the text alone, without spelling the value again, which costs several times as much.
 * @param text valid JSON
 * @returns false also for what is canonical, but not so plainly: it has to be spelled again and compared
 */
export function isPlainCanonical(text: string): boolean {
  return !text.includes('\\') && skipValue(text, 0) === text.length
}

/** Each of these returns where the value ends, or -1 where it is not plain. */
function skipValue(text: string, at: number): number {
  switch (text[at]) {
    case '"':
      return text.indexOf('"', at + 1) + 1 || -1
    case '{':
      return skipObject(text, at + 1)
    case '[':
      return skipArray(text, at + 1)
    case 't':
    case 'n':
      return at + 4
    case 'f':
      return at + 5
    default:
      return skipInteger(text, at)
  }
}

function skipObject(text: string, from: number): number {
  if (text[from] === '}') return from + 1
  let previous: string | undefined
  for (let at = from; ; ) {
    if (text.charCodeAt(at) !== QUOTE) return -1
    const end = text.indexOf('"', at + 1)
    const key = text.slice(at + 1, end)
    // By UTF-16 code units, as RFC 8785 orders them.
    if (previous !== undefined && key <= previous) return -1
    previous = key
    if (text[end + 1] !== ':') return -1
    at = skipValue(text, end + 2)
    if (at === -1) return -1
    const next = text[at]
    at += 1
    if (next === '}') return at
    if (next !== ',') return -1
  }
}

function skipArray(text: string, from: number): number {
  if (text[from] === ']') return from + 1
  for (let at = from; ; ) {
    at = skipValue(text, at)
    if (at === -1) return -1
    const next = text[at]
    at += 1
    if (next === ']') return at
    if (next !== ',') return -1
  }
}

function skipInteger(text: string, from: number): number {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from
  const first = at
  while (isDigit(text.charCodeAt(at))) at += 1
  const digits = at - first
  if (digits === 0 || digits > SAFE_DIGITS) return -1
  // JSON has no leading zeros, but -0, which is 0. A fraction or an exponent is told by what follows.
  if (text.charCodeAt(first) === ZERO && first > from) return -1
  return at
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}
