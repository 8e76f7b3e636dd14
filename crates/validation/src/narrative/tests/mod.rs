use std::cell::Cell;

use proptest::prelude::*;

use super::NarrativeProblemKind::*;
use super::*;

mod disguises;

thread_local! {
    pub(super) static STEPS: Cell<usize> = const { Cell::new(0) };
}

const START: &str = r#"<div xmlns="http://www.w3.org/1999/xhtml">"#;

fn div(inside: &str) -> String {
    format!("{START}{inside}</div>")
}

fn problems(div: &str) -> Vec<(NarrativeProblemKind<'_>, usize)> {
    let mut found = Vec::new();
    check(div, &mut |problem| found.push((problem.kind, problem.offset)));
    found
}

#[test]
fn accepted_inside() {
    for inside in [
        "text",
        "é 漢字 ［ﬁ］ 😀 \u{a0}",
        "a > b ]] > c",
        "&lt;&gt;&amp;&quot;&apos;&#160;&#xA0;&#x1F600;",
        "&#160;",
        "<img src=\"#pic1\"/>",
        "<p>a<br/>b<br />c<br></br></p>",
        "<p\n  class = \"bold\"\tid='i'\r\n>a</p\n>",
        "<p title=\"a > b 'c' &quot;\n\" lang='en' xml:lang='en'>a</p>",
        "<a href=\"Patient/1#a:b\">a</a><a name=\"n\"> </a><a href=\"\">b</a>",
        "<a href=\"HTTPS://example.org/a?b=c:d&amp;e\">a</a>",
        "<a href=\" mailto:a@example.org\">a</a><a href=\"tel:+1\">b</a><a href=\"urn:oid:1.2\">c</a>",
        "<a href=\"//example.org/\">a</a><a href=\"?javascript:x\">b</a><a href=\"./javascript:x\">c</a>",
        "<a href=\"http://example.org/javascript:x\">a</a>",
        "<img src=\"data:image/png;base64,iVBORw0K\" alt=\"\"/><img src=\"data: image/JPEG,x\"/>",
        "<p style=\"color: #fff; font-family: 'a b', &quot;漢字&quot;; width: calc(1px + 2em)\">a</p>",
        "<p style=\"background: url('data:image/gif;base64,R0lG') no-repeat\">a</p>",
        "<p style=\"background-image: url(data: image/png;base64,iVBORw0K)\">a</p>",
        "<p style=\"background: url(#a), url(a/b.png), url(&quot;https://example.org/a.png&quot;)\">a</p>",
        "<p style=\"\">a</p>",
        "<p title='0123456789abcdé ef&lt;0123456789abcdef0123456789abcdef'>a</p>",
        "<table border=\"1\" summary=\"s\"><col span=\"2\"/><tr><td colspan=\"2\" valign=\"top\">a</td></tr></table>",
        "<!-- a comment, -> and <tags> & all --><p>a</p><!---->",
        "<p xmlns=\"http://www.w3.org/1999/xhtml\">a</p>",
        "<address>a</address><bdo dir=\"rtl\">a</bdo><kbd>a</kbd><map name=\"m\"><area href=\"#a\"/></map>",
        "<pre xml:space=\"preserve\">a\n\tb</pre>",
        "javascript:alert(1) onclick=\"x\" expression(1)",
        "<p title=\"javascript:alert(1)\">a</p>",
    ] {
        assert_eq!(problems(&div(inside)), [], "{inside}");
    }
}

#[test]
fn accepted_around() {
    for text in [
        " \r\n\t<div xmlns='http://www.w3.org/1999/xhtml'>a</div>\n",
        "<div id=\"a\" xmlns=\"http://www.w3.org/1999/xhtml\" data-fhir=\"generated\">a</div>",
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><div>a</div></div>",
    ] {
        assert_eq!(problems(text), [], "{text}");
    }
}

