//! Golden stories: files of exchanges with a server, requests and the whole expected answers, as plain text.
//!
//! ```text
//! # What the story is about.
//! @RUSHLIGHT_NAME = what the server's environment has beside the usual
//!
//! ### What the exchange shows
//! PUT /Patient/p
//! Content-Type: application/fhir+json
//!
//! {"resourceType":"Patient","id":"p"}
//!
//! HTTP/1.1 201
//! etag: W/"1"
//!
//! {"resourceType":"Patient","id":"p","meta":{"versionId":"1","lastUpdated":"{{instant}}"}}
//! ```
//!
//! What differs from run to run is `{{kind}}` or `{{kind:name}}`: see [`Bindings`].

mod pattern;

pub use pattern::Bindings;

use std::fmt::{self, Display, Formatter, Write};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its lines before the first exchange, without those of the environment.
    pub about: Vec<String>,
    /// Variables of the server's environment.
    pub environment: Vec<(String, String)>,
    /// What is sent and answered, in order.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What it shows.
    pub title: String,
    /// The request; its first line is method and path below the base.
    pub request: Message,
    /// The answer; its first line is `HTTP/1.1` and the status.
    pub answer: Message,
}

/// First line, headers and body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub first: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, without line ends at its end.
    pub body: String,
}

impl Story {
    /// Reads a file.
    ///
    /// # Panics
    /// Where it is not as it should be.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split("\n### ");
        let opening = parts.next().unwrap_or_default();
        let (environment, about): (Vec<&str>, Vec<&str>) =
            opening.trim_end().lines().partition(|line| line.starts_with('@'));
        let variable = |line: &&str| {
            let (name, value) = line[1..].split_once(" = ").expect("@NAME = value");
            (name.to_owned(), value.to_owned())
        };
        Self {
            about: about.into_iter().map(str::to_owned).collect(),
            environment: environment.iter().map(variable).collect(),
            exchanges: parts.map(Exchange::parse).collect(),
        }
    }
}

impl Exchange {
    fn parse(text: &str) -> Self {
        let (title, rest) = text.split_once('\n').expect("a title and a request");
        // Not written yet: the answer is to come.
        let (request, answer) = rest.split_once("\nHTTP/1.1 ").unwrap_or((rest, ""));
        let mut answer = Message::parse(answer);
        answer.first.insert_str(0, "HTTP/1.1 ");
        Self { title: title.to_owned(), request: Message::parse(request), answer }
    }
}

impl Message {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.trim_end().lines();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line}"));
            (name.to_owned(), value.to_owned())
        };
        Self {
            first: lines.next().unwrap_or_default().to_owned(),
            headers: lines.map(header).collect(),
            body: body.trim_end_matches('\n').to_owned(),
        }
    }
}

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.first)?;
        self.headers.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))?;
        if self.body.is_empty() { Ok(()) } else { writeln!(f, "\n{}", self.body) }
    }
}

impl Display for Story {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.about.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        self.environment.iter().try_for_each(|(name, value)| writeln!(f, "@{name} = {value}"))?;
        for Exchange { title, request, answer } in &self.exchanges {
            write!(f, "\n### {title}\n{request}\n{answer}")?;
        }
        Ok(())
    }
}

/// What an answer differs in from what is expected, or nothing; names the part. Binds what is new.
///
/// # Errors
/// The first difference.
pub fn differs(bindings: &mut Bindings, expected: &Message, found: &Message) -> Result<(), String> {
    let mut part = |name: &str, pattern: &str, text: &str| {
        bindings.take(pattern, text).map_err(|fault| format!("{name}: {fault}"))
    };
    part("status", &expected.first, &found.first)?;
    let names = |message: &Message| {
        message.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    part("headers", &names(expected), &names(found))?;
    for ((name, pattern), (_, text)) in expected.headers.iter().zip(&found.headers) {
        part(name, pattern, text)?;
    }
    part("body", &expected.body, &found.body)
}

/// An answer as it would stand in a file.
pub fn generalised(bindings: &mut Bindings, found: &Message) -> Message {
    let mut general = |text: &String| bindings.generalise(text);
    Message {
        first: found.first.clone(),
        headers: found.headers.iter().map(|(name, value)| (name.clone(), general(value))).collect(),
        body: general(&found.body),
    }
}

/// Says what an exchange was, for a message about it.
pub fn told(exchange: &Exchange, found: &Message, fault: &str) -> String {
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = write!(text, "### {}\n{}\n{fault}\nanswered:\n{found}", exchange.title, exchange.request.first);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# About.\n@A_B = c d\n\n### One\nPUT /Patient/p\nIf-Match: W/\"1\"\n\n{\"a\":\n1}\n\nHTTP/1.1 200\netag: W/\"2\"\n\n{{instant}}\n\n### Two\nDELETE /Patient/p\n\nHTTP/1.1 204\n";

    #[test]
    fn files_are_read_and_written() {
        let story = Story::parse(FILE);
        assert_eq!(story.environment, [("A_B".to_owned(), "c d".to_owned())]);
        assert_eq!(story.exchanges[0].request.body, "{\"a\":\n1}");
        assert_eq!(story.exchanges[1].answer.first, "HTTP/1.1 204");
        assert_eq!(story.to_string(), FILE);
    }

    #[test]
    fn a_difference_anywhere_is_told() {
        let expected = Story::parse(FILE).exchanges.remove(0).answer;
        let mut found = expected.clone();
        found.body = "2026-11-24T10:00:00.123456Z".to_owned();
        let differs = |found: &Message| differs(&mut Bindings::new("http://x/fhir"), &expected, found);
        assert_eq!(differs(&found), Ok(()));
        for change in [
            (|found| found.first = "HTTP/1.1 201".to_owned()) as fn(&mut Message),
            |found| found.headers.clear(),
            |found| found.headers.push(("vary".to_owned(), "x".to_owned())),
            |found| found.headers[0].1 = "W/\"3\"".to_owned(),
            |found| found.body = "2026-11-24".to_owned(),
            |found| found.body.push('x'),
        ] {
            let mut other = found.clone();
            change(&mut other);
            assert!(differs(&other).is_err(), "{other}");
        }
    }
}
