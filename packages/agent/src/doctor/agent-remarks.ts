import type { Diagnostic } from '@janus/core'
import { AGENT_UNIT } from '../install/units/unit-paths.js'
import { INSTALL_NSENTER } from '../network/listen-inside.js'
import { visibleLine } from '../review/visible-text.js'
import type { KnownAgent } from './diagnose-agent.js'

/** What is to be said of an agent, the gravest first. */
export function agentRemarks(known: KnownAgent): readonly Diagnostic[] {
  return [
    ...stopRemarks(known),
    ...sandboxRemarks(known),
    ...networkRemarks(known),
    ...answerRemarks(known),
    ...serviceRemarks(known),
    ...obstacleRemarks(known),
  ]
}

function stopRemarks({ stopped }: KnownAgent): readonly Diagnostic[] {
  if (stopped === undefined) return []
  return [
    {
      severity: 'warning',
      code: 'JANUS_AGENT_NOT_PERMITTED',
      summary: `the agent is stopped: ${visibleLine(stopped)}`,
      remedy: 'When the reason is gone: janus agent resume --reason …; it begins in alpha again.',
    },
  ]
}

function sandboxRemarks({ selfTest }: KnownAgent): readonly Diagnostic[] {
  const { holds, because, remedy } = selfTest
  if (holds) return []
  return [
    {
      severity: 'error',
      code: 'JANUS_SANDBOX_UNAVAILABLE',
      summary: `the sandbox of the tools does not pass its self-test: ${visibleLine(because ?? 'it does not say why')}`,
      remedy: remedy ?? 'No tool runs until it does.',
    },
  ]
}

function networkRemarks({ lacksNsenter }: KnownAgent): readonly Diagnostic[] {
  if (!lacksNsenter) return []
  return [
    {
      severity: 'error',
      code: 'JANUS_AGENT_NETWORK_UNAVAILABLE',
      summary: 'tools are given a network, and nsenter, which opens it for them, is not installed',
      remedy: INSTALL_NSENTER,
    },
  ]
}

function answerRemarks({ answer, stateDirectory, service, config }: KnownAgent): readonly Diagnostic[] {
  if ('failed' in answer) {
    return [{ ...answer.failed, severity: 'warning', path: stateDirectory }]
  }
  const { frozen, viewProblems } = answer.status
  // Of an agent that nobody configured or installed, the views are where nobody asked for them.
  const isWanted = config !== undefined || service.isInstalled
  const views = viewProblems.map(
    ({ path, summary }): Diagnostic => ({
      severity: isWanted ? 'warning' : 'info',
      code: 'JANUS_AGENT_CONFIG_INVALID',
      summary: `a view of the record is not written: ${visibleLine(summary)}`,
      remedy: 'Let the agent write there, or name another file in logging.',
      path,
    }),
  )
  if (frozen === null) return views
  return [
    {
      severity: 'error',
      code: 'JANUS_AGENT_FROZEN',
      summary: `the record must not be worked on: ${visibleLine(frozen)}`,
      remedy: 'Read docs/agent/recovery.md before anything runs again.',
      path: stateDirectory,
    },
    ...views,
  ]
}

function serviceRemarks({
  service,
  answer,
  socketDirectory,
  stateDirectory,
  config,
}: KnownAgent): readonly Diagnostic[] {
  const answers = 'via' in answer && answer.via === 'socket'
  if (answers) return []
  const code = 'JANUS_AGENT_UNREACHABLE'
  if (service.isRunning) {
    return [
      {
        severity: 'error',
        code,
        summary: `${AGENT_UNIT} runs, and nobody answers in ${socketDirectory}`,
        remedy: `See journalctl -u ${AGENT_UNIT}; state_directory of the configuration says where its socket is.`,
        path: socketDirectory,
      },
    ]
  }
  if (service.isInstalled) {
    const remedy = `systemctl start ${AGENT_UNIT}; journalctl -u ${AGENT_UNIT} says why it ended.`
    return [{ severity: 'warning', code, summary: `${AGENT_UNIT} is installed and does not run`, remedy }]
  }
  return [
    {
      severity: 'info',
      code,
      summary: `the agent of ${config ?? 'the defaults'} is not installed as a service, and nobody serves ${stateDirectory}`,
      remedy: 'janus agent install',
    },
  ]
}

/** Why no proposals are made: each switch, gate, limit or breaker in the way. What a person has switched off on purpose is no fault. */
function obstacleRemarks({ answer }: KnownAgent): readonly Diagnostic[] {
  if ('failed' in answer) return []
  return (answer.status.obstacles ?? []).map(({ code, because, remedy }) => ({
    severity: 'info',
    code: 'JANUS_AGENT_NOT_PERMITTED',
    summary: `no proposals are made: ${visibleLine(because)}`,
    remedy: visibleLine(remedy),
    data: { obstacle: code },
  }))
}
