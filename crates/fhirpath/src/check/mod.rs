//! What can be said against an expression before it is evaluated: a walk that follows types instead of items.

mod shape;

use rushlight_model::definitions::{Definitions, TypeDefinition};
use rushlight_model::nearest;

use crate::environment::fixed;
use crate::error::{ErrorKind, Fault};
use crate::functions::{self, Arguments, Function, Gives, Takes};
use crate::syntax::{Expr, ExprKind, Literal, Operator, Step, TypeName, TypeOperator, Unit, type_path};
use crate::value::TypeSpec;
use shape::{Shape, Sort, Ty, types_of};

/// What can be said against an expression that is evaluated on a type.
pub(crate) fn check(expr: &Expr, ty: &str, definitions: &'static Definitions) -> Vec<Fault> {
    let root = definitions.ty(ty).map_or_else(Shape::unknown, |ty| Shape::of(Ty::Fhir(ty)));
    let mut checker = Checker { definitions, root: root.clone(), faults: Vec::new() };
    checker.expr(expr, &root);
    checker.faults
}

struct Checker {
    definitions: &'static Definitions,
    root: Shape,
    faults: Vec<Fault>,
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
                self.expr(operand, this);
                match operator {
                    TypeOperator::Is => Shape::system("Boolean"),
                    TypeOperator::As => self.spec(ty),
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

    /// The name of a type at the beginning of a path.
    fn root_type(&mut self, ty: &'static TypeDefinition, shape: &Shape, at: u32) -> Shape {
        let related = |one: &TypeDefinition, other: &TypeDefinition| {
            one.is_a(self.definitions, other.name) || other.is_a(self.definitions, one.name)
        };
        let fits = |known: &Ty| matches!(known, Ty::Fhir(known) if related(known, ty));
        match &shape.types {
            Some(types) if !types.iter().any(fits) => {
                let kind = ErrorKind::UnknownElement {
                    ty: shape.names(),
                    name: ty.name.to_owned(),
                    suggestion: None,
                };
                self.say(at, kind);
                Shape::unknown()
            }
            _ => Shape::of(Ty::Fhir(ty)),
        }
    }

    /// The element of a name, of all types that have it.
    fn member(&mut self, name: &str, shape: &Shape, at: u32) -> Shape {
        let Some(types) = &shape.types else { return Shape { types: None, ordered: shape.ordered } };
        let mut found: Vec<Ty> = Vec::new();
        let mut any = types.is_empty();
        for ty in types {
            let Ty::Fhir(ty) = ty else { continue };
            // What is based on an abstract type may have more.
            any |= ty.is_abstract;
            if let Some(element) = ty.element(name) {
                any = true;
                found.extend(types_of(element, self.definitions));
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
        Shape { types: (!found.is_empty()).then_some(found), ordered: shape.ordered }
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
        if function.name == "repeat"
            && let (Some(argument), Some(found)) = (arguments.first(), shapes.first_mut())
        {
            // What has been found is looked at, too; it need not have the element again.
            let faults = self.faults.len();
            let again = self.expr(argument, &found.clone());
            self.faults.truncate(faults);
            *found = found.clone().or(again);
        }
        self.gives(function, input, &shapes)
    }

    fn gives(&self, function: &Function, input: Shape, arguments: &[Shape]) -> Shape {
        let argument = |number: usize| arguments.get(number).cloned();
        match function.gives {
            Gives::Unknown => Shape::unknown(),
            Gives::Input if function.name == "sort" => Shape { ordered: true, ..input },
            Gives::Input | Gives::InputItem => input,
            Gives::InputAndArgument => argument(0).map_or_else(Shape::unknown, |other| input.or(other)),
            Gives::Argument | Gives::OfType => argument(0).unwrap_or_else(Shape::unknown),
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

    fn binary(&mut self, operator: Operator, [left, right]: [Shape; 2], at: u32) -> Shape {
        use Operator::*;
        match operator {
            Union => return left.or(right),
            Plus | Minus | Times | Divide | Div | Mod | Less | LessOrEqual | Greater | GreaterOrEqual => {}
            Concatenate => {
                for operand in [&left, &right] {
                    self.takes("&", operand, "Strings", at, |sort| sort == Sort::String);
                }
                return Shape::system("String");
            }
            _ => return Shape::system("Boolean"),
        }
        let compares = matches!(operator, Less | LessOrEqual | Greater | GreaterOrEqual);
        if let (Some(ones), Some(others)) = (&left.types, &right.types)
            && !ones.is_empty()
            && !others.is_empty()
        {
            let sorts = |types: &[Ty]| types.iter().map(|ty| ty.sort(self.definitions)).collect::<Vec<_>>();
            let (ones, others) = (sorts(ones), sorts(others));
            if !ones.iter().any(|one| others.iter().any(|other| combine(operator, *one, *other))) {
                let (left, right) = (left.names(), right.names());
                self.say(at, ErrorKind::Operands { operator: operator.text(), left, right });
            }
        }
        match operator {
            _ if compares => Shape::system("Boolean"),
            Div => Shape::system("Integer"),
            _ => Shape::unknown(),
        }
    }
}

fn is_number(sort: Sort) -> bool {
    matches!(sort, Sort::Number | Sort::Quantity)
}

/// Whether an operator has a meaning for two sorts.
fn combine(operator: Operator, one: Sort, other: Sort) -> bool {
    use Operator::*;
    match (operator, one, other) {
        (Plus | Minus, Sort::Date | Sort::Time, Sort::Quantity) => true,
        (Plus, Sort::String, Sort::String) => true,
        (Less | LessOrEqual | Greater | GreaterOrEqual, Sort::String | Sort::Date | Sort::Time, _) => {
            one == other
        }
        (Div | Mod, ..) => one == Sort::Number && other == Sort::Number,
        _ => is_number(one) && is_number(other),
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
