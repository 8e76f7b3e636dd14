//! What can be said against an expression before it is evaluated: a walk that follows types instead of items.

mod binary;
mod shape;

use rushlight_model::definitions::{Definitions, TypeDefinition};
use rushlight_model::nearest;

use crate::environment::fixed;
use crate::error::{ErrorKind, Fault};
use crate::functions::{self, Arguments, Function, Gives, Takes};
use crate::syntax::{Expr, ExprKind, Literal, Step, TypeName, TypeOperator, Unit, type_path};
use crate::value::{TypeInfo, TypeSpec};
use binary::is_number;
use shape::{Shape, Sort, Ty, types_of};

/// What can be said against an expression that is evaluated on a type, and the types of what it can find; `None` where
/// these can't be told.
pub(crate) fn check(
    expr: &Expr,
    ty: &str,
    definitions: &'static Definitions,
) -> (Vec<Fault>, Option<Vec<TypeInfo>>) {
    let root = definitions.ty(ty).map_or_else(Shape::unknown, |ty| Shape::of(Ty::Fhir(ty)));
    let mut checker = Checker { definitions, root: root.clone(), faults: Vec::new(), repeats: false };
    let found = checker.expr(expr, &root);
    let types = found.types.map(|types| types.into_iter().map(|ty| ty.info(definitions)).collect());
    (checker.faults, types)
}

struct Checker {
    definitions: &'static Definitions,
    root: Shape,
    faults: Vec<Fault>,
    /// Within an argument of `repeat`.
    repeats: bool,
}

impl Checker {
    fn say(&mut self, at: u32, kind: ErrorKind) {
        self.faults.push(Fault::new(at, kind));
    }

    fn expr(&mut self, expr: &Expr, this: &Shape) -> Shape {
        match &expr.kind {
            ExprKind::Literal(literal) => of_literal(literal),
            ExprKind::Variable(name) => match &**name {
                "context" => self.root.clone(),
                name if fixed(name).is_some() => Shape::system("String"),
                _ => Shape::unknown(),
            },
            ExprKind::This => this.clone(),
            ExprKind::Index => Shape::system("Integer"),
            ExprKind::Total => Shape::unknown(),
            ExprKind::Path { start, steps } => self.path(start.as_deref(), steps, this),
            ExprKind::Sign { operand, .. } => {
                let operand = self.expr(operand, this);
                self.takes("-", &operand, "a number", expr.place.0, is_number);
                operand
            }
            ExprKind::Binary { operator, left, right } => {
                let operands = [self.expr(left, this), self.expr(right, this)];
                self.binary(*operator, operands, expr.place.0)
            }
            ExprKind::Type { operator, operand, ty } => {
                let operand = self.expr(operand, this);
                match operator {
                    TypeOperator::Is => Shape::system("Boolean"),
                    TypeOperator::As => self.narrowed(operand, self.spec(ty)),
                }
            }
        }
    }

    /// The compiler has said what is wrong with a type's name.
    fn spec(&self, name: &TypeName) -> Shape {
        TypeSpec::of(name, self.definitions).map_or_else(|_| Shape::unknown(), Shape::of_spec)
    }

    fn takes(
        &mut self,
        what: &'static str,
        shape: &Shape,
        expected: &'static str,
        at: u32,
        fits: fn(Sort) -> bool,
    ) {
        if shape.is_never(self.definitions, fits) {
            let found = shape.names();
            self.say(at, ErrorKind::Mismatch { what: what.into(), expected: expected.into(), found });
        }
    }

