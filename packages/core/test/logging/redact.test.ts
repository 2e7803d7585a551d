import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSecretName, REDACTED, redact } from '../../src/logging/index.js'

test.each([
  'password',
  'userPassword',
  'API_KEY',
  'apikey',
  'x-auth-token',
  'Authorization',
  'clientSecret',
  'key',
  'sshPrivateKey',
  'JWTToken',
  'mypasswd',
])('%s is the name of a secret', (name) => {
  expect(isSecretName(name)).toBe(true)
})

test.each(['path', 'keyboard', 'monkey', 'author', 'device', 'passed', 'tokenizer', ''])('%j is not', (name) => {
  expect(isSecretName(name)).toBe(false)
})

test('secrets are replaced at any depth, whatever they are', () => {
  const fields = {
    path: '/x',
    options: [{ user: 'a', password: { nested: 's3cret' } }],
    token: ['s3cret'],
    map: new Map([['secret', 's3cret']]),
  }
  expect(redact(fields)).toEqual({
    path: '/x',
    options: [{ user: 'a', password: REDACTED }],
    token: REDACTED,
    map: { secret: REDACTED },
  })
  const cause = Object.assign(new Error('inner'), { apiKey: 's3cret' })
  expect(JSON.stringify(redact(new Error('outer', { cause })))).not.toContain('s3cret')
})

test('nothing hinders it: circles, depth, getters that throw, bytes, big numbers', () => {
  const circle: Record<string, unknown> = { big: 10n, bytes: Buffer.from('s3cret'), not: Number.NaN }
  circle.self = circle
  expect(redact(circle)).toEqual({ big: '10', bytes: '[6 bytes]', not: 'NaN', self: '[circular]' })
  const thrower = {
    get bad(): string {
      throw new Error('no')
    },
  }
  expect(redact({ thrower })).toEqual({ thrower: '[unreadable]' })
  let deep: unknown = 'end'
  for (let level = 0; level < 10_000; level += 1) deep = { deep }
  expect(JSON.stringify(redact(deep))).toContain('[too deep]')
})

test('a secret value never appears, wherever in a value its name is', () => {
  const secret = 'S3CRET-VALUE'
  const leaf = fc.oneof(
    fc.string(),
    fc.record({ password: fc.constant(secret) }),
    fc.record({ 'api-token': fc.record({ value: fc.constant(secret) }) }),
  )
  const tree = fc.object({ values: [leaf], maxDepth: 4 })
  fc.assert(
    fc.property(tree, (value) => {
      expect(JSON.stringify(redact(value)) ?? '').not.toContain(secret)
    }),
  )
})
