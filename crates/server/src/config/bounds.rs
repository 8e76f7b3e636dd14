//! What no single value tells: settings that do not fit one another.

use super::Loaded;
use crate::settings::{Settings, StoreSettings};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

/// Paths that are the process's own.
const RESERVED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Everything that does not fit, a plain sentence each.
pub fn faults(loaded: &Loaded) -> Vec<String> {
    let Settings { limits, tls, .. } = &loaded.settings;
    let pairs = [
        (limits.default_page > limits.page, "limits.default-page must not be more than limits.page"),
        (limits.unpacked < limits.body, "limits.unpacked must not be less than limits.body"),
        (tls.certificate.is_some() != tls.key.is_some(), "tls.certificate and tls.key go together"),
        (tls.client_ca.is_some() && tls.certificate.is_none(), "tls.client-ca needs tls.certificate"),
        (tls.client_required && tls.client_ca.is_none(), "tls.client-required needs tls.client-ca"),
    ];
    let mut faults: Vec<String> =
        pairs.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| what.to_owned()).collect();
    faults.extend(reach(&loaded.settings));
    faults.extend(side_by_side(&loaded.stores));
    faults
}

/// The addresses that a setting of `bind` means, those of IPv4 first.
///
/// # Errors
/// A name that is known nowhere.
pub fn addresses(bind: &str) -> Result<Vec<SocketAddr>, String> {
    let found = bind.to_socket_addrs().map_err(|error| format!("bind: {bind} is no address: {error}"))?;
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    Ok(found)
}

/// Who can reach the server, and whether that is meant.
fn reach(settings: &Settings) -> Vec<String> {
    let bind = &settings.serving.bind;
    let addresses = match addresses(bind) {
        Ok(addresses) => addresses,
        Err(error) => return vec![error],
    };
    let any = |test: fn(&IpAddr) -> bool| addresses.iter().any(|address| test(&address.ip()));
    let mut faults = Vec::new();
    let open = !settings.serving.allow_anonymous && !settings.tls.client_required;
    if open && !addresses.iter().all(|address| address.ip().is_loopback()) {
        faults.push(format!(
            "{bind} can be reached from other machines, and nobody is asked who they are: anybody could read and \
             change every record. Bind to 127.0.0.1, require certificates of clients (tls.client-required), or add \
             --allow-anonymous if that is what you want"
        ));
    }
    if any(IpAddr::is_unspecified) && settings.serving.base_url.is_none() {
        faults.push(format!(
            "{bind} is every address of this machine, and links in responses must name one: say in base-url how \
             clients reach the server, as in https://fhir.example.org/fhir"
        ));
    }
    faults
}

/// Stores that are in each other's way.
fn side_by_side(stores: &[Settings]) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, Settings { store, .. }) in stores.iter().enumerate() {
        if RESERVED.contains(&store.path.as_str()) {
            faults.push(format!("the path {} is the server's own", store.path));
        }
        for Settings { store: other, .. } in stores.iter().take(at) {
            if other.path == store.path {
                faults.push(format!("two stores have the path {}", store.path));
            }
            if place(other) == place(store) {
                faults.push(format!("{} and {} are one store: each needs its own", other.path, store.path));
            }
        }
    }
    faults
}

/// What tells the places of stores apart.
fn place(store: &StoreSettings) -> (Option<String>, Option<PathBuf>) {
    match &store.database_url {
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(folder) => (None, Some(whole(Path::new(folder)))),
            None => (Some(url.clone()), None),
        },
        None => (None, Some(whole(&store.data_dir))),
    }
}

/// A folder's whole path, also where it is still to be made.
fn whole(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).or_else(|_| std::path::absolute(folder)).unwrap_or(folder.to_owned())
}
