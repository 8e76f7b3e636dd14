//! The query of a request. Nothing in it is ignored: what is not taken is refused by name.

use crate::error::Error;
use std::cell::RefCell;
use std::rc::Rc;

/// Known to every interaction: see [`crate::protocol::negotiate`].
pub const EVERYWHERE: [&str; 2] = ["_format", "_pretty"];

/// Names of parameters that were passed over, for whoever answers to tell.
pub type PassedOver = Rc<RefCell<Vec<String>>>;

/// Decoded name and value pairs, in order.
#[derive(Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    /// Where the client would like that.
    passed_over: Option<PassedOver>,
}

impl Parameters {
    /// Decodes a query string.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((percent_decode(name, true)?, percent_decode(value, true)?));
        }
        Ok(Self { pairs, passed_over: None })
    }

    /// All of them, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Adds those of another query, as the body of a search by POST has one.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn join(&mut self, query: &str) -> Result<(), Error> {
        self.pairs.extend(Self::parse(query)?.pairs);
        Ok(())
    }

    /// Whether the client would rather have what is not known passed over.
    pub fn lenient(&self) -> bool {
        self.passed_over.is_some()
    }

    /// Notes that a parameter was passed over.
    pub fn passed(&self, name: &str) {
        if let Some(list) = &self.passed_over
            && !list.borrow().iter().any(|known| known == name)
        {
            list.borrow_mut().push(name.to_owned());
        }
    }

    /// Decodes a query string within this request, whose client's wishes hold for it.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn within(&self, query: &str) -> Result<Self, Error> {
        Ok(Self { passed_over: self.passed_over.clone(), ..Self::parse(query)? })
    }

    /// From now on passes over what is not known, rather than refuse it.
    pub fn pass_over(&mut self, list: &PassedOver) {
        self.passed_over = Some(Rc::clone(list));
    }

    /// The value of a parameter that may be there once; an empty one counts as absent, as FHIR says.
    ///
    /// # Errors
    /// 400 where it is there twice.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.pairs.iter().filter(|(other, value)| other == name && !value.is_empty());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Error::BadParameter { name, expected: "there once" }),
            (first, None) => Ok(first.map(|(_, value)| value.as_str())),
        }
    }

    /// Those that are not known to every interaction.
    pub fn others(&self) -> Vec<(String, String)> {
        let other = |(name, _): &&(String, String)| !EVERYWHERE.contains(&name.as_str());
        self.pairs.iter().filter(other).cloned().collect()
    }

    /// Refuses all parameters but these and those that are known everywhere, or passes over them.
    ///
    /// # Errors
    /// The first one that is not known.
    pub fn only(&self, known: &'static [&'static str]) -> Result<(), Error> {
        for (name, _) in &self.pairs {
            if known.contains(&name.as_str()) || EVERYWHERE.contains(&name.as_str()) {
                continue;
            }
            match &self.passed_over {
                Some(_) => self.passed(name),
                None => return Err(Error::UnknownParameter { name: name.clone(), known }),
            }
        }
        Ok(())
    }
}

/// Text of a URL without its percent-encoding; in a query, `plus` stands for a space.
///
/// # Errors
/// 400 for a `%` without two hexadecimal digits, and for bytes that are not UTF-8.
pub fn percent_decode(text: &str, plus: bool) -> Result<String, Error> {
    let bad = |expected| Error::BadUrl { expected };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' if plus => b' ',
            b'%' => {
                let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
                let pair = rest.next().and_then(digit).zip(rest.next().and_then(digit));
                pair.map(|(high, low)| high * 16 + low).ok_or(bad("percent-encoded"))?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| bad("UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_decode_or_are_refused() {
        let parameters = Parameters::parse("a=1&b=%C3%A4+x&&c&a=2").unwrap();
        assert_eq!(parameters.one("b").unwrap(), Some("ä x"));
        assert_eq!(parameters.one("c").unwrap(), None);
        assert!(parameters.one("a").is_err());
        for bad in ["a=%", "a=%4", "a=%zz", "a=%FF"] {
            assert!(Parameters::parse(bad).is_err(), "{bad}");
        }
    }
}
