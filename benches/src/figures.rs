//! What the kernel says of a process: CPU, bytes written, memory.

use std::fs;
use std::process::Command;
use std::time::Duration;

/// The kernel's clock ticks in a second, on every Linux that matters.
const TICKS: f64 = 100.0;

/// User and system time of a process, in seconds.
pub fn cpu(pid: &str) -> f64 {
    let fields = stat(pid);
    seconds(&fields, 11) + seconds(&fields, 12)
}

/// The same of a process and its children, those that have ended among them.
pub fn family_cpu(pid: &str) -> f64 {
    let fields = stat(pid);
    let ended = seconds(&fields, 13) + seconds(&fields, 14);
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    cpu(pid) + ended + children.split_whitespace().map(cpu).sum::<f64>()
}

/// The process that began a process.
pub fn parent(pid: &str) -> Option<String> {
    stat(pid).get(1).cloned()
}

/// What the kernel tells of a process, from its state on.
fn stat(pid: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn seconds(fields: &[String], at: usize) -> f64 {
    fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0) / TICKS
}

/// Bytes that a process caused to be written to the disk, after a sync.
pub fn written(pid: &str) -> f64 {
    // A failed sync shows as a smaller figure, never as a wrong result.
    let _ = Command::new("sync").status();
    field(&format!("/proc/{pid}/io"), "write_bytes:")
}

/// Greatest resident memory of a process, in MB.
pub fn peak_memory(pid: &str) -> f64 {
    field(&format!("/proc/{pid}/status"), "VmHWM:") / 1024.0
}

/// Resident memory of a process, in MB.
pub fn memory(pid: &str) -> f64 {
    field(&format!("/proc/{pid}/status"), "VmRSS:") / 1024.0
}

fn field(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

/// The value below which a share of sorted times lies, in milliseconds.
pub fn percentile(sorted: &[Duration], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into the same list"
    )]
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// The median; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
