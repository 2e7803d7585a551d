import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPrivateKey } from '../../src/index.js'
import { sampleDraft } from '../support/propose-context.js'

const run = promisify(execFile)
const REPOSITORY = new URL('../../../../', import.meta.url).pathname
const JANUS = join(REPOSITORY, 'packages/cli/bin/janus.js')
const UBOS = join(REPOSITORY, 'packages/agent/bin/ubos.js')

let folder: string
let config: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-command-')))
  await mkdir(join(folder, 'state'), { mode: 0o700 })
  config = join(folder, 'agent.yaml')
  const views = ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log']
  const text = [
    'tools: [{name: rg, command: [/bin/ls]}]',
    'approval_workflow: {notification_enabled: false}',
    `logging: {${views.map((name) => `${name}: ${join(folder, name)}`).join(', ')}}`,
  ].join('\n')
  await writeFile(config, text, { mode: 0o600 })
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Runs a program as a person would. */
async function said(program: string, ...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH, HOME: folder, JANUS_STATE_DIR: join(folder, 'state') }
  const words = program === JANUS ? ['agent', ...args] : args
  return run(process.execPath, [program, ...words, '--config', config], { env, cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      out: stdout,
      err: stderr,
    }),
  )
}

describe('the programs, as they are installed', () => {
  test('janus agent takes a draft to a decision by the words that its card prints, and ubos understands them too', async () => {
    await writeFile(join(folder, 'draft.json'), JSON.stringify(sampleDraft()))
    const proposed = await said(JANUS, 'propose', 'draft.json')
    expect(proposed).toMatchObject({ code: 0, err: '' })
    const id = /janus-[0-9a-f]{12}/.exec(proposed.out)?.[0] ?? ''

    const { out: card } = await said(UBOS, 'review', id)
    const words = (name: string): readonly string[] =>
      (new RegExp(`^ {2}${name}: +ubos (.*)$`, 'm').exec(card)?.[1] ?? '').replace(/'/g, '').split(' ')
    expect((await said(UBOS, ...words('Review'))).out).toBe(card)

    // Whoever proposes does not approve; the refusal is on the record, and rejecting is anybody's.
    const own = await said(UBOS, ...words('Approve'))
    expect(own.code).toBe(1)
    expect(own.err).toContain('JANUS_AGENT_SELF_APPROVAL')
    expect((await said(UBOS, 'reject', id, '--reason', 'Not needed')).out).toContain(`${id} is rejected`)
    expect((await said(JANUS, 'proposals', 'list', '--status', 'rejected')).out).toContain(id)
  })

  test('looking at an agent that never ran creates nothing', async () => {
    expect((await said(JANUS, 'status')).out).toContain('no record yet')
    expect((await said(UBOS, 'proposals', 'list')).out).toBe('no proposals\n')
    await expect(readFile(join(folder, 'state/agent/anchor'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('config check prints every key with its origin, and what is not built', async () => {
    await writeFile(config, 'vessel_id: argo\nintegrations: {comms_hub: {enabled: true}}\n', { mode: 0o600 })
    const { out, err, code } = await said(JANUS, 'config', 'check')
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^vessel_id +"argo" +${config}:1:12 `, 'm'))
    expect(out).toMatch(/^approval_workflow\.approval_timeout_hours +24 +default /m)
    expect(err).toContain('integrations.comms_hub is switched on, and is not built yet')
  })

  test('a configuration with a mistake is refused with its place', async () => {
    await writeFile(config, 'vessel_id: argo\nharnes: {}\n', { mode: 0o600 })
    const { err, code } = await said(JANUS, 'status')
    expect(code).toBe(1)
    expect(err).toContain('agent.yaml:2:1: harnes is unknown; harness?')
  })

  test('without a terminal nobody is asked: an approval without a digest is refused', async () => {
    await writeFile(join(folder, 'draft.json'), JSON.stringify(sampleDraft()))
    const id = /janus-[0-9a-f]{12}/.exec((await said(JANUS, 'propose', 'draft.json')).out)?.[0] ?? ''
    for (const program of [JANUS, UBOS])
      expect((await said(program, 'approve', id)).err).toContain('JANUS_CONFIRMATION_REQUIRED')
  })
})

describe('attack 26: the passphrase of a key and its private half', () => {
  const PASSPHRASE = 'canary correct horse 4711'

  /** Runs janus with the passphrase on descriptor 3, looking at every command line of the machine meanwhile. */
  async function withPassphrase(...args: readonly string[]): Promise<{ readonly out: string; readonly seen: string }> {
    const file = join(folder, 'passphrase')
    await writeFile(file, PASSPHRASE, { mode: 0o600 })
    const descriptor = openSync(file, 'r')
    const env = { PATH: process.env.PATH, HOME: folder, JANUS_STATE_DIR: join(folder, 'state') }
    const words = [JANUS, 'agent', ...args, '--passphrase-fd', '3', '--config', config]
    const child = spawn(process.execPath, words, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe', descriptor] })
    closeSync(descriptor)
    await rm(file)
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (out += bytes.toString()))
    const closed = once(child, 'close')
    let seen = ''
    let ended = false
    void closed.then(() => (ended = true))
    while (!ended) {
      seen += commandLines()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await closed
    return { out, seen }
  }

  test('are in no file, no output and on no command line, from the key to the decision that it signed', async () => {
    const key = join(folder, 'ada.key')
    const made = await withPassphrase('keys', 'generate', key)
    expect(made.out).toContain('public half')
    const enrolled = await said(
      JANUS,
      'keys',
      'enrol',
      key,
      '--name',
      'Ada',
      '--role',
      'approver',
      '--reason',
      'Ada reviews',
    )
    expect(enrolled.code).toBe(0)
    await writeFile(join(folder, 'draft.json'), JSON.stringify(sampleDraft()))
    const id = /janus-[0-9a-f]{12}/.exec((await said(JANUS, 'propose', 'draft.json')).out)?.[0] ?? ''
    const digest = /approve janus-[0-9a-f]+ ([0-9a-f]+)/i.exec((await said(JANUS, 'review', id)).out)?.[1] ?? ''
    const decided = await withPassphrase('approve', id, digest, '--key', key)
    expect(decided.out).toContain(`${id} is approved`)
    // What it is that must not be found, and that looking finds what is there.
    const der = (await readPrivateKey(key, PASSPHRASE)).export({ type: 'pkcs8', format: 'der' })
    const secrets = [PASSPHRASE, 'canary', der.toString('base64'), der.subarray(-32).toString('hex')]
    const files = await filesBelow(folder)
    expect(files.some((text) => text.includes(id))).toBe(true)
    expect(made.seen).toContain('--passphrase-fd')
    for (const text of [...files, made.out, made.seen, decided.out, decided.seen]) {
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
    }
  })
})

/** Every command line of the machine that may be read. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .join('\n')
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map((path) => readFile(path, 'latin1')))
}
