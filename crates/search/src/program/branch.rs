//! The branches of search parameters' expressions: paths from a resource, one for each side of a union.
//!
//! Nearly all expressions are unions of paths with filters. What is more than that is left to FHIRPath.

use std::fmt::Write;

use rushlight_fhirpath::syntax::{Expr, ExprKind, Literal, Operator, Step as Written, TypeOperator};
use rushlight_model::definitions::{Definitions, ElementDefinition, Strength, TypeDefinition, TypeKind};

use crate::values::Datatype;

/// A member of a JSON object that a step leads to. A choice has one for each of its types.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) json_name: String,
    pub(crate) ty: &'static TypeDefinition,
    /// The value set of a required binding.
    pub(crate) value_set: Option<&'static str>,
}

/// A step from an element to others.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// To the children of a name; to only one of them if there is an index.
    Member { element: &'static ElementDefinition, children: Vec<Child>, index: Option<usize> },
    /// Nowhere, if the element is not as it should be.
    Guard(Guard),
}

/// What an element has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// A primitive child has this text.
    Equals(&'static str, Box<str>),
    /// It has an extension of this URL.
    Extension(Box<str>),
    /// It is a resource of this type.
    Resource(&'static str),
}

/// A path, and what its references have to lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branch {
    pub(crate) steps: Vec<Step>,
    pub(crate) target: Option<&'static str>,
}

/// What FHIRPath has to evaluate, because it is no plain path.
#[derive(Debug)]
pub(crate) struct Beyond;

/// Branches of one path, at most. Each element of any type multiplies them (`extension.value.extension.value…`), by
/// some fifty.
const BRANCHES: usize = 16;

/// Finds the branches that an expression has on a type.
pub(crate) struct Finder {
    pub(crate) definitions: &'static Definitions,
    pub(crate) on: &'static TypeDefinition,
}

impl Finder {
    /// The branches of an expression; none if it is for other types.
    pub(crate) fn branches(&self, expr: &Expr) -> Result<Vec<Branch>, Beyond> {
        match &expr.kind {
            ExprKind::This => Ok(vec![Branch::default()]),
            ExprKind::Path { start, steps } => self.path(start.as_deref(), steps),
            ExprKind::Binary { operator: Operator::Union, left, right } => {
                let mut branches = self.branches(left)?;
                branches.append(&mut self.branches(right)?);
                Ok(branches)
            }
            ExprKind::Type { operator: TypeOperator::As, operand, ty } => {
                let branches = self.branches(operand)?;
                self.each(branches, |branch| self.of_type(branch, &ty.name))
            }
            _ => Err(Beyond),
        }
    }

    /// Extensions stand for their values: R4B has parameters that lead to the extensions themselves.
    pub(crate) fn content(&self, branch: Branch) -> Vec<Branch> {
        match self.types(&branch).as_slice() {
            [ty] if ty.name == "Extension" => self.member(&branch, "value"),
            _ => vec![branch],
        }
    }

    fn each(
        &self,
        branches: Vec<Branch>,
        mut next: impl FnMut(Branch) -> Result<Option<Branch>, Beyond>,
    ) -> Result<Vec<Branch>, Beyond> {
        branches.into_iter().filter_map(|branch| next(branch).transpose()).collect()
    }

    fn path(&self, start: Option<&Expr>, steps: &[Written]) -> Result<Vec<Branch>, Beyond> {
        let (mut branches, mut steps) = match start {
            Some(start) => (self.branches(start)?, steps),
            None => (vec![Branch::default()], steps),
        };
        if let (None, Some((Written::Member { name, .. }, rest))) = (start, steps.split_first())
            && name.starts_with(|char: char| char.is_ascii_uppercase())
            && let Some(root) = self.definitions.ty(name)
        {
            if !self.on.is_based_on(self.definitions, root.id) {
                return Ok(Vec::new());
            }
            steps = rest;
        }
        for step in steps {
            // An index counts what all of them find.
            if branches.len() > 1 && matches!(step, Written::Index(_)) {
                return Err(Beyond);
            }
            let mut longer = Vec::with_capacity(branches.len());
            for branch in branches {
                longer.append(&mut self.step(branch, step)?);
                if longer.len() > BRANCHES {
                    return Err(Beyond);
                }
            }
            branches = longer;
        }
        Ok(branches)
    }

