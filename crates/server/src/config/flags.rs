//! The flags of `serve` and `config`, made from the table.

use super::Sources;
use super::table::{KEYS, Key};
use crate::settings::Settings;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The flags that were given, and the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    file: Option<PathBuf>,
    given: Vec<(String, String)>,
}

impl Flags {
    /// Together with the environment of the process.
    pub fn sources(&self) -> Sources {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .filter(|(name, _)| name.starts_with("RUSHLIGHT_"));
        Sources { file: self.file.clone(), environment: environment.collect(), flags: self.given.clone() }
    }
}

/// The flag that names the file.
const FILE: &str = "config";

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE)
            .long(FILE)
            .value_name("FILE")
            .env("RUSHLIGHT_CONFIG")
            .value_parser(value_parser!(PathBuf))
            .help("TOML file of settings; docs/configuration.md lists them");
        let settings = Settings::default();
        command.arg(file).args(flagged().map(|key| argument(key, &settings)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = flagged().filter_map(|key| {
            let value: &OsString = matches.get_one(key.flag)?;
            Some((key.flag.to_owned(), value.to_string_lossy().into_owned()))
        });
        Ok(Self { file: matches.get_one(FILE).cloned(), given: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flagged() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| !key.flag.is_empty())
}

fn argument(key: &Key, settings: &Settings) -> Arg {
    let default = key.field.show(settings).unwrap_or_else(|| key.field.unset().to_owned());
    let argument = Arg::new(key.flag)
        .long(key.flag)
        .action(ArgAction::Set)
        .value_name("VALUE")
        .value_parser(value_parser!(OsString))
        .help(format!("{} [{default}] [env: {}]", key.about, key.variable));
    let argument = match key.parts().0 {
        "" => argument,
        section => argument.help_heading(section),
    };
    match key.field.alone() {
        Some(meaning) => argument.num_args(0..=1).default_missing_value(meaning),
        None => argument,
    }
}
