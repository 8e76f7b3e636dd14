//! The corpus of hostile inputs: `fixtures/hostile/inputs.tsv`, whose first lines say what its columns are.
//!
//! Small inputs stand there as they are; large ones are written out only when they are asked for.

const INPUTS: &str = include_str!("../../../fixtures/hostile/inputs.tsv");

/// An input, and how a server of R4 answers it.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// The type that it is posted to; empty: the base, as a transaction.
    pub ty: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// The rule (422) or issue code that the answer tells; empty where it is stored.
    pub tells: &'static str,
    written: &'static str,
}

/// Every input.
///
/// # Panics
/// Where a line is not as it should be.
pub fn inputs() -> impl Iterator<Item = Input> {
    INPUTS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.splitn(5, '\t');
        let mut next = || columns.next().unwrap_or_else(|| panic!("five columns: {line}"));
        let (name, ty, status, tells, written) = (next(), next(), next(), next(), next());
        Input { name, ty, status: status.parse().expect("a status"), tells, written }
    })
}

impl Input {
    /// Whether something is repeated 10,000 times or more.
    pub fn is_large(self) -> bool {
        let times =
            |piece: &str| piece.split_once('*').and_then(|(times, _)| times.parse().ok()).unwrap_or(0);
        self.written.split('«').any(|piece| times(piece) >= 10_000)
    }

    /// The body, written out.
    ///
    /// # Panics
    /// Where the table is not as its first lines say.
    pub fn body(self) -> Vec<u8> {
        written_out(self.written)
    }
}

/// The bytes of a text in which «3*x» is xxx, № the number of the repetition that it is in, «hex 00FF» are bytes,
/// and ↵ is CR LF.
///
/// # Panics
/// Where the marks are not as they should be.
pub fn written_out(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    expand(text, None, &mut out);
    out
}

/// Writes a text out; `number` is that of the repetition that it is in.
fn expand(mut text: &str, number: Option<usize>, out: &mut Vec<u8>) {
    while let Some(at) = text.find(['«', '№', '↵']) {
        out.extend_from_slice(&text.as_bytes()[..at]);
        if let Some(rest) = text[at..].strip_prefix('↵') {
            out.extend_from_slice(b"\r\n");
            text = rest;
            continue;
        }
        if let Some(rest) = text[at..].strip_prefix('№') {
            out.extend_from_slice(number.expect("№ is in a repetition").to_string().as_bytes());
            text = rest;
            continue;
        }
        let end = at + closing(&text[at..]);
        let inside = &text[at + '«'.len_utf8()..end];
        text = &text[end + '»'.len_utf8()..];
        match inside.strip_prefix("hex ") {
            Some(digits) => out.extend(digits.as_bytes().chunks(2).map(byte)),
            None => {
                let (times, repeated) = inside.split_once('*').expect("«times*text»");
                let times: usize = times.parse().expect("a number");
                if repeated.contains('№') {
                    (0..times).for_each(|number| expand(repeated, Some(number), out));
                } else {
                    let mut once = Vec::new();
                    expand(repeated, None, &mut once);
                    out.extend(once.repeat(times));
                }
            }
        }
    }
    out.extend_from_slice(text.as_bytes());
}

/// Where the mark is that closes the one that a text begins with.
fn closing(text: &str) -> usize {
    let mut level = 0;
    for (at, char) in text.char_indices() {
        level += i32::from(char == '«') - i32::from(char == '»');
        if level == 0 {
            return at;
        }
    }
    panic!("« without »: {text}");
}

fn byte(digits: &[u8]) -> u8 {
    let digits = std::str::from_utf8(digits).expect("digits");
    u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_out() {
        assert_eq!(written_out("a«2*b№«3*c»,»«hex 00FF»d↵"), b"ab0ccc,b1ccc,\x00\xFFd\r\n");
        assert_eq!(written_out("é"), "é".as_bytes());
    }

    #[test]
    fn names_differ() {
        let mut names: Vec<&str> = inputs().map(|input| input.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() == count && count > 400, "{count}");
    }
}
