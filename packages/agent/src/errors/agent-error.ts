import { defineErrors, type ErrorCode, type ErrorMaker, type ExitCode } from '@janus/core'

/** The error codes of the agent, each declared once; `docs/errors.md` has a heading for each. */
export const AGENT_ERROR_CODES = {
  JANUS_AGENT_CONFIG_INVALID: entry(
    'The configuration of the agent cannot be used.',
    'Correct the key that the message names; `janus agent config check` shows the whole table.',
    1,
  ),
  JANUS_AGENT_RECORD_FOREIGN: entry(
    'The record holds an event that this version does not know.',
    'Use the version of Janus that wrote it, or a newer one.',
    1,
  ),
  JANUS_AGENT_FROZEN: entry(
    'The record is older than a checkpoint that was made of it.',
    'It was restored from a copy or cut. Read docs/agent/recovery.md before anything runs again.',
    1,
  ),
  JANUS_AGENT_PROPOSAL_INVALID: entry(
    'The proposal breaks a rule of the constitution or of its form.',
    'Write it again; the message names the rule.',
    1,
  ),
  JANUS_AGENT_PROPOSAL_NOT_FOUND: entry(
    'There is no such proposal.',
    'List them with `janus agent proposals list`.',
    1,
  ),
  JANUS_AGENT_QUEUE_FULL: entry(
    'Too many proposals wait for a decision.',
    'Decide some, or raise approval_workflow.max_pending.',
    1,
  ),
  JANUS_AGENT_TRANSITION_ILLEGAL: entry(
    'A proposal cannot go from where it stands to where it was sent.',
    'Look at it with `janus agent proposals show`.',
    1,
  ),
  JANUS_AGENT_ALREADY_DECIDED: entry(
    'Somebody else decided first.',
    'The message says who, what and when; nothing is left to do.',
    1,
  ),
  JANUS_AGENT_DIGEST_MISMATCH: entry(
    'What was read is not what is recorded.',
    'Review the proposal again and decide on the digest that is shown.',
    1,
  ),
  JANUS_AGENT_IDENTITY_REFUSED: entry(
    'Who decides could not be established, or may not decide this.',
    'Use an account or an enrolled key that may; see `janus agent keys`.',
    1,
  ),
  JANUS_AGENT_SELF_APPROVAL: entry(
    'A proposal cannot be approved by who made it.',
    'Ask somebody else to review it.',
    1,
  ),
  JANUS_AGENT_TIMED_OUT: entry(
    'The proposal waited longer than the approval timeout.',
    'Resubmit it, or approve it with --allow-stale after reading it again.',
    1,
  ),
  JANUS_AGENT_STALE: entry(
    'Something differs from what was approved.',
    'The message names what. Propose and approve it again.',
    1,
  ),
  JANUS_AGENT_EXPIRED: entry('The approval has expired.', 'Propose and approve it again.', 1),
  JANUS_AGENT_ALREADY_CONSUMED: entry(
    'The warrant was used up.',
    'An approval is good for one execution; propose it again.',
    1,
  ),
  JANUS_AGENT_NOT_PERMITTED: entry(
    'The mode or a control does not permit this now.',
    'See `janus agent status` and `janus agent mode show`.',
    1,
  ),
  JANUS_AGENT_POLICY_DENIED: entry('The policy does not allow this.', 'See `janus agent policy explain`.', 1),
  JANUS_AGENT_POLICY_INVALID: entry('The policy cannot be read.', 'Correct what the message names.', 1),
  JANUS_AGENT_PLAYBOOK_INVALID: entry('The playbook cannot be read.', 'Correct what the message names.', 1),
  JANUS_AGENT_MODEL_UNAVAILABLE: entry(
    'The model gave no answer.',
    'The message says how it failed. See that its server runs and that llm.* of the configuration leads to it.',
    1,
  ),
  JANUS_AGENT_MODEL_REPLY_INVALID: entry(
    'The model answered something that cannot be used.',
    'Nothing was proposed. Use a model that keeps to JSON; docs/agent/thinking.md says what is asked of it.',
    1,
  ),
  JANUS_AGENT_MISSION_INVALID: entry('A mission cannot be read.', 'Correct what the message names.', 1),
  JANUS_AGENT_MATERIAL_REFUSED: entry(
    'A study material may not be read.',
    'Put it below llm.missions_dir or a directory of thinking_cycle.material_roots, as a file of text.',
    1,
  ),
  JANUS_AGENT_GATE_CLOSED: entry(
    'The conditions of a promotion do not hold.',
    'See `janus agent mode show` for each of them.',
    1,
  ),
  JANUS_AGENT_SIGNATURE_INVALID: entry(
    'A signature is missing, or does not fit what it should cover.',
    'Sign the statement that the message names with an enrolled key.',
    1,
  ),
  JANUS_AGENT_KEY_INVALID: entry('A key cannot be used.', 'Make one with `janus agent keys generate`.', 1),
  JANUS_AGENT_STOPPED: entry(
    'Everything was stopped, and nobody has lifted that.',
    'Find out why, then lift it: `janus agent resume --reason <text>`.',
    1,
  ),
  JANUS_AGENT_SUPERVISOR_UNAVAILABLE: entry(
    'The supervisor that can end every run could not be started: nothing is run without it.',
    'See its log: `journalctl -u janus-controls`; install the package again when its files are missing.',
    1,
  ),
  JANUS_AGENT_RUNNING: entry(
    'Another daemon has this state directory.',
    'The message names its process; end that one first, or give this one a state directory of its own.',
    75,
  ),
  JANUS_AGENT_UNREACHABLE: entry(
    'The agent holds the record and does not answer.',
    'See whether it runs: `systemctl status janus-agent`.',
    5,
  ),
  JANUS_AGENT_BUSY: entry('Another process has the record open.', 'Try again in a moment.', 5),
  JANUS_AGENT_STATUS_UNSERVED: entry(
    'The status API or the metrics cannot be served.',
    'Choose a free port for monitoring.status_api_port and monitoring.prometheus_port.',
    1,
  ),
  JANUS_AGENT_REQUEST_INVALID: entry(
    'A request to the agent could not be understood.',
    'Use a client of the same version.',
    1,
  ),
  JANUS_AGENT_NETWORK_REFUSED: entry(
    'A place on the network is not one that may be reached.',
    'Name it in security.network.allowed_domains if it may; addresses, private ones above all, are refused by the way they lead.',
    1,
  ),
  JANUS_AGENT_NETWORK_UNAVAILABLE: entry(
    'The network of a run could not be prepared, so it was not started.',
    'The message names what stood in the way; see docs/agent/network.md.',
    1,
  ),
} as const satisfies Record<string, ErrorCode>

/** Code of an error of the agent. */
export type AgentErrorCode = keyof typeof AGENT_ERROR_CODES

/** Makes an error of the agent. */
export const agentError: ErrorMaker<AgentErrorCode> = defineErrors(AGENT_ERROR_CODES)

function entry(meaning: string, remedy: string, exitCode: ExitCode): ErrorCode {
  return { meaning, remedy, exitCode }
}
