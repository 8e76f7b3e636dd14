//! Strings: <https://hl7.org/fhirpath/N1/#string-manipulation>. Places in them are counted in characters, from 0.

use std::borrow::Cow;

use regex::Regex;

use crate::evaluate::{Evaluator, Input, Result, mismatch};
use crate::program::regex;
use crate::value::{Item, Items, Value, boolean, one, string};

/// What a function says of the input and its argument; empty if one of the two is.
fn with_argument<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
    says: impl FnOnce(&str, &str) -> Value<'t>,
) -> Result<'t> {
    let (text, argument) = (input.string()?, input.string_argument(evaluator, 0)?);
    let (Some(text), Some(argument)) = (text, argument) else { return Ok(Items::new()) };
    evaluator.spend(input.at(), text.len() / 16)?;
    Ok(one(says(&text, &argument)))
}

/// The number of a character at an offset in bytes; -1 if there is none.
fn place(text: &str, offset: Option<usize>) -> Value<'static> {
    let place = offset.and_then(|offset| text.get(..offset)).map(|before| before.chars().count());
    Value::Integer(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
}

pub(super) fn index_of<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    with_argument(evaluator, &input, |text, part| place(text, text.find(part)))
}

pub(super) fn last_index_of<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    with_argument(evaluator, &input, |text, part| place(text, text.rfind(part)))
}

pub(super) fn starts_with<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    with_argument(evaluator, &input, |text, part| Value::Boolean(text.starts_with(part)))
}

pub(super) fn ends_with<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    with_argument(evaluator, &input, |text, part| Value::Boolean(text.ends_with(part)))
}

pub(super) fn contains<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    with_argument(evaluator, &input, |text, part| Value::Boolean(text.contains(part)))
}

/// Empty if the start lies outside.
pub(super) fn substring<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (text, start) = (input.string()?, input.integer_argument(evaluator, 0)?);
    let (Some(text), Some(start)) = (text, start) else { return Ok(Items::new()) };
    let length = input.integer_argument(evaluator, 1)?;
    evaluator.spend(input.at(), text.len() / 16)?;
    let offset = |text: &str, count: i64| {
        let count = usize::try_from(count).ok()?;
        text.char_indices().nth(count).map(|(offset, _)| offset)
    };
    let Some(start) = offset(&text, start) else { return Ok(Items::new()) };
    let part = |text: &str| {
        let rest = text.get(start..)?;
        let end = length.map_or(Some(rest.len()), |length| offset(rest, length.max(0))).unwrap_or(rest.len());
        Some(start..start + end)
    };
    let range = part(&text).unwrap_or_default();
    Ok(string(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
    }))
}

/// What becomes of the input; empty if it is.
fn mapped<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
    becomes: impl FnOnce(&str) -> String,
) -> Result<'t> {
    match input.string()? {
        Some(text) => evaluator.text(input.at(), becomes(&text)),
        None => Ok(Items::new()),
    }
}

pub(super) fn upper<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    mapped(evaluator, &input, str::to_uppercase)
}

pub(super) fn lower<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    mapped(evaluator, &input, str::to_lowercase)
}

pub(super) fn trim<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    mapped(evaluator, &input, |text| text.trim().to_owned())
}

pub(super) fn length<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let length = |text: Cow<'_, str>| i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    Ok(input.string()?.map(|text| one(Value::Integer(length(text)))).unwrap_or_default())
}

pub(super) fn to_chars<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(text) = input.string()? else { return Ok(Items::new()) };
    let most = evaluator.environment.budget.items.saturating_add(1);
    let chars = text.chars().take(most).map(|char| Value::String(char.to_string().into()).into()).collect();
    evaluator.bounded(input.at(), chars)
}

pub(super) fn split<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (text, separator) = (input.string()?, input.string_argument(evaluator, 0)?);
    let (Some(text), Some(separator)) = (text, separator) else { return Ok(Items::new()) };
    let most = evaluator.environment.budget.items.saturating_add(1);
    let part = |part: &str| Item::Value(Value::String(part.to_owned().into()));
    let parts = text.split(&*separator).take(most).map(part).collect();
    evaluator.bounded(input.at(), parts)
}

