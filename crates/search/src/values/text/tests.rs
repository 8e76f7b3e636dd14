use super::*;
use proptest::prelude::*;

#[test]
fn normalised() {
    for (text, expected) in [
        ("", ""),
        (" \t\r\n\u{b}\u{c} ", ""),
        ("  a \t\n b ", "a b"),
        ("a\u{b}b", "a b"),
        ("Müller-Lüdenscheidt", "muller-ludenscheidt"),
        ("Mu\u{308}ller", "muller"),
        ("STRASSE straße ẞ", "strasse strasse ss"),
        ("Ørsted Łódź", "ørsted łodz"),
        ("İstanbul ILGIN ı", "istanbul ilgin ı"),
        ("ΟΔΥΣΣΕΎΣ", "οδυσσευσ"),
        ("Οδυσσεύς", "οδυσσευσ"),
        ("ﬁ ② Ｆｕｌｌ ℌ", "fi 2 full h"),
        ("a\u{a0}\u{2003}\u{3000}b", "a b"),
        ("שָׁלוֹם", "שלום"),
        ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
        ("\u{301}", ""),
        ("𝐀", "a"),
    ] {
        assert_eq!(normal(text), expected, "{text:?}");
    }
}

/// Of all characters that have letters among them.
#[test]
fn every_character_is_normalised_once() {
    for char in '\0'..='\u{2FFFF}' {
        let once = normal(&format!("a{char}b"));
        assert_eq!(normal(&once), once, "{char:?}");
    }
}

#[test]
fn cut_where_they_are_too_long() {
    for (text, length) in
        [("a".repeat(600), 600), ("a".repeat(601), 593), ("€".repeat(200), 600), ("€".repeat(201), 591)]
    {
        assert_eq!((cut(&text) == text, cut(&text).len()), (text.len() <= 600, length));
        assert_eq!(cut_text(text.as_bytes()), cut(&text).as_bytes());
    }
}

proptest! {
    #[test]
    fn normalised_once(text in "\\PC{0,20}|[ a-zA-ZäÄéßẞς\u{300}\u{301}\t]{0,20}") {
        let once = normal(&text);
        prop_assert_eq!(normal(&once), &*once);
        prop_assert_eq!(normal(&format!("\n{text} ")), &*once);
        prop_assert_eq!(once.trim(), &*once);
        prop_assert!(!once.contains("  "));
    }

    #[test]
    fn case_and_accents_do_not_count(text in "[a-zäöüéèñçå ]{0,20}") {
        let plain = normal(&text);
        prop_assert_eq!(normal(&text.to_uppercase()), &*plain);
        let accented: String = text.chars().flat_map(|char| [char, '\u{301}']).collect();
        prop_assert_eq!(normal(&accented).replace(' ', ""), plain.replace(' ', ""));
        prop_assert!(plain.is_ascii());
    }

    /// ASCII has a way of its own.
    #[test]
    fn both_ways_agree(text in "[ -~\t\n\r\u{b}\u{c}\u{1c}]{0,40}") {
        let joined = format!("{} e", normal(&text));
        prop_assert_eq!(normal(&format!("{text} é")), joined.trim_start());
    }

    #[test]
    fn cut_is_short_and_tells_apart(head in "[aä€]{0,700}", tails in prop::array::uniform2("[bc]{0,3}")) {
        let [one, other] = tails.map(|tail| format!("{head}{tail}"));
        let [short, other_short] = [cut(&one), cut(&other)];
        prop_assert_eq!(one == other, short == other_short);
        prop_assert!(short.len() <= LONGEST);
        prop_assert_eq!(one.len() <= LONGEST, one == short);
        let kept = short.split(CUT).next().unwrap();
        prop_assert!(one.starts_with(kept) && kept.len() >= one.len().min(KEPT - 3));
        prop_assert_eq!(cut_text(one.as_bytes()), short.as_bytes());
    }
}
