//! What of a record there is room for.

use super::Chart;
use crate::table::laboratory::PANELS;

/// How many more resources the record may have.
pub(super) struct Room(pub(super) usize);

impl Room {
    /// Takes up so much room, or none if there is not so much.
    pub(super) fn take(&mut self, resources: usize) -> bool {
        let left = self.0.checked_sub(resources);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// As many of so many as there is room for.
    fn take_up_to(&mut self, resources: usize) -> usize {
        let taken = resources.min(self.0);
        self.0 -= taken;
        taken
    }

    /// Leaves out what there is no room for: prescriptions come first, then vital signs, then laboratory panels in
    /// the order of their weight, then vaccinations; and the newest before the older.
    pub(super) fn fill(&mut self, chart: &mut Chart) {
        for problem in &mut chart.problems {
            problem.treatment = problem.treatment.filter(|_| self.take(1));
        }
        for visit in chart.visits.iter_mut().rev() {
            let count = self.take_up_to(visit.vitals.len());
            visit.vitals = visit.vitals.get(..count).unwrap_or_default();
        }
        for panel in &PANELS {
            for visit in chart.visits.iter_mut().rev() {
                visit
                    .panels
                    .retain(|wanted| !std::ptr::eq(*wanted, panel) || self.take(panel.tests.len() + 1));
            }
        }
        let count = self.take_up_to(chart.vaccinations.len());
        chart.vaccinations.drain(..chart.vaccinations.len() - count);
    }
}
