//! From a parsed tree to structs: a function for each kind of field.

use super::elements::Element;
use super::error::{ReadError, ReadErrorKind};
use super::primitive::{Primitive, Scalar};
use super::raw::RawJson;
use super::write::Writer;
use crate::json::{Kind, Limits, Value};

/// A member of an object that is being read.
pub(super) struct Member<'t> {
    /// Its name without the underscore that a primitive's extensions have.
    pub(super) name: &'t str,
    /// Whether there was one.
    pub(super) shadow: bool,
    value: Value<'t>,
    /// Objects and arrays down to the value, the value included.
    depth: usize,
}

impl Member<'_> {
    pub(super) fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError::new(self.value, kind)
    }
}

/// A struct that a table has made.
pub(super) trait Object: Composite + Default {
    /// Whether it begins with `resourceType`.
    const RESOURCE: bool;

    /// Takes a member in; false if the member is to be kept as it is.
    fn take(&mut self, member: &Member<'_>) -> Result<bool, ReadError>;
    /// Writes the members that have fields.
    fn put(&self, out: &mut Writer);
    fn other_members(&self) -> &[(String, RawJson)];
    fn keep(&mut self, name: String, value: RawJson);
}

/// What JSON writes as an object: an [`Object`], one in a box, or a resource of any type.
pub(super) trait Composite: Sized {
    const TYPE: &'static str;

    fn read(value: Value<'_>, depth: usize) -> Result<Self, ReadError>;
    fn write(&self, out: &mut Writer);
}

impl<T: Composite> Composite for Box<T> {
    const TYPE: &'static str = T::TYPE;

    fn read(value: Value<'_>, depth: usize) -> Result<Self, ReadError> {
        T::read(value, depth).map(Self::new)
    }

    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }
}

/// A type that a [`Choice`] can hold.
pub(super) trait Part: Default {
    const PRIMITIVE: bool;

    fn fill(&mut self, member: &Member<'_>) -> Result<(), ReadError>;
    /// Writes the member whose name is `prefix` and `suffix`.
    fn put(&self, prefix: &str, suffix: &str, out: &mut Writer);
}

impl<T: Composite + Default> Part for T {
    const PRIMITIVE: bool = false;

    fn fill(&mut self, member: &Member<'_>) -> Result<(), ReadError> {
        *self = T::read(member.value, member.depth)?;
        Ok(())
    }

    fn put(&self, prefix: &str, suffix: &str, out: &mut Writer) {
        out.name("", prefix, suffix);
        self.write(out);
    }
}

impl<T: Scalar> Part for Primitive<T> {
    const PRIMITIVE: bool = true;

    fn fill(&mut self, member: &Member<'_>) -> Result<(), ReadError> {
        if member.shadow {
            self.element = Some(Box::new(Element::read(member.value, member.depth)?));
        } else {
            self.value = Some(scalar(member.value)?);
        }
        Ok(())
    }

