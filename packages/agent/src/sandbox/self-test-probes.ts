import type { SandboxSelfTest } from '../contract/run.js'

/** For a shell in the sandbox. Each line that it prints is a probe and what was found. It reads and tries; what it could win is worth nothing. */
export const SELF_TEST_SCRIPT = `
found() { printf '%s\\t%s\\n' "$1" "$2"; }
while read -r name value; do
  case $name in
    CapEff:|CapBnd:|CapInh:|CapPrm:|CapAmb:) capabilities="$capabilities$value " ;;
    NoNewPrivs:) privileges=$value ;;
    Seccomp:) filter=$value ;;
  esac
done </proc/self/status
found capabilities "$capabilities"
found 'new privileges' "$privileges"
found 'system-call filter' "$filter"
wrote=; for place in / /usr /etc /dev /proc/sys/kernel; do (: >"$place/janus-probe") 2>/dev/null && wrote="$wrote$place "; done
found 'writes outside its workspace' "$wrote"
saw=; for place in /root /var /srv /run /sys /etc/shadow /boot; do [ -e "$place" ] && saw="$saw$place "; done
found 'files of the host' "$saw"
seen=0; for process in /proc/[0-9]*; do seen=$((seen + 1)); done
found 'other processes' "$seen"
links=; while read -r name rest; do case $name in *:) links="$links$name" ;; esac; done </proc/net/dev
found network "$links"
made=refused; unshare --user true 2>/dev/null && made=made
found 'namespaces of its own making' "$made"
bounds=none; while read -r line; do case $line in *' /workspace '*nr_inodes=*) bounds=bounded ;; esac; done </proc/self/mountinfo
found 'bounds of its workspace' "$bounds"
`

const NO_CAPABILITIES = /^(0{16} ?){5}$/
const MOST_PROCESSES_SEEN = 4

/** What each probe must find. */
const WANTED: Readonly<Record<string, (found: string) => boolean>> = {
  capabilities: (found) => NO_CAPABILITIES.test(found),
  'new privileges': (found) => found === '1',
  'system-call filter': (found) => found === '2',
  'writes outside its workspace': (found) => found === '',
  'files of the host': (found) => found === '',
  'other processes': (found) => Number(found) >= 1 && Number(found) <= MOST_PROCESSES_SEEN,
  network: (found) => found === 'lo:',
  'namespaces of its own making': (found) => found === 'refused',
  'bounds of its workspace': (found) => found === 'bounded',
}

/** Judges what the script printed; a probe that found nothing did not hold. */
export function judgeProbes(text: string): SandboxSelfTest['probes'] {
  const found = new Map(
    text.split('\n').map((line): [string, string] => {
      const [probe = '', value = ''] = line.split('\t')
      return [probe, value]
    }),
  )
  return Object.entries(WANTED).map(([probe, isWanted]) => {
    const value = found.get(probe)
    return { probe, holds: value !== undefined && isWanted(value), found: value ?? 'nothing' }
  })
}
