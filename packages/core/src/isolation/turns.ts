/** Lets so many pieces of work run at a time; the others wait their turn. */
export interface Turns {
  take<Value>(work: () => Promise<Value>): Promise<Value>
}

/** Makes turns. @param most pieces of work at a time */
export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async take(work) {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }
}
