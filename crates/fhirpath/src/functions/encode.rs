//! Other spellings of strings: <https://hl7.org/fhirpath/#additional-string-functions>.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use rushlight_model::json;

use crate::evaluate::{Evaluator, Input, Result};
use crate::value::Items;

/// What a spelling of this name makes of the input; empty if it is not known, or makes nothing of it.
fn spelled<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
    spell: impl FnOnce(&str, &str) -> Option<String>,
) -> Result<'t> {
    let (text, name) = (input.string()?, input.string_argument(evaluator, 0)?);
    let (Some(text), Some(name)) = (text, name) else { return Ok(Items::new()) };
    match spell(&name, &text) {
        Some(text) => evaluator.text(input.at(), text),
        None => Ok(Items::new()),
    }
}

pub(super) fn encode<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    spelled(evaluator, &input, |name, text| match name {
        "hex" => Some(text.bytes().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Some(STANDARD.encode(text)),
        "urlbase64" => Some(URL_SAFE.encode(text)),
        _ => None,
    })
}

pub(super) fn decode<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    spelled(evaluator, &input, |name, text| {
        let bytes = match name {
            "hex" => hexadecimal(text)?,
            "base64" => STANDARD.decode(text).ok()?,
            "urlbase64" => URL_SAFE.decode(text).ok()?,
            _ => return None,
        };
        String::from_utf8(bytes).ok()
    })
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|char| char.to_digit(16)).collect();
    let pairs = digits.filter(|digits| digits.len() % 2 == 0)?;
    let (pairs, _) = pairs.as_chunks::<2>();
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

/// Characters that HTML writes otherwise; the ampersand is the first to be escaped and the last to come back.
const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

pub(super) fn escape<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    spelled(evaluator, &input, |name, text| match name {
        "html" => Some(HTML.iter().fold(text.to_owned(), |text, (char, escape)| text.replace(char, escape))),
        "json" => {
            let mut quoted = String::new();
            json::quote(&mut quoted, text);
            quoted.get(1..quoted.len() - 1).map(str::to_owned)
        }
        _ => None,
    })
}

pub(super) fn unescape<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    spelled(evaluator, &input, |name, text| match name {
        "html" => {
            Some(HTML.iter().rev().fold(text.to_owned(), |text, (char, escape)| text.replace(escape, char)))
        }
        "json" => Some(json::decode(text).into_owned()),
        _ => None,
    })
}
