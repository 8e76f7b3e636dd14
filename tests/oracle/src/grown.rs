//! Resources that belong together: code systems, value sets and what is coded by them, hierarchies, lists, narratives.
//! They are much the same in all releases, and keep few of FHIR's other rules.

const SYSTEM: &str = "http://grown.example/animals";

/// Which of a circle and a tree each place is part of.
const TREE: &[(usize, usize)] = &[(1, 0), (2, 0), (3, 1), (4, 1), (5, 3), (6, 2), (8, 9), (9, 8), (10, 99)];

/// Codes of the system below.
const CODES: &[&str] = &["animal", "bird", "parrot", "kea", "fish", "flying-fish", "flier", "stone"];

fn code_system(id: &str, url: &str) -> String {
    format!(
        r#"{{"resourceType":"CodeSystem","id":"{id}","url":"{url}","version":"1.0","status":"active","content":"complete","concept":[
        {{"code":"animal","property":[{{"code":"notSelectable","valueBoolean":true}}],"concept":[
            {{"code":"bird","concept":[{{"code":"parrot","concept":[{{"code":"kea"}}]}}]}},
            {{"code":"fish"}}]}},
        {{"code":"flying-fish","property":[{{"code":"parent","valueCode":"fish"}},{{"code":"subsumedBy","valueCode":"flier"}}]}},
        {{"code":"flier","property":[{{"code":"child","valueCode":"parrot"}}]}},
        {{"code":"stone"}}]}}"#
    )
}

/// The definitions of value sets.
const SETS: &[(&str, &str)] = &[
    ("listed", r#""include":[{"system":"S","concept":[{"code":"kea"},{"code":"stone"}]}]"#),
    ("whole", r#""include":[{"system":"S"}]"#),
    ("version", r#""include":[{"system":"S","version":"1.0"}]"#),
    ("is-a", r#""include":[{"system":"S","filter":[{"property":"concept","op":"is-a","value":"bird"}]}]"#),
    (
        "below",
        r#""include":[{"system":"S","filter":[{"property":"concept","op":"descendent-of","value":"flier"}]}]"#,
    ),
    ("not", r#""include":[{"system":"S","filter":[{"property":"code","op":"is-not-a","value":"fish"}]}]"#),
    (
        "both",
        r#""include":[{"system":"S","filter":[{"property":"concept","op":"is-a","value":"fish"},{"property":"concept","op":"is-a","value":"flier"}]}]"#,
    ),
    (
        "without",
        r#""include":[{"system":"S"}],"exclude":[{"valueSet":["V/listed"]},{"system":"S","concept":[{"code":"fish"}]}]"#,
    ),
    ("within", r#""include":[{"system":"S","valueSet":["V/listed|2","V/is-a"]},{"valueSet":["V/both"]}]"#),
    ("known", r#""include":[{"system":"http://hl7.org/fhir/administrative-gender"}]"#),
    ("known-set", r#""include":[{"valueSet":["http://hl7.org/fhir/ValueSet/administrative-gender"]}]"#),
];

const EXPANSION: &str = r#"{"resourceType":"ValueSet","id":"grown-expanded","url":"V/expanded","status":"active","expansion":{"timestamp":"2020-01-01","contains":[
    {"system":"S","code":"fish","contains":[{"system":"S","code":"flying-fish"}]},{"system":"S","code":"animal","abstract":true},{"display":"no code"}]}}"#;

/// Narratives as XHTML may write them.
const NARRATIVES: &[&str] = &[
    "<p>Grey wolves <b>howl</b></p>",
    "<p title='a &gt; b'>M&#252;ller&#x20;&amp; wolves</p>",
    "<!-- nobody <reads> comments -->howl<br/>loudly",
    "<a href=\"http://x.example/?a=1\" title=\"more > less\">grey</a> owls",
    "<p>Stra&#xDF;e, 42 owls</p>",
];

/// Canonicals with versions.
const VERSIONS: &[&str] = &["|1", "|1.0", "|1.0.2", "|1.1", "|10.0", "|2", ""];

/// All of them, in their order.
pub fn resources() -> Vec<String> {
    let sets = "http://grown.example/sets";
    let told =
        |text: &str| text.replace("V/", &format!("{sets}/")).replace("\"S\"", &format!("\"{SYSTEM}\""));
    let mut all =
        vec![code_system("grown", SYSTEM), code_system("grown-other", "http://grown.example/others")];
    for (name, compose) in SETS {
        all.push(told(&format!(
            r#"{{"resourceType":"ValueSet","id":"grown-{name}","url":"V/{name}","version":"2","status":"active","compose":{{{compose}}}}}"#
        )));
    }
    all.push(told(EXPANSION));
    for (at, code) in CODES.iter().cycle().take(3 * CODES.len()).enumerate() {
        let system = if at % 5 == 4 { "http://grown.example/others" } else { SYSTEM };
        let (ty, rest) =
            if at % 3 == 0 { ("Condition", "") } else { ("Observation", r#","status":"final""#) };
        all.push(format!(
            r#"{{"resourceType":"{ty}","id":"grown-{at}"{rest},"code":{{"coding":[{{"system":"{system}","code":"{code}"}}]}},"subject":{{"reference":"Patient/grown-{}"}}}}"#,
            at % 6
        ));
    }
    for at in 0..11 {
        let part = TREE.iter().find(|(own, _)| *own == at).map(|(_, above)| *above);
        let part = |ty: &str| {
            part.map_or(String::new(), |above| format!(r#","partOf":{{"reference":"{ty}/grown-{above}"}}"#))
        };
        for ty in ["Location", "Organization", "Encounter"] {
            let more = match ty {
                "Encounter" => format!(
                    r#","location":[{{"location":{{"reference":"Location/grown-{at}"}}}}],"serviceProvider":{{"reference":"Organization/grown-{}"}}"#,
                    at % 7
                ),
                "Location" => format!(
                    r#","name":"Place {at}","position":{{"longitude":{}.05,"latitude":{}.25}}"#,
                    at * 5,
                    at * 3
                ),
                _ => format!(r#","name":"Grown {at}""#),
            };
            all.push(format!(r#"{{"resourceType":"{ty}","id":"grown-{at}"{}{more}}}"#, part(ty)));
        }
        all.push(format!(
            r#"{{"resourceType":"Patient","id":"grown-{at}","gender":"{}","managingOrganization":{{"reference":"Organization/grown-{at}"}}}}"#,
            ["male", "female", "other"][at % 3]
        ));
    }
    for at in 0..4 {
        let item = |ty: &str, number: usize| format!(r#"{{"item":{{"reference":"{ty}/grown-{number}"}}}}"#);
        let items =
            [item("Patient", at), item("Patient", at + 4), item("Observation", at + 1), item("List", at + 1)];
        all.push(format!(
            r#"{{"resourceType":"List","id":"grown-{at}","status":"current","mode":"working","entry":[{}]}}"#,
            items.join(",")
        ));
    }
    for (at, narrative) in NARRATIVES.iter().enumerate() {
        let div =
            crate::json::Json::Text(format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{narrative}</div>"));
        all.push(format!(
            r#"{{"resourceType":"Basic","id":"grown-{at}","text":{{"status":"generated","div":{div}}},"code":{{"text":"wolves and owls {at}"}}}}"#
        ));
    }
    for (at, version) in VERSIONS.iter().enumerate() {
        all.push(format!(
            r#"{{"resourceType":"QuestionnaireResponse","id":"grown-{at}","status":"completed","questionnaire":"http://grown.example/Questionnaire/q{version}"}}"#
        ));
    }
    all
}
