//! The examples of <https://hl7.org/fhir/R4/search.html>, on a few resources that were matched by hand.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use rushlight_model::definitions::Release;
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::grown;
use rushlight_oracle::interval;
use rushlight_oracle::json::Json;
use rushlight_oracle::search::{Contained, Question};
use rushlight_oracle::world::{Record, World};

const RESOURCES: &[&str] = &[
    r#"{"resourceType": "Organization", "id": "acme", "name": "Acme"}"#,
    r#"{"resourceType": "Practitioner", "id": "joe", "name": [{"family": "Joelson", "given": ["Joe"]}]}"#,
    r#"{"resourceType": "Patient", "id": "peter", "gender": "male", "birthDate": "1974-12-25", "active": true,
        "name": [{"family": "Chalmers", "given": ["Peter", "James"]}], "generalPractitioner": [{"reference": "Practitioner/joe"}],
        "managingOrganization": {"reference": "Organization/acme"},
        "identifier": [{"system": "http://acme.org/patient", "value": "2345", "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}}]}"#,
    r#"{"resourceType": "Patient", "id": "eve", "gender": "female", "birthDate": "1980-03",
        "name": [{"family": "Adams", "given": ["Eve"]}, {"family": "Zander"}], "link": [{"other": {"reference": "Patient/peter"}, "type": "seealso"}]}"#,
    r#"{"resourceType": "Patient", "id": "none", "name": [{"text": "évelyn"}]}"#,
    r#"{"resourceType": "Observation", "id": "weight", "status": "final", "subject": {"reference": "Patient/peter"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]}, "effectiveDateTime": "2013-04-02",
        "valueQuantity": {"value": 5.4, "system": "http://unitsofmeasure.org", "code": "mg", "unit": "milligram"}}"#,
    r#"{"resourceType": "Observation", "id": "pressure", "status": "amended", "subject": {"reference": "Patient/eve"}, "performer": [{"reference": "Practitioner/joe"}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}, "effectivePeriod": {"start": "2013-04-03T10:00:00Z"},
        "component": [
            {"code": {"coding": [{"code": "8480-6"}]}, "valueQuantity": {"value": 107, "unit": "mmHg"}},
            {"code": {"coding": [{"code": "8462-4"}]}, "valueQuantity": {"value": 60, "unit": "mmHg"}}]}"#,
    r#"{"resourceType": "Encounter", "id": "visit", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/peter"}}"#,
    r#"{"resourceType": "DiagnosticReport", "id": "report", "status": "final", "code": {"text": "Report"}, "subject": {"reference": "Patient/peter"}, "result": [{"reference": "Observation/weight"}]}"#,
    r##"{"resourceType": "MedicationRequest", "id": "23", "status": "active", "intent": "order", "subject": {"reference": "Patient/peter"},
        "contained": [
            {"resourceType": "Medication", "id": "m1", "manufacturer": {"reference": "#maker"}, "ingredient": [{"itemCodeableConcept": {"coding": [{"system": "http://example.org/medications", "code": "abc"}]}}]},
            {"resourceType": "Organization", "id": "maker", "name": "Maker", "partOf": {"reference": "Organization/acme"}},
            {"resourceType": "Medication", "id": "m1", "code": {"text": "a second one of the id"}}],
        "medicationReference": {"reference": "#m1"}}"##,
    r##"{"resourceType": "ServiceRequest", "id": "order", "status": "active", "intent": "order", "subject": {"reference": "Patient/none"},
        "contained": [{"resourceType": "ServiceRequest", "id": "other", "status": "draft", "intent": "plan", "subject": {"reference": "Patient/none"}, "basedOn": [{"reference": "#"}]}],
        "basedOn": [{"reference": "#other"}, {"reference": "#"}]}"##,
    r#"{"resourceType": "ValueSet", "id": "set", "status": "active", "url": "http://acme.org/fhir/ValueSet/123"}"#,
];

fn world() -> World {
    let record = |(at, text): (usize, &&str)| {
        let json = Json::read(text);
        let part = |name| json.text_of(name).unwrap().to_owned();
        Record {
            ty: ResourceType::from_name(&part("resourceType")).unwrap(),
            id: Id::new(&part("id")).unwrap(),
            last_updated: interval::parse("2020-01-01T00:00:00Z").unwrap().0 + at as i64,
            number: at as i64,
            json,
        }
    };
    let now = interval::parse("2026-01-01T00:00:00Z").unwrap().0;
    World::new(Release::R4, RESOURCES.iter().enumerate().map(record).collect(), now, "http://acme.org/fhir")
}

