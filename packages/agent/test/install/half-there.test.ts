import type { Change, UndoChange } from '@janus/core'
import { createMemoryLogger, emptyDirectory, file, link, type TreeInput } from '@janus/core/testing'
import { describe, expect, test } from 'vitest'
import { agentInstall, installOptions } from '../../src/index.js'
import { installMachine } from './install-machine.js'

const UNITS = '/etc/systemd/system'
const settings = (text: string) => ({ '/etc/janus/agent.yaml': `state_directory: /srv/janus/state\n${text}` })
const made = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\njanus:x:812:812::/srv/janus:/bin/false\n',
  '/etc/group': 'root:x:0:\njanus:x:812:\n',
}

describe('a machine with half of an installation is refused, with what is in the way and the remedy', () => {
  test.each<[string, TreeInput, RegExp]>([
    ['the user is a person', { '/etc/passwd': `${made['/etc/passwd']}ada:x:1000:1000::/home/ada:/bin/bash\n` }, /ada/],
    ['its unit is masked', { [`${UNITS}/janus-agent.service`]: link('/dev/null') }, /masked/],
    [
      'its unit is a link',
      { [`${UNITS}/janus-controls.service`]: link('/opt/x.service') },
      /a link to \/opt\/x.service/,
    ],
    [
      'the unit of the documents has the name of its alias',
      { [`${UNITS}/janus_agentd.service`]: '[Service]\n' },
      /janus_agentd.service is a file of somebody else/,
    ],
    [
      'everybody may write the configuration',
      { '/etc/janus/agent.yaml': file('state_directory: /srv/janus/state\n', { mode: 0o666 }) },
      /agent.yaml may be written by others than root/,
    ],
    [
      'the agent owns the configuration',
      { ...made, '/etc/janus/agent.yaml': file('state_directory: /srv/janus/state\n', { uid: 812 }) },
      /agent.yaml belongs to user 812/,
    ],
    [
      'the directory of the configuration is of somebody else',
      { '/etc/janus': emptyDirectory({ uid: 1000 }) },
      /\/etc\/janus, on the way to .*belongs to user 1000/,
    ],
    ['the configuration has an error', settings('operational_mode: gamma\n'), /agent.yaml:2/],
    ['a directory is a file', { '/srv/janus': 'x' }, /\/srv\/janus is no directory/],
    ['a directory is of somebody else', { '/srv/janus': emptyDirectory({ uid: 5 }) }, /belongs to user 5/],
    [
      'the stop file lies where the service does not look',
      settings('kill_switch: { emergency_stop_file: /tmp/STOP }\n'),
      /kill_switch.emergency_stop_file is \/tmp\/STOP, which the service does not see \(PrivateTmp=\)/,
    ],
    [
      'missions lie in the home of a person',
      settings('llm: { missions_dir: /home/ada/missions }\n'),
      /llm.missions_dir .*\(ProtectHome=\)/,
    ],
    [
      'the program is a link to what a user can replace',
      { '/usr/bin/janus': link('/opt/janus/cli.js'), '/opt/janus/cli.js': file('x', { mode: 0o755, uid: 1000 }) },
      /\/opt\/janus\/cli.js, on the way to \/usr\/bin\/janus, belongs to user 1000/,
    ],
    [
      'node is only on the PATH of a person',
      { '/usr/bin/janus': file('#!/usr/bin/env node\n', { mode: 0o755 }) },
      /there is none where a service looks/,
    ],
  ])('%s', async (title, files, message) => {
    const options =
      title.includes('a person') && !title.includes('home') && !title.includes('PATH') ? { user: 'ada' } : {}
    const error = await planned(files, options).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
  })

  test('the configuration lies in what the agent owns: it could write its own rules', async () => {
    const config = '/srv/janus/etc/agent.yaml'
    await expect(planned({}, { config })).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT', data: { path: config } })
  })
})

describe('a machine with half of an installation is completed', () => {
  test('a user of another number and home, a directory of its own, and an alias that leads elsewhere', async () => {
    const changes = await planned({
      ...made,
      '/srv/janus': emptyDirectory({ uid: 812, gid: 812 }),
      [`${UNITS}/janus_agentd.service`]: link('/lib/systemd/system/other.service'),
    })
    expect(changes.filter((change) => 'path' in change && change.path === '/srv/janus')).toEqual([])
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'write-link', target: `${UNITS}/janus-agent.service` }),
    )
  })

  test('node beside the program of root is enough', async () => {
    const files = { '/usr/bin/janus': file('#!/usr/bin/env node\n', { mode: 0o755 }), '/usr/local/bin/node': 'x' }
    expect((await planned(files)).length).toBeGreaterThan(0)
  })
})

describe('what undoes an installation', () => {
  test('stops the agent, whoever started it, before its units go', async () => {
    const undo = (await planned({})).flatMap(({ undo }) => (Array.isArray(undo) ? (undo as readonly UndoChange[]) : []))
    // Of persistent scope: it is needed after a boot too, which started them again.
    const stop = {
      kind: 'run-command',
      scope: 'persistent',
      args: ['stop', 'janus-agent.service', 'janus-controls.service'],
    }
    expect(undo).toContainEqual(expect.objectContaining(stop))
  })

  test('does not stop an agent whose units were there before', async () => {
    const changes = await planned({ [`${UNITS}/janus-agent.service`]: '[Service]\nExecStart=/old\n' })
    expect(JSON.stringify(changes)).not.toContain('"stop"')
  })

  test.each([[[]], [['/usr/bin/systemd-sysusers']]])(
    'keeps the user while what it owns is left (without %s)',
    async (without) => {
      const removals = (await planned({}, {}, without)).flatMap(({ undo }) =>
        (Array.isArray(undo) ? (undo as readonly UndoChange[]) : []).filter(({ why }) =>
          /remove the (user|group)/.test(why),
        ),
      )
      expect(removals).toHaveLength(2)
      for (const { onlyWhen } of removals) expect(onlyWhen).toContainEqual({ kind: 'absent', path: '/srv/janus' })
    },
  )
})

function planned(files: TreeInput, options: object = {}, without: readonly string[] = []): Promise<readonly Change[]> {
  const { host, query } = installMachine({ files, without })
  const { signal } = new AbortController()
  return Promise.resolve(
    agentInstall.apply({ host, query, options: installOptions.parse(options), log: createMemoryLogger(), signal }),
  )
}
