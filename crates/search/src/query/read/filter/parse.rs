//! The grammar of filters.

use super::super::fault::{Fault, Result, quoted, suggestion};
use super::super::limits::{DEPTH, VALUE};

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// From left to right: neither binds more than the other.
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Test(Test),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) path: Vec<Step>,
    pub(super) operator: Operator,
    pub(super) value: String,
    /// Where the comparison begins, from 1 on.
    pub(super) column: usize,
}

/// A name of a path, and what must hold of what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) filter: Option<Box<Filter>>,
}

macro_rules! operators {
    ($($name:ident = $text:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Operator {
            $($name,)*
        }

        const OPERATORS: &[(&str, Operator)] = &[$(($text, Operator::$name),)*];

        impl Operator {
            pub(super) fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

operators! {
    Eq = "eq", Ne = "ne", Co = "co", Sw = "sw", Ew = "ew",
    Gt = "gt", Lt = "lt", Ge = "ge", Le = "le",
    Ap = "ap", Sa = "sa", Eb = "eb", Pr = "pr", Po = "po",
    Ss = "ss", Sb = "sb", In = "in", Ni = "ni", Re = "re",
}

pub(super) fn parse(text: &str) -> Result<Filter> {
    if text.len() > 16 * VALUE {
        return Err(Fault::costly(format!("a filter has {} bytes at the most", 16 * VALUE)));
    }
    let mut parser = Parser { text, at: 0 };
    let filter = parser.filter(0)?;
    parser.blanks();
    if parser.at < text.len() { Err(parser.wrong("and, or, or the end")) } else { Ok(filter) }
}

/// Terms of one expression, at the most.
const TERMS: usize = 500;

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn column(&self) -> usize {
        self.text.get(..self.at).unwrap_or_default().chars().count() + 1
    }

    fn wrong(&self, expected: &str) -> Fault {
        let found = match self.rest() {
            "" => "the end".to_owned(),
            rest => quoted(rest),
        };
        Fault::value(format!("column {}: expected {expected}, found {found}", self.column()))
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    /// A word that ends where it ends.
    fn keyword(&mut self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word).map(|rest| rest.chars().next());
        let is_next = after.is_some_and(|next| !next.is_some_and(is_name));
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn filter(&mut self, depth: usize) -> Result<Filter> {
        if depth > DEPTH {
            return Err(Fault::costly(format!(
                "column {}: it is nested more than {DEPTH} deep",
                self.column()
            )));
        }
        let mut filter = self.term(depth)?;
        for _ in 0..TERMS {
            self.blanks();
            let joint: fn(Box<Filter>, Box<Filter>) -> Filter = if self.keyword("and") {
                Filter::And
            } else if self.keyword("or") {
                Filter::Or
            } else {
                return Ok(filter);
            };
            filter = joint(Box::new(filter), Box::new(self.term(depth)?));
        }
        Err(Fault::costly(format!("a filter has {TERMS} terms in a row at the most")))
    }

    fn term(&mut self, depth: usize) -> Result<Filter> {
        self.blanks();
        let start = self.at;
        if self.keyword("not") {
            self.blanks();
            if self.take("(") {
                let filter = self.closed(depth, ")")?;
                return Ok(Filter::Not(Box::new(filter)));
            }
            self.at = start;
        }
        if self.take("(") { self.closed(depth, ")") } else { self.test(depth).map(Filter::Test) }
    }

    fn closed(&mut self, depth: usize, end: &str) -> Result<Filter> {
        let filter = self.filter(depth + 1)?;
        self.blanks();
        if self.take(end) { Ok(filter) } else { Err(self.wrong(&format!("and, or, or {end}"))) }
    }

    fn test(&mut self, depth: usize) -> Result<Test> {
        let column = self.column();
        let mut path = Vec::new();
        loop {
            let name = self.name()?;
            let filter = if self.take("[") { Some(Box::new(self.closed(depth, "]")?)) } else { None };
            let is_filtered = filter.is_some();
            path.push(Step { name, filter });
            if !self.take(".") {
                if is_filtered {
                    return Err(self.wrong("a point and a name after the filter"));
                }
                break;
            }
        }
        let operator = self.operator()?;
        self.blanks();
        let value = self.value()?;
        Ok(Test { path, operator, value, column })
    }

    fn name(&mut self) -> Result<String> {
        let rest = self.rest();
        let name = rest.split(|char| !is_name(char)).next().unwrap_or_default();
        if !name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_') {
            return Err(self.wrong("the name of a parameter, not, or ("));
        }
        self.at += name.len();
        Ok(name.to_owned())
    }

    fn operator(&mut self) -> Result<Operator> {
        let before = self.at;
        self.blanks();
        let word = self.rest().split(|char| !is_name(char)).next().unwrap_or_default();
        match OPERATORS.iter().find(|(text, _)| *text == word) {
            Some((_, operator)) if self.at > before => {
                self.at += word.len();
                Ok(*operator)
            }
            _ => {
                let all: Vec<&str> = OPERATORS.iter().map(|(text, _)| *text).collect();
                let near = suggestion(word, all.iter());
                let mut fault = self.wrong(&format!("an operator ({})", all.join(" ")));
                fault.text.push_str(&near);
                Err(fault)
            }
        }
    }

    fn value(&mut self) -> Result<String> {
        if self.rest().starts_with('"') {
            return self.string();
        }
        let rest = self.rest();
        let end =
            rest.find(|char: char| char.is_whitespace() || matches!(char, ')' | ']')).unwrap_or(rest.len());
        let value = rest.get(..end).unwrap_or_default();
        if value.is_empty() {
            return Err(self.wrong("a value"));
        }
        self.at += end;
        Ok(value.to_owned())
    }

    /// A string as JSON has it.
    fn string(&mut self) -> Result<String> {
        let start = self.at;
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, char)| {
            let is_end = *char == '"' && !escaped;
            escaped = *char == '\\' && !escaped;
            is_end
        });
        let Some((end, _)) = end else { return Err(self.wrong("a string that ends with \"")) };
        let raw = self.rest().get(..=end).unwrap_or_default();
        let limits = rushlight_model::json::Limits::default();
        let tree = rushlight_model::json::Tree::parse(format!("[{raw}]").as_bytes(), &limits);
        let text = tree.ok().and_then(|tree| {
            let item = tree.root().children().next();
            item.and_then(|item| item.as_str().map(|text| text.into_owned()))
        });
        self.at = start;
        let text = text.ok_or_else(|| self.wrong("a string as JSON has it"))?;
        self.at += end + 1;
        Ok(text)
    }
}

/// `:` parts the type that a reference leads to from the parameter.
fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(filter: &Filter) -> String {
        match filter {
            Filter::And(a, b) => format!("({} & {})", shown(a), shown(b)),
            Filter::Or(a, b) => format!("({} | {})", shown(a), shown(b)),
            Filter::Not(inner) => format!("!{}", shown(inner)),
            Filter::Test(test) => {
                let step = |step: &Step| match &step.filter {
                    Some(filter) => format!("{}[{}]", step.name, shown(filter)),
                    None => step.name.clone(),
                };
                let path: Vec<String> = test.path.iter().map(step).collect();
                format!("{} {} <{}>", path.join("."), test.operator.text(), test.value)
            }
        }
    }

    #[test]
    fn filters() {
        for (text, expected) in [
            (
                r#"given eq "peter" and birthdate ge 2014-10-10"#,
                "(given eq <peter> & birthdate ge <2014-10-10>)",
            ),
            ("a eq 1 or b eq 2 and c eq 3", "((a eq <1> | b eq <2>) & c eq <3>)"),
            ("a eq 1 or (b eq 2 and c eq 3)", "(a eq <1> | (b eq <2> & c eq <3>))"),
            ("not (a pr true)", "!a pr <true>"),
            ("not(a pr true) and note co x", "(!a pr <true> & note co <x>)"),
            (r#"a co "x \"y\" \u00e4)" "#, "a co <x \"y\" ä)>"),
            ("subject:Patient.name sw pe", "subject:Patient.name sw <pe>"),
            ("related[type eq comp].target pr false", "related[type eq <comp>].target pr <false>"),
            ("code eq http://loinc.org|1234-5", "code eq <http://loinc.org|1234-5>"),
        ] {
            assert_eq!(
                shown(&parse(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.text))),
                expected
            );
        }
    }

    #[test]
    fn refusals() {
        let deep = format!("{}a eq 1{}", "(".repeat(14), ")".repeat(14));
        for (text, expected) in [
            ("", "column 1: expected the name of a parameter, not, or (, found the end"),
            (
                "name",
                "column 5: expected an operator (eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in ni re), found the end",
            ),
            ("name eq", "column 8: expected a value, found the end"),
            ("(name eq x", "column 11: expected and, or, or ), found the end"),
            ("name eq x y", "column 11: expected and, or, or the end, found \"y\""),
            ("name eq \"x", "column 9: expected a string that ends with \", found \"\"x\""),
            ("a eq 1 and", "column 11: expected the name of a parameter, not, or (, found the end"),
            (&deep, "column 14: it is nested more than 12 deep"),
        ] {
            assert_eq!(parse(text).unwrap_err().text, expected, "{text}");
        }
    }
}
