//! Links of a page to itself and to others. <https://hl7.org/fhir/R4/http.html#paging>

use super::asked::Asked;
use crate::page::Linked;
use rushlight_persistence::{From, Place, SearchPage, Snapshot};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// What the links of a page hold, all the same: what it is a page of, of which moment, and what is beyond it. A word after
/// it says which link is followed: what is sealed costs most of a link.
///
/// It is in every URL, so that names are short and what is as usual is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// What was asked for.
    #[serde(rename = "q")]
    pub asked: Asked,
    /// The snapshot's greatest number.
    #[serde(rename = "u")]
    pub upto: i64,
    /// The snapshot's holes.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<(i64, i64)>,
    /// The snapshot's published time.
    #[serde(rename = "t")]
    pub time: i64,
    /// The place before which the previous page ends; none before page one.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none", with = "place")]
    pub before: Option<Place>,
    /// The place after which the next page begins; none after the last page.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none", with = "place")]
    pub after: Option<Place>,
    /// How many matches there are on all pages, where that is known, and whether exactly.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub total: Option<(i64, bool)>,
    /// When page one was made, in seconds since 1970.
    #[serde(rename = "m")]
    pub made: i64,
}

/// A place as a text, in base64.
mod place {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use rushlight_persistence::Place;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(place: &Option<Place>, to: S) -> Result<S::Ok, S::Error> {
        place.as_ref().map(|place| URL_SAFE_NO_PAD.encode(&place.0)).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Place>, D::Error> {
        let text: Option<String> = Option::deserialize(from)?;
        let read = |text: String| URL_SAFE_NO_PAD.decode(text).map(Place).map_err(serde::de::Error::custom);
        text.map(read).transpose()
    }
}

/// A link's relation to the page that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    First,
    Previous,
    Next,
    Last,
}

impl Way {
    const ALL: [Self; 4] = [Self::First, Self::Previous, Self::Next, Self::Last];

    /// Its name: <https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.link.relation>
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Previous => "previous",
            Self::Next => "next",
            Self::Last => "last",
        }
    }

    /// What is sealed in a link, and which way the link goes, if it says so.
    pub fn parted(text: &str) -> (&str, Option<Self>) {
        let Some((sealed, name)) = text.rsplit_once('.') else { return (text, None) };
        (sealed, Self::ALL.into_iter().find(|way| way.name() == name))
    }
}

impl Linked for Link {
    const FORM: u8 = 4;

    fn made(&self) -> i64 {
        self.made
    }
}

impl Link {
    /// Of page one, of no moment yet.
    pub fn first(asked: Asked) -> Self {
        let made = chrono::Utc::now().timestamp();
        let (upto, holes, time) = (0, Vec::new(), 0);
        Self { asked, upto, holes, time, before: None, after: None, total: None, made }
    }

    /// Notes which moment is shown.
    pub fn see(&mut self, snapshot: Snapshot) {
        Snapshot { upto: self.upto, holes: self.holes, time: self.time } = snapshot;
    }

    /// Notes what is beyond the page, and how many there are.
    pub fn reach(&mut self, page: &SearchPage, total: Option<(i64, bool)>) {
        (self.before, self.after, self.total) = (page.previous.clone(), page.next.clone(), total);
    }

    /// The moment that is shown.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { upto: self.upto, holes: self.holes.clone(), time: self.time }
    }

    /// Where a way leads to other pages, if there are any.
    pub fn ways(&self) -> impl Iterator<Item = Way> {
        let several = self.before.is_some() || self.after.is_some();
        Way::ALL.into_iter().filter(move |way| several && self.to(*way).is_some())
    }

    /// Where the page begins that a way leads to; `None` where there is no such page.
    pub fn to(&self, way: Way) -> Option<From> {
        match way {
            Way::First => Some(From::First),
            Way::Previous => self.before.clone().map(From::Before),
            Way::Next => self.after.clone().map(From::After),
            Way::Last => self.total.filter(|(_, exact)| *exact).map(|_| From::Last),
        }
    }

    /// Matches on page one, or the page that a way leads to; the last has what the pages before it leave.
    pub fn count(&self, way: Option<Way>) -> usize {
        let count = self.asked.count;
        match (way, self.total) {
            _ if self.asked.counts() => 0,
            (Some(Way::Last), Some((total, _))) => {
                usize::try_from(total).unwrap_or(0).saturating_sub(1) % count.max(1) + 1
            }
            _ => count,
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
