//! Which packages each release is made from, and which of their files hold definitions.

/// A release of FHIR and where its definitions are.
pub struct Release {
    /// Its folder in `schemas/`.
    pub folder: &'static str,
    /// Its full version.
    pub version: &'static str,
    /// The core package first; the others only add value sets and code systems that it lacks.
    pub sources: &'static [Source],
}

/// A package and what is read of it.
pub struct Source {
    /// Its name in the registry of npm.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Files whose names begin so are read, and no others.
    pub files: &'static [&'static str],
}

/// R4's core definitions are in the specification's own Bundles.
const BUNDLES: &[&str] = &[
    "Bundle-types.json",
    "Bundle-resources.json",
    "Bundle-searchParams.json",
    "Bundle-valuesets.json",
    "Bundle-v2-valuesets.json",
    "Bundle-v3-valuesets.json",
];

const DEFINITIONS: &[&str] = &[
    "StructureDefinition-",
    "ValueSet-",
    "CodeSystem-",
    "SearchParameter-",
    "CompartmentDefinition-",
    "OperationDefinition-",
];

/// The code systems of HL7 version 2 and 3 left the core packages after R4.
const TERMINOLOGY: Source =
    Source { package: "hl7.terminology.r4", version: "7.0.1", files: &["ValueSet-", "CodeSystem-"] };

/// All releases.
pub const RELEASES: &[Release] = &[
    Release {
        folder: "r4",
        version: "4.0.1",
        sources: &[Source { package: "hl7.fhir.r4.examples", version: "4.0.1", files: BUNDLES }],
    },
    Release {
        folder: "r4b",
        version: "4.3.0",
        sources: &[
            Source { package: "hl7.fhir.r4b.core", version: "4.3.0", files: DEFINITIONS },
            TERMINOLOGY,
        ],
    },
    Release {
        folder: "r5",
        version: "5.0.0",
        sources: &[Source { package: "hl7.fhir.r5.core", version: "5.0.0", files: DEFINITIONS }, TERMINOLOGY],
    },
];
