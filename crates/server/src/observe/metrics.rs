//! `GET /metrics`: what was counted, as <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use super::meter::{BOUNDS, FIRST_STATUS, INTERACTIONS, Meters, Series};
use super::probe::PATIENCE;
use crate::app::{App, Site};
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, rt};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use rushlight_persistence::Figures;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Answers a scrape.
pub async fn answer(site: Data<Site>) -> HttpResponse {
    // All at once: a scraper waits for the slowest, not for the sum.
    let asked: Vec<_> = site.apps.iter().map(|app| rt::spawn(of_store(app.clone()))).collect();
    let mut figures = Vec::new();
    for (app, of_store) in site.apps.iter().zip(asked) {
        figures.extend(of_store.await.ok().flatten().map(|found| (app.path.clone(), found)));
    }
    let mut registry = Registry::with_prefix("rushlight");
    registry.register_collector(Box::new(Scrape { site, figures }));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// What a store says; `None` where it does not say it in time: the other metrics must not wait for it.
async fn of_store(app: Data<App>) -> Option<Figures> {
    let store = app.store.clone();
    tokio::time::timeout(PATIENCE, web::block(move || store.figures())).await.ok()?.ok()
}

/// What is told of a store.
struct StoreMetric {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    of: fn(&Figures) -> Option<u64>,
}

macro_rules! of_store {
    ($kind:ident $name:literal $help:literal $of:expr) => {
        StoreMetric { name: $name, help: $help, kind: MetricType::$kind, of: $of }
    };
}

#[rustfmt::skip]
const OF_STORE: [StoreMetric; 11] = [
    of_store!(Gauge "store_queued" "Writes that wait" |of| Some(of.queued)),
    of_store!(Gauge "store_readers_busy" "Connections for reads that are at work" |of| Some(of.readers_busy.into())),
    of_store!(Gauge "store_readers_idle" "Connections for reads that are open and idle" |of| Some(of.readers_idle.into())),
    of_store!(Gauge "store_bytes" "Bytes of the store" |of| of.bytes),
    of_store!(Gauge "store_wal_bytes" "Bytes of an embedded store's write-ahead log" |of| of.wal_bytes),
    of_store!(Gauge "store_tail" "Versions that an embedded store's index on disk does not have yet" |of| of.tail),
    of_store!(Counter "store_merges" "Merges of such versions into the index on disk" |of| Some(of.merges)),
    of_store!(Gauge "store_audit_waiting" "Reads and refusals that wait to be audited" |of| Some(of.audit_waiting)),
    of_store!(Counter "store_audit_lost" "Reads and refusals that the audit has lost since the start" |of| Some(of.audit_lost)),
    of_store!(Gauge "store_jobs" "Jobs that wait or are being done, such as building the index" |of| of.jobs),
    of_store!(Gauge "store_units_building" "Units of search parameters that the index does not hold completely yet" |of| of.units_building),
];

struct Scrape {
    site: Data<Site>,
    /// Of each store, by its path.
    figures: Vec<(String, Figures)>,
}

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let meters = &self.site.meters;
        requests(&mut encoder, meters)?;
        durations(&mut encoder, meters)?;
        // Of several workers one may be seen to end what another was not yet seen to begin.
        let in_flight = meters.sum(|meter| u64::try_from(meter.in_flight.load(Relaxed)).unwrap_or_default());
        for (name, help, of) in [
            ("requests_in_flight", "Requests being answered", in_flight),
            ("connections", "Connections that are open", self.site.connections.count()),
        ] {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&of)?;
        }
        for (name, help, of) in [
            (
                "received_bytes",
                "Bytes of the bodies of requests",
                meters.sum(|meter| meter.received.load(Relaxed)),
            ),
            ("sent_bytes", "Bytes of the bodies of responses", meters.sum(|meter| meter.sent.load(Relaxed))),
        ] {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            counter(metric, of)?;
        }
        OF_STORE.iter().try_for_each(|metric| of_stores(&mut encoder, metric, &self.figures))?;
        batches(&mut encoder, &self.figures)
    }
}

fn counter(mut metric: MetricEncoder, count: u64) -> fmt::Result {
    metric.encode_counter::<NoLabelSet, _, u64>(&count, None)
}

fn requests(encoder: &mut DescriptorEncoder, meters: &Meters) -> fmt::Result {
    let help = "Requests by interaction and status";
    let mut metric = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
    for (at, code) in INTERACTIONS.iter().enumerate() {
        for (status, count) in sums(meters, at, |series| &series.statuses).into_iter().enumerate() {
            if count > 0 {
                let status = (status + FIRST_STATUS).to_string();
                let labels = [("interaction", *code), ("status", status.as_str())];
                counter(metric.encode_family(&labels)?, count)?;
            }
        }
    }
    Ok(())
}

fn durations(encoder: &mut DescriptorEncoder, meters: &Meters) -> fmt::Result {
    let help = "How long requests took, by interaction";
    let mut metric =
        encoder.encode_descriptor("request_duration_seconds", help, None, MetricType::Histogram)?;
    for (at, code) in INTERACTIONS.iter().enumerate() {
        let counts = sums(meters, at, |series| &series.buckets);
        let total: u64 = counts.iter().sum();
        if total > 0 {
            let bounds = BOUNDS.iter().map(|micros| seconds(*micros)).chain([f64::INFINITY]);
            let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
            let micros =
                meters.sum(|meter| meter.series.get(at).map_or(0, |series| series.micros.load(Relaxed)));
            metric.encode_family(&[("interaction", *code)])?.encode_histogram::<NoLabelSet>(
                seconds(micros),
                total,
                &buckets,
                None,
            )?;
        }
    }
    Ok(())
}

/// Exact up to 285 years.
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// The counters of one interaction, over all workers.
fn sums(meters: &Meters, at: usize, of: fn(&Series) -> &[AtomicU64]) -> Vec<u64> {
    let mut sums: Vec<u64> = Vec::new();
    meters.each(|meter| {
        let counters = meter.series.get(at).map_or(&[][..], of);
        sums.resize(counters.len(), 0);
        sums.iter_mut().zip(counters).for_each(|(sum, counter)| *sum += counter.load(Relaxed));
    });
    sums
}

fn of_stores(
    encoder: &mut DescriptorEncoder,
    told: &StoreMetric,
    figures: &[(String, Figures)],
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(told.name, told.help, None, told.kind)?;
    for (path, figures) in figures {
        let Some(value) = (told.of)(figures) else { continue };
        let labels = [("store", path.as_str())];
        let mut one = metric.encode_family(&labels)?;
        match told.kind {
            MetricType::Counter => counter(one, value)?,
            _ => one.encode_gauge(&value)?,
        }
    }
    Ok(())
}

fn batches(encoder: &mut DescriptorEncoder, figures: &[(String, Figures)]) -> fmt::Result {
    let help = "Writes that were committed together";
    let mut metric = encoder.encode_descriptor("store_batch_requests", help, None, MetricType::Histogram)?;
    for (path, Figures { batches, .. }) in figures {
        let mut sizes: Vec<(f64, u64)> =
            batches.sizes.iter().map(|(bound, count)| (*bound as f64, *count)).collect();
        sizes.push((f64::INFINITY, 0));
        let count = batches.sizes.iter().map(|(_, count)| count).sum();
        metric.encode_family(&[("store", path.as_str())])?.encode_histogram::<NoLabelSet>(
            batches.requests as f64,
            count,
            &sizes,
            None,
        )?;
    }
    Ok(())
}
