/** A key that was pressed. */
export interface Key {
  readonly name:
    | 'up'
    | 'down'
    | 'page-up'
    | 'page-down'
    | 'home'
    | 'end'
    | 'enter'
    | 'escape'
    | 'backspace'
    | 'interrupt'
    | 'text'
  /** What it writes; empty for a key that writes nothing. */
  readonly text: string
}

const ESCAPE = '\u001b'
/** What follows the escape in the sequence of a key, ECMA-48: it is taken whole, so that its letters are no commands. */
const SEQUENCE = /^(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/u
const NAMED: Readonly<Record<string, Key['name']>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[5~': 'page-up',
  '\u001b[6~': 'page-down',
  '\u001b[H': 'home',
  '\u001bOH': 'home',
  '\u001b[1~': 'home',
  '\u001b[F': 'end',
  '\u001bOF': 'end',
  '\u001b[4~': 'end',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'interrupt',
  '\u0004': 'interrupt',
}
const WRITES_NOTHING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** The keys that a piece of terminal input stands for. A lone escape at its end is the key itself. */
export function parseKeys(input: string): readonly Key[] {
  const keys: Key[] = []
  let rest = input
  while (rest !== '') {
    const sequence = sequenceAt(rest)
    const [first = ''] = rest
    const taken = sequence ?? first
    const name = NAMED[taken] ?? (taken === ESCAPE ? 'escape' : 'text')
    if (name !== 'text') keys.push({ name, text: '' })
    else if (sequence === undefined && !WRITES_NOTHING.test(taken)) keys.push({ name, text: taken })
    rest = rest.slice(taken.length)
  }
  return keys
}

function sequenceAt(text: string): string | undefined {
  const rest = text.startsWith(ESCAPE) ? SEQUENCE.exec(text.slice(1))?.[0] : undefined
  return rest === undefined ? undefined : ESCAPE + rest
}
