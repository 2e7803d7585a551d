import { pagesModule } from '../good-module.js'

export default pagesModule({
  async check(_, good) {
    const findings = await good()
    if (findings.some(({ status }) => status === 'skipped')) throw new Error('hugepages cannot be read')
    return findings
  },
})
