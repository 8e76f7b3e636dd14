//! Text as string searches compare it.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// Without accents, in lower case, with single blanks: NFKD, marks removed. A final sigma is a sigma.
pub fn normal(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let category = CodePointMapData::<GeneralCategory>::new();
    let bare: String =
        decomposed.chars().filter(|char| !GeneralCategoryGroup::Mark.contains(category.get(*char))).collect();
    let lower = bare.to_lowercase().replace('ß', "ss").replace('ς', "σ");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn texts() {
    for (text, expected) in [
        ("Müller", "muller"),
        ("MÜLLER", "muller"),
        ("Mu\u{308}ller", "muller"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("  van \t der\u{a0}Berg\n", "van der berg"),
        ("İstanbul", "istanbul"),
        ("ﬁne ½ Å", "fine 1⁄2 a"),
        ("Ελλάς", "ελλασ"),
        ("Łódź", "łodz"),
        ("ガ", "カ"),
        ("\u{301}", ""),
    ] {
        assert_eq!(normal(text), expected, "{text}");
    }
}
