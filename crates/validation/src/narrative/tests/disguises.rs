//! Scripts in disguise: none gets through, whatever else is wrong with it.

use super::*;

/// What may be wrong with each of a list.
fn all(fragments: &[&str], is_expected: impl Fn(&NarrativeProblemKind<'_>) -> bool) {
    for fragment in fragments {
        let text = div(&format!("a{fragment}"));
        let found = problems(&text);
        assert!(found.iter().any(|(kind, _)| is_expected(kind)), "{fragment}: {found:?}");
    }
}

#[test]
fn links() {
    for url in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "\n\t javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "java\r\nscript:alert(1)",
        "javascript\n:alert(1)",
        "j a v a s c r i p t:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript:alert(1)",
        "&#x6a;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&#x3a;alert(1)",
        "&#0000106;avascript:alert(1)",
        "&#x000000000000000000006A;avascript:alert(1)",
        "javascript&#58;alert(1)",
        "javascript&#x3A;alert(1)",
        "java&#9;script:alert(1)",
        "java&#x0A;script:alert(1)",
        "java&#13;script:alert(1)",
        "&#32;javascript:alert(1)",
        "&#160;javascript:alert(1)",
        "\u{a0}javascript:alert(1)",
        "\u{feff}javascript:alert(1)",
        "\u{200b}javascript:alert(1)",
        "java\u{ad}script:alert(1)",
        "\u{3000}javascript:alert(1)",
        "\u{2028}javascript:alert(1)",
        "ｊａｖａｓｃｒｉｐｔ：alert(1)",
        "javascript:/*http://example.org/*/alert(1)",
        "javascript://example.org/%0aalert(1)",
        "javascript://%0aalert(1)//http://",
        "vbscript:msgbox(1)",
        "VBSCRIPT:msgbox(1)",
        "vb&#115;cript:msgbox(1)",
        "livescript:x",
        "mocha:x",
        "data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;",
        "data:text/html;base64,PHNjcmlwdD4=",
        "DATA:text/html,x",
        "d&#97;ta:text/html,x",
        " data : text/html,x",
        "data:,x",
        "data:image/svg+xml,&lt;svg onload='x'/&gt;",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/SVG+xml,x",
        "data:application/xhtml+xml,x",
        "data:text/html;image/png,x",
        "view-source:javascript:x",
        "feed:javascript:x",
        "feed:https://example.org/",
        "jar:https://example.org/a.zip!/b.html",
        "blob:https://example.org/x",
        "filesystem:https://example.org/x",
        "file:///etc/passwd",
        "about:blank",
        "intent://x",
        "ms-its:mhtml:file://x",
        "mhtml:https://example.org/x",
        "res://x",
        "x-javascript:x",
        "javascript.:x",
        "%6Aavascript:x",
        "http\\:javascript:x",
        "xxxxxxxxxxxxxxxxhttp:x",
    ] {
        let url = url.replace('\'', "&apos;");
        let quoted =
            format!("<a href=\"{url}\">a</a><img src='{url}'/><q cite=\"{url}\">a</q><img usemap='{url}'/>");
        let text = div(&quoted);
        let count = problems(&text).iter().filter(|(kind, _)| matches!(kind, Link { .. })).count();
        assert_eq!(count, 4, "{url}");
    }
}

#[test]
fn links_that_are_not_xml() {
    let is_broken = |kind: &NarrativeProblemKind<'_>| {
        matches!(kind, Entity { .. } | Character { .. } | Unescaped { .. } | Expected { .. })
    };
    all(
        &[
            "<a href=\"&Tab;javascript:alert(1)\">a</a>",
            "<a href=\"java&Tab;script:alert(1)\">a</a>",
            "<a href=\"java&NewLine;script:alert(1)\">a</a>",
            "<a href=\"javascript&colon;alert(1)\">a</a>",
            "<a href=\"&#106avascript:alert(1)\">a</a>",
            "<a href=\"&#x6Aavascript:alert(1)\">a</a>",
            "<a href=\"&#1;javascript:alert(1)\">a</a>",
            "<a href=\"&#0;javascript:alert(1)\">a</a>",
            "<a href=\"\u{1}javascript:alert(1)\">a</a>",
            "<a href=\"java\0script:alert(1)\">a</a>",
            "<a href=javascript:alert(1)>a</a>",
            "<a href=`javascript:alert(1)`>a</a>",
            "<a href=\"#\"href=\"javascript:alert(1)\">a</a>",
            "<img src=x onerror=alert(1)>",
            "<img/src=\"x\"/onerror=\"alert(1)\"/>",
            "<img \"\"\"><b>x</b>",
            "<<b>x</b>",
            "<b title=\"<img src='x'>\">x</b>",
            "<b title='a\n<b>x</b>",
            "<b\u{c}onclick=\"x\">a</b>",
        ],
        is_broken,
    );
}

