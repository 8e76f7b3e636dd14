//! References: <https://hl7.org/fhir/R4/search.html#reference>.

use rushlight_model::{Id, ResourceType};

use super::super::fault::{Fault, Result, named, quoted};
use super::super::rows::{Meant, Shape, text as text_of};
use super::super::text::{plain, split};
use super::nothing;
use crate::query::{Op, Scalar};
use crate::table::TableId;
use crate::values::{cut, elsewhere, versioned};

const TARGET: usize = 0;
const TYPE: usize = 1;
const VERSION: usize = 2;

/// `id`, `Type/id`, a URL or a canonical with its version; where a type is given, an id is one of that type.
pub(in super::super) fn reference(base: &str, text: &str, only: Option<ResourceType>) -> Result<Meant> {
    let (text, business) = canonical(text)?;
    if let Ok(id) = Id::new(&text)
        && business.is_none()
    {
        return Ok(match only {
            Some(ty) => here(base, ty, &id, "", false),
            None => {
                let shape = Shape::of(TableId::REFERENCE).and(TARGET, Op::Is(Scalar::Bytes(id.to_key())));
                Meant::one(shape, format!("leads to the resource {id}"))
            }
        });
    }
    let local = text.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&text);
    let (place, version) = versioned(local);
    match place.split_once('/').map(|(name, id)| (name, ResourceType::from_name(name), Id::new(id))) {
        Some((_, Some(ty), Ok(id))) if business.is_none() => {
            if let Some(only) = only.filter(|only| *only != ty) {
                return Err(Fault::value(format!("{} is no {only}", quoted(place))));
            }
            return Ok(here(base, ty, &id, version, local != text));
        }
        Some((name, None, Ok(_))) => {
            if let Some(near) = ResourceType::nearest(name) {
                let text = format!("there is no resource type {}; did you mean {near}?", named(name));
                return Err(Fault::value(text));
            }
        }
        _ => {}
    }
    if text.starts_with('#') {
        return Err(Fault::value("a contained resource can't be named from outside"));
    }
    // A canonical has its version after a bar; a reference may lead to a version of a resource elsewhere.
    let (target, version) = if business.is_some() { (&*text, "") } else { versioned(&text) };
    let mut shape = Shape::of(TableId::REFERENCE).and(TARGET, Op::Is(Scalar::Bytes(elsewhere(target))));
    if !version.is_empty() {
        shape = shape.and(VERSION, Op::Is(text_of(cut(version))));
    }
    if let Some(ty) = only {
        shape = shape.and(TYPE, Op::Is(Scalar::Int(i64::from(ty.number()))));
    }
    let mut words = format!("leads to {}", quoted(&text));
    if let Some(version) = business.filter(|version| !version.is_empty()) {
        words.push_str(&format!(" of the version {}", quoted(&version)));
        shape = shape.and(VERSION, Op::Is(text_of(cut(&version))));
    }
    Ok(Meant::one(shape, words))
}

/// `:below` of a canonical: the versions that begin with the one that is given; all of them, if none is.
pub(in super::super) fn below_version(text: &str) -> Result<Meant> {
    let (url, version) = canonical(text)?;
    let target = || Shape::of(TableId::REFERENCE).and(TARGET, Op::Is(Scalar::Bytes(elsewhere(&url))));
    Ok(match version.filter(|version| !version.is_empty()) {
        None => Meant::one(target(), format!("leads to {} of any version", quoted(&url))),
        Some(version) => Meant {
            words: format!("leads to {} of the version {}, or one below it", quoted(&url), quoted(&version)),
            shapes: vec![
                target().and(VERSION, Op::Is(text_of(cut(&version)))),
                target().and(VERSION, Op::Begins(format!("{version}."))),
            ],
        },
    })
}

/// A URL, and what follows its last bar.
fn canonical(text: &str) -> Result<(String, Option<String>)> {
    let parts: Vec<&str> = split(text, '|').collect();
    let (url, version) = match parts[..] {
        [url] => (url, None),
        [url, version] => (url, Some(plain(version)?.into_owned())),
        _ => {
            let text = format!("{} has more than one bar: write \\| for one in a URL", quoted(text));
            return Err(Fault::value(text));
        }
    };
    let url = plain(url)?.into_owned();
    if url.is_empty() { Err(nothing("the reference")) } else { Ok((url, version)) }
}

/// A resource of this server, however it is referred to: asked for by its URL, also by a canonical, which tells no type.
fn here(base: &str, ty: ResourceType, id: &Id, version: &str, by_url: bool) -> Meant {
    let target = |keys: Vec<Vec<u8>>, ty: i64| {
        let keys = Op::OneOf(keys.into_iter().map(Scalar::Bytes).collect());
        Shape::of(TableId::REFERENCE).and(TARGET, keys).and(TYPE, Op::Is(Scalar::Int(ty)))
    };
    let absolute = elsewhere(&format!("{base}/{ty}/{id}"));
    let mut shapes = vec![target(vec![id.to_key(), absolute.clone()], i64::from(ty.number()))];
    if by_url {
        shapes.push(target(vec![absolute], 0));
    }
    let mut words = format!("leads to {ty}/{id}");
    if !version.is_empty() {
        words.push_str(&format!(", version {}", quoted(version)));
        shapes = shapes.into_iter().map(|shape| shape.and(VERSION, Op::Is(text_of(cut(version))))).collect();
    }
    Meant { shapes, words }
}
