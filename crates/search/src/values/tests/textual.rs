//! Strings and dates.

use super::*;

#[test]
fn strings() {
    check(
        Sort::String,
        &[
            ("string", r#""Carr\u00e9 DuPont""#, &["string(carre dupont, <Carré DuPont>)"]),
            ("markdown", r#""*A*\n\nb""#, &["string(*a* b, <*A*\n\nb>)"]),
            ("code", r#""en-US""#, &["string(en-us, <en-US>)"]),
            ("uri", r#""http://A.example""#, &["string(http://a.example, <http://A.example>)"]),
            ("string", "null", &["string(, 0)"]),
            (
                "HumanName",
                r#"{"use":"official","text":"Eve van Dyk","family":"Dyk","given":["Eve",null,"Ann"],"prefix":["Dr"],
                    "suffix":["II"],"_given":[null,{"id":"x"},null],"period":{"start":"2020"}}"#,
                &[
                    "string(eve van dyk, <Eve van Dyk>)",
                    "string(dyk, <Dyk>)",
                    "string(eve, <Eve>)",
                    "string(ann, <Ann>)",
                    "string(dr, <Dr>)",
                    "string(ii, <II>)",
                ],
            ),
            ("HumanName", r#"{"use":"official"}"#, &["string(, 0)"]),
            (
                "Address",
                r#"{"use":"home","type":"both","text":"T","line":["L1","L2"],"city":"C","district":"D","state":"S",
                    "postalCode":"12","country":"AT"}"#,
                &[
                    "string(t, <T>)",
                    "string(l1, <L1>)",
                    "string(l2, <L2>)",
                    "string(c, <C>)",
                    "string(d, <D>)",
                    "string(s, <S>)",
                    "string(12, <12>)",
                    "string(at, <AT>)",
                ],
            ),
            ("Annotation", r#"{"authorString":"A","text":"Note"}"#, &["string(note, <Note>)"]),
            (
                "CodeableConcept",
                r#"{"text":"T","coding":[{"code":"c","display":"D"}]}"#,
                &["string(d, <D>)", "string(t, <T>)"],
            ),
            ("Coding", r#"{"code":"c","display":"D"}"#, &["string(d, <D>)"]),
            ("ContactPoint", r#"{"system":"email","value":"A@b"}"#, &["string(a@b, <A@b>)"]),
            ("Identifier", r#"{"system":"urn:s","value":"V"}"#, &["string(v, <V>)"]),
            ("integer", "1", &[]),
            ("Quantity", r#"{"unit":"mg"}"#, &[]),
        ],
    );
}

/// What the search page says about implicit precision: <https://hl7.org/fhir/R4/search.html#date>.
#[test]
fn dates() {
    check(
        Sort::Date,
        &[
            ("date", r#""2013""#, &["date(~2013-01-01T00:00:00.000000Z~, ~2013-12-31T23:59:59.999999Z~)"]),
            ("date", r#""2013-03""#, &["date(~2013-03-01T00:00:00.000000Z~, ~2013-03-31T23:59:59.999999Z~)"]),
            (
                "date",
                r#""2013-01-14""#,
                &["date(~2013-01-14T00:00:00.000000Z~, ~2013-01-14T23:59:59.999999Z~)"],
            ),
            (
                "dateTime",
                r#""2013-01-14T10:00:00Z""#,
                &["date(~2013-01-14T10:00:00.000000Z~, ~2013-01-14T10:00:00.999999Z~)"],
            ),
            (
                "instant",
                r#""2013-01-14T10:00:00.25+02:00""#,
                &["date(~2013-01-14T08:00:00.250000Z~, ~2013-01-14T08:00:00.259999Z~)"],
            ),
            (
                "instant",
                r#""2013-01-14T10:00:00.1234567Z""#,
                &["date(~2013-01-14T10:00:00.123456Z~, ~2013-01-14T10:00:00.123456Z~)"],
            ),
            ("date", "null", &["date(9223372036854775807, -9223372036854775808)"]),
            ("date", r#""yesterday""#, &["date(9223372036854775807, -9223372036854775808)"]),
            ("string", r#""2013""#, &[]),
            ("Age", r#"{"value":1}"#, &[]),
        ],
    );
}

#[test]
fn periods() {
    check(
        Sort::Date,
        &[
            (
                "Period",
                r#"{"start":"2013-01","end":"2013-02-14"}"#,
                &["date(~2013-01-01T00:00:00.000000Z~, ~2013-02-14T23:59:59.999999Z~)"],
            ),
            ("Period", r#"{"start":"2013"}"#, &["date(~2013-01-01T00:00:00.000000Z~, 9223372036854775807)"]),
            ("Period", r#"{"end":"2013"}"#, &["date(-9223372036854775808, ~2013-12-31T23:59:59.999999Z~)"]),
            ("Period", r#"{"_start":{"id":"x"}}"#, &["date(9223372036854775807, -9223372036854775808)"]),
            (
                "Timing",
                r#"{"event":["2014-05","2013-01-14",null]}"#,
                &["date(~2013-01-14T00:00:00.000000Z~, ~2014-05-31T23:59:59.999999Z~)"],
            ),
            (
                "Timing",
                r#"{"repeat":{"boundsPeriod":{"start":"2013","end":"2014"},"frequency":2}}"#,
                &["date(~2013-01-01T00:00:00.000000Z~, ~2014-12-31T23:59:59.999999Z~)"],
            ),
            (
                "Timing",
                r#"{"event":["2012"],"repeat":{"boundsPeriod":{"start":"2013"}}}"#,
                &["date(~2012-01-01T00:00:00.000000Z~, 9223372036854775807)"],
            ),
            (
                "Timing",
                r#"{"repeat":{"boundsDuration":{"value":1},"frequency":2}}"#,
                &["date(9223372036854775807, -9223372036854775808)"],
            ),
        ],
    );
}
