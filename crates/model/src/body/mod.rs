//! Bodies: resources as they are stored.
//!
//! The text is the client's, in its own order and spelling, without white space and without `meta.versionId`
//! and `meta.lastUpdated`: those belong to the version, and [`splice_meta`] puts them back on output.

mod error;
mod outline;

use std::ops::Range;

pub(crate) use error::suggestion;
pub use error::{BodyError, BodyErrorKind};
use outline::Outline;
pub(crate) use outline::{check_id, check_meta, resource_type};

use crate::instant::{write_decimal, write_instant};
use crate::json::{Kind, Limits, Tree, decode, trail};
use crate::{Id, ResourceType};

/// A resource's compact text, and what a store has to know about it.
///
/// ```
/// use rushlight_model::{Body, Id, Limits, splice_meta};
///
/// let input = br#"{ "resourceType": "Observation", "meta": {"versionId": "7"}, "valueQuantity": {"value": 1.00} }"#;
/// let body = Body::parse(input, &Limits::default())?.with_id(&Id::new("o1")?);
/// assert_eq!(body.text(), r#"{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.00}}"#);
///
/// let mut out = Vec::new();
/// splice_meta(&mut out, body.text().as_bytes(), body.splice(), 8, 0);
/// let out = String::from_utf8(out)?;
/// assert!(out.contains(r#""id":"o1","meta":{"versionId":"8","lastUpdated":"1970-01-01T00:00:00.000000Z"},"value"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    text: String,
    ty: ResourceType,
    /// Where the value of `resourceType` ends.
    type_end: usize,
    /// The inside of the value of `id`.
    id: Option<Range<usize>>,
    /// Right after the `{` of `meta`, if there is one.
    meta: Option<usize>,
}

impl Body {
    /// Reads a resource: any JSON object that has a known `resourceType`, and a valid `id` and `meta` if any.
    ///
    /// # Errors
    /// When the text is not JSON as [`crate::json`] wants it, is beyond the limits, or is no such object.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, BodyError> {
        Self::from_tree(tree(bytes, limits)?, bytes)
    }

    /// The body of a resource that is parsed already; `bytes` is the text that it was parsed from.
    ///
    /// # Errors
    /// When it is no object with a known `resourceType`, or has an `id` or `meta` that can't be one.
    pub fn from_tree(tree: Tree, bytes: &[u8]) -> Result<Self, BodyError> {
        let outline = Outline::of(tree.root());
        let ty = outline.check(tree.root(), bytes)?;
        let text = tree.into_text();
        match &outline.id {
            Some(id) if text.get(id.value.clone()).is_some_and(|raw| raw.contains('\\')) => {
                Self::parse(respelled(text, &outline).as_bytes(), &Limits::UNBOUNDED)
            }
            _ => Ok(Self::assemble(text, ty, &outline)),
        }
    }

    /// A body as a store has it; `splice` is what [`Body::splice`] said.
    ///
    /// # Errors
    /// When the text is no stored body, or not the one that belongs to `splice`.
    pub fn from_stored(text: String, splice: i32) -> Result<Self, BodyError> {
        let body = Self::parse(text.as_bytes(), &Limits::UNBOUNDED)?;
        if body.text == text && body.splice() == splice { Ok(body) } else { Err(BodyError::damaged()) }
    }

    /// Takes the server's members out of `meta`, and `meta` out if nothing else is in it.
    fn assemble(mut text: String, ty: ResourceType, outline: &Outline) -> Self {
        let type_end = outline.ty.as_ref().map_or(0, |found| found.value.end);
        let id = outline.id.as_ref().map(|found| found.value.start + 1..found.value.end - 1);
        let Some(meta) = &outline.meta else { return Self { text, ty, type_end, id, meta: None } };
        if !outline.meta_drops && !outline.meta_members.is_empty() {
            return Self { text, ty, type_end, id, meta: Some(meta.value.start + 1) };
        }
        let kept: Vec<&str> =
            outline.meta_members.iter().filter_map(|member| text.get(member.clone())).collect();
        let (edit, replacement) = if kept.is_empty() {
            (without(&text, meta.name..meta.value.end), String::new())
        } else {
            (meta.value.clone(), format!("{{{}}}", kept.join(",")))
        };
        let shift = |at: usize| if at >= edit.end { at - edit.len() + replacement.len() } else { at };
        let meta = (!replacement.is_empty()).then_some(meta.value.start + 1);
        let (type_end, id) = (shift(type_end), id.map(|id| shift(id.start)..shift(id.end)));
        text.replace_range(edit, &replacement);
        Self { text, ty, type_end, id, meta }
    }

    /// The resource's type.
    #[must_use]
    pub fn resource_type(&self) -> ResourceType {
        self.ty
    }

    /// The resource's id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text.get(self.id.clone()?)
    }

    /// The same resource under this id: in the place of the one that it has, else right after `resourceType`.
    #[must_use]
    pub fn with_id(mut self, id: &Id) -> Self {
        if self.id() == Some(id.as_str()) {
            return self;
        }
        let before = self.text.len();
        let (edited, start) = match self.id.take() {
            Some(old) => {
                self.text.replace_range(old.clone(), id.as_str());
                (old.end, old.start)
            }
            None => {
                const MEMBER: &str = ",\"id\":\"";
                let mut member = String::with_capacity(MEMBER.len() + id.as_str().len() + 1);
                member.push_str(MEMBER);
                member.push_str(id.as_str());
                member.push('"');
                self.text.insert_str(self.type_end, &member);
                (self.type_end, self.type_end + MEMBER.len())
            }
        };
        self.id = Some(start..start + id.as_str().len());
        let after = self.text.len();
        let shift = |at: usize| at + after - before;
        self.meta = self.meta.map(|meta| if meta > edited { shift(meta) } else { meta });
        if self.type_end > edited {
            self.type_end = shift(self.type_end);
        }
        self
    }

    /// The compact text, without `meta.versionId` and `meta.lastUpdated`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compact text, taken out.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// Where [`splice_meta`] puts `meta.versionId` and `meta.lastUpdated`.
    ///
    /// Positive: the offset right after `"meta":{`, where two members go before others. Negative: there is no
    /// `meta`; the offset, negated, right after a member that a whole `meta` can follow. Never zero.
    #[must_use]
    pub fn splice(&self) -> i32 {
        // The scanner takes no text whose offsets do not fit.
        let short = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
        match (self.meta, &self.id) {
            (Some(meta), _) => short(meta),
            (None, Some(id)) => -short(id.end + 1),
            (None, None) => -short(self.type_end),
        }
    }
}

