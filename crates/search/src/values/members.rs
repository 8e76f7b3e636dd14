//! Reading what an element's JSON has.

use std::borrow::Cow;

use rushlight_model::json::{Kind, Value, decode};

/// The members of these names, in one pass.
#[inline]
pub(super) fn members<'t, const N: usize>(
    object: Option<Value<'t>>,
    names: [&str; N],
) -> [Option<Value<'t>>; N] {
    let mut found = [None; N];
    for child in object.into_iter().flat_map(Value::children) {
        let Some(name) = child.written_name() else { continue };
        let at = match names.iter().position(|wanted| *wanted == name) {
            // Names are seldom written with escapes.
            None if name.bytes().any(|byte| byte == b'\\') => {
                let name = decode(name);
                names.iter().position(|wanted| *wanted == name)
            }
            at => at,
        };
        if let Some(place) = at.and_then(|at| found.get_mut(at)) {
            *place = Some(child);
        }
    }
    found
}

/// The items of an array.
pub(super) fn items<'t>(array: Option<Value<'t>>) -> impl Iterator<Item = Value<'t>> {
    array.filter(|value| value.kind() == Kind::Array).into_iter().flat_map(Value::children)
}

/// What a string says; empty if there is none.
pub(super) fn said(value: Option<Value<'_>>) -> Cow<'_, str> {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// A primitive's text: of a number, its digits.
pub(super) fn written(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    let value = value?;
    match value.kind() {
        Kind::String => value.as_str(),
        Kind::Number | Kind::Boolean => Some(Cow::Borrowed(value.raw())),
        Kind::Object | Kind::Array | Kind::Null => None,
    }
}
