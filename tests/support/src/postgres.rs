//! A private PostgreSQL cluster, started from whatever server binaries are installed.
//!
//! `initdb` and `postgres` refuse root, so there they run as another user. The cluster lives in a temporary folder,
//! listens on a free loopback port, and flushes as a real one does. A small shell watches this process and stops the
//! cluster when it is gone, however it went.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running cluster.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    port: u16,
    settings: Vec<String>,
    user: Option<(u32, u32)>,
    watcher: Option<Child>,
}

/// A schema of one test's own, dropped with it.
pub struct Schema {
    name: String,
    url: String,
    plain: String,
    psql: PathBuf,
}

/// The cluster that the tests of this process share; `None`, loudly, where no server is installed.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&[])).as_ref()
}

/// A program of PostgreSQL's, from `RUSHLIGHT_PG_BIN`, Debian's folders (the newest) or the path.
pub fn tool(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("RUSHLIGHT_PG_BIN").map(PathBuf::from).into_iter().collect();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort();
    folders.extend(debian.into_iter().rev().map(|(_, path)| path));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Cluster {
    /// Starts a cluster with extra settings (`name=value`); `None`, loudly, where no server is installed.
    ///
    /// # Panics
    /// Where one is installed and can't be started.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let Some(initdb) = tool("initdb") else {
            crate::skip("PostgreSQL: no server binaries found; on Debian: apt-get install postgresql");
            return None;
        };
        let bin = fs::canonicalize(initdb)
            .expect("a path to initdb")
            .parent()
            .expect("a folder of initdb")
            .to_owned();
        let folder =
            tempfile::Builder::new().prefix("rushlight-pg-").tempdir().expect("a folder for PostgreSQL");
        let user = other_user(folder.path());
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).expect("the folder given away");
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .expect("a free port")
            .port();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut cluster = Self { folder, bin, port, settings, user, watcher: None };
        let data = cluster.data();
        let output = cluster
            .command("initdb")
            .args(["-A", "trust", "-U", "rushlight", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        cluster.launch();
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir(self.folder.path());
        if let Some((uid, gid)) = self.user {
            command.gid(gid).uid(uid);
        }
        command
    }

    /// Starts the server and its watcher, and waits until it answers.
    ///
    /// # Panics
    /// Where it does not answer within a minute.
    pub fn launch(&mut self) {
        let mut settings = format!(
            "-p {} -k '{}' -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=on",
            self.port,
            self.folder.path().display()
        );
        self.settings.iter().for_each(|setting| settings.push_str(&format!(" -c {setting}")));
        let (bin, data) = (self.bin.display(), self.data());
        let (data, log) = (data.display(), self.folder.path().join("log"));
        // The watcher's input is a pipe of ours: it ends when this process does.
        let script = format!(
            "'{bin}/postgres' -D '{data}' {settings} >>'{}' 2>&1 & p=$!; cat >/dev/null; kill -QUIT $p; wait $p; \
             [ -e keep ] || rm -rf '{}'",
            log.display(),
            self.folder.path().display()
        );
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &script])
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        if let Some((uid, gid)) = self.user {
            shell.gid(gid).uid(uid);
        }
        self.watcher = Some(shell.spawn().expect("a shell"));
        let begun = Instant::now();
        loop {
            let ready = self
                .command("pg_isready")
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return;
            }
            let text = fs::read_to_string(&log).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL does not start: {text}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Kills every process of the cluster at once, as a power cut would; [`Self::launch`] brings it back.
    ///
    /// # Panics
    /// Where its process id can't be read.
    pub fn kill(&mut self) {
        fs::write(self.folder.path().join("keep"), "").expect("a note for the watcher");
        let text = fs::read_to_string(self.data().join("postmaster.pid")).expect("a running cluster");
        let postmaster = text.lines().next().expect("a process id").to_owned();
        // The backends first: an orphan would hold the shared memory that the next start must find free.
        let _ = Command::new("pkill").args(["-KILL", "-P", &postmaster]).status();
        let _ = Command::new("kill").args(["-KILL", &postmaster]).status();
        let _ = Command::new("pkill").args(["-KILL", "-P", &postmaster]).status();
        if let Some(mut watcher) = self.watcher.take() {
            drop(watcher.stdin.take());
            let _ = watcher.wait();
        }
    }

    /// The URL of the cluster's one database.
    pub fn url(&self) -> String {
        format!("postgres://rushlight@127.0.0.1:{}/postgres", self.port)
    }

    /// A schema of its own for a test.
    ///
    /// # Panics
    /// Where it can't be made.
    pub fn schema(&self) -> Schema {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let plain = self.url();
        let psql = tool("psql").expect("psql beside the server");
        run(&psql, &plain, &format!("CREATE SCHEMA {name}"));
        let url = format!("{plain}?options=-csearch_path%3D{name}");
        Schema { name, url, plain, psql }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            drop(watcher.stdin.take());
            let _ = watcher.wait();
        }
    }
}

impl Schema {
    /// The database URL, with the schema as search path.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            run(&self.psql, &self.plain, &format!("DROP SCHEMA {} CASCADE", self.name));
        }
    }
}

fn run(psql: &Path, url: &str, sql: &str) {
    let output = Command::new(psql)
        .args(["-X", "-q", "-c", sql, url])
        .env("PGOPTIONS", "-c client_min_messages=error")
        .output();
    let output = output.expect("psql runs");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
}

/// As root: the user `postgres`, or else `nobody`.
fn other_user(folder: &Path) -> Option<(u32, u32)> {
    let owner = fs::metadata(folder).expect("the folder").uid();
    if owner != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("the users");
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == wanted).then_some(())?;
            Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    };
    find("postgres").or_else(|| find("nobody"))
}
