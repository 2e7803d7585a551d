import type { NetworkRequest } from '../contract/run.js'
import { visibleName } from '../review/visible-text.js'
import type { Destination } from './parse-authority.js'

/** One request while it lasts. */
export interface OpenRequest {
  /** Adds bytes that went to the destination, or came from it. */
  count(bytes: { readonly sent?: number; readonly received?: number }): void
  /** Says what became of it. */
  tell(because: string): void
}

/** The requests of one run, for its record. */
export interface RequestLog {
  add(destination: Destination, allowed: boolean, because: string): OpenRequest
  /** The first ones in their order, and one row for all the others. */
  rows(): readonly NetworkRequest[]
}

const MOST_ROWS = 500

/** Keeps a bounded number of requests. @param most rows; what comes after them is only counted */
export function createRequestLog(most = MOST_ROWS): RequestLog {
  const rows: Mutable<NetworkRequest>[] = []
  let more: (Mutable<NetworkRequest> & { requests: number; refused: number }) | undefined
  return {
    add({ host, port }, allowed, because) {
      let row: Mutable<NetworkRequest>
      if (rows.length < most) {
        row = { host: visibleName(host), port, allowed, because, bytesSent: 0, bytesReceived: 0 }
        rows.push(row)
      } else {
        more ??= {
          host: '',
          port: 0,
          allowed: false,
          because: '',
          bytesSent: 0,
          bytesReceived: 0,
          requests: 0,
          refused: 0,
        }
        more.requests += 1
        more.refused += allowed ? 0 : 1
        more.allowed ||= allowed
        row = more
      }
      return {
        count({ sent = 0, received = 0 }) {
          row.bytesSent += sent
          row.bytesReceived += received
        },
        tell(because) {
          row.because = because
        },
      }
    },
    rows() {
      if (more === undefined) return rows.map((row) => ({ ...row }))
      const { requests, refused, ...row } = more
      return [...rows, row].map((each) =>
        each === row ? { ...row, because: `${requests} more requests, ${refused} of them refused` } : { ...each },
      )
    },
  }
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }
