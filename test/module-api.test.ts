import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '../packages/core/src/errors/codes.js'
import { MODULE_CLAUSES, PROGRAM_CLAUSES } from '../packages/core/src/testing/index.js'
import { repositoryFiles } from './repository-files.js'

async function contract(): Promise<string> {
  const [page] = await repositoryFiles('docs', '/module-api-v1.md')
  return page?.text ?? ''
}

describe('the contract of Module API v1', () => {
  test('has exactly one clause for each case of the conformance suite', async () => {
    const ids = [...(await contract()).matchAll(/^\| `([a-z-]+)` \| \S/gm)].map(([, id]) => id)
    expect(ids.toSorted()).toEqual([...Object.keys(MODULE_CLAUSES), ...Object.keys(PROGRAM_CLAUSES)].toSorted())
  })

  test('names only error codes that there are', async () => {
    const rows = [...(await contract()).matchAll(/^\| .+ \| (JANUS_[A-Z_, ]+) \|$/gm)]
    const codes = rows.flatMap(([, list = '']) => list.split(', '))
    expect(codes.length).toBeGreaterThan(5)
    expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([])
  })
})
