//! `GET /metrics`: what was counted, as <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use super::meter::{BOUNDS, FIRST_STATUS, INTERACTIONS, Meters, Series};
use crate::app::{App, Site};
use actix_web::HttpResponse;
use actix_web::web::Data;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use rushlight_persistence::Store;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Answers a scrape.
pub async fn answer(site: Data<Site>) -> HttpResponse {
    let mut registry = Registry::with_prefix("rushlight");
    registry.register_collector(Box::new(Scrape(site)));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// What is asked of a store.
struct StoreMetric {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    of: fn(&Store) -> Option<u64>,
}

/// What is told of each store.
const OF_STORE: [StoreMetric; 4] = [
    StoreMetric {
        name: "store_queued",
        help: "Writes that wait",
        kind: MetricType::Gauge,
        of: |store| u64::try_from(store.queued()).ok(),
    },
    StoreMetric {
        name: "store_merges",
        help: "Merges of the index's newest entries into its file",
        kind: MetricType::Counter,
        of: |store| u64::try_from(store.merges()).ok(),
    },
    StoreMetric {
        name: "store_audit_waiting",
        help: "Reads and refusals that wait to be written into the audit",
        kind: MetricType::Gauge,
        of: |store| u64::try_from(store.observed().0).ok(),
    },
    StoreMetric {
        name: "store_audit_lost",
        help: "Reads and refusals that the audit has lost since the start",
        kind: MetricType::Counter,
        of: |store| Some(store.observed().1),
    },
];

struct Scrape(Data<Site>);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let meters = &self.0.meters;
        requests(&mut encoder, meters)?;
        durations(&mut encoder, meters)?;
        // Of several workers one may be seen to end what another was not yet seen to begin.
        let in_flight = meters.sum(|meter| u64::try_from(meter.in_flight.load(Relaxed)).unwrap_or_default());
        for (name, help, of) in [
            ("requests_in_flight", "Requests being answered", in_flight),
            ("connections", "Connections that are open", self.0.connections.count()),
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
        OF_STORE.iter().try_for_each(|metric| of_stores(&mut encoder, metric, &self.0.apps))
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

fn of_stores(encoder: &mut DescriptorEncoder, told: &StoreMetric, apps: &[Data<App>]) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(told.name, told.help, None, told.kind)?;
    for app in apps {
        let Some(value) = (told.of)(&app.store) else { continue };
        let labels = [("store", app.path.as_str())];
        let mut one = metric.encode_family(&labels)?;
        match told.kind {
            MetricType::Counter => counter(one, value)?,
            _ => one.encode_gauge(&value)?,
        }
    }
    Ok(())
}