/// Reads a text that should be a resource.
///
/// # Errors
/// When it is not JSON as [`crate::json`] wants it, or is beyond the limits.
pub fn tree(bytes: &[u8], limits: &Limits) -> Result<Tree, BodyError> {
    Tree::parse(bytes, limits).map_err(|error| BodyError {
        kind: BodyErrorKind::Json(error.kind),
        position: error.position,
        expression: trail(bytes, limits),
    })
}

/// Writes a stored body as the full resource, with `meta.versionId` and `meta.lastUpdated`.
///
/// `splice` is what [`Body::splice`] said of this text; the time is in microseconds since 1970.
pub fn splice_meta(out: &mut Vec<u8>, text: &[u8], splice: i32, version: i64, last_updated_micros: i64) {
    let at = usize::try_from(splice.unsigned_abs()).unwrap_or(usize::MAX);
    let (before, after) = text.split_at_checked(at).unwrap_or((text, &[]));
    out.reserve(text.len() + 96);
    out.extend_from_slice(before);
    out.extend_from_slice(if splice < 0 { b",\"meta\":{\"versionId\":\"" } else { b"\"versionId\":\"" });
    write_decimal(out, version.max(0), 1);
    out.extend_from_slice(b"\",\"lastUpdated\":\"");
    write_instant(out, last_updated_micros);
    out.extend_from_slice(if splice < 0 { b"\"}" } else { b"\"," });
    out.extend_from_slice(after);
}

/// A member's range together with one comma beside it.
fn without(text: &str, member: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    if bytes.get(member.end) == Some(&b',') {
        member.start..member.end + 1
    } else if member.start > 0 && bytes.get(member.start - 1) == Some(&b',') {
        member.start - 1..member.end
    } else {
        member
    }
}

/// The text with its id spelled without escapes, so that an id is the same bytes everywhere.
fn respelled(mut text: String, outline: &Outline) -> String {
    if let Some(id) = outline.id.as_ref().filter(|id| id.kind == Kind::String) {
        let inside = id.value.start + 1..id.value.end - 1;
        let plain = text.get(inside.clone()).map(|raw| decode(raw).into_owned()).unwrap_or_default();
        text.replace_range(inside, &plain);
    }
    text
}

#[cfg(test)]
mod tests;
