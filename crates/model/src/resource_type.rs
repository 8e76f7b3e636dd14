//! The resource types of FHIR R4, R4B and R5, each with a number that never changes.
//!
//! Specification: <https://hl7.org/fhir/R4/resourcelist.html>. Abstract types such as `Resource` and
//! `DomainResource` have no number.

mod table;

use std::fmt;
use std::sync::OnceLock;

use crate::definitions::{Index, Release};
use crate::nearest;
use table::{NAMES, TYPES, bit};

/// A concrete FHIR resource type.
///
/// The number is what stores keep: it is explicit in a table, starts at 1, and is never given to another type,
/// so that a later FHIR release can only add numbers.
///
/// ```
/// use rushlight_model::ResourceType;
///
/// let patient = ResourceType::from_name("Patient").ok_or("unknown")?;
/// assert_eq!(patient.name(), "Patient");
/// assert_eq!(ResourceType::from_number(patient.number()), Some(patient));
/// assert_eq!(ResourceType::from_name("patient"), None);
/// assert_eq!(ResourceType::nearest("Patinet"), Some(patient));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(u16);

impl ResourceType {
    /// The type of this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        static BY_NAME: OnceLock<Index> = OnceLock::new();
        let numbered = || Index::new(TYPES.iter().map(|(number, name, _)| (*name, u32::from(*number))));
        let is_named = |number: u32| row(number as u16).is_some_and(|(known, _)| *known == name);
        let number = BY_NAME.get_or_init(numbered).find(name, is_named)?;
        Some(Self(number as u16))
    }

    /// The type that has this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        row(number).map(|_| Self(number))
    }

    /// The type's name, as in `resourceType` and in URLs.
    #[must_use]
    pub fn name(self) -> &'static str {
        row(self.0).map_or("", |(name, _)| *name)
    }

    /// Whether a release of FHIR has the type.
    #[must_use]
    pub fn in_release(self, release: Release) -> bool {
        row(self.0).is_some_and(|(_, releases)| releases & bit(release) != 0)
    }

    /// The type's number: 1 or more, the same in every release and store.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The types of all releases, in the order of their names.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        TYPES.iter().map(|(number, ..)| Self(*number))
    }

    /// The type whose name is most like `name`, if one is like it at all: what the writer may have meant.
    ///
    /// Case does not count, and at most a third of the letters may differ.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        Self::nearest_of(name, Self::all())
    }

    /// [`ResourceType::nearest`] among the types of a release.
    #[must_use]
    pub fn nearest_in(name: &str, release: Release) -> Option<Self> {
        Self::nearest_of(name, Self::all().filter(|ty| ty.in_release(release)))
    }

    fn nearest_of(name: &str, known: impl Iterator<Item = Self>) -> Option<Self> {
        Self::from_name(nearest(name, known.map(Self::name))?)
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceType({})", self.name())
    }
}

/// The name and releases of a number.
fn row(number: u16) -> Option<&'static (&'static str, u8)> {
    NAMES.get(usize::from(number).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_find_each_other() {
        let mut numbers: Vec<u16> = ResourceType::all().map(ResourceType::number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=178).collect::<Vec<u16>>());
        for ty in ResourceType::all() {
            assert_eq!(ResourceType::from_name(ty.name()), Some(ty));
            assert_eq!(ResourceType::from_number(ty.number()), Some(ty));
        }
        assert!(TYPES.is_sorted_by(|a, b| a.1 < b.1));
        assert_eq!(ResourceType::from_number(0), None);
        assert_eq!(ResourceType::from_number(179), None);
    }

    #[test]
    fn releases() {
        for (name, expected) in [
            ("Patient", [true, true, true]),
            ("MedicinalProduct", [true, false, false]),
            ("Media", [true, true, false]),
            ("Citation", [false, true, true]),
            ("Transport", [false, false, true]),
        ] {
            let ty = ResourceType::from_name(name).unwrap();
            assert_eq!(Release::ALL.map(|release| ty.in_release(release)), expected, "{name}");
        }
        // R4's types keep the numbers that they had when there was R4 only.
        assert!(ResourceType::all().all(|ty| ty.in_release(Release::R4) == (ty.number() <= 146)));
    }

    #[test]
    fn numbers_never_change() {
        for (name, number) in [
            ("Account", 1),
            ("Bundle", 12),
            ("Observation", 96),
            ("Patient", 103),
            ("VisionPrescription", 146),
            ("ActorDefinition", 147),
            ("Transport", 178),
        ] {
            assert_eq!(ResourceType::from_name(name).map(ResourceType::number), Some(number), "{name}");
        }
    }

    #[test]
    fn nearest_name() {
        for (input, expected) in [
            ("Patient", Some("Patient")),
            ("patient", Some("Patient")),
            ("Patinet", Some("Patient")),
            ("Patients", Some("Patient")),
            ("Observaton", Some("Observation")),
            ("DiagnosticReports", Some("DiagnosticReport")),
            ("Resource", None),
            ("Zebra", None),
            ("", None),
            ("Ünïcödé", None),
        ] {
            assert_eq!(ResourceType::nearest(input).map(ResourceType::name), expected, "{input}");
        }
        let in_release = |release| ResourceType::nearest_in("Transports", release).map(ResourceType::name);
        assert_eq!(Release::ALL.map(in_release), [None, None, Some("Transport")]);
    }
}
