import type { LogEvent } from '../contract/log-event.js'
import type { Monitoring } from '../settings/uses/monitoring-of.js'
import { type AgentMetrics, createMetrics } from './create-metrics.js'
import { type MonitoringSources, readSnapshot } from './read-snapshot.js'
import { type ServeStatusOptions, type StatusRoute, type StatusServer, serveStatus } from './serve-status.js'
import { metricsEvent, pendingDocument, statusDocument } from './status-document.js'
import { createStatusToken } from './status-token.js'

/** What is monitored, and how. */
export interface ServeMonitoringOptions extends MonitoringSources, Pick<ServeStatusOptions, 'onProblem' | 'timeouts'> {
  readonly monitoring: Pick<Monitoring, 'statusApi' | 'prometheus'>
  /** Where the token is put. */
  readonly stateDirectory: string
  /** Whether the process makes progress; all that `/health` tells. */
  healthy(): boolean
}

/** The monitoring of an agent. */
export interface MonitoringService {
  /** Ports that are served. */
  readonly ports: readonly number[]
  /** To be called with each event of the record. */
  readonly observe: AgentMetrics['observe']
  /** The metrics as an event for `LocalAgent.tell`. */
  event(): Promise<LogEvent>
  /** Ends the serving and removes the token. Safe to call twice. */
  close(): Promise<void>
}

const JSON_TYPE = 'application/json; charset=utf-8'
const MOST_PENDING = 1000

/**
 * Serves the status API and the metrics as the settings say: on one port when both have the same. Where neither is switched on nothing listens, and metrics are still counted.
 * @throws JANUS_AGENT_STATUS_UNSERVED; the errno error of writing the token
 */
export async function serveMonitoring(options: ServeMonitoringOptions): Promise<MonitoringService> {
  const { monitoring, agent, onProblem, timeouts } = options
  const metrics = await createMetrics()
  const health: StatusRoute = {
    contentType: 'text/plain; charset=utf-8',
    open: true,
    answer: async () => (options.healthy() ? { body: 'ok\n' } : { body: 'not ok\n', status: 503 }),
  }
  const exposition: StatusRoute = {
    contentType: metrics.contentType,
    answer: async () => ({ body: await metrics.text(await readSnapshot(options)) }),
  }
  const all: ServeStatusOptions['routes'] = {
    '/health': health,
    '/metrics': exposition,
    '/status': { contentType: JSON_TYPE, answer: async () => ({ body: statusDocument(await readSnapshot(options)) }) },
    '/proposals/pending': {
      contentType: JSON_TYPE,
      answer: async () => ({
        body: pendingDocument(await agent.list({ statuses: ['proposed'], limit: MOST_PENDING })),
      }),
    },
  }
  const { statusApi, prometheus } = monitoring
  const wanted = [
    ...(statusApi === undefined ? [] : [{ port: statusApi.port, routes: all }]),
    ...(prometheus === undefined || prometheus.port === statusApi?.port
      ? []
      : [{ port: prometheus.port, routes: { '/health': health, '/metrics': exposition } }]),
  ]
  const token = wanted.length === 0 ? undefined : await createStatusToken(options.stateDirectory)
  const servers: StatusServer[] = []
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    for (const server of servers) await server.close()
    await token?.remove()
  }
  try {
    for (const { port, routes } of wanted) {
      if (token === undefined) break
      servers.push(
        await serveStatus({
          port,
          routes,
          token,
          ...(timeouts === undefined ? {} : { timeouts }),
          ...(onProblem === undefined ? {} : { onProblem }),
        }),
      )
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    ports: servers.map(({ port }) => port),
    observe: metrics.observe,
    event: async () => {
      const snapshot = await readSnapshot(options)
      return metricsEvent(snapshot, await metrics.numbers(snapshot))
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
