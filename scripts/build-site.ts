import { checkSite } from './check-site.js'
import { printToolCheck } from './tool-check.js'

/** `npm run docs`: the documentation site, in docs/api, with every link followed. */
const checks = await checkSite()
for (const check of checks) printToolCheck(check)
process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1
