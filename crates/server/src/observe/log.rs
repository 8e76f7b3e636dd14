//! The log's lines, on standard error: text for people, or an object of JSON each.

use crate::settings::LogForm;
use env_logger::fmt::Formatter;
use env_logger::{Builder, Env};
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Begins to log; `RUST_LOG` says from which level.
pub fn start(form: LogForm) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    builder.format(move |out, record| {
        let time = out.timestamp_millis();
        write_line(out, form, &time.to_string(), record)
    });
    builder.init();
}

fn write_line(out: &mut Formatter, form: LogForm, time: &str, record: &Record) -> io::Result<()> {
    writeln!(out, "{}", line(form, time, record))
}

fn line(form: LogForm, time: &str, record: &Record) -> String {
    let message = record.args().to_string();
    let mut out = match form {
        LogForm::Text => format!("{time} {:<5} {}", record.level(), plain(&message)),
        LogForm::Json => {
            let [target, message] = [record.target(), &message].map(quoted);
            let level = record.level();
            format!(r#"{{"time":"{time}","level":"{level}","target":{target},"message":{message}"#)
        }
    };
    // The visitor below never fails.
    let _ = record.key_values().visit(&mut Values { form, out: &mut out });
    if form == LogForm::Json {
        out.push('}');
    }
    out
}

/// A line stays one.
fn plain(message: &str) -> String {
    message.replace(|c: char| c.is_control(), " ")
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// Appends a record's values.
struct Values<'o> {
    form: LogForm,
    out: &'o mut String,
}

impl<'v> VisitSource<'v> for Values<'_> {
    fn visit_pair(&mut self, key: Key<'v>, value: Value<'v>) -> Result<(), Error> {
        // Writing to a string can't fail.
        let _ = match self.form {
            LogForm::Text => write!(self.out, " {key}="),
            LogForm::Json => write!(self.out, ",{}:", quoted(key.as_str())),
        };
        let bare = |c: u8| c.is_ascii_graphic() && c != b'"';
        let _ = match (value.to_borrowed_str(), value.to_u64(), value.to_f64()) {
            (None, Some(number), _) => write!(self.out, "{number}"),
            (None, None, Some(number)) => write!(self.out, "{number}"),
            (Some(text), ..) if self.form == LogForm::Text && !text.is_empty() && text.bytes().all(bare) => {
                self.out.write_str(text)
            }
            (Some(text), ..) => self.out.write_str(&quoted(text)),
            (None, None, None) => self.out.write_str(&quoted(&value.to_string())),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::Level;

    fn told(form: LogForm, message: &str) -> String {
        let values: [(&str, Value); 3] = [
            ("actor", Value::from("CN=a, \"b\"")),
            ("status", Value::from(200_u16)),
            ("ms", Value::from(1.5)),
        ];
        let mut builder = Record::builder();
        builder.level(Level::Info).target("t").key_values(&values);
        line(form, "2026-01-01T00:00:00.000Z", &builder.args(format_args!("{message}")).build())
    }

    #[test]
    fn lines_of_either_form_have_the_same_values() {
        assert_eq!(
            told(LogForm::Text, "a\nb"),
            r#"2026-01-01T00:00:00.000Z INFO  a b actor="CN=a, \"b\"" status=200 ms=1.5"#
        );
        let json: Json = serde_json::from_str(&told(LogForm::Json, "a\n\"b")).unwrap();
        let expected = serde_json::json!({
            "time": "2026-01-01T00:00:00.000Z", "level": "INFO", "target": "t", "message": "a\n\"b",
            "actor": "CN=a, \"b\"", "status": 200, "ms": 1.5
        });
        assert_eq!(json, expected);
    }
}
