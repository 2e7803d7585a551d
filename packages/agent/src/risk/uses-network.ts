import type { Action } from '../contract/action.js'

/** True for what names a domain that it needs. */
export function usesNetwork(action: Action | null): boolean {
  return action?.kind === 'tool' && action.network.length > 0
}
