//! From text to an expression. What is not known here fails loudly.

use super::Expression;

/// Reads an expression.
pub fn parse(text: &str) -> Expression {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, text };
    let expression = parser.and();
    assert!(parser.tokens.is_empty(), "{text}: {:?} is left", parser.tokens);
    expression
}

/// Names, numbers, `'texts'` (with the mark in front), and signs.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => 2 + rest[1..].find('\'').unwrap_or_else(|| panic!("{text}: no end of a string")),
            '!' => 2,
            _ if first.is_alphanumeric() => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Parser<'t> {
    tokens: &'t [String],
    text: &'t str,
}

impl Parser<'_> {
    fn next(&mut self) -> &str {
        let (first, rest) = self.tokens.split_first().unwrap_or_else(|| panic!("{}: no end", self.text));
        self.tokens = rest;
        first
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.first().is_some_and(|first| first == token);
        self.tokens = &self.tokens[usize::from(found)..];
        found
    }

    fn must(&mut self, token: &str) {
        assert!(self.take(token), "{}: {token} is expected, not {:?}", self.text, self.tokens);
    }

    fn and(&mut self) -> Expression {
        let mut left = self.equality();
        while self.take("and") {
            left = Expression::And(left.into(), self.equality().into());
        }
        left
    }

    fn equality(&mut self) -> Expression {
        let left = self.union();
        if self.take("=") {
            Expression::Equal(left.into(), self.union().into())
        } else if self.take("!=") {
            Expression::Unequal(left.into(), self.union().into())
        } else {
            left
        }
    }

    fn union(&mut self) -> Expression {
        let mut left = self.typed();
        while self.take("|") {
            left = Expression::Union(left.into(), self.typed().into());
        }
        left
    }

    fn typed(&mut self) -> Expression {
        let mut left = self.path();
        loop {
            left = if self.take("as") {
                Expression::OfType(left.into(), self.next().to_owned())
            } else if self.take("is") {
                Expression::Is(left.into(), self.next().to_owned())
            } else {
                return left;
            }
        }
    }

    fn path(&mut self) -> Expression {
        let mut left = self.term();
        loop {
            if self.take(".") {
                let name = self.next().to_owned();
                left = if self.take("(") {
                    self.call(left, &name)
                } else {
                    Expression::Member(left.into(), name)
                };
            } else if self.take("[") {
                left = Expression::At(left.into(), self.next().parse().unwrap());
                self.must("]");
            } else {
                return left;
            }
        }
    }

    fn term(&mut self) -> Expression {
        let token = self.next().to_owned();
        match token.as_str() {
            "(" => {
                let inner = self.and();
                self.must(")");
                inner
            }
            "%" => {
                self.must("resource");
                Expression::Resource
            }
            "true" => Expression::Boolean(true),
            "false" => Expression::Boolean(false),
            text if text.starts_with('\'') => Expression::Text(unquoted(text)),
            name if name.starts_with(char::is_alphabetic) => {
                if self.take("(") {
                    self.call(Expression::This, name)
                } else {
                    Expression::Start(name.to_owned())
                }
            }
            other => panic!("{}: {other} is not known", self.text),
        }
    }

    /// What follows the `(` of a function.
    fn call(&mut self, of: Expression, name: &str) -> Expression {
        let of = Box::new(of);
        let call = match name {
            "where" => Expression::Where(of, self.and().into()),
            "as" | "ofType" => Expression::OfType(of, self.next().to_owned()),
            "extension" => Expression::Extension(of, unquoted(self.next())),
            "exists" => Expression::Exists(of),
            "first" => Expression::At(of, 0),
            "resolve" => Expression::Resolve(of),
            _ => panic!("{}: the function {name} is not known", self.text),
        };
        self.must(")");
        call
    }
}

fn unquoted(token: &str) -> String {
    token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap().to_owned()
}

#[test]
fn types_bind_closer_than_unions() {
    assert_eq!(parse("a | b as C"), parse("a | (b as C)"));
    assert_eq!(parse("a.exists() and b != false"), parse("(a.exists()) and (b != (false))"));
    assert_eq!(parse("a.first()"), parse("a[0]"));
    assert_eq!(parse("a.as(C)"), parse("a as C"));
    for wrong in ["a.trace('x')", "a + b", "a |", "a b", "a.where(x = 'y'", "a or b", "%context", "$this"] {
        assert!(std::panic::catch_unwind(|| parse(wrong)).is_err(), "{wrong}");
    }
}
