/** Reads a stream of pieces by the number of bytes: what a parser of a format with lengths needs. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>
  #held = Buffer.alloc(0)

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** The next bytes, without taking them; fewer at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.length < count && (await this.#fill()));
    return this.#held.subarray(0, count)
  }

  /** Takes bytes, in pieces, until `count` were taken or nothing is left; the caller adds them up. */
  async *take(count: number): AsyncGenerator<Buffer, void, undefined> {
    for (let left = count; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#fill())) return
      const piece = this.#held.subarray(0, left)
      this.#held = this.#held.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  /** Passes over bytes; false when fewer were left. */
  async skip(count: number): Promise<boolean> {
    let taken = 0
    for await (const piece of this.take(count)) taken += piece.length
    return taken === count
  }

  /** All that is left. */
  rest(): AsyncGenerator<Buffer, void, undefined> {
    return this.take(Number.MAX_SAFE_INTEGER)
  }

  /** Lets go of whatever gives the pieces. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #fill(): Promise<boolean> {
    const { value, done } = await this.#pieces.next()
    if (done === true) return false
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value])
    return true
  }
}
