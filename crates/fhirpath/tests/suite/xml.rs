//! FHIR's XML to its JSON, by the definitions; as much of it as the suite's inputs need. Narratives become empty.

use roxmltree::{Document, Node};
use rushlight_model::definitions::{Definitions, TypeDefinition, TypeKind};
use rushlight_model::json::{Kind, quote};
use rushlight_model::primitive::Primitive;

/// The JSON of a resource in XML.
pub fn to_json(xml: &str, definitions: &'static Definitions) -> String {
    let document = Document::parse(xml).unwrap();
    Converter { definitions }.resource(document.root_element())
}

struct Converter {
    definitions: &'static Definitions,
}

impl Converter {
    fn resource(&self, node: Node<'_, '_>) -> String {
        let name = node.tag_name().name();
        let ty = self.definitions.ty(name).unwrap();
        let mut members = vec![("resourceType".to_owned(), quoted(name))];
        members.extend(self.members(node, ty));
        object(members)
    }

    /// What an element holds, by the names of JSON.
    fn members(&self, node: Node<'_, '_>, ty: &'static TypeDefinition) -> Vec<(String, String)> {
        let attributes = node.attributes().filter(|attribute| matches!(attribute.name(), "id" | "url"));
        let mut members: Vec<_> =
            attributes.map(|attribute| (attribute.name().to_owned(), quoted(attribute.value()))).collect();
        let mut names: Vec<&str> = Vec::new();
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            if !names.contains(&name) {
                names.push(name);
                let all: Vec<_> = node
                    .children()
                    .filter(|other| other.is_element() && other.tag_name().name() == name)
                    .collect();
                self.member(name, &all, ty, &mut members);
            }
        }
        members
    }

    fn member(
        &self,
        name: &str,
        nodes: &[Node<'_, '_>],
        ty: &'static TypeDefinition,
        members: &mut Vec<(String, String)>,
    ) {
        let member = ty.member(name).unwrap_or_else(|| panic!("{} has no {name}", ty.name));
        let element = &ty.elements()[usize::from(member.element)];
        let ty = self.definitions.type_at(element.types[usize::from(member.ty)].ty).unwrap();
        let mut push = |name: String, values: Vec<Option<String>>| {
            if values.iter().any(Option::is_some) {
                let values: Vec<_> =
                    values.into_iter().map(|value| value.unwrap_or("null".to_owned())).collect();
                let value =
                    if element.repeats() { format!("[{}]", values.join(",")) } else { values.concat() };
                members.push((name, value));
            }
        };
        if ty.kind != TypeKind::Primitive {
            push(name.to_owned(), nodes.iter().map(|node| Some(self.complex(*node, ty))).collect());
            return;
        }
        push(name.to_owned(), nodes.iter().map(|node| self.primitive(*node, ty)).collect());
        let companion = |node: &Node<'_, '_>| {
            let members = if ty.name == "xhtml" { Vec::new() } else { self.members(*node, ty) };
            (!members.is_empty()).then(|| object(members))
        };
        push(format!("_{name}"), nodes.iter().map(companion).collect());
    }

    fn complex(&self, node: Node<'_, '_>, ty: &'static TypeDefinition) -> String {
        if ty.kind == TypeKind::Resource {
            return self.resource(node.first_element_child().unwrap());
        }
        object(self.members(node, ty))
    }

    fn primitive(&self, node: Node<'_, '_>, ty: &TypeDefinition) -> Option<String> {
        if ty.name == "xhtml" {
            return Some(quoted("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>"));
        }
        let value = node.attribute("value")?;
        let kind = Primitive::from_name(ty.name).unwrap().kind();
        Some(if kind == Kind::String { quoted(value) } else { value.to_owned() })
    }
}

fn object(members: Vec<(String, String)>) -> String {
    let members: Vec<_> =
        members.into_iter().map(|(name, value)| format!("{}:{value}", quoted(&name))).collect();
    format!("{{{}}}", members.join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}
