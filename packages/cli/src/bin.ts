import { isVersionRequest } from './command-line/requests.js'
import { printVersion } from './print-version.js'

const argv = process.argv.slice(2)
if (argv[0] === '__complete') {
  const { complete } = await import('./completion/complete.js')
  await complete(argv.slice(1))
} else if (isVersionRequest(argv)) {
  await printVersion(argv)
} else {
  const { main } = await import('./main.js')
  await main(argv)
}
