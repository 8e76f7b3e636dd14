//! Types and their elements: <https://hl7.org/fhir/R4/structuredefinition.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{extension, last_part, list, text, texts, truth, unversioned};
use super::package::Package;
use super::table::{Table, or_dash};

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";
const SYSTEM_TYPE: &str = "http://hl7.org/fhirpath/System.";

/// Profiles of Quantity that elements refer to as if they were types.
const QUANTITIES: [&str; 2] = ["SimpleQuantity", "MoneyQuantity"];

/// A type with all its elements, inherited ones included.
pub struct Type {
    name: String,
    kind: &'static str,
    base: Option<String>,
    is_abstract: bool,
    regex: Option<String>,
    constraints: Vec<Constraint>,
    elements: Vec<Element>,
}

struct Element {
    /// Without path and `[x]`.
    name: String,
    /// Cardinality, flags, types and binding as their fields in the file.
    fields: [String; 5],
    /// The names of its types, without targets.
    types: Vec<String>,
    constraints: Vec<Constraint>,
}

struct Constraint {
    key: String,
    severity: String,
    expression: String,
}

/// The types in the packages, by name; each type's backbone elements follow it.
pub fn read(packages: &[Package]) -> Vec<Type> {
    let mut found: Vec<&Value> = packages
        .iter()
        .flat_map(|package| package.of("StructureDefinition"))
        .filter(|one| is_type(one))
        .collect();
    found.sort_by_key(|definition| text(definition, "name"));
    found.into_iter().flat_map(types_of).collect()
}

/// The value sets behind bindings that codes must or should come from.
pub fn bound(types: &[Type]) -> BTreeSet<&str> {
    let bindings = types.iter().flat_map(|ty| &ty.elements).filter_map(|element| element.fields.last());
    bindings.filter_map(|field| field.strip_prefix("r:").or(field.strip_prefix("x:"))).collect()
}

/// The text of `types.tsv`.
pub fn write(mut table: Table, types: &[Type]) -> String {
    let inheritance = Inheritance(types.iter().map(|ty| (ty.name.as_str(), ty)).collect());
    for ty in types {
        let flag = if ty.is_abstract { "A" } else { "-" };
        table.line(["type", &ty.name, ty.kind, ty.base.as_deref().unwrap_or("-"), flag]);
        if let Some(regex) = &ty.regex {
            table.line(["regex", regex]);
        }
        let inherited = inheritance.keys(ty.base.as_deref());
        constraints(&mut table, &ty.constraints, &inherited);
        for element in &ty.elements {
            let above = inheritance.element(ty, &element.name);
            if above.is_some_and(|above| above.fields == element.fields) {
                continue;
            }
            table.line(["el", &element.name].into_iter().chain(element.fields.iter().map(String::as_str)));
            // Packages repeat on an element what its type's root demands anyhow.
            let mut known: BTreeSet<&str> =
                element.types.iter().flat_map(|name| inheritance.keys(Some(name))).collect();
            known.extend(above.iter().flat_map(|above| &above.constraints).map(|one| one.key.as_str()));
            constraints(&mut table, &element.constraints, &known);
        }
    }
    table.finish()
}

fn constraints(table: &mut Table, constraints: &[Constraint], known: &BTreeSet<&str>) {
    for one in constraints.iter().filter(|one| !known.contains(one.key.as_str())) {
        table.line(["inv", &one.key, &one.severity, &one.expression]);
    }
}

/// What types have from their bases.
struct Inheritance<'t>(BTreeMap<&'t str, &'t Type>);

impl<'t> Inheritance<'t> {
    /// The keys of a type's root constraints, its bases' included.
    fn keys(&self, name: Option<&str>) -> BTreeSet<&'t str> {
        let mut keys = BTreeSet::new();
        let mut next = name;
        while let Some(ty) = next.and_then(|name| self.0.get(name)) {
            keys.extend(ty.constraints.iter().map(|one| one.key.as_str()));
            next = ty.base.as_deref();
        }
        keys
    }

    /// The element of this name that a type has from its base.
    fn element(&self, ty: &Type, name: &str) -> Option<&'t Element> {
        let base = self.0.get(ty.base.as_deref()?)?;
        base.elements.iter().find(|element| element.name == name)
    }
}

fn is_type(definition: &Value) -> bool {
    let name = text(definition, "name");
    match text(definition, "kind") {
        "primitive-type" | "resource" => text(definition, "derivation") != "constraint",
        "complex-type" => text(definition, "derivation") != "constraint" || QUANTITIES.contains(&name),
        _ => false,
    }
}

