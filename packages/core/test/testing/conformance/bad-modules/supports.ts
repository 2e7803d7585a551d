import type { JanusModule } from '../../../../src/contract/module.js'
import { pagesModule } from '../good-module.js'

const supports = { apply: false, rollback: 'journal' } as const

export default Object.freeze({ ...pagesModule(), supports, apply: async () => [] }) as JanusModule
