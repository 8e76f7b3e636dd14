//! References, and what is contained: <https://hl7.org/fhir/R4/references.html>.

use super::path::Step;
use super::walk::{Typed, Walk, shown};
use crate::narrative;
use crate::problem::{Rule, short};
use rushlight_model::definitions::Definitions;
use rushlight_model::json::{Kind, Value};
use rushlight_model::{Id, ResourceType};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A resource that is not contained in another, within which `#` references lead to what is contained.
pub(super) struct Scope<'t> {
    resource: Value<'t>,
    /// The types of what is contained by their ids, found when first asked for.
    contained: Option<HashMap<Cow<'t, str>, Cow<'t, str>>>,
}

impl<'t> Scope<'t> {
    pub(super) fn new(resource: Value<'t>) -> Self {
        Self { resource, contained: None }
    }

    /// Whether it is within a Bundle.
    fn is_entry(&self) -> bool {
        self.resource.parent().is_some()
    }

    fn list(&self) -> impl Iterator<Item = Value<'t>> + use<'t> {
        let contained = self.resource.get("contained").filter(|all| all.kind() == Kind::Array);
        contained.into_iter().flat_map(Value::children)
    }

    /// The type of the contained resource of this id.
    fn type_of(&mut self, id: &str) -> Option<Cow<'t, str>> {
        let text = |value: Value<'t>, name: &str| value.get(name).and_then(Value::as_str);
        let all = self.list().filter_map(|value| Some((text(value, "id")?, text(value, "resourceType")?)));
        let known = self.contained.get_or_insert_with(|| all.collect());
        known.get(id).cloned()
    }
}

