import { isReadOnly, pagesModule } from '../good-module.js'

export default pagesModule({
  async apply(context, good) {
    if (isReadOnly(context)) return good()
    const path = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'
    // It does not look whether the pages are there already.
    return [{ kind: 'write-attribute', path, value: '4', why: 'reserve hugepages', scope: 'runtime' }]
  },
})