pub(super) fn join<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let separator = input.string_argument(evaluator, 0)?.unwrap_or_default();
    let mut joined = String::new();
    for (index, item) in input.items.iter().enumerate() {
        let Some(Value::String(text)) = item.value() else {
            return Err(mismatch("join", "Strings", item, input.at()));
        };
        joined.push_str(if index == 0 { "" } else { &separator });
        joined.push_str(&text);
        if joined.len() > evaluator.environment.budget.bytes {
            break;
        }
    }
    evaluator.text(input.at(), joined)
}

pub(super) fn replace<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let text = input.string()?;
    let (pattern, by) = (input.string_argument(evaluator, 0)?, input.string_argument(evaluator, 1)?);
    let (Some(text), Some(pattern), Some(by)) = (text, pattern, by) else { return Ok(Items::new()) };
    let places = text.matches(&*pattern).count();
    bounded_growth(evaluator, input.at(), text.len(), places, by.len())?;
    evaluator.text(input.at(), text.replace(&*pattern, &by))
}

/// An error before a text is made that is too long.
fn bounded_growth(
    evaluator: &mut Evaluator<'_>,
    at: u32,
    length: usize,
    places: usize,
    each: usize,
) -> std::result::Result<(), crate::error::Fault> {
    let most = evaluator.environment.budget.bytes;
    if length.saturating_add(places.saturating_mul(each)) > most.saturating_mul(2) {
        let kind = crate::error::ErrorKind::Limit { what: "bytes in a string", most };
        return Err(crate::error::Fault::new(at, kind));
    }
    evaluator.spend(at, places)
}

/// The pattern of the first argument; compiled now unless it is constant.
fn pattern<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
) -> std::result::Result<Option<Cow<'t, Regex>>, crate::error::Fault> {
    if let Some(regex) = &input.call.regex {
        return Ok(Some(Cow::Borrowed(regex)));
    }
    let Some(pattern) = input.string_argument(evaluator, 0)? else { return Ok(None) };
    evaluator.spend(input.at(), 100 + pattern.len() * 10)?;
    Ok(Some(Cow::Owned(regex(&pattern, input.name() == "matchesFull", input.at())?)))
}

pub(super) fn matches<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (text, pattern) = (input.string()?, pattern(evaluator, &input)?);
    let (Some(text), Some(pattern)) = (text, pattern) else { return Ok(Items::new()) };
    evaluator.spend(input.at(), text.len() / 16)?;
    Ok(boolean(pattern.is_match(&text)))
}

/// An empty pattern changes nothing. `$1` and `${name}` stand for groups.
pub(super) fn replace_matches<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (text, pattern) = (input.string()?, pattern(evaluator, &input)?);
    let by = input.string_argument(evaluator, 1)?;
    let (Some(text), Some(pattern), Some(by)) = (text, pattern, by) else { return Ok(Items::new()) };
    if pattern.as_str().is_empty() {
        return Ok(string(text));
    }
    let places = pattern.find_iter(&text).count();
    // A group may stand in the replacement several times, and is no longer than the text.
    let groups = by.matches('$').count().saturating_mul(text.len());
    bounded_growth(evaluator, input.at(), text.len(), places, by.len().saturating_add(groups))?;
    evaluator.text(input.at(), pattern.replace_all(&text, braced(&by).as_str()).into_owned())
}

/// `$1a` is group 1 and an `a`, where Rust would look for a group of the name `1a`.
fn braced(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len() + 2);
    let mut chars = replacement.chars().peekable();
    while let Some(char) = chars.next() {
        out.push(char);
        if char == '$' && chars.peek().is_some_and(char::is_ascii_digit) {
            out.push('{');
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                out.push(digit);
            }
            out.push('}');
        }
    }
    out
}
