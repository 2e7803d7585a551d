export { type AddressPolicy, createAddressPolicy } from './address-policy.js'
export { type AllowedDomains, allowedOf } from './allowed-of.js'
export { type DomainEntry, parseDomainEntry } from './domain-entry.js'
export { createGuardedLookup, requireAllowedUrl } from './guarded-lookup.js'
export { networkEnforcement } from './network-enforcement.js'
export { openRunNetwork, type RunNetworkOptions } from './open-run-network.js'
export type { Destination } from './parse-authority.js'
export type { ProxyLimits } from './proxy-pass.js'
export { createRequestBudget, type RequestBudget } from './request-budget.js'
export {
  createNetworkPolicy,
  type NetworkPolicy,
  type NetworkPolicyOptions,
  type Resolution,
  type ResolveHost,
} from './resolve-destination.js'
