//! Links of a page to itself and to others. <https://hl7.org/fhir/R4/http.html#paging>

use super::asked::Asked;
use crate::page::Linked;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rushlight_persistence::Snapshot;
use rushlight_persistence::{From, Place};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Write;

/// Where a page begins, what it is a page of, and of which moment: all that a link holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link<'a> {
    /// What was asked for; the same in all links of a page.
    pub asked: Cow<'a, Asked>,
    /// The snapshot's greatest number.
    pub upto: i64,
    /// The snapshot's holes.
    pub holes: Vec<(i64, i64)>,
    /// The snapshot's published time.
    pub time: i64,
    /// Where the page begins.
    pub start: Start,
    /// Matches on it, where they are fewer than on others.
    pub take: Option<usize>,
    /// How many matches there are on all pages, where that is known, and whether exactly.
    pub total: Option<(i64, bool)>,
    /// When page one was made, in seconds since 1970.
    pub made: i64,
}

/// Where a page begins; places are in base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Start {
    First,
    After(String),
    Before(String),
    Last,
}

impl Linked for Link<'_> {
    fn made(&self) -> i64 {
        self.made
    }
}

impl Link<'_> {
    /// To page one, of no moment yet.
    pub fn first(asked: Asked) -> Self {
        let made = chrono::Utc::now().timestamp();
        let (upto, holes, time) = (0, Vec::new(), 0);
        let asked = Cow::Owned(asked);
        Self { asked, upto, holes, time, start: Start::First, take: None, total: None, made }
    }

    /// Notes which moment is shown.
    pub fn see(&mut self, snapshot: Snapshot) {
        Snapshot { upto: self.upto, holes: self.holes, time: self.time } = snapshot;
    }

    /// The moment that is shown.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { upto: self.upto, holes: self.holes.clone(), time: self.time }
    }

    /// Matches on the page.
    pub fn count(&self) -> usize {
        if self.asked.counts() { 0 } else { self.take.unwrap_or(self.asked.count) }
    }

    /// The same search from elsewhere.
    pub fn to(&self, start: Start, total: Option<(i64, bool)>) -> Link<'_> {
        let (asked, holes) = (Cow::Borrowed(self.asked.as_ref()), self.holes.clone());
        Link { asked, holes, start, total, take: None, ..*self }
    }

    /// The last page of so many matches, which holds what the pages before it leave.
    pub fn to_last(&self, total: i64) -> Link<'_> {
        let count = self.asked.count.max(1);
        let rest = usize::try_from(total).unwrap_or(0).saturating_sub(1) % count + 1;
        Link { take: Some(rest), ..self.to(Start::Last, Some((total, true))) }
    }
}

impl Start {
    /// After a place.
    pub fn after(place: &Place) -> Self {
        Self::After(URL_SAFE_NO_PAD.encode(&place.0))
    }

    /// Before a place.
    pub fn before(place: &Place) -> Self {
        Self::Before(URL_SAFE_NO_PAD.encode(&place.0))
    }

    /// As a store takes it. What a link holds was sealed here, and can be read.
    pub fn from(&self) -> From {
        let place = |text: &str| Place(URL_SAFE_NO_PAD.decode(text).unwrap_or_default());
        match self {
            Self::First => From::First,
            Self::After(text) => From::After(place(text)),
            Self::Before(text) => From::Before(place(text)),
            Self::Last => From::Last,
        }
    }
}

/// The URL of a search with its parameters as they are applied.
pub fn applied(base: &str, path: &str, asked: &Asked) -> String {
    let mut url = format!("{base}{path}");
    let given = asked.pairs.iter().filter(|(_, value)| !value.is_empty());
    for (at, (name, value)) in given.chain(&asked.told).enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        encode(&mut url, name);
        url.push('=');
        encode(&mut url, value);
    }
    url
}

/// Appends a text as it stands in a query; the result needs no escaping in JSON or HTML.
pub fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~:,/*$@".contains(&b) => out.push(char::from(b)),
            // Writing to memory does not fail.
            b => drop(write!(out, "%{b:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_into_a_url_is_read_from_it() {
        for text in ["a b+c&d=e#%", "\"<>\\|ä\u{1F525}", "http://x/y|z,w$1.0", "\u{0}\n"] {
            let mut url = String::new();
            encode(&mut url, text);
            assert!(url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>&'+#\\|".contains(&b)), "{url}");
            assert_eq!(crate::parameters::percent_decode(&url, true).unwrap(), text);
        }
    }
}
