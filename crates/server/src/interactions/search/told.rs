//! What an explanation says, as a Parameters resource or as a page for people.

use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Something that is said, under a name.
#[derive(Clone, Debug)]
pub enum Told {
    /// In words.
    Text(&'static str, String),
    /// In the words of a program.
    Code(&'static str, String),
    /// A number.
    Number(&'static str, i64),
    /// Whether something is so.
    Is(&'static str, bool),
    /// Several things.
    Parts(&'static str, Vec<Told>),
}

const TEMPLATE: &str = include_str!("explain.html");

/// Nothing is loaded and nothing is run; the template's own style is known by its hash.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = TEMPLATE.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let hash = openssl::sha::sha256(style.map_or("", |(style, _)| style).as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(hash)
    )
});

/// The answer: a page where that is wanted, else <https://hl7.org/fhir/R4/parameters.html>.
pub fn respond(title: &str, told: &[Told], as_page: bool) -> HttpResponse {
    if !as_page {
        let parameters: Vec<Value> = told.iter().filter_map(Told::json).collect();
        let resource = json!({"resourceType": "Parameters", "parameter": parameters});
        return respond::builder(StatusCode::OK).body(resource.to_string());
    }
    HttpResponse::Ok()
        .insert_header(("Content-Type", "text/html; charset=utf-8"))
        .insert_header(("Content-Security-Policy", POLICY.as_str()))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .body(page(title, told))
}

fn page(title: &str, told: &[Told]) -> String {
    let mut body = String::new();
    let (parts, plain): (Vec<&Told>, Vec<&Told>) =
        told.iter().partition(|told| matches!(told, Told::Parts(..)));
    list(&mut body, plain.into_iter());
    for part in parts {
        if let Told::Parts(name, within) = part {
            body.push_str(&format!("<section>\n<h2>{}</h2>\n", escaped(name)));
            list(&mut body, within.iter());
            body.push_str("</section>\n");
        }
    }
    // The body last: what it quotes is not looked through for places.
    TEMPLATE.replace("{title}", &escaped(title)).replacen("{body}", &body, 1)
}

fn list<'t>(out: &mut String, told: impl Iterator<Item = &'t Told>) {
    out.push_str("<dl>\n");
    for one in told {
        let (name, value) = match one {
            Told::Text(name, text) => (name, escaped(text)),
            Told::Code(name, text) => (name, format!("<code>{}</code>", escaped(text))),
            Told::Number(name, number) => (name, number.to_string()),
            Told::Is(name, is) => (name, if *is { "yes" } else { "no" }.to_owned()),
            Told::Parts(..) => continue,
        };
        out.push_str(&format!("<dt>{}</dt><dd>{value}</dd>\n", escaped(name)));
    }
    out.push_str("</dl>\n");
}

/// A text as it stands in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Where a place of the template would stand.
            '{' => out.push_str("&#123;"),
            c => out.push(c),
        }
    }
    out
}

impl Told {
    /// As a parameter, or a part of one. FHIR knows no empty strings.
    fn json(&self) -> Option<Value> {
        Some(match self {
            Self::Text(_, text) | Self::Code(_, text) if text.is_empty() => return None,
            Self::Text(name, text) | Self::Code(name, text) => json!({"name": name, "valueString": text}),
            Self::Number(name, number) => match i32::try_from(*number) {
                Ok(number) => json!({"name": name, "valueInteger": number}),
                Err(_) => json!({"name": name, "valueDecimal": number}),
            },
            Self::Is(name, is) => json!({"name": name, "valueBoolean": is}),
            Self::Parts(name, parts) => {
                let parts: Vec<Value> = parts.iter().filter_map(Self::json).collect();
                json!({"name": name, "part": parts})
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_sent_is_more_than_text() {
        let hostile = "<script>alert('x')</script>&\"{body}{title}";
        let told = [
            Told::Text("value", hostile.to_owned()),
            Told::Parts("clause", vec![Told::Code("sql", hostile.to_owned()), Told::Is("matches", true)]),
        ];
        let page = page(hostile, &told);
        assert!(!page.contains("<script") && !page.contains("{body}") && !page.contains("{title}"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;").count(), 4);
        assert!(POLICY.starts_with("default-src 'none'; style-src 'sha256-"), "{}", *POLICY);
    }
}