    fn path(&mut self, start: Option<&Expr>, steps: &[Step], this: &Shape) -> Shape {
        let mut shape = match start {
            Some(start) => self.expr(start, this),
            None => this.clone(),
        };
        for (number, step) in steps.iter().enumerate() {
            shape = match step {
                Step::Member { name, place } => {
                    let first = number == 0 && start.is_none();
                    match self.definitions.ty(name).filter(|_| first && name.starts_with(char::is_uppercase))
                    {
                        Some(ty) => self.root_type(ty, &shape, place.0),
                        None => self.member(name, &shape, place.0),
                    }
                }
                Step::Index(index) => {
                    let found = self.expr(index, this);
                    self.takes("an index", &found, "an Integer", index.place.0, |sort| sort == Sort::Number);
                    self.ordered("[]", &shape, index.place.0);
                    shape
                }
                Step::Call { name, arguments, place } => match functions::named(name) {
                    Some(function) => self.call(function, arguments, shape, this, place.0),
                    None => Shape::unknown(),
                },
            };
        }
        shape
    }

    /// What `as` and `ofType` leave.
    fn narrowed(&self, input: Shape, wanted: Shape) -> Shape {
        let may_be = |known: &Ty, wanted: &Ty| match (known, wanted) {
            (Ty::Fhir(known), Ty::Fhir(wanted)) => self.are_related(known, wanted),
            _ => true,
        };
        match (&input.types, &wanted.types) {
            (Some(known), Some(types)) if !known.iter().any(|ty| types.iter().any(|one| may_be(ty, one))) => {
                Shape::nothing()
            }
            _ => wanted,
        }
    }

    /// Whether what is of one type may be of the other, too.
    fn are_related(&self, one: &TypeDefinition, other: &TypeDefinition) -> bool {
        one.is_a(self.definitions, other.name) || other.is_a(self.definitions, one.name)
    }

    /// The name of a type at the beginning of a path.
    fn root_type(&mut self, ty: &'static TypeDefinition, shape: &Shape, at: u32) -> Shape {
        let fits = |known: &Ty| matches!(known, Ty::Fhir(known) if self.are_related(known, ty));
        match &shape.types {
            Some(types) if !types.iter().any(fits) => {
                let kind = ErrorKind::UnknownElement {
                    ty: shape.names(),
                    name: ty.name.to_owned(),
                    suggestion: None,
                };
                self.say(at, kind);
                Shape::nothing()
            }
            _ => Shape::of(Ty::Fhir(ty)),
        }
    }

    /// The element of a name, of all types that have it.
    fn member(&mut self, name: &str, shape: &Shape, at: u32) -> Shape {
        let Some(types) = &shape.types else { return Shape { types: None, ordered: shape.ordered } };
        if types.is_empty() {
            return shape.clone();
        }
        let mut found = Shape::nothing();
        let mut any = false;
        for ty in types {
            let Ty::Fhir(ty) = ty else { continue };
            // What is based on an abstract type may have more.
            any |= ty.is_abstract;
            if let Some(element) = ty.element(name) {
                any = true;
                // Each type once: those of elements of any type would multiply at each step.
                let types = Some(types_of(element, self.definitions));
                found = found.or(Shape { types, ordered: true });
            }
        }
        if !any {
            let kind = ErrorKind::UnknownElement {
                ty: shape.names(),
                name: name.to_owned(),
                suggestion: suggestion(name, types),
            };
            self.say(at, kind);
        }
        Shape { types: found.types.filter(|found| !found.is_empty()), ordered: shape.ordered }
    }

    fn ordered(&mut self, what: &'static str, shape: &Shape, at: u32) {
        if !shape.ordered {
            self.say(at, ErrorKind::Unordered { what });
        }
    }

