//! What can be searched for, as a CapabilityStatement and as SearchParameter resources tell it.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>, <https://hl7.org/fhir/R4/searchparameter.html>

use rushlight_model::definitions::{Definitions, Membership, SearchParameter, SearchParameterType};
use rushlight_model::{Id, ResourceType};
use rushlight_search::{Found, Parameter, Registry};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::fmt::{self, Display, Formatter};

/// `CapabilityStatement.rest.resource.searchParam`: parameters of a type that can be searched by.
pub fn of_type(registry: &Registry, ty: ResourceType) -> Vec<Listed<'_>> {
    registry.parameters(ty).iter().filter(|parameter| is_found(parameter)).map(Listed::of).collect()
}

/// `CapabilityStatement.rest.searchParam`: parameters of all types.
pub fn of_all(registry: &Registry) -> Vec<Listed<'_>> {
    let common =
        registry.definitions().search_parameters().iter().filter(|one| one.base.contains(&"Resource"));
    let any = ResourceType::from_name("Basic");
    let of_any =
        |one: &SearchParameter| registry.parameter(any?, one.code).filter(|parameter| is_found(parameter));
    common.filter_map(of_any).map(Listed::of).collect()
}

fn is_found(parameter: &Parameter) -> bool {
    !matches!(parameter.found, Found::Nowhere(_))
}

/// A parameter as a CapabilityStatement lists it.
#[derive(Serialize)]
pub struct Listed<'r> {
    name: &'r str,
    definition: &'r str,
    #[serde(rename = "type")]
    ty: &'static str,
}

impl<'r> Listed<'r> {
    fn of(parameter: &'r Parameter) -> Self {
        Self { name: &parameter.code, definition: &parameter.url, ty: parameter.ty.code() }
    }
}

/// What `_include` and `_revinclude` take.
#[derive(Clone, Copy)]
pub enum Include<'r> {
    /// `*`
    All,
    /// The references of a type by a parameter.
    By(ResourceType, &'r Parameter),
}

impl Display for Include<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::By(source, parameter) => write!(f, "{}:{}", source.name(), parameter.code),
        }
    }
}

impl Serialize for Include<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What can be included.
pub struct Includes<'r>(Vec<(ResourceType, &'r Parameter)>);

impl<'r> Includes<'r> {
    /// By which parameters references can be followed.
    pub fn of(registry: &'r Registry) -> Self {
        let types = registry.definitions().resource_types();
        let of_type = |ty| registry.parameters(ty).iter().map(move |parameter| (ty, parameter));
        let leads = |(_, parameter): &(ResourceType, &Parameter)| {
            parameter.ty == SearchParameterType::Reference && is_found(parameter) && !parameter.canonical
        };
        Self(types.flat_map(of_type).filter(leads).collect())
    }

    /// `searchInclude` of a type.
    pub fn from(&self, ty: ResourceType) -> Vec<Include<'r>> {
        let own = self.0.iter().filter(|(source, _)| *source == ty);
        std::iter::once(Include::All).chain(own.map(|(ty, parameter)| Include::By(*ty, parameter))).collect()
    }

    /// `searchRevInclude` of a type.
    pub fn to(&self, ty: ResourceType) -> Vec<Include<'r>> {
        let leads = |parameter: &Parameter| parameter.targets.is_empty() || parameter.targets.contains(&ty);
        let here = self.0.iter().filter(|(_, parameter)| leads(parameter));
        here.map(|(ty, parameter)| Include::By(*ty, parameter)).collect()
    }
}

/// The release's own SearchParameter of an id, with what this server does with it.
pub fn standard(registry: &Registry, id: &Id) -> Option<Value> {
    let definitions = registry.definitions();
    let named = |one: &&SearchParameter| own_id(one) == id.as_str();
    // Some of the release are for no type.
    let parameter = definitions.search_parameters().iter().find(named).filter(|one| !one.base.is_empty())?;
    Some(resource(definitions, registry, parameter, id))
}

/// The id that the release gives it: the end of its URL, cut to what an id may be.
fn own_id(one: &SearchParameter) -> &str {
    let end = one.url.rsplit('/').next().unwrap_or_default();
    end.get(..64).unwrap_or(end)
}

