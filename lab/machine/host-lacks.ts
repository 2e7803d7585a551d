const LACK = 'HostLacks'

/** What the machine that runs the lab has not, and where it comes from: a sentence that needs no stack. */
export function hostLacks(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { name: LACK })
}

/** What is told of an error: of what is missing the sentence, of everything else where it happened too. */
export function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === LACK ? error.message : (error.stack ?? error.message)
}
