import { pagesModule } from '../good-module.js'

export default pagesModule({
  async apply({ signal }, good) {
    if (signal.aborted) throw new TypeError('somebody pressed a key')
    return good()
  },
})
