import { janusError } from '@janus/core'
import { describe, expect, test } from 'vitest'
import { causeOfFailure } from '../../src/sandbox/cause-of-failure.js'

const refused = janusError('JANUS_SANDBOX_UNAVAILABLE', 'bwrap: setting up uid map: Permission denied', {
  remedy: 'Allow user namespaces.',
  data: { cause: 'user-namespaces' },
})

describe('why no sandbox could be set up', () => {
  test('is AppArmor where it restricts user namespaces, and the remedy is its profile', () => {
    const { because, remedy } = causeOfFailure(refused, () => '1')
    expect(because).toMatch(/^AppArmor restricts user namespaces .*Permission denied$/)
    expect(remedy).toContain('janus agent install')
  })

  test.each([['0'], ['']])('is what bubblewrap said where the restriction reads %j', (text) => {
    expect(causeOfFailure(refused, () => text)).toEqual({
      because: 'bwrap: setting up uid map: Permission denied',
      remedy: 'Allow user namespaces.',
    })
  })

  test('is not AppArmor for another failure', () => {
    const missing = janusError('JANUS_SANDBOX_UNAVAILABLE', 'bubblewrap is not installed', {
      remedy: 'Install it.',
      data: { cause: 'missing' },
    })
    expect(causeOfFailure(missing, () => '1')).toEqual({
      because: 'bubblewrap is not installed',
      remedy: 'Install it.',
    })
    expect(causeOfFailure(new Error('EMFILE'), () => '1')).toEqual({ because: 'EMFILE', remedy: null })
  })
})
