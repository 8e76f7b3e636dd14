//! The few members of a resource that the server itself reads, found while the text is scanned.

use std::ops::Range;

use super::error::{BodyError, BodyErrorKind};
use crate::json::{Kind, Position, Sink, decode};
use crate::{Id, ResourceType};

/// Where `resourceType`, `id` and `meta` are in the compact text.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) ty: Option<Found>,
    pub(super) id: Option<Found>,
    pub(super) meta: Option<Found>,
    /// The members of `meta` that the client owns, from the name to the end of the value.
    pub(super) meta_members: Vec<Range<usize>>,
    /// Whether `meta` has members that the server owns.
    pub(super) meta_drops: bool,
    root: Option<(Kind, usize)>,
    depth: usize,
    /// The member of the resource that is being read, and where its name begins.
    member: Member,
    member_at: usize,
    /// The same for a member of `meta`; `None` if the server owns it.
    meta_member: Option<usize>,
}

/// A member that was found.
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Where its name begins.
    pub(super) name: usize,
    pub(super) value: Range<usize>,
    source: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Member {
    ResourceType,
    Id,
    Meta,
    #[default]
    Other,
}

impl Outline {
    /// Checks what was found; `source` is the text that was scanned, for positions.
    pub(super) fn check(&self, text: &str, source: &[u8]) -> Result<ResourceType, BodyError> {
        let root = self.root.map_or(0, |(_, source)| source);
        let fail = |kind, at, expression| BodyError { kind, position: Position::of(source, at), expression };
        if self.root.is_none_or(|(kind, _)| kind != Kind::Object) {
            return Err(fail(BodyErrorKind::NotAnObject, root, None));
        }
        let Some(ty) = &self.ty else { return Err(fail(BodyErrorKind::NoResourceType, root, None)) };
        let known = resource_type(ty.kind, text.get(ty.value.clone()).unwrap_or_default())
            .map_err(|kind| fail(kind, ty.source, None))?;
        if let Some(id) = &self.id {
            check_id(id.kind, text.get(id.value.clone()).unwrap_or_default())
                .map_err(|kind| fail(kind, id.source, Some(format!("{known}.id"))))?;
        }
        if let Some(meta) = &self.meta {
            check_meta(meta.kind).map_err(|kind| fail(kind, meta.source, Some(format!("{known}.meta"))))?;
        }
        Ok(known)
    }

    fn found(&mut self, kind: Kind, value: Range<usize>, source: usize) {
        let found = Found { kind, name: self.member_at, value, source };
        match std::mem::take(&mut self.member) {
            Member::ResourceType => self.ty = Some(found),
            Member::Id => self.id = Some(found),
            Member::Meta => self.meta = Some(found),
            Member::Other => {}
        }
    }

    fn in_meta(&self) -> bool {
        self.depth == 2 && self.member == Member::Meta
    }

    /// A value has ended in the object or array that is now innermost.
    fn ended(&mut self, end: usize) {
        if self.in_meta()
            && let Some(start) = self.meta_member.take()
        {
            self.meta_members.push(start..end);
        }
    }
}

/// The type that a `resourceType`'s value, as written, names.
pub(crate) fn resource_type(kind: Kind, raw: &str) -> Result<ResourceType, BodyErrorKind> {
    if kind != Kind::String {
        return Err(BodyErrorKind::WrongKind { member: "resourceType", expected: "a string" });
    }
    let name = decode(inside(raw));
    ResourceType::from_name(&name).ok_or_else(|| BodyErrorKind::UnknownResourceType {
        found: name.chars().take(64).collect(),
        nearest: ResourceType::nearest(&name).map(ResourceType::name),
    })
}

/// Whether an `id`'s value, as written, is an id.
pub(crate) fn check_id(kind: Kind, raw: &str) -> Result<(), BodyErrorKind> {
    if kind != Kind::String {
        return Err(BodyErrorKind::WrongKind { member: "id", expected: "a string" });
    }
    Id::check(&decode(inside(raw))).map_err(BodyErrorKind::InvalidId)
}

/// Whether a `meta` is an object.
pub(crate) fn check_meta(kind: Kind) -> Result<(), BodyErrorKind> {
    match kind {
        Kind::Object => Ok(()),
        _ => Err(BodyErrorKind::WrongKind { member: "meta", expected: "an object" }),
    }
}

fn inside(raw: &str) -> &str {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}

impl Sink for Outline {
    fn open(&mut self, kind: Kind, at: usize, source: usize) {
        match self.depth {
            0 => self.root = Some((kind, source)),
            1 if self.member == Member::Meta => {
                self.meta = Some(Found { kind, name: self.member_at, value: at..at, source });
            }
            1 => self.found(kind, at..at, source),
            _ => {}
        }
        self.depth += 1;
    }

    fn close(&mut self, end: usize) {
        self.depth -= 1;
        self.ended(end);
        if self.depth == 1
            && std::mem::take(&mut self.member) == Member::Meta
            && let Some(meta) = &mut self.meta
        {
            meta.value.end = end;
        }
    }

    fn name(&mut self, name: &str, at: usize, _length: usize) {
        if self.depth == 1 {
            self.member_at = at;
            self.member = match name {
                "resourceType" => Member::ResourceType,
                "id" => Member::Id,
                "meta" => Member::Meta,
                _ => Member::Other,
            };
        } else if self.in_meta() {
            let owned = matches!(name, "versionId" | "lastUpdated");
            self.meta_drops |= owned;
            self.meta_member = (!owned).then_some(at);
        }
    }

    fn scalar(&mut self, kind: Kind, raw: &str, at: usize, source: usize) {
        match self.depth {
            0 => self.root = Some((kind, source)),
            1 => self.found(kind, at..at + raw.len(), source),
            _ => self.ended(at + raw.len()),
        }
    }
}
