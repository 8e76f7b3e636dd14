//! A page as a Bundle: <https://hl7.org/fhir/R4/bundle.html#searchset>

use super::Links;
use super::asked::{Asked, Mode};
use crate::subset::Part;
use rushlight_model::ResourceType;
use rushlight_model::definitions::Definitions;
use rushlight_model::outcome::OperationOutcome;
use rushlight_persistence::{Container, SearchPage, Version};
use std::io::Write;

/// The Bundle. Stored bytes are copied into it, save where only parts of resources are wanted.
pub fn written(
    base: &str,
    (definitions, types): (&Definitions, &[ResourceType]),
    asked: &Asked,
    total: Option<i64>,
    links: &Links,
    page: &SearchPage,
    outcome: Option<OperationOutcome>,
) -> Vec<u8> {
    let resources = || page.matches.iter().chain(&page.included);
    let bytes: usize = resources().map(|version| version.body.len() + 250).sum();
    let mut out = Vec::with_capacity(bytes + 2000);
    out.extend_from_slice(br#"{"resourceType":"Bundle","type":"searchset""#);
    // Writing to memory does not fail.
    if let Some(total) = total {
        let _ = write!(out, r#","total":{total}"#);
    }
    // What is in a link is encoded, and needs no escaping.
    for (at, (relation, url)) in links.0.iter().enumerate() {
        out.extend_from_slice(if at == 0 { br#","link":["# } else { b"," });
        let _ = write!(out, r#"{{"relation":"{relation}","url":"{url}"}}"#);
    }
    out.push(b']');
    let containers = page.containers.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let modes =
        page.matches.iter().zip(containers).map(|(version, container)| (version, container, Mode::Match));
    let modes = modes.chain(page.included.iter().map(|version| (version, None, Mode::Include)));
    let mut any = false;
    let mut next = |out: &mut Vec<u8>| {
        out.extend_from_slice(if std::mem::replace(&mut any, true) { b"," } else { br#","entry":["# });
    };
    for (version, container, mode) in modes {
        next(&mut out);
        full_url(&mut out, base, version, container);
        let start = out.len();
        match container {
            // The version is its container's.
            Some(_) => out.extend_from_slice(version.body.as_bytes()),
            None => version.write_to(&mut out),
        }
        // A container may be of a type that is not searched.
        let is_searched = mode == Mode::Match && (types.is_empty() || types.contains(&version.ty));
        let part = asked.part(version.ty, if is_searched { Mode::Match } else { Mode::Include });
        cut(&mut out, start, definitions, part);
        out.extend_from_slice(match mode {
            Mode::Match => br#","search":{"mode":"match"}}"#,
            Mode::Include => br#","search":{"mode":"include"}}"#,
        });
    }
    if let Some(outcome) = outcome {
        next(&mut out);
        let _ = write!(out, r#"{{"resource":{},"search":{{"mode":"outcome"}}}}"#, outcome.to_json());
    }
    out.extend_from_slice(if any { b"]}" } else { b"}" });
    out
}

/// Types and ids need no escaping in JSON or in a URL.
fn full_url(out: &mut Vec<u8>, base: &str, version: &Version, container: Option<&Container>) {
    let (ty, id) = (version.ty.name(), &version.id);
    // Written for each match: a format would take longer than its parts.
    let parts: [&str; 5] = match container {
        Some(of) => [of.ty.name(), "/", of.id.as_str(), "#", id.as_str()],
        None => [ty, "/", id.as_str(), "", ""],
    };
    for part in [r#"{"fullUrl":""#, base, "/"].into_iter().chain(parts).chain([r#"","resource":"#]) {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Leaves of a resource that begins at a place the part that is wanted.
fn cut(out: &mut Vec<u8>, start: usize, definitions: &Definitions, part: Option<Part<'_>>) {
    let text = out.get(start..).unwrap_or_default();
    if let Some(cut) = part.and_then(|part| part.of(definitions, text)) {
        out.truncate(start);
        out.extend_from_slice(&cut);
    }
}
