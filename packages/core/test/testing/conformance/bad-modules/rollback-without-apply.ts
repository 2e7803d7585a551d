import { pagesModule } from '../good-module.js'

const PATH = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'

export default pagesModule({
  // It does not look whether there is anything to take back.
  rollback: async () => [
    { kind: 'write-attribute', path: PATH, value: '0', why: 'give hugepages back', scope: 'runtime', undo: [] },
  ],
})