/// What is inside the div, and each problem with its offset inside.
#[test]
fn refused_inside() {
    let expected = |expected| Expected { expected };
    let escape = |text, escaped| Unescaped { text, escaped };
    let link = |attribute, value| Link { attribute, value };
    let rows: &[(&str, &[(NarrativeProblemKind<'_>, usize)])] = &[
        // Well-formed.
        ("a & b", &[(escape("&", "&amp;"), 2)]),
        ("a &lt b", &[(escape("&", "&amp;"), 2)]),
        ("a < b", &[(escape("<", "&lt;"), 2)]),
        ("a ]]> b", &[(escape("]]>", "]]&gt;"), 2)]),
        ("a&nbsp;b&Tab;", &[(Entity { name: "nbsp" }, 1), (Entity { name: "Tab" }, 8)]),
        ("a&#0;b&#xFFFF;", &[(Character { code: 0 }, 1), (Character { code: 0xffff }, 6)]),
        ("a\u{1}b\u{fffe}", &[(Character { code: 1 }, 1), (Character { code: 0xfffe }, 3)]),
        ("<p>a</b></p>", &[(EndTag { found: "b", expected: "p" }, 4)]),
        ("<p><b>a</p>", &[(EndTag { found: "p", expected: "b" }, 7)]),
        ("<p>a</P></p>", &[(EndTag { found: "P", expected: "p" }, 4)]),
        ("<p>a</p x></p>", &[(expected("'>'"), 8), (EndTag { found: "p", expected: "div" }, 10)]),
        (
            "<p dir",
            &[
                (expected("'='"), 6),
                (expected("'>'"), 6),
                (EndTag { found: "div", expected: "p" }, 6),
                (Empty, 0),
            ],
        ),
        ("<p<b>a</b></p>", &[(expected("'>'"), 2)]),
        ("<p dir>a</p>", &[(expected("'='"), 6)]),
        ("<p dir=rtl id=x>a</p>", &[(expected("a value in quotes"), 7), (expected("a value in quotes"), 14)]),
        ("<p dir='a'id='b'>a</p>", &[(expected("white space"), 10)]),
        ("<p ='a'>a</p>", &[(expected("an attribute's name or '>'"), 3)]),
        ("<p / id='b'>a</p>", &[(expected("an attribute's name or '>'"), 3)]),
        ("<p title='<b> <i>'>a</p>", &[(escape("<", "&lt;"), 10)]),
        ("<p title='a & b'>a</p>", &[(escape("&", "&amp;"), 12)]),
        ("<p title='&nbsp;\u{b}'>a</p>", &[(Entity { name: "nbsp" }, 10), (Character { code: 11 }, 16)]),
        ("<p id='a' id='b'>a</p>", &[(DuplicateAttribute { attribute: "id" }, 10)]),
        ("<p title='a>b</p>", &[(escape("<", "&lt;"), 13), (expected("the end of this value"), 9)]),
        ("<!-- a -- b -->c", &[(Comment, 0)]),
        ("<!-- a --->c", &[(Comment, 0)]),
        ("<!-->-->c", &[(Comment, 0)]),
        ("<!--->-->c", &[(Comment, 0)]),
        ("<!--[if IE]>a<![endif]-->c", &[(Comment, 0)]),
        ("<!-- \u{2} -->c", &[(Character { code: 2 }, 0)]),
        ("<!-- a", &[(expected("-->"), 0)]),
        ("<![CDATA[a<b]]>", &[(CData, 0), (Empty, 0)]),
        ("a<![CDATA[a", &[(CData, 1), (expected("]]>"), 1)]),
        ("a<!DOCTYPE html>", &[(Declaration, 1)]),
        ("a<?php x ?>", &[(ProcessingInstruction, 1)]),
        ("a<?xml version='1.0'?", &[(ProcessingInstruction, 1), (expected("?>"), 1)]),
        // Namespaces.
        ("<p xmlns='urn:x'>a</p>", &[(Namespace { found: "urn:x" }, 3)]),
        ("<p xmlns:h='urn:x'>a</p>", &[(Attribute { attribute: "xmlns:h" }, 3)]),
        ("<h:p>a</h:p>", &[(Prefix { name: "h:p" }, 0)]),
        // txt-1.
        ("<script>a</script>", &[(Element { name: "script" }, 0)]),
        ("<P>a</P>", &[(Element { name: "P" }, 0)]),
        ("<u>a</u><ins>b</ins>", &[(Element { name: "u" }, 0), (Element { name: "ins" }, 8)]),
        ("<p onclick='x'>a</p>", &[(EventHandler { attribute: "onclick" }, 3)]),
        ("<a target='x'>a</a>", &[(Attribute { attribute: "target" }, 3)]),
        ("<a xlink:href='#x'>a</a>", &[(Attribute { attribute: "xlink:href" }, 3)]),
        ("<a HREF='#x'>a</a>", &[(Attribute { attribute: "HREF" }, 3)]),
        ("<p data-toggle='x'>a</p>", &[(Attribute { attribute: "data-toggle" }, 3)]),
        ("<a href='javascript:x'>a</a>", &[(link("href", "javascript:x"), 3)]),
        ("<a href='data:image/png,x'>a</a>", &[(link("href", "data:image/png,x"), 3)]),
        ("<a href='blob:x'>a</a>", &[(link("href", "blob:x"), 3)]),
        ("<img src='data:image/svg+xml,x'/>", &[(link("src", "data:image/svg+xml,x"), 5)]),
        ("<q cite='vbscript:x'>a</q>", &[(link("cite", "vbscript:x"), 3)]),
        ("<p style='a:expression(1)'>a</p>", &[(Style { found: "expression(" }, 3)]),
        ("<p style='a:url(javascript:1)'>a</p>", &[(Style { found: "url(" }, 3)]),
        // txt-2.
        ("", &[(Empty, 0)]),
        (" \n&#32;&#x9;<!-- a --><p> <br/></p>", &[(Empty, 0)]),
        ("<img alt='a'/>", &[(Empty, 0)]),
    ];
    for (inside, expected) in rows {
        let text = div(inside);
        // What concerns the whole div is told at its begin.
        let inner = |(kind, offset): (_, usize)| (kind, if kind == Empty { 0 } else { offset - START.len() });
        let found: Vec<_> = problems(&text).into_iter().map(inner).collect();
        assert_eq!(found, *expected, "{inside}");
    }
}

#[test]
fn refused_around() {
    for (text, expected) in [
        ("", &[(NoRoot, 0)][..]),
        (" \n ", &[(NoRoot, 0)]),
        ("text", &[(OutsideRoot, 0), (NoRoot, 0)]),
        ("<div>a</div>", &[(NoNamespace, 0)]),
        ("<div xmlns=''>a</div>", &[(Namespace { found: "" }, 5)]),
        (
            "<div xmlns='http://www.w3.org/1999/xhtml/'>a</div>",
            &[(Namespace { found: "http://www.w3.org/1999/xhtml/" }, 5)],
        ),
        ("<div xmlns='http://www.w3.org/1999/xhtml'>a", &[(Unclosed { element: "div" }, 0)]),
        ("<div xmlns='http://www.w3.org/1999/xhtml'/>", &[(Empty, 0)]),
        ("<p xmlns='http://www.w3.org/1999/xhtml'>a</p>", &[(Root { found: "p" }, 0)]),
        (
            "<h:div xmlns:h='http://www.w3.org/1999/xhtml'>a</h:div>",
            &[(Prefix { name: "h:div" }, 0), (Attribute { attribute: "xmlns:h" }, 7), (NoNamespace, 0)],
        ),
        (
            "<?xml version='1.0'?><div xmlns='http://www.w3.org/1999/xhtml'>a</div>",
            &[(ProcessingInstruction, 0)],
        ),
        ("\u{feff}<div xmlns='http://www.w3.org/1999/xhtml'>a</div>", &[(OutsideRoot, 0)]),
        ("<!-- a --><div xmlns='http://www.w3.org/1999/xhtml'>a</div>", &[(OutsideRoot, 0)]),
        (
            "<div xmlns='http://www.w3.org/1999/xhtml'>a</div> b &amp; c<p>d</p></p>",
            &[(OutsideRoot, 49), (OutsideRoot, 59), (OutsideRoot, 67)],
        ),
    ] {
        assert_eq!(problems(text), expected, "{text}");
    }
}

#[test]
fn limits() {
    let nested = |depth: usize| div(&format!("{}a{}", "<b>".repeat(depth), "</b>".repeat(depth)));
    assert_eq!(problems(&nested(DEPTH - 1)), []);
    assert_eq!(problems(&nested(DEPTH)), [(TooDeep, START.len() + 3 * (DEPTH - 1))]);
    let many = div(&"<x/>".repeat(PROBLEMS + 1));
    assert_eq!(problems(&many).len(), PROBLEMS);
    let long = "é".repeat(70);
    let text = div(&format!("<{long}>a</{long}>"));
    assert_eq!(problems(&text), [(Element { name: &long[..128] }, START.len())]);
}

#[test]
fn constraints_and_messages() {
    for (kind, constraint, message) in [
        (Element { name: "u" }, Some("txt-1"), "element 'u' is not allowed"),
        (Empty, Some("txt-2"), "there is neither text nor an image"),
        (TooDeep, None, "more than 64 elements inside one another"),
        (Character { code: 1 }, None, "XML has no character 0x01"),
    ] {
        assert_eq!((kind.constraint(), kind.to_string().as_str()), (constraint, message));
    }
}

/// Inputs that make a careless scanner look at the same bytes again and again.
#[test]
fn work_grows_no_faster_than_the_input() {
    for piece in [
        "<b>",
        "</b>",
        "<b ",
        "<",
        "&",
        "&#",
        "&#0",
        "&#0;",
        "&a",
        "<!--",
        "<!",
        "<!--->",
        "<?",
        "]]>",
        "a>",
        "\"",
        "=",
        "<b style=\"",
        "url(",
        "url( ",
        "url(&#32;",
        "url(\u{200b}",
        "é",
        "\u{fffe}",
        "<![CDATA[",
        "<p title='a",
        "/",
    ] {
        for (start, end) in
            [("", ""), ("<b title='", "'>a</b>"), ("<b style='", "'>a</b>"), ("<a href='", "'>a</a>")]
        {
            let steps = |times: usize| {
                let text = div(&format!("{start}{}{end}", piece.repeat(times)));
                STEPS.set(0);
                check(&text, &mut |_| {});
                STEPS.get()
            };
            let (small, large) = (steps(1_000), steps(10_000));
            assert!(large <= 10 * small + 1_000, "{start}{piece}{end}: {small}, {large}");
        }
    }
}

/// The inside of a div of which nothing is wrong.
fn inside() -> impl Strategy<Value = String> {
    let text = prop_oneof!["[a-zA-Z0-9 é漢.,;:()'\"/\\\\@-]{1,20}", Just("&amp;&lt;&#65;".to_owned())];
    let attribute = prop_oneof![
        Just(String::new()),
        "[a-z: <&]{0,9}"
            .prop_map(|text| format!(" title=\"{}\"", text.replace('&', "&amp;").replace('<', "&lt;"))),
        "[a-z/]{0,9}".prop_map(|text| format!(" href='/{text}'\n")),
        "[a-z -]{0,9}".prop_map(|text| format!("  style = '{text}:1px'")),
    ];
    let name = prop::sample::select(vec!["p", "b", "td", "a", "h1", "blockquote", "var"]);
    text.prop_map(|text| text).prop_recursive(8, 64, 6, move |inner| {
        (name.clone(), attribute.clone(), prop::collection::vec(inner, 1..6)).prop_map(
            |(name, attribute, inner)| {
                format!("<br/><{name}{attribute}>{}</{name}><!-- {name} -->", inner.concat())
            },
        )
    })
}

proptest! {
    #[test]
    fn any_text_is_survived(text: String) {
        problems(&text);
        let inner = div(&text);
        problems(&inner);
    }

    #[test]
    fn anything_like_markup_is_survived(text in "[<>/!?\\[\\]&;#x='\" \n\tabpéon:-]{0,60}", start in "(<div xmlns='http://www.w3.org/1999/xhtml'>)?") {
        let text = start + &text;
        for (_, offset) in problems(&text) {
            prop_assert!(text.is_char_boundary(offset));
        }
    }

    #[test]
    fn valid_trees_are_accepted(inside in inside()) {
        let text = div(&format!("a{inside}"));
        prop_assert_eq!(problems(&text), []);
    }

    #[test]
    fn cut_trees_are_refused(inside in inside(), at: prop::sample::Index) {
        let text = div(&inside);
        let cut = at.index(text.len());
        if text.is_char_boundary(cut) {
            prop_assert!(!problems(&text[..cut]).is_empty());
        }
    }
}
