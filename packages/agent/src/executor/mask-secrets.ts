import { isSecretName, REDACTED } from '@janus/core'
import { maskNamedValues } from '../views/view-line.js'

/** Shorter ones would be found by accident, and tell nobody anything. */
const LEAST_LENGTH = 4

/**
 * Leaves secrets out of what a run printed, before it is recorded: the values of its variables that are named like one, and what stands beside such a name in the text.
 * @param environment of the run
 */
export function maskSecrets(text: string, environment: Readonly<Record<string, string>>): string {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => isSecretName(name) && value.length >= LEAST_LENGTH)
    .map(([, value]) => value)
    .sort((one, other) => other.length - one.length)
  return maskNamedValues(secrets.reduce((masked, secret) => masked.replaceAll(secret, REDACTED), text))
}
