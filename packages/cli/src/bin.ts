import { isVersionRequest } from './command-line/requests.js'

const argv = process.argv.slice(2)
if (isVersionRequest(argv)) {
  const { printVersion } = await import('./print-version.js')
  await printVersion(argv)
} else {
  const { main } = await import('./main.js')
  await main(argv)
}
