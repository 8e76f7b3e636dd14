import FHIR from 'fhirclient'
import { base, story } from './story.mjs'

const client = new FHIR.FhirClient(base)

await story({
  capabilities: () => client.fhirRequest('metadata'),
  create: (resource) => client.create(resource),
  read: (type, id) => client.fhirRequest(`${type}/${id}`),
  vread: (type, id, version) => client.fhirRequest(`${type}/${id}/_history/${version}`),
  update: (resource) => client.update(resource),
  history: (type, id) => client.fhirRequest(`${type}/${id}/_history`),
  remove: (type, id) => client.delete(`${type}/${id}`),
  transaction: (bundle) => client.fhirRequest('', {
    method: 'POST', body: JSON.stringify(bundle), headers: { 'content-type': 'application/json' },
  }),
}, (error) => error.statusCode)
