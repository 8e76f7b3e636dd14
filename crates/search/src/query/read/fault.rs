//! Why something is not understood.

use rushlight_model::nearest;
use rushlight_model::outcome::IssueType;

use super::limits::QUOTED;

/// What is wrong with a parameter, before it is known which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: IssueType,
    pub(super) text: String,
    pub(super) ignorable: bool,
    /// What it is told of has the name with another meaning: another type may have it with this one.
    pub(super) misplaced: bool,
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A value that is none.
    pub(super) fn value(text: impl Into<String>) -> Self {
        Self { code: IssueType::Value, text: text.into(), ignorable: false, misplaced: false }
    }

    /// What is known, and not done.
    pub(super) fn unsupported(text: impl Into<String>) -> Self {
        Self { code: IssueType::NotSupported, text: text.into(), ignorable: false, misplaced: false }
    }

    /// A parameter that nobody knows.
    pub(super) fn unknown(text: impl Into<String>) -> Self {
        Self { code: IssueType::NotSupported, text: text.into(), ignorable: true, misplaced: false }
    }

    /// Too much.
    pub(super) fn costly(text: impl Into<String>) -> Self {
        Self { code: IssueType::TooCostly, text: text.into(), ignorable: false, misplaced: false }
    }

    /// The same, of a parameter that may not be passed over.
    pub(super) fn firm(mut self) -> Self {
        self.ignorable = false;
        self.misplaced = false;
        self
    }
}

/// A text as it is told to who sent it: not too much of it.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.by_ref().take(QUOTED).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out.retain(|char| !char.is_control());
    format!("\"{out}\"")
}

/// A name that there is not, as part of a sentence.
pub(super) fn named(text: &str) -> String {
    let quoted = quoted(text);
    quoted.trim_matches('"').to_owned()
}

/// What may have been meant, as the end of a sentence.
pub(super) fn suggestion<Name: AsRef<str>>(wanted: &str, known: impl Iterator<Item = Name>) -> String {
    nearest(wanted, known).map_or_else(String::new, |near| format!("; did you mean {}?", near.as_ref()))
}

/// Words with commas between them.
pub(super) fn listed<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(", ")
}
