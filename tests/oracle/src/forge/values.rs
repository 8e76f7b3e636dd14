//! Ordinary and odd values.

/// Stands for a text that is longer than a column.
pub const LONG: &str = "LONG";

/// Stands for a number of more digits than a column holds.
const DIGITS: &str = "DIGITS";

/// What a value stands for.
pub fn written_out(value: &str) -> String {
    match value {
        LONG => "A text of more than six hundred bytes, with accents: àéîõü. ".repeat(12),
        DIGITS => format!("-0.00{}", "1234567890".repeat(130)),
        other => other.to_owned(),
    }
}

/// Values of primitives; those of a name that is not here are of `string`.
#[rustfmt::skip]
pub const VALUES: &[(&str, &[&str])] = &[
    ("integer", &["0", "1", "-5", "2147483647"]),
    ("decimal", &["1.50", "-0.003", "1e3", "100", "0.0", "123456789012345678901234567890.12", "-1E-7", "7", DIGITS]),
    ("date", &["2013", "2013-02", "2012-02-29", "1969-12-31", "0001-01-01", "9999-12-31", "2013-02-30"]),
    ("dateTime", &[
        "2013-12", "2013-01-14T10:00:00Z", "2013-01-14T23:30:00.123456789-05:30", "2016-12-31T23:59:60Z",
        "2013-01-14T00:00:00.5+14:00", "yesterday", "2020-06-15",
    ]),
    ("time", &["10:00:00"]),
    ("string", &[
        "Müller", "  two \t words ", "ΟΔΥΣΣΕΥΣ", "Straße", "a|b\"c\\d\u{1}", "𝔘nicode ﬁ", "\u{a0}", "x", "SNO",
        "http://example.org", LONG,
    ]),
    ("uri", &[
        "http://example.org/a", "http://example.org/a|1.0", "http://example.org/a|b|2", "urn:oid:1.2.3",
        "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", "#here", "Patient/1", "|1", LONG,
    ]),
    ("id", &["a", "53fefa32-fcbb-4ff8-8a92-55ee120877b7", "A-1.b"]),
    ("base64Binary", &["QUJD"]),
];

/// Of references; `T` is a type that they may lead to.
#[rustfmt::skip]
pub const REFERENCES: &[&str] = &[
    "T/1", "T/53fefa32-fcbb-4ff8-8a92-55ee120877b7", "T/a.b/_history/3", "http://example.org/fhir/T/9",
    "T/a_b", "https://example.org/T/9/_history/2", "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", "#c0",
    "#c1", "#nothing", "#", "Patient/p", "Nothing/1", "T/", "T", "/T/1", "a/T/1", "T/1/_history/",
    "T/1#part", "http://example.org/T?x=1", "T/1/2", "53fefa32-fcbb-4ff8-8a92-55ee120877b7", LONG,
];

pub const UNITS: &[&str] = &[
    "mg", "kg", "g/dL", "Cel", "[degF]", "[IU]", "[iU]/mL", "%", "{score}", "[pH]", "mm[Hg]", "mmol/L",
    "/min", "10*3/uL", "a", "u", "no unit", "B", "1", "",
];

pub const SYSTEMS: &[&str] =
    &["http://unitsofmeasure.org", "http://unitsofmeasure.org", "http://loinc.org", "urn:mrn", ""];

/// Of samples.
pub const ORIGINS: &[&str] = &[
    r#"{"value": 1.50, "unit": "g"}"#,
    "{}",
    r#"{"value": 0, "system": "http://unitsofmeasure.org", "code": "mV"}"#,
];

/// What samples are multiplied with.
pub const FACTORS: &[&str] = &["0.1", "-2", "1.25e1"];

pub const SAMPLES: &[&str] = &["1 2.5 E U -3", "E L", "7", "-1e2 0.001 L 12"];
