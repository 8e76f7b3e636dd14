//! What a file holds, as its name says.

use super::Taken;

/// How documents lie in a file, once it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One document.
    Json,
    /// A document on each line.
    Ndjson,
    /// The name does not say: see [`super::lines::looks_like_ndjson`].
    Unknown,
    /// A packed tar of files.
    Archive,
}

impl Form {
    pub(super) fn of_name(name: &str) -> Self {
        let bare = name.strip_suffix(".gz").unwrap_or(name);
        if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
            Self::Archive
        } else if bare.ends_with(".ndjson") {
            Self::Ndjson
        } else if bare.ends_with(".json") {
            Self::Json
        } else {
            Self::Unknown
        }
    }
}

impl Taken {
    /// Whether a file of a folder is read.
    pub(super) fn in_folder(self, name: &str) -> bool {
        match Form::of_name(name) {
            Form::Json | Form::Archive => true,
            Form::Ndjson => self == Self::JsonAndNdjson,
            Form::Unknown => false,
        }
    }

    /// Whether a file of an archive is read: nothing in it is packed again.
    pub(super) fn in_archive(self, name: &str) -> bool {
        !name.ends_with("gz") && self.in_folder(name)
    }

    /// What is read, for people.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Json => ".json file",
            Self::JsonAndNdjson => ".json or .ndjson file",
        }
    }
}
