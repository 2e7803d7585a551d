const BRAND = '$$create-module'

/** A refusal that the user can do something about: its message says what. */
export interface CreateError extends Error {
  readonly [BRAND]: true
}

/** Makes a refusal with a message for the user. */
export function createError(message: string): CreateError {
  return Object.assign(new Error(message), { [BRAND]: true as const })
}

/** True for a refusal, false for a bug. */
export function isCreateError(value: unknown): value is CreateError {
  return value instanceof Error && BRAND in value
}
