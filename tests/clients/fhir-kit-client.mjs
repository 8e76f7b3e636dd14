import { Client } from 'fhir-kit-client'
import { base, story } from './story.mjs'

const client = new Client({ baseUrl: base })

await story({
  capabilities: () => client.capabilityStatement(),
  create: (body) => client.create({ resourceType: body.resourceType, body }),
  read: (resourceType, id) => client.read({ resourceType, id }),
  vread: (resourceType, id, version) => client.vread({ resourceType, id, version }),
  update: (body) => client.update({ resourceType: body.resourceType, id: body.id, body }),
  history: (resourceType, id) => client.history({ resourceType, id }),
  remove: (resourceType, id) => client.delete({ resourceType, id }),
  transaction: (body) => client.transaction({ body }),
}, (error) => error.response.status)
