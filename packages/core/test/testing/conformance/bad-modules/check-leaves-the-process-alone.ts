import { pagesModule } from '../good-module.js'

export default pagesModule({
  async check(_, good) {
    process.stdout.write('checking…\n')
    return good()
  },
})
