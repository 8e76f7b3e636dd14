//! `rushlight serve`

use crate::app::{App, Site};
use crate::checks::Checks;
use crate::cli::durability;
use crate::config::{self, Loaded, addresses, flags::Flags};
use crate::connection::{self, Connections};
use crate::demo;
use crate::guard;
use crate::handle;
use crate::heavy::Heavy;
use crate::metadata::Current;
use crate::observe::{self, meter::Meters};
use crate::page::Sealer;
use crate::settings::{Settings, StoreSettings};
use crate::tls::Tls;
use actix_web::web::Data;
use actix_web::{App as Application, HttpServer};
use rushlight_model::Limits as BodyLimits;
use rushlight_persistence::{Location, Store, StoreOptions};
use std::error::Error;
use std::fmt::Write;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// Serves until told to stop.
///
/// # Errors
/// A configuration that is not sound, a store that can't be opened, or an address that can't be listened on.
pub fn run(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let loaded = config::load(flags.sources())?;
    observe::log::start(loaded.settings.log.form);
    loaded.warn();
    let tls = Tls::open(&loaded.settings.tls)?;
    let mut stores = Vec::new();
    for settings in &loaded.stores {
        let store = Store::open(&options(settings)?)
            .map_err(|error| format!("the store at {}: {error}", settings.store.path))?;
        if let Some(patients) = settings.serving.demo {
            demo::fill(&store, patients)?;
        }
        stores.push(store);
    }
    actix_web::rt::System::new().block_on(serve(&loaded, &stores, tls))?;
    log::info!("stopping: writing what waits and merging the index");
    stores.iter().for_each(Store::close);
    Ok(ExitCode::SUCCESS)
}

/// How a store is opened.
fn options(settings: &Settings) -> Result<StoreOptions, Box<dyn Error>> {
    let audit_queue = settings.audit.queue;
    let settings = &settings.store;
    let location = match &settings.database_url {
        Some(url) => Location::parse(url)?,
        None => Location::Sqlite(settings.data_dir.clone()),
    };
    Ok(StoreOptions {
        release: settings.fhir_version,
        words: settings.words,
        readers: settings.readers,
        queue: settings.queue,
        audit_queue,
        statement_timeout: settings.statement_time,
        durability: durability()?,
        ..StoreOptions::new(location)
    })
}

async fn serve(loaded: &Loaded, stores: &[Store], tls: Option<Tls>) -> Result<(), Box<dyn Error>> {
    let Settings { serving, limits, .. } = &loaded.settings;
    let listener = listen(&serving.bind)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let site = site(loaded, stores, &format!("{scheme}://{}", host(&serving.bind, &listener)?))?;
    let told = welcome(&site);
    let site = Data::new(site);
    let workers = serving.workers.unwrap_or_else(processors);
    let write_time = limits.write_time;
    let seconds = limits.shutdown_time.as_millis().div_ceil(1000);
    let connections = site.connections.clone();
    let stopping = told_to_stop(site.clone())?;
    let server = HttpServer::new(move || {
        let meter = site.meters.one_more();
        Application::new().app_data(meter).app_data(site.clone()).configure(handle::configure)
    })
    .on_connect(move |io, extensions| {
        guard::connected(io, extensions);
        connection::accepted(io, extensions, &connections, write_time);
    })
    .workers(workers)
    .max_connections(limits.connections.div_ceil(workers))
    .client_request_timeout(limits.head_time)
    .tls_handshake_timeout(limits.head_time)
    .keep_alive(limits.keep_alive)
    .shutdown_timeout(u64::try_from(seconds).unwrap_or(u64::MAX))
    .shutdown_signal(stopping);
    let server = match &tls {
        Some(tls) => server.listen_openssl(listener, tls.acceptor()?)?,
        None => server.listen(listener)?,
    };
    reload_on_hangup(tls)?;
    println!("{told}");
    server.run().await?;
    Ok(())
}

