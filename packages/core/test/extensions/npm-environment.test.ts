import { describe, expect, it } from 'vitest'
import { npmEnvironment } from '../../src/extensions/npm-environment.js'

const SET = {
  PATH: '/usr/bin',
  NPM_CONFIG_REGISTRY: 'https://mine.example/',
  npm_config_registry: 'https://theirs.example/',
  'npm_config_@scope:registry': 'https://theirs.example/',
  npm_config_userconfig: '/home/me/.npmrc',
  npm_config_globalconfig: '/srv/clone/npmrc',
  npm_config_cache: '/home/me/.npm',
  npm_config_local_prefix: '/srv/clone',
}

describe('the environment of npm', () => {
  it.each(['npm_lifecycle_event', 'npm_command', 'npm_execpath'])(
    'keeps nothing of the project that npm stands in, when npm runs us (%s)',
    (mark) => {
      expect(npmEnvironment({ ...SET, [mark]: 'exec' })).toEqual({
        PATH: SET.PATH,
        NPM_CONFIG_REGISTRY: SET.NPM_CONFIG_REGISTRY,
        npm_config_userconfig: SET.npm_config_userconfig,
        npm_config_cache: SET.npm_config_cache,
        [mark]: 'exec',
      })
    },
  )

  it('is that of the user otherwise', () => {
    expect(npmEnvironment({ ...SET, GONE: undefined })).toEqual(SET)
  })
})
