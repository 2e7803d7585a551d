import type { Socket } from 'node:net'
import type { Destination } from './parse-authority.js'
import type { OpenRequest } from './request-log.js'

/** Bounds of the network of one run. */
export interface ProxyLimits {
  /** Bytes in both directions, of all connections together. Default 256 MiB. */
  readonly bytes: number
  /** Connections at a time. Default 32. */
  readonly connections: number
  /** Milliseconds in which nothing passes until a connection is ended. Default 60 000. */
  readonly idle: number
  /** Milliseconds until a destination answers to being dialled. Default 10 000. */
  readonly connect: number
}

/** What the parts of a proxy share. */
export interface ProxyPass {
  readonly limits: ProxyLimits
  readonly signal: AbortSignal
  /** Watches a connection, so that it ends with the proxy, and when nothing passes. */
  watch(socket: Socket): void
  /** Counts what passed; ends everything when it is too much. */
  count(request: OpenRequest, bytes: { readonly sent?: number; readonly received?: number }): void
}

/** A request that may go on: where to, by checked addresses, and its row in the record. */
export interface PermittedRequest {
  readonly destination: Destination
  readonly addresses: readonly string[]
  readonly row: OpenRequest
}

/** Why a request may not go on. */
export interface RefusedRequest {
  readonly status: number
  readonly because: string
}
