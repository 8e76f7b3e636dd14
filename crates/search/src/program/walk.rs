//! Running a program on a resource.

use rushlight_fhirpath::{self as fhirpath, Budget, Environment, ErrorKind, Item, Node};
use rushlight_model::Id;
use rushlight_model::json::{Kind, Limits, Tree, Value, decode, quote};

use super::branch::Guard;
use super::parts::Found;
use super::{Computed, Edge, Emit, Part, Program, State, tag};
use crate::entries::{Entries, Entry};
use crate::key;
use crate::table::TableId;
use crate::values::{Contained, Datatype, Element, Units, index, is_here};
use crate::words::{of_narrative, of_strings};

/// What one expression may cost on one resource: some milliseconds.
const BUDGET: Budget = Budget { steps: 200_000, items: 20_000, bytes: 1 << 20 };

/// A walk through one resource.
struct Walk<'p, 't> {
    program: &'p Program,
    units: &'p Units,
    resource: Value<'t>,
    contained: &'p Contained<'t>,
}

/// What is found.
struct Sink<'o> {
    out: &'o mut Entries,
    /// The parts of composites whose elements are not complete yet.
    found: Found,
}

impl Program {
    /// Adds the entries of a resource of the program's type, not finished yet: one that is stored, or is contained in
    /// the one of which `contained` tells.
    pub(crate) fn run<'t>(
        &self,
        units: &Units,
        resource: Value<'t>,
        contained: &Contained<'t>,
        out: &mut Entries,
    ) {
        let walk = Walk { program: self, units, resource, contained };
        walk.element(0, Some(resource), None, &mut Sink { out, found: Found::default() });
        walk.computed(&self.computed, Node::resource(resource, self.definitions), out);
        for (unit, narrative) in &self.words {
            if *narrative { of_narrative(resource, *unit, out) } else { of_strings(resource, *unit, out) }
        }
    }

    /// References to what a compartment is around put the resource into it.
    pub(crate) fn join_compartments(&self, resource: Value<'_>, out: &mut Entries) {
        for compartment in &self.compartments {
            let joins = |entry: &Entry<'_>| {
                let mut values = entry.values();
                matches!(
                    (values.next(), values.next()),
                    (Some(key::Value::Bytes(target)), Some(key::Value::Int(ty)))
                        if ty == i64::from(compartment.around) && is_here(&target)
                )
            };
            for at in 0..out.len() {
                let references = out.get(at).filter(|entry| entry.table == TableId::REFERENCE);
                if references
                    .is_some_and(|entry| compartment.references.contains(&entry.unit()) && joins(&entry))
                {
                    out.row_of(TableId::COMPARTMENT, compartment.unit, at);
                }
            }
            let own = if compartment.own { resource.get("id") } else { None };
            let id = own.and_then(|id| id.as_str());
            if let Some(Ok(id)) = id.as_deref().map(Id::key_of) {
                out.row(TableId::COMPARTMENT, compartment.unit).bytes(id.as_ref()).end();
            }
        }
    }
}

