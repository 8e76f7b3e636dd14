//! Collections of which one item is wanted: <https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections>.

use crate::error::{ErrorKind, Fault};
use crate::value::{Item, Items, Value};

pub(crate) fn not_single(what: &'static str, count: usize, at: u32) -> Fault {
    Fault::new(at, ErrorKind::NotSingle { what: what.into(), count })
}

pub(crate) fn mismatch(what: &'static str, expected: &'static str, found: &Item<'_>, at: u32) -> Fault {
    let found = found.type_info().to_string();
    Fault::new(at, ErrorKind::Mismatch { what: what.into(), expected: expected.into(), found })
}

/// The only item, or none.
pub(crate) fn single<'i, 't>(
    items: &'i Items<'t>,
    what: &'static str,
    at: u32,
) -> Result<Option<&'i Item<'t>>, Fault> {
    match items.as_slice() {
        [] => Ok(None),
        [item] => Ok(Some(item)),
        more => Err(not_single(what, more.len(), at)),
    }
}

/// The Boolean that a collection stands for: that of its item, `true` if that is something else.
pub(crate) fn truth(items: &Items<'_>, what: &'static str, at: u32) -> Result<Option<bool>, Fault> {
    Ok(single(items, what, at)?.map(|item| match item.value() {
        Some(Value::Boolean(value)) => value,
        _ => true,
    }))
}

/// The Integer of a collection.
pub(crate) fn integer(items: &Items<'_>, what: &'static str, at: u32) -> Result<Option<i64>, Fault> {
    let Some(item) = single(items, what, at)? else { return Ok(None) };
    match item.value() {
        Some(Value::Integer(value)) => Ok(Some(value)),
        _ => Err(mismatch(what, "an Integer", item, at)),
    }
}
