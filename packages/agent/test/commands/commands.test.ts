import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AGENT_COMMANDS } from '../../src/commands/command-table.js'
import { createSystemClock, type LocalAgentOptions, type Proposal, type ProposalContent } from '../../src/index.js'
import { openLocalAgent } from '../../src/local/open-local-agent.js'
import { runCommand } from '../support/command-run.js'
import { put } from '../support/decision-context.js'
import { localOptions } from '../support/local-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'

let folder: string
let options: LocalAgentOptions

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-commands-')))
  options = localOptions(join(folder, 'state'), { clock: createSystemClock() })
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Puts a proposal of the agent on the record. */
async function proposed(content: Partial<ProposalContent> = {}): Promise<Proposal> {
  const agent = await openLocalAgent(options)
  const proposal = await put(agent.record, sampleProposal({ content }))
  await agent.close()
  return proposal
}

describe('janus agent', () => {
  test('tells its commands, and of each one what it takes and a line that can be typed', async () => {
    const { text } = await runCommand(options, [])
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120)
    for (const { words, summary, details = [], example } of AGENT_COMMANDS) {
      expect(text).toContain(`  ${words.padEnd(4)}`)
      expect(text).toContain(summary)
      const help = await runCommand(options, [...words.split(' '), '--help'])
      expect(help.text).toContain([summary, ...details].join('\n'))
      expect(help.text).toContain(`Example: janus agent ${example}`)
      expect(example.startsWith(words)).toBe(true)
    }
  })

  test('tells of a word that only carries commands which those are', async () => {
    const { text } = await runCommand(options, ['mode', '--help'])
    const told = text.split('\n').flatMap((line) => /^ {2}(\S+ \S+) {2}/.exec(line)?.[1] ?? [])
    expect(told).toEqual(['mode show', 'mode promote', 'mode demote', 'mode sign'])
  })

  test.each([[['--help', 'mode', 'sign']], [['--config', '/etc/janus/agent.yaml', '--help']]])(
    'tells all of its commands for %j: nothing is named before the first option',
    async (args) => {
      expect((await runCommand(options, args)).text).toBe((await runCommand(options, [])).text)
    },
  )

  test('tells them of a word also where options stand behind it', async () => {
    const { text } = await runCommand(options, ['mode', '--config', '/etc/janus/agent.yaml', '--help'])
    expect(text).toBe((await runCommand(options, ['mode', '--help'])).text)
  })

  test.each([
    [['mode'], 'mode needs a further word'],
    [['fly', '--help'], 'there is no command "fly"'],
    [['--config', '/etc/janus/agent.yaml', 'status'], 'a command stands before its options'],
    [['fly'], 'there is no command "fly"'],
    [['proposals', 'fly'], 'there is no command "proposals fly"'],
    [['review'], '<proposal> is missing'],
    [['review', 'janus-000000000000', 'more'], '"more" is one word too many'],
    [['status', '--fast'], "Unknown option '--fast'"],
    [['proposals', 'list', '--status', 'done'], '--status "done" is no status'],
    [['proposals', 'list', '--limit', '0'], '--limit "0" is not a whole number from 1 to 1000'],
    [['reject', 'janus-000000000000'], '--reason is missing'],
    [['approve', 'janus-000000000000', 'abc'], '"abc" is not at least 8 digits of a digest'],
    [['mode', 'demote', 'gamma', '--reason', 'why'], '"gamma" is no mode'],
  ])('refuses %j and says why', async (args, why) => {
    const refused = await runCommand(options, args).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'JANUS_USAGE' })
    expect((refused as Error).message).toContain(why)
    expect((refused as Error).message).not.toContain('positional argument')
    expect((refused as { remedy: string }).remedy).not.toContain('<command>')
  })

  test.each<readonly [readonly string[], string, string]>([
    [['propose', 'absent'], 'JANUS_FILE_INVALID', 'cannot be read'],
    [
      ['keys', 'enrol', 'absent', '--name', 'A', '--role', 'approver', '--reason', 'x'],
      'JANUS_AGENT_KEY_INVALID',
      'is not there',
    ],
    [['approve', 'proposal', '01234567', '--key', 'absent'], 'JANUS_AGENT_KEY_INVALID', 'is not there'],
    [['audit', 'checkpoint', '--key', 'absent'], 'JANUS_AGENT_KEY_INVALID', 'is not there'],
  ])('says of %j that a file is not there, with its path', async (args, code, problem) => {
    const { id } = await proposed()
    const path = join(folder, 'absent')
    const words = args.map((word) => (word === 'absent' ? path : word === 'proposal' ? id : word))
    const refused = runCommand(options, words)
    await expect(refused).rejects.toMatchObject({ code, message: `${path} ${problem}` })
  })

  test('tells what to do about a key that is there already, and one that is not enrolled', async () => {
    const file = join(folder, 'a.key')
    await runCommand(options, ['keys', 'generate', file])
    await expect(runCommand(options, ['keys', 'generate', file])).rejects.toMatchObject({
      remedy: expect.stringContaining('another file'),
    })
    await expect(runCommand(options, ['keys', 'revoke', '0123456789abcdef', '--reason', 'x'])).rejects.toMatchObject({
      remedy: expect.stringContaining('janus agent keys list'),
    })
  })

  test('whoever only looks creates nothing', async () => {
    expect((await runCommand(options, ['proposals', 'list'])).text).toBe('no proposals')
    expect((await runCommand(options, ['status'])).text).toContain('proposals   none yet')
    await expect(stat(options.stateDirectory)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a proposal is listed, reviewed, approved by the command that the card prints, and shown', async () => {
    const { id } = await proposed()
    expect((await runCommand(options, ['proposals', 'list', '--status', 'proposed'])).text).toContain(id)
    const { text: card } = await runCommand(options, ['review', id])
    const command = /^ {2}Approve: janus agent (.*)$/m.exec(card)?.[1] ?? ''
    const approved = await runCommand(options, command.split(' '))
    expect(approved.text).toMatch(new RegExp(`^${id} is approved, by .*; it may run once until `))
    expect((await runCommand(options, ['proposals', 'show', id])).text).toContain('Status: approved')
    expect((await runCommand(options, ['proposals', 'list', '--status', 'proposed'])).text).toBe('no proposals')
  })

  test('an approval without a digest shows the card first and needs a yes', async () => {
    const { id } = await proposed()
    await expect(runCommand(options, ['approve', id])).rejects.toThrow('declined')
    expect((await runCommand(options, ['proposals', 'show', id])).text).toContain('Status: proposed')
    const { printed, asked, text } = await runCommand(options, ['approve', id], { yes: true })
    expect(printed.join('\n')).toContain(`PROPOSAL: ${id}`)
    expect(asked).toEqual([`Approve ${id} as shown?`])
    expect(text).toContain(`${id} is approved`)
  })

  test('another digest than that of the proposal approves nothing', async () => {
    const { id } = await proposed()
    await expect(runCommand(options, ['approve', id, '0123456789abcdef'])).rejects.toMatchObject({
      code: 'JANUS_AGENT_DIGEST_MISMATCH',
    })
  })

  test('a rejection carries its reason to the record', async () => {
    const { id } = await proposed()
    await runCommand(options, ['reject', id, '--reason', 'Insufficient security review'])
    const { text } = await runCommand(options, ['proposals', 'show', id])
    expect(text).toContain('Status: rejected')
    expect(text).toContain('Insufficient security review')
  })

  test('an approval with a key is that of its holder', async () => {
    const { id, digest } = await proposed()
    const key = join(folder, 'ada.key')
    const made = await runCommand(options, ['keys', 'generate', key])
    const { keyId } = made.data as { readonly keyId: string }
    expect((await stat(key)).mode & 0o777).toBe(0o600)
    await runCommand(options, ['keys', 'enrol', key, '--name', 'Ada', '--role', 'approver', '--reason', 'She reviews'])
    expect((await runCommand(options, ['keys', 'list'])).text).toContain(keyId)
    const { text } = await runCommand(options, ['approve', id, digest, '--key', key])
    expect(text).toContain('Ada')
    await runCommand(options, ['keys', 'revoke', keyId, '--reason', 'The laptop was lost'])
    expect((await runCommand(options, ['keys', 'list'])).text).toBe('no keys')
  })

  test('a key may say which local user holds it: what that user proposed, it does not approve', async () => {
    const key = join(folder, 'ada.key')
    const { data } = await runCommand(options, ['keys', 'generate', key])
    const uid = String(process.geteuid?.())
    const words = ['keys', 'enrol', key, '--name', 'Ada', '--role', 'approver', '--reason', 'She reviews']
    await expect(runCommand(options, [...words, '--uid', 'ada'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    await runCommand(options, [...words, '--uid', uid])
    const { keyId } = data as { readonly keyId: string }
    expect((await runCommand(options, ['keys', 'list'])).text).toMatch(
      new RegExp(`^${keyId} +Ada +${uid} +approver$`, 'm'),
    )
    const proposer = { kind: 'user', uid: Number(uid), name: 'ada-of-another-name' } as const
    const agent = await openLocalAgent(options)
    const { id, digest } = await put(agent.record, sampleProposal({ proposer }))
    await agent.close()
    await expect(runCommand(options, ['approve', id, digest, '--key', key])).rejects.toMatchObject({
      code: 'JANUS_AGENT_SELF_APPROVAL',
    })
  })

  test('a key that others may read is not used', async () => {
    const { id, digest } = await proposed()
    const key = join(folder, 'ada.key')
    await runCommand(options, ['keys', 'generate', key])
    await chmod(key, 0o644)
    await expect(runCommand(options, ['approve', id, digest, '--key', key])).rejects.toMatchObject({
      code: 'JANUS_AGENT_KEY_INVALID',
    })
  })

  test('proposals are exported whole, a line each, into a file that was not there', async () => {
    const { id, content } = await proposed({ rationale: 'A rationale with\na line break and \u2028 too, long enough' })
    const file = join(folder, 'out.jsonl')
    await runCommand(options, ['proposals', 'export', file])
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).proposal)).toMatchObject([{ id, content }])
    await expect(runCommand(options, ['proposals', 'export', file])).rejects.toMatchObject({
      code: 'JANUS_FILE_INVALID',
    })
  })

  test('what is watched is printed as it happens, until it is interrupted', async () => {
    const controller = new AbortController()
    const served = await openLocalAgent(options)
    await served.serve()
    try {
      const watching = runCommand(options, ['proposals', 'watch'], { signal: controller.signal })
      let { id } = sampleProposal()
      for (let tries = 0; tries < 20; tries += 1) {
        id = (await put(served.record, sampleProposal())).id
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      controller.abort()
      const { printed } = await watching
      expect(printed.join('\n')).toContain(id)
    } finally {
      await served.close()
    }
  })

  test('no line of a list is made by a proposal, and nothing in it is obeyed by a terminal', async () => {
    await proposed({ rationale: 'harmless\njanus-ffffffffffff  approved  low \u001b[2J and enough characters' })
    const { text } = await runCommand(options, ['proposals', 'list'])
    expect(text.split('\n')).toHaveLength(2)
    expect(text).not.toContain('\u001b')
  })

  test('the record is verified from its files, and damage is told with its place and exit code 1', async () => {
    await proposed()
    expect(await runCommand(options, ['audit', 'verify'])).toMatchObject({ exitCode: 0 })
    const segment = join(options.stateDirectory, 'record/000001.jsonl')
    const text = await readFile(segment, 'utf8')
    await writeFile(segment, text.replace('tidy', 'dirt'))
    const damaged = await runCommand(options, ['audit', 'verify'])
    expect(damaged.exitCode).toBe(1)
    expect(damaged.text).toMatch(/line 3/)
  })

  test('a checkpoint tells a record that was cut, to whoever has the public half of its key', async () => {
    await proposed()
    const key = join(folder, 'checkpoint.key')
    const made = await runCommand(options, ['audit', 'key', key])
    const { publicKey } = made.data as { readonly publicKey: string }
    expect((await runCommand(options, ['audit', 'checkpoint', '--key', key])).text).toMatch(
      /^\d+ events are signed by janus-in-balaur$/,
    )
    const verify = ['audit', 'verify', '--public-key', publicKey]
    expect(await runCommand(options, verify)).toMatchObject({ exitCode: 0 })
    const segment = join(options.stateDirectory, 'record/000001.jsonl')
    const lines = (await readFile(segment, 'utf8')).trimEnd().split('\n')
    await writeFile(segment, `${lines.slice(0, 2).join('\n')}\n`)
    expect(await runCommand(options, verify)).toMatchObject({
      exitCode: 1,
      data: { problems: [{ reason: 'truncated' }] },
    })
  })

  test('a file of checkpoints that was removed is missed by whoever gives the key', async () => {
    const key = join(folder, 'checkpoint.key')
    await proposed()
    const { publicKey } = (await runCommand(options, ['audit', 'key', key])).data as { readonly publicKey: string }
    await runCommand(options, ['audit', 'checkpoint', '--key', key])
    await rm(join(options.stateDirectory, 'checkpoints'))
    const verify = ['audit', 'verify', '--public-key', publicKey]
    const { exitCode, text } = await runCommand(options, verify)
    expect(exitCode).toBe(1)
    expect(text).toContain('checkpoint-missing: ')
    const copy = ['--record', join(options.stateDirectory, 'record')]
    await expect(runCommand(options, [...verify, ...copy])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    await expect(runCommand(options, [...verify, '--checkpoints', join(folder, 'absent')])).rejects.toMatchObject({
      code: 'JANUS_USAGE',
      message: expect.stringContaining('absent" cannot be read'),
    })
  })

  test('a report says who decided what', async () => {
    const { id, digest } = await proposed()
    await runCommand(options, ['approve', id, digest])
    expect((await runCommand(options, ['audit', 'report'])).data).toMatchObject({
      decisions: [{ approved: 1, rejected: 0 }],
    })
    await expect(runCommand(options, ['audit', 'report', '--since', 'soon'])).rejects.toMatchObject({
      code: 'JANUS_USAGE',
    })
  })

  test('the documents’ verbs work under the name ubos', async () => {
    const { id } = await proposed()
    const { text } = await runCommand(options, ['review', id], { program: 'ubos' })
    expect(text).toContain(`  Reject:  ubos reject ${id} --reason 'Your reason here'`)
    expect((await runCommand(options, ['status', '--vessel', 'janus-in-balaur'], { program: 'ubos' })).text).toContain(
      'vessel      janus-in-balaur',
    )
    await expect(runCommand(options, ['status', '--vessel', 'argo'], { program: 'ubos' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_REQUEST_INVALID',
    })
  })
})
