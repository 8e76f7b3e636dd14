//! Resources that are searched: all of a store's, as of some moment.

use crate::expression::Node;
use crate::json::Json;
use crate::parameter::{Parameter, parameters};
use crate::rows::{Column, Row};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::{Id, ResourceType};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// A resource as it is now.
#[derive(Clone, Debug)]
pub struct Record {
    pub ty: ResourceType,
    pub id: Id,
    pub json: Json,
    /// `meta.lastUpdated` in microseconds since 1970.
    pub last_updated: i64,
    /// Later versions have greater numbers, also those of one time.
    pub number: i64,
}

/// A resource in a record: <https://hl7.org/fhir/R4/references.html#contained>
#[derive(Clone, Debug)]
pub struct Inner {
    /// The record's place.
    pub container: usize,
    pub ty: ResourceType,
    pub id: Id,
    pub json: Json,
}

/// What a record contains and can be named: the first of each id.
fn inner(container: usize, record: &Record, definitions: &Definitions) -> Vec<Inner> {
    let all = record.json.all("contained");
    let named = all.iter().enumerate().filter(|(at, one)| {
        let id = one.text_of("id");
        id.is_some() && !all[..*at].iter().any(|before| before.text_of("id") == id)
    });
    named
        .filter_map(|(_, one)| {
            let ty = ResourceType::from_name(one.text_of("resourceType")?)?;
            definitions.resource(ty)?;
            Some(Inner { container, ty, id: Id::new(one.text_of("id")?).ok()?, json: one.clone() })
        })
        .collect()
}

/// Of one resource, by the parameters' URLs.
type Cached = RefCell<HashMap<&'static str, Rc<Vec<Row>>>>;

/// The parameters of each type.
type ByType = HashMap<ResourceType, Vec<Parameter>>;

fn by_type(release: Release) -> &'static ByType {
    static R4: OnceLock<ByType> = OnceLock::new();
    static R4B: OnceLock<ByType> = OnceLock::new();
    static R5: OnceLock<ByType> = OnceLock::new();
    let once = match release {
        Release::R4 => &R4,
        Release::R4B => &R4B,
        Release::R5 => &R5,
    };
    let definitions = Definitions::of(release);
    once.get_or_init(|| {
        definitions.resource_types().map(|ty| (ty, parameters(definitions, ty.name()))).collect()
    })
}

/// All resources, in the order of their creation. A place is that of a record, or beyond those of what records contain.
pub struct World {
    pub definitions: &'static Definitions,
    pub records: Vec<Record>,
    /// What they contain.
    pub inner: Vec<Inner>,
    /// What is now, in microseconds since 1970.
    pub now: i64,
    /// The server's base, without a slash at the end.
    pub base: String,
    places: HashMap<(ResourceType, Id), usize>,
    of_type: HashMap<ResourceType, Vec<usize>>,
    inner_of_type: HashMap<ResourceType, Vec<usize>>,
    parameters: &'static ByType,
    rows: Vec<Cached>,
}

impl World {
    pub fn new(release: Release, records: Vec<Record>, now: i64, base: &str) -> Self {
        let definitions = Definitions::of(release);
        let mut places = HashMap::new();
        let mut of_type: HashMap<ResourceType, Vec<usize>> = HashMap::new();
        for (at, record) in records.iter().enumerate() {
            assert!(places.insert((record.ty, record.id.clone()), at).is_none(), "{record:?} twice");
            of_type.entry(record.ty).or_default().push(at);
        }
        let within = records.iter().enumerate().flat_map(|(at, record)| inner(at, record, definitions));
        let inner: Vec<Inner> = within.collect();
        let mut inner_of_type: HashMap<ResourceType, Vec<usize>> = HashMap::new();
        for (at, one) in inner.iter().enumerate() {
            inner_of_type.entry(one.ty).or_default().push(records.len() + at);
        }
        let rows = (0..records.len() + inner.len()).map(|_| Cached::default()).collect();
        Self {
            definitions,
            records,
            inner,
            now,
            base: base.to_owned(),
            places,
            of_type,
            inner_of_type,
            parameters: by_type(release),
            rows,
        }
    }

    /// What is contained at a place, if that is none of a record.
    pub fn inner(&self, at: usize) -> Option<&Inner> {
        self.inner.get(at.checked_sub(self.records.len())?)
    }

    /// The place of the record that a place is in.
    pub fn container(&self, at: usize) -> usize {
        self.inner(at).map_or(at, |inner| inner.container)
    }

    pub fn ty(&self, at: usize) -> ResourceType {
        self.inner(at).map_or_else(|| self.records[at].ty, |inner| inner.ty)
    }

    pub fn id(&self, at: usize) -> &Id {
        self.inner(at).map_or_else(|| &self.records[at].id, |inner| &inner.id)
    }

    pub fn json(&self, at: usize) -> &Json {
        self.inner(at).map_or_else(|| &self.records[at].json, |inner| &inner.json)
    }

    /// Of what is contained, when its container was.
    pub fn last_updated(&self, at: usize) -> i64 {
        self.records[self.container(at)].last_updated
    }

    /// As answers name it: what is contained by its container and its id in that.
    pub fn name(&self, at: usize) -> String {
        let record = &self.records[self.container(at)];
        let whole = format!("{}/{}", record.ty.name(), record.id);
        self.inner(at).map_or(whole.clone(), |inner| format!("{whole}#{}", inner.id))
    }

