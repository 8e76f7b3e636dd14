//! URIs: <https://hl7.org/fhir/R4/search.html#uri>.

use super::super::fault::{Fault, Result, quoted};
use super::super::limits::TEXT;
use super::super::rows::{Meant, Shape, text as text_of};
use super::super::text::plain;
use super::nothing;
use crate::query::Op;
use crate::table::TableId;
use crate::values::cut;

pub(in super::super) fn uri(text: &str) -> Result<Meant> {
    let uri = plain(text)?;
    if uri.is_empty() {
        return Err(nothing("the URI"));
    }
    let shape = Shape::of(TableId::URI).and(0, Op::Is(text_of(cut(&uri))));
    Ok(Meant::one(shape, format!("is {}", quoted(&uri))))
}

/// `:below`: it, and whatever is in it by whole segments of the path.
pub(in super::super) fn below(text: &str) -> Result<Meant> {
    let uri = path(text)?;
    let uri = uri.trim_end_matches('/');
    if uri.is_empty() {
        return Err(nothing("the URI"));
    }
    if uri.len() >= TEXT {
        return Err(Fault::value(format!("it has more than {TEXT} bytes: what is below it is not known")));
    }
    let within = Shape::of(TableId::URI).and(0, Op::Begins(format!("{uri}/")));
    let itself = Shape::of(TableId::URI).and(0, Op::Is(text_of(uri)));
    Ok(Meant { shapes: vec![itself, within], words: format!("is {} or below it", quoted(uri)) })
}

/// `:above`: it, and whatever it is in.
pub(in super::super) fn above(text: &str) -> Result<Meant> {
    const SEGMENTS: usize = 200;
    let uri = path(text)?;
    let mut all = Vec::new();
    for (end, _) in uri.match_indices('/').chain([(uri.len(), "")]) {
        let Some(start) = uri.get(..end).filter(|start| !start.is_empty()) else { continue };
        all.push(text_of(cut(start)));
        if !start.ends_with('/') {
            all.push(text_of(cut(&format!("{start}/"))));
        }
    }
    if all.is_empty() {
        return Err(nothing("the URI"));
    }
    if all.len() > 2 * SEGMENTS {
        return Err(Fault::costly(format!("it has more than {SEGMENTS} segments")));
    }
    let shape = Shape::of(TableId::URI).and(0, Op::OneOf(all));
    Ok(Meant::one(shape, format!("is {} or above it", quoted(&uri))))
}

/// A URI that has a path.
fn path(text: &str) -> Result<String> {
    let uri = plain(text)?;
    if uri.starts_with("urn:") {
        let text = ":above and :below are for URLs, whose paths are hierarchies; a URN has none";
        return Err(Fault::value(text));
    }
    Ok(uri.into_owned())
}
