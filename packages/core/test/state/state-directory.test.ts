import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stateDirectory, userDirectories } from '../../src/state/index.js'

test('JANUS_STATE_DIR wins, for everybody', () => {
  const env = { JANUS_STATE_DIR: '/srv/state//janus/', XDG_STATE_HOME: '/x' }
  expect(stateDirectory({ uid: 0, env, home: '/root' })).toBe('/srv/state/janus')
  expect(stateDirectory({ uid: 1000, env, home: '/home/u' })).toBe('/srv/state/janus')
})

test('an empty JANUS_STATE_DIR is none, a relative one is refused', () => {
  expect(stateDirectory({ uid: 0, env: { JANUS_STATE_DIR: '' }, home: '/root' })).toBe('/var/lib/janus')
  const relative = () => stateDirectory({ uid: 0, env: { JANUS_STATE_DIR: 'state' }, home: '/root' })
  expect(relative).toThrow(expect.objectContaining({ code: 'JANUS_USAGE' }))
})

test('root uses the machine’s directory whatever HOME and XDG say, a user their own', () => {
  const env = { XDG_STATE_HOME: '/x/state', HOME: '/somewhere' }
  expect(stateDirectory({ uid: 0, env, home: '/somewhere' })).toBe('/var/lib/janus')
  expect(stateDirectory({ uid: 1000, env, home: '/home/u' })).toBe('/x/state/janus')
  expect(stateDirectory({ uid: 1000, env: {}, home: '/home/u' })).toBe('/home/u/.local/state/janus')
})

test('XDG values are used when absolute and ignored otherwise', () => {
  const env = { XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: 'cache', XDG_DATA_HOME: '' }
  expect(userDirectories(env, '/home/u')).toEqual({
    config: '/c/janus',
    state: '/home/u/.local/state/janus',
    cache: '/home/u/.cache/janus',
    data: '/home/u/.local/share/janus',
  })
})

test('a directory is always absolute', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const env = { XDG_CONFIG_HOME: value, XDG_STATE_HOME: value, XDG_CACHE_HOME: value, XDG_DATA_HOME: value }
      for (const path of Object.values(userDirectories(env, '/home/u'))) expect(path).toMatch(/^\//)
    }),
  )
})
