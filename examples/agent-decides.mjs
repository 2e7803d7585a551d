// Runs the agent in a temporary directory: proposes a tool and a plan, approves both with a key, uses the warrants up as an executor would, and verifies the record.
// node examples/agent-decides.mjs   Changes nothing outside that directory; ends with 1 when something is not as it says.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  checkpointFile,
  decisionStatement,
  generateKey,
  localCaller,
  openConfiguredLocalAgent,
  readPrivateKey,
  recordDirectory,
  signRecordCheckpoint,
  signStatement,
  verificationText,
  verifyRecordFiles,
} from '@janus/agent'
import { createJanus, openHost } from '@janus/core'
import { createNoteSigner, generateNoteKey } from '@janus/core/ledger'
import { gpuVfio } from '@janus/modules-gpu'

const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-example-')))
const stateDirectory = join(folder, 'agent')
const program = join(folder, 'report')
const keyFile = join(folder, 'ada.key')
const part = { kind: 'agent', name: 'example' }
const noteKey = generateNoteKey('argo')

try {
  await writeFile(program, '#!/bin/sh\necho "a report of $*"\n', { mode: 0o755 })
  const agent = await openConfiguredLocalAgent({
    stateDirectory,
    config: await configuration(),
    purpose: 'an example',
  })
  try {
    await enrol(agent)
    await useWarrant(agent)
    await digestOfAnother(agent)
    await changedProgram(agent)
    await planOfModule(agent)
    const signer = createNoteSigner(noteKey.privateKey)
    await signRecordCheckpoint(agent.record, { signer, path: checkpointFile(stateDirectory) })
  } finally {
    await agent.close()
  }
  await verifyOffline()
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Everything that is written lies in the temporary directory. */
async function configuration() {
  const settings = {
    vessel_id: 'argo',
    tools: [
      {
        name: 'report',
        command: [program, '--short'],
        side_effects: 'none',
        arguments: { options: [{ names: ['--all'] }], positionals: [{ name: 'subject', value: { kind: 'text' } }] },
      },
    ],
    approval_workflow: { notification_enabled: false },
    kill_switch: { emergency_stop_file: join(folder, 'STOP') },
    logging: Object.fromEntries(
      ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log'].map((name) => [
        name,
        join(folder, `${name}.jsonl`),
      ]),
    ),
  }
  const file = join(folder, 'agent.json')
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 })
  return file
}

/** The first key is enrolled at once, by the owner of the record. */
async function enrol(agent) {
  const { keyId, publicKey } = await generateKey(keyFile)
  const key = { keyId, publicKey, name: 'Ada', roles: ['approver'] }
  const { effect } = await agent.as(await localCaller()).enrolKey({ key, rationale: 'Ada reviews from today on' })
  assert.equal(effect, 'immediate')
}

async function useWarrant(agent) {
  const { id } = await propose(agent, { tool_name: 'report', tool_args: ['disk'] })
  say((await read(agent, id)).card)
  await approve(agent, id, (await read(agent, id)).digest)

  const { action } = await agent.consume(id, part)
  assert.deepEqual(action.argv, ['--short', 'disk'])
  const { stdout } = await promisify(execFile)(action.binary.path, action.argv, {
    timeout: action.limits.wallSeconds * 1000,
  })
  assert.equal(stdout, 'a report of --short disk\n')
  await ended(agent, id, 'it printed its report')
  await refused('JANUS_AGENT_ALREADY_CONSUMED', agent.consume(id, part))
}

/** Another argument is another proposal: the digest that was read for the one approves nothing of the other. */
async function digestOfAnother(agent) {
  const one = await propose(agent, { tool_name: 'report', tool_args: ['memory'] })
  const other = await propose(agent, { tool_name: 'report', tool_args: ['memory', '--all'] })
  await refused('JANUS_AGENT_DIGEST_MISMATCH', approve(agent, other.id, (await read(agent, one.id)).digest))
}

