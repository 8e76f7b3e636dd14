//! Hospitals and laboratories: <https://hl7.org/fhir/R4/organization.html>.

use crate::Release;
use crate::datatype::Coding;
use crate::json::Json;
use crate::person::telephone;
use crate::pool::Organization;
use crate::random::Random;

const PROVIDER: Coding =
    Coding::new("http://terminology.hl7.org/CodeSystem/organization-type", "prov", "Healthcare Provider");

pub(super) fn write(json: &mut Json<'_>, number: usize, random: &mut Random) {
    let Organization { name, home } = Organization::numbered(number);
    json.list("identifier", |json| {
        json.text("system", "https://example.org/organization");
        json.shown("value", format_args!("{:05}", number + 1));
    });
    json.boolean("active", true);
    json.concepts("type", &PROVIDER);
    json.text("name", name);
    let telecom = |json: &mut Json<'_>, random: &mut Random| {
        json.array("telecom", |json| json.contact_point("phone", &telephone(random), "work"));
    };
    if json.release == Release::R5 {
        json.list("contact", |json| {
            telecom(json, random);
            json.object("address", |json| json.address(home, "work", random));
        });
    } else {
        telecom(json, random);
        json.list("address", |json| json.address(home, "work", random));
    }
}
