import { agentPage } from './agent-page.js'
import { janusPage } from './janus-page.js'

/** The man pages of the packages: the text of each by its path in the repository. */
export async function manPages(): Promise<Readonly<Record<string, string>>> {
  return {
    'packages/cli/man/janus.1': await janusPage(),
    'packages/agent/man/janus-agent.1': await agentPage(),
  }
}
