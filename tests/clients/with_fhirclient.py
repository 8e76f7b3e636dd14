"""fhirclient of SMART, with its models."""

import json
import sys

import requests
from fhirclient import client
from fhirclient.models.bundle import Bundle
from fhirclient.models.humanname import HumanName
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException

base = sys.argv[1]
smart = client.FHIRClient(settings={"app_id": "rushlight-tests", "api_base": base})
server = smart.server


def refused(status, action):
    try:
        action()
    except FHIRNotFoundException:
        assert status == 404
    except requests.HTTPError as error:
        assert error.response.status_code == status, error
    else:
        raise AssertionError("not refused")


smart.prepare()
assert smart.ready
assert server.capabilityStatement.fhirVersion == "4.0.1"

patient = Patient()
patient.active = True
patient.name = [HumanName({"family": "Rush", "given": ["Ada"]})]
made = Patient(patient.create(server))
assert made.meta.versionId == "1", made.as_json()
found = Patient.read(made.id, server)
assert found.as_json() == made.as_json(), found.as_json()
found.active = False
assert Patient(found.update()).meta.versionId == "2"
first = Patient.read_from(f"Patient/{made.id}/_history/1", server)
assert first.as_json() == made.as_json(), first.as_json()

found.delete()
refused(410, lambda: Patient.read(made.id, server))
refused(404, lambda: Patient.read("nobody", server))
refused(422, lambda: server.post_json("Patient", {"resourceType": "Patient", "active": "yes"}))
history = Bundle.read_from(f"Patient/{made.id}/_history", server)
assert history.total == 3, history.as_json()
assert [entry.request.method for entry in history.entry] == ["DELETE", "PUT", "POST"], history.as_json()

with open("transaction-bundle.json", encoding="utf-8") as file:
    response = Bundle(Bundle(json.load(file)).create(server))
assert response.type == "transaction-response", response.as_json()
assert all(entry.response.status.startswith("201") for entry in response.entry), response.as_json()
linked = Observation.read_from(response.entry[1].response.location.removeprefix(f"{base}/"), server)
assert Patient.read_from(linked.subject.reference, server).name, linked.as_json()
