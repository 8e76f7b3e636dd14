//! Lines of a text, one in memory at a time: <https://github.com/ndjson/ndjson-spec>.

use super::one_more;
use std::io::{self, BufRead, Read};

/// Reads lines that are not blank.
pub(super) struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    limit: usize,
    number: usize,
}

impl<'r> Lines<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead, limit: usize) -> Self {
        Self { reader, limit, number: 0 }
    }

    /// The next line and its number; of a line beyond the limit, one byte more than the limit.
    pub(super) fn next(&mut self) -> io::Result<Option<(usize, Vec<u8>)>> {
        loop {
            let mut bytes = Vec::new();
            (&mut *self.reader).take(one_more(self.limit)).read_until(b'\n', &mut bytes)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            } else if bytes.len() > self.limit {
                self.reader.skip_until(b'\n')?;
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some((self.number, bytes)));
            }
        }
    }
}

/// Whether a text is NDJSON, told by its beginning; what was read of it is put into `head`.
///
/// It is if its first line that is not blank is `{…}` and `{` follows, which no single JSON text can be. Whether the
/// line is right does not matter: a broken first line is one problem, not a broken whole.
pub(super) fn looks_like_ndjson(
    mut reader: &mut dyn BufRead,
    limit: usize,
    head: &mut Vec<u8>,
) -> io::Result<bool> {
    while head.trim_ascii().is_empty() {
        let left = one_more(limit).saturating_sub(head.len() as u64);
        if (&mut reader).take(left).read_until(b'\n', head)? == 0 {
            return Ok(false);
        }
    }
    let first = head.trim_ascii();
    if !(first.starts_with(b"{") && first.ends_with(b"}")) {
        return Ok(false);
    }
    while head.len() <= limit {
        let ahead = reader.fill_buf()?;
        let blank = ahead.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        head.extend(ahead.iter().take(blank));
        match ahead.get(blank) {
            Some(next) => {
                let is_object = *next == b'{';
                reader.consume(blank);
                return Ok(is_object);
            }
            None if blank == 0 => return Ok(false),
            None => reader.consume(blank),
        }
    }
    Ok(false)
}
