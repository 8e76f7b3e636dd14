//! A piece of a line for people: nothing in it moves the cursor, and a caret below it stands where it should.

use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Characters of a line that are shown, at the most.
const WIDTH: usize = 160;
/// Of these, those before the place where that many follow it.
const BEFORE: usize = 60;
/// Bytes that hold as many characters.
const BYTES: usize = 4 * WIDTH;
/// Stands for what was cut off.
const CUT: &str = "…";

/// A piece of a line.
pub struct Excerpt {
    /// What is shown.
    pub text: String,
    /// Columns of a terminal before the place.
    pub column: usize,
}

impl Excerpt {
    /// The piece around a byte of a text.
    pub fn of(text: &[u8], offset: usize) -> Self {
        let offset = offset.min(text.len());
        let before = pieces(line_before(text, offset));
        let after = pieces(line_after(text, offset));
        let whole = before.len() + after.len() <= WIDTH;
        // What one side does not need, the other gets.
        let room = WIDTH - 2 * CUT.chars().count();
        let kept =
            if whole { before.len() } else { before.len().min(BEFORE.max(room.saturating_sub(after.len()))) };
        let following = if whole { after.len() } else { after.len().min(room - kept) };
        let mut shown = String::new();
        if kept < before.len() {
            shown.push_str(CUT);
        }
        shown.extend(before.iter().skip(before.len() - kept).map(|piece| &**piece));
        let column = shown.width();
        shown.extend(after.iter().take(following).map(|piece| &**piece));
        if following < after.len() {
            shown.push_str(CUT);
        }
        Self { text: shown, column }
    }
}

/// The line's bytes before a place, as many as can be shown.
fn line_before(text: &[u8], offset: usize) -> &[u8] {
    let near = text.get(offset.saturating_sub(BYTES)..offset).unwrap_or_default();
    let begun = near.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    near.get(begun..).unwrap_or_default()
}

/// The line's bytes from a place on, as many as can be shown.
fn line_after(text: &[u8], offset: usize) -> &[u8] {
    let near = text.get(offset..text.len().min(offset.saturating_add(BYTES))).unwrap_or_default();
    match near.iter().position(|byte| *byte == b'\n') {
        Some(end) => near.get(..end).map(|line| line.strip_suffix(b"\r").unwrap_or(line)).unwrap_or_default(),
        None => near,
    }
}

/// What is shown for each character, and for each byte that is part of none.
fn pieces(bytes: &[u8]) -> Vec<Cow<'static, str>> {
    let mut pieces = Vec::new();
    for chunk in bytes.utf8_chunks() {
        pieces.extend(chunk.valid().chars().map(shown));
        pieces.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}").into()));
    }
    pieces
}

/// A text without anything that moves the cursor or turns the direction of writing.
pub fn visible(text: &str) -> String {
    text.chars().map(shown).collect()
}

fn shown(character: char) -> Cow<'static, str> {
    match character {
        '\t' => "    ".into(),
        '\u{0}'..='\u{1f}' => picture(character as u32).into(),
        '\u{7f}' => "␡".into(),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => format!("\\u{{{:x}}}", character as u32).into(),
        _ => String::from(character).into(),
    }
}

/// The picture that Unicode has for a control character: ␀ for NUL.
fn picture(control: u32) -> String {
    char::from_u32(0x2400 + control).unwrap_or(char::REPLACEMENT_CHARACTER).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], offset: usize, shown: &str, column: usize) {
        let excerpt = Excerpt::of(text, offset);
        assert_eq!((&*excerpt.text, excerpt.column), (shown, column));
    }

    #[test]
    fn the_caret_stands_below_its_character() {
        check(b"abc", 1, "abc", 1);
        check(b"one\ntwo\r\nthree", 6, "two", 2);
        check(b"one\n", 4, "", 0);
        check(b"\t\t\"x\"", 2, "        \"x\"", 8);
        check("\"日本\": 1".as_bytes(), 10, "\"日本\": 1", 8);
        check("e\u{301}e\u{301}x".as_bytes(), 6, "e\u{301}e\u{301}x", 2);
        check("👩‍👩x".as_bytes(), 11, "👩\\u{200d}👩x", 12);
        check(b"\x1b[31m\x00\x7f!", 7, "␛[31m␀␡!", 7);
        check(b"a\xff\xfeb", 3, "a\\xff\\xfeb", 9);
        check("\u{202e}x\u{9b}".as_bytes(), 3, "\\u{202e}x\\u{9b}", 8);
        check(b"abc", 99, "abc", 3);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        for (before, after) in
            [(0, 1000), (10, 1000), (80, 80), (81, 80), (100, 100), (159, 1), (1000, 0), (1000, 5)]
        {
            for character in ["a", "ä", "日"] {
                let text = format!("{}^{}", character.repeat(before), character.repeat(after));
                let excerpt = Excerpt::of(text.as_bytes(), before * character.len());
                let caret = excerpt.text.find('^').unwrap();
                assert_eq!(excerpt.text[..caret].width(), excerpt.column, "{before} {after}");
                let count = excerpt.text.chars().count();
                let all = before + after + 1;
                assert!(count <= WIDTH && count >= all.min(WIDTH - 1), "{before} {after}: {count}");
                assert_eq!(excerpt.text.contains(CUT), all > WIDTH, "{before} {after}");
            }
        }
    }
}
