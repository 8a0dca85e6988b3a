// The npm package @bacnet-js/client, measured like the others: plan on standard input, figures on standard output.
import { createRequire } from 'node:module'

const require = createRequire(process.argv[2] + '/')
const { default: Client } = require('@bacnet-js/client')
const plan = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
const client = new Client({ interface: plan.client, port: plan.port, apduTimeout: 6000 })
await new Promise((resolve) => setTimeout(resolve, 300))

const PRESENT_VALUE = 85, STATUS_FLAGS = 111, REAL = 4
const batch = async (part) => {
  const found = await client.readPropertyMultiple({ address: part.where }, part.objects.map(([type, instance]) => (
    { objectId: { type, instance }, properties: [{ id: PRESENT_VALUE }, { id: STATUS_FLAGS }] })))
  return found.values.length
}
const sweep = async () => (await Promise.all(plan.parts.map(batch))).reduce((a, b) => a + b, 0)
const one = () => client.readProperty({ address: plan.where }, object, PRESENT_VALUE)
const object = { type: plan.setpoint[0], instance: plan.setpoint[1] }
const write = (value) => client.writeProperty(
  { address: plan.where }, object, PRESENT_VALUE, [{ type: REAL, value }], { priority: plan.priority })

const now = () => Number(process.hrtime.bigint()) / 1e9
async function timed(call, count) {
  const took = []
  for (let i = 0; i < count; i++) {
    const start = now()
    await call(i)
    took.push(now() - start)
  }
  return took
}

await sweep()
const start = now(), cpu = process.cpuUsage()
let values = 0
while (now() - start < plan.seconds) values += await sweep()
const took = now() - start, used = process.cpuUsage(cpu)
const result = { values_per_s: values / took, cpu_us_per_value: (used.user + used.system) / values }
result.rpm = await timed(() => batch(plan.parts[0]), plan.count)
result.read = await timed(one, plan.count)
result.write = await timed((i) => write(24 + i % 2), plan.count)
let heard = () => {}
client.on('covNotifyUnconfirmed', () => heard())
await client.subscribeCov({ address: plan.where }, object, 7, false, false, 300)
await new Promise((resolve) => setTimeout(resolve, 200))
result.cov = await timed(async (i) => {
  const told = new Promise((resolve) => { heard = resolve })
  await write(26 + i % 2)
  await told
}, plan.count)
client.close()
console.log(JSON.stringify(result))
