import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import type { PackedPackage } from '../scripts/packed-packages.js'

/** A registry on the loopback interface that knows the packed packages and nothing else. */
export interface LocalRegistry {
  readonly url: string
  /** Names of packages it was asked for and does not have. */
  readonly unknown: ReadonlySet<string>
  close(): Promise<void>
}

/** Serves packed packages the way npm asks for them: one document per package, and the tarballs. */
export async function startLocalRegistry(packages: readonly PackedPackage[]): Promise<LocalRegistry> {
  const unknown = new Set<string>()
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    const asTarball = packages.find(({ tarball }) => path === `tarballs/${basename(tarball)}`)
    const asDocument = packages.find(({ json }) => path === json.name)
    if (asTarball) {
      void readFile(asTarball.tarball).then((bytes) => response.end(bytes))
    } else if (asDocument) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(packageDocument(asDocument, url())))
    } else {
      unknown.add(path)
      response.writeHead(404).end('{}')
    }
  })
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: url(),
    unknown,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function packageDocument({ json, tarball, integrity }: PackedPackage, url: string): unknown {
  const version = { ...json, dist: { tarball: `${url}tarballs/${basename(tarball)}`, integrity } }
  return { name: json.name, 'dist-tags': { latest: json.version }, versions: { [json.version]: version } }
}
