//! `rushlight config`: what is set, as TOML, each value with the place it came from.

use super::table::{KEYS, Key};
use super::{Loaded, Origin, Origins, describe, load, origin};
use crate::cli::ConfigArgs;
use crate::settings::Settings;
use crate::tls::Tls;
use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

/// Prints what is set, or only whether it can be.
///
/// # Errors
/// Everything that is wrong with it.
pub fn run(args: &ConfigArgs) -> Result<ExitCode, Box<dyn Error>> {
    let loaded = load(args.flags.sources())?;
    loaded.warn();
    if args.check {
        Tls::open(&loaded.settings.tls)?;
        println!("the configuration is sound");
    } else {
        print!("{}", loaded.toml());
    }
    Ok(ExitCode::SUCCESS)
}

impl Loaded {
    /// As TOML that sets the same, save for passwords.
    pub(super) fn toml(&self) -> String {
        let file = self.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let mut out = String::new();
        let mut section = "";
        for key in KEYS.iter().filter(|key| !key.variable.is_empty()) {
            if key.of_store() && !self.tables.is_empty() {
                continue;
            }
            if key.parts().0 != section {
                section = key.parts().0;
                let _ = writeln!(out, "\n[{section}]");
            }
            line(&mut out, key, &self.settings, &self.origins, &file);
        }
        for ((_, origins), settings) in self.tables.iter().zip(&self.stores) {
            out.push_str("\n[[store]]\n");
            for key in KEYS.iter().filter(|key| key.of_store() && needed(key, origins)) {
                line(&mut out, key, settings, origins, &file);
            }
        }
        out
    }
}

/// Whether a table must show a key: the folder says nothing where there is a URL.
fn needed(key: &Key, origins: &Origins) -> bool {
    key.name != "data-dir" || origin(origins, "data-dir") != Origin::Default
}

/// One value; a comment where nothing is set. Writing to a string can't fail.
fn line(out: &mut String, key: &Key, settings: &Settings, origins: &Origins, file: &str) {
    let whence = describe(key, origin(origins, key.name), file);
    let name = key.parts().1;
    let _ = match key.field.show(settings) {
        Some(value) => writeln!(out, "{name} = {value} # {whence}"),
        None => writeln!(out, "# {name}: {} # {whence}", key.field.unset()),
    };
}
