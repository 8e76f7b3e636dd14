"""fhirpy, as its README uses it."""

import json
import sys

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

base = sys.argv[1]
client = SyncFHIRClient(base)


def refused(error, action):
    try:
        action()
    except error as caught:
        return caught
    raise AssertionError("not refused")


statement = client.execute("metadata", method="get")
assert statement["fhirVersion"] == "4.0.1", statement["fhirVersion"]

patient = client.resource("Patient", active=True, name=[{"family": "Rush", "given": ["Ada"]}])
patient.save()
assert patient.meta.versionId == "1", patient
created = patient.serialize()
found = client.reference("Patient", patient.id).to_resource()
assert found.serialize() == created, found.serialize()
found["active"] = False
found.save()
assert found.meta.versionId == "2", found
patient.refresh()
assert patient.active is False
first = client.execute(f"Patient/{patient.id}/_history/1", method="get")
assert first == created, first

patient.delete()
refused(ResourceNotFound, lambda: client.reference("Patient", patient.id).to_resource())
refused(ResourceNotFound, lambda: client.reference("Patient", "nobody").to_resource())
outcome = refused(OperationOutcome, lambda: client.resource("Patient", active="yes").save())
assert outcome.resource["issue"][0]["expression"] == ["Patient.active"], outcome.resource
history = client.execute(f"Patient/{patient.id}/_history", method="get")
assert history["total"] == 3, history
assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "PUT", "POST"], history

with open("transaction-bundle.json", encoding="utf-8") as file:
    bundle = client.resource("Bundle", **{k: v for k, v in json.load(file).items() if k != "resourceType"})
response = client.execute("", method="post", data=bundle.serialize())
assert response["type"] == "transaction-response", response
assert all(entry["response"]["status"].startswith("201") for entry in response["entry"]), response
kind, made = response["entry"][1]["response"]["location"].removeprefix(f"{base}/").split("/")[:2]
linked = client.reference(kind, made).to_resource()
assert linked.subject.to_resource().resource_type == "Patient", linked.serialize()