/// `Observation?code=1&date=2`, not encoded; `Patient/1/Observation?…` for compartments.
fn question(text: &str) -> Question {
    let (path, query) = text.split_once('?').unwrap();
    let parts: Vec<&str> = path.split('/').collect();
    let ty = |name: &str| ResourceType::from_name(name);
    let pair =
        |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let mut pairs: Vec<(String, String)> =
        query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let mut contained = Contained { containers: true, ..Contained::default() };
    pairs.retain(|(name, value)| match name.as_str() {
        "_contained" => {
            (contained.found, contained.both) = (value != "false", value == "both");
            false
        }
        "_containedType" => {
            contained.containers = value == "container";
            false
        }
        _ => true,
    });
    Question {
        types: parts.last().and_then(|name| ty(name)).into_iter().collect(),
        compartment: (parts.len() == 3).then(|| (ty(parts[0]).unwrap(), Id::new(parts[1]).unwrap())),
        pairs,
        contained,
    }
}

#[test]
fn searches() {
    let world = world();
    for (text, expected) in [
        ("Patient?", "peter eve none"),
        ("Patient?name=eve", "eve none"),
        // What is contained: the example of the page, and what follows from it.
        ("MedicationRequest?medication.ingredient-code=abc", "23"),
        ("MedicationRequest?medication.manufacturer:Organization.partof:Organization.name=acme", "23"),
        ("ServiceRequest?based-on:ServiceRequest.status=draft", "order"),
        ("ServiceRequest?based-on:ServiceRequest.status=active", ""),
        ("ServiceRequest?based-on:ServiceRequest.based-on:ServiceRequest.status=active", "order"),
        ("Medication?ingredient-code=abc", ""),
        ("Medication?ingredient-code=abc&_contained=true", "23"),
        ("Medication?ingredient-code=abc&_contained=true&_containedType=contained", "23#m1"),
        ("Medication?_contained=true&_containedType=contained", "23#m1"),
        ("Organization?_contained=both&_containedType=contained", "acme 23#maker"),
        ("Organization?_contained=both", "acme 23"),
        ("ServiceRequest?_contained=both&status=draft,active", "order"),
        ("ServiceRequest?_contained=both&_containedType=contained&status=draft,active", "order order#other"),
        ("Medication?_contained=true&_has:MedicationRequest:medication:status=active", "23"),
        ("Medication?_contained=true&_has:MedicationRequest:medication:status=draft", ""),
        ("Patient?_has:ServiceRequest:subject:status=draft", ""),
        ("Patient?name:exact=Eve", "eve"),
        ("Patient?name:contains=am", "peter eve"),
        ("Patient?given=peter&given=james", "peter"),
        ("Patient?given=peter,eve", "peter eve"),
        ("Patient?gender:not=male", "eve none"),
        ("Patient?gender:not=male,female", "none"),
        ("Patient?gender:missing=true", "none"),
        ("Patient?gender:missing=false", "peter eve"),
        ("Patient?active=true", "peter"),
        ("Patient?identifier=http://acme.org/patient|2345", "peter"),
        ("Patient?identifier=|2345", ""),
        ("Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|2345", "peter"),
        ("Patient?birthdate=1980", "eve"),
        ("Patient?birthdate=1980-03-01", ""),
        ("Patient?birthdate=gt1980-03-01", "eve"),
        ("Patient?birthdate=lt1980", "peter"),
        ("Patient?birthdate=ge1974-12-25&birthdate=le1980-02", "peter"),
        ("Patient?_id=eve,peter", "peter eve"),
        ("Patient?_id=eve&_id=peter", ""),
        ("?_id=eve,report,nobody", "eve report"),
        ("?_id=eve,report&_type=Patient,Group", "eve"),
        ("Observation?date=ge2013-04-03", "pressure"),
        ("Observation?date=sa2013-04-02", "pressure"),
        ("Observation?date=eb2013-04-03", "weight"),
        ("Observation?code:text=body", "weight"),
        ("Observation?value-quantity=5.4|http://unitsofmeasure.org|mg", "weight"),
        ("Observation?value-quantity=5400|http://unitsofmeasure.org|ug", "weight"),
        ("Observation?value-quantity=5.40e-3|http://unitsofmeasure.org|g", "weight"),
        ("Observation?value-quantity=5.4||milligram", "weight"),
        ("Observation?value-quantity=gt5.4|http://unitsofmeasure.org|mg", ""),
        ("Observation?component-code-value-quantity=8480-6$lt110", "pressure"),
        ("Observation?component-code-value-quantity=8462-4$gt100", ""),
        ("Observation?subject=Patient/peter", "weight"),
        ("Observation?subject:Patient=peter", "weight"),
        ("Observation?subject=http://acme.org/fhir/Patient/peter", "weight"),
        ("Observation?patient=eve", "pressure"),
        ("Observation?subject:Patient.name=adams", "pressure"),
        ("Observation?patient.general-practitioner.name=joe", "weight"),
        ("Observation?subject:Patient.gender:not=male", "pressure"),
        ("DiagnosticReport?result.code=http://loinc.org|29463-7", "report"),
        ("DiagnosticReport?subject:Patient.name=peter", "report"),
        ("DiagnosticReport?result:Observation.patient:Patient.organization:Organization.name=acme", "report"),
        ("Patient?_has:Observation:patient:code=29463-7", "peter"),
        ("Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final", "peter"),
        ("Practitioner?_has:Patient:general-practitioner:_has:Encounter:patient:status=finished", "joe"),
        ("Observation?patient._has:Encounter:patient:status=finished", "weight"),
        ("Practitioner?_has:Observation:performer:patient.name=zander", "joe"),
        ("Patient/peter/Observation?", "weight"),
        ("Patient/peter/?", "peter eve weight visit report 23"),
        ("Patient/peter/Patient?", "peter eve"),
        ("Practitioner/joe/Observation?", "pressure"),
        ("ValueSet?url=http://acme.org/fhir/ValueSet/123", "set"),
        ("ValueSet?url:below=http://acme.org/fhir/", "set"),
        ("ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5", "set"),
        ("ValueSet?url=http://acme.org/fhir/ValueSet/12", ""),
        ("Patient?_sort=birthdate", "peter eve none"),
        ("Patient?_sort=-birthdate", "eve peter none"),
        ("Patient?_sort=family", "eve peter none"),
        ("Patient?_sort=-family", "eve peter none"),
        ("Patient?_sort=-_id", "peter none eve"),
        ("Patient?_sort=active,gender", "peter eve none"),
        ("Patient?_lastUpdated=2020-01-01&_sort=-_lastUpdated", "none eve peter"),
        ("?_lastUpdated=lt2020", ""),
    ] {
        let id = |at: &usize| world.name(*at).rsplit('/').next().unwrap().to_owned();
        let ids: Vec<String> = world.matches(&question(text)).iter().map(id).collect();
        assert_eq!(ids.join(" "), expected, "{text}");
    }
}

