//! Prefixes: <https://hl7.org/fhir/R4/search.html#prefix>.

use rushlight_model::nearest;

use super::super::fault::{Fault, Result, quoted};
use crate::query::{ColumnTest, Op, Scalar};

/// How the range of what is found lies to that of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Prefix {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

/// With their names, and how they are told.
const PREFIXES: [(&str, Prefix, &str); 9] = [
    ("eq", Prefix::Eq, "is within"),
    ("ne", Prefix::Ne, "is not within"),
    ("gt", Prefix::Gt, "reaches beyond the end of"),
    ("lt", Prefix::Lt, "reaches before the start of"),
    ("ge", Prefix::Ge, "is within, or reaches beyond the end of,"),
    ("le", Prefix::Le, "is within, or reaches before the start of,"),
    ("sa", Prefix::Sa, "starts after"),
    ("eb", Prefix::Eb, "ends before"),
    ("ap", Prefix::Ap, "overlaps"),
];

impl Prefix {
    /// The prefix of a value, `eq` where it has none, and what follows.
    pub(in super::super) fn take(value: &str) -> Result<(Self, &str)> {
        let letters = value.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, rest) = value.split_at(letters);
        if name.is_empty() {
            return Ok((Self::Eq, value));
        }
        match PREFIXES.iter().find(|(known, ..)| *known == name) {
            Some((_, prefix, _)) => Ok((*prefix, rest)),
            None => {
                let known = PREFIXES.map(|(name, ..)| name);
                let near = nearest(name, known.into_iter());
                let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
                let known = known.join(", ");
                Err(Fault::value(format!("{} is no prefix: they are {known}{near}", quoted(name))))
            }
        }
    }

    /// The prefix in words, before the value.
    pub(super) fn words(self) -> &'static str {
        PREFIXES.iter().find(|(_, prefix, _)| *prefix == self).map_or("", |(.., words)| words)
    }

    /// The tests of a range of which one must pass. `open`: the value's end is not part of it.
    ///
    /// What follows for the low end of a range is a test, too: the index is in the order of it.
    ///
    /// No value is in a range whose low is above its high: a period that ends before it begins, or an entry that only says
    /// that there is an element. Nothing is true of it.
    pub(super) fn tests(
        self,
        [low, high]: [usize; 2],
        [from, to]: [Scalar; 2],
        open: bool,
    ) -> Vec<Vec<ColumnTest>> {
        let at = |column, op| ColumnTest { column, op };
        let before_end = |column, to: Scalar| at(column, if open { Op::Below(to) } else { Op::AtMost(to) });
        let mut ways = match self {
            Self::Eq => {
                vec![vec![at(low, Op::AtLeast(from)), before_end(low, to.clone()), before_end(high, to)]]
            }
            Self::Ne => {
                let beyond = if open { Op::AtLeast(to) } else { Op::Above(to) };
                vec![vec![at(low, Op::Below(from))], vec![at(high, beyond)]]
            }
            Self::Gt => vec![vec![at(high, Op::Above(to))]],
            Self::Lt => vec![vec![at(low, Op::Below(from))]],
            Self::Ge => vec![vec![at(low, Op::AtLeast(from))], vec![at(high, Op::Above(to))]],
            Self::Le => {
                vec![
                    vec![at(low, Op::AtMost(to.clone())), at(high, Op::AtMost(to))],
                    vec![at(low, Op::Below(from))],
                ]
            }
            Self::Sa => vec![vec![at(low, Op::Above(to))]],
            Self::Eb => vec![vec![at(low, Op::Below(from.clone())), at(high, Op::Below(from))]],
            Self::Ap => vec![vec![at(low, Op::AtMost(to)), at(high, Op::AtLeast(from))]],
        };
        ways.iter_mut().for_each(|tests| tests.push(at(low, Op::UpTo(high))));
        ways
    }
}
