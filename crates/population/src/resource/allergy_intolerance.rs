//! Allergies: <https://hl7.org/fhir/R4/allergyintolerance.html>.

use super::Subject;
use crate::Release;
use crate::chart::KnownAllergy;
use crate::datatype::Coding;
use crate::json::Json;

const TYPE: Coding = Coding::new("http://hl7.org/fhir/allergy-intolerance-type", "allergy", "Allergy");

pub(super) fn write(json: &mut Json<'_>, subject: &Subject<'_>, known: &KnownAllergy) {
    let allergy = known.allergy;
    let r5 = json.release == Release::R5;
    let system = |of: &str| format!("http://terminology.hl7.org/CodeSystem/allergyintolerance-{of}");
    json.status("clinicalStatus", &system("clinical"), "active");
    json.status("verificationStatus", &system("verification"), "confirmed");
    if r5 {
        json.concept("type", &TYPE);
    } else {
        json.text("type", TYPE.code);
    }
    json.array("category", |json| json.text_item(allergy.category));
    json.text("criticality", allergy.criticality);
    json.concept("code", &allergy.code);
    json.reference("patient", subject.target());
    json.shown("onsetDateTime", known.since);
    json.shown("recordedDate", known.since);
    json.recorder(subject.practitioner());
    json.list("reaction", |json| {
        if r5 {
            json.list("manifestation", |json| json.concept("concept", &allergy.manifestation));
        } else {
            json.concepts("manifestation", &allergy.manifestation);
        }
        json.text("severity", allergy.severity);
    });
}