    /// The types of which there are resources, in the order of their names.
    pub fn types(&self) -> Vec<ResourceType> {
        let mut types: Vec<ResourceType> = self.of_type.keys().copied().collect();
        types.sort_by_key(|ty| ty.name());
        types
    }

    /// The places of the resources of a type.
    pub fn of_type(&self, ty: ResourceType) -> &[usize] {
        self.of_type.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// The same of what is contained.
    pub fn inner_of_type(&self, ty: ResourceType) -> &[usize] {
        self.inner_of_type.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// Both.
    pub(crate) fn all_of(&self, ty: ResourceType) -> impl Iterator<Item = usize> {
        self.of_type(ty).iter().chain(self.inner_of_type(ty)).copied()
    }

    pub fn place(&self, ty: ResourceType, id: &Id) -> Option<usize> {
        self.places.get(&(ty, id.clone())).copied()
    }

    pub fn node(&self, at: usize) -> Node<'_> {
        let whole = &self.records[self.container(at)].json;
        let inner = self.inner(at).map(|inner| Node::inside(&inner.json, whole, self.definitions).unwrap());
        inner.unwrap_or_else(|| Node::resource(whole, self.definitions).unwrap())
    }

    pub fn parameters(&self, ty: ResourceType) -> &[Parameter] {
        self.parameters.get(&ty).map_or(&[], Vec::as_slice)
    }

    pub fn parameter(&self, ty: ResourceType, code: &str) -> Option<&Parameter> {
        self.parameters(ty).iter().find(|own| own.definition.code == code)
    }

    /// The rows of a resource's parameter.
    pub fn rows(&self, at: usize, parameter: &Parameter) -> Rc<Vec<Row>> {
        let key = parameter.definition.url;
        if let Some(rows) = self.rows[at].borrow().get(key) {
            return Rc::clone(rows);
        }
        let rows = Rc::new(parameter.searched(self.node(at)).into_iter().collect());
        self.rows[at].borrow_mut().insert(key, Rc::clone(&rows));
        rows
    }

    /// Where a reference `#…` of a resource leads. What contains others is named so by them alone.
    fn inside(&self, at: usize, id: &str) -> Option<usize> {
        let container = self.container(at);
        if id.is_empty() {
            return (container != at).then_some(container);
        }
        let is = |inner: &Inner| inner.container == container && inner.id.as_str() == id;
        self.inner.iter().position(is).map(|place| self.records.len() + place)
    }

    /// The resource that a row of one leads to, if it is one of these.
    fn target(&self, at: usize, row: &Row) -> Option<usize> {
        if let ("reference", [Column::Bytes(target), Column::Int(1..), _]) = (row.0.as_str(), &row.1[..])
            && let Some(id) = target.strip_prefix(&[2])
        {
            return self.inside(at, std::str::from_utf8(id).ok()?);
        }
        Self::leads(row).and_then(|(ty, id)| self.place(ty, &id))
    }

    /// The type and the id of the stored resource that a row leads to, whether there is such a one or not.
    pub fn leads((table, values): &Row) -> Option<(ResourceType, Id)> {
        let [Column::Bytes(target), Column::Int(ty), _] = &values[..] else { return None };
        let ty = ResourceType::from_number(u16::try_from(*ty).ok()?)?;
        if table != "reference" || matches!(target[..], [] | [1 | 2, ..]) {
            return None;
        }
        Some((ty, Id::from_key(target).ok()?))
    }

    /// The resources that one leads to by a parameter, stored and contained ones.
    pub fn targets(&self, at: usize, parameter: &Parameter) -> Vec<usize> {
        self.rows(at, parameter).iter().filter_map(|row| self.target(at, row)).collect()
    }

    /// Whether a resource is in the compartment of another, which need not exist:
    /// <https://hl7.org/fhir/R4/compartmentdefinition.html>.
    pub fn is_in_compartment(&self, at: usize, of: (ResourceType, &Id)) -> bool {
        let record = &self.records[at];
        if record.ty == of.0 && record.id == *of.1 {
            return true;
        }
        let leads = |code: &&str| {
            let parameter = self.parameter(record.ty, code);
            parameter.is_some_and(|own| self.rows(at, own).iter().any(|row| leads_to(row, of)))
        };
        member_parameters(self.definitions, record.ty, of.0).iter().any(leads)
    }
}

/// By which parameters a resource of a type is in a compartment.
fn member_parameters(
    definitions: &'static Definitions,
    ty: ResourceType,
    of: ResourceType,
) -> &'static [&'static str] {
    let compartment = definitions.compartments().iter().find(|one| one.code == of.name());
    let member = compartment.and_then(|one| one.members.iter().find(|member| member.resource == ty.name()));
    member.map_or(&[], |member| &member.parameters)
}

fn leads_to((table, values): &Row, of: (ResourceType, &Id)) -> bool {
    table == "reference" && values[..2] == [Column::Bytes(of.1.to_key()), Column::Int(of.0.number().into())]
}

/// As of [`World::is_in_compartment`], of a resource in its text.
pub fn is_in_compartment(release: Release, json: &Json, of: (ResourceType, &Id)) -> bool {
    let node = Node::resource(json, Definitions::of(release)).unwrap();
    let ty = ResourceType::from_name(node.ty.name).unwrap();
    if ty == of.0 && json.text_of("id") == Some(of.1.as_str()) {
        return true;
    }
    let codes = member_parameters(Definitions::of(release), ty, of.0);
    let mut own = by_type(release)[&ty].iter().filter(|own| codes.contains(&own.definition.code));
    own.any(|parameter| parameter.rows(node).iter().any(|row| leads_to(row, of)))
}