/** What would run is not what was approved: stale, and for good. */
async function changedProgram(agent) {
  const { id } = await propose(agent, { tool_name: 'report', tool_args: ['network'] })
  await approve(agent, id, (await read(agent, id)).digest)
  await appendFile(program, 'echo "and something else"\n')
  const { data } = await refused('JANUS_AGENT_STALE', agent.consume(id, part))
  assert.ok(data.fields.includes('action.binary.sha256'))
  assert.equal((await agent.as({ actor: part, owner: false }).show({ proposal: id })).status, 'stale')
}

/** The plan is made from a captured machine; its digest is what is approved. */
async function planOfModule(agent) {
  const host = await openHost(new URL('./snapshots/lab.snapshot.json', import.meta.url).pathname)
  const janus = createJanus({ host, sources: [{ kind: 'module', module: gpuVfio }] })
  try {
    const plan = await janus.plan('gpu-vfio', { devices: ['0000:02:00.0'] })
    const { id } = await propose(agent, { plan: JSON.parse(JSON.stringify(plan)), risk_level: 'medium' })
    const { card, digest } = await read(agent, id)
    assert.ok(card.includes(plan.digest))
    await approve(agent, id, digest)
    const { action } = await agent.consume(id, part)
    assert.equal(action.planDigest, plan.digest)
    say(`an executor would now apply the plan ${action.planDigest}`)
    await ended(agent, id, 'nothing was applied: this is an example')
  } finally {
    await janus.close()
  }
}

async function verifyOffline() {
  const files = { directory: recordDirectory(stateDirectory), checkpoints: [checkpointFile(stateDirectory)] }
  const publicKeys = [noteKey.publicKey]
  const found = await verifyRecordFiles({ ...files, publicKeys })
  say(verificationText(found))
  assert.equal(found.intact, true)

  const segment = join(files.directory, '000001.jsonl')
  await writeFile(segment, (await readFile(segment, 'utf8')).replace('"memory"', '"Memory"'))
  const altered = await verifyRecordFiles({ ...files, publicKeys })
  assert.deepEqual([altered.intact, altered.problems[0]?.reason], [false, 'damaged'])
  say('a letter that was changed is found')
}

async function propose(agent, what) {
  const draft = {
    mission_context: 'Show how an agent decides',
    action_type: 'analysis',
    rationale: `An example that proposes ${JSON.stringify(what.tool_args ?? 'a plan')} to whoever reads it`,
    rollback_plan: 'The plan undoes itself; a report changes nothing',
    risk_level: 'low',
    ...what,
    ...(what.plan === undefined ? { rollback: null } : {}),
  }
  const { proposal, status } = await agent.as({ actor: part, owner: false }).propose({ draft })
  assert.equal(status, 'proposed')
  return proposal
}

async function read(agent, proposal) {
  const { card, record, problems } = await agent.as(await localCaller()).review({ proposal })
  assert.deepEqual(problems, [])
  return { card, digest: record.proposal.digest }
}

/** Ada signs what she read; whoever brings it, the decision is hers. */
async function approve(agent, proposal, digest) {
  const { vesselId, recordId } = agent.record.state
  const at = new Date().toISOString()
  const said = { decision: 'approve', reason: null, label: null, allowStale: false, withdraw: false }
  const statement = decisionStatement({ vesselId, recordId, proposal, digest, at, ...said })
  const signed = { ...signStatement(await readPrivateKey(keyFile), statement), at }
  const { status, decision } = await agent.as(await localCaller()).approve({ proposal, digest, signed })
  assert.deepEqual([status, decision.by.name], ['approved', 'Ada'])
}

/** Says on the record how a run ended. */
async function ended(agent, proposal, summary) {
  const result = {
    outcome: 'completed',
    summary,
    exitStatus: 0,
    runtimeSeconds: 0,
    argumentsHash: '',
    outputDigest: '',
    cpuPercent: null,
    memoryMb: null,
    details: {},
  }
  assert.equal(await agent.conclude(proposal, result, part), 'completed')
}

async function refused(code, work) {
  const error = await work.then(
    () => assert.fail(`nothing was refused with ${code}`),
    (reason) => reason,
  )
  assert.equal(error.code, code, error.message)
  say(`refused: ${error.message} [${code}]`)
  return error
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
