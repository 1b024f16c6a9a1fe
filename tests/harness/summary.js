// A reporter for Node's test runner: what failed and why, then one line.
import { relative } from 'node:path'

export default async function* summary(source) {
  let passed = 0
  let failed = 0
  const began = Date.now()
  for await (const { type, data } of source) {
    const isTest = data?.details?.type !== 'suite'
    if (type === 'test:pass' && isTest) passed += data.skip || data.todo ? 0 : 1
    if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') {
      failed += 1
      const error = data.details?.error?.cause ?? data.details?.error
      const said = (error?.stack ?? error?.message ?? String(error)).split('\n').filter((line) => !/^ +at .*(node:|node_modules)/.test(line))
      const where = data.file ? `${relative(process.cwd(), data.file)}:${data.line} ` : ''
      yield `FAILED ${where}${data.name}\n       ${said.slice(0, 40).join('\n       ')}\n`
    }
    if (type === 'test:stderr') yield data.message
  }
  const name = process.env.BISTRO_TEST_NAME ?? 'tests'
  yield `${name}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - began) / 1000)} s)\n`
}
