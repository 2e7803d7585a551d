import { spawn } from 'node:child_process'

/** Runs a program to its end or the deadline, and tells what it said. Never throws for what the program did. */
export function run(command, args = [], options = {}) {
  return start(command, args, options).ended
}

/** The same, with the running process in hand: `pid`, `signal(name)`, `ended`. */
export function start(command, args = [], { input, env, cwd, timeoutMs = 60_000, onStdout } = {}) {
  const began = performance.now()
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  let timedOut = false
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    onStdout?.(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  if (input !== undefined) child.stdin.end(input)
  else if (onStdout === undefined) child.stdin.end()

  const ended = new Promise((resolve) => {
    const answer = (exitCode, signal) => {
      clearTimeout(deadline)
      clearTimeout(abandoned)
      const durationMs = Math.round(performance.now() - began)
      resolve({ command: [command, ...args].join(' '), exitCode, signal, stdout, stderr, timedOut, durationMs })
    }
    let abandoned
    const deadline = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
      // A process that hangs in the kernel outlives SIGKILL; the answer must not wait for it.
      abandoned = setTimeout(() => {
        child.unref()
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
        answer(null, null)
      }, 1000)
    }, timeoutMs)
    child.once('error', (error) => {
      stderr += error.message
      answer(127, null)
    })
    child.once('close', (exitCode, signal) => answer(exitCode, signal))
  })
  return { pid: child.pid, stdin: child.stdin, signal: (name) => child.kill(name), ended }
}
