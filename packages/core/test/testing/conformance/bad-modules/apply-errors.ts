import { pagesModule } from '../good-module.js'

export default pagesModule({
  apply: (_, good) =>
    good().catch(() => {
      throw new TypeError('undefined is not a host')
    }),
})
