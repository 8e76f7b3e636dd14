//! `rushlight serve`

use crate::app::{App, Site};
use crate::checks::Checks;
use crate::cli::ServeArgs;
use crate::demo;
use crate::guard;
use crate::handle;
use crate::metadata;
use crate::page::Sealer;
use crate::settings::{self, Settings};
use actix_web::web::{Bytes, Data};
use actix_web::{App as Application, HttpServer};
use rushlight_model::Limits;
use rushlight_model::definitions::Release;
use rushlight_persistence::{Location, Store};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Serves until told to stop.
///
/// # Errors
/// A store that can't be opened, an address that can't be bound, or one beyond loopback without leave.
pub fn run(args: &ServeArgs) -> Result<ExitCode, Box<dyn Error>> {
    if !args.bind.ip().is_loopback() && !args.allow_anonymous {
        return Err(format!(
            "{} can be reached from other machines, and there is no authentication yet: anybody could read and \
             change every record. Bind to 127.0.0.1, or add --allow-anonymous if that is what you want",
            args.bind
        )
        .into());
    }
    let options = args.store.options()?;
    let place = match &options.location {
        Location::Sqlite(folder) => format!("the folder {}", folder.display()),
        Location::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let options = rushlight_persistence::StoreOptions { queue: args.queue, readers: args.readers, ..options };
    let store = Store::open(&options)?;
    if let Some(patients) = args.demo {
        demo::fill(&store, patients)?;
    }
    actix_web::rt::System::new().block_on(serve(args, &store, &place))?;
    log::info!("stopping: writing what waits and merging the index");
    store.close();
    Ok(ExitCode::SUCCESS)
}

async fn serve(args: &ServeArgs, store: &Store, place: &str) -> Result<(), Box<dyn Error>> {
    let listener = std::net::TcpListener::bind(args.bind)
        .map_err(|error| format!("{} can't be listened on: {error}; try another --bind", args.bind))?;
    let address = listener.local_addr()?;
    let base = match &args.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{address}/fhir"),
    };
    let release = store.release();
    let limits = Limits::of_bytes(args.max_body);
    let bounds =
        settings::Limits { body: args.max_body, unpacked: args.max_body, ..settings::Limits::default() };
    let settings = Settings { limits: bounds, ..Settings::default() };
    let app = Data::new(App {
        settings: Arc::new(settings),
        path: "/fhir".to_owned(),
        store: store.clone(),
        sealer: Sealer::new(store.secret()),
        checks: Arc::new(Checks::new(release, args.validation, limits)),
        capabilities: Bytes::from(metadata::statement(&base, release).to_string()),
        base: base.clone(),
    });
    let site = Data::new(Site { apps: vec![app] });
    let mut server =
        HttpServer::new(move || Application::new().app_data(site.clone()).configure(handle::configure))
            .on_connect(guard::connected)
            .shutdown_timeout(20)
            .client_request_timeout(Duration::from_secs(10))
            .keep_alive(Duration::from_secs(75));
    if let Some(workers) = args.workers {
        server = server.workers(workers.max(1));
    }
    let running = server.listen(listener)?.run();
    println!("{}", welcome(&base, place, release));
    running.await?;
    Ok(())
}

/// Said once the server listens.
fn welcome(base: &str, place: &str, release: Release) -> String {
    format!(
        "Rushlight serves FHIR {release} at {base}\nRecords are kept in {place}. Stop with Ctrl-C.\n\nThree things to try:\n  \
         curl {base}/metadata\n  \
         curl -H 'Content-Type: application/fhir+json' -d '{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":\"Rush\"}}]}}' {base}/Patient\n  \
         curl '{base}/_history?_count=5'\n"
    )
}
