// A model names a module and its options, no more. The agent makes the plan and proposes it, a person approves it, it is applied and undone: by the CLI and the daemon, as root.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { journalRecords } from './kit/janus.mjs'
import { check, device, differences, finish, hostState, janus, janusJson, note, startJanus, waitFor } from './kit.mjs'

const [nvme] = process.argv.slice(2)
const folder = '/run/janus-lab/agent'
const config = `${folder}/agent.yaml`
const PATIENCE = 300_000

const replies = []
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const content = JSON.stringify({ proposals: replies.splice(0, 1) })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content } }] }))
  })
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
configure()

const before = await hostState()
let daemon = await daemonIsReady('the daemon is ready')

const first = await proposed('The guest of the weekly test needs the disk for itself')
const untouched = differences(before, await hostState())
check('nothing is bound by a proposal', isEmpty(untouched), untouched)
const card = await janus('agent', 'review', first.id, '--config', config)
const shown = ['gpu-vfio', nvme, 'vfio-pci'].every((text) => card.stdout.includes(text))
check('the review card shows the plan', card.exitCode === 0 && shown, card)

await approved(first)
check('it is applied', (await endOf(first.id)) === 'completed', await recordOf(first.id))
check(`${nvme} is on vfio-pci`, device(nvme).driver === 'vfio-pci', device(nvme))
const status = await janusJson('status')
const holds = status.exitCode === 0 && status.document?.data?.clean === true && status.stdout.includes('gpu-vfio')
check('status shows the transaction, and that it holds', holds, status)

const undone = await agent('rollback', first.id, '--reason', 'the weekly test is over', '--yes')
check('its rollback undoes it', undone.exitCode === 0 && undone.document?.data?.result?.outcome === 'completed', undone)
const left = differences(before, await hostState())
check('afterwards driver and override are as before, byte for byte', isEmpty(left), left)
await verified('the record is intact')

const second = await proposed('The guest of the yearly test needs the disk for itself as well')
const ordered = orders()
await approved(second)
const cut = await waitFor(() => orders() > ordered, { timeoutMs: PATIENCE, everyMs: 5 })
daemon.signal('SIGKILL')
await daemon.ended
check('the daemon is killed while the plan is applied', cut === true, await hostState())

daemon = await daemonIsReady('another daemon is ready')
const found = await recordOf(second.id)
check('how it ended is not known, and nobody guesses', found?.status === 'unknown', found)
const told = daemon.said().includes(`${second.id}, which was cut off, is undecided`)
check('the daemon tells what to do: janus recover', told && daemon.said().includes('janus recover'), daemon.said())
const recovered = await janus('recover', '--yes')
check('janus recover brings it to an end', recovered.exitCode === 0, recovered)
note(recovered.stdout)
const bound = device(nvme).driver === 'vfio-pci'
const outcome = bound ? 'completed' : 'failed'
const reason = bound ? 'it is bound as planned' : 'it was undone by janus recover'
const reconciled = await agent('proposals', 'reconcile', second.id, '--outcome', outcome, '--reason', reason)
check('a person says how it ended', reconciled.exitCode === 0, reconciled)
if (bound) await agent('rollback', second.id, '--reason', 'the yearly test is over', '--yes')
const after = differences(before, await hostState())
check('the machine is as before, byte for byte', isEmpty(after), after)
await verified('the record is intact after the crash')

daemon.signal('SIGTERM')
check('the daemon ends when it is asked to', (await daemon.ended).exitCode === 0)
server.closeAllConnections()
server.close()
finish()

function configure() {
  for (const name of ['logs', 'missions']) mkdirSync(`${folder}/${name}`, { recursive: true })
  const logs = ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log', 'intel_cache']
  const settings = {
    kill_switch: { emergency_stop_file: `${folder}/EMERGENCY_STOP` },
    logging: Object.fromEntries(logs.map((name) => [name, `${folder}/logs/${name}`])),
    sandbox: { root: `${folder}/workspaces`, dynamic_user: 'nobody' },
    approval_workflow: { notification_enabled: false },
    harness: { mission_state_dir: `${folder}/missions`, relief_enabled: false },
    thinking_cycle: { cycle_interval_seconds: 86_400, enable_autonomous_proposals: true },
    llm: { base_url: `http://127.0.0.1:${server.address().port}/v1`, missions_dir: `${folder}/missions` },
  }
  writeFileSync(config, JSON.stringify(settings), { mode: 0o600 })
}

async function daemonIsReady(title) {
  let said = ''
  const running = startJanus(['agent', 'run', '--config', config], {
    timeoutMs: 3_000_000,
    onStdout: (text) => {
      said += text
    },
  })
  let ended
  void running.ended.then((end) => {
    ended = end
  })
  const ready = await waitFor(() => ended !== undefined || /^ready/m.test(said), { timeoutMs: PATIENCE })
  if (!check(title, ready === true && ended === undefined, ended ?? said)) finish()
  // It thinks as soon as it is ready, and whoever asks meanwhile gets what comes of that.
  await waitFor(async () => (await thoughts()) > 0, { timeoutMs: PATIENCE, everyMs: 500 })
  return { ...running, said: () => said }
}

/** What the model says is proposed, and waits for a person. */
async function proposed(rationale) {
  replies.push({
    action_type: 'system_config',
    rationale,
    expected_outcome: 'The disk is on vfio-pci',
    risk_level: 'high',
    risk_mitigation: 'The plan is verified step by step and can be undone',
    rollback_plan: 'The transaction is rolled back from the journal',
    module_name: 'gpu-vfio',
    module_options: { devices: [nvme] },
  })
  const thought = await agent('think', '--once')
  const [id] = thought.document?.data?.proposed ?? []
  if (!check('the agent proposes the plan of gpu-vfio', thought.exitCode === 0 && id !== undefined, thought)) finish()
  const record = await recordOf(id)
  check('it waits for a person, at high risk', record.status === 'proposed' && record.proposal.risk.level === 'high')
  return { id, digest: record.proposal.digest }
}

async function approved({ id, digest }) {
  const answer = await agent('approve', id, digest)
  if (!check('a person approves what was shown', answer.exitCode === 0, answer)) finish()
}

/** Rounds of thinking that the daemon has gone. */
async function thoughts() {
  const loops = (await agent('status')).document?.data?.daemon?.loops ?? []
  return loops.find(({ name }) => name === 'thinking')?.rounds ?? 0
}

async function endOf(id) {
  const underWay = ['proposed', 'approved', 'executing']
  await waitFor(async () => !underWay.includes((await recordOf(id))?.status), { timeoutMs: PATIENCE, everyMs: 500 })
  return (await recordOf(id))?.status
}

async function recordOf(id) {
  return (await agent('proposals', 'show', id)).document?.data?.record
}

async function verified(title) {
  const answer = await agent('audit', 'verify')
  check(title, answer.exitCode === 0, answer)
}

function agent(...args) {
  return janusJson('agent', ...args, '--config', config)
}

/** Of the hand, as the journal announces them. */
function orders() {
  return journalRecords().filter(({ type }) => type === 'step-intent').length
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
