import { pagesModule } from '../good-module.js'

export default pagesModule({
  // It forgets what it did.
  rollback: async () => [],
})
