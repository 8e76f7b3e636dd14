//! Contained resources in the index: <https://hl7.org/fhir/R4/references.html#contained>.
//!
//! Their entries are those of their own type's units, set apart from those of stored resources: a bit is set in the
//! unit's number, and in the place of the resource's key is one of theirs, made from their container's and from an
//! ordinal. What looks for stored resources finds none of them, and those of one container are neighbours.

use rushlight_model::Id;

/// Set in a unit's number where its entries are a contained resource's.
pub const UNITS: i32 = 1 << 30;

/// Bits of the ordinal in a contained resource's key.
pub const BITS: u32 = 20;

/// The ordinal's part of a key, and the greatest that there is.
pub const ORDINAL: i64 = (1 << BITS) - 1;

/// Begins the target of a reference to a contained resource.
pub const MARK: u8 = 2;

/// The number of a unit, whoever's entries they are.
#[must_use]
pub fn unit(param: i32) -> i32 {
    param & !UNITS
}

/// The key of a container's contained resource, by its ordinal; of the container itself with 0.
#[must_use]
pub fn key(rid: i64, ordinal: u32) -> i64 {
    if ordinal == 0 { rid } else { rid << BITS | i64::from(ordinal) }
}

/// What a reference to a contained resource of this id has as its target.
#[must_use]
pub fn target(id: &Id) -> Vec<u8> {
    let mut target = vec![MARK];
    target.extend_from_slice(id.as_str().as_bytes());
    target
}

/// The id in the target of a reference to a contained resource; empty for the container.
pub(crate) fn id_of(target: &[u8]) -> Option<&str> {
    match target.split_first() {
        Some((&MARK, id)) => std::str::from_utf8(id).ok(),
        _ => None,
    }
}
