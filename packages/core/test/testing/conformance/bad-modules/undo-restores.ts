import { pagesModule } from '../good-module.js'

export default pagesModule({
  rollback: 'journal',
  apply: async (_, good) => (await good()).map((change) => ({ ...change, undo: { none: 'nobody needs it back' } })),
})
