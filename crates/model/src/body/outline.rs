//! The few members of a resource that the server itself reads, and where they are in its text.

use std::ops::Range;

use super::error::{BodyError, BodyErrorKind};
use crate::json::{Kind, Position, Value, decode};
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
}

/// A member that was found.
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Where its name begins.
    pub(super) name: usize,
    pub(super) value: Range<usize>,
    source: usize,
}

impl Outline {
    /// Looks at the members of a resource.
    pub(super) fn of(resource: Value<'_>) -> Self {
        let mut outline = Self::default();
        for member in resource.children() {
            let Some(name) = member.name() else { continue };
            let place = match &*name {
                "resourceType" => &mut outline.ty,
                "id" => &mut outline.id,
                "meta" => &mut outline.meta,
                _ => continue,
            };
            *place = Some(Found {
                kind: member.kind(),
                name: member.name_start(),
                value: member.span(),
                source: member.source(),
            });
            if name == "meta" && member.kind() == Kind::Object {
                outline.meta_members(member);
            }
        }
        outline
    }

    fn meta_members(&mut self, meta: Value<'_>) {
        for member in meta.children() {
            if matches!(member.name().as_deref(), Some("versionId" | "lastUpdated")) {
                self.meta_drops = true;
            } else {
                self.meta_members.push(member.name_start()..member.span().end);
            }
        }
    }

    /// Checks what was found in a resource; `source` is the text that was parsed, for positions.
    pub(super) fn check(&self, resource: Value<'_>, source: &[u8]) -> Result<ResourceType, BodyError> {
        let text = resource.text();
        let fail = |kind, at, expression| BodyError { kind, position: Position::of(source, at), expression };
        let root = resource.source();
        if resource.kind() != Kind::Object {
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