impl<'t> Walk<'_, 't> {
    fn element(
        &self,
        state: usize,
        value: Option<Value<'t>>,
        companion: Option<Value<'t>>,
        out: &mut Sink<'_>,
    ) {
        let Some(known) = self.program.states.get(state) else { return };
        // Nobody takes a part of what is too much.
        if out.out.overflows() {
            return;
        }
        for emit in &known.emits {
            self.emit(emit, value, out);
        }
        let object = value.filter(|value| value.kind() == Kind::Object).or(companion);
        let Some(object) = object else { return };
        let first = out.found.len();
        for (guard, next) in &known.guards {
            if guard.holds(object) {
                self.element(*next, value, companion, out);
            }
        }
        if !known.edges.is_empty() {
            self.members(known, object, out);
        }
        if !known.composites.is_empty() {
            self.computed_parts(state, &known.computed, value, out);
            out.found.combine(first, state, &known.composites, out.out);
            out.found.forget(first, state);
        }
    }

    fn emit(&self, emit: &Emit, value: Option<Value<'t>>, out: &mut Sink<'_>) {
        let (datatype, system) = (emit.datatype, emit.system.as_ref());
        let element = Element { value, datatype, system, contained: self.contained, units: self.units };
        let before = out.out.len();
        index(emit.sort, emit.unit.unwrap_or_default(), element, out.out);
        if !emit.parts.is_empty() {
            out.found.copy(out.out, before, &emit.parts);
        }
        if emit.unit.is_none() {
            out.out.truncate(before);
        }
    }

    fn members(&self, state: &State, object: Value<'t>, out: &mut Sink<'_>) {
        for child in object.children() {
            let Some(name) = child.written_name() else { continue };
            if matches!(name.as_bytes().first(), Some(b'_' | b'\\')) {
                for edge in state.edges.iter().filter(|edge| child.is_companion_of(&edge.name)) {
                    self.companions(edge, object.get(&edge.name), child, out);
                }
            }
            if !self.follow(state, name, child, out) && name.bytes().any(|byte| byte == b'\\') {
                self.follow(state, &decode(name), child, out);
            }
        }
    }

    /// Goes where a member of this name leads; `false` if that is nowhere.
    fn follow(&self, state: &State, name: &str, child: Value<'t>, out: &mut Sink<'_>) -> bool {
        let tag = tag(name);
        let mut any = false;
        for edge in state.edges.iter().filter(|edge| edge.tag == tag && *edge.name == *name) {
            self.values(edge, child, out);
            any = true;
        }
        any
    }

    fn values(&self, edge: &Edge, child: Value<'t>, out: &mut Sink<'_>) {
        if child.kind() != Kind::Array {
            if edge.index.is_none_or(|index| index == 0) {
                self.element(edge.state, Some(child), None, out);
            }
            return;
        }
        for (at, item) in child.children().enumerate() {
            // What has no value is come upon with its companion.
            if item.kind() != Kind::Null && edge.index.is_none_or(|index| index == at) {
                self.element(edge.state, Some(item), None, out);
            }
        }
    }

    /// Primitives that have extensions: those without value, and what is in the extensions.
    fn companions(&self, edge: &Edge, values: Option<Value<'t>>, companions: Value<'t>, out: &mut Sink<'_>) {
        let items = |of: Value<'t>| -> Vec<Value<'t>> {
            if of.kind() == Kind::Array { of.children().collect() } else { vec![of] }
        };
        let values = values.map(items).unwrap_or_default();
        for (at, companion) in items(companions).into_iter().enumerate() {
            if companion.kind() != Kind::Object || edge.index.is_some_and(|index| index != at) {
                continue;
            }
            if values.get(at).is_none_or(|value| value.kind() == Kind::Null) {
                self.element(edge.state, None, Some(companion), out);
            } else if let Some(state) = self.program.states.get(edge.state) {
                self.members(state, companion, out);
            }
        }
    }

    /// Parts that FHIRPath finds from an element whose type does not matter to it: `%resource…`.
    fn computed_parts(
        &self,
        state: usize,
        computed: &[Computed],
        value: Option<Value<'t>>,
        out: &mut Sink<'_>,
    ) {
        let definitions = self.program.definitions;
        let (Some(value), Some(element)) = (value, definitions.ty("Element")) else { return };
        for one in computed {
            let before = out.out.len();
            self.computed(std::slice::from_ref(one), Node::element(value, element, definitions), out.out);
            out.found.copy(out.out, before, &[Part { of: state, number: one.unit }]);
            out.out.truncate(before);
        }
    }

    fn computed(&self, computed: &[Computed], node: Node<'t>, out: &mut Entries) {
        for one in computed {
            let resource = Node::resource(self.resource, self.program.definitions);
            let environment = Environment::new().resource(resource).budget(BUDGET);
            let items = match one.expression.evaluate(node, &environment) {
                Ok(items) => items,
                Err(error) => {
                    // What it would have found is not known, so it must not look as if it were nothing.
                    if matches!(error.kind, ErrorKind::Limit { .. }) {
                        out.overflow();
                    }
                    // What else can't be evaluated finds nothing in this resource: the expression was checked before.
                    continue;
                }
            };
            for item in items {
                match item {
                    Item::Node(node) => self.node(one, node, out),
                    Item::Value(value) => self.literal(one, &value, out),
                    Item::Type(_) => {}
                }
            }
        }
    }

    fn node(&self, one: &Computed, node: Node<'_>, out: &mut Entries) {
        let Some(ty) = node.definition() else { return };
        let datatype = Datatype::of(ty, self.program.definitions);
        self.index(one, node.json(), datatype, out);
    }

    /// A value that the expression has computed.
    fn literal(&self, one: &Computed, value: &fhirpath::Value<'_>, out: &mut Entries) {
        let (datatype, quoted) = match value {
            fhirpath::Value::Boolean(_) => (Datatype::Boolean, false),
            fhirpath::Value::Integer(_) | fhirpath::Value::Decimal(_) => (Datatype::Number, false),
            fhirpath::Value::Date(_) | fhirpath::Value::DateTime(_) => (Datatype::Date, true),
            _ => (Datatype::Text, true),
        };
        let mut text = value.to_string();
        if quoted {
            let said = std::mem::take(&mut text);
            quote(&mut text, &said);
        }
        if let Ok(tree) = Tree::parse(text.as_bytes(), &Limits::default()) {
            self.index(one, Some(tree.root()), datatype, out);
        }
    }

    fn index(&self, one: &Computed, value: Option<Value<'_>>, datatype: Datatype, out: &mut Entries) {
        let element = Element { value, datatype, system: None, contained: self.contained, units: self.units };
        index(one.sort, one.unit, element, out);
    }
}

impl Guard {
    fn holds(&self, object: Value<'_>) -> bool {
        let is = |value: Option<Value<'_>>, text: &str| {
            value.and_then(|value| value.as_str()).is_some_and(|found| found == text)
        };
        match self {
            Self::Equals(name, text) => is(object.get(name), text),
            Self::Resource(name) => is(object.get("resourceType"), name),
            Self::Extension(url) => object
                .get("extension")
                .is_some_and(|all| all.children().any(|extension| is(extension.get("url"), url))),
        }
    }
}
