//! Links: what a browser may be sent to.

use super::character::{Plain, Tail};

/// Schemes that run nothing. Any other is refused: browsers know more that do than a list could name.
const SCHEMES: [Tail; 12] = [
    Tail::of("http"),
    Tail::of("https"),
    Tail::of("mailto"),
    Tail::of("tel"),
    Tail::of("urn"),
    Tail::of("ftp"),
    Tail::of("ftps"),
    Tail::of("sftp"),
    Tail::of("cid"),
    Tail::of("fax"),
    Tail::of("sms"),
    Tail::of("geo"),
];

/// Images that hold points only. SVG is not one of them: it may hold scripts.
const IMAGES: [Tail; 8] = [
    Tail::of("image/png"),
    Tail::of("image/jpeg"),
    Tail::of("image/gif"),
    Tail::of("image/jpg"),
    Tail::of("image/webp"),
    Tail::of("image/bmp"),
    Tail::of("image/tiff"),
    Tail::of("image/x-icon"),
];

/// Characters of a value that can matter: far more than the longest scheme or type has.
const ENOUGH: usize = 64;

/// Whether a URL that is to be followed is harmless: relative, or of a scheme that is listed.
pub(super) fn is_harmless_link(value: Plain<'_>) -> bool {
    match scheme(value) {
        Some((scheme, _)) => SCHEMES.contains(&scheme),
        None => true,
    }
}

/// Whether a URL that is to be shown is harmless: also an image inside the URL.
pub(super) fn is_harmless_source(value: Plain<'_>) -> bool {
    match scheme(value) {
        Some((scheme, rest)) if scheme == Tail::of("data") => is_image(rest),
        Some((scheme, _)) => SCHEMES.contains(&scheme),
        None => true,
    }
}

/// What stands before the first colon, and what follows it, unless something before it makes the URL relative.
fn scheme(mut value: Plain<'_>) -> Option<(Tail, Plain<'_>)> {
    let mut scheme = Tail::default();
    for _ in 0..ENOUGH {
        match value.next()? {
            ':' => return Some((scheme, value)),
            '/' | '?' | '#' | '(' | ')' => return None,
            char => scheme.push(char),
        }
    }
    None
}

fn is_image(value: Plain<'_>) -> bool {
    let mut media_type = Tail::default();
    value.take(ENOUGH).take_while(|char| !matches!(char, ';' | ',')).for_each(|char| media_type.push(char));
    IMAGES.contains(&media_type)
}
