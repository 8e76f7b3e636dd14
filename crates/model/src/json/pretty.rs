//! JSON for people: a member or item a line, two spaces a level.

use super::{Tree, Value};

/// A compact text, one without white space, laid out as [`Tree::pretty`] does; its strings and numbers stay as they are.
#[must_use]
pub fn pretty(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    write(compact, &mut out);
    out
}

impl Tree {
    /// The text laid out for people: two spaces a level, no line break at the end.
    ///
    /// ```
    /// use rushlight_model::json::{Limits, Tree};
    ///
    /// let tree = Tree::parse(br#"{"value":1.00,"code":["a","b"],"empty":{}}"#, &Limits::default())?;
    /// assert_eq!(
    ///     tree.pretty(),
    ///     r#"{
    ///   "value": 1.00,
    ///   "code": [
    ///     "a",
    ///     "b"
    ///   ],
    ///   "empty": {}
    /// }"#
    /// );
    /// # Ok::<(), rushlight_model::json::JsonError>(())
    /// ```
    #[must_use]
    pub fn pretty(&self) -> String {
        pretty(self.text())
    }
}

impl Value<'_> {
    /// Appends the value laid out as [`Tree::pretty`] does.
    pub fn write_pretty(self, out: &mut String) {
        write(self.raw(), out);
    }
}

/// Goes from one bracket, comma, colon or quote to the next. No recursion: any depth is welcome.
fn write(compact: &str, out: &mut String) {
    let mut level = 0;
    let mut rest = compact;
    while let Some(at) = rest.find(['"', '{', '}', '[', ']', ',', ':']) {
        let (scalar, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(scalar);
        let length = token(after);
        let (token, following) = after.split_at_checked(length).unwrap_or((after, ""));
        rest = following;
        match token {
            "{" | "[" => {
                out.push_str(token);
                level += 1;
                line(out, level);
            }
            "}" | "]" => {
                level -= 1;
                line(out, level);
                out.push_str(token);
            }
            "," => {
                out.push(',');
                line(out, level);
            }
            ":" => out.push_str(": "),
            other => out.push_str(other),
        }
    }
    out.push_str(rest);
}

/// How long the token is that a text begins with: a string, an empty object or array, or one character.
fn token(text: &str) -> usize {
    if !text.starts_with('"') {
        return if text.starts_with("{}") || text.starts_with("[]") { 2 } else { 1 };
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}
