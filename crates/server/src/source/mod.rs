//! The texts that a command line names: files, folders, archives and standard input, one document at a time.
//!
//! What is in memory is one document, whatever the size of the whole, and of a document no more than a limit and one
//! byte: whoever parses it by the same limit refuses it, and nothing is cut in silence.

mod find;
mod form;
mod lines;

use find::Place;
use flate2::read::MultiGzDecoder;
use form::Form;
use lines::{Lines, looks_like_ndjson};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use thiserror::Error;

/// One JSON text.
pub struct Document {
    /// The file, and within an archive the entry.
    pub name: Arc<str>,
    /// The line of the file on which it begins.
    pub line: usize,
    /// The text; one byte longer than the limit where it is longer than that.
    pub bytes: Vec<u8>,
    /// Bytes of the file, as it lies on disk, that were read to get it.
    pub weight: u64,
}

/// What is taken of folders and archives; a file that is named is always read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// `.json`
    Json,
    /// `.json` and `.ndjson`
    JsonAndNdjson,
}

/// A file, or standard input.
pub struct Input {
    place: Place,
    /// Its bytes as it lies on disk; 0 for standard input.
    pub size: u64,
}

/// How inputs are read.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// What is taken of folders and archives.
    pub taken: Taken,
    /// Bytes of one document, unpacked, at the most.
    pub limit: usize,
}

/// Why sources can't be read.
#[derive(Debug, Error)]
pub enum SourceError {
    /// No such path.
    #[error("{0}: there is no such file or folder")]
    Absent(String),
    /// A folder or archive without a file that is taken.
    #[error("{name}: there is nothing to read: no {taken} in it")]
    Nothing {
        /// The folder or archive.
        name: String,
        /// What it should have.
        taken: &'static str,
    },
    /// A link that leads back.
    #[error("{0}: the link leads to a folder that it is in")]
    Circle(String),
    /// Standard input, named twice.
    #[error("standard input (-) can be read only once")]
    Twice,
    /// The system, or what unpacks, refuses.
    #[error("{name}: {error}")]
    Refused {
        /// The file or folder.
        name: String,
        /// What was said.
        error: io::Error,
    },
}

/// What is done with each document; `Break` ends the reading.
pub type Each<'a> = &'a mut dyn FnMut(Document) -> ControlFlow<()>;

impl Sources {
    /// The inputs that paths mean, in their order, folders by name, so that a second run repeats the first.
    ///
    /// # Errors
    /// A path that does not exist, a folder with nothing to read or that can't be read, `-` twice.
    pub fn find(&self, paths: &[PathBuf]) -> Result<Vec<Input>, SourceError> {
        find::inputs(paths, self.taken)
    }

    /// Calls `each` with every document of an input.
    ///
    /// # Errors
    /// A file that can't be read or unpacked, or an archive with nothing to read.
    pub fn read(&self, input: &Input, each: Each<'_>) -> Result<ControlFlow<()>, SourceError> {
        let name = input.place.to_string();
        let form = Form::of_name(&name);
        let open = || -> io::Result<Box<dyn Read>> {
            Ok(match &input.place {
                Place::Standard => Box::new(io::stdin().lock()),
                Place::File(path) => Box::new(File::open(path)?),
            })
        };
        let refused = |error| SourceError::Refused { name: name.clone(), error };
        let read = Rc::new(Cell::new(0));
        let file = BufReader::new(Counted { inner: open().map_err(refused)?, read: Rc::clone(&read) });
        let mut teller = Teller { each, read, told: 0 };
        if form == Form::Archive {
            return match self.archive(MultiGzDecoder::new(file), &name, &mut teller).map_err(refused)? {
                Some(flow) => Ok(flow),
                None => Err(SourceError::Nothing { name, taken: self.taken.told() }),
            };
        }
        let told = Arc::from(&*name);
        if name.ends_with(".gz") {
            self.text(form, &told, &mut BufReader::new(MultiGzDecoder::new(file)), &mut teller)
        } else {
            self.text(form, &told, &mut { file }, &mut teller)
        }
        .map_err(refused)
    }

    /// `None` where the archive has no file that is taken.
    fn archive(
        &self,
        unpacked: impl Read,
        name: &str,
        teller: &mut Teller<'_>,
    ) -> io::Result<Option<ControlFlow<()>>> {
        let mut archive = tar::Archive::new(unpacked);
        let mut found = None;
        for entry in archive.entries()? {
            let entry = entry?;
            let inner = entry.path()?.display().to_string();
            if !entry.header().entry_type().is_file() || !self.taken.in_archive(&inner) {
                continue;
            }
            let told = Arc::from(format!("{name}: {inner}"));
            let flow = self.text(Form::of_name(&inner), &told, &mut BufReader::new(entry), teller)?;
            found = Some(flow);
            if flow.is_break() {
                break;
            }
        }
        Ok(found)
    }

    fn text(
        &self,
        form: Form,
        name: &Arc<str>,
        reader: &mut dyn BufRead,
        teller: &mut Teller<'_>,
    ) -> io::Result<ControlFlow<()>> {
        match form {
            Form::Ndjson => {
                let mut lines = Lines::new(reader, self.limit);
                while let Some((line, bytes)) = lines.next()? {
                    if teller.tell(name, line, bytes).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            }
            Form::Unknown => {
                let mut head = Vec::new();
                let lines = looks_like_ndjson(reader, self.limit, &mut head)?;
                let form = if lines { Form::Ndjson } else { Form::Json };
                self.text(form, name, &mut head.chain(reader), teller)
            }
            Form::Json | Form::Archive => {
                let mut bytes = Vec::new();
                reader.take(one_more(self.limit)).read_to_end(&mut bytes)?;
                Ok(teller.tell(name, 1, bytes))
            }
        }
    }
}

/// The one byte more shows that a document is longer than the limit.
fn one_more(limit: usize) -> u64 {
    (limit as u64).saturating_add(1)
}

/// Hands documents on, each with the bytes of the file that were read since the last.
struct Teller<'a> {
    each: Each<'a>,
    read: Rc<Cell<u64>>,
    told: u64,
}

impl Teller<'_> {
    fn tell(&mut self, name: &Arc<str>, line: usize, bytes: Vec<u8>) -> ControlFlow<()> {
        let read = self.read.get();
        let weight = read - std::mem::replace(&mut self.told, read);
        (self.each)(Document { name: Arc::clone(name), line, bytes, weight })
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