    fn put(&self, prefix: &str, suffix: &str, out: &mut Writer) {
        if let Some(value) = &self.value {
            out.name("", prefix, suffix);
            value.write(out.text());
        }
        if let Some(element) = &self.element {
            out.name("_", prefix, suffix);
            element.write(out);
        }
    }
}

/// An element of several types.
pub(super) trait Choice: Sized {
    /// Takes a member in whose name ends with `suffix`; false if no type is called so.
    fn take(held: &mut Option<Self>, suffix: &str, member: &Member<'_>) -> Result<bool, ReadError>;
    fn put(&self, prefix: &str, out: &mut Writer);
}

/// A whole, whose errors are to begin with its type's name.
pub(super) fn root<T: Composite>(value: Value<'_>) -> Result<T, ReadError> {
    T::read(value, 1).map_err(|error| {
        let found = value.get("resourceType").and_then(Value::as_str);
        error.within(&found.map_or_else(|| T::TYPE.to_owned(), |found| short(&found)))
    })
}

/// A struct from a value that is `depth` levels down.
pub(super) fn object<T: Object>(value: Value<'_>, depth: usize) -> Result<T, ReadError> {
    expect(value, Kind::Object, "an object")?;
    let limit = Limits::default().depth;
    if depth > limit {
        return Err(ReadError::new(value, ReadErrorKind::TooDeep { limit }));
    }
    if T::RESOURCE {
        let found = resource_type(value)?;
        if found != T::TYPE {
            return Err(ReadError::new(value, ReadErrorKind::OtherResource { expected: T::TYPE, found }));
        }
    }
    let mut object = T::default();
    for child in value.children() {
        let name = child.name().unwrap_or_default();
        let (base, shadow) = name.strip_prefix('_').map_or((&*name, false), |base| (base, true));
        let member = Member { name: base, shadow, value: child, depth: depth + 1 };
        let taken = object.take(&member)? || (T::RESOURCE && name == "resourceType");
        if !taken {
            object.keep(name.into_owned(), RawJson::from(child));
        }
    }
    Ok(object)
}

pub(super) fn one<T: Composite>(
    held: &mut Option<T>,
    name: &str,
    member: &Member<'_>,
) -> Result<bool, ReadError> {
    if member.shadow || member.name != name {
        return Ok(false);
    }
    *held = Some(T::read(member.value, member.depth).map_err(|error| error.within(name))?);
    Ok(true)
}

pub(super) fn many<T: Composite>(
    held: &mut Vec<T>,
    name: &str,
    member: &Member<'_>,
) -> Result<bool, ReadError> {
    if member.shadow || member.name != name {
        return Ok(false);
    }
    for (at, item) in items(member.value).map_err(|error| error.within(name))?.enumerate() {
        held.push(T::read(item, member.depth + 1).map_err(|error| error.at(at).within(name))?);
    }
    Ok(true)
}

pub(super) fn primitive<T: Scalar>(
    held: &mut Primitive<T>,
    name: &str,
    member: &Member<'_>,
) -> Result<bool, ReadError> {
    if member.name != name {
        return Ok(false);
    }
    held.fill(member).map_err(|error| error.within(name))?;
    Ok(true)
}

/// The values and their extensions are two arrays; the second one read joins the first.
pub(super) fn primitives<T: Scalar>(
    held: &mut Vec<Primitive<T>>,
    name: &str,
    member: &Member<'_>,
) -> Result<bool, ReadError> {
    if member.name != name {
        return Ok(false);
    }
    let items = items(member.value).map_err(|error| error.within(name))?;
    let (first, mut count, mut nothing) = (held.is_empty(), 0, true);
    for (at, item) in items.enumerate() {
        count += 1;
        if first {
            held.push(Primitive::default());
        }
        if let Some(primitive) = held.get_mut(at).filter(|_| item.kind() != Kind::Null) {
            let member = Member { value: item, depth: member.depth + 1, ..*member };
            primitive.fill(&member).map_err(|error| error.at(at).within(name))?;
            nothing = false;
        }
    }
    if count != held.len() {
        return Err(member.error(ReadErrorKind::Lengths).within(name));
    }
    // An array of nulls says nothing, but is kept.
    Ok(!nothing)
}

pub(super) fn choice<T: Choice>(
    held: &mut Option<T>,
    prefix: &str,
    member: &Member<'_>,
) -> Result<bool, ReadError> {
    let Some(suffix) = member.name.strip_prefix(prefix) else { return Ok(false) };
    T::take(held, suffix, member).map_err(|error| error.within(prefix))
}

/// The type that a resource says it is.
pub(super) fn resource_type(value: Value<'_>) -> Result<String, ReadError> {
    let found =
        value.get("resourceType").ok_or_else(|| ReadError::new(value, ReadErrorKind::NoResourceType))?;
    expect(found, Kind::String, "a string").map_err(|error| error.within("resourceType"))?;
    Ok(found.as_str().map(|found| short(&found)).unwrap_or_default())
}

pub(super) fn expect(value: Value<'_>, kind: Kind, expected: &'static str) -> Result<(), ReadError> {
    let found = value.kind();
    if found == kind {
        Ok(())
    } else {
        Err(ReadError::new(value, ReadErrorKind::WrongKind { expected, found }))
    }
}

fn items(value: Value<'_>) -> Result<impl Iterator<Item = Value<'_>>, ReadError> {
    expect(value, Kind::Array, "an array")?;
    let mut items = value.children().peekable();
    if items.peek().is_none() {
        return Err(ReadError::new(value, ReadErrorKind::EmptyArray));
    }
    Ok(items)
}

fn scalar<T: Scalar>(value: Value<'_>) -> Result<T, ReadError> {
    let text = match value.as_str() {
        Some(text) => text,
        None => value.raw().into(),
    };
    if !T::KINDS.contains(&value.kind()) {
        let kind = ReadErrorKind::WrongKind { expected: T::EXPECTED, found: value.kind() };
        return Err(ReadError::new(value, kind));
    }
    T::read(&text, value.kind()).ok_or_else(|| {
        ReadError::new(value, ReadErrorKind::Format { expected: T::TYPE, found: short(&text) })
    })
}

/// As much of a text as an error may quote.
pub(super) fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
