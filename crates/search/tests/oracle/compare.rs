//! What the index holds of resources, beside what the oracle says.

use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree, Value};
use rushlight_oracle::expression::Node;
use rushlight_oracle::json::Json;
use rushlight_oracle::parameter::{Parameter, parameters};
use rushlight_oracle::rows::{Column, Row};
use rushlight_search::key;
use rushlight_search::{Entries, Entry, Found, GREATEST, IndexTable, LEAST, Registry, TableId, UnitUse};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write};

/// How many differences of a parameter are told in full.
const TOLD: usize = 3;

/// The rows of one unit.
type Rows = BTreeSet<Row>;

/// A comparison of many resources of one release.
pub struct Comparison {
    pub definitions: &'static Definitions,
    registry: Registry,
    oracle: HashMap<&'static str, Vec<Parameter>>,
    pub resources: usize,
    /// What they contain.
    pub contained: usize,
    rows: usize,
    /// Types and codes of parameters that had rows.
    pub found: BTreeSet<(&'static str, &'static str)>,
    /// How many, by parameter.
    differences: BTreeMap<String, usize>,
    told: String,
}

impl Comparison {
    pub fn new(release: Release) -> Self {
        Self {
            definitions: Definitions::of(release),
            registry: Registry::standard(release),
            oracle: HashMap::new(),
            resources: 0,
            contained: 0,
            rows: 0,
            found: BTreeSet::new(),
            differences: BTreeMap::new(),
            told: String::new(),
        }
    }

    /// Compares a resource, and if it is a Bundle what is in it.
    pub fn text(&mut self, text: &str) {
        let limits = Limits { depth: usize::MAX, bytes: usize::MAX, values: usize::MAX };
        let tree = Tree::parse(text.as_bytes(), &limits).unwrap();
        self.resource(tree.root());
        for entry in tree.root().get("entry").into_iter().flat_map(Value::children) {
            entry.get("resource").into_iter().for_each(|resource| self.resource(resource));
        }
    }

    fn resource(&mut self, value: Value<'_>) {
        let json = Json::read(value.raw());
        let Some(node) = Node::resource(&json, self.definitions) else { return };
        let Some(ty) = ResourceType::from_name(node.ty.name) else { return };
        let mut entries = Entries::default();
        self.registry.extract(value, &mut entries);
        self.resources += 1;
        let id = format!("{}/{}", ty.name(), json.text_of("id").unwrap_or("?"));
        self.one(ty, &node, (&entries, 0), &id);
        self.flags(&entries, &id);
        self.inner(&json, &entries, &id);
    }

    /// A resource, or one that it contains, by its ordinal.
    fn one(&mut self, ty: ResourceType, node: &Node<'_>, (entries, ordinal): (&Entries, u32), id: &str) {
        let mut units = by_unit(entries, ordinal);
        let oracle = self.oracle.remove(ty.name()).unwrap_or_else(|| parameters(self.definitions, ty.name()));
        for parameter in &oracle {
            self.parameter(ty, parameter, node, &units, id);
        }
        // What is contained is in no compartment by itself.
        if ordinal == 0 {
            self.compartment(ty, &oracle, node, &mut units, id);
        }
        self.orphans(ty, units, id);
        self.oracle.insert(ty.name(), oracle);
    }

    /// What a resource contains: each that has an id of its own.
    fn inner(&mut self, json: &Json, entries: &Entries, id: &str) {
        let (mut seen, mut expected) = (BTreeSet::new(), Vec::new());
        for one in json.all("contained") {
            let Some(own) = one.text_of("id").filter(|own| seen.insert(own.to_string())) else { continue };
            let ty = one.text_of("resourceType").and_then(ResourceType::from_name);
            let Some((ty, node)) = ty.zip(Node::inside(one, json, self.definitions)) else { continue };
            if rushlight_model::Id::new(own).is_err() {
                continue;
            }
            let ordinal = expected.len() as u32 + 1;
            let target = [&[2], own.as_bytes()].concat();
            let number = Column::Int(ty.number().into());
            expected.push(vec![Column::Bytes(target), number, Column::Int(ordinal.into())]);
            self.contained += 1;
            self.one(ty, &node, (entries, ordinal), &format!("{id}#{own}"));
        }
        let all = entries.iter().filter(|entry| entry.table == TableId::CONTAINED);
        let mut indexed: Vec<Vec<Column>> = all.map(|entry| columns(entry).1).collect();
        indexed.sort_by(|a, b| a.last().cmp(&b.last()));
        if expected != indexed {
            self.differ("contained", &[id, &format!("{expected:?}"), "but", &format!("{indexed:?}")]);
        }
        let most = entries.iter().map(|entry| entry.ordinal as usize).max().unwrap_or(0);
        if most > expected.len() {
            self.differ("contained", &[id, "has entries of what there is not"]);
        }
    }