#[test]
fn styles() {
    for style in [
        "width: expression(alert(1))",
        "width: EXPRESSION(alert(1))",
        "width: expression (alert(1))",
        "width: exp/**/ression(alert(1))",
        "width: exp\\ression(alert(1))",
        "width: \\65 xpression(alert(1))",
        "width: &#101;xpression(alert(1))",
        "width: expr&#10;ession(alert(1))",
        "width: expression&#40;alert(1))",
        "width: ｅｘｐｒｅｓｓｉｏｎ(alert(1))",
        "width: exp\u{200b}ression(alert(1))",
        "xss:exp/*x*/ression(1)",
        "background: url(javascript:alert(1))",
        "background: url('javascript:alert(1)')",
        "background: url(&quot;javascript:alert(1)&quot;)",
        "background: url( javascript:alert(1))",
        "background: URL(JavaScript:alert(1))",
        "background: url(java\nscript:alert(1))",
        "background: url(&#106;avascript:alert(1))",
        "background: \\75\\72\\6c(javascript:alert(1))",
        "background: u\\rl(javascript:alert(1))",
        "background: url(vbscript:x)",
        "background: url(data:text/html,x)",
        "background: url(data:image/svg+xml,x)",
        "background: url(a.png), url(data:image/svg+xml,x)",
        "background: url (data:text/css,x)",
        "list-style-image: url(&apos;livescript:x&apos;)",
        "behavior: url(x.htc)",
        "behavior:url(#default#time2)",
        "BEHAVIOR : url(x.htc)",
        "-ms-behavior: url(x.htc)",
        "-moz-binding: url(https://example.org/x.xml#x)",
        "-MOZ-BINDING:url(x)",
        "-moz-bind&#105;ng:url(x)",
        "@import 'https://example.org/x.css'",
        "@\\import url(x.css)",
        "&#64;import url(x.css)",
        "＠import url(x.css)",
        "filter: a(src=&apos;javascript:x&apos;)",
        "content: '\\22 '",
    ] {
        let text = div(&format!("<p style=\"{style}\">a</p>"));
        let found = problems(&text);
        assert!(matches!(found[..], [(Style { .. }, _)]), "{style}: {found:?}");
    }
}

#[test]
fn handlers() {
    let is_handler = |kind: &NarrativeProblemKind<'_>| matches!(kind, EventHandler { .. });
    all(
        &[
            "<p onclick='x'>a</p>",
            "<p ONCLICK='x'>a</p>",
            "<p oNmouseover = 'x'>a</p>",
            "<p\nonload\n=\n'x'>a</p>",
            "<p on='x'>a</p>",
            "<p onanythingnew='x'>a</p>",
            "<p x:onclick='x'>a</p>",
            "<p on:click='x'>a</p>",
            "<p a:b:OnClick='x'>a</p>",
            "<p title='a'onclick='x'>a</p>",
            "<img src='x' onerror='x'/>",
            "<p/onclick='x'>a</p>",
            "<p onclick=x>a</p>",
            "<p onclick>a</p>",
            "<p \u{a0}='' onclick='x'>a</p>",
        ],
        is_handler,
    );
}

#[test]
fn elements() {
    for name in [
        "script",
        "SCRIPT",
        "ScRiPt",
        "style",
        "link",
        "meta",
        "base",
        "head",
        "body",
        "html",
        "title",
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "option",
        "isindex",
        "iframe",
        "frame",
        "frameset",
        "noframes",
        "object",
        "embed",
        "applet",
        "param",
        "svg",
        "math",
        "template",
        "noscript",
        "xmp",
        "plaintext",
        "marquee",
        "bgsound",
        "layer",
        "audio",
        "video",
        "source",
        "canvas",
        "details",
        "dialog",
        "slot",
        "portal",
        "image",
        "xml",
        "font",
        "center",
        "script\u{a0}",
        "div\0",
        "x-y",
    ] {
        let text = div(&format!("a<{name}></{name}>"));
        assert_eq!(problems(&text).first().map(|(kind, _)| *kind), Some(Element { name }), "{name}");
    }
    let is_prefix = |kind: &NarrativeProblemKind<'_>| matches!(kind, Prefix { .. });
    all(&["<h:script>x</h:script>", "<svg:script>x</svg:script>", "<:p>x</:p>", "<p:>x</p:>"], is_prefix);
}

#[test]
fn what_html_reads_otherwise() {
    let is_refused = |kind: &NarrativeProblemKind<'_>| {
        matches!(
            kind,
            Comment | CData | Declaration | ProcessingInstruction | Namespace { .. } | Attribute { .. }
        )
    };
    all(
        &[
            "<!--><img src='x' onerror='y'/>-->",
            "<!---><img src='x' onerror='y'/>-->",
            "<!-- --!><img src='x' onerror='y'/>-->",
            "<!--[if gte IE 4]><script>x</script><![endif]-->",
            "<![CDATA[><img src='x' onerror='y'/>]]>",
            "<![CDATA[<script>x</script>]]>",
            "<![if !IE]><b>x</b><![endif]>",
            "<!DOCTYPE x [<!ENTITY e '<script>x</script>'>]>&e;",
            "<!ENTITY e SYSTEM 'file:///etc/passwd'>",
            "<?xml-stylesheet href='javascript:x'?>",
            "<?php echo 1 ?>",
            "<?import namespace='t' implementation='#default#time2'?>",
            "<p xmlns='http://www.w3.org/2000/svg'>x</p>",
            "<p xmlns:x='http://www.w3.org/1999/xlink' x:href='javascript:x'>x</p>",
            "<p xmlns=' http://www.w3.org/1999/xhtml'>x</p>",
            "<a xml:base='javascript:x' href='#'>x</a>",
            "<img srcset='javascript:x'/>",
            "<img dynsrc='javascript:x'/>",
            "<img lowsrc='javascript:x'/>",
            "<table background='javascript:x'></table>",
            "<a ping='https://example.org/'>x</a>",
            "<p formaction='javascript:x'>x</p>",
            "<p srcdoc='x'>x</p>",
            "<p is='x'>x</p>",
            "<p action='javascript:x'>x</p>",
            "<p contenteditable='true'>x</p>",
            "<p autofocus='' tabindex='1'>x</p>",
            "<p data-bind='x'>x</p>",
            "<p v-on='x' ng-click='x'>x</p>",
        ],
        is_refused,
    );
}
