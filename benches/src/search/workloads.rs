//! The searches that are measured, each with the SQL that somebody would write by hand for it.

use rushlight_search::{Number, Units, hash, normal};

/// A search, and its floor.
pub struct Workload {
    /// What it is about.
    pub name: &'static str,
    /// The path and the query for a patient of the population.
    pub path: fn(u64) -> String,
    /// The statement by hand, of which each row is a body; [`super::dialect`] says what the marks in it stand for. It
    /// takes a page and one more, as the server does, to know whether there are more.
    pub sql: &'static str,
    /// What the statement binds.
    pub binds: fn(u64) -> Vec<String>,
}

/// Matches of a page.
pub const PAGE: usize = 20;
/// The page that deep paging reads.
pub const DEEP: usize = 50;
/// A code that one Observation in twelve has, and one that few have.
const COMMON: &str = "29463-7";
const RARE: &str = "4548-4";
const LOINC: &str = "http://loinc.org";

/// The numbers of types in the tables.
fn number_of(ty: &str) -> String {
    rushlight_model::ResourceType::from_name(ty).map_or(0, |ty| ty.number()).to_string()
}

fn patient(number: u64) -> Vec<String> {
    vec![format!("1-p{number}"), number_of("Patient")]
}

fn coded(code: &str) -> Vec<String> {
    vec![code.to_owned(), hash(LOINC).to_string()]
}

/// Base units and bytes of 230 mg/dL.
fn much() -> Vec<String> {
    let Some((base, number)) = Units::default().base("230", "mg/dL") else { return Vec::new() };
    vec![base.to_string(), hex(&number)]
}