    fn parameter(
        &mut self,
        ty: ResourceType,
        parameter: &Parameter,
        node: &Node<'_>,
        units: &BTreeMap<i32, Rows>,
        id: &str,
    ) {
        let expected = parameter.rows(*node);
        let own = self.registry.parameters(ty).iter().find(|own| own.url == parameter.definition.url);
        let name = format!("{} {}", ty.name(), parameter.definition.code);
        let Some(own) = own else { return self.differ(&name, &[id, "the registry does not know it"]) };
        let indexed = match &own.found {
            // Both are columns of the record.
            Found::Id | Found::LastUpdated => return,
            Found::Nowhere(_) => Rows::new(),
            Found::Units(uses) => uses.iter().flat_map(|used| restricted(units, *used)).collect(),
        };
        self.rows += expected.len();
        if !expected.is_empty() {
            self.found.insert((ty.name(), parameter.definition.code));
        }
        if expected != indexed {
            let expression = parameter.definition.expression.unwrap_or("");
            let only = |a: &Rows, b: &Rows| format!("{:?}", a.difference(b).collect::<Vec<_>>());
            let (missing, extra) = (only(&expected, &indexed), only(&indexed, &expected));
            self.differ(&name, &[id, expression, "missing:", &missing, "too many:", &extra]);
        }
    }

    /// Patients' compartments, by the definition of the compartment.
    fn compartment(
        &mut self,
        ty: ResourceType,
        oracle: &[Parameter],
        node: &Node<'_>,
        units: &mut BTreeMap<i32, Rows>,
        id: &str,
    ) {
        let patient = self.definitions.compartments().iter().find(|one| one.code == "Patient").unwrap();
        let codes = patient.members.iter().find(|member| member.resource == ty.name());
        let codes = codes.map_or(&[][..], |member| &member.parameters);
        let number = i64::from(ResourceType::from_name("Patient").unwrap().number());
        let mut expected = BTreeSet::new();
        for parameter in oracle.iter().filter(|own| codes.contains(&own.definition.code)) {
            for (table, values) in parameter.rows(*node) {
                match &values[..] {
                    [Column::Bytes(target), Column::Int(ty), _] if *ty == number && is_local(target) => {
                        assert_eq!(table, "reference");
                        expected.insert(("compartment".to_owned(), vec![values[0].clone()]));
                    }
                    _ => {}
                }
            }
        }
        // A patient is in the own one, which R5 says as `{def}` and R4 in words.
        if ty.name() == patient.code {
            let key =
                node.get("id").and_then(Json::text).map(|id| rushlight_model::Id::new(id).unwrap().to_key());
            expected.extend(key.map(|key| ("compartment".to_owned(), vec![Column::Bytes(key)])));
        }
        self.rows += expected.len();
        let is_compartment = |row: &Row| row.0 == "compartment";
        let indexed: Rows = units.values().flatten().filter(|row| is_compartment(row)).cloned().collect();
        units.retain(|_, rows| !rows.iter().any(is_compartment));
        if expected != indexed {
            self.differ(
                &format!("{} compartment", ty.name()),
                &[id, &format!("{expected:?}"), "but", &format!("{indexed:?}")],
            );
        }
    }

    /// Rows that belong to no parameter.
    fn orphans(&mut self, ty: ResourceType, mut units: BTreeMap<i32, Rows>, id: &str) {
        for used in self.registry.parameters(ty).iter().flat_map(|own| own.units()) {
            units.remove(&used.number);
        }
        if !units.is_empty() {
            self.differ(&format!("{} rows of no parameter", ty.name()), &[id, &format!("{units:?}")]);
        }
    }

    /// The first and the last row that a value can match, of a unit in a flagged table, are marked, and no other.
    fn flags(&mut self, entries: &Entries, id: &str) {
        let mut groups: BTreeMap<(&str, i32), BTreeMap<Vec<Column>, i64>> = BTreeMap::new();
        for entry in entries.iter() {
            if entry.ordinal != 0 {
                let flags = columns(entry).2.unwrap_or(0);
                assert_eq!(flags, 0, "{entry}: what is contained is not sorted");
            } else if let (table, values, Some(flags)) = columns(entry) {
                groups.entry((table.name, entry.unit())).or_default().insert(values, flags);
            }
        }
        for ((table, unit), rows) in groups {
            let (bare, real): (Vec<_>, Vec<_>) = rows.iter().partition(|(values, _)| is_bare(values));
            let last = real.len().saturating_sub(1);
            let expected = |at| i64::from(at == 0) * LEAST + i64::from(at == last) * GREATEST;
            let right = bare.iter().all(|(_, flags)| **flags == 0)
                && real.iter().enumerate().all(|(at, (_, flags))| **flags == expected(at));
            if !right {
                self.differ("flags", &[id, table, &unit.to_string(), &format!("{rows:?}")]);
            }
        }
    }

