/** Replaces private words by tokens: the same word by the same token, so that what belonged together still does. */
export interface Tokens {
  /** @param kind what the word is, the beginning of its token: `label` */
  token(kind: string, word: string): string
  /** The token that a word has already, if it has one. */
  known(kind: string, word: string): string | undefined
  /** A token in the form of a UUID where the word is one, `uuid-N` for the shorter ones of FAT and NTFS. */
  uuid(word: string): string
  /** Twelve hex digits of a locally administered hardware address. */
  hardwareAddress(digits: string): string
}

/** Makes an empty set of tokens. */
export function createTokens(): Tokens {
  const tokens = new Map<string, string>()
  const counts = new Map<string, number>()
  const issued = new Set<string>()

  function assign(kind: string, word: string, form: (number: number) => string): string {
    // What was masked once may come by again as part of a longer text.
    if (issued.has(word)) return word
    const key = `${kind}\0${word}`
    const known = tokens.get(key)
    if (known !== undefined) return known
    const number = (counts.get(kind) ?? 0) + 1
    counts.set(kind, number)
    const token = form(number)
    tokens.set(key, token)
    issued.add(token)
    return token
  }

  return {
    token: (kind, word) => (word === '' ? '' : assign(kind, word, (number) => `${kind}-${number}`)),
    known: (kind, word) => tokens.get(`${kind}\0${word}`),
    uuid(word) {
      const plain = word.toLowerCase()
      if (plain === '' || /^[0-]+$/.test(plain)) return word
      const isLong = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(plain)
      if (!isLong) return assign('uuid', plain, (number) => `uuid-${number}`)
      return assign('uuid', plain, (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`)
    },
    hardwareAddress: (digits) =>
      assign('hardware', digits.toLowerCase(), (number) => `02${number.toString(16).padStart(10, '0')}`),
  }
}
