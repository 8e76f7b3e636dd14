//! What the stand-in values are made of.

#[rustfmt::skip]
pub(super) const CODES: [&str; 20] = [
    "active", "completed", "draft", "final", "amended", "planned", "arrived", "in-progress", "cancelled",
    "unknown", "routine", "urgent", "stat", "asap", "laboratory", "vital-signs", "imaging", "survey",
    "exam", "therapy",
];

pub(super) const PROFILES: [&str; 10] = [
    "http://example.org/fhir/StructureDefinition/core-patient",
    "http://example.org/fhir/StructureDefinition/core-observation",
    "http://example.org/fhir/StructureDefinition/core-condition",
    "http://example.org/fhir/StructureDefinition/core-encounter",
    "http://example.org/fhir/StructureDefinition/core-procedure",
    "http://example.org/fhir/StructureDefinition/vital-signs",
    "http://example.org/fhir/StructureDefinition/blood-pressure",
    "http://example.org/fhir/StructureDefinition/body-weight",
    "http://example.org/fhir/StructureDefinition/laboratory-result",
    "http://example.org/fhir/StructureDefinition/medication-request",
];

/// As it is searched, and as it is written.
#[rustfmt::skip]
pub(super) const SYLLABLES: [(&str, &str); 28] = [
    ("an", "an"), ("ber", "ber"), ("cor", "cor"), ("da", "dá"), ("el", "él"), ("fre", "fre"), ("go", "gö"),
    ("hal", "hal"), ("is", "is"), ("jo", "jo"), ("kar", "kår"), ("lin", "lin"), ("mu", "mü"), ("ne", "né"),
    ("or", "ör"), ("pe", "pe"), ("quin", "quin"), ("ro", "ro"), ("sen", "sen"), ("ta", "ta"), ("ul", "ül"),
    ("vi", "vi"), ("wen", "wen"), ("xa", "xa"), ("yl", "yl"), ("zo", "zo"), ("ga", "ğa"), ("na", "ña"),
];
