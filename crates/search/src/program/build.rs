//! Putting a program together.

use rushlight_fhirpath::Expression;
use rushlight_model::definitions::Definitions;

use super::branch::{Branch, Child, Step};
use super::{Compartment, Computed, Edge, Emit, Program, State, tag};
use crate::values::{Datatype, ImpliedSystem, Sort};

impl Program {
    /// A program that does nothing.
    pub(crate) fn new(definitions: &'static Definitions) -> Self {
        let states = vec![State::default()];
        Self { definitions, states, computed: Vec::new(), compartments: Vec::new(), words: Vec::new() }
    }

    /// Adds the entries of what a branch leads to.
    pub(crate) fn add(&mut self, unit: i32, sort: Sort, branch: &Branch) {
        for (state, child) in self.follow(0, branch) {
            self.emit(state, unit, sort, &child);
        }
    }

    /// Adds the entries of what an expression finds.
    pub(crate) fn compute(&mut self, unit: i32, sort: Sort, expression: Expression) {
        self.computed.push(Computed { unit, sort, expression });
    }

    /// Adds the words of the narrative, or of all other strings.
    pub(crate) fn words(&mut self, unit: i32, narrative: bool) {
        self.words.push((unit, narrative));
    }

    /// Adds a compartment.
    pub(crate) fn compartment(&mut self, compartment: Compartment) {
        self.compartments.push(compartment);
    }

    /// The states that a branch leads to from a state, made where there are none, and as what it finds elements there.
    pub(super) fn follow(&mut self, from: usize, branch: &Branch) -> Vec<(usize, Child)> {
        let mut ends: Vec<(usize, Option<Child>)> = vec![(from, None)];
        for step in &branch.steps {
            let mut next = Vec::new();
            for (state, child) in ends {
                match step {
                    Step::Member { children, index, .. } => {
                        for child in children {
                            next.push((self.edge(state, &child.json_name, *index), Some(child.clone())));
                        }
                    }
                    Step::Guard(guard) => {
                        let known = self.states.get(state).and_then(|state| {
                            state.guards.iter().find(|(known, _)| known == guard).map(|(_, to)| *to)
                        });
                        let to = known.unwrap_or_else(|| self.state());
                        if known.is_none()
                            && let Some(state) = self.states.get_mut(state)
                        {
                            state.guards.push((guard.clone(), to));
                        }
                        next.push((to, child));
                    }
                }
            }
            ends = next;
        }
        ends.into_iter().filter_map(|(state, child)| Some((state, child?))).collect()
    }

    fn emit(&mut self, state: usize, unit: i32, sort: Sort, child: &Child) {
        let emit = self.emit_of(state, sort, child, |emit| emit.unit.is_none());
        if let Some(emit) = emit {
            emit.unit = Some(unit);
        }
    }

    /// What finds an element's entries of a sort: one that serves, or a new one.
    pub(super) fn emit_of(
        &mut self,
        state: usize,
        sort: Sort,
        child: &Child,
        serves: impl Fn(&Emit) -> bool,
    ) -> Option<&mut Emit> {
        let emits = &mut self.states.get_mut(state)?.emits;
        let at = match emits.iter().position(|emit| emit.sort == sort && serves(emit)) {
            Some(known) => known,
            None => {
                let datatype = Datatype::of(child.ty, self.definitions);
                let codes = child.value_set.filter(|_| datatype == Datatype::Code);
                let system = codes.and_then(|codes| ImpliedSystem::of(codes, self.definitions));
                emits.push(Emit { unit: None, sort, datatype, system, parts: Vec::new() });
                emits.len() - 1
            }
        };
        emits.get_mut(at)
    }

    pub(super) fn state(&mut self) -> usize {
        self.states.push(State::default());
        self.states.len() - 1
    }

    fn edge(&mut self, from: usize, name: &str, index: Option<usize>) -> usize {
        let edges = self.states.get(from).map_or(&[][..], |state| &state.edges);
        if let Some(known) = edges.iter().find(|edge| &*edge.name == name && edge.index == index) {
            return known.state;
        }
        let state = self.state();
        if let Some(from) = self.states.get_mut(from) {
            from.edges.push(Edge { name: name.into(), tag: tag(name), index, state });
        }
        state
    }
}
