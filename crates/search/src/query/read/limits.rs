//! How much a search may ask for.

/// Parameters of a query that must hold together, at the most.
pub const CLAUSES: usize = 500;
/// Alternatives of one value, with commas between them, at the most.
pub const ALTERNATIVES: usize = 10_000;
/// Bytes of one alternative, at the most.
pub const VALUE: usize = 4096;
/// References that a chain follows, `_has` among them, at the most; also how deep `_filter` may be nested.
pub const DEPTH: usize = 12;
/// Tests of index entries that one parameter may come to: what is of one form counts once, however many alternatives.
pub const TESTS: usize = 1000;
/// References that all parameters of a query follow, each type that they may lead to counted.
pub const LINKS: usize = 2000;
/// Bytes of a search text that begins a string or is contained in it: so much of long texts is in the index.
pub const TEXT: usize = 560;
/// Keys of `_sort`, at the most.
pub const SORT_KEYS: usize = 6;
/// Values of `_include` and `_revinclude`, at the most of each.
pub const INCLUDES: usize = 100;
/// Characters of a value that are quoted in a refusal.
pub const QUOTED: usize = 64;