    fn step(&self, branch: Branch, step: &Written) -> Result<Vec<Branch>, Beyond> {
        if branch.target.is_some() {
            return Err(Beyond);
        }
        match step {
            Written::Member { name, .. } => Ok(self.member(&branch, name)),
            Written::Index(index) => indexed(branch, index).map(|branch| vec![branch]),
            Written::Call { name, arguments, .. } => {
                let next = match (&**name, arguments.as_slice()) {
                    ("as" | "ofType", [ty]) => self.of_type(branch, type_name(ty)?)?,
                    ("where", [criteria]) => Some(self.filtered(branch, criteria)?),
                    ("extension", [url]) => {
                        let url = text(url).ok_or(Beyond)?;
                        return Ok(self
                            .member(&branch, "extension")
                            .into_iter()
                            .map(|branch| branch.guarded(Guard::Equals("url", url.into())))
                            .collect());
                    }
                    _ => return Err(Beyond),
                };
                Ok(next.into_iter().collect())
            }
        }
    }

    /// The types that an element at the end of the branch may have.
    fn types(&self, branch: &Branch) -> Vec<&'static TypeDefinition> {
        match branch.last_children() {
            Some(children) => children.iter().map(|child| child.ty).collect(),
            None => vec![self.on],
        }
    }

    /// A branch for each type that has an element of this name.
    fn member(&self, branch: &Branch, name: &str) -> Vec<Branch> {
        let types = self.types(branch);
        let several = types.len() > 1;
        let mut branches = Vec::new();
        // One more than there may be is enough.
        let elements = types.into_iter().filter_map(|ty| Some((ty, ty.element(name)?))).take(BRANCHES + 1);
        for (ty, element) in elements {
            let mut longer = branch.clone();
            if several && let Some(children) = longer.last_children_mut() {
                children.retain(|child| child.ty.id == ty.id);
            }
            let children =
                (0_u8..).take(element.types.len()).filter_map(|at| self.child(element, at)).collect();
            longer.steps.push(Step::Member { element, children, index: None });
            branches.push(longer);
        }
        branches
    }

    fn child(&self, element: &'static ElementDefinition, at: u8) -> Option<Child> {
        let reference = element.types.get(usize::from(at))?;
        let ty = self.definitions.type_at(reference.ty)?;
        // A type that only restricts another has that one's name in JSON.
        let ty = if ty.name == reference.code { ty } else { self.definitions.ty(reference.code)? };
        let required = element.binding.filter(|binding| binding.strength == Strength::Required);
        Some(Child {
            json_name: element.json_name(at)?,
            ty,
            value_set: required.map(|binding| binding.value_set),
        })
    }

    /// Keeps what is of a type; `None` if nothing can be.
    fn of_type(&self, mut branch: Branch, name: &str) -> Result<Option<Branch>, Beyond> {
        // R4 writes `DateTime` once.
        let ty = self.definitions.ty(name).or_else(|| {
            let (first, rest) = name.split_at_checked(1)?;
            self.definitions.ty(&[&first.to_ascii_lowercase(), rest].concat())
        });
        let ty = ty.ok_or(Beyond)?;
        let Some(children) = branch.last_children_mut() else {
            return Ok(self.on.is_based_on(self.definitions, ty.id).then_some(branch));
        };
        let fits = |child: &Child| match child.ty.kind {
            TypeKind::Primitive => child.ty.id == ty.id,
            _ => child.ty.is_based_on(self.definitions, ty.id),
        };
        let is_resource = ty.kind == TypeKind::Resource;
        let any = |child: &Child| is_resource && ty.is_based_on(self.definitions, child.ty.id);
        children.retain(|child| fits(child) || any(child));
        if children.is_empty() {
            return Ok(None);
        }
        let inside = children.iter().any(|child| !fits(child));
        Ok(Some(if inside { branch.guarded(Guard::Resource(ty.name)) } else { branch }))
    }

    fn filtered(&self, branch: Branch, criteria: &Expr) -> Result<Branch, Beyond> {
        match &criteria.kind {
            ExprKind::Type { operator: TypeOperator::Is, operand, ty } if is_call(operand, "resolve") => {
                let target = self.definitions.ty(&ty.name).ok_or(Beyond)?;
                Ok(Branch { target: Some(target.name), ..branch })
            }
            ExprKind::Binary { operator: Operator::Equal, left, right } => {
                let (name, text) = (only_member(left).ok_or(Beyond)?, text(right).ok_or(Beyond)?);
                let mut elements = self.types(&branch).into_iter().map(|ty| ty.element(name));
                // A date equals no string, whatever it looks like.
                let is_text = |ty: &TypeDefinition| {
                    matches!(
                        Datatype::of(ty, self.definitions),
                        Datatype::Code | Datatype::Uri | Datatype::Text
                    )
                };
                let one = |element: &ElementDefinition| {
                    let ty = element.types.first().and_then(|ty| self.definitions.type_at(ty.ty));
                    !element.repeats() && !element.choice && ty.is_some_and(is_text)
                };
                match (elements.next().flatten(), elements.next()) {
                    (Some(element), None) if one(element) => {
                        Ok(branch.guarded(Guard::Equals(element.name, text.into())))
                    }
                    _ => Err(Beyond),
                }
            }
            ExprKind::Path { start: None, steps } => match steps.as_slice() {
                [
                    Written::Call { name: extension, arguments: url, .. },
                    Written::Call { name: exists, arguments, .. },
                ] if &**extension == "extension" && &**exists == "exists" && arguments.is_empty() => {
                    let url = url.first().and_then(text).ok_or(Beyond)?;
                    Ok(branch.guarded(Guard::Extension(url.into())))
                }
                _ => Err(Beyond),
            },
            _ => Err(Beyond),
        }
    }
}