    fn call(
        &mut self,
        function: &'static Function,
        arguments: &[Expr],
        input: Shape,
        this: &Shape,
        at: u32,
    ) -> Shape {
        match function.takes {
            Takes::Any | Takes::One => {}
            Takes::Ordered => self.ordered(function.name, &input, at),
            Takes::String => self.takes(function.name, &input, "a String", at, |sort| sort == Sort::String),
            Takes::Number => self.takes(function.name, &input, "a number", at, is_number),
            Takes::Booleans => {
                self.takes(function.name, &input, "Booleans", at, |sort| sort == Sort::Boolean)
            }
        }
        if function.arguments == Arguments::Type {
            let named = arguments.first().and_then(type_path).map(|name| self.spec(&name));
            return self.gives(function, input, &[named.unwrap_or_else(Shape::unknown)]);
        }
        let scope = match function.arguments {
            Arguments::Each | Arguments::Keys => input.clone(),
            _ => this.clone(),
        };
        let is_repeat = function.name == "repeat";
        let within = self.repeats;
        self.repeats |= is_repeat;
        let mut shapes: Vec<Shape> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let key = match (&argument.kind, function.arguments) {
                (ExprKind::Sign { operand, .. }, Arguments::Keys) => operand,
                _ => argument,
            };
            shapes.push(self.expr(key, &scope));
        }
        if let (Gives::Branches, Some(criterion), Some(argument)) =
            (function.gives, shapes.first(), arguments.first())
            && criterion.types.iter().flatten().all(|ty| matches!(ty, Ty::System(_)))
        {
            let criterion = criterion.clone();
            self.takes(function.name, &criterion, "a Boolean", argument.place.0, |sort| {
                sort == Sort::Boolean
            });
        }
        if is_repeat && let (Some(argument), Some(found)) = (arguments.first(), shapes.first_mut()) {
            // What has been found is looked at, too; it need not have the element again. Within another `repeat`, that
            // would be twice as much at each level.
            let faults = self.faults.len();
            let again = if within { Shape::unknown() } else { self.expr(argument, &found.clone()) };
            self.faults.truncate(faults);
            *found = found.clone().or(again);
        }
        self.repeats = within;
        self.gives(function, input, &shapes)
    }

    fn gives(&self, function: &Function, input: Shape, arguments: &[Shape]) -> Shape {
        let argument = |number: usize| arguments.get(number).cloned();
        match function.gives {
            Gives::Unknown => Shape::unknown(),
            Gives::Input if function.name == "sort" => Shape { ordered: true, ..input },
            Gives::Input | Gives::InputItem => input,
            Gives::InputAndArgument => argument(0).map_or_else(Shape::unknown, |other| input.or(other)),
            Gives::Argument => argument(0).unwrap_or_else(Shape::unknown),
            Gives::OfType => self.narrowed(input, argument(0).unwrap_or_else(Shape::unknown)),
            Gives::Branches => match (argument(1), argument(2)) {
                (Some(one), Some(other)) => one.or(other),
                (Some(one), None) => one,
                _ => Shape::unknown(),
            },
            Gives::Children => Shape { types: None, ordered: false },
            Gives::One(name) | Gives::Many(name) => Shape::system(name),
            Gives::Extensions => {
                self.definitions.ty("Extension").map_or_else(Shape::unknown, |ty| Shape::of(Ty::Fhir(ty)))
            }
        }
    }
}

fn of_literal(literal: &Literal) -> Shape {
    Shape::system(match literal {
        Literal::Empty => return Shape::unknown(),
        Literal::Boolean(_) => "Boolean",
        Literal::String(_) => "String",
        Literal::Integer(_) => "Integer",
        Literal::Decimal(_) => "Decimal",
        Literal::Date(_) => "Date",
        Literal::DateTime(_) => "DateTime",
        Literal::Time(_) => "Time",
        Literal::Quantity(_, Unit::Calendar(_) | Unit::Ucum(_)) => "Quantity",
    })
}

/// The element whose name is like it, or whose name in JSON it is.
fn suggestion(name: &str, types: &[Ty]) -> Option<String> {
    let definitions = types.iter().filter_map(|ty| if let Ty::Fhir(ty) = ty { Some(*ty) } else { None });
    let json = definitions.clone().find_map(|ty| {
        let element = ty.elements().get(usize::from(ty.member(name)?.element))?;
        Some(element.name)
    });
    let names = || definitions.flat_map(TypeDefinition::elements).map(|element| element.name);
    json.or_else(|| nearest(name, names())).map(str::to_owned)
}
