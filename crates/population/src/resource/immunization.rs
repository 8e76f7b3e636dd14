//! Doses of vaccines: <https://hl7.org/fhir/R4/immunization.html>.

use super::Subject;
use crate::Release;
use crate::chart::Vaccination;
use crate::datatype::{Coding, Unit};
use crate::json::Json;
use crate::random::Random;

const LEFT_ARM: Coding = Coding::new("http://terminology.hl7.org/CodeSystem/v3-ActSite", "LA", "left arm");
const INTRAMUSCULAR: Coding = Coding::new(
    "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration",
    "IM",
    "Injection, intramuscular",
);

pub(super) fn write(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    vaccination: &Vaccination,
    random: &mut Random,
) {
    json.text("status", "completed");
    json.concept("vaccineCode", &vaccination.vaccine.code);
    json.reference("patient", subject.target());
    json.shown("occurrenceDateTime", vaccination.day);
    json.boolean("primarySource", true);
    json.shown("lotNumber", format_args!("L{:05}", random.below(100_000)));
    json.concept("site", &LEFT_ARM);
    json.concept("route", &INTRAMUSCULAR);
    json.quantity("doseQuantity", 5, 1, &Unit("mL", "mL"));
    json.list("performer", |json| json.reference("actor", subject.practitioner()));
    json.list("protocolApplied", |json| {
        if json.release == Release::R5 {
            json.shown("doseNumber", vaccination.dose);
        } else {
            json.number("doseNumberPositiveInt", vaccination.dose, 0);
        }
    });
}
