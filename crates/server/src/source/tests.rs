use super::*;

fn documents(form: Form, limit: usize, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut each = |document: Document| {
        found.push((document.line, String::from_utf8(document.bytes).unwrap()));
        ControlFlow::Continue(())
    };
    let mut teller = Teller { each: &mut each, read: Rc::default(), told: 0 };
    // A buffer of three bytes: nothing may depend on what happens to be read at once.
    let mut reader = BufReader::with_capacity(3, text.as_bytes());
    let sources = Sources { taken: Taken::JsonAndNdjson, limit };
    let flow = sources.text(form, &Arc::from("x"), &mut reader, &mut teller).unwrap();
    assert!(flow.is_continue());
    found
}

fn owned(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
    expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
}

#[test]
fn where_no_name_says_the_beginning_tells_lines_from_one_document() {
    for (text, expected) in [
        ("", &[(1, "")][..]),
        ("{}", &[(1, "{}")]),
        ("\n {}\n\n", &[(1, "\n {}\n\n")]),
        ("{}\n{}", &[(1, "{}"), (2, "{}")]),
        ("\n\n{ }\r\n\n \t\n{}x\n", &[(3, "{ }\r"), (6, "{}x")]),
        ("{\"a\":tru}\n{}\n", &[(1, "{\"a\":tru}"), (2, "{}")]),
        ("{\"a\":{}\n,\"b\":{}}", &[(1, "{\"a\":{}\n,\"b\":{}}")]),
        ("{\n{}\n}", &[(1, "{\n{}\n}")]),
        ("[{}]\n{}", &[(1, "[{}]\n{}")]),
    ] {
        assert_eq!(documents(Form::Unknown, 100, text), owned(expected), "{text:?}");
    }
}

#[test]
fn a_document_beyond_the_limit_is_one_byte_longer_than_it() {
    assert_eq!(documents(Form::Json, 4, "{  }"), owned(&[(1, "{  }")]));
    assert_eq!(documents(Form::Json, 4, "{   }"), owned(&[(1, "{   }")]));
    assert_eq!(documents(Form::Json, 4, "{     }"), owned(&[(1, "{    ")]));
    let lines = "{  }\n{   }\n{         }\n      \n{}";
    let expected = owned(&[(1, "{  }"), (2, "{   }"), (3, "{    "), (5, "{}")]);
    assert_eq!(documents(Form::Ndjson, 4, lines), expected);
    assert_eq!(documents(Form::Unknown, 4, "{}\n      {}"), owned(&[(1, "{}\n  ")]));
}

#[test]
fn names_say_what_is_in_files() {
    for (name, form, folder, archive) in [
        ("a.json", Form::Json, true, true),
        ("a.json.gz", Form::Json, true, false),
        ("a.ndjson", Form::Ndjson, true, true),
        ("a.ndjson.gz", Form::Ndjson, true, false),
        ("a.tgz", Form::Archive, true, false),
        ("a.tar.gz", Form::Archive, true, false),
        ("a.gz", Form::Unknown, false, false),
        ("<stdin>", Form::Unknown, false, false),
        ("json", Form::Unknown, false, false),
    ] {
        assert_eq!(Form::of_name(name), form, "{name}");
        assert_eq!(Taken::JsonAndNdjson.in_folder(name), folder, "{name}");
        assert_eq!(Taken::JsonAndNdjson.in_archive(name), archive, "{name}");
        assert_eq!(Taken::Json.in_folder(name), folder && form != Form::Ndjson, "{name}");
    }
}
