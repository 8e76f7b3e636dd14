//! Parts of resources: <https://hl7.org/fhir/R4/search.html#summary>, <https://hl7.org/fhir/R4/search.html#elements>.
//!
//! Resources of which only a part is wanted are taken apart by the definitions of their release; what is kept is copied.

use rushlight_model::definitions::{Definitions, ElementDefinition, TypeDefinition};
use rushlight_model::json::{Kind, Limits, Tree, Value};

/// What of a resource is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// What its definitions mark as part of a summary, at every level.
    Summary,
    /// The narrative, id, meta, and what must be there.
    Text,
    /// Everything but the narrative.
    Data,
    /// These elements, id, meta, and what must be there.
    Elements(Vec<&'a str>),
}

/// What is kept of every resource: without the last two, what is left could be read in another sense.
const ALWAYS: [&str; 4] = ["id", "meta", "implicitRules", "modifierExtension"];

/// What says that a resource is not whole: <https://hl7.org/fhir/R4/v3/ObservationValue/cs.html>
const SUBSETTED: &str =
    r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}"#;

impl Part<'_> {
    /// Whether an element of the resource itself is kept.
    fn keeps(&self, element: &ElementDefinition) -> bool {
        let name = element.name;
        match self {
            Self::Summary => element.summary || element.min > 0 || ALWAYS.contains(&name),
            Self::Text => name == "text" || element.min > 0 || ALWAYS.contains(&name),
            Self::Data => name != "text",
            Self::Elements(names) => element.min > 0 || ALWAYS.contains(&name) || names.contains(&name),
        }
    }

    /// The part of a resource that is served as `text`, marked as not whole; `None` where all of it is wanted.
    pub fn of(&self, definitions: &Definitions, text: &[u8]) -> Option<Vec<u8>> {
        let tree = Tree::parse(text, &Limits::UNBOUNDED).ok()?;
        let root = tree.root();
        let ty = root.get("resourceType").and_then(Value::as_str)?;
        let definition = definitions.ty(&ty)?;
        let mut writer = Writer { definitions, out: Vec::with_capacity(text.len()), cut: false, meta: None };
        writer.resource(root, definition, self);
        writer.cut.then(|| writer.marked())
    }
}

struct Writer<'d> {
    definitions: &'d Definitions,
    out: Vec<u8>,
    /// Whether anything was left out.
    cut: bool,
    /// Where `meta` is in what is written.
    meta: Option<(usize, usize)>,
}

/// The element that a member of an object is, or whose companion it is, and the type of its values.
fn element<'d>(
    definitions: &'d Definitions,
    definition: &'d TypeDefinition,
    member: Value<'_>,
) -> Option<(&'d ElementDefinition, Option<&'d TypeDefinition>)> {
    let name = member.name()?;
    let found = definition.member(&name).or_else(|| definition.member(name.strip_prefix('_')?))?;
    let element = definition.elements().get(usize::from(found.element))?;
    let ty = element.types.get(usize::from(found.ty)).and_then(|ty| definitions.type_at(ty.ty));
    Some((element, ty))
}

impl<'d> Writer<'d> {
    fn resource(&mut self, root: Value<'_>, definition: &'d TypeDefinition, part: &Part<'_>) {
        self.out.push(b'{');
        for member in root.children() {
            let (kept, ty) = match element(self.definitions, definition, member) {
                Some((element, ty)) => (part.keeps(element), ty),
                // `resourceType`, and what no definition knows.
                None => (member.is_named("resourceType") || *part == Part::Data, None),
            };
            if !kept {
                self.cut = true;
                continue;
            }
            let start = self.name(member);
            match ty {
                Some(ty) if *part == Part::Summary => self.summary(member, ty),
                _ => self.out.extend_from_slice(member.raw().as_bytes()),
            }
            if member.is_named("meta") {
                self.meta = Some((start, self.out.len()));
            }
        }
        self.out.push(b'}');
    }

