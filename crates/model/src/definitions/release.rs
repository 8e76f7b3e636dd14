//! The releases of FHIR, and the text of their definitions.

use std::fmt;

/// A release of FHIR that Rushlight speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// <https://hl7.org/fhir/R4/>
    R4,
    /// <https://hl7.org/fhir/R4B/>
    R4B,
    /// <https://hl7.org/fhir/R5/>
    R5,
}

impl Release {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::R4, Self::R4B, Self::R5];

    /// The full version, as in `fhirVersion`.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::R4 => "4.0.1",
            Self::R4B => "4.3.0",
            Self::R5 => "5.0.0",
        }
    }

    /// The version's first two numbers, as in the media type's parameter `fhirVersion`.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::R4 => "4.0",
            Self::R4B => "4.3",
            Self::R5 => "5.0",
        }
    }

    /// The release of this [`Release::short`] version.
    #[must_use]
    pub fn from_short(short: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|release| release.short() == short)
    }

    /// The text of its definitions.
    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Self::R4 => &R4,
            Self::R4B => &R4B,
            Self::R5 => &R5,
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The files of a release in the folder `schemas`.
pub(super) struct Texts {
    pub(super) types: &'static str,
    pub(super) codes: &'static str,
    pub(super) search: &'static str,
    pub(super) compartments: &'static str,
    pub(super) operations: &'static str,
}

macro_rules! texts {
    ($folder:literal) => {
        Texts {
            types: include_str!(concat!("../../../../schemas/", $folder, "/types.tsv")),
            codes: include_str!(concat!("../../../../schemas/", $folder, "/codes.tsv")),
            search: include_str!(concat!("../../../../schemas/", $folder, "/search.tsv")),
            compartments: include_str!(concat!("../../../../schemas/", $folder, "/compartments.tsv")),
            operations: include_str!(concat!("../../../../schemas/", $folder, "/operations.tsv")),
        }
    };
}

static R4: Texts = texts!("r4");
static R4B: Texts = texts!("r4b");
static R5: Texts = texts!("r5");