fn resource(definitions: &Definitions, registry: &Registry, one: &SearchParameter, id: &Id) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        // What is empty is left out.
        if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
            out.insert(name.to_owned(), value);
        }
    };
    put("resourceType", json!("SearchParameter"));
    put("id", json!(id.as_str()));
    put("url", json!(one.url));
    put("version", json!(definitions.release().version()));
    put("name", json!(one.code.replace('-', "_")));
    put("status", json!("active"));
    let of = one.base.join(", ");
    put("description", json!(format!("The parameter {} of {of}, as this server takes it.", one.code)));
    put("code", json!(one.code));
    put("base", json!(one.base));
    put("type", json!(one.ty.code()));
    put("expression", json!(one.expression));
    put("target", json!(one.target));
    put("multipleOr", json!(one.multiple_or.unwrap_or(true)));
    put("multipleAnd", json!(one.multiple_and.unwrap_or(true)));
    let known = one.base.iter().filter_map(|base| match *base {
        "Resource" | "DomainResource" => ResourceType::from_name("Basic"),
        base => ResourceType::from_name(base),
    });
    if let Some(parameter) = known.filter_map(|ty| registry.parameter(ty, one.code)).next() {
        put("comparator", json!(parameter.comparators()));
        put("modifier", json!(modifiers(parameter, definitions)));
        put("chain", json!(chain(registry, parameter)));
    }
    let components = one.components.iter();
    let components: Vec<Value> = components
        .map(|part| json!({"definition": part.definition, "expression": part.expression}))
        .collect();
    put("component", json!(components));
    Value::Object(out)
}

/// The modifiers as the resource has them: a type's name stands for all of them.
fn modifiers(parameter: &Parameter, definitions: &Definitions) -> Vec<&'static str> {
    let known = definitions.value_set("http://hl7.org/fhir/ValueSet/search-modifier-code");
    // What a release has no code for is understood, and can't be told.
    let has = |code: &str| known.is_none_or(|set| set.contains(None, code) != Membership::Out);
    let spelled =
        |code| [code, if code == "of-type" { "ofType" } else { code }].into_iter().find(|code| has(code));
    let ty = (parameter.ty == SearchParameterType::Reference && is_found(parameter)).then_some("type");
    let with_type = parameter.modifiers().iter().copied().chain(ty);
    with_type.filter_map(spelled).collect()
}

/// The parameters that a reference can be chained with.
fn chain(registry: &Registry, parameter: &Parameter) -> Vec<String> {
    if parameter.ty != SearchParameterType::Reference || parameter.canonical {
        return Vec::new();
    }
    let of_target = |ty: &ResourceType| registry.parameters(*ty).iter().filter(|one| is_found(one));
    let mut codes: Vec<String> =
        parameter.targets.iter().flat_map(of_target).map(|one| one.code.to_string()).collect();
    codes.sort();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::Limits;
    use rushlight_model::definitions::Release;
    use rushlight_model::json::Tree;
    use rushlight_validation::Validator;

    #[test]
    fn every_parameter_of_a_release_is_a_valid_resource_with_an_id_of_its_own() {
        for release in Release::ALL {
            let registry = Registry::standard(release);
            let validator = Validator::new(release);
            for one in registry.definitions().search_parameters() {
                if one.base.is_empty() {
                    continue;
                }
                let id = Id::new(own_id(one)).unwrap();
                let found = standard(&registry, &id).unwrap();
                assert_eq!(found["url"], one.url, "{id}");
                let tree = Tree::parse(found.to_string().as_bytes(), &Limits::default()).unwrap();
                let problems = validator.check(tree.root());
                assert!(problems.is_empty(), "{id}: {problems:?}");
            }
        }
    }

    #[test]
    fn includes_lead_from_and_to_a_type() {
        let registry = Registry::standard(Release::R4);
        let includes = Includes::of(&registry);
        let patient = ResourceType::from_name("Patient").unwrap();
        let named = |list: Vec<Include<'_>>| list.iter().map(Include::to_string).collect::<Vec<_>>();
        let from = named(includes.from(patient));
        assert_eq!(from, ["*", "Patient:general-practitioner", "Patient:link", "Patient:organization"]);
        let to = named(includes.to(patient));
        assert!(
            to.iter().any(|one| one == "Observation:subject")
                && to.iter().any(|one| one == "Provenance:target")
        );
        assert!(!to.iter().any(|one| one == "Observation:encounter"));
    }
}