/// An index counts what the whole path leads to: the same as in one array, if nothing before repeats.
fn indexed(mut branch: Branch, index: &Expr) -> Result<Branch, Beyond> {
    let ExprKind::Literal(Literal::Integer(digits)) = &index.kind else { return Err(Beyond) };
    let at: usize = digits.parse().map_err(|_| Beyond)?;
    let Some((Step::Member { index, .. }, before)) = branch.steps.split_last_mut() else {
        return Err(Beyond);
    };
    let repeats =
        |step: &Step| !matches!(step, Step::Member { element, index: None, .. } if !element.repeats());
    if before.iter().any(repeats) {
        return Err(Beyond);
    }
    *index = Some(at);
    Ok(branch)
}

fn text(expr: &Expr) -> Option<&str> {
    if let ExprKind::Literal(Literal::String(text)) = &expr.kind { Some(text) } else { None }
}

fn only_member(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path { start: None, steps } => match steps.as_slice() {
            [Written::Member { name, .. }] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn is_call(expr: &Expr, function: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path { start: None, steps }
        if matches!(steps.as_slice(), [Written::Call { name, .. }] if &**name == function))
}

fn type_name(expr: &Expr) -> Result<&str, Beyond> {
    only_member(expr).ok_or(Beyond)
}

impl Branch {
    fn guarded(mut self, guard: Guard) -> Self {
        self.steps.push(Step::Guard(guard));
        self
    }

    /// The types of the elements that it leads to.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &'static TypeDefinition> {
        self.last_children().into_iter().flatten().map(|child| child.ty)
    }

    fn last_children(&self) -> Option<&Vec<Child>> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Member { children, .. } => Some(children),
            Step::Guard(_) => None,
        })
    }

    fn last_children_mut(&mut self) -> Option<&mut Vec<Child>> {
        self.steps.iter_mut().rev().find_map(|step| match step {
            Step::Member { children, .. } => Some(children),
            Step::Guard(_) => None,
        })
    }

    /// Takes in the types of another branch that has the same stem.
    pub(crate) fn unite(&mut self, mut other: Self) {
        if let (Some(own), Some(others)) = (self.last_children_mut(), other.last_children_mut()) {
            others.retain(|child| own.iter().all(|known| known.ty.id != child.ty.id));
            own.append(others);
            own.sort_by_key(|child| child.ty.name);
        }
    }

    /// What it says in one way, whichever way it was written.
    pub(crate) fn text(&self) -> String {
        self.print(true)
    }

    /// [`Branch::text`] without the types of its last element, and what its references have to lead to.
    pub(crate) fn stem(&self) -> String {
        format!("{} {}", self.target.unwrap_or_default(), self.print(false))
    }

    fn print(&self, whole: bool) -> String {
        let last = self.steps.iter().rposition(|step| matches!(step, Step::Member { .. }));
        let mut out = String::new();
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Member { element, children, index } => {
                    let dot = if out.is_empty() { "" } else { "." };
                    // Nothing can go wrong in writing to a string, here and below.
                    let _ = write!(out, "{dot}{}", element.name);
                    if children.len() < element.types.len() && (whole || Some(at) != last) {
                        let mut types: Vec<&str> = children.iter().map(|child| child.ty.name).collect();
                        types.sort_unstable();
                        let _ = write!(out, ":{}", types.join("|"));
                    }
                    if let Some(index) = index {
                        let _ = write!(out, "[{index}]");
                    }
                }
                // Quoted, or one text could look like several guards.
                Step::Guard(Guard::Equals(name, text)) => {
                    let _ = write!(out, "({name}={text:?})");
                }
                Step::Guard(Guard::Extension(url)) => {
                    let _ = write!(out, "(extension={url:?})");
                }
                Step::Guard(Guard::Resource(name)) => {
                    let _ = write!(out, "(resourceType={name})");
                }
            }
        }
        out
    }
}