    fn differ(&mut self, name: &str, what: &[&str]) {
        let count = self.differences.entry(name.to_owned()).or_default();
        *count += 1;
        if *count <= TOLD {
            writeln!(self.told, "{name}: {}", what.join(" ")).unwrap();
        }
    }

    /// What differs: empty if nothing does.
    pub fn report(&self) -> String {
        if self.differences.is_empty() {
            String::new()
        } else {
            format!("{self}\n{}{:#?}\n", self.told, self.differences)
        }
    }

    /// The parameters of a type that have units, and of which nothing was found.
    pub fn without_rows(&self, ty: ResourceType) -> Vec<(&'static str, String)> {
        let own = self.registry.parameters(ty).iter().filter(|own| !own.units().is_empty());
        let missing = own.filter(|own| !self.found.contains(&(ty.name(), &own.code)));
        missing.map(|own| (ty.name(), own.code.to_string())).collect()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differences: usize = self.differences.values().sum();
        write!(
            f,
            "{}: {} resources, {} contained, {} parameters of types with rows, {} rows compared, {differences} differences",
            self.definitions.release(),
            self.resources,
            self.contained,
            self.found.len(),
            self.rows
        )
    }
}

/// An id's key begins with neither of the marks.
fn is_local(target: &[u8]) -> bool {
    !matches!(target, [] | [1 | 2, ..])
}

/// What one has for itself, of whatever it is contained in.
fn by_unit(entries: &Entries, ordinal: u32) -> BTreeMap<i32, Rows> {
    let mut units: BTreeMap<i32, Rows> = BTreeMap::new();
    for entry in entries.iter().filter(|one| one.ordinal == ordinal && one.table != TableId::CONTAINED) {
        let (table, values, _) = columns(entry);
        assert!(
            units.entry(entry.unit()).or_default().insert((table.name.to_owned(), values)),
            "{entry} twice"
        );
    }
    units
}

const LEAST_NUMBER: [u8; 2] = [0, 0];
const GREATEST_NUMBER: [u8; 2] = [0xFF, 0xFF];

/// Whether the values of a row of a flagged table are those that nothing matches.
fn is_bare(values: &[Column]) -> bool {
    match values {
        [Column::Int(low), Column::Int(high)] => (*low, *high) == (i64::MAX, i64::MIN),
        [Column::Text(text), Column::Int(hash)] => text.is_empty() && *hash == 0,
        [Column::Bytes(low), Column::Bytes(high), ..] => {
            low[..] == GREATEST_NUMBER && high[..] == LEAST_NUMBER
        }
        _ => false,
    }
}

/// The table, the values, and the flags of a flagged table.
fn columns(entry: Entry<'_>) -> (&'static IndexTable, Vec<Column>, Option<i64>) {
    let table = entry.table().unwrap();
    let mut values: Vec<Column> = entry
        .values()
        .map(|value| match value {
            key::Value::Int(value) => Column::Int(value),
            key::Value::Real(value) => Column::Real(format!("{value:?}")),
            key::Value::Text(bytes) => Column::Text(String::from_utf8(bytes.into_owned()).unwrap()),
            key::Value::Bytes(bytes) => Column::Bytes(bytes.into_owned()),
        })
        .collect();
    assert_eq!(values.len(), table.columns.len(), "{entry}");
    let Some(Column::Int(flags)) = values.last().filter(|_| table.is_flagged()) else {
        return (table, values, None);
    };
    let flags = *flags;
    values.pop();
    (table, values, Some(flags))
}

/// The rows of a unit, of references only those to the type that counts.
fn restricted(units: &BTreeMap<i32, Rows>, used: UnitUse) -> Vec<Row> {
    let number = used.target.map(|ty| i64::from(ty.number()));
    let counts =
        |row: &&Row| number.is_none_or(|number| row.0 != "reference" || row.1[1] == Column::Int(number));
    units.get(&used.number).into_iter().flatten().filter(counts).cloned().collect()
}
