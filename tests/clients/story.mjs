// What the clients written in JavaScript are asked to do, whatever their functions are called.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export const base = process.argv[2]

const fresh = () => ({ resourceType: 'Patient', active: true, name: [{ family: 'Rush', given: ['Ada'] }] })

/**
 * The story. `client` has the functions capabilities(), create(resource), read(type, id), vread(type, id, version),
 * update(resource), history(type, id), remove(type, id), transaction(bundle); `status(error)` says how a failed one
 * was answered.
 */
export async function story(client, status) {
  const refused = async (promise, expected) =>
    assert.equal(status(await promise.then(() => assert.fail('not refused'), (error) => error)), expected)

  const statement = await client.capabilities()
  assert.equal(statement.resourceType, 'CapabilityStatement')
  assert.equal(statement.fhirVersion, '4.0.1')
  const patients = statement.rest[0].resource.find((resource) => resource.type === 'Patient')
  const offered = patients.interaction.map((interaction) => interaction.code)
  for (const code of ['create', 'read', 'vread', 'update', 'delete', 'history-instance']) assert(offered.includes(code), code)

  const created = await client.create(fresh())
  assert.deepEqual([created.name[0].family, created.meta.versionId], ['Rush', '1'])
  const { id } = created
  assert.deepEqual(await client.read('Patient', id), created)
  const updated = await client.update({ ...created, active: false })
  assert.deepEqual([updated.id, updated.active, updated.meta.versionId], [id, false, '2'])
  assert.deepEqual(await client.vread('Patient', id, '1'), created)
  assert.equal((await client.read('Patient', id)).active, false)

  await client.remove('Patient', id)
  await refused(client.read('Patient', id), 410)
  await refused(client.read('Patient', 'nobody'), 404)
  await refused(client.create({ ...fresh(), active: 'yes' }), 422)
  const history = await client.history('Patient', id)
  assert.deepEqual([history.type, history.total], ['history', 3])
  assert.deepEqual(history.entry.map((entry) => entry.request.method), ['DELETE', 'PUT', 'POST'])
  assert.deepEqual(history.entry[2].resource, created)

  const response = await client.transaction(JSON.parse(readFileSync('transaction-bundle.json', 'utf8')))
  assert.equal(response.type, 'transaction-response')
  assert(response.entry.every((entry) => entry.response.status.startsWith('201')), JSON.stringify(response))
  const [type, made] = response.entry[1].response.location.replace(`${base}/`, '').split('/')
  const linked = await client.read(type, made)
  assert(linked.subject.reference.match(/^Patient\/[A-Za-z0-9.-]+$/), linked.subject.reference)
  await client.read(...linked.subject.reference.split('/'))
}
