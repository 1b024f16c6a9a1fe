// Starts the built binary (`BISTRO_BIN`) on a copy of a project, on a free port, and stops it again.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '..', '..')
const binary = resolve(process.env.BISTRO_BIN ?? join(root, 'target', 'debug', 'bistro'))
const startMillis = 30_000
const stopMillis = 20_000

// A running server: `url`, `keys`, `bistro(...arguments)`, `token(sub, role)`, `stop()`.
export async function serve(project, command = 'serve') {
  const home = mkdtempSync(join(tmpdir(), 'bistro-test-'))
  const cwd = join(home, 'project')
  cpSync(resolve(root, project), cwd, { recursive: true, filter: (path) => !path.endsWith('/data') })
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BISTRO_')))
  const log = join(home, 'server.log')
  const child = spawn(binary, [command, '.', '--listen', '127.0.0.1:0'], {
    cwd, env, stdio: ['ignore', 'pipe', openSync(log, 'a')],
  })
  const ended = new Promise((done) => child.once('exit', (code) => done(code)))
  const bistro = (...words) => execFileSync(binary, words, { cwd, env, encoding: 'utf8', timeout: 60_000 }).trim()

  async function stop() {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), stopMillis)
    const code = await ended
    clearTimeout(late)
    rmSync(home, { recursive: true, force: true })
    return code
  }

  try {
    const url = await address(child, ended)
    if (command === 'serve') {
      bistro('seed', ...readdirSync(join(cwd, 'seed')).map((name) => join('seed', name)))
    }
    const keys = JSON.parse(bistro('keys', 'list', '--json'))
    const token = (sub, role = 'authenticated') => bistro('keys', 'token', '--sub', sub, '--role', role)
    return { url, keys, bistro, token, stop }
  } catch (error) {
    error.message += `\n${readFileSync(log, 'utf8').slice(-4000)}`
    await stop()
    throw error
  }
}

// The address in the first line. Later lines are read and dropped, so that the server never blocks on its output.
async function address(child, ended) {
  const lines = createInterface({ input: child.stdout })
  const first = new Promise((done) => lines.once('line', done))
  lines.on('line', () => {})
  const late = new Promise((done) => setTimeout(done, startMillis, 'nothing in time').unref())
  const line = await Promise.race([first, late, ended.then((code) => `it ended with ${code}`)])
  const found = /^Bistro listening on (\S+)/.exec(line)
  if (!found) throw new Error(`the server did not start: ${line}`)
  return found[1].replace(/\/$/, '')
}
