import { isReadOnly, pagesModule } from '../good-module.js'

export default pagesModule({
  async apply(context, good) {
    const changes = await good()
    // On the machine it behaves, so that nothing but the form of its changes is wrong.
    return isReadOnly(context) ? changes.map((change) => ({ ...change, why: 'two\nlines' })) : changes
  },
})