fn hex(number: &Number) -> String {
    number.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mrn(number: u64) -> Vec<String> {
    vec![format!("1-{number:08}"), hash("https://example.org/mrn").to_string()]
}

/// Single searches, each with a floor.
pub const SINGLE: &[Workload] = &[
    Workload {
        name: "patient",
        path: |n| format!("Observation?patient=1-p{n}"),
        sql: "SELECT v.body FROM @reference i CROSS JOIN version v WHERE i.param = @unit(Observation Reference subject) \
              AND i.target = ?key AND i.target_type = ?int AND i.to_seq IS NULL@in(i) \
              AND @current(v i.rid) ORDER BY +i.rid LIMIT 21",
        binds: patient,
    },
    Workload {
        name: "patient, code, date, by date",
        path: |n| format!("Observation?patient=1-p{n}&code={LOINC}|{COMMON}&date=ge2016&_sort=-date"),
        sql: "SELECT v.body FROM @reference i CROSS JOIN @by_rid(date) d CROSS JOIN version v \
              WHERE i.param = @unit(Observation Reference subject) AND i.target = ?key AND i.target_type = ?int \
              AND i.to_seq IS NULL@in(i) \
              AND EXISTS (SELECT 1 FROM @by_rid(token) t WHERE t.param = @unit(Observation Token code) \
              AND t.rid = i.rid AND t.to_seq IS NULL@in(t) AND t.code = ? AND t.system = ?int) \
              AND d.param = @unit(Observation Date effective) AND d.rid = i.rid AND d.to_seq IS NULL@in(d) \
              AND d.high >= 1451606400000000 AND @current(v i.rid) ORDER BY d.high DESC, i.rid LIMIT 21",
        binds: |n| [patient(n), coded(COMMON)].concat(),
    },
    Workload {
        name: "rare code",
        path: |_| format!("Observation?code={LOINC}|{RARE}"),
        sql: BY_CODE,
        binds: |_| coded(RARE),
    },
    Workload {
        name: "common code",
        path: |_| format!("Observation?code={LOINC}|{COMMON}"),
        sql: BY_CODE,
        binds: |_| coded(COMMON),
    },
    Workload {
        name: "common code, by date",
        path: |_| format!("Observation?code={LOINC}|{COMMON}&_sort=-date"),
        sql: "SELECT v.body FROM @date d CROSS JOIN version v WHERE d.param = @unit(Observation Date effective) \
              AND d.to_seq IS NULL@in(d) AND EXISTS (SELECT 1 FROM @by_rid(token) t \
              WHERE t.param = @unit(Observation Token code) AND t.rid = d.rid AND t.to_seq IS NULL@in(t) \
              AND t.code = ? AND t.system = ?int) AND @current(v d.rid) ORDER BY d.low DESC LIMIT 21",
        binds: |_| coded(COMMON),
    },
    Workload {
        name: "string prefix",
        path: |_| "Patient?family=m%C3%BCl".to_owned(),
        sql: "SELECT v.body FROM (SELECT DISTINCT i.rid FROM @string i WHERE i.param = @unit(Patient String name.family) \
              AND i.normal >= ? AND i.normal < ? AND i.to_seq IS NULL@in(i)) k CROSS JOIN version v \
              WHERE @current(v k.rid) ORDER BY k.rid LIMIT 21",
        binds: |_| vec![normal("mül"), normal("mum")],
    },
    Workload {
        name: "identifier",
        path: |n| format!("Patient?identifier=https://example.org/mrn|1-{n:08}"),
        sql: "SELECT v.body FROM @token i CROSS JOIN version v WHERE i.param = @unit(Patient Token identifier) \
              AND i.code = ? AND i.system = ?int AND i.to_seq IS NULL@in(i) AND @current(v i.rid) \
              ORDER BY +i.rid LIMIT 21",
        binds: mrn,
    },
    Workload {
        name: "chain of two, few matches",
        path: |n| {
            format!(
                "DiagnosticReport?result:Observation.subject:Patient.identifier=https://example.org/mrn|1-{n:08}"
            )
        },
        sql: "SELECT v.body FROM (SELECT DISTINCT r2.rid FROM @token i CROSS JOIN version p CROSS JOIN @reference r1 \
              CROSS JOIN version o CROSS JOIN @reference r2 WHERE i.param = @unit(Patient Token identifier) \
              AND i.code = ? AND i.system = ?int AND i.to_seq IS NULL@in(i) AND p.seq = i.rid@in(p) \
              AND r1.param = @unit(Observation Reference subject) AND r1.target = p.id AND r1.target_type = p.type \
              AND r1.to_seq IS NULL@in(r1) AND o.seq = r1.rid@in(o) \
              AND r2.param = @unit(DiagnosticReport Reference result) AND r2.target = o.id AND r2.target_type = o.type \
              AND r2.to_seq IS NULL@in(r2)) k CROSS JOIN version v WHERE @current(v k.rid) ORDER BY k.rid LIMIT 21",
        binds: mrn,
    },
    Workload {
        name: "chain of two, many matches",
        path: |n| {
            format!(
                "Observation?subject:Patient.general-practitioner:Practitioner.identifier=https://example.org/practitioner|1-pr{}",
                1 + n % 60
            )
        },
        // As it reads: each reference is looked up in turn, until there are enough.
        sql: "SELECT v.body FROM version v WHERE v.version = 1 AND v.type = @type(Observation)@in(v) AND EXISTS (SELECT 1 \
              FROM @by_rid(reference) r1 CROSS JOIN resource p CROSS JOIN @by_rid(reference) r2 CROSS JOIN resource o \
              CROSS JOIN @by_rid(token) i \
              WHERE r1.param = @unit(Observation Reference subject) AND r1.rid = v.seq AND r1.to_seq IS NULL@in(r1) \
              AND p.type = r1.target_type AND p.id = r1.target@in(p) \
              AND r2.param = @unit(Patient Reference generalPractitioner) AND r2.rid = p.rid AND r2.to_seq IS NULL@in(r2) \
              AND o.type = r2.target_type AND o.id = r2.target@in(o) \
              AND i.param = @unit(Practitioner Token identifier) AND i.rid = o.rid AND i.to_seq IS NULL@in(i) \
              AND i.code = ? AND i.system = ?int) ORDER BY v.seq LIMIT 21",
        binds: |n| vec![format!("1-pr{}", 1 + n % 60), hash("https://example.org/practitioner").to_string()],
    },
    Workload {
        name: "_has",
        path: |_| format!("Patient?_has:Observation:patient:code={LOINC}|{RARE}"),
        sql: "SELECT v.body FROM (SELECT DISTINCT o.rid FROM (SELECT DISTINCT r.target, r.target_type FROM @token i \
              CROSS JOIN @by_rid(reference) r WHERE i.param = @unit(Observation Token code) AND i.code = ? \
              AND i.system = ?int AND i.to_seq IS NULL@in(i) AND r.param = @unit(Observation Reference subject) \
              AND r.rid = i.rid AND r.to_seq IS NULL@in(r)) t CROSS JOIN resource o WHERE o.type = t.target_type \
              AND o.id = t.target@in(o)) k CROSS JOIN version v WHERE @current(v k.rid) ORDER BY k.rid LIMIT 21",
        binds: |_| coded(RARE),
    },
    Workload {
        name: "_include",
        path: |n| format!("Encounter?patient=1-p{n}&_include=Encounter:participant"),
        sql: "SELECT v.body FROM (SELECT i.rid AS seq FROM @reference i WHERE i.param = @unit(Encounter Reference subject) \
              AND i.target = ?key AND i.target_type = ?int AND i.to_seq IS NULL@in(i) UNION SELECT o.seq FROM @reference i \
              CROSS JOIN @by_rid(reference) r CROSS JOIN resource o WHERE i.param = @unit(Encounter Reference subject) \
              AND i.target = ?key AND i.target_type = ?int AND i.to_seq IS NULL@in(i) \
              AND r.param = @unit(Encounter Reference participant.individual) AND r.rid = i.rid AND r.to_seq IS NULL@in(r) \
              AND o.type = r.target_type AND o.id = r.target@in(o)) k CROSS JOIN version v WHERE v.seq = k.seq@in(v)",
        binds: |n| [patient(n), patient(n)].concat(),
    },
    Workload {
        name: "quantity range",
        path: |_| "Observation?value-quantity=gt230|http://unitsofmeasure.org|mg/dL".to_owned(),
        sql: "SELECT v.body FROM (SELECT DISTINCT i.rid FROM @quantity_ucum i \
              WHERE i.param = @unit(Observation Quantity value:Quantity|SampledData) AND i.base = ?int AND i.low > ?hex \
              AND i.to_seq IS NULL@in(i)) k CROSS JOIN version v WHERE @current(v k.rid) ORDER BY k.rid LIMIT 21",
        binds: |_| much(),
    },
    Workload {
        name: "compartment",
        path: |n| format!("Patient/1-p{n}/Observation?"),
        sql: "SELECT v.body FROM @compartment i CROSS JOIN version v \
              WHERE i.param = @unit(Observation Compartment Patient subject performer) AND i.target = ?key \
              AND i.to_seq IS NULL@in(i) AND @current(v i.rid) ORDER BY +i.rid LIMIT 21",
        binds: |n| vec![format!("1-p{n}")],
    },
    Workload {
        name: DEEP_PAGING,
        path: |_| format!("Observation?code={LOINC}|{COMMON}"),
        sql: "SELECT v.body FROM @token i CROSS JOIN version v WHERE i.param = @unit(Observation Token code) AND i.code = ? \
              AND i.system = ?int AND i.rid > (SELECT o.rid FROM resource o WHERE o.type = @type(Observation) \
              AND o.id = ?key@in(o)) AND i.to_seq IS NULL@in(i) AND @current(v i.rid) ORDER BY i.rid LIMIT 21",
        binds: |_| coded(COMMON),
    },
    Workload {
        name: "newest first",
        path: |_| "Observation?_sort=-_lastUpdated".to_owned(),
        sql: "SELECT v.body FROM version v WHERE v.type = @type(Observation)@in(v) AND @current(v v.rid) AND NOT v.deleted \
              ORDER BY v.seq DESC LIMIT 21",
        binds: |_| Vec::new(),
    },
    Workload {
        name: "count of a common code",
        path: |_| format!("Observation?code={LOINC}|{COMMON}&_summary=count"),
        sql: "SELECT CAST(count(DISTINCT +i.rid) AS TEXT) FROM @token i WHERE i.param = @unit(Observation Token code) \
              AND i.code = ? AND i.system = ?int AND i.to_seq IS NULL@in(i)",
        binds: |_| coded(COMMON),
    },
    Workload {
        name: "count of a patient's",
        path: |n| format!("Observation?patient=1-p{n}&_summary=count"),
        sql: "SELECT CAST(count(DISTINCT +i.rid) AS TEXT) FROM @reference i \
              WHERE i.param = @unit(Observation Reference subject) AND i.target = ?key AND i.target_type = ?int \
              AND i.to_seq IS NULL@in(i)",
        binds: patient,
    },
];

/// The workload whose path is that of a page link, and whose last bind is the id that the page before ends with.
pub const DEEP_PAGING: &str = "deep paging";

const BY_CODE: &str = "SELECT v.body FROM @token i CROSS JOIN version v \
    WHERE i.param = @unit(Observation Token code) AND i.code = ? AND i.system = ?int AND i.to_seq IS NULL@in(i) \
    AND @current(v i.rid) ORDER BY i.rid LIMIT 21";

/// Twenty-five parameters, one search each: what clients of all sorts ask for.
pub const MIXED: &[fn(u64) -> String] = &[
    |n| format!("Patient?_id=1-p{n}"),
    |n| format!("Patient?identifier=1-{n:08}"),
    |_| "Patient?name=smith".to_owned(),
    |_| "Patient?family=kaczmarek&given=a".to_owned(),
    |n| format!("Patient?birthdate=19{}-0{}", 30 + n % 70, 1 + n % 9),
    |n| format!("Patient?address-city=k%C3%B6ln&gender={}", if n % 2 == 0 { "male" } else { "female" }),
    |n| format!("Patient?telecom=%2B1-{}-555-0{}", 200 + n % 800, 100 + n % 99),
    |n| format!("Patient?general-practitioner=Practitioner/1-pr{}", 1 + n % 60),
    |n| format!("Patient?organization=1-org{}&_sort=family", 1 + n % 30),
    |n| format!("Observation?subject=Patient/1-p{n}"),
    |n| format!("Observation?patient=1-p{n}&category=laboratory"),
    |n| format!("Observation?encounter=1-p{n}-4"),
    |n| format!("Observation?patient=1-p{n}&date=ge2020&_sort=-date"),
    |n| format!("Observation?code-value-quantity=8302-2$gt{}", 190 + n % 5),
    |_| "Observation?value-quantity=lt36.3||Cel".to_owned(),
    |n| format!("Observation?performer=Practitioner/1-pr{}&status=final", 1 + n % 60),
    |n| format!("Observation?patient.identifier=1-{n:08}"),
    |n| format!("DiagnosticReport?patient=1-p{n}&_include=DiagnosticReport:result"),
    |n| format!("DiagnosticReport?issued=gt2025-0{}&code=24331-1", 1 + n % 9),
    |n| format!("Condition?patient=1-p{n}&clinical-status=active"),
    |_| "Condition?code=http://snomed.info/sct|49436004&_sort=-onset-date".to_owned(),
    |n| format!("Encounter?subject=Patient/1-p{n}&date=ge2015"),
    |n| format!("MedicationRequest?patient=1-p{n}&intent=order"),
    |n| format!("Immunization?patient=1-p{n}&vaccine-code=115"),
    |n| format!("Patient?_has:Condition:patient:code=49436004&birthdate=lt19{}", 40 + n % 60),
];
