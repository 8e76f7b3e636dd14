//! Strings: <https://hl7.org/fhir/R4/search.html#string>.

use super::super::fault::{Fault, Result, quoted};
use super::super::limits::TEXT;
use super::super::rows::{Meant, Shape, text as text_of};
use super::super::text::plain;
use super::nothing;
use crate::query::{Op, Scalar};
use crate::table::TableId;
use crate::values::{cut, hash, normal};

const NORMAL: usize = 0;
const EXACT: usize = 1;

/// A text as it is compared, if it is one that can be.
fn normalised(text: &str) -> Result<String> {
    let normal = normal(&plain(text)?);
    if normal.is_empty() {
        return Err(Fault::value(format!(
            "{} has nothing in it that could be compared without case and accents",
            quoted(text)
        )));
    }
    if normal.len() > TEXT {
        return Err(Fault::value(format!(
            "it has more than {TEXT} bytes; longer texts are only found as a whole, by :exact"
        )));
    }
    Ok(normal)
}

/// The test of a beginning, and that in words.
pub(super) fn begins(text: &str) -> Result<(Op, String)> {
    let normal = normalised(text)?;
    let words = format!("begins with {}", quoted(&normal));
    Ok((Op::Begins(normal), words))
}

pub(in super::super) fn starts(text: &str) -> Result<Meant> {
    let (op, words) = begins(text)?;
    Ok(Meant::one(Shape::of(TableId::STRING).and(NORMAL, op), words))
}

pub(in super::super) fn contains(text: &str) -> Result<Meant> {
    let normal = normalised(text)?;
    let words = format!("contains {}", quoted(&normal));
    Ok(Meant::one(Shape::of(TableId::STRING).and(NORMAL, Op::Contains(normal)), words))
}

/// The whole text, with its case and accents. Its normal text leads to few entries, the hash says which.
pub(in super::super) fn exact(text: &str) -> Result<Meant> {
    let text = plain(text)?;
    if text.is_empty() {
        return Err(nothing("the text"));
    }
    let shape = Shape::of(TableId::STRING)
        .and(NORMAL, Op::Is(text_of(cut(&normal(&text)))))
        .and(EXACT, Op::Is(Scalar::Int(hash(&text))));
    Ok(Meant::one(shape, format!("is exactly {}", quoted(&text))))
}

/// The whole text, without case and accents.
pub(in super::super) fn equals(text: &str) -> Result<Meant> {
    let normal = normal(&plain(text)?);
    if normal.is_empty() {
        return Err(nothing("the text"));
    }
    let words = format!("is {}, whatever its case and accents", quoted(&normal));
    Ok(Meant::one(Shape::of(TableId::STRING).and(NORMAL, Op::Is(text_of(cut(&normal)))), words))
}

/// The words of a text, for `_text` and `_content`: all must be there.
pub(in super::super) fn words(text: &str) -> Result<Vec<String>> {
    let normal = normal(&plain(text)?);
    let words = normal.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(|word| cut(word).into_owned()).collect();
    words.sort();
    words.dedup();
    if words.is_empty() {
        Err(Fault::value(format!("{} has no word in it", quoted(text))))
    } else {
        Ok(words)
    }
}
