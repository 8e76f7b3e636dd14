//! Third-party data beside the project: found through the environment, never copied into it.

use std::path::PathBuf;

/// The Synthea archive, in the folder that `RUSHLIGHT_DATA` names; `None`, loudly, where there is none.
pub fn synthea() -> Option<PathBuf> {
    let path =
        std::env::var_os("RUSHLIGHT_DATA").map(|folder| PathBuf::from(folder).join("synthea-r4.tar.gz"));
    match path.filter(|path| path.is_file()) {
        Some(path) => Some(path),
        None => {
            // Without the data the project must still pass, in CI, too.
            use std::io::Write;
            let _ = std::io::stderr()
                .lock()
                .write_all(b"\n*** SKIPPED: RUSHLIGHT_DATA names no folder with synthea-r4.tar.gz\n");
            None
        }
    }
}
