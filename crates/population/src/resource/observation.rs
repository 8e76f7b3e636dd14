//! Vital signs and laboratory values: <https://hl7.org/fhir/R4/observation.html>.

use super::{Seen, Subject};
use crate::body::State;
use crate::datatype::{Coding, Target};
use crate::json::Json;
use crate::measure::{Measure, Range};
use crate::random::Random;
use crate::table::vital::Vital;

const fn category(code: &'static str, display: &'static str) -> Coding {
    Coding::new("http://terminology.hl7.org/CodeSystem/observation-category", code, display)
}

const VITAL_SIGNS: Coding = category("vital-signs", "Vital Signs");
const LABORATORY: Coding = category("laboratory", "Laboratory");

/// The minutes from the start of the visit to the vital signs, to the taking of blood, to the laboratory's answer.
const MEASURED: i64 = 5;
pub(super) const TAKEN: i64 = 12;
pub(super) const ISSUED: i64 = 190;

/// Measures as it writes, and adds what it finds to the values.
pub(super) fn write_vital(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    seen: Seen<'_>,
    vital: &Vital,
    state: &State<'_>,
    (random, values): (&mut Random, &mut Vec<i64>),
) {
    let (Vital::One(Measure { code, .. }) | Vital::Panel(code, _)) = vital;
    head(json, subject, seen, (&VITAL_SIGNS, code), MEASURED);
    performer(json, seen.practitioner);
    let mut value = |json: &mut Json<'_>, measure: &Measure| {
        let value = (measure.outcome)(state, random, values);
        values.push(value);
        json.quantity("valueQuantity", value, measure.decimals, &measure.unit);
    };
    match vital {
        Vital::One(measure) => value(json, measure),
        Vital::Panel(_, measures) => json.array("component", |json| {
            for measure in *measures {
                json.item(|json| {
                    json.concept("code", &measure.code);
                    value(json, measure);
                });
            }
        }),
    }
}

pub(super) fn write_test(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    seen: Seen<'_>,
    test: &Measure,
    (value, normal): (i64, Option<Range>),
) {
    head(json, subject, seen, (&LABORATORY, &test.code), TAKEN);
    json.shown("issued", seen.start().plus_minutes(ISSUED));
    performer(json, subject.person.home.laboratory());
    json.quantity("valueQuantity", value, test.decimals, &test.unit);
    let Some(normal) = normal else { return };
    json.concepts("interpretation", &normal.interpret(value));
    json.list("referenceRange", |json| {
        let Range(low, high) = normal;
        for (name, end) in [("low", low), ("high", high)] {
            if let Some(end) = end {
                json.quantity(name, end, test.decimals, &test.unit);
            }
        }
    });
}

fn head(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    seen: Seen<'_>,
    (category, code): (&Coding, &Coding),
    minutes: i64,
) {
    json.text("status", "final");
    json.concepts("category", category);
    json.concept("code", code);
    json.reference("subject", subject.target());
    json.reference("encounter", seen.encounter);
    json.shown("effectiveDateTime", seen.start().plus_minutes(minutes));
}

fn performer(json: &mut Json<'_>, target: Target) {
    json.list("performer", |json| json.reference_here(target));
}
