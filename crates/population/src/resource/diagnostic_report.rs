//! What a laboratory reports together: <https://hl7.org/fhir/R4/diagnosticreport.html>.

use std::ops::RangeInclusive;

use super::observation::{ISSUED, TAKEN};
use super::{Seen, Subject};
use crate::datatype::Coding;
use crate::json::Json;

const LABORATORY: Coding = Coding::new("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory");

/// Writes the report of the Observations of these numbers.
pub(super) fn write(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    seen: Seen<'_>,
    code: &Coding,
    results: RangeInclusive<usize>,
) {
    json.text("status", "final");
    json.concepts("category", &LABORATORY);
    json.concept("code", code);
    json.reference("subject", subject.target());
    json.reference("encounter", seen.encounter);
    json.shown("effectiveDateTime", seen.start().plus_minutes(TAKEN));
    json.shown("issued", seen.start().plus_minutes(ISSUED));
    json.list("performer", |json| json.reference_here(subject.person.home.laboratory()));
    json.array("result", |json| {
        for number in results {
            json.item(|json| json.reference_here(subject.part("Observation", number)));
        }
    });
}
