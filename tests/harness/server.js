// Starts the built binary (`BISTRO_BIN`) on a copy of a project, on a free port, and stops it again.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '..', '..')
const binary = resolve(process.env.BISTRO_BIN ?? join(root, 'target', 'debug', 'bistro'))
const startMillis = 30_000
const stopMillis = 20_000

// A running server: `url`, `keys`, `cwd`, `printed()`, `bistro(...arguments)`, `token(sub, role)`, `restart()`
// at the same address, `stop()`. Without a project it runs in an empty folder; `settings` are variables, `BISTRO_…`.
export async function serve(project, command = 'serve', settings = {}) {
  const home = mkdtempSync(join(tmpdir(), 'bistro-test-'))
  const cwd = join(home, 'project')
  if (project) cpSync(resolve(root, project), cwd, { recursive: true, filter: (path) => !path.endsWith('/data') })
  else mkdirSync(cwd)
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('BISTRO_'))
  const env = { ...Object.fromEntries(others), ...settings }
  const log = join(home, 'server.log')
  const bistro = (...words) => execFileSync(binary, words, { cwd, env, encoding: 'utf8', timeout: 60_000 }).trim()
  const lines = []
  let child, ended

  async function start(listen) {
    child = spawn(binary, [command, '.', '--listen', listen], { cwd, env, stdio: ['ignore', 'pipe', openSync(log, 'a')] })
    ended = new Promise((done) => child.once('exit', (code) => done(code)))
    const reader = createInterface({ input: child.stdout })
    const first = new Promise((done) => reader.once('line', done))
    reader.on('line', (line) => lines.push(line))
    const late = new Promise((done) => setTimeout(done, startMillis, 'nothing in time').unref())
    return address(await Promise.race([first, late, ended.then((code) => `it ended with ${code}`)]))
  }

  async function end() {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), stopMillis)
    const code = await ended
    clearTimeout(late)
    return code
  }

  async function stop() {
    const code = await end()
    rmSync(home, { recursive: true, force: true })
    return code
  }

  try {
    const url = await start('127.0.0.1:0')
    if (project && command === 'serve' && existsSync(join(cwd, 'seed'))) {
      bistro('seed', ...readdirSync(join(cwd, 'seed')).map((name) => join('seed', name)))
    }
    const keys = JSON.parse(bistro('keys', 'list', '--json'))
    const token = (sub, role = 'authenticated') => bistro('keys', 'token', '--sub', sub, '--role', role)
    const restart = async () => (await end(), await start(new URL(url).host))
    return { url, keys, cwd, printed: () => lines.join('\n'), bistro, token, restart, stop }
  } catch (error) {
    error.message += `\n${readFileSync(log, 'utf8').slice(-4000)}`
    await stop()
    throw error
  }
}

// The address in the first line.
function address(line) {
  const found = /^Bistro listening on (\S+)/.exec(line)
  if (!found) throw new Error(`the server did not start: ${line}`)
  return found[1].replace(/\/$/, '')
}