/// What other resources, or the words of a resource, answer: on the resources that belong together.
#[test]
fn what_is_grown() {
    let record = |(at, text): (usize, String)| {
        let json = Json::read(&text);
        let part = |name| json.text_of(name).unwrap().to_owned();
        let (ty, id) =
            (ResourceType::from_name(&part("resourceType")).unwrap(), Id::new(&part("id")).unwrap());
        Record { ty, id, json, last_updated: at as i64, number: at as i64 }
    };
    let records = grown::resources().into_iter().enumerate().map(record).collect();
    let world = World::new(Release::R4, records, 0, "http://acme.org/fhir");
    const S: &str = "http://grown.example/animals";
    for (text, expected) in [
        ("Patient?_list=grown-1", "1 5"),
        ("Patient?_list=grown-0,grown-2,grown-9", "0 2 4 6"),
        ("Observation?code:in=http://grown.example/sets/listed", "7 11 23"),
        ("Condition?code:in=http://grown.example/sets/is-a|2", "3 18"),
        ("Condition?code:not-in=http://grown.example/sets/whole", "0 9"),
        ("Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender&_list=grown-0", "0 4"),
        ("Location?_id=grown-1&_filter=partof ss Location/grown-0", "1"),
        ("Location?partof:below=grown-1", "3 4 5"),
        ("Location?partof:above=Location/grown-3", "1 2 3 4 5"),
        ("Location?partof:below=grown-8", "8 9"),
        ("Location?partof:below=grown-99", "10"),
        ("Patient?organization:below=grown-2", "2 6"),
        ("QuestionnaireResponse?questionnaire:below=http://grown.example/Questionnaire/q|1", "0 1 2 3"),
        ("QuestionnaireResponse?questionnaire:below=http://grown.example/Questionnaire/q|1.0", "1 2"),
        ("QuestionnaireResponse?questionnaire:below=http://grown.example/Questionnaire/q", "0 1 2 3 4 5 6"),
        ("Basic?_text=wolves", "0 1"),
        ("Basic?_text=HOWL grey", "0"),
        ("Basic?_text=muller,strasse", "1 4"),
        ("Basic?_text=nobody", ""),
        ("Basic?_text=less", ""),
        ("Basic?_content=wolves grey 3", "3"),
        ("Patient?_filter=gender eq male or gender eq female and _id eq grown-1", "1"),
        ("Patient?_filter=gender eq male or (gender eq female and _id eq grown-1)", "0 1 3 6 9"),
        ("Patient?_filter=not (gender ne other)", "2 5 8"),
        ("Patient?_filter=organization.name co \"wn 4\"", "4"),
        ("Patient?_filter=organization[_id eq grown-4].name sw grown", "4"),
        ("Patient?_filter=organization.partof pr false", "0 7"),
        ("Location?_filter=name eq \"PLACE 3\" or name sw \"place 1\"", "1 3 10"),
    ] {
        let found = world.matches(&question(text));
        let ids = found.iter().map(|at| world.records[*at].id.as_str().trim_start_matches("grown-"));
        assert_eq!(ids.collect::<Vec<_>>().join(" "), expected, "{text}");
    }
    for (code, below, above) in [
        ("bird", "bird kea parrot", "animal bird"),
        ("flier", "flier flying-fish kea parrot", "flier"),
        ("kea", "kea", "animal bird flier kea parrot"),
        ("fish", "fish flying-fish", "animal fish"),
    ] {
        let system = world.system(S).unwrap();
        let of = |test: &dyn Fn(&str) -> bool| {
            let found = system.codes().filter(|other| test(other)).map(String::as_str);
            found.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(&|other| system.is_a(other, code)), below, "below {code}");
        assert_eq!(of(&|other| system.is_a(code, other)), above, "above {code}");
    }
    for (set, expected) in [
        ("listed", "kea stone"),
        ("whole", "bird fish flier flying-fish kea parrot stone"),
        ("is-a", "bird kea parrot"),
        ("below", "flying-fish kea parrot"),
        ("not", "bird flier kea parrot stone"),
        ("both", "flying-fish"),
        ("without", "bird flier flying-fish parrot"),
        ("within", "flying-fish kea"),
        ("known-set", "female male other unknown"),
        ("expanded", "fish flying-fish"),
    ] {
        let codes = world.value_set(&format!("http://grown.example/sets/{set}")).unwrap();
        let codes: Vec<&str> = codes.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(codes.join(" "), expected, "{set}");
    }
}

#[test]
fn includes() {
    let world = world();
    for (text, expected) in [
        ("Observation?_include=Observation:subject", "peter eve"),
        ("Observation?_include=Observation:performer", "joe"),
        ("Observation?_include=Observation:subject:Group", ""),
        ("Observation?_include=Observation:*", "joe peter eve"),
        (
            "Observation?_id=weight&_include=Observation:subject&_include:iterate=Patient:organization",
            "acme peter",
        ),
        ("Observation?_id=weight&_include=Observation:subject&_include=Patient:organization", "peter"),
        ("Patient?_id=peter&_revinclude=Observation:subject", "weight"),
        (
            "Patient?_id=peter&_revinclude=Observation:subject&_revinclude:iterate=DiagnosticReport:result",
            "weight report",
        ),
        ("Patient?_id=peter&_revinclude=Patient:link", "eve"),
        ("Patient?_include=Patient:link", ""),
    ] {
        let asked = question(text);
        let included = world.included(&asked, &world.matches(&asked));
        let ids: Vec<&str> = included.iter().map(|at| world.records[*at].id.as_str()).collect();
        assert_eq!(ids.join(" "), expected, "{text}");
    }
}