/// SIGTERM, or Ctrl-C.
fn told_to_stop(site: Data<Site>) -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminated.recv() => {}, _ = interrupted.recv() => {} }
        site.stopping.store(true, Ordering::Relaxed);
        log::info!("stopping: requests under way are finished");
    })
}

/// SIGHUP, which would otherwise end the process, has the certificates read again.
fn reload_on_hangup(tls: Option<Tls>) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        while hangup.recv().await.is_some() {
            match tls.as_ref().map(Tls::reload) {
                None => log::info!("SIGHUP: there are no certificates to read again"),
                Some(Ok(())) => log::info!("SIGHUP: the certificates were read again"),
                Some(Err(error)) => log::error!("SIGHUP: the certificates stay as they were: {error}"),
            }
        }
    });
    Ok(())
}

/// As many threads as there are processors.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn listen(bind: &str) -> Result<TcpListener, String> {
    TcpListener::bind(&addresses(bind)?[..])
        .map_err(|error| format!("{bind} can't be listened on: {error}; try another --bind"))
}

/// Where the server listens, for links: by the name that was given, if one was.
fn host(bind: &str, listener: &TcpListener) -> std::io::Result<String> {
    let address = listener.local_addr()?;
    let named = bind.rsplit_once(':').filter(|_| bind.parse::<SocketAddr>().is_err());
    Ok(named.map_or_else(|| address.to_string(), |(name, _)| format!("{name}:{}", address.port())))
}

/// The stores as they are served.
fn site(loaded: &Loaded, stores: &[Store], origin: &str) -> Result<Site, Box<dyn Error>> {
    let apps = loaded.stores.iter().zip(stores).map(|(settings, store)| {
        let base = loaded.base(settings, origin);
        let limits =
            BodyLimits { depth: settings.limits.depth, ..BodyLimits::of_bytes(settings.limits.unpacked) };
        let settings = Arc::new(settings.clone());
        Ok(Data::new(App {
            path: settings.store.path.clone(),
            store: store.clone(),
            sealer: Sealer::new(store.secret())?,
            checks: Arc::new(Checks::new(store, settings.store.validation, limits)),
            statements: Current::new(&base, store, &settings),
            heavy: Heavy::new(
                settings.limits.heavy,
                settings.limits.heavy_queue,
                settings.limits.large_bodies,
            ),
            base,
            settings,
        }))
    });
    Ok(Site {
        apps: apps.collect::<Result<_, Box<dyn Error>>>()?,
        meters: Meters::default(),
        connections: Connections::default(),
        stopping: AtomicBool::new(false),
    })
}

/// Said once the server listens.
fn welcome(site: &Site) -> String {
    let mut out = String::new();
    for app in &site.apps {
        let place = match &app.settings.store {
            StoreSettings { database_url: Some(url), .. } if url.starts_with("postgres") => {
                "PostgreSQL".to_owned()
            }
            StoreSettings { database_url: Some(url), .. } => {
                format!("the folder {}", url.trim_start_matches("sqlite:"))
            }
            StoreSettings { data_dir, .. } => format!("the folder {}", data_dir.display()),
        };
        // Writing to a string can't fail.
        let _ = writeln!(
            out,
            "Rushlight serves FHIR {} at {}\nRecords are kept in {place}.",
            app.store.release(),
            app.base
        );
    }
    let base = site.apps.first().map_or("", |app| app.base.as_str());
    out + &format!(
        "Stop with Ctrl-C.\n\nThree things to try:\n  \
         curl {base}/metadata\n  \
         curl -H 'Content-Type: application/fhir+json' -d '{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":\"Rush\"}}]}}' {base}/Patient\n  \
         curl '{base}/_history?_count=5'\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_the_name_that_was_given_and_the_port_that_was_got() {
        let listener = listen("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(host("localhost:0", &listener).unwrap(), format!("localhost:{port}"));
        let listener = listen("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(host("127.0.0.1:0", &listener).unwrap(), format!("127.0.0.1:{port}"));
        assert!(listen(&format!("127.0.0.1:{port}")).unwrap_err().contains("try another --bind"));
    }
}
