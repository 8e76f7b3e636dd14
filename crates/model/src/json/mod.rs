//! JSON read strictly and kept as it was written: <https://hl7.org/fhir/R4/json.html>.
//!
//! [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259) and nothing beside it; where the RFC leaves a choice, the
//! choice that cannot lose anything: a name twice in an object, half of a surrogate pair and NUL are refused.
//! Numbers and strings are never decoded and written again, so `1.00` stays `1.00`.

mod difference;
mod error;
mod pretty;
mod scan;
mod text;
mod trail;
mod tree;

pub use difference::Difference;
pub use error::{JsonError, JsonErrorKind, Position, Positions};
pub use pretty::pretty;
pub(crate) use scan::{Sink, scan};
pub use text::{decode, quote};
pub(crate) use trail::trail;
pub use tree::{Tree, Value};

/// How much a reader takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Objects and arrays inside one another; at most.
    pub depth: usize,
    /// Bytes of one body; at most. Never more than 2 GiB, because offsets are kept in 32 bits.
    pub bytes: usize,
    /// Objects, arrays and scalars of one body; at most. Each takes 32 bytes of a [`Tree`], however short it is.
    pub values: usize,
}

impl Limits {
    /// For what was accepted before: within bounds, or what was made of that.
    pub const UNBOUNDED: Self = Self { depth: usize::MAX, bytes: usize::MAX, values: usize::MAX };

    /// For bodies of at most so many bytes: 64 levels, and a value for every eight bytes. FHIR needs far fewer;
    /// without this limit, a body of `[0,0,…]` would take sixteen times its own memory.
    #[must_use]
    pub const fn of_bytes(bytes: usize) -> Self {
        Self { depth: 64, bytes, values: bytes / 8 }
    }
}

impl Default for Limits {
    /// [`Limits::of_bytes`] of 64 MiB.
    fn default() -> Self {
        Self::of_bytes(64 << 20)
    }
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `1.00`
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

#[cfg(test)]
mod tests;