/// A definition's type and its backbone elements, in the order of the definition.
fn types_of(definition: &Value) -> Vec<Type> {
    let name = text(definition, "name");
    let kind = match text(definition, "kind") {
        "primitive-type" => "primitive",
        "complex-type" => "datatype",
        _ => "resource",
    };
    let elements = definition.get("snapshot").map(|snapshot| list(snapshot, "element")).unwrap_or_default();
    let parents: BTreeSet<&str> =
        elements.iter().filter_map(|element| parent(text(element, "path"))).collect();
    let mut types: Vec<Type> = Vec::new();
    // The paths of a profile begin with the name of the type that it constrains.
    let renamed = |path: &str| match path.split_once('.') {
        Some((_, rest)) => format!("{name}.{rest}"),
        None => name.to_owned(),
    };
    for element in elements {
        let path = text(element, "path");
        let own = own_constraints(element, text(definition, "url"));
        let Some(owner) = parent(path).map(renamed) else {
            let base = Some(last_part(text(definition, "baseDefinition"))).filter(|base| !base.is_empty());
            types.push(Type {
                name: name.to_owned(),
                kind,
                base: base.map(str::to_owned),
                is_abstract: truth(definition, "abstract"),
                regex: None,
                constraints: own,
                elements: Vec::new(),
            });
            continue;
        };
        if kind == "primitive" && path.ends_with(".value") {
            let regex = list(element, "type").iter().find_map(|ty| extension(ty, REGEX));
            if let Some(ty) = types.first_mut() {
                ty.regex = regex.map(str::to_owned);
            }
            continue;
        }
        let backbone = parents.contains(path).then(|| renamed(path));
        let described = describe(element, path, backbone.as_deref(), own);
        if let Some(ty) = types.iter_mut().find(|ty| ty.name == owner) {
            ty.elements.push(described);
        }
        if let Some(backbone) = backbone {
            types.push(Type {
                name: backbone,
                kind: "backbone",
                base: list(element, "type").first().map(|ty| text(ty, "code").to_owned()),
                is_abstract: false,
                regex: None,
                constraints: Vec::new(),
                elements: Vec::new(),
            });
        }
    }
    types
}

fn describe(element: &Value, path: &str, backbone: Option<&str>, constraints: Vec<Constraint>) -> Element {
    let name = path.rsplit('.').next().unwrap_or(path);
    let choice = name.ends_with("[x]");
    let flags: String =
        [(choice, 'X'), (truth(element, "isModifier"), 'M'), (truth(element, "isSummary"), 'S')]
            .into_iter()
            .filter_map(|(is, flag)| is.then_some(flag))
            .collect();
    let (types, written) = types_field(element, backbone);
    let min = element.get("min").and_then(Value::as_u64).unwrap_or_default();
    Element {
        name: name.trim_end_matches("[x]").to_owned(),
        fields: [
            min.to_string(),
            text(element, "max").to_owned(),
            or_dash(&flags).to_owned(),
            written,
            binding(element).unwrap_or_else(|| "-".to_owned()),
        ],
        types,
        constraints,
    }
}

/// An element's types, and how the file writes them.
fn types_field(element: &Value, backbone: Option<&str>) -> (Vec<String>, String) {
    if let Some((_, path)) = text(element, "contentReference").split_once('#') {
        return (vec![path.to_owned()], path.to_owned());
    }
    if let Some(path) = backbone {
        let code = list(element, "type").first().map(|ty| text(ty, "code")).unwrap_or_default();
        return (vec![code.to_owned()], path.to_owned());
    }
    let mut names = Vec::new();
    let mut written = Vec::new();
    for ty in list(element, "type") {
        let code = code(ty, element);
        let mut targets: Vec<&str> = texts(ty, "targetProfile").into_iter().map(last_part).collect();
        // Any resource is what a bare reference is to.
        targets.retain(|target| *target != "Resource" && *target != "Any");
        let refined = texts(ty, "profile").into_iter().map(last_part).next();
        written.push(match refined {
            Some(profile) => format!("{code}:{profile}"),
            None if targets.is_empty() => code.to_owned(),
            None => format!("{code}({})", targets.join("|")),
        });
        names.push(refined.unwrap_or(code).to_owned());
    }
    (names, written.join(","))
}

/// A type's code; FHIR's own type where the package has a type of FHIRPath.
///
/// Packages disagree about ids: an element's is a string, a resource's an id, as the specification's pages say.
fn code<'v>(ty: &'v Value, element: &Value) -> &'v str {
    let code = text(ty, "code");
    if !code.starts_with(SYSTEM_TYPE) {
        return code;
    }
    match element.get("base").map(|base| text(base, "path")) {
        Some("Element.id") => "string",
        Some("Resource.id") => "id",
        _ => extension(ty, FHIR_TYPE).unwrap_or("string"),
    }
}

fn binding(element: &Value) -> Option<String> {
    let binding = element.get("binding")?;
    let strength = match text(binding, "strength") {
        "required" => 'r',
        "extensible" => 'x',
        "preferred" => 'p',
        _ => 'e',
    };
    let value_set = unversioned(text(binding, "valueSet"));
    (!value_set.is_empty()).then(|| format!("{strength}:{value_set}"))
}

/// The constraints that come from this definition: packages copy those of the bases and leave out or name the source.
fn own_constraints(element: &Value, url: &str) -> Vec<Constraint> {
    let own = |one: &&Value| ["", url].contains(&text(one, "source"));
    let constraints = list(element, "constraint").iter().filter(own);
    constraints
        .map(|one| Constraint {
            key: text(one, "key").to_owned(),
            severity: text(one, "severity").to_owned(),
            expression: text(one, "expression").to_owned(),
        })
        .collect()
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(parent, _)| parent)
}