    /// The name of a member, with what comes before it; where its value begins.
    fn name(&mut self, member: Value<'_>) -> usize {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        if let Some(name) = member.written_name() {
            self.out.push(b'"');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"\":");
        }
        self.out.len()
    }

    /// What of a value is part of a summary. Values of primitive types, with what is said about them, and resources
    /// within resources are not taken apart.
    fn summary(&mut self, value: Value<'_>, ty: &'d TypeDefinition) {
        let within = ty.elements().iter().any(|element| element.summary) && ty.name != "Resource";
        match value.kind() {
            Kind::Array if within => {
                self.out.push(b'[');
                for (at, item) in value.children().enumerate() {
                    if at > 0 {
                        self.out.push(b',');
                    }
                    self.summary(item, ty);
                }
                self.out.push(b']');
            }
            Kind::Object if within && !value.name().is_some_and(|name| name.starts_with('_')) => {
                self.out.push(b'{');
                for member in value.children() {
                    match element(self.definitions, ty, member) {
                        Some((element, ty)) if element.summary || element.min > 0 => {
                            self.name(member);
                            match ty {
                                Some(ty) => self.summary(member, ty),
                                None => self.out.extend_from_slice(member.raw().as_bytes()),
                            }
                        }
                        _ => self.cut = true,
                    }
                }
                self.out.push(b'}');
            }
            _ => self.out.extend_from_slice(value.raw().as_bytes()),
        }
    }

    /// What was written, with the tag.
    fn marked(mut self) -> Vec<u8> {
        let Some((start, end)) = self.meta else {
            // Contained resources have none by themselves. What is left has a type, at least.
            self.out.pop();
            self.out.extend_from_slice(format!(r#","meta":{{"tag":[{SUBSETTED}]}}}}"#).as_bytes());
            return self.out;
        };
        let meta = self.out.get(start..end).unwrap_or_default();
        let Ok(tree) = Tree::parse(meta, &Limits::default()) else { return self.out };
        let tags = tree.root().get("tag").filter(|tags| tags.kind() == Kind::Array);
        let (at, text) = match tags {
            // Before the bracket that ends the tags.
            Some(tags) if tags.children().next().is_some() => {
                (start + tags.span().end - 1, format!(",{SUBSETTED}"))
            }
            Some(tags) => (start + tags.span().end - 1, SUBSETTED.to_owned()),
            None if meta == b"{}" => (end - 1, format!(r#""tag":[{SUBSETTED}]"#)),
            None => (end - 1, format!(r#","tag":[{SUBSETTED}]"#)),
        };
        self.out.splice(at..at, text.into_bytes());
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::definitions::Release;

    const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"1","tag":[{"code":"a"}],"extension":[{"url":"u"}]},"text":{"status":"empty"},"contained":[{"resourceType":"Patient","id":"c"}],"extension":[{"url":"x","valueCode":"y"}],"modifierExtension":[{"url":"m"}],"name":[{"family":"F","_family":{"extension":[]},"id":"n","period":{"start":"2020"}}],"active":true,"_birthDate":{"id":"b"},"photo":[{"data":"AA=="}],"deceasedBoolean":false,"contact":[{"name":{"text":"x"}}],"link":[{"other":{"reference":"Patient/q"},"type":"seealso"}]}"#;

    fn cut(part: Part<'_>, text: &str) -> String {
        let found = part.of(Definitions::of(Release::R4), text.as_bytes());
        found.map_or("whole".to_owned(), |text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn what_is_kept() {
        let marked = format!(r#""meta":{{"versionId":"1","tag":[{{"code":"a"}},{SUBSETTED}]"#);
        let rest = r#","extension":[{"url":"u"}]}"#;
        let head = r#"{"resourceType":"Patient","id":"p","#;
        let strange = r#""modifierExtension":[{"url":"m"}]"#;
        let summary = format!(
            r#"{head}{marked}}},{strange},"name":[{{"family":"F","_family":{{"extension":[]}},"period":{{"start":"2020"}}}}],"active":true,"_birthDate":{{"id":"b"}},"deceasedBoolean":false,"link":[{{"other":{{"reference":"Patient/q"}},"type":"seealso"}}]}}"#
        );
        assert_eq!(cut(Part::Summary, PATIENT), summary);
        let text = format!(r#"{head}{marked}{rest},"text":{{"status":"empty"}},{strange}}}"#);
        assert_eq!(cut(Part::Text, PATIENT), text);
        let elements =
            format!(r#"{head}{marked}{rest},{strange},"_birthDate":{{"id":"b"}},"deceasedBoolean":false}}"#);
        assert_eq!(cut(Part::Elements(vec!["deceased", "birthDate"]), PATIENT), elements);
        let data = cut(Part::Data, PATIENT);
        assert!(
            data.contains("contained") && data.contains("photo") && !data.contains("\"text\":{\"status"),
            "{data}"
        );
        for (part, text, expected) in [
            (Part::Data, r#"{"resourceType":"Patient","meta":{},"active":true}"#, "whole".to_owned()),
            (Part::Summary, r#"{"resourceType":"Patient","meta":{},"active":true}"#, "whole".to_owned()),
            (
                Part::Elements(vec![]),
                r#"{"resourceType":"Observation","meta":{},"status":"final","code":{"text":"c"},"valueString":"v"}"#,
                format!(
                    r#"{{"resourceType":"Observation","meta":{{"tag":[{SUBSETTED}]}},"status":"final","code":{{"text":"c"}}}}"#
                ),
            ),
            (
                Part::Text,
                r#"{"resourceType":"Patient","meta":{"versionId":"1","tag":[]},"active":true}"#,
                format!(r#"{{"resourceType":"Patient","meta":{{"versionId":"1","tag":[{SUBSETTED}]}}}}"#),
            ),
        ] {
            assert_eq!(cut(part, text), expected, "{text}");
        }
    }
}