/// What the text of a reference leads to, as far as it says.
#[derive(Debug, PartialEq, Eq)]
enum Literal<'a> {
    /// What contains the resource: `#`.
    Container,
    /// Something contained: `#id`.
    Local(&'a str),
    /// A resource of this type.
    Typed(&'a str),
    /// What a search finds, of this type.
    Conditional(&'a str),
    /// An address that does not say of what type.
    Elsewhere,
    /// Nothing that a reference can be.
    Wrong,
}

fn literal(text: &str) -> Literal<'_> {
    match text.strip_prefix('#') {
        Some("") => return Literal::Container,
        Some(id) => return Literal::Local(id),
        None => {}
    }
    let absolute = text.split_once(':').is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#']));
    // Whoever shows a record may make a link of it.
    if !narrative::is_harmless(text) {
        return Literal::Wrong;
    }
    if let (false, Some((name, _))) = (absolute, text.split_once('?')) {
        return if ResourceType::from_name(name).is_some() {
            Literal::Conditional(name)
        } else {
            Literal::Wrong
        };
    }
    let unversioned = text.split_once("/_history/").map_or(text, |(before, _)| before);
    let named = unversioned.rsplit_once('/').and_then(|(before, id)| {
        let name = before.rsplit_once('/').map_or(before, |(_, name)| name);
        (ResourceType::from_name(name).is_some() && Id::new(id).is_ok()).then_some((before, name))
    });
    match named {
        Some((before, name)) if absolute || before == name => Literal::Typed(name),
        _ if absolute => Literal::Elsewhere,
        _ => Literal::Wrong,
    }
}

impl<'v, 't> Walk<'v, 't> {
    /// Enters a resource with references of its own; gives back the scope that is left.
    pub(super) fn begin_scope(&mut self, resource: Value<'t>) -> Scope<'t> {
        std::mem::replace(&mut self.scope, Scope::new(resource))
    }

    /// Leaves it: everything contained must be referred to, from outside or by referring to the container.
    pub(super) fn end_scope(&mut self) {
        if self.scope.list().next().is_none() {
            return;
        }
        let locals: HashSet<Cow<'t, str>> = local(self.scope.resource).collect();
        let mut seen = HashSet::new();
        for (index, value) in self.scope.list().enumerate() {
            if self.is_full() {
                return;
            }
            let Some(id) = value.get("id").and_then(Value::as_str) else { continue };
            let step = Step { name: "contained", choice: None, index: Some(index) };
            if !locals.contains(&*format!("#{id}")) && !local(value).any(|link| link == "#") {
                let text = format!("nothing in the resource refers to #{}", short(&id));
                self.below(Rule::UnusedContained, step, value, text);
            }
            if !seen.insert(id.clone()) {
                let text = format!("the id {} is of another contained resource, too", short(&id));
                self.below(Rule::ContainedId, step, value, text);
            }
        }
    }

    /// What holds of every contained resource.
    pub(super) fn contained_rules(&mut self, value: Value<'t>, nested: bool) {
        if nested {
            let text = "a contained resource contains no other".to_owned();
            self.problem(Rule::NestedContained, value, text);
        }
        if value.get("id").is_none() {
            let text = "a contained resource has an id, by which it is referred to".to_owned();
            self.problem(Rule::ContainedId, value, text);
        }
        let Some(meta) = value.get("meta") else { return };
        for (name, rule) in [
            ("versionId", Rule::ContainedVersion),
            ("lastUpdated", Rule::ContainedVersion),
            ("security", Rule::ContainedSecurity),
        ] {
            if let Some(member) = meta.get(name) {
                let step = Step { name: "meta", choice: None, index: None };
                self.below(rule, step, member, format!("a contained resource has no meta.{name}"));
            }
        }
    }

    /// A Reference, or the one in a CodeableReference, whose targets stand with the latter.
    pub(super) fn reference(&mut self, value: Value<'t>, typed: Typed<'v>) {
        let object = match typed.ty.code {
            "Reference" => value,
            "CodeableReference" if !typed.ty.targets.is_empty() => match value.get("reference") {
                Some(reference) => reference,
                None => return,
            },
            _ => return,
        };
        if let Some(written) = object.get("reference")
            && let Some(text) = written.as_str()
        {
            self.literal(written, &text, typed);
        }
        if let Some(written) = object.get("type")
            && let Some(name) = written.as_str()
            && !admits(self.validator.definitions, &typed.ty.targets, &name)
        {
            let text = format!("found {}, expected {}", shown(written), typed.ty.targets.join(" or "));
            self.problem(Rule::ReferenceTarget, written, text);
        }
    }

    fn literal(&mut self, written: Value<'t>, text: &str, typed: Typed<'v>) {
        let definitions = self.validator.definitions;
        let targets = &typed.ty.targets;
        // The Reference in a CodeableReference is looked at by itself, too.
        let outer = typed.ty.code != "Reference";
        let ty = match literal(text) {
            Literal::Container | Literal::Elsewhere => return,
            Literal::Typed(name) => Cow::Borrowed(name),
            Literal::Conditional(name) if self.scope.is_entry() => Cow::Borrowed(name),
            Literal::Conditional(_) if outer => return,
            Literal::Conditional(_) => {
                let text = format!("{} is resolved within a transaction only", shown(written));
                return self.problem(Rule::ReferenceFormat, written, text);
            }
            Literal::Local(id) => match self.scope.type_of(id) {
                Some(ty) => ty,
                None if outer => return,
                None => {
                    let text = format!("nothing with the id {} is contained", shown(written));
                    return self.problem(Rule::LocalReference, written, text);
                }
            },
            Literal::Wrong if outer => return,
            Literal::Wrong => {
                let text = format!("found {}, expected Type/id, #id or an absolute URL", shown(written));
                return self.problem(Rule::ReferenceFormat, written, text);
            }
        };
        let known = ResourceType::from_name(&ty).is_some_and(|ty| ty.in_release(definitions.release()));
        if !known {
            let text = format!("{} is no resource type of FHIR {}", short(&ty), definitions.release());
            self.problem(Rule::ReferenceTarget, written, text);
        } else if !admits(definitions, targets, &ty) {
            let text = format!("found a reference to {ty}, expected {}", targets.join(" or "));
            self.problem(Rule::ReferenceTarget, written, text);
        }
    }
}

/// Whether a type is one of the targets, or based on one.
fn admits(definitions: &Definitions, targets: &[&str], name: &str) -> bool {
    targets.is_empty()
        || targets.contains(&name)
        || definitions.ty(name).is_none_or(|ty| targets.iter().any(|target| ty.is_a(definitions, target)))
}

/// The texts in a value that begin with `#`, which may lead to what is contained.
fn local<'t>(value: Value<'t>) -> impl Iterator<Item = Cow<'t, str>> {
    value.descendants().filter(|value| value.raw().starts_with("\"#")).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_leads_to() {
        for (text, expected) in [
            ("#", Literal::Container),
            ("#p", Literal::Local("p")),
            ("Patient/1", Literal::Typed("Patient")),
            ("Patient/1/_history/2", Literal::Typed("Patient")),
            ("Patient?identifier=x", Literal::Conditional("Patient")),
            ("http://x.org/fhir/Patient/1", Literal::Typed("Patient")),
            ("http://x.org/fhir/Patient/1/_history/2", Literal::Typed("Patient")),
            ("http://x.org/a/b", Literal::Elsewhere),
            ("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", Literal::Elsewhere),
            ("Patient/a/b", Literal::Wrong),
            ("javascript:alert(1)", Literal::Wrong),
            ("JavaScript:/Patient/1", Literal::Wrong),
            ("data:text/html,x", Literal::Wrong),
            ("Patient", Literal::Wrong),
            ("Patience/1", Literal::Wrong),
            ("/Patient/1", Literal::Wrong),
            ("x", Literal::Wrong),
            ("", Literal::Wrong),
        ] {
            assert_eq!(literal(text), expected, "{text}");
        }
    }
}
